// Package pointsman is a CoreDNS plugin that answers from hosted zones of Amazon Route 53 with all its routing policies,
// alias trees and health checks. The rules are in a WebAssembly module, which a pool of instances runs.
package pointsman

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/pkg/fall"
	clog "github.com/coredns/coredns/plugin/pkg/log"
	"github.com/coredns/coredns/plugin/pkg/upstream"
	"github.com/miekg/dns"
	"pointsman.example/coredns/plain"
)

const pluginName = "pointsman"

var log = clog.NewWithPlugin(pluginName)

// config is what the Corefile says.
type config struct {
	module      string
	zoneFiles   [][]string
	zoneFeeds   map[string]zoneFeed // by the file of the zone
	latency     string
	healthFile  string
	feeds       []string
	maxAge      time.Duration
	whenOld     staleness
	geoMetadata bool
	geoFile     string
	reload      time.Duration
	instances   int
	sticky      bool
	explain     string
	vpcRegion   string
	fall        fall.F
	neverDarker bool
	release     string // the file that lets a darker zone pass
	failClosed  []failRule
}

// failMode says what becomes of an answer that fails open.
type failMode int

const (
	failOpen     failMode = iota // it is given, as Route 53 does (5.7)
	failServfail                 // SERVFAIL, so that resolvers ask another server
	failNoData                   // no records
)

// failRule sets the mode of a name and all below it; without a name, of everything.
type failRule struct {
	mode failMode
	name string
}

// staleness says what becomes of health that is older than max_age, in the words of every host (core's WhenStale).
type staleness int

const (
	keep staleness = iota
	noData
	notReady
)

// Pointsman is the plugin.
type Pointsman struct {
	Next plugin.Handler

	config    config
	engine    *plain.Engine
	zones     []*zone
	byOrigin  map[string]*zone
	health    *health
	geo       *geoDatabase
	vpcRegion uint32
	upstream  *upstream.Upstream
	explainer *explainer
	stop      chan struct{}
	stopped   sync.WaitGroup
	offers    chan offer // versions of zones that feeds serve

	warnNoPlace sync.Once
	// What the plugin cache keeps for everybody; nil where it is not in the chain.
	cached plugin.Zones
}

// zone is one hosted zone: its files, and the generation that answers.
type zone struct {
	watcher fileWatcher
	origin  string
	// Its files are held back by never_darker; only looked at by who watches the files.
	isHeldBack bool
	current    atomic.Pointer[generation]
	follower   *zoneFollower // nil for a zone of files
	*zoneMetrics
}

// newPointsman loads everything that the Corefile names; what cannot be loaded now is an error.
func newPointsman(c config) (*Pointsman, error) {
	module, err := plain.Embedded, error(nil)
	if c.module != "" {
		module, err = os.ReadFile(c.module)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the module: %w; `cargo xtask wasm` builds it, `module FILE` says where it is", err)
	}
	p := &Pointsman{config: c, byOrigin: make(map[string]*zone), upstream: upstream.New(), stop: make(chan struct{}), offers: make(chan offer)}
	if p.engine, err = engineOf(module); err != nil {
		return nil, fmt.Errorf("%s: %w", c.module, err)
	}
	if c.geoFile != "" {
		if p.geo, err = openGeo(c.geoFile); err != nil {
			return nil, err
		}
	}
	p.health = newHealth(c)
	if err := p.health.start(); err != nil {
		return nil, err
	}
	for _, files := range c.zoneFiles {
		if c.latency != "" {
			files = append(slices.Clone(files), c.latency)
		}
		z := &zone{watcher: fileWatcher{files: files}}
		if feed, isFed := c.zoneFeeds[files[0]]; isFed {
			z.follower = newZoneFollower(feed)
			if err := z.follower.begin(); err != nil {
				p.closeZones()
				return nil, err
			}
		}
		z.watcher.changed()
		next, err := p.load(z)
		if err != nil {
			p.closeZones()
			return nil, err
		}
		if _, twice := p.byOrigin[next.origin]; twice {
			next.close()
			p.closeZones()
			return nil, fmt.Errorf("zone %s is given twice; all files of a zone go on one `zone` line", next.origin)
		}
		z.origin, z.zoneMetrics = next.origin, next.metrics
		z.current.Store(next)
		z.settle(true)
		p.byOrigin[next.origin] = z
		p.zones = append(p.zones, z)
	}
	if c.vpcRegion != "" {
		if p.vpcRegion, err = p.region(c.vpcRegion); err != nil {
			p.closeZones()
			return nil, err
		}
	}
	return p, nil
}

func (p *Pointsman) region(code string) (uint32, error) {
	s := p.zones[0].current.Load().acquire(0)
	defer s.mutex.Unlock()
	number, err := s.instance.Region(background, code)
	if err == nil && number == 0 {
		err = fmt.Errorf("vpc_region: %q is not a Region", code)
	}
	return number, err
}

// load reads a zone's files and makes a generation of them.
func (p *Pointsman) load(z *zone) (*generation, error) {
	source, err := readSource(z.watcher.files, z.read)
	if err != nil {
		return nil, err
	}
	options := generationOptions{
		report: p.health.report(), instances: p.config.instances, neverDarker: p.config.neverDarker, inService: running.any(),
	}
	if current := z.current.Load(); current != nil && !p.isReleased() {
		options.before = current.answered
	}
	next, findings, err := newGeneration(p.engine, source, options)
	if err != nil {
		return nil, fmt.Errorf("the zone of %s cannot be loaded: %w", strings.Join(z.watcher.files, ", "), err)
	}
	for _, finding := range findings {
		log.Warningf("Zone %s: %s", next.origin, finding)
	}
	return next, nil
}

// readSource reads a zone's files, each by read: its documents, or the one image that it is compiled to.
func readSource(files []string, read func(file string) ([]byte, error)) (zoneSource, error) {
	var source zoneSource
	for _, file := range files {
		text, err := read(file)
		if err != nil {
			return source, fmt.Errorf("cannot read a zone's document: %w", err)
		}
		if !plain.IsImage(text) {
			source.documents = append(source.documents, plain.Document{Name: filepath.Base(file), Text: string(text)})
			continue
		}
		if len(files) > 1 {
			return source, fmt.Errorf("%s is an image of a compiled zone, which nothing can be added to: give it alone, and compile "+
				"the other documents into it, a LatencyTable too", file)
		}
		source.image = text
	}
	return source, nil
}

// isReleased reports whether somebody made the file that lets a darker zone pass.
func (p *Pointsman) isReleased() bool {
	if p.config.release == "" {
		return false
	}
	_, err := os.Stat(p.config.release)
	return err == nil
}

// checkCache refuses a zone whose answers depend on the client where the plugin cache would give every client the first
// one's answer.
func (p *Pointsman) checkCache(g *generation) error {
	by := g.dependsOnClient()
	if p.cached == nil || by == "" {
		return nil
	}
	if p.cached.Matches(g.origin) == "" && !slices.ContainsFunc(p.cached, func(z string) bool { return dns.IsSubDomain(g.origin, z) }) {
		return nil
	}
	return fmt.Errorf("zone %s answers by %s, and the plugin cache of this server block would give every client the first one's "+
		"answer: take cache out, or name the zones that it is for", g.origin, by)
}

// failsClosed returns what becomes of an answer for a name that fails open; the rule with the longest name counts.
func (p *Pointsman) failsClosed(name string) failMode {
	mode, labels := failOpen, -1
	for _, rule := range p.config.failClosed {
		if count := dns.CountLabel(rule.name); count > labels && (rule.name == "" || dns.IsSubDomain(rule.name, name)) {
			mode, labels = rule.mode, count
		}
	}
	return mode
}

// reloadZone takes changed files up; with files that cannot be loaded the zone stays as it is.
func (p *Pointsman) reloadZone(z *zone) {
	next, err := p.load(z)
	if err == nil && next.origin != z.origin {
		err = fmt.Errorf("the files are now of zone %s; restart to serve another zone", next.origin)
	}
	if err == nil {
		err = p.checkCache(next)
	}
	if err != nil {
		if next != nil {
			next.close()
		}
		z.reloadFailures.Inc()
		var darker *errDarker
		if errors.As(err, &darker) {
			z.darker.Set(float64(len(darker.questions)))
			z.isHeldBack = true
			if p.config.release != "" {
				err = fmt.Errorf("%w; make the file %s to let it pass", err, p.config.release)
			}
		}
		log.Errorf("Zone %s stays as it was: %v", z.origin, err)
		z.settle(false)
		return
	}
	// Health that changed while the generation was made is in no instance of it yet.
	p.health.hold(func(report string) {
		if report != next.firstReport {
			if _, err := next.setHealth(report, true, p.health.hold); err != nil {
				log.Errorf("Zone %s: %v", z.origin, err)
			}
		}
		old := z.current.Swap(next)
		go old.close()
	})
	z.darker.Set(0)
	z.reloads.Inc()
	z.settle(true)
	log.Infof("Zone %s reloaded: %d record sets", z.origin, next.zone.RecordSets)
}

func (p *Pointsman) updateAllScopes() {
	for _, z := range p.zones {
		p.updateScopes(z)
	}
}

// reloadHeldBack loads zones that never_darker held back, once somebody has made the file that lets them pass; the file
// counts once.
func (p *Pointsman) reloadHeldBack() {
	if !p.isReleased() {
		return
	}
	for _, z := range p.zones {
		if z.isHeldBack {
			log.Infof("Zone %s: %s lets it pass", z.origin, p.config.release)
			z.isHeldBack = false
			p.reloadZone(z)
		}
	}
	if err := os.Remove(p.config.release); err != nil {
		log.Errorf("The release stays in force: %v", err)
	}
}

// run follows files and feed until stopped.
func (p *Pointsman) run() {
	if p.config.reload == 0 {
		p.stopped.Go(p.updateAllScopes)
	} else {
		p.stopped.Go(func() {
			p.updateAllScopes()
			ticker := time.NewTicker(p.config.reload)
			defer ticker.Stop()
			for {
				select {
				case <-p.stop:
					return
				case <-ticker.C:
					p.checkFiles()
				case offered := <-p.offers:
					p.takeOffer(offered)
					p.updateAllScopes()
				}
			}
		})
	}
	for _, z := range p.zones {
		if z.follower != nil {
			p.stopped.Go(func() { z.follower.follow(p, z) })
		}
	}
	if len(p.config.feeds) > 0 {
		p.stopped.Go(func() { newFeedClient(p.health, p.config.feeds, p.setHealth).follow() })
	}
	if p.config.maxAge > 0 && p.config.whenOld == noData {
		p.stopped.Go(func() { p.health.watchAge(p.stop, p.setHealth) })
	}
}

// checkFiles takes up what changed on disk.
func (p *Pointsman) checkFiles() {
	for _, z := range p.zones {
		z.save()
		if z.watcher.changed() {
			z.isHeldBack = false
			p.reloadZone(z)
		}
	}
	p.reloadHeldBack()
	defer p.updateAllScopes()
	if p.geo != nil && p.geo.watcher.changed() {
		if err := p.geo.read(); err != nil {
			reloadFailures.WithLabelValues("mmdb").Inc()
			log.Errorf("The location database stays as it was: %v", err)
		} else {
			log.Infof("Location database %s reloaded", p.geo.file)
		}
	}
	if p.config.healthFile != "" {
		p.health.checkFile(p.setHealth)
	}
}

// setHealth brings a report, or changes to the last one, to every zone; an error means that it is no report.
func (p *Pointsman) setHealth(text string, whole bool) error {
	for _, z := range p.zones {
		findings, err := z.current.Load().setHealth(text, whole, p.health.hold)
		if err != nil {
			return err
		}
		for _, finding := range findings {
			log.Debugf("Zone %s: %s", z.origin, finding)
		}
	}
	return nil
}

func (p *Pointsman) closeZones() {
	for _, z := range p.zones {
		z.current.Load().close()
	}
}

// shutdown stops following and frees every instance.
func (p *Pointsman) shutdown() error {
	close(p.stop)
	p.health.stop()
	p.stopped.Wait()
	running.remove(p)
	p.closeZones()
	return nil
}

// Name implements plugin.Handler.
func (p *Pointsman) Name() string { return pluginName }

// Ready implements ready.Readiness: there is a first report where a feed is followed, and health is not too old to answer
// by where that was asked for.
func (p *Pointsman) Ready() bool {
	return !p.notReady() && (len(p.config.feeds) == 0 || p.health.hasReport())
}

// notReady reports whether health is too old to answer by, under `max_age ... not-ready`.
func (p *Pointsman) notReady() bool { return p.config.whenOld == notReady && p.health.tooOld() }

// fileWatcher tells when files were changed, replaced or removed.
type fileWatcher struct {
	files []string
	seen  map[string]fileState
}

type fileState struct {
	modified time.Time
	size     int64
	inode    any
}

// changed looks at the files once and reports whether any is not as it was the last time.
func (w *fileWatcher) changed() bool {
	now := make(map[string]fileState, len(w.files))
	for _, file := range w.files {
		info, err := os.Stat(file)
		if err != nil {
			now[file] = fileState{}
			continue
		}
		now[file] = fileState{info.ModTime(), info.Size(), inode(info)}
	}
	if maps.Equal(now, w.seen) {
		return false
	}
	w.seen = now
	return true
}
