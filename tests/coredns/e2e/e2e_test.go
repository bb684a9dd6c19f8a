// Package e2e starts CoreDNS with the plugin as a process and asks it as its users do.
package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"pointsman.example/coredns-tests/internal/testkit"
)

// coredns is the program under test: POINTSMAN_COREDNS, or one built for the test.
var coredns = os.Getenv("POINTSMAN_COREDNS")

func TestMain(m *testing.M) {
	os.Exit(func() int {
		if coredns == "" {
			folder, err := os.MkdirTemp("", "coredns")
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
			defer os.RemoveAll(folder)
			coredns = filepath.Join(folder, "coredns")
			build := exec.Command("go", "build", "-C", testkit.Example(), "-o", coredns, "./cmd/coredns")
			build.Stderr = os.Stderr
			if err := build.Run(); err != nil {
				fmt.Fprintln(os.Stderr, "cannot build CoreDNS:", err)
				return 1
			}
		}
		return m.Run()
	}())
}

// pointsmanCommand is the command line, which POINTSMAN names.
func pointsmanCommand(t *testing.T) string {
	t.Helper()
	command := os.Getenv("POINTSMAN")
	if command == "" {
		t.Fatal("POINTSMAN does not name the command `pointsman`; `cargo xtask coredns` builds it and says where it is")
	}
	return command
}

// host is a CoreDNS with a folder of its own.
type host struct {
	*testkit.Server
	t       *testing.T
	folder  string
	port    int
	address string
	metrics string
	explain string
	ready   string
}

// serve starts CoreDNS with a block of the plugin; `around` are further lines of the server block, `more` further blocks.
// In all of them PORT, METRICS, EXPLAIN, READY and MODULE stand for what they say.
func serve(t *testing.T, properties, around, more string, files map[string]string) *host {
	t.Helper()
	ports, err := testkit.FreePorts(4)
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, folder: t.TempDir(), port: ports[0]}
	local := func(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
	h.address, h.metrics, h.explain, h.ready = local(ports[0]), local(ports[1]), local(ports[2]), local(ports[3])
	for name, text := range files {
		h.write(name, text)
	}
	corefile := ".:PORT {\n    bind 127.0.0.1\n    errors\n    prometheus METRICS\n    ready READY {\n        monitor continuously\n    }\n" + around +
		"\n    pointsman {\n        module MODULE\n        explain EXPLAIN\n        reload 50ms\n" + properties + "\n    }\n}\n" + more
	corefile = strings.NewReplacer("PORT", fmt.Sprint(h.port), "METRICS", h.metrics, "EXPLAIN", h.explain, "READY", h.ready,
		"MODULE", testkit.Module()).Replace(corefile)
	if h.Server, err = testkit.Start(coredns, h.folder, corefile, h.address, h.metrics, h.explain); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.Stop()
		if t.Failed() {
			t.Logf("CoreDNS wrote:\n%s", h.Output())
		}
	})
	return h
}

// write puts a file in place whole.
func (h *host) write(name, text string) {
	h.t.Helper()
	file := filepath.Join(h.folder, name)
	if err := os.WriteFile(file+".new", []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		h.t.Fatal(err)
	}
}

func testdata(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// ask asks over UDP.
func (h *host) ask(name string, qtype uint16, subnet string) *dns.Msg {
	h.t.Helper()
	client, err := testkit.Dial(h.address, "")
	if err != nil {
		h.t.Fatal(err)
	}
	defer client.Close()
	response, err := client.Ask(testkit.Query(name, qtype, subnet))
	if err != nil {
		h.t.Fatalf("%s %s: %v", name, dns.TypeToString[qtype], err)
	}
	return response
}

// address is the first address of an answer, or the rcode.
func (h *host) first(name string) string {
	h.t.Helper()
	response := h.ask(name, dns.TypeA, "")
	for _, record := range response.Answer {
		if a, isA := record.(*dns.A); isA {
			return a.A.String()
		}
	}
	return dns.RcodeToString[response.Rcode]
}

// eventually waits until something holds; it returns how long that took.
func eventually(t *testing.T, what string, within time.Duration, holds func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !holds() {
		if time.Since(start) > within {
			t.Fatalf("not within %v: %s", within, what)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(start)
}

func (h *host) metric(name string, labels ...string) float64 {
	h.t.Helper()
	value, found := testkit.Metric(h.metrics, name, labels...)
	if !found {
		h.t.Fatalf("there is no metric %s with %v", name, labels)
	}
	return value
}

// texts are records without TTL and class, sorted as they came.
func texts(records []dns.RR) []string {
	var out []string
	for _, record := range records {
		header := record.Header()
		out = append(out, fmt.Sprintf("%s %d %s %s", header.Name, header.Ttl, dns.TypeToString[header.Rrtype],
			strings.TrimPrefix(record.String(), header.String())))
	}
	return out
}
