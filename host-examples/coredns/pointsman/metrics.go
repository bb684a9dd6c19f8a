package pointsman

import (
	"sync"
	"sync/atomic"

	"github.com/coredns/coredns/plugin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

func counterOpts(name, help string) prometheus.CounterOpts {
	return prometheus.CounterOpts{Namespace: plugin.Namespace, Subsystem: pluginName, Name: name, Help: help}
}

var (
	answersTotal = promauto.NewCounterVec(
		counterOpts("answers_total", "Answers by server, zone, policy, path of SetIdentifiers, and whether something failed open."),
		[]string{"server", "zone", "policy", "set_identifier", "fail_open"})
	negativeTotal = promauto.NewCounterVec(
		counterOpts("negative_answers_total", "Answers without records, by server, zone and kind: NODATA, NXDOMAIN or FAIL-CLOSED."),
		[]string{"server", "zone", "kind"})
	notReadyTotal = promauto.NewCounterVec(
		counterOpts("not_ready_total", "Queries that got SERVFAIL because health was too old to answer by."), []string{"server", "zone"})
	trapsTotal = promauto.NewCounterVec(
		counterOpts("module_traps_total", "Queries that the module trapped on; its instance was replaced."), []string{"zone"})
	unknownPlacesTotal = promauto.NewCounterVec(
		counterOpts("unknown_places_total", "Queries whose place the plugin geoip did not know, under `geo metadata`."), []string{"zone"})
	zoneReloads = promauto.NewCounterVec(
		counterOpts("zone_reloads_total", "Changed zone files that were taken up."), []string{"zone"})
	zoneReloadFailures = promauto.NewCounterVec(
		counterOpts("zone_reload_failures_total", "Changed zone files that could not be loaded."), []string{"zone"})
	zoneDarker = promauto.NewGaugeVec(prometheus.GaugeOpts{Namespace: plugin.Namespace, Subsystem: pluginName, Name: "zone_darker",
		Help: "Questions that would lose their answers in the zone files that never_darker holds back."}, []string{"zone"})
	reloadFailures = promauto.NewCounterVec(
		counterOpts("reload_failures_total", "Changed files of health or locations that could not be loaded."), []string{"file"})
	feedFailures = promauto.NewCounter(
		counterOpts("feed_failures_total", "Connections to a feed that failed or fell silent, and events that were no reports."))
	feedChanges = promauto.NewCounter(
		counterOpts("feed_watch_changes_total", "Changes from the report of one watch, or one run of it, to another's."))
	feedConnected = promauto.NewGauge(prometheus.GaugeOpts{Namespace: plugin.Namespace, Subsystem: pluginName,
		Name: "feed_connected", Help: "Whether the stream of a feed is connected."})
)

func init() {
	// There from the start, so that a first failure is a rise.
	for _, file := range []string{"health", "mmdb"} {
		reloadFailures.WithLabelValues(file)
	}
}

// perServer holds one thing for each server that asks for it. There are few, so that they are compared one by one.
type perServer[T any] struct {
	mutex sync.Mutex
	list  atomic.Pointer[[]serverEntry[T]]
}

type serverEntry[T any] struct {
	server string
	thing  T
}

func (p *perServer[T]) get(server string, make func() T) T {
	if list := p.list.Load(); list != nil {
		for n := range *list {
			if (*list)[n].server == server {
				return (*list)[n].thing
			}
		}
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var all []serverEntry[T]
	if list := p.list.Load(); list != nil {
		for n := range *list {
			if (*list)[n].server == server {
				return (*list)[n].thing
			}
		}
		all = append(all, *list...)
	}
	thing := make()
	all = append(all, serverEntry[T]{server, thing})
	p.list.Store(&all)
	return thing
}

// kind is a kind of response without records.
type kind int

const (
	kindNoData kind = iota
	kindNXDomain
	kindFailClosed
	kindNotReady
	kindCount
)

// zoneMetrics are the counters of one zone.
type zoneMetrics struct {
	origin                                        string
	traps, reloads, reloadFailures, unknownPlaces prometheus.Counter
	darker                                        prometheus.Gauge
	negative                                      perServer[[kindCount]prometheus.Counter]
}

func metricsOf(origin string) *zoneMetrics {
	return &zoneMetrics{
		origin:         origin,
		traps:          trapsTotal.WithLabelValues(origin),
		reloads:        zoneReloads.WithLabelValues(origin),
		reloadFailures: zoneReloadFailures.WithLabelValues(origin),
		unknownPlaces:  unknownPlacesTotal.WithLabelValues(origin),
		darker:         zoneDarker.WithLabelValues(origin),
	}
}

// countNegative counts a response without records.
func (m *zoneMetrics) countNegative(server string, of kind) {
	counters := m.negative.get(server, func() [kindCount]prometheus.Counter {
		return [kindCount]prometheus.Counter{
			kindNoData:     negativeTotal.WithLabelValues(server, m.origin, "NODATA"),
			kindNXDomain:   negativeTotal.WithLabelValues(server, m.origin, "NXDOMAIN"),
			kindFailClosed: negativeTotal.WithLabelValues(server, m.origin, "FAIL-CLOSED"),
			kindNotReady:   notReadyTotal.WithLabelValues(server, m.origin),
		}
	})
	counters[of].Inc()
}

// collector reports on the plugins that run, when it is asked.
type collector struct {
	mutex   sync.Mutex
	plugins map[*Pointsman]struct{}

	age, memory, instances, recordSets, check *prometheus.Desc
}

var running = newCollector()

func newCollector() *collector {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(plugin.Namespace, pluginName, name), help, labels, nil)
	}
	c := &collector{
		plugins:    make(map[*Pointsman]struct{}),
		age:        describe("view_age_seconds", "Time since the health report was last known to be right.", "zone"),
		memory:     describe("module_memory_bytes", "Linear memory of all instances; they share what they do not change.", "zone"),
		instances:  describe("module_instances", "Instances that can answer.", "zone"),
		recordSets: describe("record_sets", "Record sets of the zone.", "zone"),
		check: describe("health_check_healthy", "Whether a health check counts as healthy here, after Disabled and Inverted.",
			"zone", "health_check"),
	}
	prometheus.MustRegister(c)
	return c
}

func (c *collector) add(p *Pointsman) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.plugins[p] = struct{}{}
}

func (c *collector) remove(p *Pointsman) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	delete(c.plugins, p)
}

// any reports whether a plugin runs, and so may be answering queries.
func (c *collector) any() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.plugins) > 0
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, description := range []*prometheus.Desc{c.age, c.memory, c.instances, c.recordSets, c.check} {
		to <- description
	}
}

// Collect implements prometheus.Collector. A zone that several server blocks serve is reported once.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	done := make(map[string]bool)
	for p := range c.plugins {
		for _, z := range p.zones {
			if done[z.origin] {
				continue
			}
			done[z.origin] = true
			gauge := func(description *prometheus.Desc, value float64, labels ...string) {
				labels = append([]string{z.origin}, labels...)
				to <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value, labels...)
			}
			g := z.current.Load()
			memory, instances := g.memory()
			gauge(c.age, p.health.viewAge().Seconds())
			gauge(c.memory, float64(memory))
			gauge(c.instances, float64(instances))
			gauge(c.recordSets, float64(g.zone.RecordSets))
			for id, isHealthy := range g.healthChecks() {
				value := 0.0
				if isHealthy {
					value = 1
				}
				gauge(c.check, value, id)
			}
		}
	}
}
