package pointsman

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/metrics"
	"github.com/coredns/coredns/request"
	"github.com/miekg/dns"
	"pointsman.example/coredns/plain"
)

// maxChase is how many CNAMEs are followed for one answer.
const maxChase = 8

// ServeDNS implements plugin.Handler.
func (p *Pointsman) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	state := request.Request{W: w, Req: r}
	qname, qtype := state.Name(), state.QType()
	z := p.zoneOf(qname, qtype)
	if z == nil || state.QClass() != dns.ClassINET {
		if p.Next == nil {
			// Nobody here answers for the name: that is no failure, and core's own word for it.
			return dns.RcodeRefused, nil
		}
		return plugin.NextOrFailure(p.Name(), p.Next, ctx, w, r)
	}
	q := queryContext{p: p, ctx: ctx, state: &state, zone: z, server: metrics.WithServer(ctx)}
	switch {
	case r.Opcode == dns.OpcodeNotify || r.Opcode == dns.OpcodeUpdate:
		// Zones come from files: nobody may change them or announce changes here.
		return q.fail(dns.RcodeRefused, dns.ExtendedErrorCodeProhibited, "zones are changed in their files", nil)
	case r.Opcode != dns.OpcodeQuery:
		return q.fail(dns.RcodeNotImplemented, dns.ExtendedErrorCodeNotSupported, "only queries are answered", nil)
	case qtype == dns.TypeAXFR || qtype == dns.TypeIXFR:
		return q.fail(dns.RcodeRefused, dns.ExtendedErrorCodeProhibited, "zones are not transferred", nil)
	case p.notReady():
		z.countNegative(q.server, kindNotReady)
		return q.fail(dns.RcodeServerFailure, dns.ExtendedErrorCodeNotReady, errNotReady.Error(), errNotReady)
	}
	var isWellFormed bool
	if q.client, isWellFormed = clientOf(&state); !isWellFormed {
		return dns.RcodeFormatError, nil
	}
	if p.config.sticky {
		q.draw = q.client.stickyDraw()
	} else {
		q.draw = rand.Uint64()
	}

	m := new(dns.Msg)
	m.SetReply(r)
	m.Authoritative = true
	if err := q.answer(m, state.QName(), qtype); err != nil {
		var f *failure
		if !errors.As(err, &f) {
			f = &failure{dns.ExtendedErrorCodeOther, "the engine failed", err}
		}
		return q.fail(dns.RcodeServerFailure, f.code, f.text, err)
	}
	if m.Rcode == dns.RcodeNameError && len(m.Answer) == 0 && p.config.fall.Through(qname) {
		return plugin.NextOrFailure(p.Name(), p.Next, ctx, w, r)
	}
	q.count(m)
	if q.client.subnet != nil {
		q.addSubnet(m)
	}
	_ = w.WriteMsg(m)
	return dns.RcodeSuccess, nil
}

// zoneOf returns the zone with the longest name that holds a name (10.44); DS at a zone's own apex is its parent's to
// answer.
func (p *Pointsman) zoneOf(name string, qtype uint16) *zone {
	off, end := 0, false
	for !end {
		if z, isThere := p.byOrigin[name[off:]]; isThere && (off > 0 || qtype != dns.TypeDS) {
			return z
		}
		off, end = dns.NextLabel(name, off)
	}
	if z, isThere := p.byOrigin["."]; isThere {
		return z
	}
	if qtype == dns.TypeDS {
		return p.byOrigin[name]
	}
	return nil
}

// queryContext is one query while it is answered.
type queryContext struct {
	p      *Pointsman
	ctx    context.Context
	state  *request.Request
	client client
	zone   *zone
	server string // the listener's address, as CoreDNS's own metrics spell it
	draw   uint64

	scope        int // bits of the client's network that had a part in the answer
	first        *cachedAnswer
	failOpen     bool
	failedClosed bool
	delegated    bool
}

// resolution is what the engine makes of one question, taken out of the module's buffers.
type resolution struct {
	g         *generation
	answer    *cachedAnswer
	ttl       uint32
	rcode     int
	typ       uint16
	failOpen  bool
	referral  bool
	aliasName string
}

// failure says why a query gets SERVFAIL, for the extended DNS error (RFC 8914).
type failure struct {
	code  uint16
	text  string
	cause error
}

func (f *failure) Error() string {
	if f.cause == nil {
		return f.text
	}
	return f.text + ": " + f.cause.Error()
}

func (f *failure) Unwrap() error { return f.cause }

// fail writes a response without records, which says why to clients that speak EDNS. The error goes to the plugin errors.
func (q *queryContext) fail(rcode int, code uint16, text string, err error) (int, error) {
	m := new(dns.Msg)
	m.SetRcode(q.state.Req, rcode)
	if q.state.Req.IsEdns0() != nil {
		opt := &dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT}}
		opt.Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: code, ExtraText: text}}
		m.Extra = append(m.Extra, opt)
	}
	_ = q.state.W.WriteMsg(m)
	if err != nil {
		// The response is written, so that the plugin errors does not learn of its code.
		err = plugin.Error(pluginName, fmt.Errorf("%s: %w", dns.RcodeToString[rcode], err))
	}
	return dns.RcodeSuccess, err
}

// resolve asks the zone one question.
func (q *queryContext) resolve(z *zone, name string, qtype uint16) (resolution, error) {
	var g *generation
	var s *slot
	for s == nil {
		// A generation that was just replaced has no instances any more; the zone has the next one then.
		before := g
		g = z.current.Load()
		if g == before {
			return resolution{}, &failure{dns.ExtendedErrorCodeNotReady, errNoInstance.Error(), nil}
		}
		s = g.acquire(q.draw)
	}
	if g.zone.AsksPlace {
		q.findPlace()
	}
	question, client, err := q.writeQuery(g, s, strings.ToLower(name), qtype)
	var answer plain.Answer
	var status plain.Status
	if err == nil {
		answer, status, err = s.instance.Ask(background, s.view, question, client, q.draw)
	}
	if err == plain.ErrName {
		s.mutex.Unlock()
		return resolution{}, err
	}
	if err != nil {
		g.replace(s, err, q.p.health.hold)
		s.mutex.Unlock()
		return resolution{}, err
	}
	defer s.mutex.Unlock()
	if status != plain.OK {
		return resolution{}, errors.New(status.String())
	}
	out := resolution{g: g, rcode: answer.Rcode(), typ: answer.Type(), failOpen: answer.FailOpen(), referral: answer.IsReferral()}
	out.ttl, _ = answer.TTL()
	q.widenScope(g, answer)
	if answer.IsAliasTarget() {
		out.aliasName = fromWire(s.instance.Name())
	}
	if answer.SourceKind() != plain.Nothing || out.aliasName != "" {
		var room [16]uint32
		out.answer, err = g.lookupAnswer(s, answer, room[:])
	}
	return out, err
}

var (
	errNoInstance = errors.New("no instance of the engine can answer: they are being replaced")
	errNotReady   = errors.New("the health report is too old to answer by")
	errFailClosed = errors.New("nothing is healthy, and fail_closed asks for no answer then")
	errClosed     = errors.New("the zone was replaced")
)

// findPlace looks the client's place up, once a query.
func (q *queryContext) findPlace() {
	c := &q.client
	switch {
	case c.place.known:
	case q.p.geo != nil:
		if address := c.lookUp(); address.IsValid() {
			c.place = q.p.geo.find(address)
		}
	case q.p.config.geoMetadata:
		if c.place = placeFromMetadata(q.ctx); !c.place.known {
			q.p.warnNoPlace.Do(func() {
				log.Warningf("The plugin geoip has no place for %v, so that the zone's default answers; further cases are only "+
					"counted. With edns-subnet it finds an IPv4 subnet only in files that alias ::ffff:0:0/96; `geo mmdb` reads any file",
					c.lookUp())
			})
			q.zone.unknownPlaces.Inc()
		}
	}
}

// widenScope joins what this answer looked at to the scope: the zone's own data, the location data, and the whole subnet
// where the draw depends on it (10.41).
func (q *queryContext) widenScope(g *generation, answer plain.Answer) {
	q.scope = max(q.scope, int(answer.ScopePrefixLength()))
	if !q.client.network.IsValid() {
		return
	}
	if answer.MayDependOnPlace() && (q.client.place.known || q.p.config.geoMetadata) {
		bits := q.client.place.prefixLength
		if table := g.scopes.Load(); table != nil && table.reader == q.client.place.reader {
			if joined, isThere := table.scopeOf(q.client.network.Addr()); isThere {
				bits = joined
			}
		}
		if bits == unknownPrefix || !q.client.place.known {
			bits = q.client.network.Bits()
		}
		q.scope = max(q.scope, bits)
	}
	if q.p.config.sticky && answer.Policy() != 0 {
		q.scope = max(q.scope, q.client.network.Bits())
	}
}

// answer fills a message with the answer to a question: CNAMEs are followed within the plugin's zones, and beyond them
// through CoreDNS itself.
func (q *queryContext) answer(m *dns.Msg, name string, qtype uint16) error {
	z := q.zone
	closed := q.p.failsClosed(strings.ToLower(name))
	var asked []string
	for range maxChase {
		got, err := q.resolve(z, name, qtype)
		if err != nil {
			if len(m.Answer) > 0 {
				return nil // the CNAMEs so far are right
			}
			return err
		}
		if q.first == nil {
			q.first = got.answer
		}
		q.failOpen = q.failOpen || got.failOpen
		if got.failOpen && closed != failOpen {
			return q.failClosed(m, closed)
		}
		switch {
		case got.rcode == dns.RcodeRefused:
			m.Rcode = dns.RcodeRefused
			return nil
		case got.referral:
			q.refer(m, got)
			return nil
		case got.aliasName != "":
			return q.resolveAliasTarget(m, got, name, qtype)
		case got.answer == nil || len(got.answer.records) == 0:
			q.negative(m, got, name, qtype)
			return nil
		}
		m.Answer = append(m.Answer, got.answer.recordsFor(name, got.ttl)...)
		if got.typ != dns.TypeCNAME || qtype == dns.TypeCNAME {
			if !(qtype == dns.TypeNS && strings.EqualFold(name, z.origin)) {
				m.Ns = got.g.nameservers
			}
			return nil
		}
		target, isCNAME := m.Answer[len(m.Answer)-1].(*dns.CNAME)
		if !isCNAME {
			return nil
		}
		m.Ns = got.g.nameservers
		asked = append(asked, strings.ToLower(name))
		name = target.Target
		lower := strings.ToLower(name)
		if slices.Contains(asked, lower) {
			return nil // a loop: each of its CNAMEs is there once
		}
		if z = q.p.zoneOf(lower, qtype); z == nil {
			q.resolveUpstream(m, name, qtype)
			return nil
		}
		// Another question has another draw, or the choices of the two would go together.
		q.draw = q.draw*6364136223846793005 + 1442695040888963407
	}
	return nil
}

// failClosed makes the message what the Corefile wants in the place of an answer that fails open.
func (q *queryContext) failClosed(m *dns.Msg, how failMode) error {
	q.failedClosed = true
	q.zone.countNegative(q.server, kindFailClosed)
	if how == failServfail {
		return &failure{dns.ExtendedErrorCodeOther, errFailClosed.Error(), nil}
	}
	m.Answer = nil
	m.Ns = q.zone.current.Load().soa
	return nil
}

// refer makes the message a referral (2.4, 10.46). After a CNAME of ours the answer stays authoritative.
func (q *queryContext) refer(m *dns.Msg, got resolution) {
	m.Authoritative = len(m.Answer) > 0
	m.Ns = got.answer.records
	m.Extra = append(m.Extra, got.answer.glue...)
	q.delegated = true
}

// negative makes the message NODATA or NXDOMAIN, with the SOA that says how long that holds (2.1, 2.2, 2.6).
func (q *queryContext) negative(m *dns.Msg, got resolution, name string, qtype uint16) {
	m.Rcode = got.rcode
	if qtype == dns.TypeANY && got.rcode == dns.RcodeSuccess && len(m.Answer) == 0 {
		// Not everything at the name, and said so (RFC 8482 4.2).
		header := dns.RR_Header{Name: name, Rrtype: dns.TypeHINFO, Class: dns.ClassINET, Ttl: got.ttl}
		m.Answer = []dns.RR{&dns.HINFO{Hdr: header, Cpu: "RFC8482"}}
		return
	}
	m.Ns = got.g.soa
}

// count counts an answer, and leaves what decided it for the metadata of other plugins.
func (q *queryContext) count(m *dns.Msg) {
	if d, isAsked := q.ctx.Value(decisionKey{}).(*decision); isAsked {
		*d = decision{zone: q.zone.origin, failOpen: q.failOpen}
		if q.first != nil {
			d.policy, d.setIdentifier = q.first.policy, q.first.setIdentifier
		}
	}
	switch {
	case q.failedClosed:
	case m.Rcode == dns.RcodeNameError:
		q.zone.countNegative(q.server, kindNXDomain)
	case len(m.Answer) == 0 && !q.delegated:
		q.zone.countNegative(q.server, kindNoData)
	case q.first != nil:
		q.first.count(q.server, q.zone.origin, q.failOpen)
	}
}

// addSubnet answers the EDNS client subnet: as it came, with the scope of the answer (RFC 7871 7.2.1).
func (q *queryContext) addSubnet(m *dns.Msg) {
	asked := q.client.subnet
	scope := q.scope
	if asked.SourceNetmask == 0 {
		scope = 0
	}
	opt := &dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT}}
	opt.Option = []dns.EDNS0{&dns.EDNS0_SUBNET{
		Code:          dns.EDNS0SUBNET,
		Family:        asked.Family,
		SourceNetmask: asked.SourceNetmask,
		SourceScope:   uint8(scope),
		Address:       asked.Address,
	}}
	m.Extra = append(m.Extra, opt)
}
