// Command dns-bench measures what the plugin costs, as lines of JSON: the plain module's call in wazero against an empty
// call, and CoreDNS with the plugin against CoreDNS `file` with the same static answers, interleaved, under dnsperf.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
	"pointsman.example/coredns/internal/testkit"
	"pointsman.example/coredns/plain"
)

var (
	coredns  = flag.String("coredns", "", "the CoreDNS with the plugin")
	module   = flag.String("module", testkit.Module(), "where pointsman_plain.wasm is")
	calls    = flag.String("calls", "", "folder with zone.json and queries.ndjson, as `pointsman-bench calls` writes it")
	rounds   = flag.Int("rounds", 5, "how often each server is measured")
	seconds  = flag.Int("seconds", 4, "how long one measurement takes")
	profile  = flag.String("profile", "", "write a CPU profile of the plugin's last round to this file")
	noServer = flag.Bool("calls-only", false, "leave CoreDNS out")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "dns-bench:", err)
		os.Exit(1)
	}
}

func run() error {
	if *calls != "" {
		if err := measureCalls(context.Background()); err != nil {
			return err
		}
	}
	if *noServer {
		return nil
	}
	return measureServers()
}

// callRounds is how often all queries are put to the module.
const callRounds = 300

func say(figures map[string]any) {
	figures["bench"] = "dns"
	line, err := json.Marshal(figures)
	if err == nil {
		fmt.Println(string(line))
	}
}

// measureCalls times the module without a server around it. The fastest of many rounds counts: noise only adds.
func measureCalls(ctx context.Context) error {
	engine, err := plain.Open(ctx, *module)
	if err != nil {
		return err
	}
	defer engine.Close(ctx)
	instance, err := engine.Instantiate(ctx)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(*calls, "zone.json"))
	if err != nil {
		return err
	}
	start := time.Now()
	zone, _, err := instance.LoadZone(ctx, "", []plain.Document{{Name: "zone.json", Text: string(text)}})
	if err != nil {
		return err
	}
	load := time.Since(start)
	view, _, err := instance.NewView(ctx, zone.Handle, "")
	if err != nil {
		return err
	}
	queries, err := readQueries(ctx, instance)
	if err != nil {
		return err
	}
	fastest := func(work func(query []byte) error) (float64, error) {
		best := time.Hour
		for range callRounds {
			start := time.Now()
			for _, query := range queries {
				if err := work(query); err != nil {
					return 0, err
				}
			}
			best = min(best, time.Since(start))
		}
		return float64(best.Nanoseconds()) / float64(len(queries)), nil
	}
	empty, err := fastest(func([]byte) error { return instance.Empty(ctx) })
	if err != nil {
		return err
	}
	resolve, err := fastest(func(query []byte) error {
		instance.Query().Restore(query)
		_, status, err := instance.Resolve(ctx, view)
		if err == nil && status != plain.OK {
			err = fmt.Errorf("status %v", status)
		}
		return err
	})
	if err != nil {
		return err
	}
	say(map[string]any{"what": "plain call in wazero", "record_sets": zone.RecordSets, "empty_ns": empty, "resolve_ns": resolve,
		"resolve_minus_empty_ns": resolve - empty, "load_ms": load.Milliseconds(), "instance_bytes": instance.MemorySize()})
	return nil
}

// readQueries writes each query once into the module's buffer, and keeps what stands there.
func readQueries(ctx context.Context, instance *plain.Instance) ([][]byte, error) {
	file, err := os.Open(filepath.Join(*calls, "queries.ndjson"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var queries [][]byte
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var asked struct {
			Name   string
			Client struct {
				Latency map[string]float64 `json:"latency_ms"`
			}
			Draw string
		}
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return nil, err
		}
		regions := make(map[uint32]float64)
		for code, milliseconds := range asked.Client.Latency {
			number, err := instance.Region(ctx, code)
			if err != nil {
				return nil, err
			}
			regions[number] = milliseconds
		}
		draw, err := strconv.ParseUint(asked.Draw, 10, 64)
		if err != nil {
			return nil, err
		}
		query := instance.Query()
		query.Reset()
		length, err := plain.PackRoute53Name(query.NameBuffer(), asked.Name)
		if err != nil {
			return nil, err
		}
		query.SetNameLength(length)
		query.SetType(dns.TypeA)
		query.SetDraw(draw)
		for number, milliseconds := range regions {
			query.AddLatency(number, milliseconds)
		}
		queries = append(queries, query.Save())
	}
	return queries, lines.Err()
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
	local := func(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
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
			rate, cost, err := load(servers[name], address[name], filepath.Join(folder, "questions"))
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
	for name := range blocks {
		say(map[string]any{"what": "CoreDNS " + name, "queries_per_second": median(rates[name]), "cpu_us_per_query": median(costs[name]),
			"rounds": *rounds, "seconds": *seconds})
	}
	say(map[string]any{"what": "CoreDNS pointsman / CoreDNS file", "queries_per_second_ratio": median(ratios),
		"cpu_ratio": median(costs["pointsman"]) / median(costs["file"]), "ratios": ratios, "target": 0.9})
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

var (
	completed = regexp.MustCompile(`Queries completed:\s+(\d+)`)
	perSecond = regexp.MustCompile(`Queries per second:\s+([0-9.]+)`)
	lost      = regexp.MustCompile(`Queries lost:\s+(\d+)`)
)

// load runs dnsperf; it gives queries a second and the server's CPU a query in microseconds.
func load(server *testkit.Server, address, questions string) (float64, float64, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, 0, err
	}
	before, err := cpu(server.Command.Process.Pid)
	if err != nil {
		return 0, 0, err
	}
	out, err := exec.Command("dnsperf", "-s", host, "-p", port, "-d", questions, "-l", strconv.Itoa(*seconds), "-c", "4", "-q", "100").CombinedOutput()
	if err != nil {
		return 0, 0, fmt.Errorf("dnsperf: %w: %s", err, out)
	}
	after, err := cpu(server.Command.Process.Pid)
	if err != nil {
		return 0, 0, err
	}
	number := func(pattern *regexp.Regexp) float64 {
		if found := pattern.FindSubmatch(out); found != nil {
			value, _ := strconv.ParseFloat(string(found[1]), 64)
			return value
		}
		return 0
	}
	count := number(completed)
	if count == 0 || number(lost) > 0 || !bytes.Contains(out, []byte("NOERROR")) {
		return 0, 0, fmt.Errorf("dnsperf lost queries or got none answered: %s", out)
	}
	return number(perSecond), (after - before).Seconds() * 1e6 / count, nil
}

// cpu is the time that a process has used, user and system.
func cpu(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, err // in ticks of a hundredth of a second
}

func writeProfile(address string) {
	out, err := exec.Command("go", "tool", "pprof", "-proto", "-output", *profile,
		fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", address, max(1, *seconds-1))).CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "pprof: %v: %s\n", err, out)
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)/2]
}
