// Command dns-bench measures what the plugin costs, as figures that tests/bench keeps: the plain module's call in wazero
// against an empty call and a native one, CoreDNS with the plugin against CoreDNS `file` with the same static answers, and
// the plugin's decisions against the same as Lua records of PowerDNS, interleaved, under dnsperf; and how a pool of instances
// comes to a changed zone.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"
	"pointsman.example/coredns-tests/internal/testkit"
)

var (
	coredns  = flag.String("coredns", "", "the CoreDNS with the plugin")
	module   = flag.String("module", testkit.Module(), "where pointsman_plain.wasm is")
	powerdns = flag.String("powerdns", "", "pdns_server, to hold the plugin against; left out without it")
	native   = flag.String("native", "", "the program pointsman-bench")
	calls    = flag.String("calls", "", "folder for what `pointsman-bench calls` writes")
	figures  = flag.String("figures", "", "the file to write figures to; standard output without it")
	rounds   = flag.Int("rounds", 9, "how often each server is measured")
	seconds  = flag.Int("seconds", 3, "how long one measurement takes")
	smoke    = flag.Bool("smoke", false, "only see that it works, in seconds")
	profile  = flag.String("profile", "", "write a CPU profile of the plugin's last round to this file")
	poolOnly = flag.Bool("pool-only", false, "only how a pool comes to a changed zone, with the zone that lies in the folder of -calls")
	noServer = flag.Bool("calls-only", false, "leave CoreDNS out")
)

func main() {
	flag.Parse()
	if *smoke {
		*rounds, *seconds, callRounds, handlerQueries, reloads = 1, 1, 2, 2_000, 1
	}
	err := run()
	if err == nil {
		err = write()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dns-bench:", err)
		os.Exit(1)
	}
}

func run() error {
	if absolute, err := filepath.Abs(*module); err == nil {
		*module = absolute // CoreDNS runs in a folder of its own
	}
	if *poolOnly {
		return measurePool(context.Background())
	}
	if *calls != "" {
		if err := measureCalls(context.Background()); err != nil {
			return err
		}
	}
	if *noServer {
		return nil
	}
	if err := measureServers(); err != nil || *powerdns == "" {
		return err
	}
	return measureSteering(*powerdns)
}

// callRounds is how often all queries are put to the module in one turn, and turns how often it and native take turns.
var callRounds = 60

const turns = 5

// figure is one line of what tests/bench/src/figures.rs reads.
type figure struct {
	ID       string             `json:"id"`
	What     string             `json:"what"`
	Figure   float64            `json:"figure"`
	Unit     string             `json:"unit"`
	Spread   *float64           `json:"spread,omitempty"`
	Budget   map[string]float64 `json:"budget,omitempty"`
	InTheWay string             `json:"in_the_way,omitempty"`
}

var said []figure

// say keeps a figure; four digits of it mean something.
func say(id, what string, value float64, unit string) *figure {
	value, _ = strconv.ParseFloat(strconv.FormatFloat(value, 'g', 4, 64), 64)
	said = append(said, figure{ID: id, What: what, Figure: value, Unit: unit})
	return &said[len(said)-1]
}

// over keeps how far half of the samples lie from their median, as a part of it.
func (f *figure) over(samples []float64) {
	middle := median(samples)
	if middle == 0 {
		return
	}
	var distances []float64
	for _, sample := range samples {
		distances = append(distances, math.Abs((sample-middle)/middle))
	}
	spread := math.Round(median(distances)*1e4) / 1e4
	f.Spread = &spread
}

// judge holds a figure to its budget; the reason is given where it is not met.
func (f *figure) judge(kind string, limit float64, reason string) {
	f.Budget = map[string]float64{kind: limit}
	if kind == "at_most" && f.Figure > limit || kind == "at_least" && f.Figure < limit {
		f.InTheWay = reason
	}
}

func write() error {
	var lines bytes.Buffer
	for _, one := range said {
		line, err := json.Marshal(one)
		if err != nil {
			return err
		}
		lines.Write(append(line, '\n'))
	}
	if *figures == "" {
		_, err := os.Stdout.Write(lines.Bytes())
		return err
	}
	return os.WriteFile(*figures, lines.Bytes(), 0o644)
}

// The zone of the comparison: what `file` can serve too, with one name of every kind of answer.
const (
	names   = 1000
	soa     = "ns1.example.com. hostmaster.example.com. 1 7200 900 1209600 86400"
	address = "192.0.2.1"
)

func zoneFile() string {
	var text strings.Builder
	fmt.Fprintf(&text, "$ORIGIN example.com.\n@ 900 IN SOA %s\n@ 172800 IN NS ns1.example.net.\n@ 172800 IN NS ns2.example.net.\n", soa)
	for n := range names {
		fmt.Fprintf(&text, "host%d 60 IN A %s\n", n, address)
	}
	return text.String()
}

// zoneJSON has the same answers: every third name as the primary of a healthy failover pair, every third by weight.
func zoneJSON() string {
	type value struct{ Value string }
	type set map[string]any
	values := func(texts ...string) []value {
		var out []value
		for _, text := range texts {
			out = append(out, value{text})
		}
		return out
	}
	sets := []set{
		{"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": values(soa)},
		{"Name": "example.com.", "Type": "NS", "TTL": 172800, "ResourceRecords": values("ns1.example.net.", "ns2.example.net.")},
	}
	for n := range names {
		name := fmt.Sprintf("host%d.example.com.", n)
		member := func(identifier string, more set) set {
			one := set{"Name": name, "Type": "A", "SetIdentifier": identifier, "TTL": 60, "ResourceRecords": values(address)}
			for key, value := range more {
				one[key] = value
			}
			return one
		}
		switch n % 3 {
		case 0:
			sets = append(sets, set{"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": values(address)})
		case 1:
			sets = append(sets, member("a", set{"Failover": "PRIMARY", "HealthCheckId": "hc"}), member("b", set{"Failover": "SECONDARY"}))
		case 2:
			sets = append(sets, member("a", set{"Weight": 1}), member("b", set{"Weight": 3}))
		}
	}
	text, _ := json.Marshal(map[string]any{
		"HostedZone": set{"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": sets,
		"HealthChecks": []set{{"Id": "hc", "HealthCheckConfig": set{"Type": "TCP", "IPAddress": "192.0.2.9", "Port": 443}}},
	})
	return string(text)
}

// measureServers runs both servers at once and loads them in turn, so that what else the machine does hits both.
func measureServers() error {
	folder, err := os.MkdirTemp("", "dns-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	var questions strings.Builder
	for n := range names {
		fmt.Fprintf(&questions, "host%d.example.com A\n", n)
	}
	for name, text := range map[string]string{"db.example.com": zoneFile(), "zone.json": zoneJSON(), "questions": questions.String()} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	ports, err := testkit.FreePorts(3)
	if err != nil {
		return err
	}
	blocks := map[string]string{
		"file":      "    file db.example.com example.com\n",
		"pointsman": fmt.Sprintf("    pprof %s\n    pointsman {\n        module %s\n        zone zone.json\n    }\n", local(ports[2]), *module),
	}
	servers := make(map[string]*testkit.Server)
	address := map[string]string{"file": local(ports[0]), "pointsman": local(ports[1])}
	for name, block := range blocks {
		_, port, _ := net.SplitHostPort(address[name])
		own := filepath.Join(folder, name)
		if err := os.Mkdir(own, 0o755); err != nil {
			return err
		}
		block = strings.NewReplacer("db.example.com ", folder+"/db.example.com ", "zone.json", folder+"/zone.json").Replace(block)
		corefile := fmt.Sprintf(".:%s {\n    bind 127.0.0.1\n    errors\n%s}\n", port, block)
		if servers[name], err = testkit.Start(*coredns, own, corefile, address[name]); err != nil {
			return err
		}
		defer servers[name].Stop()
	}
	if err := sameAnswers(address["file"], address["pointsman"]); err != nil {
		return err
	}
	rates, costs := map[string][]float64{}, map[string][]float64{}
	var ratios []float64
	for round := range *rounds + 1 {
		last := round == *rounds
		order := []string{"file", "pointsman"}
		if round%2 == 1 {
			slices.Reverse(order)
		}
		this := map[string]float64{}
		for _, name := range order {
			if last && name == "pointsman" && *profile != "" {
				go writeProfile(local(ports[2]))
			}
			rate, cost, err := load(servers[name].Command.Process.Pid, address[name], filepath.Join(folder, "questions"))
			if err != nil {
				return err
			}
			if round == 0 {
				continue // warms both up
			}
			this[name] = rate
			rates[name], costs[name] = append(rates[name], rate), append(costs[name], cost)
		}
		if round > 0 {
			ratios = append(ratios, this["pointsman"]/this["file"])
		}
	}
	ratio := say("budget/queries", "queries a second, CoreDNS with the plugin / CoreDNS `file`", median(ratios), "")
	ratio.over(ratios)
	cost := median(costs["pointsman"]) / median(costs["file"])
	ratio.judge("at_least", 0.9, fmt.Sprintf("In processor time, which other work on the machine hardly changes, a query costs %.2f of "+
		"what it costs with `file`; queries a second are those of a machine that is shared with dnsperf.", cost))
	for _, name := range []string{"file", "pointsman"} {
		say("server/"+name+"/rate", "CoreDNS `"+name+"`", median(rates[name]), "queries/s").over(rates[name])
	}
	for _, name := range []string{"file", "pointsman"} {
		say("server/"+name+"/cpu", "processor time of CoreDNS `"+name+"`", median(costs[name]), "us").over(costs[name])
	}
	say("server/cpu", "processor time, with the plugin / `file`", cost, "")
	return nil
}

// sameAnswers makes sure that the two servers say the same, section by section.
func sameAnswers(one, other string) error {
	for _, n := range []int{0, 1, 2, names - 1} {
		var said [2]string
		for at, address := range []string{one, other} {
			client, err := testkit.Dial(address, "")
			if err != nil {
				return err
			}
			defer client.Close()
			response, err := client.Ask(testkit.Query(fmt.Sprintf("host%d.example.com", n), dns.TypeA, ""))
			if err != nil {
				return err
			}
			said[at] = fmt.Sprint(response.Rcode, response.Authoritative, response.Answer, response.Ns, response.Extra)
		}
		if said[0] != said[1] {
			return fmt.Errorf("host%d: file says %s, pointsman %s", n, said[0], said[1])
		}
	}
	return nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)/2]
}
