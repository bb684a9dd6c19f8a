package pointsman

import (
	"context"
	"math/rand/v2"
	"strings"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/request"
	"github.com/miekg/dns"
	"pointsman.example/coredns/plain"
)

// chaseMax is how many CNAMEs are followed for one answer.
const chaseMax = 8

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
	if qtype == dns.TypeAXFR || qtype == dns.TypeIXFR {
		return dns.RcodeRefused, nil
	}
	if p.notReady() {
		z.metrics.notReady.Inc()
		return dns.RcodeServerFailure, nil
	}
	c, wellFormed := clientOf(&state)
	if !wellFormed {
		return dns.RcodeFormatError, nil
	}
	a := answering{p: p, ctx: ctx, state: &state, client: &c, zone: z}
	if p.config.sticky {
		a.draw = c.sticky()
	} else {
		a.draw = rand.Uint64()
	}

	m := new(dns.Msg)
	m.SetReply(r)
	m.Authoritative = true
	if err := a.answer(m, qname, qtype); err != nil {
		log.Debugf("%s %s: %v", qname, dns.TypeToString[qtype], err)
		return dns.RcodeServerFailure, nil
	}
	if m.Rcode == dns.RcodeNameError && len(m.Answer) == 0 && p.config.fall.Through(qname) {
		return plugin.NextOrFailure(p.Name(), p.Next, ctx, w, r)
	}
	a.count(m)
	if c.subnet != nil {
		a.addSubnet(m)
	}
	_ = w.WriteMsg(m)
	return dns.RcodeSuccess, nil
}

// zoneOf is the zone with the longest name that holds a name (10.44); DS at a zone's own apex is its parent's to answer.
func (p *Pointsman) zoneOf(name string, qtype uint16) *zone {
	off, end := 0, false
	for !end {
		if z, there := p.byOrigin[name[off:]]; there && (off > 0 || qtype != dns.TypeDS) {
			return z
		}
		off, end = dns.NextLabel(name, off)
	}
	if z, there := p.byOrigin["."]; there {
		return z
	}
	if qtype == dns.TypeDS {
		return p.byOrigin[name]
	}
	return nil
}

// answering is one query on its way.
type answering struct {
	p      *Pointsman
	ctx    context.Context
	state  *request.Request
	client *client
	zone   *zone
	draw   uint64

	scope     int // bits of the client's network that had a part in it
	way       *way
	failOpen  bool
	delegated bool
}

// step is one resolved question, taken out of the module's buffers.
type step struct {
	g         *generation
	way       *way
	ttl       uint32
	rcode     int
	typ       uint16
	failOpen  bool
	referral  bool
	aliasName string
}

// resolve asks the zone one question.
func (a *answering) resolve(z *zone, name string, qtype uint16) (step, error) {
	var g *generation
	var s *slot
	for s == nil {
		// A generation that was just replaced has no instances any more; the zone has the next one then.
		before := g
		g = z.current.Load()
		if g == before {
			return step{}, errNoInstance
		}
		s = g.acquire(a.draw)
	}
	if g.zone.AsksPlace {
		a.findPlace()
	}
	question, client, err := a.tell(s, name, qtype)
	var answer plain.Answer
	var status plain.Status
	if err == nil {
		answer, status, err = s.instance.Ask(background, s.view, question, client, a.draw)
	}
	if err == plain.ErrName {
		s.mutex.Unlock()
		return step{}, err
	}
	if err != nil {
		g.trapped(s, err, a.p.health.hold)
		s.mutex.Unlock()
		return step{}, err
	}
	defer s.mutex.Unlock()
	if status != plain.OK {
		return step{}, statusError(status)
	}
	out := step{g: g, rcode: answer.Rcode(), typ: answer.Type(), failOpen: answer.FailOpen(), referral: answer.IsReferral()}
	out.ttl, _ = answer.TTL()
	a.widen(g, answer)
	if answer.IsAliasTarget() {
		out.aliasName = fromWire(s.instance.Name())
	}
	if answer.SourceKind() != plain.Nothing || out.aliasName != "" {
		var room [16]uint32
		out.way, err = g.find(s, answer, room[:])
	}
	return out, err
}

type textError string

func (e textError) Error() string { return string(e) }

const errNoInstance = textError("no instance of the module can answer: they are being replaced")

func statusError(status plain.Status) error { return textError(status.String()) }

// findPlace looks the client's place up, once a query.
func (a *answering) findPlace() {
	c := a.client
	switch {
	case c.place.known:
	case a.p.geo != nil:
		if address := c.lookUp(); address.IsValid() {
			c.place = a.p.geo.find(address)
		}
	case a.p.config.geoMetadata:
		c.place = fromMetadata(a.ctx)
	}
}

// widen joins what this answer looked at to the scope: the zone's own data, the location data, and the whole subnet where
// the draw hangs on it (10.41).
func (a *answering) widen(g *generation, answer plain.Answer) {
	a.scope = max(a.scope, int(answer.ScopePrefixLength()))
	if !a.client.network.IsValid() {
		return
	}
	if answer.MayDependOnPlace() && a.client.place.known {
		bits := a.client.place.prefixLength
		if bits == unknownPrefix {
			bits = a.client.network.Bits()
		}
		a.scope = max(a.scope, bits)
	}
	if a.p.config.sticky && answer.Policy() != 0 {
		a.scope = max(a.scope, a.client.network.Bits())
	}
}

// answer fills a message with the answer to a question: CNAMEs are followed within the plugin's zones, and beyond them
// through CoreDNS itself.
func (a *answering) answer(m *dns.Msg, name string, qtype uint16) error {
	z := a.zone
	for range chaseMax {
		got, err := a.resolve(z, name, qtype)
		if err != nil {
			if len(m.Answer) > 0 {
				return nil // the CNAMEs so far are right
			}
			return err
		}
		if a.way == nil {
			a.way, a.failOpen = got.way, got.failOpen
		}
		switch {
		case got.rcode == dns.RcodeRefused:
			m.Rcode = dns.RcodeRefused
			return nil
		case got.referral:
			a.refer(m, got)
			return nil
		case got.aliasName != "":
			return a.resource(m, got, name, qtype)
		case got.way == nil || len(got.way.records) == 0:
			a.negative(m, got, name, qtype)
			return nil
		}
		m.Answer = append(m.Answer, got.way.recordsFor(name, got.ttl)...)
		if got.typ != dns.TypeCNAME || qtype == dns.TypeCNAME {
			if !(qtype == dns.TypeNS && name == z.origin) {
				m.Ns = got.g.nameservers
			}
			return nil
		}
		target, isCNAME := m.Answer[len(m.Answer)-1].(*dns.CNAME)
		if !isCNAME {
			return nil
		}
		m.Ns = got.g.nameservers
		name = strings.ToLower(target.Target)
		if z = a.p.zoneOf(name, qtype); z == nil {
			a.beyond(m, name, qtype)
			return nil
		}
		// Another question has another draw, or the choices of the two would go together.
		a.draw = a.draw*6364136223846793005 + 1442695040888963407
	}
	return nil
}

// refer makes the message a referral (2.4, 10.46). After a CNAME of ours the answer stays authoritative.
func (a *answering) refer(m *dns.Msg, got step) {
	m.Authoritative = len(m.Answer) > 0
	m.Ns = got.way.records
	m.Extra = append(m.Extra, got.way.glue...)
	a.delegated = true
}

// negative makes the message say NODATA or NXDOMAIN, with the SOA that says how long that holds (2.1, 2.2, 2.6).
func (a *answering) negative(m *dns.Msg, got step, name string, qtype uint16) {
	m.Rcode = got.rcode
	if qtype == dns.TypeANY && got.rcode == dns.RcodeSuccess && len(m.Answer) == 0 {
		// Not everything at the name, and said so (RFC 8482 4.2).
		header := dns.RR_Header{Name: name, Rrtype: dns.TypeHINFO, Class: dns.ClassINET, Ttl: got.ttl}
		m.Answer = []dns.RR{&dns.HINFO{Hdr: header, Cpu: "RFC8482"}}
		return
	}
	m.Ns = got.g.soa
}

// count counts an answer.
func (a *answering) count(m *dns.Msg) {
	metrics := a.zone.metrics
	switch {
	case m.Rcode == dns.RcodeNameError:
		metrics.nxDomain.Inc()
	case len(m.Answer) == 0 && !a.delegated:
		metrics.noData.Inc()
	case a.way != nil && a.failOpen:
		a.way.counters[1].Inc()
	case a.way != nil:
		a.way.counters[0].Inc()
	}
}

// addSubnet answers the EDNS client subnet: as it came, with the scope of the answer (RFC 7871 7.2.1).
func (a *answering) addSubnet(m *dns.Msg) {
	asked := a.client.subnet
	scope := a.scope
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
