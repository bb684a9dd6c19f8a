package pointsman

import (
	"context"
	"fmt"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/miekg/dns"
)

// lookup asks CoreDNS itself for a name outside the plugin's zones; nil without a useful answer.
func (a *answering) lookup(name string, qtype uint16) (*dns.Msg, error) {
	loop, _ := a.ctx.Value(dnsserver.LoopKey{}).(int)
	if loop > chaseMax {
		return nil, fmt.Errorf("%s leads back here again and again", name)
	}
	ctx := context.WithValue(a.ctx, dnsserver.LoopKey{}, loop+1)
	response, err := a.p.upstream.Lookup(ctx, *a.state, name, qtype)
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

// beyond follows a CNAME that leaves the plugin's zones. Whatever comes of it, the CNAME is right.
func (a *answering) beyond(m *dns.Msg, name string, qtype uint16) {
	response, err := a.lookup(name, qtype)
	if err != nil {
		log.Debugf("CNAME target: %v", err)
		return
	}
	m.Answer = append(m.Answer, response.Answer...)
	if len(response.Answer) == 0 {
		m.Rcode = response.Rcode // RFC 6604 3
		m.Ns = response.Ns
	}
}

// resource answers with what an AWS resource resolves to: its records under the alias's name, with the TTL that comes
// back (1.5.2, 1.6.7).
func (a *answering) resource(m *dns.Msg, got step, name string, qtype uint16) error {
	response, err := a.lookup(got.aliasName, qtype)
	if err != nil {
		return fmt.Errorf("the alias target %s: %w", got.aliasName, err)
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
		a.way = nil
		a.negative(m, got, name, qtype)
		return nil
	}
	for _, record := range records {
		record.Header().Name, record.Header().Ttl = name, ttl
	}
	m.Answer = append(m.Answer, records...)
	m.Ns = got.g.nameservers
	return nil
}
