// Command coredns-subject lets the project's conformance runner judge CoreDNS with the plugin. It reads the cases as a
// list of JSON, starts one CoreDNS with a server block for each, asks 200 times over UDP, and writes a line of JSON a
// case: {"id": ..., "failure": ...}. What is known of a client reaches CoreDNS as its users give it: the resolver's
// address through the plugin proxyproto, the client's network as EDNS client subnet, its place in an MMDB that CoreDNS's
// geoip reads in one server block and the plugin itself in another, its latencies as a LatencyTable.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/miekg/dns"
	"pointsman.example/coredns-tests/internal/testkit"
	"pointsman.example/coredns/plain"
	"pointsman.example/coredns/pointsman"
)

// draws is how often a question is asked, half of them in each server block.
const draws = 200

type testCase struct {
	ID        string   `json:"id"`
	Documents []string `json:"documents"`
	Report    string   `json:"report"`
	Query     struct {
		Name   string              `json:"name"`
		Type   string              `json:"type"`
		Client testkit.QueryClient `json:"client"`
	} `json:"query"`
	Odds  odds `json:"odds"`
	Scope int  `json:"scope"`
}

type odds struct {
	Rcode    string    `json:"rcode"`
	Outcomes []outcome `json:"outcomes"`
}

type outcome struct {
	Probability float64  `json:"probability"`
	Type        string   `json:"type"`
	TTL         *uint32  `json:"ttl"`
	Values      []string `json:"values"`
	AliasTarget string   `json:"alias_target"`
	Referral    string   `json:"referral"`
	Choose      int      `json:"choose"`
	Members     []struct {
		Values []string `json:"values"`
	} `json:"members"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "coredns-subject:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 3 && (len(os.Args) != 4 || os.Args[3] != "--image") {
		return fmt.Errorf("usage: coredns-subject COREDNS MODULE [--image] < CASES")
	}
	var compile func(documents []plain.Document) ([]byte, error)
	if len(os.Args) == 4 {
		engine, err := plain.Open(context.Background(), os.Args[2])
		if err != nil {
			return err
		}
		defer engine.Close(context.Background())
		compile = func(documents []plain.Document) ([]byte, error) {
			image, _, err := engine.CompileZone(context.Background(), "", documents)
			return image, err
		}
	}
	var cases []testCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "coredns-subject")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	ports, err := testkit.FreePorts(2 * len(cases))
	if err != nil {
		return err
	}
	var corefile strings.Builder
	for n := range cases {
		if err := cases[n].write(folder, &corefile, ports[2*n], ports[2*n+1], compile); err != nil {
			return fmt.Errorf("%s: %w", cases[n].ID, err)
		}
	}
	// CoreDNS opens its ports in no order.
	var addresses []string
	for _, port := range ports {
		addresses = append(addresses, fmt.Sprintf("127.0.0.1:%d", port))
	}
	server, err := testkit.Start(os.Args[1], folder, corefile.String(), addresses...)
	if err != nil {
		return err
	}
	defer server.Stop()
	for _, address := range addresses {
		if err := testkit.AwaitUDP(address); err != nil {
			return err
		}
	}
	output := json.NewEncoder(os.Stdout)
	for n := range cases {
		failure := ""
		if err := cases[n].judge(ports[2*n : 2*n+2]); err != nil {
			failure = err.Error()
		}
		if err := output.Encode(map[string]string{"id": cases[n].ID, "failure": failure}); err != nil {
			return err
		}
	}
	return nil
}

// write writes a case's files and its two server blocks; with a compiler, its zone is an image.
func (t *testCase) write(
	folder string, corefile *strings.Builder, own, metadata int, compile func([]plain.Document) ([]byte, error),
) error {
	file := func(name string) string { return filepath.Join(folder, fmt.Sprintf("%s.%s", t.ID, name)) }
	var zone []string
	for n, document := range t.Documents {
		name := file(fmt.Sprintf("document-%d.json", n))
		zone = append(zone, name)
		if err := os.WriteFile(name, []byte(document), 0o644); err != nil {
			return err
		}
	}
	client := &t.Query.Client
	latency, err := t.latencyTable()
	if err != nil {
		return err
	}
	if compile != nil {
		var documents []plain.Document
		for n, text := range t.Documents {
			documents = append(documents, plain.Document{Name: fmt.Sprint("document ", n), Text: text})
		}
		if latency != nil {
			documents = append(documents, plain.Document{Name: "latency", Text: string(latency)})
		}
		image, err := compile(documents)
		if err != nil {
			return err
		}
		zone, latency = []string{file("zone.pmz")}, nil
		if err := os.WriteFile(zone[0], image, 0o644); err != nil {
			return err
		}
	}
	if err := os.WriteFile(file("health.json"), []byte(t.Report), 0o644); err != nil {
		return err
	}
	properties := fmt.Sprintf("        module %s\n        zone %s\n        health file %s\n        instances 1\n        reload 0s\n",
		os.Args[2], strings.Join(zone, " "), file("health.json"))
	if client.VpcRegion != "" {
		properties += fmt.Sprintf("        vpc_region %s\n", client.VpcRegion)
	}
	if latency != nil {
		if err := os.WriteFile(file("latency.json"), latency, 0o644); err != nil {
			return err
		}
		properties += fmt.Sprintf("        latency %s\n", file("latency.json"))
	}
	if err := t.writePlaces(file); err != nil {
		return err
	}
	// What AWS resources resolve to is up to CoreDNS; here a template plays the rest of the world.
	var world strings.Builder
	for _, outcome := range t.Odds.Outcomes {
		if outcome.AliasTarget != "" {
			fmt.Fprintf(&world, "    template IN %s %s {\n        answer \"{{ .Name }} 60 IN %s %s\"\n    }\n",
				t.Query.Type, outcome.AliasTarget, t.Query.Type, resourceAddress(outcome.AliasTarget, t.Query.Type))
		}
	}
	fmt.Fprintf(corefile, ".:%d {\n    bind 127.0.0.1\n    proxyproto\n    errors\n%s    pointsman {\n%s        geo mmdb %s\n    }\n}\n",
		own, world.String(), properties, file("own.mmdb"))
	fmt.Fprintf(corefile, ".:%d {\n    bind 127.0.0.1\n    proxyproto\n    errors\n    metadata\n    geoip %s {\n        edns-subnet\n    }\n%s    pointsman {\n%s        geo metadata\n    }\n}\n",
		metadata, file("city.mmdb"), world.String(), properties)
	return nil
}

// latencyTable is the client's latencies as a document; nil where there are none.
func (t *testCase) latencyTable() ([]byte, error) {
	client := &t.Query.Client
	if len(client.Latency) == 0 {
		return nil, nil
	}
	return json.Marshal(map[string]any{"LatencyTable": map[string]any{
		"Networks": map[string]any{client.Network().String(): client.Latency},
	}})
}

// writePlaces writes the location databases: MaxMind's layout for geoip, and for the plugin the flat one where that can
// say as much.
func (t *testCase) writePlaces(file func(string) string) error {
	client := &t.Query.Client
	var places []testkit.Place
	place := testkit.Place{Network: client.Network().String(), Country: client.Country, Continent: client.Continent}
	if client.Latitude != nil && client.Longitude != nil {
		place.Position = &[2]float64{*client.Latitude, *client.Longitude}
	}
	if country, code, isThere := strings.Cut(client.Subdivision, "-"); isThere {
		place.Country, place.Subdivision = country, code
	}
	if place.Country != "" || place.Continent != "" || place.Position != nil {
		places = append(places, place)
	}
	flat := place.Subdivision == "" && (place.Country != "" || place.Continent == "")
	if err := testkit.WriteMMDB(file("own.mmdb"), flat, places); err != nil {
		return err
	}
	return testkit.WriteMMDB(file("city.mmdb"), false, places)
}

// resourceAddress is an address that stands for an AWS resource, one for each name.
func resourceAddress(name, kind string) string {
	hash := fnv.New32a()
	hash.Write([]byte(strings.ToLower(name)))
	sum := hash.Sum32()
	if kind == "AAAA" {
		return fmt.Sprintf("2001:db8::%x:%x", sum>>16, sum&0xffff)
	}
	return fmt.Sprintf("198.18.%d.%d", sum>>8&0xff, sum&0xff)
}

// judge asks and holds every answer against the odds: each must be one of theirs, and those of 5 % or more must be seen.
func (t *testCase) judge(ports []int) error {
	qtype := dns.StringToType[t.Query.Type]
	name := pointsman.OwnerName(t.Query.Name)
	seen := make([]int, len(t.Odds.Outcomes))
	for _, port := range ports {
		asker, err := testkit.Dial(fmt.Sprintf("127.0.0.1:%d", port), t.Query.Client.Address())
		if err != nil {
			return err
		}
		defer asker.Close()
		for range draws / len(ports) {
			response, err := asker.Ask(testkit.Query(name, qtype, t.Query.Client.ECS))
			if err != nil {
				return err
			}
			at, err := t.find(response, name)
			if err != nil {
				return fmt.Errorf("%w\n%v", err, response)
			}
			seen[at]++
		}
	}
	for n, outcome := range t.Odds.Outcomes {
		if outcome.Probability >= 0.05 && seen[n] == 0 {
			return fmt.Errorf("%v of probability %v was not seen in %d answers", outcome.Values, outcome.Probability, draws)
		}
	}
	return nil
}

// find gives the outcome that a response is, or why it is none.
func (t *testCase) find(response *dns.Msg, name string) (int, error) {
	if got := dns.RcodeToString[response.Rcode]; got != t.Odds.Rcode {
		return 0, fmt.Errorf("rcode %s instead of %s", got, t.Odds.Rcode)
	}
	if scope := testkit.Scope(response); t.Query.Client.ECS != "" && scope < t.Scope {
		return 0, fmt.Errorf("scope %d is shorter than the zone's own data asks for, %d", scope, t.Scope)
	}
	for n, outcome := range t.Odds.Outcomes {
		if outcome.fits(response, name, t.Query.Type) {
			return n, nil
		}
	}
	return 0, fmt.Errorf("the odds do not have this answer")
}

func (o *outcome) fits(response *dns.Msg, name, asked string) bool {
	records, owner := response.Answer, name
	switch {
	case o.Referral != "":
		records, owner = response.Ns, pointsman.OwnerName(o.Referral)
		if response.Authoritative || len(response.Answer) > 0 {
			return false
		}
	case !response.Authoritative && response.Rcode != dns.RcodeRefused:
		return false
	case o.Type == "CNAME":
		records = records[:min(1, len(records))] // what it leads to may follow
	}
	var got []string
	for _, record := range records {
		if record.Header().Name != owner || dns.TypeToString[record.Header().Rrtype] != o.Type {
			return false
		}
		got = append(got, canonical(record))
	}
	slices.Sort(got)
	switch {
	case o.Members != nil:
		var all []string
		for _, member := range o.Members {
			all = append(all, values(o.Type, member.Values)...)
		}
		within := !slices.ContainsFunc(got, func(value string) bool { return !slices.Contains(all, value) })
		return within && len(slices.Compact(got)) >= o.Choose
	case o.AliasTarget != "":
		return slices.Equal(got, values(asked, []string{resourceAddress(o.AliasTarget, asked)})) &&
			response.Answer[0].Header().Ttl == 60
	case len(o.Values) == 0:
		return len(got) == 0 && hasNegativeTTL(response, o.TTL)
	}
	return slices.Equal(got, values(o.Type, o.Values)) && (o.TTL == nil || records[0].Header().Ttl == *o.TTL)
}

// hasNegativeTTL reports whether a negative answer comes with the SOA that says how long it holds.
func hasNegativeTTL(response *dns.Msg, ttl *uint32) bool {
	if response.Rcode == dns.RcodeRefused {
		return true
	}
	for _, record := range response.Ns {
		if soa, isSOA := record.(*dns.SOA); isSOA {
			return ttl == nil || min(soa.Hdr.Ttl, soa.Minttl) == *ttl
		}
	}
	// A zone whose documents have no SOA has none to send.
	return true
}

// values are Route 53's values as records print them, sorted.
func values(kind string, texts []string) []string {
	records, err := pointsman.ParseValues(".", dns.StringToType[kind], 0, texts)
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for _, record := range records {
		out = append(out, canonical(record))
	}
	slices.Sort(out)
	return out
}

func canonical(record dns.RR) string {
	return strings.TrimPrefix(record.String(), record.Header().String())
}
