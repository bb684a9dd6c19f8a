package pointsman

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	clog "github.com/coredns/coredns/plugin/pkg/log"
)

// FuzzEvents reads server-sent events and takes them up as a host does, without a network. Whatever comes: what is in force
// is a report, and it is of the watch that the client says it is bound to.
func FuzzEvents(f *testing.F) {
	clog.Discard()
	mark := func(run string, sequence string) string {
		return `"Watch":{"Id":"w","Run":"` + run + `","Sequence":` + sequence + `,"Zone":"example.com."}`
	}
	report := "event: report\ndata: {\"HealthChecks\":{\"hc-1\":\"unhealthy\"},\"Time\":\"2026-01-01T00:00:00Z\"," + mark("a", "1") + "}\n\n"
	change := "event: change\ndata: {\"HealthChecks\":{\"hc-1\":\"healthy\",\"hc-2\":null}," + mark("a", "2") + "}\n\n"
	alive := "event: alive\ndata: {" + mark("a", "2") + "}\n\n"
	for _, seed := range []string{
		report + change + alive + ": nothing new\n\n",
		report + strings.ReplaceAll(alive, `"a"`, `"b"`),
		report + strings.ReplaceAll(change, ":2", ":18446744073709551615"),
		"event: report\r\ndata: {\"HealthChecks\":\r\ndata: {}}\r\n\r\n:\n\nid: 7\nretry: x\n\n",
		"data: {\"healthChecks\":[{\"healthCheckId\":\"a\",\"status\":\"unhealthy\"}]}\n\nevent: alive\ndata: null\n\n",
		"event: alive\ndata: [\n\n", "data:\n\n", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		h := newHealth(config{})
		defer h.stop()
		applied := false
		client := newFeedClient(h, []string{"http://192.0.2.1"}, func(text string, whole bool) error {
			if !json.Valid([]byte(text)) {
				t.Errorf("%q is applied, and is not JSON", text)
			}
			applied = applied || whole
			return nil
		})
		if err := readEvents(bytes.NewReader(stream), func(e event) {
			had, bound := client.hasReport, client.bound
			err := client.handle(e, client.addresses[0])
			var again *errAgain
			if errors.As(err, &again) && (client.hasReport != had || client.bound != bound) {
				t.Errorf("event %q asks for a new stream, and changed the report", e.name)
			}
			if e.name == "alive" && client.bound != bound {
				t.Errorf("an alive event changed whose report is in force")
			}
		}); err != nil && len(stream) < 1<<16 {
			t.Errorf("%d bytes are too many: %v", len(stream), err)
		}
		if text := h.report(); text != "" && !json.Valid([]byte(text)) {
			t.Errorf("%q is in force, and is not JSON", text)
		}
	})
}
