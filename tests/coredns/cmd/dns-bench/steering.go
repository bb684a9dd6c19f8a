package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"
	"pointsman.example/coredns-tests/internal/testkit"
)

// The zone of decisions, which CoreDNS with the plugin and PowerDNS both serve, with as many names of each kind.
const (
	decisions    = 300
	decisionZone = "steer.example."
	first        = "127.0.0.1" // loopback, for PowerDNS probes what it answers with where it fails over
	second       = "127.0.0.2"
	collection   = "c8c02a84-aaaa-bbbb-e0d2-d833a2f80106"
)

// kind is one decision in the words of both.
type kind struct {
	name, what string
	// lua is what a PowerDNS user writes for it; empty for the static record. %d is the port that is probed.
	lua string
	// sets are the members' routing at Pointsman, for the first and the second address.
	sets [2]map[string]any
	// share is how often the first address answers.
	share float64
}

var kinds = []kind{
	{name: "static", what: "a static record", share: 1},
	{
		name: "weighted", what: "two addresses by weight", share: 0.9,
		lua:  `pickwrandom({{90,'` + first + `'},{10,'` + second + `'}})`,
		sets: [2]map[string]any{{"Weight": 90}, {"Weight": 10}},
	},
	{
		name: "network", what: "by the client's network", share: 1,
		lua: `;if netmask({'127.0.0.0/8'}) then return '` + first + `' else return '` + second + `' end`,
		sets: [2]map[string]any{
			{"CidrRoutingConfig": map[string]string{"CollectionId": collection, "LocationName": "near"}},
			{"CidrRoutingConfig": map[string]string{"CollectionId": collection, "LocationName": "*"}},
		},
	},
	{
		name: "failover", what: "failover by health", share: 1,
		lua:  `ifurlup('http://app.example:%d/',{{'` + first + `'},{'` + second + `'}})`,
		sets: [2]map[string]any{{"Failover": "PRIMARY", "HealthCheckId": "one"}, {"Failover": "SECONDARY", "HealthCheckId": "other"}},
	},
}

func (k kind) owner(n int) string { return fmt.Sprintf("%s%d.%s", k.name, n, decisionZone) }

// decisionsJSON is the zone for the plugin.
func decisionsJSON() ([]byte, error) {
	type set map[string]any
	value := func(texts ...string) (out []set) {
		for _, text := range texts {
			out = append(out, set{"Value": text})
		}
		return out
	}
	check := func(id, host string) set {
		return set{"Id": id, "HealthCheckConfig": set{"Type": "HTTPS", "FullyQualifiedDomainName": host}}
	}
	sets := []set{
		{"Name": decisionZone, "Type": "SOA", "TTL": 900, "ResourceRecords": value(soa)},
		{"Name": decisionZone, "Type": "NS", "TTL": 172800, "ResourceRecords": value("ns1.example.net.", "ns2.example.net.")},
	}
	for _, kind := range kinds {
		for n := range decisions {
			for at, address := range []string{first, second} {
				one := set{"Name": kind.owner(n), "Type": "A", "TTL": 60, "ResourceRecords": value(address)}
				if kind.lua == "" {
					sets = append(sets, one)
					break
				}
				one["SetIdentifier"] = address
				for key, routing := range kind.sets[at] {
					one[key] = routing
				}
				sets = append(sets, one)
			}
		}
	}
	return json.Marshal(set{
		"HostedZone": set{"Id": "Z2", "Name": decisionZone}, "ResourceRecordSets": sets,
		"HealthChecks":    []set{check("one", "one.example.com"), check("other", "other.example.com")},
		"CidrCollections": []set{{"Id": collection, "Name": "clients", "CidrBlocks": []set{{"CidrBlock": "127.0.0.0/8", "LocationName": "near"}}}},
	})
}

// decisionsFile is the zone as a file: with Lua for PowerDNS, or with the first address alone for CoreDNS `file`.
func decisionsFile(probed int, withLua bool) string {
	var text strings.Builder
	fmt.Fprintf(&text, "$ORIGIN %s\n@ 900 IN SOA %s\n@ 172800 IN NS ns1.example.net.\n@ 172800 IN NS ns2.example.net.\n", decisionZone, soa)
	for _, kind := range kinds {
		for n := range decisions {
			if !withLua || kind.lua == "" {
				fmt.Fprintf(&text, "%s 60 IN A %s\n", kind.owner(n), first)
				continue
			}
			fmt.Fprintf(&text, "%s 60 IN LUA A \"%s\"\n", kind.owner(n), strings.Replace(kind.lua, "%d", fmt.Sprint(probed), 1))
		}
	}
	return text.String()
}

// measureSteering holds what a decision costs in the plugin against what it costs as a Lua record of PowerDNS. The servers
// all run at once and are loaded in turn, so that what else the machine does hits each of them.
func measureSteering(powerDNS string) error {
	if !*smoke {
		*rounds, *seconds = 2**rounds, max(2, *seconds-1) // a small difference: more turns, and shorter ones
	}
	folder, err := os.MkdirTemp("", "dns-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	listener, probed, err := listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	zone, err := decisionsJSON()
	if err != nil {
		return err
	}
	texts := map[string]string{"zone.json": string(zone), "db.file": decisionsFile(0, false), "db.lua": decisionsFile(probed, true)}
	for _, kind := range kinds {
		var questions strings.Builder
		for n := range decisions {
			fmt.Fprintf(&questions, "%s A\n", kind.owner(n))
		}
		texts["questions."+kind.name] = questions.String()
	}
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	ports, err := testkit.FreePorts(4)
	if err != nil {
		return err
	}
	profiles := local(ports[3])
	address := map[string]string{"file": local(ports[0]), "plugin": local(ports[1]), "lua": local(ports[2])}
	pids := make(map[string]int)
	for n, name := range []string{"file", "plugin"} {
		own := filepath.Join(folder, name)
		if err := os.Mkdir(own, 0o755); err != nil {
			return err
		}
		corefile := fmt.Sprintf(".:%d {\n    bind 127.0.0.1\n    errors\n%s\n", ports[n], directive(name, folder))
		if name == "plugin" {
			corefile += "    pprof " + profiles + "\n"
		}
		corefile += "}\n"
		server, err := testkit.Start(*coredns, own, corefile, address[name])
		if err != nil {
			return err
		}
		defer server.Stop()
		pids[name] = server.Command.Process.Pid
	}
	other, err := startPowerDNS(powerDNS, folder, ports[2])
	if err != nil {
		return err
	}
	defer other.stop()
	pids["lua"] = other.command.Process.Pid
	for _, kind := range kinds {
		for _, name := range []string{"plugin", "lua"} {
			if err := kind.check(address[name]); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	costs, err := loadInTurn(folder, address, pids, profiles)
	if err != nil {
		return err
	}
	handlers, err := measureHandlers(folder)
	if err != nil {
		return err
	}
	tellSteering(costs, handlers)
	return nil
}

// directive is a plugin's part of a Corefile.
func directive(name, folder string) string {
	if name == "file" {
		return fmt.Sprintf("file %s/db.file %s", folder, decisionZone)
	}
	return fmt.Sprintf("pointsman {\n    module %s\n    zone %s/zone.json\n}", *module, folder)
}

// check sees that a server decides as both have to, by the answers to several hundred questions.
func (k kind) check(address string) error {
	client, err := testkit.Dial(address, "")
	if err != nil {
		return err
	}
	defer client.Close()
	counts := make(map[string]int)
	for n := range decisions {
		response, err := client.Ask(testkit.Query(k.owner(n), dns.TypeA, ""))
		if err != nil {
			return err
		}
		if response.Rcode != dns.RcodeSuccess || !response.Authoritative || len(response.Answer) != 1 {
			return fmt.Errorf("%s is answered %s", k.owner(n), response)
		}
		if a, isA := response.Answer[0].(*dns.A); isA && a.Hdr.Ttl == 60 {
			counts[a.A.String()]++
		}
	}
	share := float64(counts[first]) / decisions
	// Six standard deviations of what chance does.
	room := 6 * math.Sqrt(k.share*(1-k.share)/decisions)
	if counts[first]+counts[second] != decisions || math.Abs(share-k.share) > room {
		return fmt.Errorf("%s: answers were %v, and %s has to be %.2f of them", k.name, counts, first, k.share)
	}
	return nil
}

// loadInTurn gives the processor time of a query by server and kind, one figure a round; as `decide`, the part of the
// plugin's that its profile finds in the decision.
func loadInTurn(folder string, address map[string]string, pids map[string]int, profiles string) (map[string][]float64, error) {
	type subject struct{ server, kind string }
	subjects := []subject{{"file", "static"}}
	for _, server := range []string{"plugin", "lua"} { // what is subtracted is measured one after the other
		for _, kind := range kinds {
			subjects = append(subjects, subject{server, kind.name})
		}
	}
	costs := make(map[string][]float64)
	for round := range *rounds + 1 {
		order := slices.Clone(subjects)
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, one := range order {
			shares := make(chan share, 1)
			if one.server == "plugin" {
				go func() { shares <- decisionShare(profiles, filepath.Join(folder, "profile")) }()
			} else {
				shares <- share{}
			}
			questions := filepath.Join(folder, "questions."+one.kind)
			_, cost, err := load(pids[one.server], address[one.server], questions)
			decision := <-shares
			if err = errors.Join(err, decision.err); err != nil {
				return nil, fmt.Errorf("%s, %s: %w", one.server, one.kind, err)
			}
			if round > 0 || *smoke { // the first warms up
				costs[one.server+"/"+one.kind] = append(costs[one.server+"/"+one.kind], cost)
				if one.server == "plugin" {
					costs["decide/"+one.kind] = append(costs["decide/"+one.kind], cost*decision.part)
				}
			}
		}
		if *smoke {
			break
		}
	}
	return costs, nil
}

// share is a part of a process's time.
type share struct {
	part float64
	err  error
}

// decides are the lines of a profile that a static answer would not need: what is read of the client, and all from the
// question to the records that answer it, with the module and what is kept of it.
var decides = regexp.MustCompile(`(?m)([0-9.]+)%\s+pointsman\.example/coredns/pointsman\.(?:clientOf|\(\*answering\)\.resolve)$`)

// decisionShare profiles the plugin's CoreDNS while it is loaded.
func decisionShare(address, file string) share {
	url := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", address, max(1, *seconds-1))
	if out, err := exec.Command("go", "tool", "pprof", "-proto", "-output", file, url).CombinedOutput(); err != nil {
		return share{err: fmt.Errorf("pprof: %w: %s", err, out)}
	}
	out, err := exec.Command("go", "tool", "pprof", "-top", "-cum", "-nodecount=0", "-nodefraction=0", file).Output()
	if err != nil {
		return share{err: fmt.Errorf("pprof: %w: %s", err, out)}
	}
	lines := decides.FindAllSubmatch(out, -1)
	// The one second of a smoke run may go by without a sample.
	if len(lines) == 0 && !*smoke {
		return share{err: fmt.Errorf("pprof finds no decision in this: %s", out)}
	}
	part := 0.0
	for _, line := range lines {
		percent, err := strconv.ParseFloat(string(line[1]), 64)
		if err != nil {
			return share{err: err}
		}
		part += percent / 100
	}
	return share{part: part}
}

// tellSteering keeps the figures. Steering is what a query costs more than one for a static record, in either server. With
// the plugin a static record is cheaper than with `file`, so that is what counts; since the module answers it too, all
// that decides is given beside it, with nothing taken off for the finding of a name.
func tellSteering(costs, handlers map[string][]float64) {
	combine := func(one, other []float64, with func(a, b float64) float64) (out []float64) {
		for n := range one {
			out = append(out, with(one[n], other[n]))
		}
		return out
	}
	less := func(one, other string) []float64 {
		return combine(costs[one], costs[other], func(a, b float64) float64 { return a - b })
	}
	ratio := func(a, b float64) float64 { return a / b }
	static := "plugin/static"
	if median(costs["file/static"]) < median(costs[static]) {
		static = "file/static"
	}
	worst := func(samples func(kind kind) []float64) (ratios []float64, of kind) {
		for _, kind := range kinds[1:] {
			if these := combine(samples(kind), less("lua/"+kind.name, "lua/static"), ratio); ratios == nil || median(these) > median(ratios) {
				ratios, of = these, kind
			}
		}
		return ratios, of
	}
	ratios, of := worst(func(kind kind) []float64 { return less("plugin/"+kind.name, static) })
	budget := say("budget/steering", "CPU that steering adds to a static record, CoreDNS with the plugin / PowerDNS Lua `shared`; the worst of three, "+of.what,
		median(ratios), "")
	budget.over(ratios)
	budget.judge("at_most", 0.2, "The difference between two kinds of queries to one server is near to what else the machine does to it; the table "+
		"below has all of them.")
	bound, of := worst(func(kind kind) []float64 { return costs["decide/"+kind.name] })
	say("budget/steering-bound", "an upper bound: all that decides in the plugin, nothing taken off / the same; the worst of three, "+of.what,
		median(bound), "").over(bound)

	tell := func(id, what string, samples []float64) { say(id, what, median(samples)*1e3, "ns").over(samples) }
	for _, kind := range kinds[1:] {
		tell("steering/"+kind.name+"/lua", kind.what+": PowerDNS, Lua less static", less("lua/"+kind.name, "lua/static"))
		tell("steering/"+kind.name+"/plugin", kind.what+": the plugin less a static record of the plugin", less("plugin/"+kind.name, "plugin/static"))
		tell("steering/"+kind.name+"/file", kind.what+": the plugin less a static record of `file`", less("plugin/"+kind.name, "file/static"))
		tell("steering/"+kind.name+"/decide", kind.what+": all that decides in the plugin", costs["decide/"+kind.name])
		tell("steering/"+kind.name+"/call", kind.what+": the module's call alone, from a loop", handlers["call/"+kind.name])
		tell("steering/"+kind.name+"/handler", kind.what+": the plugin's handler alone, from a loop", handlers["pointsman/"+kind.name])
	}
	tell("steering/static/decide", "a static record: all that decides in the plugin", costs["decide/static"])
	tell("steering/static/handler", "a static record: the plugin's handler alone, from a loop", handlers["pointsman/static"])
	tell("steering/static/file", "a static record: the handler of `file` alone, from a loop", handlers["file/static"])
	for _, kind := range kinds {
		tell("decided/lua/"+kind.name, "PowerDNS: "+kind.what, costs["lua/"+kind.name])
	}
	for _, kind := range kinds {
		tell("decided/plugin/"+kind.name, "CoreDNS `pointsman`: "+kind.what, costs["plugin/"+kind.name])
	}
	tell("decided/file/static", "CoreDNS `file`: "+kinds[0].what, costs["file/static"])
}
