package e2e

import (
	"crypto"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"pointsman.example/coredns-tests/internal/testkit"
)

// refused starts CoreDNS with a server block and returns what it says when it does not start.
func refused(t *testing.T, block string, files map[string]string) string {
	t.Helper()
	ports, err := testkit.FreePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	corefile := fmt.Sprintf(".:%d {\n    bind 127.0.0.1\n%s\n}\n", ports[0], strings.ReplaceAll(block, "MODULE", testkit.Module()))
	server, err := testkit.Start(coredns, folder, corefile, fmt.Sprintf("127.0.0.1:%d", ports[0]))
	if err != nil {
		return err.Error()
	}
	server.Stop()
	return ""
}

// zoneOf is a small zone with further record sets.
func zoneOf(recordSets ...string) string {
	apex := `{"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": [{"Value": "ns.example.net. h.example.com. 1 2 3 4 60"}]},
		{"Name": "example.com.", "Type": "NS", "TTL": 900, "ResourceRecords": [{"Value": "ns.example.net."}]}`
	return `{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [` + strings.Join(append([]string{apex}, recordSets...), ",") + `]}`
}

func a(name, more, address string) string {
	return fmt.Sprintf(`{"Name": %q, "Type": "A", "TTL": 60, %s "ResourceRecords": [{"Value": %q}]}`, name, more, address)
}

// TestCache puts the plugin cache in front: where answers depend on who asks, CoreDNS does not start.
func TestCache(t *testing.T) {
	plain := zoneOf(a("www.example.com.", "", "192.0.2.1"))
	germany := zoneOf(a("geo.example.com.", `"SetIdentifier": "de", "GeoLocation": {"CountryCode": "DE"},`, "192.0.2.1"))
	near := zoneOf(a("near.example.com.", `"SetIdentifier": "us", "Region": "us-east-1",`, "192.0.2.1"))
	block := func(cache string) string {
		return cache + "    pointsman zone.json {\n        module MODULE\n        reload 50ms\n    }"
	}
	for _, c := range []struct{ what, zone, cache, want string }{
		{"geography", germany, "    cache 30\n", "the plugin cache"},
		{"latency", near, "    cache\n", "the plugin cache"},
		{"its own zone", germany, "    cache 30 example.com\n", "the plugin cache"},
		{"below it", germany, "    cache 30 www.example.com\n", "the plugin cache"},
		{"another zone", germany, "    cache 30 example.net\n", ""},
		{"no geography", plain, "    cache 30\n", ""},
		{"no cache", germany, "", ""},
	} {
		got := refused(t, block(c.cache), map[string]string{"zone.json": c.zone})
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	// A zone that begins to ask who asks is not taken up either.
	h := serve(t, "        zone zone.json", "    cache 30\n", "", map[string]string{"zone.json": plain})
	h.write("zone.json", germany)
	eventually(t, "the zone is refused", 10*time.Second, func() bool {
		return h.metric("coredns_pointsman_zone_reload_failures_total") > 0
	})
	if got := h.first("www.example.com."); got != "192.0.2.1" || !strings.Contains(h.Output(), "the plugin cache") {
		t.Errorf("%s", got)
	}
}

// TestNeverDarker takes a name away, and a place: neither is taken up until somebody makes the file.
func TestNeverDarker(t *testing.T) {
	www := a("www.example.com.", "", "192.0.2.1")
	germany := a("geo.example.com.", `"SetIdentifier": "de", "GeoLocation": {"CountryCode": "DE"},`, "192.0.2.2")
	france := a("geo.example.com.", `"SetIdentifier": "fr", "GeoLocation": {"CountryCode": "FR"},`, "192.0.2.3")
	h := serve(t, "        zone zone.json\n        never_darker release", "", "", map[string]string{"zone.json": zoneOf(www, germany, france)})
	failures := func() float64 { return h.metric("coredns_pointsman_zone_reload_failures_total") }
	for what, zone := range map[string]string{"a name": zoneOf(germany, france), "a place": zoneOf(www, germany)} {
		before := failures()
		h.write("zone.json", zone)
		eventually(t, what+" is kept", 10*time.Second, func() bool { return failures() > before })
		if got := h.first("www.example.com."); got != "192.0.2.1" || h.metric("coredns_pointsman_zone_darker") != 1 {
			t.Errorf("%s: %s", what, got)
		}
	}
	if output := h.Output(); !strings.Contains(output, `{"name":"www.example.com.","type":"A"}`) || !strings.Contains(output, `"country":"FR"`) {
		t.Error("the log does not name the questions")
	}
	// More is no less.
	h.write("zone.json", zoneOf(www, germany, france, a("new.example.com.", "", "192.0.2.9")))
	eventually(t, "a new name", 10*time.Second, func() bool { return h.first("new.example.com.") == "192.0.2.9" })
	before := failures()
	h.write("zone.json", zoneOf(germany, france))
	eventually(t, "it is kept again", 10*time.Second, func() bool { return failures() > before })
	h.write("release", "")
	eventually(t, "it is let go", 10*time.Second, func() bool { return h.first("www.example.com.") == "NXDOMAIN" })
	eventually(t, "the file counts once", 10*time.Second, func() bool {
		_, err := os.Stat(filepath.Join(h.folder, "release"))
		return os.IsNotExist(err) && h.metric("coredns_pointsman_zone_darker") == 0
	})
}

// TestFailClosed has everything down: what fails open is given as the Corefile says.
func TestFailClosed(t *testing.T) {
	down := `{"HealthChecks": {"hc-one": "unhealthy", "hc-two": "unhealthy"}}`
	for _, c := range []struct{ property, want string }{
		{"", "198.51.100.10"},
		{"fail_closed servfail", "SERVFAIL"},
		{"fail_closed nodata", "NOERROR"},
		{"fail_closed servfail www.example.com", "198.51.100.10"},
		{"fail_closed servfail\n        fail_closed nodata fail.example.com", "NOERROR"},
	} {
		h := serve(t, "        zone zone.json\n        health file health.json\n        "+c.property, "", "",
			map[string]string{"zone.json": testdata(t, "zone.json"), "health.json": down})
		if got := h.first(fail); got != c.want {
			t.Errorf("%q: %s, want %s", c.property, got, c.want)
		}
		if got := h.first("www.example.com."); got != "192.0.2.1" {
			t.Errorf("%q: what is well gives %s", c.property, got)
		}
		if c.want == "NOERROR" {
			response := h.ask(fail, dns.TypeA, "")
			if len(response.Ns) != 1 || response.Ns[0].Header().Rrtype != dns.TypeSOA {
				t.Errorf("NODATA comes with %v", texts(response.Ns))
			}
		}
		if c.want == "SERVFAIL" {
			if h.metric("coredns_pointsman_negative_answers_total", `kind="FAIL-CLOSED"`) == 0 {
				t.Error("it is not counted")
			}
			if code, _ := extendedError(h.ask(fail, dns.TypeA, "192.0.2.0/24")); code != int(dns.ExtendedErrorCodeOther) {
				t.Errorf("extended error %d", code)
			}
		}
	}
}

// extendedError is the extended DNS error of a response; -1 without.
func extendedError(m *dns.Msg) (int, string) {
	if opt := m.IsEdns0(); opt != nil {
		for _, option := range opt.Option {
			if ede, isError := option.(*dns.EDNS0_EDE); isError {
				return int(ede.InfoCode), ede.ExtraText
			}
		}
	}
	return -1, ""
}

// TestExtendedErrors asks for what is not answered, and reads why (RFC 8914); the plugin errors logs it.
func TestExtendedErrors(t *testing.T) {
	h := serve(t, "        zone zone.json\n        health file health.json\n        max_age 1h not-ready", "", "",
		map[string]string{"zone.json": testdata(t, "zone.json"), "health.json": oneDown}) // without a time
	response := h.ask(fail, dns.TypeA, "192.0.2.0/24")
	if code, text := extendedError(response); response.Rcode != dns.RcodeServerFailure || code != int(dns.ExtendedErrorCodeNotReady) || text == "" {
		t.Errorf("too old: %d, %d %q", response.Rcode, code, text)
	}
	if plain := h.ask(fail, dns.TypeA, ""); plain.Rcode != dns.RcodeServerFailure || plain.IsEdns0() != nil {
		t.Errorf("without EDNS: %v", plain)
	}
	if !strings.Contains(h.Output(), "fail.example.com. A: plugin/pointsman: SERVFAIL: the health report is too old") {
		t.Error("the plugin errors has nothing to say")
	}
	h = serve(t, "        zone zone.json", "", "", map[string]string{"zone.json": testdata(t, "zone.json")})
	response = h.ask("elb.example.com.", dns.TypeA, "192.0.2.0/24")
	if code, _ := extendedError(response); response.Rcode != dns.RcodeServerFailure || code != int(dns.ExtendedErrorCodeNoReachableAuthority) {
		t.Errorf("an alias target that nobody knows: %d, %d", response.Rcode, code)
	}
}

// TestOpcodes sends what is no query.
func TestOpcodes(t *testing.T) {
	h := serveZone(t, "")
	client, err := testkit.Dial(h.address, "")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for opcode, want := range map[int]int{
		dns.OpcodeNotify: dns.RcodeRefused, dns.OpcodeUpdate: dns.RcodeNotImplemented, dns.OpcodeStatus: dns.RcodeNotImplemented,
	} {
		m := testkit.Query("example.com.", dns.TypeSOA, "")
		m.Opcode = opcode
		response, err := client.Ask(m)
		if err != nil || response.Rcode != want || len(response.Answer) > 0 {
			t.Errorf("%s: %v %v", dns.OpcodeToString[opcode], response, err)
		}
	}
}

// TestCNAMELoop follows CNAMEs in a circle: each is in the answer once.
func TestCNAMELoop(t *testing.T) {
	cname := func(from, to string) string {
		return fmt.Sprintf(`{"Name": "%s.example.com.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "%s.example.com."}]}`, from, to)
	}
	h := serve(t, "        zone zone.json", "", "", map[string]string{
		"zone.json": zoneOf(cname("one", "two"), cname("two", "three"), cname("three", "one"), cname("self", "self")),
	})
	if got := texts(h.ask("one.example.com.", dns.TypeA, "").Answer); len(got) != 3 {
		t.Errorf("three in a circle: %q", got)
	}
	if got := texts(h.ask("Self.example.com.", dns.TypeA, "").Answer); len(got) != 1 {
		t.Errorf("one that leads to itself: %q", got)
	}
}

// TestCase asks in mixed case, as resolvers do against forgery: the owner comes back as it was asked, and compressed.
func TestCase(t *testing.T) {
	h := serveZone(t, "")
	for _, name := range []string{"WwW.eXample.COM.", "A.wIld.example.com.", "aLIas.example.com.", "EXAMPLE.com."} {
		response := h.ask(name, dns.TypeA, "")
		if response.Question[0].Name != name || len(response.Answer) == 0 || response.Answer[0].Header().Name != name {
			t.Errorf("%s: %v", name, response)
		}
	}
	// CoreDNS compresses what does not fit otherwise, and a name is only a pointer to one in the same case: 25 addresses
	// fit into 512 bytes in this way alone.
	var addresses []string
	for n := range 25 {
		addresses = append(addresses, fmt.Sprintf(`{"Value": "192.0.2.%d"}`, n))
	}
	many := fmt.Sprintf(`{"Name": "many-addresses.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [%s]}`, strings.Join(addresses, ","))
	h = serve(t, "        zone zone.json", "", "", map[string]string{"zone.json": zoneOf(many)})
	if response := h.ask("MANY-aDdReSsEs.example.com.", dns.TypeA, ""); response.Truncated || len(response.Answer) != 25 {
		t.Errorf("25 addresses: truncated %v, %d", response.Truncated, len(response.Answer))
	}
}

// TestMetadata has the plugin log write what decided.
func TestMetadata(t *testing.T) {
	h := serve(t, "        zone zone.json\n        health file health.json",
		"    metadata\n    log . \"decided {name} {/pointsman/zone} {/pointsman/policy} {/pointsman/set-identifier} {/pointsman/fail-open} end\"\n", "",
		map[string]string{"zone.json": testdata(t, "zone.json"), "health.json": oneDown})
	h.first(fail)
	h.first("www.example.org.")
	for _, want := range []string{"decided fail.example.com. example.com. failover two false end"} {
		eventually(t, want, 5*time.Second, func() bool { return strings.Contains(h.Output(), want) })
	}
	if value := h.metric("coredns_pointsman_answers_total", fmt.Sprintf(`server="dns://127.0.0.1:%d"`, h.port), `set_identifier="two"`); value != 1 {
		t.Errorf("answers of this server: %v", value)
	}
}

// TestDNSSEC signs with the plugin dnssec, and validates every kind of answer, as delv does.
func TestDNSSEC(t *testing.T) {
	key := &dns.DNSKEY{
		Hdr:   dns.RR_Header{Name: "example.com.", Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 3600},
		Flags: 257, Protocol: 3, Algorithm: dns.ECDSAP256SHA256,
	}
	private, err := key.Generate(256)
	if err != nil {
		t.Fatal(err)
	}
	base := fmt.Sprintf("Kexample.com.+013+%05d", key.KeyTag())
	h := serve(t, "        zone zone.json\n        health file health.json", "    dnssec example.com {\n        key file "+base+"\n    }\n"+world, "",
		map[string]string{
			"zone.json": testdata(t, "zone.json"), "health.json": bothUp,
			base + ".key": key.String() + "\n", base + ".private": key.PrivateKeyString(private.(crypto.PrivateKey)),
		})
	client, err := testkit.Dial(h.address, "")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ask := func(name string, qtype uint16) *dns.Msg {
		m := testkit.Query(name, qtype, "")
		m.SetEdns0(4096, true)
		response, err := client.Ask(m)
		if err != nil {
			t.Fatal(err)
		}
		return response
	}
	for _, question := range []struct {
		name  string
		qtype uint16
	}{
		{"www.example.com.", dns.TypeA}, {"example.com.", dns.TypeSOA}, {"example.com.", dns.TypeDNSKEY}, {"txt.example.com.", dns.TypeTXT},
		{"cname.example.com.", dns.TypeA}, {"a.wild.example.com.", dns.TypeA}, {"alias.example.com.", dns.TypeA},
		{"weighted.example.com.", dns.TypeA}, {fail, dns.TypeA}, {"multi.example.com.", dns.TypeA}, {"geo.example.com.", dns.TypeA},
	} {
		response := ask(question.name, question.qtype)
		signed := verify(t, response.Answer, key)
		if signed == 0 {
			t.Errorf("%s %s: nothing is signed: %v", question.name, dns.TypeToString[question.qtype], response)
		}
	}
	for _, name := range []string{"nope.example.com.", "www.example.com."} {
		response := ask(name, dns.TypeMX)
		if verify(t, response.Ns, key) < 2 || !slices.ContainsFunc(response.Ns, func(r dns.RR) bool { return r.Header().Rrtype == dns.TypeNSEC }) {
			t.Errorf("%s MX: the denial is not signed: %v", name, response.Ns)
		}
	}
	// All draws validate, though the plugin keeps signatures.
	for range 40 {
		verify(t, ask("weighted.example.com.", dns.TypeA).Answer, key)
	}
	anchors := fmt.Sprintf("trust-anchors {\n  example.com. static-key %d %d %d %q;\n};\n", key.Flags, key.Protocol, key.Algorithm, key.PublicKey)
	file := filepath.Join(h.folder, "anchors")
	if err := os.WriteFile(file, []byte(anchors), 0o644); err != nil {
		t.Fatal(err)
	}
	output, err := exec.Command("delv", "-a", file, "+root=example.com", "@127.0.0.1", "-p", fmt.Sprint(h.port), fail, "A").CombinedOutput()
	if err != nil || !strings.Contains(string(output), "fully validated") {
		t.Errorf("delv: %v\n%s", err, output)
	}
}

// verify checks every signature among records against the key, and that there is one for each record set.
func verify(t *testing.T, records []dns.RR, key *dns.DNSKEY) int {
	t.Helper()
	sets := make(map[string][]dns.RR)
	id := func(name string, typ uint16) string { return strings.ToLower(name) + dns.TypeToString[typ] }
	signatures := 0
	for _, record := range records {
		if record.Header().Rrtype != dns.TypeRRSIG {
			name := id(record.Header().Name, record.Header().Rrtype)
			sets[name] = append(sets[name], record)
		}
	}
	signed := make(map[string]bool)
	for _, record := range records {
		if signature, isSignature := record.(*dns.RRSIG); isSignature {
			name := id(signature.Hdr.Name, signature.TypeCovered)
			if err := signature.Verify(key, sets[name]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			signed[name] = true
			signatures++
		}
	}
	for name := range sets {
		if !signed[name] && !strings.HasSuffix(name, "example.org.A") {
			t.Errorf("%s is not signed", name)
		}
	}
	return signatures
}
