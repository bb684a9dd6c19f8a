package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// markedFeed is a watch that marks what it says, as `pointsman watch` does: the stream begins with the whole report.
type markedFeed struct {
	*httptest.Server
	mutex    sync.Mutex
	id, run  string
	sequence int
	report   string // without the mark
	made     func() time.Time
	hung     chan struct{} // closed when nothing comes any more
	noStream bool
	streams  map[chan string]struct{}
	opened   int
}

func newMarkedFeed(id, run, report string) *markedFeed {
	f := &markedFeed{id: id, run: run, sequence: 1, report: report, made: time.Now, hung: make(chan struct{}), streams: make(map[chan string]struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/health", func(w http.ResponseWriter, r *http.Request) {
		if f.isHung() {
			<-r.Context().Done()
			return
		}
		_, _ = io.WriteString(w, f.whole())
	})
	mux.HandleFunc("GET /v1/health/stream", func(w http.ResponseWriter, r *http.Request) {
		if f.noStream {
			http.NotFound(w, r)
			return
		}
		if f.isHung() {
			<-r.Context().Done()
			return
		}
		events := make(chan string, 64)
		f.mutex.Lock()
		f.streams[events] = struct{}{}
		f.opened++
		f.mutex.Unlock()
		defer func() {
			f.mutex.Lock()
			delete(f.streams, events)
			f.mutex.Unlock()
		}()
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "event: report\ndata: "+f.whole()+"\n\n")
		_ = http.NewResponseController(w).Flush()
		for {
			select {
			case <-r.Context().Done():
				return
			case event := <-events:
				if f.isHung() {
					continue
				}
				_, _ = io.WriteString(w, event)
				_ = http.NewResponseController(w).Flush()
			}
		}
	})
	f.Server = httptest.NewServer(mux)
	return f
}

func (f *markedFeed) isHung() bool {
	select {
	case <-f.hung:
		return true
	default:
		return false
	}
}

func (f *markedFeed) mark() string {
	return fmt.Sprintf(`"Watch": {"Id": %q, "Run": %q, "Sequence": %d, "Zone": "example.com."}`, f.id, f.run, f.sequence)
}

func (f *markedFeed) whole() string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return strings.Replace(made(f.report, f.made()), "{", "{"+f.mark()+", ", 1)
}

// send writes an event to every stream.
func (f *markedFeed) send(name, data string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for events := range f.streams {
		events <- "event: " + name + "\ndata: " + data + "\n\n"
	}
}

func (f *markedFeed) streamsOpened() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.opened
}

// Close ends the feed as a crash would.
func (f *markedFeed) Close() {
	_ = f.Listener.Close()
	f.CloseClientConnections()
	go f.Server.Close()
}

// serveFeeds serves the zone of the tests by the health of these feeds.
func serveFeeds(t *testing.T, properties string, feeds ...string) *host {
	t.Helper()
	return serve(t, "        zone zone.json\n        health feed "+strings.Join(feeds, " ")+"\n"+properties, "", "",
		map[string]string{"zone.json": testdata(t, "zone.json")})
}

// TestFeedHangs follows a watch that stops as under SIGSTOP: its connections stay open, and nothing comes. The next feed
// takes over; so it does when that one crashes.
func TestFeedHangs(t *testing.T) {
	one, two := newMarkedFeed("one", "1", bothUp), newMarkedFeed("two", "2", oneDown)
	defer two.Close()
	h := serveFeeds(t, "        max_age 6s not-ready", one.URL, two.URL)
	eventually(t, "the first feed", 20*time.Second, func() bool { return h.first(fail) == "198.51.100.10" })
	close(one.hung)
	took := eventually(t, "the second feed", 20*time.Second, func() bool { return h.first(fail) == "198.51.100.20" })
	t.Logf("the second feed counts %v after the first one hung", took)
	if h.metric("coredns_pointsman_feed_failures_total") < 1 || h.metric("coredns_pointsman_feed_watch_changes_total") != 1 {
		t.Error("neither the failure nor the change of the watch is counted")
	}
	if output := h.Output(); !strings.Contains(output, "next is "+two.URL) || !strings.Contains(output, "Health is now by watch two, run 2") {
		t.Error("the log does not say what happened")
	}
	two.Close()
	one.Close()
	three := newMarkedFeed("one", "3", bothUp)
	defer three.Close()
	eventually(t, "nothing is left", 30*time.Second, func() bool { return h.first(fail) == "SERVFAIL" })
}

// TestAliveOfAnotherWatch reaches a frozen watch and a live one behind one address: what the live one says of itself must
// not keep the frozen one's report young.
func TestAliveOfAnotherWatch(t *testing.T) {
	f := newMarkedFeed("frozen", "1", oneDown)
	defer f.Close()
	start := time.Now()
	f.made = func() time.Time { return start }
	h := serveFeeds(t, "        max_age 3s not-ready", f.URL)
	eventually(t, "its report", 20*time.Second, func() bool { return h.first(fail) == "198.51.100.20" })
	stop := time.NewTicker(100 * time.Millisecond)
	defer stop.Stop()
	deadline := time.After(30 * time.Second)
	for h.first(fail) != "SERVFAIL" {
		select {
		case <-deadline:
			t.Fatal("the report stayed young")
		case <-stop.C:
			f.send("alive", `{"Time": "2026-01-01T00:00:00Z", "Watch": {"Id": "alive", "Run": "2", "Sequence": 1, "Zone": "example.com."}}`)
			f.send("alive", `{"Time": "2026-01-01T00:00:00Z", "Watch": {"Id": "frozen", "Run": "1", "Sequence": 7, "Zone": "example.com."}}`)
			f.send("alive", `{"Time": "2026-01-01T00:00:00Z"}`)
		}
	}
}

// TestAlive keeps a report young by the events of the watch that made it.
func TestAlive(t *testing.T) {
	f := newMarkedFeed("one", "1", oneDown)
	defer f.Close()
	start := time.Now()
	f.made = func() time.Time { return start }
	h := serveFeeds(t, "        max_age 3s not-ready", f.URL)
	eventually(t, "its report", 20*time.Second, func() bool { return h.first(fail) == "198.51.100.20" })
	for time.Since(start) < 6*time.Second {
		f.send("alive", `{"Watch": {"Id": "one", "Run": "1", "Sequence": 1, "Zone": "example.com."}}`)
		time.Sleep(200 * time.Millisecond)
		if got := h.first(fail); got != "198.51.100.20" {
			t.Fatalf("after %v: %s", time.Since(start), got)
		}
	}
	if opened := f.streamsOpened(); opened != 1 {
		t.Errorf("the stream was opened %d times", opened)
	}
}

// TestMissedChange drops an event: the next one has a number too many, and the whole report is asked for.
func TestMissedChange(t *testing.T) {
	f := newMarkedFeed("one", "1", bothUp)
	defer f.Close()
	h := serveFeeds(t, "", f.URL)
	eventually(t, "its report", 20*time.Second, func() bool { return h.first(fail) == "198.51.100.10" })
	change := func(sequence int, text string) {
		f.send("change", fmt.Sprintf(`{"Watch": {"Id": "one", "Run": "1", "Sequence": %d, "Zone": "example.com."}, "HealthChecks": {%s}}`, sequence, text))
	}
	change(2, `"hc-one": "unhealthy"`)
	eventually(t, "the change", 20*time.Second, func() bool { return h.first(fail) == "198.51.100.20" })
	if opened := f.streamsOpened(); opened != 1 {
		t.Errorf("the stream was opened %d times", opened)
	}
	// Changes 3 to 9 are lost; by them the first endpoint came back and the second one went down.
	f.mutex.Lock()
	f.sequence, f.report = 10, `{"HealthChecks": {"hc-one": "healthy", "hc-two": "unhealthy"}}`
	f.mutex.Unlock()
	change(10, `"hc-two": "unhealthy"`)
	eventually(t, "the whole report", 20*time.Second, func() bool { return h.first(fail) == "198.51.100.10" })
	if opened := f.streamsOpened(); opened < 2 {
		t.Error("the stream was not opened again")
	}
}

// TestBalancer polls two watches of different opinions in turn through one address: the first one counts while it lives.
func TestBalancer(t *testing.T) {
	watches := []*markedFeed{newMarkedFeed("one", "1", bothUp), newMarkedFeed("two", "2", oneDown)}
	var mutex sync.Mutex
	turn, dead := 0, false
	balancer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		turn++
		to := watches[turn%2]
		if dead {
			to = watches[1]
		}
		mutex.Unlock()
		if strings.HasSuffix(r.URL.Path, "/stream") {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, to.whole())
	}))
	defer balancer.Close()
	for _, watch := range watches {
		defer watch.Close()
	}
	h := serveFeeds(t, "        max_age 900ms keep", balancer.URL) // a poll every 300 ms
	eventually(t, "a report", 20*time.Second, func() bool { return h.metric("coredns_pointsman_view_age_seconds") < 1 })
	flips, before := 0, h.first(fail)
	for range 60 {
		time.Sleep(50 * time.Millisecond)
		if now := h.first(fail); now != before {
			flips, before = flips+1, now
		}
	}
	if flips > 1 {
		t.Errorf("the answer changed %d times in 3 s", flips)
	}
	// When the one that counts is gone, the other takes over.
	if before == "198.51.100.20" {
		watches[0], watches[1] = watches[1], watches[0]
	}
	mutex.Lock()
	dead = true
	mutex.Unlock()
	want := map[string]string{"198.51.100.10": "198.51.100.20", "198.51.100.20": "198.51.100.10"}[before]
	eventually(t, "the other watch", 20*time.Second, func() bool { return h.first(fail) == want })
}

// TestOldFirstReport begins with a report of last night.
func TestOldFirstReport(t *testing.T) {
	h := serve(t, "        zone zone.json\n        health file health.json\n        max_age 1h keep", "", "",
		map[string]string{"zone.json": testdata(t, "zone.json"), "health.json": made(oneDown, time.Now().Add(-9*time.Hour))})
	if got := h.first(fail); got != "198.51.100.20" {
		t.Errorf("keep: %s", got)
	}
	if !strings.Contains(h.Output(), "was made 9h0m") {
		t.Error("the log does not say how old the report is")
	}
}

// TestRegionSwitch reads what `aws arc-region-switch list-route53-health-checks` prints.
func TestRegionSwitch(t *testing.T) {
	list := `{"healthChecks": [
		{"hostedZoneId": "Z1", "recordName": "fail.example.com", "healthCheckId": "hc-one", "status": "unhealthy", "region": "us-east-1"},
		{"hostedZoneId": "Z1", "recordName": "fail.example.com", "healthCheckId": "hc-two", "status": "unknown", "region": "us-west-2"}]}`
	h := serve(t, "        zone zone.json\n        health file health.json", "", "",
		map[string]string{"zone.json": testdata(t, "zone.json"), "health.json": list})
	if got := h.first(fail); got != "198.51.100.20" {
		t.Error(got)
	}
	for id, want := range map[string]float64{"hc-one": 0, "hc-two": 1} {
		if got := h.metric("coredns_pointsman_health_check_healthy", `health_check="`+id+`"`, `zone="example.com."`); got != want {
			t.Errorf("%s counts as %v, want %v", id, got, want)
		}
	}
}
