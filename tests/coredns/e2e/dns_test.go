package e2e

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"pointsman.example/coredns-tests/internal/testkit"
)

// world plays the names outside the zone: what CNAMEs and AWS aliases lead to.
const world = `
    template IN A elb.amazonaws.com {
        match ^dualstack[.]my-lb[.]us-east-1[.]elb[.]amazonaws[.]com[.]$
        answer "{{ .Name }} 37 IN A 198.18.0.1"
        answer "{{ .Name }} 37 IN A 198.18.0.2"
        fallthrough
    }
    template IN AAAA elb.amazonaws.com {
        match ^dualstack[.]my-lb[.]us-east-1[.]elb[.]amazonaws[.]com[.]$
        rcode NOERROR
        authority "elb.amazonaws.com 60 IN SOA ns.elb.amazonaws.com. h.elb.amazonaws.com. 1 60 60 60 60"
        fallthrough
    }
    template IN A example.org {
        match ^target[.]example[.]org[.]$
        answer "{{ .Name }} 11 IN A 198.18.0.3"
        fallthrough
    }
`

func serveZone(t *testing.T, properties string) *host {
	t.Helper()
	return serve(t, "        zone zone.json\n        zone eu.json\n"+properties, world, "",
		map[string]string{"zone.json": testdata(t, "zone.json"), "eu.json": testdata(t, "eu.json")})
}

func TestAnswers(t *testing.T) {
	h := serveZone(t, "")
	for _, want := range []struct {
		name    string
		qtype   uint16
		records []string
	}{
		{"www.example.com.", dns.TypeA, []string{"www.example.com. 60 A 192.0.2.1", "www.example.com. 60 A 192.0.2.2"}},
		{"WwW.eXample.com.", dns.TypeAAAA, []string{"WwW.eXample.com. 60 AAAA 2001:db8::1"}},
		{"example.com.", dns.TypeNS, []string{"example.com. 172800 NS ns1.example.com.", "example.com. 172800 NS ns2.example.net."}},
		{"example.com.", dns.TypeSOA, []string{"example.com. 900 SOA ns1.example.com. hostmaster.example.com. 7 7200 900 1209600 86400"}},
		{"txt.example.com.", dns.TypeTXT, []string{`txt.example.com. 300 TXT "plain \"quoted\" text" "second; with octal semicolon \195\169"`}},
		{"mx.example.com.", dns.TypeMX, []string{"mx.example.com. 300 MX 10 mail.example.com."}},
		{"naptr.example.com.", dns.TypeNAPTR, []string{`naptr.example.com. 300 NAPTR 100 50 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .`}},
		{"ptr.example.com.", dns.TypePTR, []string{"ptr.example.com. 300 PTR www.example.com."}},
		{"_sip._tcp.example.com.", dns.TypeSRV, []string{"_sip._tcp.example.com. 300 SRV 1 10 5060 sip.example.com."}},
		{"spf.example.com.", dns.TypeSPF, []string{`spf.example.com. 300 SPF "v=spf1 -all"`}},
		{"caa.example.com.", dns.TypeCAA, []string{`caa.example.com. 300 CAA 0 issue "ca.example.net"`}},
		{"_443._tcp.example.com.", dns.TypeTLSA, []string{"_443._tcp.example.com. 300 TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}},
		{"sshfp.example.com.", dns.TypeSSHFP, []string{"sshfp.example.com. 300 SSHFP 4 2 123456789ABCDEF67890123456789ABCDEF67890123456789ABCDEF123456789"}},
		{"svcb.example.com.", dns.TypeSVCB, []string{`svcb.example.com. 300 SVCB 1 svc.example.com. alpn="h2" port="8443"`}},
		{"https.example.com.", dns.TypeHTTPS, []string{`https.example.com. 300 HTTPS 1 . alpn="h2,h3"`}},
		{"sub.example.com.", dns.TypeDS, []string{"sub.example.com. 3600 DS 12345 8 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"}},
		{"cname.example.com.", dns.TypeCNAME, []string{"cname.example.com. 300 CNAME www.example.com."}},
		// Followed in the zone, and on through CoreDNS.
		{"chain.example.com.", dns.TypeAAAA, []string{"chain.example.com. 30 CNAME cname.example.com.",
			"cname.example.com. 300 CNAME www.example.com.", "www.example.com. 60 AAAA 2001:db8::1"}},
		{"away.example.com.", dns.TypeA, []string{"away.example.com. 30 CNAME target.example.org.", "target.example.org. 11 A 198.18.0.3"}},
		// Wildcards cover every level below (1.2.2), under the name that was asked for.
		{"a.wild.example.com.", dns.TypeA, []string{"a.wild.example.com. 60 A 192.0.2.99"}},
		{"c.b.a.wild.example.com.", dns.TypeA, []string{"c.b.a.wild.example.com. 60 A 192.0.2.99"}},
		{"x.mid.wild.example.com.", dns.TypeTXT, []string{`x.mid.wild.example.com. 60 TXT "an escaped asterisk is a wildcard too"`}},
		// Escapes are octal in Route 53 and decimal in master files (1.5.5).
		{`a\.b.example.com.`, dns.TypeA, []string{`a\.b.example.com. 300 A 192.0.2.8`}},
		{`sp\032ace.example.com.`, dns.TypeA, []string{`sp\ ace.example.com. 300 A 192.0.2.9`}},
		{"octal.example.com.", dns.TypeA, []string{`octal.example.com. 300 CNAME a\.b.example.com.`, `a\.b.example.com. 300 A 192.0.2.8`}},
		// Aliases look like plain records of their own name (1.6.7); an AWS resource's come through CoreDNS.
		{"alias.example.com.", dns.TypeA, []string{"alias.example.com. 60 A 192.0.2.1", "alias.example.com. 60 A 192.0.2.2"}},
		{"elb.example.com.", dns.TypeA, []string{"elb.example.com. 37 A 198.18.0.1", "elb.example.com. 37 A 198.18.0.2"}},
		// One set has one TTL (10.18).
		{"multi.example.com.", dns.TypeA, []string{"multi.example.com. 60 A 198.51.100.30", "multi.example.com. 60 A 198.51.100.31",
			"multi.example.com. 60 A 198.51.100.32"}},
		// The longest zone name wins.
		{"www.eu.example.com.", dns.TypeA, []string{"www.eu.example.com. 300 A 192.0.2.111"}},
	} {
		response := h.ask(want.name, want.qtype, "")
		if got := texts(response.Answer); !slices.Equal(got, want.records) {
			t.Errorf("%s %s: got %q, want %q", want.name, dns.TypeToString[want.qtype], got, want.records)
		}
		if !response.Authoritative || response.Rcode != dns.RcodeSuccess {
			t.Errorf("%s: AA %v, rcode %d", want.name, response.Authoritative, response.Rcode)
		}
		isApexNS := want.qtype == dns.TypeNS
		if !isApexNS && !strings.Contains(want.name, "eu.example") && want.name != "away.example.com." && len(response.Ns) != 2 {
			t.Errorf("%s: authority is %q, want the zone's two NS", want.name, texts(response.Ns))
		}
	}
}

func TestNothing(t *testing.T) {
	h := serveZone(t, "")
	soa := "example.com. 900 SOA ns1.example.com. hostmaster.example.com. 7 7200 900 1209600 86400"
	for _, want := range []struct {
		name  string
		qtype uint16
		rcode int
		soa   string
	}{
		{"www.example.com.", dns.TypeMX, dns.RcodeSuccess, soa},        // no such type (2.1)
		{"empty.example.com.", dns.TypeA, dns.RcodeSuccess, soa},       // exists through its children (2.2)
		{"nope.example.com.", dns.TypeA, dns.RcodeNameError, soa},      //
		{"x.www.example.com.", dns.TypeA, dns.RcodeNameError, soa},     //
		{"wild.example.com.", dns.TypeA, dns.RcodeSuccess, soa},        // not covered by its own wildcard (1.2.4)
		{"a.wild.example.com.", dns.TypeAAAA, dns.RcodeSuccess, soa},   // a wildcard is no fallback for a type
		{"www.example.com.", dns.TypeLOC, dns.RcodeSuccess, soa},       // a type that Route 53 does not know
		{"nope.example.com.", dns.TypeDNSKEY, dns.RcodeNameError, soa}, //
		{"elb.example.com.", dns.TypeAAAA, dns.RcodeSuccess, soa},      // the resource has none
		{"nope.eu.example.com.", dns.TypeA, dns.RcodeNameError, "eu.example.com. 60 SOA ns1.example.com. hostmaster.example.com. 1 7200 900 1209600 60"},
	} {
		response := h.ask(want.name, want.qtype, "")
		if response.Rcode != want.rcode || len(response.Answer) != 0 || !response.Authoritative {
			t.Errorf("%s %s: %v", want.name, dns.TypeToString[want.qtype], response)
		}
		if got := texts(response.Ns); !slices.Equal(got, []string{want.soa}) {
			t.Errorf("%s: authority %q, want %q", want.name, got, want.soa)
		}
	}
	// A CNAME to nothing says so, and keeps the CNAME (RFC 6604).
	response := h.ask("dangling.example.com.", dns.TypeA, "")
	if response.Rcode != dns.RcodeNameError || len(response.Answer) != 1 || len(response.Ns) != 1 {
		t.Errorf("dangling: %v", response)
	}
	for _, qtype := range []uint16{dns.TypeAXFR, dns.TypeIXFR} {
		m := new(dns.Msg)
		m.SetQuestion("example.com.", qtype)
		client := &dns.Client{Net: "tcp"}
		if response, _, err := client.Exchange(m, h.address); err != nil || response.Rcode != dns.RcodeRefused {
			t.Errorf("%s: %v %v", dns.TypeToString[qtype], response, err)
		}
	}
	if response := h.ask("www.example.net.", dns.TypeA, ""); response.Rcode != dns.RcodeRefused {
		t.Errorf("a name of no zone: %v", response)
	}
	if response := h.ask("www.example.com.", dns.TypeANY, ""); len(response.Answer) != 1 || !strings.Contains(response.String(), "RFC8482") {
		t.Errorf("ANY: %v", response)
	}
}

func TestReferral(t *testing.T) {
	h := serveZone(t, "")
	for _, name := range []string{"sub.example.com.", "www.sub.example.com.", "ns.sub.example.com."} {
		response := h.ask(name, dns.TypeA, "")
		want := []string{"sub.example.com. 3600 NS ns.sub.example.com.", "sub.example.com. 3600 NS ns2.example.net."}
		if got := texts(response.Ns); response.Authoritative || len(response.Answer) != 0 || !slices.Equal(got, want) {
			t.Errorf("%s: %v", name, response)
		}
		if got := texts(response.Extra); !slices.Contains(got, "ns.sub.example.com. 3600 A 192.0.2.54") {
			t.Errorf("%s: no glue in %q", name, got)
		}
	}
}

func TestTruncation(t *testing.T) {
	h := serveZone(t, "")
	m := new(dns.Msg)
	m.SetQuestion("big.example.com.", dns.TypeTXT)
	udp, _, err := new(dns.Client).Exchange(m, h.address)
	if err != nil || !udp.Truncated || udp.Len() > 512 {
		t.Fatalf("over UDP without EDNS: %v, %d bytes, %v", udp.Truncated, udp.Len(), err)
	}
	tcp, _, err := (&dns.Client{Net: "tcp"}).Exchange(m, h.address)
	if err != nil || tcp.Truncated || len(tcp.Answer) != 30 {
		t.Fatalf("over TCP: %v, %d records, %v", tcp.Truncated, len(tcp.Answer), err)
	}
}

func TestDigAndKdig(t *testing.T) {
	h := serveZone(t, "")
	for _, command := range [][]string{
		{"dig", "+short", "+tries=5", "@127.0.0.1", "-p", fmt.Sprint(h.port), "chain.example.com", "A"},
		{"kdig", "+short", "+retry=5", "@127.0.0.1", "-p", fmt.Sprint(h.port), "chain.example.com", "A"},
		{"kdig", "+short", "+tcp", "@127.0.0.1", "-p", fmt.Sprint(h.port), "chain.example.com", "A"},
	} {
		out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v %s", command, err, out)
		}
		if got := strings.Fields(string(out)); !slices.Equal(got, []string{"cname.example.com.", "www.example.com.", "192.0.2.1", "192.0.2.2"}) {
			t.Errorf("%v: %q", command, got)
		}
	}
	out, err := exec.Command("dig", "+subnet=10.20.30.0/24", "+tries=5", "@127.0.0.1", "-p", fmt.Sprint(h.port), "cidr.example.com", "A").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "CLIENT-SUBNET: 10.20.30.0/24/16") || !strings.Contains(string(out), "203.0.113.50") {
		t.Errorf("dig +subnet: %v\n%s", err, out)
	}
}

func TestPlaces(t *testing.T) {
	folder := t.TempDir()
	places := []testkit.Place{{Network: "198.18.16.0/20", Country: "DE"}, {Network: "2001:db8:5::/48", Country: "US", Subdivision: "WA"}}
	for _, flat := range []bool{true, false} {
		file := folder + "/place.mmdb"
		if err := testkit.WriteMMDB(file, flat, places); err != nil {
			t.Fatal(err)
		}
		h := serveZone(t, "        geo mmdb "+file)
		for _, want := range []struct {
			name, subnet, address string
			scope                 int
		}{
			{"geo.example.com.", "198.18.20.0/24", "203.0.113.1", 20},
			{"geo.example.com.", "198.18.20.7/32", "203.0.113.1", 20},
			{"geo.example.com.", "2001:db8:5:6::/64", "203.0.113.2", 48},
			{"geo.example.com.", "198.19.0.0/16", "203.0.113.9", -1},   // known to be nowhere: as long as the database says
			{"cidr.example.com.", "10.20.30.0/24", "203.0.113.50", 16}, // the zone's own data
			{"cidr.example.com.", "10.21.0.0/24", "203.0.113.51", 16},  // long enough to leave the block out
			{"www.example.com.", "198.18.20.0/24", "192.0.2.1", 0},     // nobody looked at the network
			{"weighted.example.com.", "198.18.20.0/24", "", 0},
		} {
			response := h.ask(want.name, dns.TypeA, want.subnet)
			if want.address != "" && !strings.Contains(response.String(), want.address) {
				t.Errorf("%s from %s: %v", want.name, want.subnet, response)
			}
			scope := testkit.Scope(response)
			if want.scope >= 0 && scope != want.scope || scope < 0 {
				t.Errorf("%s from %s: scope %d, want %d", want.name, want.subnet, scope, want.scope)
			}
		}
		// A source prefix length of 0 asks not to be looked at (RFC 7871 7.1.2).
		response := h.ask("geo.example.com.", dns.TypeA, "0.0.0.0/0")
		if testkit.Scope(response) != 0 || !strings.Contains(response.String(), "203.0.113.9") {
			t.Errorf("/0: %v", response)
		}
		h.Stop()
	}
}

func TestSticky(t *testing.T) {
	h := serveZone(t, "        sticky")
	answers := make(map[string]int)
	for n := range 64 {
		subnet := fmt.Sprintf("100.64.%d.0/24", n)
		first := h.ask("weighted.example.com.", dns.TypeA, subnet)
		for range 3 {
			again := h.ask("weighted.example.com.", dns.TypeA, subnet)
			if first.Answer[0].String() != again.Answer[0].String() {
				t.Fatalf("%s moved from %v to %v", subnet, first.Answer, again.Answer)
			}
		}
		// The answer hangs on the whole network, and a resolver must not give it to others.
		if scope := testkit.Scope(first); scope != 24 {
			t.Fatalf("scope %d", scope)
		}
		answers[first.Answer[0].String()]++
	}
	if len(answers) != 2 {
		t.Errorf("64 networks all got %v", answers)
	}
}

func TestFallthrough(t *testing.T) {
	files := map[string]string{"zone.json": testdata(t, "zone.json")}
	// whoami stands behind the plugin in the chain.
	h := serve(t, "        zone zone.json\n        fallthrough example.com", "    whoami\n", "", files)
	if response := h.ask("nope.example.com.", dns.TypeA, ""); response.Rcode != dns.RcodeSuccess || len(response.Extra) == 0 {
		t.Errorf("whoami did not get what does not exist: %v", response)
	}
	if got := h.first("www.example.com."); got != "192.0.2.1" {
		t.Errorf("what exists is answered here, not %s", got)
	}
	if response := h.ask("www.example.com.", dns.TypeMX, ""); len(response.Ns) != 1 {
		t.Errorf("NODATA is answered here: %v", response)
	}
}
