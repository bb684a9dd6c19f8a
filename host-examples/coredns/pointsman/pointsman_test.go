package pointsman

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/plugin/pkg/dnstest"
	"github.com/coredns/coredns/plugin/test"
	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"pointsman.example/coredns/internal/testkit"
)

const zoneText = `{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
  {"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": [{"Value": "ns. h. 1 2 3 4 60"}]},
  {"Name": "example.com.", "Type": "NS", "TTL": 900, "ResourceRecords": [{"Value": "ns."}]},
  {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
  {"Name": "w.example.com.", "Type": "A", "SetIdentifier": "a", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]},
  {"Name": "w.example.com.", "Type": "A", "SetIdentifier": "b", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.3"}]}]}`

func start(t testing.TB, count int) *Pointsman {
	t.Helper()
	file := filepath.Join(t.TempDir(), "zone.json")
	if err := os.WriteFile(file, []byte(zoneText), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := newPointsman(config{module: testkit.Module(), zoneFiles: [][]string{{file}}, instances: count})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.shutdown() })
	return p
}

func ask(p *Pointsman, name string) (int, *dns.Msg) {
	m := new(dns.Msg)
	m.SetQuestion(name, dns.TypeA)
	recorder := dnstest.NewRecorder(&test.ResponseWriter{})
	rcode, _ := p.ServeDNS(context.Background(), recorder, m)
	return rcode, recorder.Msg
}

// TestOutside asks for what no zone holds: the next plugin's affair, and nobody's where there is none.
func TestOutside(t *testing.T) {
	p := start(t, 1)
	if rcode, m := ask(p, "www.example.net."); rcode != dns.RcodeRefused || m != nil {
		t.Errorf("without a next plugin: %d %v", rcode, m)
	}
	p.Next = test.NextHandler(dns.RcodeBadKey, nil)
	if rcode, _ := ask(p, "www.example.net."); rcode != dns.RcodeBadKey {
		t.Errorf("with a next plugin: %d", rcode)
	}
}

// TestTrap fills an instance's memory with nonsense, so that the module runs out of its bounds as a fault in it would.
func TestTrap(t *testing.T) {
	p := start(t, 2)
	g := p.zones[0].current.Load()
	memoryBefore := 0
	const rounds = 40
	for round := range rounds {
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			if _, instances := g.memory(); instances == len(g.slots) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("the instances are not replaced")
			}
		}
		for _, s := range g.slots {
			s.mutex.Lock()
			memory := s.instance.Memory()
			bytes, _ := memory.Read(0, memory.Size())
			for n := range bytes {
				bytes[n] = 0xff
			}
			s.mutex.Unlock()
		}
		failed := 0
		deadline := time.Now().Add(20 * time.Second)
		for answered := 0; answered < 8; {
			rcode, m := ask(p, "www.example.com.")
			switch {
			case rcode == dns.RcodeServerFailure:
				failed++ // and CoreDNS writes SERVFAIL
				answered = 0
				time.Sleep(time.Millisecond)
			case m != nil && len(m.Answer) == 1:
				answered++
			default:
				t.Fatalf("rcode %d, %v", rcode, m)
			}
			if time.Now().After(deadline) {
				t.Fatal("the instances are not replaced")
			}
		}
		if failed == 0 {
			t.Fatal("no query trapped")
		}
		if round == rounds/2 {
			runtime.GC()
			memoryBefore = resident(t)
		}
	}
	if traps := testutil.ToFloat64(g.metrics.traps); traps < rounds {
		t.Errorf("%v traps counted in %d rounds", traps, rounds)
	}
	runtime.GC()
	if after := resident(t); after > memoryBefore+memoryBefore/4+8<<20 {
		t.Errorf("memory grew from %d to %d bytes", memoryBefore, after)
	}
}

func resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("no /proc here")
	}
	var size, pages int
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// TestParallel asks from many goroutines while views and generations are swapped.
func TestParallel(t *testing.T) {
	p := start(t, 3)
	done := make(chan error, 8)
	for range cap(done) {
		go func() {
			for range 4000 {
				if rcode, m := ask(p, "w.example.com."); rcode != dns.RcodeSuccess || m == nil || len(m.Answer) != 1 {
					done <- fmt.Errorf("rcode %d, %v", rcode, m)
					return
				}
			}
			done <- nil
		}()
	}
	for n := range 20 {
		if n%2 == 0 {
			p.reloadZone(p.zones[0])
		} else if err := p.spread(`{"HealthChecks": {}}`, n%4 == 1); err != nil {
			t.Error(err)
		}
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestEscapes(t *testing.T) {
	for value, want := range map[string]string{
		`"a\073b"`: `"a\059b"`, `"\\\"\\134"`: `"\\\"\\134"`, `a\056b.example.`: `a\046b.example.`, `"\400"`: `"\400"`,
		`"\9"`: `"\9"`, `\052.x.`: `\042.x.`, `"`: `"`, `\`: `\`, ``: ``,
	} {
		if got := decimalEscapes(value); got != want {
			t.Errorf("%s: got %s, want %s", value, got, want)
		}
	}
	for name, want := range map[string]string{`\052.Example.com`: "*.example.com.", `a\056b.x.`: `a\.b.x.`, ".": "."} {
		if got := OwnerName(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	for _, value := range []string{"192.0.2", "::1", "", "192.0.2.1 x", "1.2.3.4.5"} {
		if _, err := ParseValues("x.", dns.TypeA, 1, []string{value}); err == nil {
			t.Errorf("%q is taken as an A", value)
		}
	}
	if _, err := ParseValues("x.", dns.TypeMX, 1, []string{"ten mail."}); err == nil {
		t.Error("an MX without a preference is taken")
	}
}

func TestCorefile(t *testing.T) {
	for text, want := range map[string]string{
		"pointsman":                                                    "no zone",
		"pointsman {\n zone\n}":                                        "Wrong argument count",
		"pointsman z.json {\n nonsense\n}":                             "unknown property 'nonsense'",
		"pointsman z.json {\n health weather x\n}":                     "neither file nor feed",
		"pointsman z.json {\n health feed localhost\n}":                "is not an address",
		"pointsman z.json {\n health file a\n health feed http://b\n}": "not from both",
		"pointsman z.json {\n max_age soon\n}":                         "max_age",
		"pointsman z.json {\n max_age 5s whatever\n}":                  "none of keep",
		"pointsman z.json {\n max_age 5s no-data\n}":                   "no effect without health",
		"pointsman z.json {\n geo\n}":                                  "geo is",
		"pointsman z.json {\n geo metadata\n geo mmdb x\n}":            "not both",
		"pointsman z.json {\n reload x\n}":                             "is not a duration",
		"pointsman z.json {\n instances 0\n}":                          "is not a number from 1",
		"pointsman z.json {\n sticky yes\n}":                           "Wrong argument count",
		"pointsman z.json\npointsman y.json":                           "once",
		"pointsman z.json":                                             "",
		"pointsman a.json b.json {\n zone c.json d.json\n latency l.json\n health feed https://h:1\n max_age 60s not-ready\n geo mmdb g\n reload 1s\n instances 3\n sticky\n fallthrough\n explain :1\n vpc_region us-east-1\n module m\n}": "",
	} {
		config, err := parse(caddy.NewTestController("dns", text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
		if want == "" && len(config.zoneFiles) == 2 && (len(config.zoneFiles[0]) != 2 || config.whenOld != notReady || !config.sticky) {
			t.Errorf("%s: %+v", text, config)
		}
	}
}

// TestStartIsRefused tells what a person reads whose Corefile names what cannot be used.
func TestStartIsRefused(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := write("good.json", zoneText)
	broken := write("broken.json", strings.Replace(zoneText, `"A"`, `"AAAAA"`, 1))
	for what, c := range map[string]struct {
		config config
		want   string
	}{
		"no module":     {config{module: folder + "/none.wasm"}, "cargo xtask wasm"},
		"not a module":  {config{module: good}, "is not a WebAssembly module"},
		"no zone file":  {config{zoneFiles: [][]string{{folder + "/none.json"}}}, "none.json"},
		"broken zone":   {config{zoneFiles: [][]string{{broken}}}, "broken.json:"},
		"twice":         {config{zoneFiles: [][]string{{good}, {good}}}, "is given twice"},
		"no report":     {config{zoneFiles: [][]string{{good}}, healthFile: folder + "/none"}, "health report"},
		"not a report":  {config{zoneFiles: [][]string{{good}}, healthFile: good}, "is not a health report"},
		"not a region":  {config{zoneFiles: [][]string{{good}}, vpcRegion: "mars-1"}, "is not a Region"},
		"not locations": {config{zoneFiles: [][]string{{good}}, geoFile: good}, "is not an MMDB file"},
	} {
		if c.config.module == "" {
			c.config.module = testkit.Module()
		}
		c.config.instances = 1
		p, err := newPointsman(c.config)
		if err == nil {
			_ = p.shutdown()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
}

// BenchmarkServeDNS is a whole answer without the network.
func BenchmarkServeDNS(b *testing.B) {
	p := start(b, runtime.GOMAXPROCS(0))
	m := new(dns.Msg)
	m.SetQuestion("www.example.com.", dns.TypeA)
	w := &test.ResponseWriter{}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.ServeDNS(context.Background(), w, m); err != nil {
			b.Fatal(err)
		}
	}
}
