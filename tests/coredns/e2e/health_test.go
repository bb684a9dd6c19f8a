package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	bothUp  = `{"HealthChecks": {"hc-one": "healthy", "hc-two": "healthy"}}`
	oneDown = `{"HealthChecks": {"hc-one": "unhealthy", "hc-two": "healthy"}}`
)

const fail = "fail.example.com."

func TestHealthFile(t *testing.T) {
	h := serve(t, "        zone zone.json\n        health file health.json", "", "",
		map[string]string{"zone.json": testdata(t, "zone.json"), "health.json": bothUp})
	if got := h.first(fail); got != "198.51.100.10" {
		t.Fatalf("both up: %s", got)
	}
	h.write("health.json", oneDown)
	eventually(t, "the secondary answers", 10*time.Second, func() bool { return h.first(fail) == "198.51.100.20" })
	// A report half written, nonsense, and no file at all change nothing.
	for _, text := range []string{oneDown[:40], "nonsense", `{"HealthChecks": {"hc-one": "weather"}}`, `{"HealthChecks": []}`, `[]`, `{}`, ""} {
		before := h.metric("coredns_pointsman_reload_failures_total", `file="health"`)
		h.write("health.json", text)
		eventually(t, fmt.Sprintf("%q is refused", text), 10*time.Second, func() bool {
			return h.metric("coredns_pointsman_reload_failures_total", `file="health"`) > before
		})
		if got := h.first(fail); got != "198.51.100.20" {
			t.Fatalf("after %q: %s", text, got)
		}
	}
	h.write("health.json", bothUp)
	eventually(t, "the primary answers again", 10*time.Second, func() bool { return h.first(fail) == "198.51.100.10" })
	// Everything down is fail open, and counted as that.
	h.write("health.json", `{"HealthChecks": {"hc-one": "unhealthy", "hc-two": "unhealthy"}}`)
	eventually(t, "fail open is counted", 10*time.Second, func() bool {
		return h.first(fail) == "198.51.100.10" &&
			h.metric("coredns_pointsman_answers_total", `set_identifier="one"`, `fail_open="true"`, `policy="failover"`) > 0
	})
}

// feed is a feed as `pointsman watch` has it: a report with an ETag, and a stream of changes.
type feed struct {
	*httptest.Server
	mutex   sync.Mutex
	report  string
	polls   int
	streams map[chan string]struct{}
	stream  bool
}

func newFeed(report string, stream bool) *feed {
	f := &feed{report: report, stream: stream, streams: make(map[chan string]struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/health", func(w http.ResponseWriter, r *http.Request) {
		f.mutex.Lock()
		defer f.mutex.Unlock()
		f.polls++
		etag := fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(f.report)))
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(w, f.report)
	})
	mux.HandleFunc("GET /v1/health/stream", func(w http.ResponseWriter, r *http.Request) {
		if !f.stream {
			http.NotFound(w, r)
			return
		}
		events := make(chan string, 64)
		f.mutex.Lock()
		f.streams[events] = struct{}{}
		f.mutex.Unlock()
		defer func() {
			f.mutex.Lock()
			delete(f.streams, events)
			f.mutex.Unlock()
		}()
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		for {
			select {
			case <-r.Context().Done():
				return
			case event, open := <-events:
				if !open {
					return
				}
				_, _ = io.WriteString(w, event)
				_ = http.NewResponseController(w).Flush()
			}
		}
	})
	f.Server = httptest.NewServer(mux)
	return f
}

// Close ends the feed as a crash would: nobody can connect any more, and the streams break.
func (f *feed) Close() {
	_ = f.Listener.Close()
	f.CloseClientConnections()
	f.Server.Close()
}

// set changes the report without telling the stream.
func (f *feed) set(report string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.report = report
}

// send writes to every stream as it is.
func (f *feed) send(text string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for events := range f.streams {
		events <- text
	}
}

func (f *feed) connected() bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return len(f.streams) > 0
}

func TestFeed(t *testing.T) {
	f := newFeed(oneDown, true)
	defer f.Close()
	h := serveFeeds(t, "", f.URL)
	eventually(t, "the first report", 20*time.Second, func() bool { return h.first(fail) == "198.51.100.20" })
	eventually(t, "the stream", 20*time.Second, f.connected)
	eventually(t, "ready", 10*time.Second, func() bool { return get(t, h.ready, "/ready").status == 200 })

	// A change by its event alone, with the report it belongs to left out.
	f.set(`{"HealthChecks": {"hc-one": "healthy", "hc-two": "healthy"}}`)
	f.send("event: change\ndata: {\"HealthChecks\":\ndata:  {\"hc-one\": \"healthy\"}}\n\n")
	took := eventually(t, "the change by its event", 10*time.Second, func() bool { return h.first(fail) == "198.51.100.10" })
	t.Logf("a change is in force %v after its event", took)
	// A whole report as an event.
	f.set(oneDown)
	f.send("event: report\ndata: " + oneDown + "\n\n")
	eventually(t, "the report by its event", 10*time.Second, func() bool { return h.first(fail) == "198.51.100.20" })

	// Nonsense is counted, and changes nothing.
	before := h.metric("coredns_pointsman_feed_failures_total")
	for _, event := range []string{
		"data: nonsense\n\n", "data: {\"HealthChecks\": {\"hc-one\": 7}}\n\n", "data: {}\n\n", "data: [1,2]\n\n",
		"event: report\ndata: {\"HealthChecks\"\n\n", "data: {\"AliasTargets\": {\"x\": \"maybe\"}}\n\n", "\x00\xff\n\n", ": comment\n\n", "id\n\n",
	} {
		f.send(event)
	}
	eventually(t, "nonsense is counted", 10*time.Second, func() bool {
		return h.metric("coredns_pointsman_feed_failures_total") >= before+6
	})
	if got := h.first(fail); got != "198.51.100.20" {
		t.Fatalf("after nonsense: %s", got)
	}

	// The feed goes away: answers go on with the last report, whose age grows.
	f.Close()
	eventually(t, "the age grows", 20*time.Second, func() bool {
		return h.metric("coredns_pointsman_view_age_seconds") > 2 && h.metric("coredns_pointsman_feed_connected") == 0
	})
	if got := h.first(fail); got != "198.51.100.20" {
		t.Fatalf("with the feed down: %s", got)
	}
}

func TestPolling(t *testing.T) {
	f := newFeed(bothUp, false)
	defer f.Close()
	h := serveFeeds(t, "        max_age 600ms keep", f.URL)
	eventually(t, "the first report", 20*time.Second, func() bool { return h.first(fail) == "198.51.100.10" })
	f.set(oneDown)
	took := eventually(t, "the change by polling", 20*time.Second, func() bool { return h.first(fail) == "198.51.100.20" })
	t.Logf("without a stream, a change is in force after %v", took)
	f.mutex.Lock()
	polls := f.polls
	f.mutex.Unlock()
	if polls < 2 {
		t.Errorf("%d polls", polls)
	}
}

// made adds to a report when it was made.
func made(report string, when time.Time) string {
	return strings.Replace(report, "{", `{"Time": "`+when.UTC().Format("2006-01-02T15:04:05.000Z")+`", `, 1)
}

func TestMaxAge(t *testing.T) {
	for _, want := range []struct{ what, address string }{{"keep", "198.51.100.20"}, {"no-data", "198.51.100.10"}, {"not-ready", "SERVFAIL"}} {
		t.Run(want.what, func(t *testing.T) {
			f := newFeed(made(oneDown, time.Now()), true)
			defer f.Close()
			// Long enough that a busy machine polls in time.
			h := serveFeeds(t, "        max_age 5s "+want.what, f.URL)
			eventually(t, "the first report", 20*time.Second, func() bool { return h.first(fail) == "198.51.100.20" })
			eventually(t, "ready", 20*time.Second, func() bool { return get(t, h.ready, "/ready").status == 200 })
			f.Close()
			if want.what == "keep" {
				time.Sleep(5500 * time.Millisecond)
			}
			// A check without data counts as healthy (6.2.3).
			eventually(t, want.what, 30*time.Second, func() bool { return h.first(fail) == want.address })
			if want.what == "not-ready" {
				eventually(t, "not ready", 20*time.Second, func() bool { return get(t, h.ready, "/ready").status == 503 })
				if h.metric("coredns_pointsman_not_ready_total", `zone="example.com."`) == 0 {
					t.Error("queries without an answer are not counted")
				}
			}
		})
	}
}

// TestAgeOfReport follows a file: a report's own time counts, and one that does not say it is older than any limit (10.50).
func TestAgeOfReport(t *testing.T) {
	h := serve(t, "        zone zone.json\n        health file health.json\n        max_age 1h not-ready", "", "",
		map[string]string{"zone.json": testdata(t, "zone.json"), "health.json": oneDown})
	for _, step := range []struct{ what, report, address string }{
		{"no time", oneDown, "SERVFAIL"},
		{"now", made(oneDown, time.Now()), "198.51.100.20"},
		{"two hours ago", made(oneDown, time.Now().Add(-2*time.Hour)), "SERVFAIL"},
		{"a clock that is ahead", made(bothUp, time.Now().Add(2*time.Hour)), "198.51.100.10"},
	} {
		h.write("health.json", step.report)
		eventually(t, step.what, 20*time.Second, func() bool { return h.first(fail) == step.address })
	}
}

type response struct {
	status int
	body   string
}

func get(t *testing.T, address, path string) response {
	t.Helper()
	got, err := http.Get("http://" + address + path)
	if err != nil {
		return response{}
	}
	defer got.Body.Close()
	body, _ := io.ReadAll(got.Body)
	return response{got.StatusCode, string(body)}
}

func TestExplain(t *testing.T) {
	h := serve(t, "        zone zone.json\n        health file health.json", "", "",
		map[string]string{"zone.json": testdata(t, "zone.json"), "health.json": oneDown})
	text := get(t, h.explain, "/explain?name=fail.example.com&type=A")
	if text.status != 200 || !strings.Contains(text.body, "hc-one") || !strings.Contains(text.body, "198.51.100.20") {
		t.Errorf("explain: %v", text)
	}
	asJSON := get(t, h.explain, "/explain?name=fail.example.com&type=A&format=json")
	if !json.Valid([]byte(asJSON.body)) {
		t.Errorf("explain as JSON: %v", asJSON)
	}
	odds := get(t, h.explain, "/odds?name=weighted.example.com")
	if odds.status != 200 || !strings.Contains(odds.body, `"ratio":"1/2"`) {
		t.Errorf("odds: %v", odds)
	}
	place := get(t, h.explain, "/explain?name=geo.example.com&country=DE&ecs=10.0.0.0/8&draw=7")
	if !strings.Contains(place.body, "203.0.113.1") || !strings.Contains(place.body, "draw 7") {
		t.Errorf("place: %v", place)
	}
	if front := get(t, h.explain, "/"); !strings.Contains(front.body, "GET /explain") {
		t.Errorf("front page: %v", front)
	}
	for query, status := range map[string]int{
		"": 400, "name=www.example.net": 404, "name=a..b.example.com": 400, "name=www.example.com&type=NONE": 400,
		"name=www.example.com&ip=x": 400, "name=www.example.com&ecs=1.2.3.4": 400, "name=www.example.com&country=de": 400,
		"name=www.example.com&continent=XX": 400, "name=www.example.com&latitude=91&longitude=0": 400, "name=www.example.com&draw=-1": 400,
		"name=" + url.QueryEscape(strings.Repeat("a.", 200)) + "example.com": 400,
	} {
		if got := get(t, h.explain, "/explain?"+query); got.status != status || !bytes.HasSuffix([]byte(got.body), []byte("\n")) {
			t.Errorf("%q: %v, want %d", query, got, status)
		}
	}
	post, err := http.Post("http://"+h.explain+"/explain", "text/plain", strings.NewReader("x"))
	if err != nil || post.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %v %v", post, err)
	}
}
