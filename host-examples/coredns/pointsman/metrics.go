package pointsman

import (
	"sync"

	"github.com/coredns/coredns/plugin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

func counterOpts(name, help string) prometheus.CounterOpts {
	return prometheus.CounterOpts{Namespace: plugin.Namespace, Subsystem: pluginName, Name: name, Help: help}
}

var (
	answersTotal = promauto.NewCounterVec(
		counterOpts("answers_total", "Answers by zone, policy, path of SetIdentifiers, and whether something failed open."),
		[]string{"zone", "policy", "set_identifier", "fail_open"})
	negativeTotal = promauto.NewCounterVec(
		counterOpts("negative_answers_total", "Answers without records, by zone and kind: NODATA or NXDOMAIN."),
		[]string{"zone", "kind"})
	trapsTotal = promauto.NewCounterVec(
		counterOpts("module_traps_total", "Queries that the module trapped on; its instance was replaced."), []string{"zone"})
	notReadyTotal = promauto.NewCounterVec(
		counterOpts("not_ready_total", "Queries that got SERVFAIL, since health was too old to answer by."), []string{"zone"})
	zoneReloads = promauto.NewCounterVec(
		counterOpts("zone_reloads_total", "Changed zone files that were taken up."), []string{"zone"})
	zoneReloadFailures = promauto.NewCounterVec(
		counterOpts("zone_reload_failures_total", "Changed zone files that could not be loaded."), []string{"zone"})
	reloadFailures = promauto.NewCounterVec(
		counterOpts("reload_failures_total", "Changed files of health or locations that could not be loaded."), []string{"file"})
	feedFailures = promauto.NewCounter(
		counterOpts("feed_failures_total", "Polls of the feed that failed, and events that were no reports."))
	feedConnected = promauto.NewGauge(prometheus.GaugeOpts{Namespace: plugin.Namespace, Subsystem: pluginName,
		Name: "feed_connected", Help: "Whether the stream of the feed is connected."})
)

func init() {
	// There from the start, so that a first failure is a rise.
	for _, file := range []string{"health", "mmdb"} {
		reloadFailures.WithLabelValues(file)
	}
}

// zoneMetrics are the counters of one zone.
type zoneMetrics struct {
	traps, notReady, reloads, reloadFailures, noData, nxDomain prometheus.Counter
}

func metricsOf(origin string) *zoneMetrics {
	return &zoneMetrics{
		traps:          trapsTotal.WithLabelValues(origin),
		notReady:       notReadyTotal.WithLabelValues(origin),
		reloads:        zoneReloads.WithLabelValues(origin),
		reloadFailures: zoneReloadFailures.WithLabelValues(origin),
		noData:         negativeTotal.WithLabelValues(origin, "NODATA"),
		nxDomain:       negativeTotal.WithLabelValues(origin, "NXDOMAIN"),
	}
}

// collector tells of the plugins that run, when it is asked.
type collector struct {
	mutex   sync.Mutex
	plugins map[*Pointsman]struct{}

	age, memory, instances, recordSets *prometheus.Desc
}

var watched = newCollector()

func newCollector() *collector {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(plugin.Namespace, pluginName, name), help, labels, nil)
	}
	c := &collector{
		plugins:    make(map[*Pointsman]struct{}),
		age:        describe("view_age_seconds", "Time since the health report was last known to be right.", "zone"),
		memory:     describe("module_memory_bytes", "Linear memory of all instances.", "zone"),
		instances:  describe("module_instances", "Instances that can answer.", "zone"),
		recordSets: describe("record_sets", "Record sets of the zone.", "zone"),
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

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, description := range []*prometheus.Desc{c.age, c.memory, c.instances, c.recordSets} {
		to <- description
	}
}

// Collect implements prometheus.Collector. A zone that several server blocks serve is told of once.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	told := make(map[string]bool)
	for p := range c.plugins {
		for _, z := range p.zones {
			if told[z.origin] {
				continue
			}
			told[z.origin] = true
			gauge := func(description *prometheus.Desc, value float64) {
				to <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value, z.origin)
			}
			g := z.current.Load()
			memory, instances := g.memory()
			gauge(c.age, p.health.viewAge().Seconds())
			gauge(c.memory, float64(memory))
			gauge(c.instances, float64(instances))
			gauge(c.recordSets, float64(g.zone.RecordSets))
		}
	}
}
