package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
	"pointsman.example/coredns-tests/internal/testkit"
)

// count is how often something is repeated: a number of the environment, else that of a plain test run.
func count(name string, plain int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return plain
}

func TestZoneReload(t *testing.T) {
	zone := testdata(t, "zone.json")
	h := serve(t, "        zone zone.json", "", "", map[string]string{"zone.json": zone})
	h.write("zone.json", strings.ReplaceAll(zone, "192.0.2.80", "192.0.2.81"))
	eventually(t, "the new zone answers", 10*time.Second, func() bool { return h.first("example.com.") == "192.0.2.81" })
	for what, text := range map[string]string{
		"half written": zone[:len(zone)/2],
		"empty":        "",
		"not a list":   `{"ResourceRecordSets": 7}`,
		"another zone": strings.ReplaceAll(zone, "example.com", "example.net"),
	} {
		h.refuses(t, "zone.json", what, text, "192.0.2.81")
	}
	// One record set that cannot be used costs its own name, not the zone.
	h.write("zone.json", strings.ReplaceAll(zone, `"DNSName": "www.example.com."`, `"DNSName": "gone.example.com."`))
	eventually(t, "the name whose alias leads nowhere fails", 10*time.Second, func() bool { return h.first("alias.example.com.") == "SERVFAIL" })
	if got := h.first("www.example.com."); net.ParseIP(got) == nil {
		t.Errorf("another name of the zone: %s", got)
	}
	h.write("zone.json", strings.ReplaceAll(zone, "192.0.2.80", "192.0.2.81"))
	eventually(t, "the alias is mended", 10*time.Second, func() bool { return h.first("example.com.") == "192.0.2.81" })
	if err := os.Remove(filepath.Join(h.folder, "zone.json")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	if got := h.first("example.com."); got != "192.0.2.81" {
		t.Errorf("without the file: %s", got)
	}
	h.write("zone.json", zone)
	eventually(t, "the file is back", 10*time.Second, func() bool { return h.first("example.com.") == "192.0.2.80" })
}

// rss is the resident memory of the process in bytes.
func (h *host) rss() int {
	h.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", h.Command.Process.Pid))
	if err != nil {
		h.t.Skip("no /proc here")
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		h.t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// TestReloadStorm reloads a zone under load: 50 times, or POINTSMAN_RELOADS times. No query may be dropped or answered
// with anything but an answer, and memory must not grow with the number of reloads.
func TestReloadStorm(t *testing.T) {
	reloads := count("POINTSMAN_RELOADS", 50)
	zone := testdata(t, "zone.json")
	h := serve(t, "        zone zone.json", "", "", map[string]string{"zone.json": zone})
	var asked, bad, unanswered atomic.Int64
	stop := make(chan struct{})
	var load sync.WaitGroup
	for range 4 {
		load.Go(func() {
			connection, err := net.Dial("udp", h.address)
			if err != nil {
				t.Error(err)
				return
			}
			defer connection.Close()
			buffer := make([]byte, 4096)
			for {
				select {
				case <-stop:
					return
				default:
				}
				m := testkit.Query("example.com.", dns.TypeA, "")
				packed, _ := m.Pack()
				_, _ = connection.Write(packed)
				// One at a time on a socket of its own: nothing is lost on loopback but what the server drops.
				_ = connection.SetReadDeadline(time.Now().Add(20 * time.Second))
				length, err := connection.Read(buffer)
				asked.Add(1)
				response := new(dns.Msg)
				switch {
				case err != nil:
					unanswered.Add(1)
				case response.Unpack(buffer[:length]) != nil || response.Rcode != dns.RcodeSuccess || len(response.Answer) != 1:
					bad.Add(1)
				}
			}
		})
	}
	memory := 0
	for n := range reloads {
		before := h.metric("coredns_pointsman_zone_reloads_total")
		h.write("zone.json", strings.ReplaceAll(zone, "192.0.2.80", fmt.Sprintf("192.0.2.%d", 81+n%100)))
		eventually(t, "a reload", 30*time.Second, func() bool {
			return h.metric("coredns_pointsman_zone_reloads_total") > before
		})
		if n == reloads/2 {
			memory = h.rss()
		}
	}
	close(stop)
	load.Wait()
	after := h.rss()
	t.Logf("%d reloads under %d queries: %d unanswered, %d wrong; resident %d MiB half way, %d MiB at the end",
		reloads, asked.Load(), unanswered.Load(), bad.Load(), memory>>20, after>>20)
	if unanswered.Load() > 0 || bad.Load() > 0 {
		t.Errorf("queries were dropped")
	}
	if after > memory+memory/4+16<<20 {
		t.Errorf("memory grew from %d to %d bytes", memory, after)
	}
}

// TestRandomBytes sends noise to the port, then broken queries, for two seconds or POINTSMAN_NOISE_SECONDS.
func TestRandomBytes(t *testing.T) {
	h := serveZone(t, "")
	connection, err := net.Dial("udp", h.address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	go func() {
		buffer := make([]byte, 65_535)
		for {
			if _, err := connection.Read(buffer); err != nil {
				return
			}
		}
	}()
	random := rand.New(rand.NewPCG(1, 2))
	end := time.Now().Add(time.Duration(count("POINTSMAN_NOISE_SECONDS", 2)) * time.Second)
	sent := 0
	for ; time.Now().Before(end); sent++ {
		var packet []byte
		if sent%2 == 0 {
			packet = make([]byte, random.IntN(600))
			for n := range packet {
				packet[n] = byte(random.Uint32())
			}
		} else {
			packet, _ = testkit.Query("geo.example.com.", dns.TypeA, "198.51.100.0/24").Pack()
			for range 1 + random.IntN(4) {
				packet[random.IntN(len(packet))] = byte(random.Uint32())
			}
		}
		_, _ = connection.Write(packet)
		if sent%64 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	h.stillWell(t)
	t.Logf("%d broken packets", sent)
}

// TestRandomNames asks for many names that do not exist; what is kept for answers must not grow with them.
func TestRandomNames(t *testing.T) {
	h := serveZone(t, "")
	client, err := testkit.Dial(h.address, "")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	random := rand.New(rand.NewPCG(3, 4))
	memory := 0
	names := count("POINTSMAN_NAMES", 20_000)
	for n := range names {
		label := strconv.FormatUint(random.Uint64(), 36)
		zone := []string{"example.com.", "wild.example.com.", "sub.example.com.", "x.y.z.eu.example.com."}[n%4]
		if _, err := client.Ask(testkit.Query(label+"."+zone, dns.TypeA, "")); err != nil {
			t.Fatal(err)
		}
		if n == names/2 {
			memory = h.rss()
		}
	}
	h.stillWell(t)
	after := h.rss()
	t.Logf("%d names: resident %d MiB half way, %d MiB at the end", names, memory>>20, after>>20)
	if after > memory+memory/4+16<<20 {
		t.Errorf("memory grew from %d to %d bytes", memory, after)
	}
}

// stillWell asks a plain question, and looks for panics and traps.
func (h *host) stillWell(t *testing.T) {
	t.Helper()
	if got := h.first("www.example.com."); got != "192.0.2.1" || h.Ended() {
		t.Errorf("not well any more: %s, ended %v", got, h.Ended())
	}
	if panics := h.metric("coredns_panics_total"); panics != 0 {
		t.Errorf("%v panics", panics)
	}
	if traps := h.metric("coredns_pointsman_module_traps_total"); traps != 0 {
		t.Errorf("%v traps", traps)
	}
}

// refuses writes what a zone's file may not hold, waits until that is counted, and sees that the zone of before answers on.
func (h *host) refuses(t *testing.T, file, what, text, answer string) {
	t.Helper()
	before := h.metric("coredns_pointsman_zone_reload_failures_total")
	h.write(file, text)
	eventually(t, what+" is refused", 10*time.Second, func() bool {
		return h.metric("coredns_pointsman_zone_reload_failures_total") > before
	})
	if got := h.first("example.com."); got != answer {
		t.Errorf("%s: %s", what, got)
	}
}

// compiled is a zone's documents as the image that `pointsman compile` writes.
func compiled(t *testing.T, text string) string {
	t.Helper()
	folder := t.TempDir()
	documents, image := filepath.Join(folder, "zone.json"), filepath.Join(folder, "zone.pmz")
	if err := os.WriteFile(documents, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(pointsmanCommand(t), "compile", documents, "-o", image).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	data, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestImageReload serves an image, takes the next one up, and keeps it when what comes after cannot be opened.
func TestImageReload(t *testing.T) {
	zone := testdata(t, "zone.json")
	image := compiled(t, zone)
	h := serve(t, "        zone zone.pmz", "", "", map[string]string{"zone.pmz": image})
	if got := h.first("example.com."); got != "192.0.2.80" {
		t.Fatalf("an image: %s", got)
	}
	h.write("zone.pmz", compiled(t, strings.ReplaceAll(zone, "192.0.2.80", "192.0.2.81")))
	eventually(t, "the new image answers", 10*time.Second, func() bool { return h.first("example.com.") == "192.0.2.81" })
	for what, text := range map[string]string{
		"half copied":             image[:len(image)/2],
		"changed on the way":      image[:len(image)-1] + "?",
		"another format":          image[:8] + "\x01" + image[9:],
		"the beginning of one":    image[:8],
		"another zone's image":    compiled(t, strings.ReplaceAll(zone, "example.com", "example.net")),
		"an image and what not":   image + zone,
		"another semantics":       image[:10] + "\xff\xff" + image[12:],
		"an image within a space": " " + image,
	} {
		h.refuses(t, "zone.pmz", what, text, "192.0.2.81")
	}
	// Documents may stand where an image stood.
	h.write("zone.pmz", zone)
	eventually(t, "documents take an image's place", 10*time.Second, func() bool { return h.first("example.com.") == "192.0.2.80" })
}
