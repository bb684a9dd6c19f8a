package pointsman

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// spread brings a report or changes to the zones; an error means that the text is no report.
type spread func(text string, whole bool) error

// health is the last report, where it comes from, and how old it is.
type health struct {
	config  config
	watcher fileWatcher
	context context.Context
	cancel  context.CancelFunc

	mutex sync.Mutex
	// The whole report, kept by id so that changes can be joined to it.
	checks, targets map[string]json.RawMessage
	text            string
	reported        bool
	heard           time.Time // when the report was last known to be right
	timed           bool      // whether the report says when it was made; else it is older than any limit (10.50)
	dropped         bool      // too old, and taken as no data
	// heard for those who cannot wait for the mutex, in nanoseconds since 1970; 0 while there is nothing that is timed.
	since atomic.Int64
}

func newHealth(c config) *health {
	h := &health{config: c, watcher: fileWatcher{files: []string{c.healthFile}}, heard: time.Now()}
	h.context, h.cancel = context.WithCancel(context.Background())
	return h
}

func (h *health) stop() { h.cancel() }

// start reads the health file, before there are zones.
func (h *health) start() error {
	if h.config.healthFile == "" {
		return nil
	}
	h.watcher.changed()
	text, modified, err := readReport(h.config.healthFile)
	if err != nil {
		return fmt.Errorf("cannot read the health report: %w", err)
	}
	checks, targets, made, err := split([]byte(text))
	if err != nil {
		return fmt.Errorf("%s is not a health report: %w", h.config.healthFile, err)
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.keep(checks, targets, orElse(made, modified), !made.IsZero())
	return nil
}

func readReport(file string) (string, time.Time, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", time.Time{}, err
	}
	text, err := os.ReadFile(file)
	return string(text), info.ModTime(), err
}

// split reads a report; the time is that of the report itself, and zero where it does not say.
func split(text []byte) (checks, targets map[string]json.RawMessage, made time.Time, err error) {
	var report struct {
		HealthChecks map[string]json.RawMessage
		AliasTargets map[string]json.RawMessage
		Time         json.RawMessage
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return nil, nil, made, err
	}
	if report.HealthChecks == nil && report.AliasTargets == nil {
		return nil, nil, made, fmt.Errorf("it has neither HealthChecks nor AliasTargets")
	}
	if json.Unmarshal(report.Time, &made) != nil {
		made = time.Time{}
	}
	return report.HealthChecks, report.AliasTargets, made, nil
}

// orElse is the time that a report gives itself, else when it was heard of. Clocks may differ: no report is of the future.
func orElse(made, heard time.Time) time.Time {
	if made.IsZero() || made.After(time.Now()) {
		return heard
	}
	return made
}

func join(checks, targets map[string]json.RawMessage) string {
	text, err := json.Marshal(map[string]map[string]json.RawMessage{
		"HealthChecks": orEmpty(checks), "AliasTargets": orEmpty(targets),
	})
	if err != nil {
		return ""
	}
	return string(text)
}

func orEmpty(m map[string]json.RawMessage) map[string]json.RawMessage {
	if m == nil {
		return map[string]json.RawMessage{}
	}
	return m
}

// keep makes this the report. The caller holds the mutex.
func (h *health) keep(checks, targets map[string]json.RawMessage, heard time.Time, timed bool) {
	h.checks, h.targets = checks, targets
	h.text = join(checks, targets)
	h.reported, h.dropped = true, false
	h.hear(heard, timed)
}

// hear says since when the report is known to be right. The caller holds the mutex.
func (h *health) hear(heard time.Time, timed bool) {
	h.heard, h.timed = heard, timed
	since := int64(0)
	if h.reported && timed {
		since = heard.UnixNano()
	}
	h.since.Store(since)
}

// tooOld tells whether there is no report that max_age lets count.
func (h *health) tooOld() bool {
	since := h.since.Load()
	return h.config.maxAge > 0 && (since == 0 || time.Since(time.Unix(0, since)) > h.config.maxAge)
}

// report is the whole report as it counts now; empty for no data.
func (h *health) report() string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.effective()
}

func (h *health) effective() string {
	if h.dropped {
		return ""
	}
	return h.text
}

// hold keeps health from changing while something is put in force.
func (h *health) hold(work func(report string)) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	work(h.effective())
}

func (h *health) hasReport() bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.reported
}

// viewAge is the time since the report was last known to be right.
func (h *health) viewAge() time.Duration {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return time.Since(h.heard)
}

// confirm says that the report still holds.
func (h *health) confirm(spread spread) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.hear(time.Now(), h.timed)
	if h.dropped && !h.tooOld() {
		h.dropped = false
		if err := spread(h.text, true); err != nil {
			log.Errorf("Health: %v", err)
		}
	}
}

// take puts a report, or changes to the last one, in force. What is no report changes nothing.
func (h *health) take(text []byte, whole bool, heard time.Time, spread spread) error {
	checks, targets, made, err := split(text)
	if err != nil {
		return err
	}
	heard, timed := orElse(made, heard), !made.IsZero()
	h.mutex.Lock()
	defer h.mutex.Unlock()
	toSpread, allAtOnce := join(checks, targets), whole
	if !whole {
		timed = timed || h.timed // of the whole, a change tells nothing new
		checks, targets = merged(h.checks, checks), merged(h.targets, targets)
		if h.dropped {
			toSpread, allAtOnce = join(checks, targets), true
		}
	}
	if whole && !h.dropped && h.reported && toSpread == h.text {
		h.hear(heard, timed) // nothing else changed
		return nil
	}
	// Zones hold mutexes of their own and ask for the report only when they replace an instance, in a goroutine.
	if err := spread(toSpread, allAtOnce); err != nil {
		return err
	}
	h.keep(checks, targets, heard, timed)
	if h.config.whenOld == noData && h.tooOld() {
		h.drop(spread)
	}
	return nil
}

func merged(old, changes map[string]json.RawMessage) map[string]json.RawMessage {
	all := maps.Clone(old)
	if all == nil {
		all = make(map[string]json.RawMessage, len(changes))
	}
	maps.Copy(all, changes)
	return all
}

// lookAtFile takes the health file up when it changed.
func (h *health) lookAtFile(spread spread) {
	if !h.watcher.changed() {
		return
	}
	text, modified, err := readReport(h.config.healthFile)
	if err == nil {
		err = h.take([]byte(text), true, modified, spread)
	}
	if err != nil {
		reloadFailures.WithLabelValues("health").Inc()
		log.Errorf("Health stays as it was: %s: %v", h.config.healthFile, firstLine(err))
		return
	}
	log.Infof("Health report %s taken up", h.config.healthFile)
}

// age drops a report that became too old, until it is confirmed or a new one comes.
func (h *health) age(stop <-chan struct{}, spread spread) {
	ticker := time.NewTicker(max(h.config.maxAge/10, 50*time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		h.mutex.Lock()
		if h.reported && !h.dropped && h.tooOld() {
			h.drop(spread)
		}
		h.mutex.Unlock()
	}
}

// drop takes the report as no data. The caller holds the mutex.
func (h *health) drop(spread spread) {
	log.Warningf("The health report is older than %v, or does not say when it was made: its checks have no data from now on", h.config.maxAge)
	h.dropped = true
	if err := spread("", true); err != nil {
		log.Errorf("Health: %v", err)
	}
}
