package pointsman

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// warnAge is how old a first report may be before the log says so, where there is no max_age.
const warnAge = 5 * time.Minute

// applyFunc brings a report or changes to the zones; an error means that the text is no report.
type applyFunc func(text string, whole bool) error

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
	confirmed       time.Time // when the report was last known to be right
	timed           bool      // whether the report says when it was made; else it is older than any limit (10.50)
	dropped         bool      // too old, and taken as no data
	// confirmed for those who cannot wait for the mutex, in nanoseconds since 1970; 0 while there is nothing that is timed.
	since atomic.Int64
}

// report is what is read of a health report.
type report struct {
	checks, targets map[string]json.RawMessage
	made            time.Time // zero where it does not say
	mark            *watchMark
}

func newHealth(c config) *health {
	h := &health{config: c, watcher: fileWatcher{files: []string{c.healthFile}}, confirmed: time.Now()}
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
	text, modified, err := readReportFile(h.config.healthFile)
	if err != nil {
		return fmt.Errorf("cannot read the health report: %w", err)
	}
	r, err := parseReport([]byte(text))
	if err != nil {
		return fmt.Errorf("%s is not a health report: %w", h.config.healthFile, err)
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.warnIfOld(r, h.config.healthFile)
	h.keep(r.checks, r.targets, madeOr(r.made, modified), !r.made.IsZero())
	return nil
}

func readReportFile(file string) (string, time.Time, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", time.Time{}, err
	}
	text, err := os.ReadFile(file)
	return string(text), info.ModTime(), err
}

// parseReport reads a report's outline; what its statuses mean is for the module.
func parseReport(text []byte) (report, error) {
	var r report
	// By their exact names: encoding/json takes any case for struct fields.
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return r, err
	}
	_, hasChecks := members["HealthChecks"]
	_, hasTargets := members["AliasTargets"]
	list, isList := members["healthChecks"]
	if !hasChecks && !hasTargets && !isList {
		return r, errors.New("it says nothing of health: it has neither HealthChecks nor AliasTargets")
	}
	for name, to := range map[string]any{"HealthChecks": &r.checks, "AliasTargets": &r.targets, "Watch": &r.mark} {
		if member, isThere := members[name]; isThere {
			if err := json.Unmarshal(member, to); err != nil {
				return r, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if isList {
		if err := r.addRegionSwitch(list); err != nil {
			return r, err
		}
	}
	if made, isThere := members["Time"]; isThere && json.Unmarshal(made, &r.made) != nil {
		r.made = time.Time{}
	}
	return r, nil
}

// addRegionSwitch adds the list that `aws arc-region-switch list-route53-health-checks` prints.
func (r *report) addRegionSwitch(list json.RawMessage) error {
	var elements []struct {
		ID     string `json:"healthCheckId"`
		Status string `json:"status"`
	}
	if err := json.Unmarshal(list, &elements); err != nil {
		return fmt.Errorf("healthChecks: %w", err)
	}
	if r.checks == nil {
		r.checks = make(map[string]json.RawMessage)
	}
	for _, element := range elements {
		if element.ID == "" || element.Status == "" || element.Status == "unknown" {
			continue // no data
		}
		status, err := json.Marshal(element.Status)
		if err != nil {
			return err
		}
		r.checks[element.ID] = status
	}
	return nil
}

// madeOr returns the time that a report gives itself, else another. Clocks may differ: no report is of the future.
func madeOr(made, otherwise time.Time) time.Time {
	if made.IsZero() || made.After(time.Now()) {
		return otherwise
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

// warnIfOld says so when a report that begins to count is an old one, whatever becomes of it.
func (h *health) warnIfOld(r report, from string) {
	limit := h.config.maxAge
	if limit == 0 {
		limit = warnAge
	}
	if age := time.Since(r.made); !r.made.IsZero() && age > limit {
		log.Warningf("The health report of %s was made %v ago", from, age.Round(time.Second))
	}
}

// keep makes this the report. The caller holds the mutex.
func (h *health) keep(checks, targets map[string]json.RawMessage, confirmed time.Time, timed bool) {
	h.checks, h.targets = checks, targets
	h.text = join(checks, targets)
	h.reported, h.dropped = true, false
	h.setConfirmed(confirmed, timed)
}

// setConfirmed says since when the report is known to be right. The caller holds the mutex.
func (h *health) setConfirmed(confirmed time.Time, timed bool) {
	h.confirmed, h.timed = confirmed, timed
	since := int64(0)
	if h.reported && timed {
		since = confirmed.UnixNano()
	}
	h.since.Store(since)
}

// tooOld reports whether there is no report that max_age lets count.
func (h *health) tooOld() bool {
	since := h.since.Load()
	return h.config.maxAge > 0 && (since == 0 || time.Since(time.Unix(0, since)) > h.config.maxAge)
}

// report returns the whole report as it counts now; empty for no data.
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
	return time.Since(h.confirmed)
}

// confirm says that the report still holds.
func (h *health) confirm(apply applyFunc) { h.advance(time.Now(), apply) }

// advance says that the report held at a time, unless it is known to have held later.
func (h *health) advance(to time.Time, apply applyFunc) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if now := time.Now(); to.After(now) {
		to = now
	}
	if to.After(h.confirmed) {
		h.setConfirmed(to, h.timed)
	}
	if h.dropped && !h.tooOld() {
		h.dropped = false
		if err := apply(h.text, true); err != nil {
			log.Errorf("Health: %v", err)
		}
	}
}

// take puts a report, or changes to the last one, in force. What is no report changes nothing.
func (h *health) take(r report, whole bool, seen time.Time, from string, apply applyFunc) error {
	confirmed, timed := madeOr(r.made, seen), !r.made.IsZero()
	h.mutex.Lock()
	defer h.mutex.Unlock()
	checks, targets := r.checks, r.targets
	toApply, allAtOnce := join(checks, targets), whole
	if !whole {
		timed = timed || h.timed // of the whole, a change tells nothing new
		checks, targets = merged(h.checks, checks), merged(h.targets, targets)
		if h.dropped {
			toApply, allAtOnce = join(checks, targets), true
		}
	}
	if whole && !h.dropped && h.reported && toApply == h.text {
		h.setConfirmed(confirmed, timed) // nothing else changed
		return nil
	}
	// Zones hold mutexes of their own and ask for the report only when they replace an instance, in a goroutine.
	if err := apply(toApply, allAtOnce); err != nil {
		return err
	}
	if !h.reported {
		h.warnIfOld(r, from)
	}
	h.keep(checks, targets, confirmed, timed)
	if h.config.whenOld == noData && h.tooOld() {
		h.drop(apply)
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

// checkFile takes the health file up when it changed.
func (h *health) checkFile(apply applyFunc) {
	if !h.watcher.changed() {
		return
	}
	text, modified, err := readReportFile(h.config.healthFile)
	var r report
	if err == nil {
		r, err = parseReport([]byte(text))
	}
	if err == nil {
		err = h.take(r, true, modified, h.config.healthFile, apply)
	}
	if err != nil {
		reloadFailures.WithLabelValues("health").Inc()
		log.Errorf("Health stays as it was: %s: %v", h.config.healthFile, firstLine(err))
		return
	}
	log.Infof("Health report %s taken up", h.config.healthFile)
}

// watchAge drops a report that became too old, until it is confirmed or a new one comes.
func (h *health) watchAge(stop <-chan struct{}, apply applyFunc) {
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
			h.drop(apply)
		}
		h.mutex.Unlock()
	}
}

// drop takes the report as no data. The caller holds the mutex.
func (h *health) drop(apply applyFunc) {
	log.Warningf("The health report is older than %v, or does not say when it was made: its checks have no data from now on", h.config.maxAge)
	h.dropped = true
	if err := apply("", true); err != nil {
		log.Errorf("Health: %v", err)
	}
}
