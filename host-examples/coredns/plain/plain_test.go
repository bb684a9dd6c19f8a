package plain

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var ctx = context.Background()

const zoneText = `{"HostedZone": {"Id": "Z1", "Name": "example.com."},
  "HealthChecks": [{"Id": "hc-1", "HealthCheckConfig": {"Type": "HTTP", "IPAddress": "198.18.0.2", "Port": 80}}], "ResourceRecordSets": [
  {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}`

// load makes an engine, and an instance with a zone and a view.
func load(t *testing.T) (*Engine, *Instance, Zone, uint32) {
	t.Helper()
	file := os.Getenv("POINTSMAN_MODULE")
	if file == "" {
		file = filepath.Join("..", "..", "..", "target", "wasm", "pointsman_plain.wasm")
	}
	engine, err := Open(ctx, file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close(ctx) })
	instance, err := engine.Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	zone, _, err := instance.LoadZone(ctx, "", []Document{{Name: "zone", Text: zoneText}})
	if err != nil {
		t.Fatal(err)
	}
	view, _, err := instance.NewView(ctx, zone.Handle, `{"HealthChecks": {}}`)
	if err != nil {
		t.Fatal(err)
	}
	return engine, instance, zone, view
}

// ask writes the question of the zone's one name.
func ask(t *testing.T, i *Instance) {
	t.Helper()
	query := i.Query()
	query.Reset()
	length, err := PackName(query.NameBuffer(), "www.example.com.")
	if err != nil {
		t.Fatal(err)
	}
	query.SetNameLength(length)
	query.SetType(1)
}

// TestStaleHandles uses handles of what was freed: they never find what came later in the same place.
func TestStaleHandles(t *testing.T) {
	_, instance, zone, view := load(t)
	ask(t, instance)
	question, err := instance.NewQuestion(ctx, zone.Handle)
	if err != nil || question == 0 {
		t.Fatal(question, err)
	}
	seen := map[uint32]bool{view: true}
	// More often than a place has handles.
	for round := range 5000 {
		if err := instance.FreeView(ctx, view); err != nil {
			t.Fatal(err)
		}
		next, _, err := instance.NewView(ctx, zone.Handle, `{"HealthChecks": {}}`)
		if err != nil || next == 0 || seen[next] {
			t.Fatalf("round %d: view %d, seen %v, %v", round, next, seen[next], err)
		}
		seen[next] = true
		if _, status, err := instance.Resolve(ctx, view); err != nil || status != BadArgument {
			t.Fatalf("round %d: a view that was freed: %v %v", round, status, err)
		}
		view = next
	}
	if err := instance.FreeQuestion(ctx, question); err != nil {
		t.Fatal(err)
	}
	again, err := instance.NewQuestion(ctx, zone.Handle)
	if err != nil || again == question {
		t.Fatalf("question %d again: %v", again, err)
	}
	if _, status, err := instance.Ask(ctx, view, question, 0, 0); err != nil || status != BadArgument {
		t.Errorf("a question that was freed: %v %v", status, err)
	}
	if _, status, err := instance.Ask(ctx, view, again, 0, 0); err != nil || status != OK {
		t.Errorf("its successor: %v %v", status, err)
	}
	// What was freed twice is no harm to what is there.
	if err := instance.FreeQuestion(ctx, question); err != nil {
		t.Fatal(err)
	}
	if _, status, err := instance.Ask(ctx, view, again, 0, 0); err != nil || status != OK {
		t.Errorf("after a second free: %v %v", status, err)
	}
}

// TestReportInText passes the last text back where it stands: it is read before it is freed.
func TestReportInText(t *testing.T) {
	_, instance, zone, _ := load(t)
	for range 20 {
		if _, err := instance.call(ctx, "pointsman_zone_describe", uint64(zone.Handle)); err != nil {
			t.Fatal(err)
		}
		address, err := instance.call(ctx, "pointsman_text")
		if err != nil {
			t.Fatal(err)
		}
		length, err := instance.call(ctx, "pointsman_text_length")
		if err != nil {
			t.Fatal(err)
		}
		view, err := instance.call(ctx, "pointsman_view_new", uint64(zone.Handle), uint64(address), uint64(length))
		if err != nil || view != 0 {
			t.Fatalf("view %d, %v", view, err)
		}
		findings, err := instance.findings(ctx)
		if err != nil || len(findings) == 0 || findings[0].Code != "no-health-in-report" {
			t.Fatalf("%v %v", findings, err)
		}
	}
}

// TestSnapshot restores instances from one: they know what it knew, and share nothing that they write.
func TestSnapshot(t *testing.T) {
	engine, instance, zone, view := load(t)
	snapshot, err := instance.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var restored []*Instance
	for range 3 {
		one, err := engine.Restore(ctx, snapshot)
		if err != nil {
			t.Fatal(err)
		}
		restored = append(restored, one)
	}
	snapshot.Close()
	if err := instance.Close(ctx); err != nil {
		t.Fatal(err)
	}
	down, _, err := restored[0].NewView(ctx, zone.Handle, `{"HealthChecks": {"hc-1": "unhealthy"}}`)
	if err != nil {
		t.Fatal(err)
	}
	for n, one := range restored {
		ask(t, one)
		if answer, status, err := one.Resolve(ctx, view); err != nil || status != OK || answer.SourceCount() != 1 {
			t.Errorf("%d: %v %v", n, status, err)
		}
		checks, err := one.HealthChecks(ctx, view)
		if err != nil || !checks["hc-1"] {
			t.Errorf("%d: %v %v", n, checks, err)
		}
		// Each grows beyond what it began with.
		if _, err := one.Check(ctx, []Document{{Name: "long", Text: strings.Repeat(" ", 4<<20) + zoneText}}); err != nil {
			t.Errorf("%d: %v", n, err)
		}
	}
	if checks, err := restored[0].HealthChecks(ctx, down); err != nil || checks["hc-1"] {
		t.Errorf("%v %v", checks, err)
	}
	if checks, err := restored[1].HealthChecks(ctx, down); err == nil {
		t.Errorf("a view of another instance: %v", checks)
	}
	for _, one := range restored {
		if err := one.Close(ctx); err != nil {
			t.Error(err)
		}
	}
}

// TestLoader has the loader's engine make what the other one asks.
func TestLoader(t *testing.T) {
	engine, _, _, _ := load(t)
	loader, err := engine.Loader(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first, err := loader.Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	zone, _, err := first.LoadZone(ctx, "", []Document{{Name: "zone", Text: zoneText}})
	if err != nil {
		t.Fatal(err)
	}
	view, _, err := first.NewView(ctx, zone.Handle, "")
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := first.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	instance, err := engine.Restore(ctx, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	ask(t, instance)
	if answer, status, err := instance.Resolve(ctx, view); err != nil || status != OK || answer.SourceCount() != 1 {
		t.Errorf("%v %v", status, err)
	}
}
