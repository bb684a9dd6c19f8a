package pointsman

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/miekg/dns"
	"pointsman.example/coredns/plain"
)

// background is the context of calls into the module: they have no deadline, for they do no waiting.
var background = context.Background()

// slot is a place in the pool: an instance with the zone and its current view.
type slot struct {
	mutex    sync.Mutex
	instance *plain.Instance // nil once the generation is closed, or while a trapped one is replaced
	zone     plain.Zone
	view     uint32
	// What is asked again and again is kept in the instance, and found here.
	questions kept[question]
	clients   kept[clientKey]
}

// holder keeps health from changing while work runs, and tells the report that counts.
type holder func(work func(report string))

// generation is one loaded state of a zone's documents in a pool of instances. A reload makes the next generation.
type generation struct {
	engine    *plain.Engine
	documents []plain.Document
	origin    string // lower case, as Go's DNS library spells it, with a final dot
	zone      plain.Zone
	slots     []*slot
	closed    atomic.Bool
	cache     cache

	soa         []dns.RR // the apex's, with the TTL of negative answers (2.6)
	nameservers []dns.RR
	metrics     *zoneMetrics
}

// newGeneration loads documents into count instances, each with a view of the report. The findings are warnings.
func newGeneration(engine *plain.Engine, documents []plain.Document, report string, count int) (*generation, []plain.Finding, error) {
	g := &generation{engine: engine, documents: documents}
	var findings []plain.Finding
	for range count {
		s := &slot{}
		found, err := g.fill(s, report)
		if err != nil {
			g.close()
			return nil, found, err
		}
		if len(g.slots) == 0 {
			findings = found
		}
		g.slots = append(g.slots, s)
	}
	g.zone = g.slots[0].zone
	g.origin = OwnerName(g.zone.Name)
	g.metrics = metricsOf(g.origin)
	if err := g.readApex(); err != nil {
		g.close()
		return nil, findings, err
	}
	return g, findings, nil
}

// fill makes an instance with zone and view for a slot.
func (g *generation) fill(s *slot, report string) ([]plain.Finding, error) {
	instance, err := g.engine.Instantiate(background)
	if err != nil {
		return nil, err
	}
	zone, findings, err := instance.LoadZone(background, "", g.documents)
	if err == nil {
		var more []plain.Finding
		s.view, more, err = instance.NewView(background, zone.Handle, report)
		findings = append(findings, more...)
	}
	if err != nil {
		_ = instance.Close(background)
		return findings, err
	}
	s.instance, s.zone = instance, zone
	s.questions, s.clients = keptIn[question](questionsMax), keptIn[clientKey](clientsMax)
	return findings, nil
}

// readApex asks for the records that most answers come with.
func (g *generation) readApex() error {
	s := g.slots[0]
	for _, recordType := range []uint16{dns.TypeSOA, dns.TypeNS} {
		query := s.instance.Query()
		query.Reset()
		length, err := plain.PackName(query.NameBuffer(), g.origin)
		if err != nil {
			return fmt.Errorf("zone %s: %w", g.zone.Name, err)
		}
		query.SetNameLength(length)
		query.SetType(recordType)
		answer, status, err := s.instance.Resolve(background, s.view)
		if err != nil || status != plain.OK {
			return fmt.Errorf("zone %s: its apex cannot be asked for: %v %w", g.zone.Name, status, err)
		}
		ttl, _ := answer.TTL()
		values, err := s.instance.Values(background, s.view, nil)
		if err != nil {
			return err
		}
		records, err := ParseValues(g.origin, recordType, ttl, values)
		if err != nil {
			return err
		}
		if answer.Type() != recordType {
			continue
		}
		if recordType == dns.TypeNS {
			g.nameservers = records
			continue
		}
		for _, record := range records {
			if soa, isSOA := record.(*dns.SOA); isSOA {
				soa.Hdr.Ttl = min(soa.Hdr.Ttl, soa.Minttl)
				g.soa = records
			}
		}
	}
	return nil
}

// acquire gives a slot of which the caller is then the only user; nil when the generation was closed.
func (g *generation) acquire(start uint64) *slot {
	count := uint64(len(g.slots))
	for n := range count {
		s := g.slots[(start+n)%count]
		if s.mutex.TryLock() {
			if s.instance != nil {
				return s
			}
			s.mutex.Unlock()
		}
	}
	// All are busy or being replaced: wait for one, then for the next.
	for n := range count {
		s := g.slots[(start+n)%count]
		s.mutex.Lock()
		if s.instance != nil {
			return s
		}
		s.mutex.Unlock()
	}
	return nil
}

// trapped throws the slot's instance away, whose state is unknown now, and has it replaced. The caller holds the slot.
func (g *generation) trapped(s *slot, cause error, hold holder) {
	g.metrics.traps.Inc()
	log.Errorf("Zone %s: the module trapped; its instance is replaced: %v", g.origin, firstLine(cause))
	_ = s.instance.Close(background)
	s.instance = nil
	go func() {
		var used string
		hold(func(report string) { used = report })
		fresh := &slot{}
		if _, err := g.fill(fresh, used); err != nil {
			log.Errorf("Zone %s: the instance cannot be replaced: %v", g.origin, err)
			return
		}
		// While health is held, no change of it can pass this instance by.
		hold(func(report string) {
			s.mutex.Lock()
			defer s.mutex.Unlock()
			if g.closed.Load() || s.instance != nil {
				_ = fresh.instance.Close(background)
				return
			}
			if report != used {
				if view, _, err := fresh.instance.NewView(background, fresh.zone.Handle, report); err == nil {
					_ = fresh.instance.FreeView(background, fresh.view)
					fresh.view = view
				}
			}
			s.instance, s.zone, s.view = fresh.instance, fresh.zone, fresh.view
			s.questions, s.clients = fresh.questions, fresh.clients
		})
	}()
}

// setHealth gives every instance a new view: of a whole report, or of changes to the last one. A text that is no report
// is an error, and no instance has it then. `hold` is for instances that have to be replaced.
func (g *generation) setHealth(text string, whole bool, hold holder) ([]plain.Finding, error) {
	var findings []plain.Finding
	for n, s := range g.slots {
		s.mutex.Lock()
		if s.instance == nil {
			s.mutex.Unlock()
			continue
		}
		var view uint32
		var found []plain.Finding
		var err error
		if whole {
			view, found, err = s.instance.NewView(background, s.zone.Handle, text)
		} else {
			view, found, err = s.instance.UpdateView(background, s.view, text)
		}
		if err == nil {
			err = s.instance.FreeView(background, s.view)
			s.view = view
		}
		var invalid *plain.InvalidError
		if err != nil && !errors.As(err, &invalid) {
			g.trapped(s, err, hold)
		}
		s.mutex.Unlock()
		if err != nil {
			return found, err
		}
		if n == 0 {
			findings = found
		}
	}
	return findings, nil
}

// memory is the resident size of the pool's linear memories.
func (g *generation) memory() (size uint64, instances int) {
	for _, s := range g.slots {
		s.mutex.Lock()
		if s.instance != nil {
			size += uint64(s.instance.MemorySize())
			instances++
		}
		s.mutex.Unlock()
	}
	return size, instances
}

// close frees the instances once their current queries are done.
func (g *generation) close() {
	g.closed.Store(true)
	for _, s := range g.slots {
		s.mutex.Lock()
		if s.instance != nil {
			_ = s.instance.Close(background)
			s.instance = nil
		}
		s.mutex.Unlock()
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// engines are compiled modules by the hash of their bytes: a reload of the Corefile does not compile again.
var engines = struct {
	sync.Mutex
	byHash map[[32]byte]*plain.Engine
}{byHash: make(map[[32]byte]*plain.Engine)}

func engineOf(module []byte) (*plain.Engine, error) {
	engines.Lock()
	defer engines.Unlock()
	hash := sha256.Sum256(module)
	if engine, there := engines.byHash[hash]; there {
		return engine, nil
	}
	engine, err := plain.NewEngine(background, module)
	if err == nil {
		engines.byHash[hash] = engine
	}
	return engine, err
}
