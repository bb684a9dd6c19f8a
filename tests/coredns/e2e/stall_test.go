package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"pointsman.example/coredns-tests/internal/testkit"
)

// largeZone has so many names, with addresses of a version.
func largeZone(names, version int) string {
	var text strings.Builder
	text.WriteString(strings.TrimSuffix(zoneOf(a("www.example.com.", "", fmt.Sprintf("192.0.2.%d", version))), "]}"))
	for n := range names {
		fmt.Fprintf(&text, ",\n%s", a(fmt.Sprintf("host-%d.example.com.", n), "", fmt.Sprintf("10.%d.%d.%d", n>>16, n>>8&255, n&255)))
	}
	text.WriteString("]}")
	return text.String()
}

// TestReloadStall reloads a zone of 100,000 record sets, or POINTSMAN_STALL_NAMES, while queries come: neither those for it
// nor those for another server block may wait for the loading. The worst answer of the best of some reloads counts, since
// other programs of the machine make answers late, too.
func TestReloadStall(t *testing.T) {
	const limit = 20 * time.Millisecond
	names := count("POINTSMAN_STALL_NAMES", 100_000)
	ports, err := testkit.FreePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	other := fmt.Sprintf("127.0.0.1:%d", ports[0])
	h := serve(t, "        zone zone.json", "", fmt.Sprintf(".:%d {\n    bind 127.0.0.1\n    template IN A . {\n        answer \"{{ .Name }} 60 IN A 192.0.2.1\"\n    }\n}\n", ports[0]),
		map[string]string{"zone.json": largeZone(names, 1)})
	clients := map[string]*testkit.Client{}
	for what, address := range map[string]string{"the zone": h.address, "another server block": other} {
		if clients[what], err = testkit.Dial(address, ""); err != nil {
			t.Fatal(err)
		}
		defer clients[what].Close()
	}
	best := map[string]time.Duration{}
	for round := range 6 {
		version := 2 + round
		h.write("zone.json", largeZone(names, version))
		worst := map[string]time.Duration{}
		asked := 0
		for done := false; !done; asked++ {
			for what, client := range clients {
				start := time.Now()
				response, err := client.Ask(testkit.Query("www.example.com.", dns.TypeA, ""))
				if err != nil || len(response.Answer) != 1 {
					t.Fatalf("%s: %v %v", what, response, err)
				}
				worst[what] = max(worst[what], time.Since(start))
				if what == "the zone" && strings.HasSuffix(response.Answer[0].String(), fmt.Sprintf("192.0.2.%d", version)) {
					done = true
				}
			}
			time.Sleep(time.Millisecond)
			if asked > 60_000 {
				t.Fatal("the zone is not reloaded")
			}
		}
		t.Logf("reload %d: %d questions each, the worst answers %v", round, asked, worst)
		for what, took := range worst {
			if before, isThere := best[what]; !isThere || took < before {
				best[what] = took
			}
		}
	}
	pause := time.Duration(h.metric("go_gc_duration_seconds", `quantile="1"`) * float64(time.Second))
	t.Logf("the longest pause of Go's garbage collector: %v", pause)
	if pause > limit {
		t.Errorf("the garbage collector stopped everything for up to %v", pause)
	}
	for what, took := range best {
		if took > limit {
			t.Errorf("while %d record sets were loaded, answers of %s took up to %v in the best of the reloads", names, what, took)
		}
	}
}
