package pointsman

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
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
	view     uint32
	// What is asked again and again is kept in the instance, and found here.
	questions handleCache[question]
	clients   handleCache[clientKey]
}

// reportHolder keeps health from changing while work runs, and passes the report that counts.
type reportHolder func(work func(report string))

// generation is one loaded state of a zone in a pool of instances. A reload makes the next generation.
type generation struct {
	engine *plain.Engine
	origin string // lower case, as Go's DNS library spells it, with a final dot
	zone   plain.Zone
	// How many bytes the zone's image has.
	imageSize int
	slots     []*slot
	closed    atomic.Bool
	cache     answerCache

	// What every instance begins with: the zone, and a view of a report.
	snapshotMutex sync.RWMutex
	snapshot      *plain.Snapshot
	firstView     uint32
	firstReport   string

	// The questions that have an answer while all is well, as lines of JSON; only with never_darker.
	answered string

	scopes      atomic.Pointer[scopeTable] // for the location database
	soa         []dns.RR                   // the apex's, with the TTL of negative answers (2.6)
	nameservers []dns.RR
	metrics     *zoneMetrics
}

// generationOptions say how a generation is made.
type generationOptions struct {
	report      string
	instances   int
	neverDarker bool
	// before holds the questions that had an answer until now; questions without one are an errDarker.
	before string
	// inService: queries are served meanwhile, which must not wait for the loading.
	inService bool
}

// errDarker says that questions lose their answers.
type errDarker struct{ questions []string }

// Error names the first of the questions.
func (e *errDarker) Error() string {
	const shown = 5
	text := strings.Join(e.questions[:min(shown, len(e.questions))], " ")
	if more := len(e.questions) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("with all healthy, %d questions that had an answer would have none: %s", len(e.questions), text)
}

// newGeneration brings a zone into the instances of a pool, each with a view of the report. Documents are compiled once, in an
// instance that is thrown away with all that reading them took; the pool begins with a snapshot of one that opened the image.
// The findings are warnings.
func newGeneration(engine *plain.Engine, source zoneSource, options generationOptions) (*generation, []plain.Finding, error) {
	loader := engine
	if options.inService {
		var err error
		if loader, err = engine.Loader(background); err != nil {
			return nil, nil, err
		}
	}
	image, findings, err := source.compiled(loader)
	if err != nil {
		return nil, findings, err
	}
	instance, err := loader.Instantiate(background)
	if err != nil {
		return nil, findings, err
	}
	defer func() { _ = instance.Close(background) }()
	g := &generation{engine: engine, firstReport: options.report, imageSize: len(image)}
	more, err := g.load(instance, image, options)
	findings = append(findings, more...)
	if err != nil {
		return nil, findings, err
	}
	if g.snapshot, err = instance.Snapshot(); err != nil {
		return nil, findings, err
	}
	for range options.instances {
		s := &slot{}
		if err := g.fill(s); err != nil {
			g.close()
			return nil, findings, err
		}
		g.slots = append(g.slots, s)
	}
	return g, findings, nil
}

// zoneSource is what a zone comes from: documents, or an image of it, compiled.
type zoneSource struct {
	documents []plain.Document
	image     []byte
}

// compiled is the zone as an image.
func (s zoneSource) compiled(loader *plain.Engine) ([]byte, []plain.Finding, error) {
	if s.image != nil {
		return s.image, nil, nil
	}
	return loader.CompileZone(background, "", s.documents)
}

// load fills the instance that the others are copies of.
func (g *generation) load(instance *plain.Instance, image []byte, options generationOptions) ([]plain.Finding, error) {
	var findings []plain.Finding
	var err error
	if g.zone, err = instance.OpenZone(background, image); err != nil {
		return nil, err
	}
	if g.firstView, findings, err = instance.NewView(background, g.zone.Handle, options.report); err != nil {
		return findings, err
	}
	g.origin = OwnerName(g.zone.Name)
	g.metrics = metricsOf(g.origin)
	if err := g.readApex(instance); err != nil {
		return findings, err
	}
	if options.neverDarker {
		return findings, g.findDarkness(instance, options.before)
	}
	return findings, nil
}

// findDarkness asks what has an answer while no check has data, which counts as healthy (6.2.3).
func (g *generation) findDarkness(instance *plain.Instance, before string) error {
	view, _, err := instance.NewView(background, g.zone.Handle, "")
	if err != nil {
		return err
	}
	defer func() { _ = instance.FreeView(background, view) }()
	if before != "" {
		dark, err := instance.Unanswered(background, view, before)
		if err != nil {
			return err
		}
		if dark != "" {
			return &errDarker{strings.Split(strings.TrimSpace(dark), "\n")}
		}
	}
	g.answered, err = instance.Answered(background, view)
	return err
}

// fill makes a slot's instance from the snapshot.
func (g *generation) fill(s *slot) error {
	g.snapshotMutex.RLock()
	defer g.snapshotMutex.RUnlock()
	if g.snapshot == nil {
		return errClosed
	}
	instance, err := g.engine.Restore(background, g.snapshot)
	if err != nil {
		return err
	}
	s.instance, s.view = instance, g.firstView
	s.questions, s.clients = newHandleCache[question](maxQuestions), newHandleCache[clientKey](maxClients)
	return nil
}

// readApex asks for the records that most answers come with.
func (g *generation) readApex(instance *plain.Instance) error {
	for _, recordType := range []uint16{dns.TypeSOA, dns.TypeNS} {
		query := instance.Query()
		query.Reset()
		length, err := plain.PackName(query.NameBuffer(), g.origin)
		if err != nil {
			return fmt.Errorf("zone %s: %w", g.zone.Name, err)
		}
		query.SetNameLength(length)
		query.SetType(recordType)
		answer, status, err := instance.Resolve(background, g.firstView)
		if err != nil || status != plain.OK {
			return fmt.Errorf("zone %s: its apex cannot be asked for: %v %w", g.zone.Name, status, err)
		}
		if answer.Type() != recordType {
			continue
		}
		ttl, _ := answer.TTL()
		values, err := instance.Values(background, g.firstView, nil)
		if err != nil {
			return err
		}
		records, err := ParseValues(g.origin, recordType, ttl, values)
		if err != nil {
			return err
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

// acquire returns a slot of which the caller is then the only user; nil when the generation was closed.
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

// replace throws away a slot's instance that trapped, whose state is unknown now, and puts a fresh one in its place. The
// caller holds the slot.
func (g *generation) replace(s *slot, cause error, hold reportHolder) {
	g.metrics.traps.Inc()
	log.Errorf("Zone %s: the module trapped; its instance is replaced: %v", g.origin, firstLine(cause))
	_ = s.instance.Close(background)
	s.instance = nil
	go func() {
		fresh := &slot{}
		if err := g.fill(fresh); err != nil {
			if err != errClosed {
				log.Errorf("Zone %s: the instance cannot be replaced: %v", g.origin, err)
			}
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
			if report != g.firstReport {
				if view, _, err := fresh.instance.NewView(background, g.zone.Handle, report); err == nil {
					_ = fresh.instance.FreeView(background, fresh.view)
					fresh.view = view
				} else {
					log.Errorf("Zone %s: a replaced instance has no view of the report: %v", g.origin, firstLine(err))
				}
			}
			s.instance, s.view, s.questions, s.clients = fresh.instance, fresh.view, fresh.questions, fresh.clients
		})
	}()
}

// setHealth gives every instance a new view: of a whole report, or of changes to the last one. A text that is no report
// is an error, and no instance has it then: the first one says so. An instance that traps is replaced, and the others get
// their views all the same. `hold` is for instances that have to be replaced.
func (g *generation) setHealth(text string, whole bool, hold reportHolder) ([]plain.Finding, error) {
	var findings []plain.Finding
	isFirst := true
	for _, s := range g.slots {
		found, err := g.setSlotHealth(s, text, whole, hold)
		var invalid *plain.InvalidError
		if errors.As(err, &invalid) {
			return found, err
		}
		if err == nil && isFirst {
			findings, isFirst = found, false
		}
	}
	return findings, nil
}

// setSlotHealth does it for one instance. An error other than an InvalidError was a trap, and is dealt with.
func (g *generation) setSlotHealth(s *slot, text string, whole bool, hold reportHolder) ([]plain.Finding, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.instance == nil {
		return nil, errNoInstance // it is being replaced, and gets the report then
	}
	var view uint32
	var findings []plain.Finding
	var err error
	if whole {
		view, findings, err = s.instance.NewView(background, g.zone.Handle, text)
	} else {
		view, findings, err = s.instance.UpdateView(background, s.view, text)
	}
	if err == nil {
		err = s.instance.FreeView(background, s.view)
		s.view = view
	}
	var invalid *plain.InvalidError
	if err != nil && !errors.As(err, &invalid) {
		g.replace(s, err, hold)
	}
	return findings, err
}

// healthChecks returns whether each health check counts as healthy, as this host believes.
func (g *generation) healthChecks() map[string]bool {
	if len(g.zone.HealthChecks) == 0 {
		return nil
	}
	s := g.acquire(0)
	if s == nil {
		return nil
	}
	defer s.mutex.Unlock()
	checks, err := s.instance.HealthChecks(background, s.view)
	if err != nil {
		return nil
	}
	return checks
}

// memory is the size of the pool's linear memories, and how many there are.
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

// dependsOnClient says by what answers differ from client to client; empty if they do not.
func (g *generation) dependsOnClient() string {
	var by []string
	if g.zone.AsksPlace {
		by = append(by, "latency, geolocation or geoproximity")
	}
	if g.zone.AsksNetwork {
		by = append(by, "CIDR blocks")
	}
	return strings.Join(by, ", ")
}

// close frees the instances once their current queries are done.
func (g *generation) close() {
	g.closed.Store(true)
	for _, s := range slices.Clone(g.slots) {
		s.mutex.Lock()
		if s.instance != nil {
			_ = s.instance.Close(background)
			s.instance = nil
		}
		s.mutex.Unlock()
	}
	g.snapshotMutex.Lock()
	defer g.snapshotMutex.Unlock()
	if g.snapshot != nil {
		g.snapshot.Close()
		g.snapshot = nil
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
	if engine, found := engines.byHash[hash]; found {
		return engine, nil
	}
	engine, err := plain.NewEngine(background, module)
	if err == nil {
		engines.byHash[hash] = engine
	}
	return engine, err
}
