package pointsman

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"
	"pointsman.example/coredns/plain"
)

// cacheMax is how many ways through a zone are kept as parsed records. There are as many as leaves of its trees, but
// for multivalue groups, whose subsets are without number.
const cacheMax = 20_000

// way is one way through the zone with the records at its end, parsed once.
type way struct {
	path    []uint32
	kind    plain.SourceKind
	typ     uint16
	owner   string
	records []dns.RR
	glue    []dns.RR // of a referral
	// Counters of answers, by whether something failed open.
	counters [2]prometheus.Counter
}

// cache holds ways by the hash of their path. Nothing leaves it before its generation does.
type cache struct {
	ways  sync.Map // uint64 -> *way
	count atomic.Int64
}

func hashOf(path []uint32, kind plain.SourceKind, typ uint16) uint64 {
	hash := uint64(14695981039346656037) ^ uint64(kind) ^ uint64(typ)<<8
	for _, number := range path {
		hash = (hash ^ uint64(number)) * 1099511628211
	}
	return hash
}

// find gives the way of the slot's last answer; it parses a new one's records. The caller holds the slot.
func (g *generation) find(s *slot, answer plain.Answer, room []uint32) (*way, error) {
	path := s.instance.Path(room[:0])
	if answer.IsReferral() {
		path = append(path, answer.Source(0))
	}
	kind, typ := answer.SourceKind(), answer.Type()
	hash := hashOf(path, kind, typ)
	if found, there := g.cache.ways.Load(hash); there {
		known := found.(*way)
		if known.kind == kind && known.typ == typ && slices.Equal(known.path, path) {
			return known, nil
		}
	}
	fresh, err := g.parse(s, answer, slices.Clone(path))
	if err == nil && g.cache.count.Load() < cacheMax {
		if _, there := g.cache.ways.LoadOrStore(hash, fresh); !there {
			g.cache.count.Add(1)
		}
	}
	return fresh, err
}

// parse makes the records of the slot's last answer. What is read of the answer is read before the next call.
func (g *generation) parse(s *slot, answer plain.Answer, path []uint32) (*way, error) {
	w := &way{path: path, kind: answer.SourceKind(), typ: answer.Type()}
	ttl, _ := answer.TTL()
	isReferral, policy := answer.IsReferral(), answer.Policy()

	values, err := s.instance.Values(background, s.view, nil)
	if err != nil {
		return nil, err
	}

	var identifiers []string
	for n, number := range path {
		recordSet, err := s.instance.RecordSet(background, s.zone.Handle, number)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			w.owner = OwnerName(recordSet.Name)
			policy = recordSet.Policy
		}
		if recordSet.SetIdentifier != nil && recordSet.Policy != plain.Policy(7) {
			identifiers = append(identifiers, *recordSet.SetIdentifier)
		}
		if policy == 0 {
			policy = recordSet.Policy // a simple alias in front does not choose
		}
	}
	if w.records, err = ParseValues(w.owner, w.typ, ttl, values); err != nil {
		return nil, err
	}
	if isReferral {
		w.glue, err = g.glue(s, w.records)
	}
	labels := []string{policy.String(), strings.Join(identifiers, ">")}
	w.counters[0] = answersTotal.WithLabelValues(g.origin, labels[0], labels[1], "false")
	w.counters[1] = answersTotal.WithLabelValues(g.origin, labels[0], labels[1], "true")
	return w, err
}

// glue is the addresses of name servers that lie in the zone, even below the delegation.
func (g *generation) glue(s *slot, nameservers []dns.RR) ([]dns.RR, error) {
	var glue []dns.RR
	buffer := make([]byte, 256)
	for _, record := range nameservers {
		ns, isNS := record.(*dns.NS)
		if !isNS || !dns.IsSubDomain(g.origin, strings.ToLower(ns.Ns)) {
			continue
		}
		length, err := plain.PackName(buffer, ns.Ns)
		if err != nil {
			continue
		}
		for _, recordType := range []uint16{dns.TypeA, dns.TypeAAAA} {
			number, there, err := s.instance.Glue(background, s.zone.Handle, buffer[:length], recordType)
			if err != nil {
				return nil, err
			}
			if !there {
				continue
			}
			recordSet, err := s.instance.RecordSet(background, s.zone.Handle, number)
			if err != nil {
				return nil, err
			}
			if recordSet.TTL == nil {
				continue
			}
			addresses, err := ParseValues(strings.ToLower(ns.Ns), recordType, *recordSet.TTL, recordSet.Values)
			if err != nil {
				return nil, err
			}
			glue = append(glue, addresses...)
		}
	}
	return glue, nil
}

// recordsFor is the records with the name that was asked for: as they are, or copies where a wildcard or an alias's
// target stands behind it.
func (w *way) recordsFor(name string, ttl uint32) []dns.RR {
	if w.owner == name && (len(w.records) == 0 || w.records[0].Header().Ttl == ttl) {
		return w.records
	}
	copies := make([]dns.RR, len(w.records))
	for n, record := range w.records {
		copies[n] = dns.Copy(record)
		header := copies[n].Header()
		header.Name, header.Ttl = name, ttl
	}
	return copies
}
