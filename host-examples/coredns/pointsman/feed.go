package pointsman

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// maxReport is the longest report that is read.
	maxReport = 64 << 20
	// pollEvery is how often the whole report is asked for, with or without a stream: it shows that the report still holds.
	pollEvery = 10 * time.Second
	// pollTimeout is for one poll, and for a stream's response to begin.
	pollTimeout = 5 * time.Second
	// aliveEvery is how often a watch says on its stream that nothing changed; after three times without a byte it is taken
	// for dead.
	aliveEvery = 5 * time.Second
	retryMin   = 200 * time.Millisecond
	retryMax   = 10 * time.Second
)

// watchMark says which report of which run of which watch something is about.
type watchMark struct {
	ID       string `json:"Id"`
	Run      string
	Sequence uint64
	Zone     string
}

// sameRun reports whether two marks are of one run of one watch.
func (m *watchMark) sameRun(other *watchMark) bool {
	if m == nil || other == nil {
		return m == other
	}
	return m.ID == other.ID && m.Run == other.Run
}

func (m *watchMark) same(other *watchMark) bool {
	return m.sameRun(other) && (m == nil || m.Sequence == other.Sequence)
}

func (m *watchMark) String() string {
	if m == nil {
		return "a watch without a name"
	}
	return fmt.Sprintf("watch %s, run %s", m.ID, m.Run)
}

// feedClient follows one of several feeds of `pointsman watch` at a time. It is bound to the watch whose report it took:
// only that run of it can confirm or change the report, so that the feeds may stand behind a balancer.
type feedClient struct {
	health    *health
	addresses []string
	at        int // the address that is followed
	apply     applyFunc
	client    *http.Client
	idle      time.Duration
	poll      time.Duration
	timeout   time.Duration

	bound      *watchMark // of the report in force; nil for feeds that do not say
	hasReport  bool
	confirmed  time.Time // when the report was last taken or confirmed
	etag       string    // of the report in force, where it was polled
	streamHeld bool      // the report in force came by the stream that is connected
}

func newFeedClient(h *health, addresses []string, apply applyFunc) *feedClient {
	f := &feedClient{health: h, addresses: addresses, apply: apply, idle: 3 * aliveEvery, poll: pollEvery, timeout: pollTimeout}
	if maxAge := h.config.maxAge; maxAge > 0 {
		// Short enough that a live feed never looks too old.
		f.poll = min(f.poll, max(maxAge/3, 50*time.Millisecond))
		f.timeout = min(f.timeout, max(maxAge/3, time.Second))
	}
	f.client = &http.Client{}
	return f
}

// follow keeps the report up to date until the plugin stops. When a feed fails or falls silent, the next address is
// tried; after a round without success there are pauses, which grow and differ from host to host.
func (f *feedClient) follow() {
	ctx := f.health.context
	failures := 0
	for ctx.Err() == nil {
		start := time.Now()
		address := f.addresses[f.at]
		err := f.session(ctx, address)
		feedConnected.Set(0)
		f.streamHeld = false
		if ctx.Err() != nil {
			return
		}
		if time.Since(start) > retryMax {
			failures = 0
		}
		var again *errAgain
		if errors.As(err, &again) {
			// The feed lives, and its stream begins with the whole report.
			log.Warningf("Feed %s: %v; the stream is opened again", address, err)
		} else {
			feedFailures.Inc()
			f.at = (f.at + 1) % len(f.addresses)
			next := ""
			if len(f.addresses) > 1 {
				next = fmt.Sprintf("; next is %s", f.addresses[f.at])
			}
			log.Warningf("Feed %s: %v; answers go on with the last report%s", address, err, next)
		}
		failures++
		select {
		case <-ctx.Done():
			return
		case <-time.After(f.pause(failures)):
		}
	}
}

// pause is how long to wait after so many failures in a row: not at all while there are addresses that were not tried,
// then longer and longer, up to retryMax. Half of it is random, so that hosts do not come back all at once.
func (f *feedClient) pause(failures int) time.Duration {
	return pauseAfter(failures, len(f.addresses))
}

func pauseAfter(failures, addresses int) time.Duration {
	if failures < addresses {
		return 0
	}
	whole := retryMax
	if shift := failures - addresses; shift < 6 {
		whole = min(retryMin<<shift, retryMax)
	}
	return whole/2 + rand.N(whole/2+1)
}

// errAgain asks for the stream to be opened again: what came does not fit the report in force.
type errAgain struct{ why string }

func (e *errAgain) Error() string { return e.why }

// event is one server-sent event; one without a name and data is a comment, or the stream's beginning.
type event struct {
	name string
	data []byte
}

// session follows one address until it fails.
func (f *feedClient) session(ctx context.Context, address string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events := make(chan event, 64)
	ended := make(chan error, 1)
	go func() { ended <- f.stream(ctx, address, events) }()
	polls := time.NewTicker(f.poll)
	defer polls.Stop()
	silence := time.NewTimer(f.idle)
	defer silence.Stop()
	// The stream begins with the whole report. A feed that does not do that is asked for it soon.
	first := time.NewTimer(min(f.timeout/5, f.poll))
	defer first.Stop()
	isStreaming, hasStream := false, true
	for {
		var poll bool
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			if !errors.Is(err, errNoStream) {
				return errors.Join(f.drain(events, address), err)
			}
			hasStream, poll = false, true // polling is the fallback
			silence.Stop()
		case <-silence.C:
			return fmt.Errorf("nothing came for %v", f.idle)
		case <-first.C:
			poll = !f.streamHeld
		case <-polls.C:
			poll = true
		case e := <-events:
			if hasStream {
				silence.Reset(f.idle)
			}
			if !isStreaming {
				isStreaming = true
				feedConnected.Set(1)
			}
			if err := f.handle(e, address); err != nil {
				return err
			}
		}
		if !poll {
			continue
		}
		if err := f.pollOnce(ctx, address); err != nil && ctx.Err() == nil {
			var notReport *errNotReport
			if !errors.As(err, &notReport) && len(events) == 0 {
				return err // neither polls nor the stream
			}
			feedFailures.Inc()
			log.Warningf("Feed %s: %v; answers go on with the last report", address, err)
		}
	}
}

// drain takes up what came before the stream ended.
func (f *feedClient) drain(events <-chan event, address string) error {
	for {
		select {
		case e := <-events:
			if err := f.handle(e, address); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// path returns the URL of a part of the feed. An address may name one zone of a watch that has several:
// http://HOST/v1/zones/example.com.
func path(address, part string) string {
	base := strings.TrimSuffix(address, "/")
	if parsed, err := url.Parse(base); err == nil && strings.HasPrefix(parsed.Path, "/v1/zones/") {
		return base + part
	}
	return base + "/v1" + part
}

func (f *feedClient) get(ctx context.Context, address string, header http.Header) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header = header
	return f.client.Do(request)
}

// errNotReport says that something else than a report came; the connection is fine.
type errNotReport struct{ cause error }

func (e *errNotReport) Error() string { return "this is not a health report: " + firstLine(e.cause) }

// pollOnce asks for the whole report, unless it is the one that is known.
func (f *feedClient) pollOnce(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	header := http.Header{"Accept": {"application/json"}}
	if f.etag != "" {
		header.Set("If-None-Match", f.etag)
	}
	response, err := f.get(ctx, path(address, "/health"), header)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusNotModified:
		f.confirm()
		return nil
	case http.StatusOK:
	default:
		return fmt.Errorf("GET %s: %s", path(address, "/health"), response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxReport))
	if err != nil {
		return err
	}
	r, err := parseReport(text)
	if err != nil {
		return &errNotReport{err}
	}
	if f.hasReport && r.mark != nil && f.bound.same(r.mark) {
		// The report in force once more. Its time counts, not this moment: whatever stands between may have kept it.
		f.confirmed = time.Now()
		f.health.advance(r.made, f.apply)
		f.etag = response.Header.Get("ETag")
		return nil
	}
	if !f.mayTake(r.mark) {
		return nil
	}
	if err := f.take(r, true, address); err != nil {
		return err
	}
	f.etag = response.Header.Get("ETag")
	return nil
}

// mayTake decides about a polled report. One of another watch, or of an earlier moment, counts only when nothing has
// confirmed the report in force for a while: behind a balancer each poll may reach another watch.
func (f *feedClient) mayTake(mark *watchMark) bool {
	if !f.hasReport || f.bound == nil && mark == nil {
		return true
	}
	if f.bound.sameRun(mark) {
		return mark.Sequence >= f.bound.Sequence
	}
	return !f.streamHeld && time.Since(f.confirmed) > min(f.idle, 3*f.poll)
}

// take puts a report or changes in force, and says so when they are of another watch than before.
func (f *feedClient) take(r report, whole bool, address string) error {
	if err := f.health.take(r, whole, time.Now(), address, f.apply); err != nil {
		return &errNotReport{err}
	}
	if f.hasReport && !f.bound.sameRun(r.mark) {
		feedChanges.Inc()
		log.Warningf("Health is now by %v at %s; it was by %v", r.mark, address, f.bound)
	} else if !f.hasReport && r.mark != nil {
		log.Infof("Health is by %v at %s", r.mark, address)
	}
	f.bound, f.hasReport, f.confirmed, f.etag = r.mark, true, time.Now(), ""
	return nil
}

func (f *feedClient) confirm() {
	f.confirmed = time.Now()
	f.health.confirm(f.apply)
}

// errNoStream says that the address has no stream, so that polling has to do.
var errNoStream = errors.New("there is no stream")

// stream passes events on until the connection ends.
func (f *feedClient) stream(ctx context.Context, address string, events chan<- event) error {
	// The time-out is for the response to begin: what comes then may take as long as it likes, and session watches for it.
	begin, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(f.timeout, func() { cancel(fmt.Errorf("no response within %v", f.timeout)) })
	response, err := f.get(begin, path(address, "/health/stream"), http.Header{"Accept": {"text/event-stream"}})
	if !late.Stop() && err != nil {
		return context.Cause(begin)
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return errNoStream
	default:
		return fmt.Errorf("GET %s: %s", path(address, "/health/stream"), response.Status)
	}
	send := func(e event) {
		select {
		case events <- e:
		case <-ctx.Done():
		}
	}
	send(event{})
	if err := readEvents(response.Body, send); err != nil {
		return err
	}
	return errors.New("the other side closed the stream")
}

// readEvents reads server-sent events until the reader ends, and passes each on; comments too, since they show that the
// feed is alive.
func readEvents(stream io.Reader, send func(event)) error {
	lines := bufio.NewScanner(stream)
	lines.Buffer(make([]byte, 64<<10), maxReport)
	var name string
	var data bytes.Buffer
	for lines.Scan() {
		line := lines.Text()
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if data.Len() > 0 {
				send(event{name, bytes.Clone(data.Bytes())})
			}
			name = ""
			data.Reset()
		case field == "event":
			name = value
		case field == "data":
			if data.Len() > 0 {
				data.WriteByte('\n')
			}
			data.WriteString(value)
		case field == "":
			send(event{name: "comment"}) // the feed is alive
		}
	}
	return lines.Err()
}

// handle takes one event up: `report` is the whole of it, `alive` says that it still holds, and any other changes it.
// Nonsense is counted and dropped; what belongs to another report than the one in force asks for a new stream.
func (f *feedClient) handle(e event, address string) error {
	err := f.handleEvent(e, address)
	var notReport *errNotReport
	if errors.As(err, &notReport) {
		feedFailures.Inc()
		log.Warningf("Feed %s: an event is dropped: %v", address, err)
		return nil
	}
	return err
}

func (f *feedClient) handleEvent(e event, address string) error {
	switch e.name {
	case "comment":
		// It says nothing of which report it is about.
		if f.hasReport && f.bound == nil {
			f.confirm()
		}
		return nil
	case "alive":
		var alive struct{ Watch *watchMark }
		if err := json.Unmarshal(e.data, &alive); err != nil && f.bound != nil {
			return &errNotReport{err}
		}
		switch {
		case !f.hasReport:
			return nil
		case f.bound.same(alive.Watch):
			f.confirm()
			return nil
		case f.bound.sameRun(alive.Watch):
			return &errAgain{fmt.Sprintf("a change was missed: the watch is at %d, this host at %d", alive.Watch.Sequence, f.bound.Sequence)}
		}
		return &errAgain{fmt.Sprintf("%v says that it is alive, and the report is by %v", alive.Watch, f.bound)}
	}
	if e.data == nil {
		return nil
	}
	r, err := parseReport(e.data)
	if err != nil {
		return &errNotReport{err}
	}
	whole := e.name == "report"
	if !whole && r.mark != nil {
		switch {
		case !f.bound.sameRun(r.mark):
			return &errAgain{fmt.Sprintf("a change by %v, and the report is by %v", r.mark, f.bound)}
		case r.mark.Sequence != f.bound.Sequence+1:
			return &errAgain{fmt.Sprintf("change %d came after %d", r.mark.Sequence, f.bound.Sequence)}
		}
	}
	if !whole && r.mark == nil && f.bound != nil {
		return &errAgain{fmt.Sprintf("a change without a mark, and the report is by %v", f.bound)}
	}
	if err := f.take(r, whole, address); err != nil {
		return err
	}
	f.streamHeld = true
	return nil
}
