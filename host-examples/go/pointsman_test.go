package pointsman

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

const text = `{"HostedZone": {"Id": "Z1", "Name": "example.com."},
  "HealthChecks": [{"Id": "hc-1", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 443}}],
  "ResourceRecordSets": [
  {"Name": "www.example.com.", "Type": "A", "SetIdentifier": "one", "Failover": "PRIMARY", "HealthCheckId": "hc-1", "TTL": 60,
   "ResourceRecords": [{"Value": "192.0.2.1"}]},
  {"Name": "www.example.com.", "Type": "A", "SetIdentifier": "two", "Failover": "SECONDARY", "TTL": 60,
   "ResourceRecords": [{"Value": "192.0.2.2"}]}]}`

// loadText makes a zone with the module as `cargo xtask wasm` built it, for a clone has none inside.
func loadText(t testing.TB, text string) (*Zone, error) {
	t.Helper()
	file := os.Getenv("POINTSMAN_MODULE")
	if file == "" {
		file = filepath.Join("..", "..", "target", "wasm", "pointsman_plain.wasm")
	}
	module, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return LoadWith(Options{Module: module}, Document{Name: "zone.json", Text: text})
}

func TestFailover(t *testing.T) {
	zone, err := loadText(t, text)
	if err != nil {
		t.Fatal(err)
	}
	healthy, err := zone.Health(`{"HealthChecks": {"hc-1": "healthy"}}`)
	if err != nil {
		t.Fatal(err)
	}
	failed, err := healthy.Updated(`{"HealthChecks": {"hc-1": "unhealthy"}}`)
	if err != nil {
		t.Fatal(err)
	}
	query := Query{Name: "www.example.com", Type: "A", Client: Client{Country: "SG"}, Draw: 1 << 63}
	for view, want := range map[*View]string{healthy: "192.0.2.1", failed: "192.0.2.2"} {
		answer, err := view.Resolve(query)
		if err != nil || len(answer.Values) != 1 || answer.Values[0] != want || answer.TTL == nil || *answer.TTL != 60 {
			t.Errorf("%+v, %v; want %s", answer, err, want)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	var invalid *InvalidError
	if _, err := loadText(t, "{"); !errors.As(err, &invalid) || len(invalid.Findings) == 0 {
		t.Errorf("half a document: %v", err)
	}
	zone, err := loadText(t, text)
	if err != nil {
		t.Fatal(err)
	}
	view, err := zone.Health("")
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []Query{{Name: "a..b", Type: "A"}, {Name: "www.example.com", Type: "NONE"}, {Type: "A"},
		{Name: "www.example.com", Type: "A", Client: Client{Country: "Singapore"}}} {
		if answer, err := view.Resolve(query); err == nil {
			t.Errorf("%+v: %+v", query, answer)
		}
	}
}

func TestManyGoroutines(t *testing.T) {
	zone, err := loadText(t, text)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		// What is collected now must not be used by what is collected later.
		for range 3 {
			runtime.GC()
		}
	}()
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			for range 100 {
				view, err := zone.Health(fmt.Sprintf(`{"HealthChecks": {"hc-1": %q}}`, []string{"healthy", "unhealthy"}[n%2]))
				if err != nil {
					t.Error(err)
					return
				}
				answer, err := view.Resolve(Query{Name: "www.example.com", Type: "A"})
				if want := []string{"192.0.2.1", "192.0.2.2"}[n%2]; err != nil || answer.Values[0] != want {
					t.Errorf("%+v, %v; want %s", answer, err, want)
				}
			}
		})
	}
	group.Wait()
}
