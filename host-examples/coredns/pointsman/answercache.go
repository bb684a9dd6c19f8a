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

// maxCachedAnswers is how many paths through a zone are kept as parsed records. There are as many as leaves of its trees,
// but for multivalue groups, whose subsets are without number.
const maxCachedAnswers = 20_000

// cachedAnswer is one path through the zone with the records at its end, parsed once.
type cachedAnswer struct {
	path    []uint32
	kind    plain.SourceKind
	typ     uint16
	owner   string
	records []dns.RR
	glue    []dns.RR // of a referral

	policy, setIdentifier string
	// Counters of answers, by whether something failed open.
	counters perServer[[2]prometheus.Counter]
}

// count counts an answer that a server gave.
func (a *cachedAnswer) count(server, origin string, failOpen bool) {
	counters := a.counters.get(server, func() [2]prometheus.Counter {
		return [2]prometheus.Counter{
			answersTotal.WithLabelValues(server, origin, a.policy, a.setIdentifier, "false"),
			answersTotal.WithLabelValues(server, origin, a.policy, a.setIdentifier, "true"),
		}
	})
	if failOpen {
		counters[1].Inc()
	} else {
		counters[0].Inc()
	}
}

// answerCache holds answers by the hash of their path. Nothing leaves it before its generation does.
type answerCache struct {
	answers sync.Map // uint64 -> *cachedAnswer
	count   atomic.Int64
}

func hashOf(path []uint32, kind plain.SourceKind, typ uint16) uint64 {
	hash := uint64(14695981039346656037) ^ uint64(kind) ^ uint64(typ)<<8
	for _, number := range path {
		hash = (hash ^ uint64(number)) * 1099511628211
	}
	return hash
}

// lookupAnswer returns the slot's last answer with its records; it parses a new one's. The caller holds the slot.
func (g *generation) lookupAnswer(s *slot, answer plain.Answer, room []uint32) (*cachedAnswer, error) {
	path := s.instance.Path(room[:0])
	if answer.IsReferral() {
		path = append(path, answer.Source(0))
	}
	kind, typ := answer.SourceKind(), answer.Type()
	hash := hashOf(path, kind, typ)
	if found, isThere := g.cache.answers.Load(hash); isThere {
		known := found.(*cachedAnswer)
		if known.kind == kind && known.typ == typ && slices.Equal(known.path, path) {
			return known, nil
		}
	}
	fresh, err := g.parseAnswer(s, answer, slices.Clone(path))
	if err == nil && g.cache.count.Load() < maxCachedAnswers {
		if _, isThere := g.cache.answers.LoadOrStore(hash, fresh); !isThere {
			g.cache.count.Add(1)
		}
	}
	return fresh, err
}

// parseAnswer makes the records of the slot's last answer. What is read of the answer is read before the next call.
func (g *generation) parseAnswer(s *slot, answer plain.Answer, path []uint32) (*cachedAnswer, error) {
	a := &cachedAnswer{path: path, kind: answer.SourceKind(), typ: answer.Type()}
	ttl, _ := answer.TTL()
	isReferral, policy := answer.IsReferral(), answer.Policy()

	values, err := s.instance.Values(background, s.view, nil)
	if err != nil {
		return nil, err
	}

	var identifiers []string
	for n, number := range path {
		recordSet, err := s.instance.RecordSet(background, g.zone.Handle, number)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			a.owner = OwnerName(recordSet.Name)
			policy = recordSet.Policy
		}
		if recordSet.SetIdentifier != nil && recordSet.Policy != plain.Policy(7) {
			identifiers = append(identifiers, *recordSet.SetIdentifier)
		}
		if policy == 0 {
			policy = recordSet.Policy // a simple alias in front does not choose
		}
	}
	if a.records, err = ParseValues(a.owner, a.typ, ttl, values); err != nil {
		return nil, err
	}
	if isReferral {
		a.glue, err = g.glue(s, a.records)
	}
	a.policy, a.setIdentifier = policy.String(), strings.Join(identifiers, ">")
	return a, err
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
			number, isThere, err := s.instance.Glue(background, g.zone.Handle, buffer[:length], recordType)
			if err != nil {
				return nil, err
			}
			if !isThere {
				continue
			}
			recordSet, err := s.instance.RecordSet(background, g.zone.Handle, number)
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

// recordsFor returns the records with the name that was asked for, in the case it was asked in: as they are, or copies
// where the zone spells it another way, or where a wildcard or an alias's target stands behind it.
func (a *cachedAnswer) recordsFor(name string, ttl uint32) []dns.RR {
	if a.owner == name && (len(a.records) == 0 || a.records[0].Header().Ttl == ttl) {
		return a.records
	}
	copies := make([]dns.RR, len(a.records))
	for n, record := range a.records {
		copies[n] = dns.Copy(record)
		header := copies[n].Header()
		header.Name, header.Ttl = name, ttl
	}
	return copies
}
