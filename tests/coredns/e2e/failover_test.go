package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"pointsman.example/coredns-tests/internal/testkit"
)

// endpoint is a web server that can be killed and started again on its port.
type endpoint struct {
	address string
	server  *http.Server
}

func (e *endpoint) start(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", e.address)
	if err != nil {
		t.Fatal(err)
	}
	e.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })}
	go func() { _ = e.server.Serve(listener) }()
}

func (e *endpoint) kill() { _ = e.server.Close() }

// TestFailover is the whole way: `pointsman watch` probes two servers, one is killed, and the DNS answer moves to the
// other and back again.
func TestFailover(t *testing.T) {
	command := pointsmanCommand(t)
	if err := exec.Command(command, "watch", "--help").Run(); err != nil {
		t.Fatalf("%s has no `watch`: %v", command, err)
	}
	ports, err := testkit.FreePorts(3)
	if err != nil {
		t.Fatal(err)
	}
	one, two := &endpoint{address: fmt.Sprintf("127.0.0.1:%d", ports[0])}, &endpoint{address: fmt.Sprintf("127.0.0.1:%d", ports[1])}
	one.start(t)
	two.start(t)
	defer two.kill()
	check := func(id string, port int) string {
		return fmt.Sprintf(`{"Id": %q, "HealthCheckConfig": {"Type": "HTTP", "IPAddress": "127.0.0.1", "Port": %d, "ResourcePath": "/",
			"RequestInterval": 10, "FailureThreshold": 3}}`, id, port)
	}
	member := func(role, address, check string) string {
		return fmt.Sprintf(`{"Name": "app.example.com.", "Type": "A", "SetIdentifier": %q, "Failover": %q, "HealthCheckId": %q, "TTL": 5,
			"ResourceRecords": [{"Value": %q}]}`, role, role, check, address)
	}
	zone := `{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
		{"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": [{"Value": "ns1.example.net. h.example.net. 1 7200 900 1209600 60"}]},
		{"Name": "example.com.", "Type": "NS", "TTL": 900, "ResourceRecords": [{"Value": "ns1.example.net."}]},
		` + member("PRIMARY", "192.0.2.1", "hc-one") + "," + member("SECONDARY", "192.0.2.2", "hc-two") + `],
		"HealthChecks": [` + check("hc-one", ports[0]) + "," + check("hc-two", ports[1]) + `]}`
	file := filepath.Join(t.TempDir(), "zone.json")
	if err := os.WriteFile(file, []byte(zone), 0o644); err != nil {
		t.Fatal(err)
	}
	feed := fmt.Sprintf("127.0.0.1:%d", ports[2])
	// A tenth of the interval: a probe a second, three in a row to change the status.
	watch := exec.Command(command, "watch", "-z", file, "--listen", feed, "--interval-scale", "0.1")
	watch.Stdout, watch.Stderr = os.Stderr, os.Stderr
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = watch.Process.Signal(os.Interrupt)
		_ = watch.Wait()
	}()
	h := serve(t, "        zone zone.json\n        health feed http://"+feed+"\n        max_age 30s", "", "", map[string]string{"zone.json": zone})
	eventually(t, "the primary answers", 30*time.Second, func() bool { return h.first("app.example.com.") == "192.0.2.1" })
	eventually(t, "the stream is connected", 30*time.Second, func() bool { return h.metric("coredns_pointsman_feed_connected") == 1 })
	time.Sleep(2 * time.Second)
	one.kill()
	away := eventually(t, "the answer moves to the secondary", 60*time.Second, func() bool { return h.first("app.example.com.") == "192.0.2.2" })
	one.start(t)
	defer one.kill()
	back := eventually(t, "the answer comes back", 60*time.Second, func() bool { return h.first("app.example.com.") == "192.0.2.1" })
	t.Logf("probes every second, threshold 3: the answer moved %.1f s after the kill, and came back %.1f s after the start",
		away.Seconds(), back.Seconds())
	fmt.Printf("failover: moved after %.1f s, back after %.1f s\n", away.Seconds(), back.Seconds())
	if away < 1500*time.Millisecond {
		t.Errorf("the answer moved after %v; three failed probes a second apart take two seconds at least", away)
	}
}
