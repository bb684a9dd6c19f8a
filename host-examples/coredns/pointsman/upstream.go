package pointsman

import (
	"context"
	"fmt"
	"slices"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/miekg/dns"
)

// lookup asks CoreDNS itself for a name outside the plugin's zones.
func (q *queryContext) lookup(name string, qtype uint16) (*dns.Msg, error) {
	loop, _ := q.ctx.Value(dnsserver.LoopKey{}).(int)
	if loop > maxChase {
		return nil, fmt.Errorf("%s leads back here again and again", name)
	}
	ctx := context.WithValue(q.ctx, dnsserver.LoopKey{}, loop+1)
	// What another query decides on the way is not what decided this one.
	ctx = context.WithValue(ctx, decisionKey{}, nil)
	response, err := q.p.upstream.Lookup(ctx, *q.state, name, qtype)
	if err != nil {
		return nil, err
	}
	if response == nil {
		return nil, fmt.Errorf("nothing of this server answers for %s", name)
	}
	if response.Rcode != dns.RcodeSuccess && response.Rcode != dns.RcodeNameError {
		return nil, fmt.Errorf("%s: %s", name, dns.RcodeToString[response.Rcode])
	}
	return response, nil
}

// resolveUpstream follows a CNAME that leaves the plugin's zones. Whatever comes of it, the CNAME is right.
func (q *queryContext) resolveUpstream(m *dns.Msg, name string, qtype uint16) {
	response, err := q.lookup(name, qtype)
	if err != nil {
		log.Debugf("CNAME target: %v", err)
		return
	}
	for _, record := range response.Answer {
		// A chain that comes back to a zone of ours brings records that are there already.
		isThere := func(known dns.RR) bool { return dns.IsDuplicate(known, record) }
		if !slices.ContainsFunc(m.Answer, isThere) {
			m.Answer = append(m.Answer, record)
		}
	}
	if len(response.Answer) == 0 {
		m.Rcode = response.Rcode // RFC 6604 3
		m.Ns = response.Ns
	}
}

// resolveAliasTarget answers with what an AWS resource resolves to: its records under the alias's name, with the TTL that
// comes back (1.5.2, 1.6.7).
func (q *queryContext) resolveAliasTarget(m *dns.Msg, got resolution, name string, qtype uint16) error {
	response, err := q.lookup(got.aliasName, qtype)
	if err != nil {
		text := fmt.Sprintf("the alias target %s cannot be resolved", got.aliasName)
		return &failure{dns.ExtendedErrorCodeNoReachableAuthority, text, err}
	}
	ttl := ^uint32(0)
	var records []dns.RR
	for _, record := range response.Answer {
		ttl = min(ttl, record.Header().Ttl) // the way there counts too
		if record.Header().Rrtype == qtype {
			records = append(records, dns.Copy(record))
		}
	}
	if len(records) == 0 {
		q.first = nil
		q.negative(m, got, name, qtype)
		return nil
	}
	for _, record := range records {
		record.Header().Name, record.Header().Ttl = name, ttl
	}
	m.Answer = append(m.Answer, records...)
	m.Ns = got.g.nameservers
	return nil
}
