// Package pointsman is Amazon Route 53's routing rules as a pure function: which endpoint does this client get, given this
// health, and why?
//
// Load once a zone, Zone.Health once a state of the health checks, View.Resolve once a query. Zones and views never change; a
// program that learns of a change makes a new view and puts it in the place of the old one. The rules are in a WebAssembly
// module inside this package, which wazero compiles to machine code when the first zone is loaded; no cgo.
//
// Everything may be used by many goroutines. Those that ask views of one zone take turns.
package pointsman

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"pointsman.example/coredns/plain"
)

// Document is a document as the AWS CLI prints it: Name is what findings call it, Text is JSON.
type Document = plain.Document

// Finding is something wrong with a document: where, what to do, and what Route 53 would say.
type Finding = plain.Finding

// InvalidError holds the findings of documents that were refused.
type InvalidError = plain.InvalidError

// Client is what is known of who asks. Every fact may be left out.
type Client struct {
	// IP is the address that the query came from.
	IP string `json:"ip,omitempty"`
	// ECS is the network of EDNS client subnet, such as 203.0.113.0/24.
	ECS string `json:"ecs,omitempty"`
	// Country is a code of ISO 3166-1, such as SG.
	Country string `json:"country,omitempty"`
	// Continent is one of AF, AN, AS, EU, NA, OC and SA; it follows from the country.
	Continent string `json:"continent,omitempty"`
	// Subdivision is a code of ISO 3166-2, such as US-WA.
	Subdivision string `json:"subdivision,omitempty"`
	// Latitude and Longitude are in degrees; both or neither.
	Latitude  *float64 `json:"latitude,omitempty"`
	Longitude *float64 `json:"longitude,omitempty"`
	// LatencyMS is how far the client is from Regions, in milliseconds.
	LatencyMS map[string]float64 `json:"latency_ms,omitempty"`
	// VPCRegion is the Region of the VPC that asks a private zone.
	VPCRegion string `json:"vpc_region,omitempty"`
}

// Query is a question.
type Query struct {
	// Name is the name asked for, in Route 53's spelling; a final dot is optional.
	Name string `json:"name"`
	// Type is a record type, such as A.
	Type string `json:"type"`
	// Client is who asks.
	Client Client `json:"client"`
	// Draw stands for Route 53's randomness: equal draws give equal answers.
	Draw uint64 `json:"draw,string"`
}

// Answer is what a client gets.
type Answer struct {
	// Rcode is NOERROR, NXDOMAIN, REFUSED or SERVFAIL.
	Rcode string `json:"rcode"`
	// Type is the type of the values: CNAME or NS where those answer.
	Type string `json:"type"`
	// TTL is in seconds; nil where an AWS resource decides it.
	TTL *uint32 `json:"ttl"`
	// Values are in Route 53's spelling.
	Values []string `json:"values"`
	// SetIdentifiers is the way down the tree.
	SetIdentifiers []string `json:"set_identifiers"`
	// FailOpen says that nothing was healthy somewhere on the way, so that all counted as healthy.
	FailOpen bool `json:"fail_open"`
	// ScopePrefixLength is how many bits of the client's network the zone looked at.
	ScopePrefixLength uint8 `json:"scope_prefix_length"`
	// Referral is the delegated name, if the values are its name servers.
	Referral string `json:"referral"`
	// AliasTarget is the AWS resource whose addresses no document lists.
	AliasTarget string `json:"alias_target"`
	// Undetermined says what is not known of the client and would have decided.
	Undetermined string `json:"undetermined"`
}

// Zone is a hosted zone, checked and compiled.
type Zone struct {
	// Name has its final dot.
	Name string
	// Findings is what loading had to say, although it did not fail.
	Findings []Finding

	mutex    sync.Mutex
	instance *plain.Instance
	handle   uint32
}

// View is a zone under one state of its health checks.
type View struct {
	// Findings is what the report had to say, although it did not fail.
	Findings []Finding

	zone   *Zone
	handle uint32
}

// compiled is the module as machine code, made once a program.
var compiled = sync.OnceValues(func() (*plain.Engine, error) {
	if plain.Embedded == nil {
		return nil, errors.New("this is a clone, whose Go modules have no WebAssembly module inside; give Options.Module")
	}
	return plain.NewEngine(context.Background(), plain.Embedded)
})

// Options are what Load takes for granted.
type Options struct {
	// ZoneName is for documents that do not say it.
	ZoneName string
	// Module is another pointsman_plain.wasm than the one inside this package.
	Module []byte
}

// Load makes a zone of its documents, in any order. An InvalidError has every finding of those that cannot be answered from.
func Load(documents ...Document) (*Zone, error) { return LoadWith(Options{}, documents...) }

// LoadWith is Load with options.
func LoadWith(options Options, documents ...Document) (*Zone, error) {
	if options.Module == nil {
		engine, err := compiled()
		if err != nil {
			return nil, err
		}
		return load(engine, options.ZoneName, documents)
	}
	// Never closed before its zones: a cleanup that calls into closed memory would crash the program.
	engine, err := plain.NewEngine(context.Background(), options.Module)
	if err != nil {
		return nil, err
	}
	zone, err := load(engine, options.ZoneName, documents)
	if err != nil {
		_ = engine.Close(context.Background())
		return nil, err
	}
	// Closing it closes its instances; closing one twice does nothing.
	runtime.AddCleanup(zone, func(engine *plain.Engine) { _ = engine.Close(context.Background()) }, engine)
	return zone, nil
}

func load(engine *plain.Engine, zoneName string, documents []Document) (*Zone, error) {
	ctx := context.Background()
	instance, err := engine.Instantiate(ctx)
	if err != nil {
		return nil, err
	}
	loaded, findings, err := instance.LoadZone(ctx, zoneName, documents)
	if err != nil {
		_ = instance.Close(ctx)
		return nil, err
	}
	zone := &Zone{Name: loaded.Name, Findings: findings, instance: instance, handle: loaded.Handle}
	// The memory of the instance is not Go's, so it has to be given back.
	runtime.AddCleanup(zone, func(instance *plain.Instance) { _ = instance.Close(ctx) }, instance)
	return zone, nil
}

// Health makes the view under a health report, which is JSON; with an empty one no check has data yet.
func (z *Zone) Health(report string) (*View, error) {
	z.mutex.Lock()
	defer z.mutex.Unlock()
	handle, findings, err := z.instance.NewView(context.Background(), z.handle, report)
	return z.view(handle, findings, err)
}

// Updated makes the view after some statuses changed; what the report does not name stays as it is.
func (v *View) Updated(changes string) (*View, error) {
	v.zone.mutex.Lock()
	defer v.zone.mutex.Unlock()
	handle, findings, err := v.zone.instance.UpdateView(context.Background(), v.handle, changes)
	return v.zone.view(handle, findings, err)
}

func (z *Zone) view(handle uint32, findings []Finding, err error) (*View, error) {
	if err != nil {
		return nil, err
	}
	view := &View{Findings: findings, zone: z, handle: handle}
	runtime.AddCleanup(view, func(handle uint32) {
		z.mutex.Lock()
		defer z.mutex.Unlock()
		_ = z.instance.FreeView(context.Background(), handle)
	}, handle)
	return view, nil
}

// Resolve answers a question.
func (v *View) Resolve(query Query) (Answer, error) {
	var answer Answer
	text, err := v.line("resolve", query)
	if err == nil {
		err = json.Unmarshal([]byte(text), &answer)
	}
	return answer, err
}

// Odds is the exact distribution of the answer, as JSON; the query's draw plays no part.
func (v *View) Odds(query Query) (string, error) { return v.line("odds", query) }

// Explain is the answer with its reasons, as JSON (docs/explanations.md lists the codes).
func (v *View) Explain(query Query) (string, error) { return v.line("explain", query) }

func (v *View) line(function string, query Query) (string, error) {
	line, err := json.Marshal(query)
	if err != nil {
		return "", fmt.Errorf("not a query: %w", err)
	}
	v.zone.mutex.Lock()
	text, err := v.zone.instance.Line(context.Background(), function, v.handle, string(line))
	v.zone.mutex.Unlock()
	runtime.KeepAlive(v)
	if err != nil {
		return "", err
	}
	var refused struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal([]byte(text), &refused); err != nil {
		return "", fmt.Errorf("the module answers what is no JSON: %w", err)
	}
	if refused.Error != "" {
		return "", errors.New(refused.Error)
	}
	return text, nil
}
