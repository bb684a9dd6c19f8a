package pointsman

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"pointsman.example/coredns/plain"
)

// imageOf compiles documents as `pointsman compile` does.
func imageOf(t *testing.T, p *Pointsman, text string) []byte {
	t.Helper()
	image, _, err := zoneSource{documents: []plain.Document{{Name: "zone.json", Text: text}}}.compiled(p.engine)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// said is what the plugin says about a name in every way that it has.
func said(t *testing.T, p *Pointsman, name string) string {
	t.Helper()
	var text strings.Builder
	_, m := ask(p, name)
	if m != nil {
		m.Id = 0
		text.WriteString(m.String())
	}
	asked := asked{name: name, qtype: dns.TypeA}
	for _, way := range []func(*slot) (string, plain.Status, error){
		func(s *slot) (string, plain.Status, error) { return s.instance.Explain(background, s.view, true) },
		func(s *slot) (string, plain.Status, error) { return s.instance.Odds(background, s.view) },
	} {
		part, status, err := p.question(p.zones[0], asked, way)
		if err != nil || status != plain.OK {
			t.Fatalf("%s: %v %v", name, status, err)
		}
		text.WriteString(part)
	}
	return text.String()
}

// TestImage serves an image where documents were: everything is said in the same bytes, and images that cannot be opened leave
// the zone as it was.
func TestImage(t *testing.T) {
	p := start(t, 2)
	p.config.sticky = true // one answer for one client
	file := p.zones[0].watcher.files[0]
	names := []string{"example.com.", "www.example.com.", "w.example.com.", "none.example.com."}
	var before []string
	for _, name := range names {
		before = append(before, said(t, p, name))
	}
	image := imageOf(t, p, zoneText)
	if again := imageOf(t, p, zoneText); string(again) != string(image) {
		t.Error("equal documents give two images")
	}
	put := func(data []byte) {
		t.Helper()
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		p.reloadZone(p.zones[0])
	}
	put(image)
	generation := p.zones[0].current.Load()
	if generation.imageSize != len(image) {
		t.Fatalf("the image is not taken up: %d bytes, not %d", generation.imageSize, len(image))
	}
	for n, name := range names {
		if now := said(t, p, name); now != before[n] {
			t.Errorf("%s: documents say\n%s\nand their image\n%s", name, before[n], now)
		}
	}
	damaged := append([]byte(nil), image...)
	damaged[len(damaged)-1] ^= 1
	other := append([]byte(nil), image...)
	other[8] = 1 // the format's version
	semantics := append([]byte(nil), image...)
	semantics[10]++
	for want, data := range map[string][]byte{
		"image-damaged": damaged, "image-format-version": other, "image-semantics-version": semantics,
		"image-damaged)": image[:len(image)-8],
	} {
		_, err := p.loadFrom(t, file, data)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		put(data)
		if p.zones[0].current.Load() != generation {
			t.Errorf("%s: the zone did not stay as it was", want)
		}
	}
	latency := filepath.Join(t.TempDir(), "latency.json")
	if err := os.WriteFile(latency, []byte(`{"LatencyTable": {}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	put(image)
	if _, err := readSource([]string{file, latency}, os.ReadFile); err == nil || !strings.Contains(err.Error(), "nothing can be added") {
		t.Errorf("an image with a document beside it: %v", err)
	}
}

// loadFrom loads the zone as if the file held these bytes.
func (p *Pointsman) loadFrom(t *testing.T, file string, data []byte) (*generation, error) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return p.load(p.zones[0])
}

// TestImageMemory holds what an instance of the pool has to what its zone takes, without what reading the documents took.
func TestImageMemory(t *testing.T) {
	p := start(t, 1)
	var text strings.Builder
	text.WriteString(strings.TrimSuffix(zoneText, "]}"))
	const names = 5000
	for n := range names {
		text.WriteString(strings.NewReplacer("NAME", "n"+strings.Repeat("x", n%7)+string(rune('a'+n%26))+strconv.Itoa(n), "VALUE", "198.51.100."+strconv.Itoa(n%256)).Replace(
			`, {"Name": "NAME.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "VALUE"}]}`))
	}
	text.WriteString("]}")
	ctx := context.Background()
	loaded, err := p.engine.Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer loaded.Close(ctx)
	if _, _, err := loaded.LoadZone(ctx, "", []plain.Document{{Name: "zone.json", Text: text.String()}}); err != nil {
		t.Fatal(err)
	}
	g, err := p.loadFrom(t, p.zones[0].watcher.files[0], []byte(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	pool, _ := g.memory()
	if g.zone.RecordSets != names+5 || pool*2 > uint64(loaded.MemorySize()) {
		t.Errorf("%d record sets: an instance has %d bytes, and one that read the documents %d", g.zone.RecordSets, pool, loaded.MemorySize())
	}
	t.Logf("image %d bytes, an instance of the pool %d, one that read the documents %d", g.imageSize, pool, loaded.MemorySize())
}
