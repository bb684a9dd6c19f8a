package pointsman

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// zoneServer serves a zone as a watch does, or as a watch does that is in trouble.
type zoneServer struct {
	*httptest.Server
	mutex    sync.Mutex
	body     string
	tag      string // instead of the digest
	number   int
	asked    []string // If-None-Match and query of each request
	isBroken bool
}

func serveZone(t *testing.T, body string, number int) *zoneServer {
	s := &zoneServer{body: body, number: number}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		s.asked = append(s.asked, r.Header.Get("If-None-Match")+" "+r.URL.RawQuery)
		if r.URL.Path != "/v1/zone" || s.isBroken {
			http.Error(w, `{"error":"no"}`, http.StatusServiceUnavailable)
			return
		}
		tag := s.tag
		if tag == "" {
			tag = `"` + versionOf([]byte(s.body)).digest + `"`
		}
		w.Header().Set("ETag", tag)
		w.Header().Set(numberHeader, strconv.Itoa(s.number))
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write([]byte(s.body))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *zoneServer) set(change func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change()
}

func (s *zoneServer) count() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.asked)
}

// followZone starts a plugin that looks at its feed all the time.
func followZone(t *testing.T, c config, file string, addresses ...string) *Pointsman {
	t.Helper()
	c.module, c.instances, c.reload = moduleFile(), 1, 20*time.Millisecond
	c.zoneFiles = [][]string{{file}}
	c.zoneFeeds = map[string]zoneFeed{file: {file: file, addresses: addresses, location: "eu west"}}
	p, err := newPointsman(c)
	if err != nil {
		t.Fatal(err)
	}
	p.zones[0].follower.poll = 40 * time.Millisecond
	running.add(p)
	p.run()
	t.Cleanup(func() { _ = p.shutdown() })
	return p
}

func eventually(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !isSo(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

func addressOf(p *Pointsman) string {
	_, m := ask(p, "www.example.com.")
	if m == nil || len(m.Answer) == 0 {
		return ""
	}
	return m.Answer[0].(*dns.A).A.String()
}

func fileHolds(t *testing.T, file, text string) bool {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(body), text)
}

func with(address string) string { return strings.Replace(zoneText, "192.0.2.1\"", address+"\"", 1) }

func TestZoneFeed(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "zone.json")
	s := serveZone(t, zoneText, 1)
	refused := zoneFeedRefused.WithLabelValues("example.com.")
	failures := zoneFeedFailures.WithLabelValues("example.com.")

	// Neither a file nor a feed: nothing to answer by.
	if _, err := newPointsman(config{module: moduleFile(), instances: 1, zoneFiles: [][]string{{file}},
		zoneFeeds: map[string]zoneFeed{file: {file: file, addresses: []string{"http://127.0.0.1:1"}}}}); err == nil || !strings.Contains(err.Error(), "no feed has the zone") {
		t.Fatal(err)
	}

	p := followZone(t, config{}, file, s.URL)
	if !fileHolds(t, file, "192.0.2.1\"") || addressOf(p) != "192.0.2.1" {
		t.Fatal("the first version is not in force")
	}
	eventually(t, "it asks again", func() bool { return s.count() > 5 })
	s.set(func() {
		last := s.asked[len(s.asked)-1]
		if last != `"`+versionOf([]byte(zoneText)).digest+`" location=eu%20west` {
			t.Errorf("asked with %q", last)
		}
		s.body, s.number = with("192.0.2.77"), 2
	})
	eventually(t, "the next version is in force", func() bool { return addressOf(p) == "192.0.2.77" && fileHolds(t, file, "192.0.2.77") })

	// Nonsense, once: it is not asked for again and again, and neither answers nor the file change.
	s.set(func() { s.body, s.number = zoneText[:200], 3 })
	eventually(t, "nonsense is refused", func() bool { return testutil.ToFloat64(refused) == 1 })
	reloads := testutil.ToFloat64(p.zones[0].reloadFailures)
	before := s.count()
	eventually(t, "it asks again", func() bool { return s.count() > before+3 })
	if got := testutil.ToFloat64(p.zones[0].reloadFailures); got != reloads || addressOf(p) != "192.0.2.77" || !fileHolds(t, file, "192.0.2.77") {
		t.Errorf("nonsense: %v failures after %v, %s", got, reloads, addressOf(p))
	}

	// Another zone's document.
	s.set(func() { s.body, s.number = strings.ReplaceAll(zoneText, "example.com", "example.net"), 4 })
	eventually(t, "another zone is refused", func() bool { return testutil.ToFloat64(p.zones[0].reloadFailures) > reloads })

	// Damaged on its way.
	failed := testutil.ToFloat64(failures)
	s.set(func() {
		s.body, s.tag, s.number = with("192.0.2.66"), `"`+versionOf([]byte("other")).digest+`"`, 5
	})
	eventually(t, "damage is counted", func() bool { return testutil.ToFloat64(failures) > failed+1 })
	if addressOf(p) != "192.0.2.77" {
		t.Error("a damaged version is in force")
	}
	s.set(func() { s.tag, s.body, s.number = "", with("192.0.2.88"), 6 })
	eventually(t, "a good one is in force", func() bool {
		return addressOf(p) == "192.0.2.88" && testutil.ToFloat64(refused) == 0 && fileHolds(t, file, "192.0.2.88")
	})

	// The feed is gone, and the host starts anew: by its file.
	s.set(func() { s.isBroken = true })
	again := followZone(t, config{}, file, s.URL)
	if addressOf(again) != "192.0.2.88" {
		t.Errorf("after a start without a feed: %s", addressOf(again))
	}
	s.set(func() { s.isBroken, s.body, s.number = false, with("192.0.2.99"), 7 })
	eventually(t, "both follow again", func() bool { return addressOf(p) == "192.0.2.99" && addressOf(again) == "192.0.2.99" })
	eventually(t, "nothing is left behind", func() bool { files, _ := os.ReadDir(folder); return len(files) == 1 })
}

// TestZoneFeedNeverOlder has a watch die, and the next address lag behind.
func TestZoneFeedNeverOlder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "zone.json")
	newer, older := serveZone(t, with("192.0.2.2"), 8), serveZone(t, with("192.0.2.1"), 7)
	p := followZone(t, config{}, file, newer.URL, older.URL)
	newer.set(func() { newer.isBroken = true })
	before := older.count()
	eventually(t, "the other one is asked", func() bool { return older.count() > before+2 })
	if addressOf(p) != "192.0.2.2" {
		t.Error("an older version took the place of a newer one")
	}
	older.set(func() { older.body, older.number = with("192.0.2.3"), 9 })
	eventually(t, "it caught up and is kept", func() bool { return addressOf(p) == "192.0.2.3" && fileHolds(t, file, "192.0.2.3") })
}

// TestZoneFeedNeverDarker holds a version back that takes a name away, until it is let pass.
func TestZoneFeedNeverDarker(t *testing.T) {
	folder := t.TempDir()
	file, release := filepath.Join(folder, "zone.json"), filepath.Join(folder, "release")
	s := serveZone(t, zoneText, 1)
	p := followZone(t, config{neverDarker: true, release: release}, file, s.URL)
	s.set(func() { s.body, s.number = strings.Replace(zoneText, "www.example.com.", "new.example.com.", 1), 2 })
	eventually(t, "it is held back", func() bool { return testutil.ToFloat64(p.zones[0].darker) > 0 })
	if addressOf(p) != "192.0.2.1" || fileHolds(t, file, "new.example.com.") {
		t.Error("a darker version is in force")
	}
	if err := os.WriteFile(release, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it passes", func() bool { return addressOf(p) == "" && fileHolds(t, file, "new.example.com.") })
}
