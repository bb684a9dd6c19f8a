package pointsman

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coredns/caddy"
)

func TestCorefile(t *testing.T) {
	for text, want := range map[string]string{
		"pointsman":                                                           "no zone",
		"pointsman {\n zone\n}":                                               "Wrong argument count",
		"pointsman z.json {\n nonsense\n}":                                    "unknown property 'nonsense'",
		"pointsman z.json {\n health weather x\n}":                            "neither file nor feed",
		"pointsman z.json {\n health feed localhost\n}":                       "is not an address",
		"pointsman z.json {\n health file a\n health feed http://b\n}":        "not from both",
		"pointsman z.json {\n max_age soon\n}":                                "max_age",
		"pointsman z.json {\n max_age 5s whatever\n}":                         "none of keep",
		"pointsman z.json {\n max_age 5s no-data\n}":                          "no effect without health",
		"pointsman z.json {\n geo\n}":                                         "geo is",
		"pointsman z.json {\n geo metadata\n geo mmdb x\n}":                   "not both",
		"pointsman z.json {\n reload x\n}":                                    "is not a duration",
		"pointsman z.json {\n instances 0\n}":                                 "is not a number from 1",
		"pointsman z.json {\n sticky yes\n}":                                  "Wrong argument count",
		"pointsman z.json\npointsman y.json":                                  "once",
		"pointsman z.json {\n health feed http://a\n health feed http://a\n}": "is given twice",
		"pointsman z.json {\n health file a\n health file b\n}":               "is given twice",
		"pointsman z.json {\n fail_closed\n}":                                 "fail_closed is",
		"pointsman z.json {\n fail_closed 503\n}":                             "neither servfail nor nodata",
		"pointsman z.json {\n fail_closed nodata a..b\n}":                     "is not a domain name",
		"pointsman z.json {\n never_darker a b\n}":                            "Wrong argument count",
		"pointsman {\n zone_feed z.json\n}":                                   "zone_feed is",
		"pointsman {\n zone_feed z.json here\n}":                              "is not an address",
		"pointsman {\n reload 0s\n zone_feed z.json http://a\n}":              "does not go with",
		"pointsman {\n zone_feed z.json http://a http://b at eu-west-1\n}":    "",
		"pointsman z.json":                                                    "",
		"pointsman z.json {\n health feed http://a http://b\n health feed http://c\n never_darker\n fail_closed servfail\n fail_closed nodata WWW.example.com\n}":                                                                           "",
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

// TestStartIsRefused checks what a person reads whose Corefile names what cannot be used.
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
	broken := write("broken.json", zoneText[:len(zoneText)/2])
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
			c.config.module = moduleFile()
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

func TestFailClosedNames(t *testing.T) {
	text := "pointsman z.json {\n fail_closed servfail\n fail_closed nodata Shop.example.com\n}"
	config, err := parse(caddy.NewTestController("dns", text))
	if err != nil {
		t.Fatal(err)
	}
	p := &Pointsman{config: config}
	for name, want := range map[string]failMode{
		"www.example.com.": failServfail, "shop.example.com.": failNoData, "a.shop.example.com.": failNoData, "xshop.example.com.": failServfail,
	} {
		if got := p.failsClosed(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
