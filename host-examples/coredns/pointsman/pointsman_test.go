package pointsman

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/coredns/coredns/plugin/pkg/dnstest"
	"github.com/coredns/coredns/plugin/test"
	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// moduleFile is the module under test: POINTSMAN_MODULE, or where `cargo xtask wasm` puts it.
func moduleFile() string {
	if file := os.Getenv("POINTSMAN_MODULE"); file != "" {
		return file
	}
	return filepath.Join("..", "..", "..", "target", "wasm", "pointsman_plain.wasm")
}

const zoneText = `{"HostedZone": {"Id": "Z1", "Name": "example.com."},
  "HealthChecks": [{"Id": "hc-1", "HealthCheckConfig": {"Type": "HTTP", "IPAddress": "198.18.0.2", "Port": 80}}], "ResourceRecordSets": [
  {"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": [{"Value": "ns. h. 1 2 3 4 60"}]},
  {"Name": "example.com.", "Type": "NS", "TTL": 900, "ResourceRecords": [{"Value": "ns."}]},
  {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
  {"Name": "w.example.com.", "Type": "A", "SetIdentifier": "a", "Weight": 1, "HealthCheckId": "hc-1", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]},
  {"Name": "w.example.com.", "Type": "A", "SetIdentifier": "b", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.3"}]}]}`

func start(t testing.TB, count int) *Pointsman {
	t.Helper()
	file := filepath.Join(t.TempDir(), "zone.json")
	if err := os.WriteFile(file, []byte(zoneText), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := newPointsman(config{module: moduleFile(), zoneFiles: [][]string{{file}}, instances: count})
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
	if recorder.Msg != nil {
		rcode = recorder.Msg.Rcode
	}
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

// awaitReplacement waits until every instance of a zone is at work again.
func awaitReplacement(t *testing.T, g *generation) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, instances := g.memory(); instances == len(g.slots) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("instances are not replaced")
		}
	}
}

// destroy overwrites the memory of an instance, so that the next call into it traps.
func destroy(s *slot) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	memory := s.instance.Memory()
	bytes, _ := memory.Read(0, memory.Size())
	for n := range bytes {
		bytes[n] = 0xff
	}
}

// TestTrap fills an instance's memory with nonsense, so that the module runs out of its bounds as a fault in it would.
func TestTrap(t *testing.T) {
	p := start(t, 2)
	g := p.zones[0].current.Load()
	memoryBefore := 0
	const rounds = 40
	for round := range rounds {
		awaitReplacement(t, g)
		for _, s := range g.slots {
			destroy(s)
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

// TestTrapUnderReport breaks one of three instances: a report that comes then reaches the others all the same, and the one
// that takes its place.
func TestTrapUnderReport(t *testing.T) {
	p := start(t, 3)
	g := p.zones[0].current.Load()
	before := testutil.ToFloat64(g.metrics.traps)
	s := g.slots[0]
	destroy(s)
	r, err := parseReport([]byte(`{"HealthChecks": {"hc-1": "unhealthy"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.health.take(r, true, time.Now(), "test", p.setHealth); err != nil {
		t.Errorf("the report is refused: %v", err)
	}
	if traps := testutil.ToFloat64(g.metrics.traps) - before; traps != 1 {
		t.Errorf("%v traps", traps)
	}
	awaitReplacement(t, g)
	for n, s := range g.slots {
		s.mutex.Lock()
		checks, err := s.instance.HealthChecks(background, s.view)
		s.mutex.Unlock()
		if err != nil || checks["hc-1"] {
			t.Errorf("instance %d: %v %v", n, checks, err)
		}
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
		} else if err := p.setHealth(`{"HealthChecks": {}}`, n%4 == 1); err != nil {
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
