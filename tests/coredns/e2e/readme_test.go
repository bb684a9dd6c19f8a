package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"pointsman.example/coredns-tests/internal/testkit"
	"pointsman.example/coredns/plain"
)

// TestReadmeAsWritten types the console block of the README into a shell, beside the CoreDNS that it tells to start.
func TestReadmeAsWritten(t *testing.T) {
	readme, err := os.ReadFile(testkit.Example("README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "./coredns -conf corefiles/active-active.Corefile") {
		t.Fatal("the README starts another Corefile")
	}
	port, explain := startCorefile(t, "active-active", nil)
	_, block, _ := strings.Cut(string(readme), "```console\n")
	block, _, _ = strings.Cut(block, "```")
	commands := 0
	for _, part := range strings.Split("\n"+block, "\n$ ")[1:] {
		command, want, _ := strings.Cut(part, "\n")
		command = strings.NewReplacer("-p 5300", "+tries=5 -p "+fmt.Sprint(port), "127.0.0.1:9154", explain).Replace(command)
		got, err := exec.Command("bash", "-c", command).CombinedOutput()
		if err != nil || strings.TrimSpace(string(got)) != strings.TrimSpace(want) {
			t.Errorf("$ %s\n%s\nthe README says\n%s\n%v", command, got, want, err)
		}
		commands++
	}
	if commands < 3 {
		t.Errorf("only %d commands were found", commands)
	}
}

// TestPluginReadme starts CoreDNS with each Corefile that the plugin's README shows, with the files that it names.
func TestPluginReadme(t *testing.T) {
	readme, err := os.ReadFile(testkit.Example("pointsman", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := testkit.WriteMMDB(filepath.Join(folder, "geo.mmdb"), false, nil); err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, folder: folder}
	h.write("zone.json", testdata(t, "zone.json"))
	h.write("eu.json", testdata(t, "eu.json"))
	h.write("checks.json", `{"HealthChecks": []}`)
	h.write("health.json", oneDown)
	f := newFeed(made(oneDown, time.Now()), true)
	defer f.Close()
	blocks := strings.Split(string(readme), "~~~ corefile\n")[1:]
	if len(blocks) < 2 {
		t.Fatalf("%d Corefiles", len(blocks))
	}
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "~~~")
		ports, err := testkit.FreePorts(5)
		if err != nil {
			t.Fatal(err)
		}
		local := func(n int) string { return fmt.Sprintf("127.0.0.1:%d", ports[n]) }
		bind := fmt.Sprintf(":%d {\n    bind 127.0.0.1\n", ports[0])
		corefile := strings.NewReplacer(". {\n", "."+bind, "example.com {\n", "example.com"+bind,
			"/usr/lib/pointsman/pointsman_plain.wasm", testkit.Module(),
			"/etc/pointsman/health-checks.json", folder+"/checks.json",
			"/etc/pointsman/example.com.json", folder+"/zone.json", "/etc/pointsman/example.net.json", folder+"/eu.json",
			"/run/pointsman/health.json", folder+"/health.json", "/var/lib/geo/country.mmdb", folder+"/geo.mmdb",
			"/var/lib/geo/City.mmdb", folder+"/geo.mmdb", "http://127.0.0.1:8053", f.URL,
			"127.0.0.1:9154", local(2), "ready {", "ready "+local(3)+" {", "prometheus\n", "prometheus "+local(4)+"\n",
		).Replace(block)
		if !strings.Contains(corefile, "module ") {
			corefile = strings.Replace(corefile, "health file", "module "+testkit.Module()+"\n        health file", 1)
		}
		server, err := testkit.Start(coredns, folder, corefile, local(0))
		if err != nil {
			t.Fatalf("%s\n%v", corefile, err)
		}
		source := ""
		if strings.Contains(corefile, "proxyproto") {
			source = "198.51.100.7"
		}
		client, err := testkit.Dial(local(0), source)
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "an answer by health", 20*time.Second, func() bool {
			response, err := client.Ask(testkit.Query("fail.example.com", dns.TypeA, ""))
			return err == nil && len(response.Answer) == 1 && strings.HasSuffix(response.Answer[0].String(), "198.51.100.20")
		})
		client.Close()
		server.Stop()
	}
}

// startCorefile starts one of the Corefiles with ports of the test's own.
func startCorefile(t *testing.T, name string, replace map[string]string) (int, string) {
	t.Helper()
	text, err := os.ReadFile(testkit.Example("corefiles", name+".Corefile"))
	if err != nil {
		t.Fatal(err)
	}
	ports, err := testkit.FreePorts(3)
	if err != nil {
		t.Fatal(err)
	}
	zones := filepath.Join(testkit.Root(), "host-examples", "zones")
	corefile := strings.NewReplacer(".:5300", fmt.Sprintf(".:%d", ports[0]), ":9153", fmt.Sprintf(":%d", ports[1]),
		":9154", fmt.Sprintf(":%d", ports[2]), "root ../zones", "root "+zones,
		"module ../../target/wasm/pointsman_plain.wasm", "module "+testkit.Module()).Replace(string(text))
	for from, to := range replace {
		if !strings.Contains(corefile, from) {
			t.Fatalf("%s does not hold %q", name, from)
		}
		corefile = strings.ReplaceAll(corefile, from, to)
	}
	address := fmt.Sprintf("127.0.0.1:%d", ports[0])
	server, err := testkit.Start(coredns, t.TempDir(), corefile, address, fmt.Sprintf("127.0.0.1:%d", ports[2]))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	t.Cleanup(server.Stop)
	return ports[0], fmt.Sprintf("127.0.0.1:%d", ports[2])
}

// TestCorefiles starts the Corefile of each article zone and asks what its head says.
func TestCorefiles(t *testing.T) {
	files, err := filepath.Glob(testkit.Example("corefiles", "*.Corefile"))
	if err != nil || len(files) < 7 {
		t.Fatalf("%v, %v", files, err)
	}
	zones := filepath.Join(testkit.Root(), "host-examples", "zones")
	asked := regexp.MustCompile(`(?m)^# Then:  dig .* (\S+\.example\.com) A`)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".Corefile")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			replace := map[string]string{}
			wantRcode := dns.RcodeSuccess
			switch name {
			case "article-001":
				replace["zone article-001.json"] = "zone " + applied(t, zones, "article-001-batch-fixed.json", "bare.json")
				wantRcode = dns.RcodeServerFailure
			case "article-003":
				replace["zone article-003.json"] = "zone " + applied(t, zones, "article-003-rebuilt.json", "bare.json", "article-003-checks.json")
			}
			port, _ := startCorefile(t, name, replace)
			questions := asked.FindAllStringSubmatch(string(text), -1)
			if len(questions) == 0 {
				t.Fatal("its head asks nothing")
			}
			for _, question := range questions {
				client, err := testkit.Dial(fmt.Sprintf("127.0.0.1:%d", port), "")
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				response, err := client.Ask(testkit.Query(question[1], dns.TypeA, ""))
				if err != nil || response.Rcode != wantRcode || wantRcode == dns.RcodeSuccess && len(response.Answer) == 0 {
					t.Errorf("%s: %v %v", question[1], response, err)
				}
			}
		})
	}
}

// applied is a file with the documents after a change batch, as `pointsman apply` writes it.
func applied(t *testing.T, zones, batch string, names ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	engine, err := plain.Open(ctx, testkit.Module())
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close(ctx)
	instance, err := engine.Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(zones, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	var documents []plain.Document
	for _, name := range names {
		documents = append(documents, plain.Document{Name: name, Text: read(name)})
	}
	text, err := instance.Apply(ctx, documents, read(batch))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "applied.json")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}
