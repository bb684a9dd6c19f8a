package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	_ "github.com/coredns/coredns/plugin/file"
	"github.com/miekg/dns"
	"pointsman.example/coredns-tests/internal/testkit"
	"pointsman.example/coredns/plain"
	_ "pointsman.example/coredns/pointsman"
)

// handlerQueries is how many queries one sample takes.
var handlerQueries = 50_000

// client is where every query comes from, as dnsperf's do.
var client = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5353}

// sink takes a response and does nothing with it.
type sink struct {
	dns.ResponseWriter
	response *dns.Msg
}

func (s *sink) LocalAddr() net.Addr  { return client }
func (s *sink) RemoteAddr() net.Addr { return client }

func (s *sink) WriteMsg(m *dns.Msg) error {
	s.response = m
	return nil
}

// handlerOf is a plugin's handler, set up as CoreDNS sets it up.
func handlerOf(name, block string) (plugin.Handler, error) {
	setup, err := caddy.DirectiveAction("dns", name)
	if err != nil {
		return nil, err
	}
	controller := caddy.NewTestController("dns", block)
	if err := setup(controller); err != nil {
		return nil, err
	}
	return dnsserver.GetConfig(controller).Plugin[0](nil), nil
}

// measureHandlers gives the processor time of a query in this process, its garbage collector's included, without reading
// from and writing to a socket: of the plugin's whole handler, of that of `file`, and of the module's call alone.
func measureHandlers(folder string) (map[string][]float64, error) {
	ways := make(map[string]func(n int) error)
	for _, one := range []struct{ name, directive string }{{"file", "file"}, {"pointsman", "plugin"}} {
		handler, err := handlerOf(one.name, directive(one.directive, folder))
		if err != nil {
			return nil, err
		}
		for _, kind := range kinds {
			if one.name == "pointsman" || kind.lua == "" {
				ways[one.name+"/"+kind.name] = answering(handler, kind)
			}
		}
	}
	ctx := context.Background()
	engine, err := plain.Open(ctx, *module)
	if err != nil {
		return nil, err
	}
	defer engine.Close(ctx)
	instance, err := engine.Instantiate(ctx)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(folder, "zone.json"))
	if err != nil {
		return nil, err
	}
	zone, _, err := instance.LoadZone(ctx, "", []plain.Document{{Name: "zone.json", Text: string(text)}})
	if err != nil {
		return nil, err
	}
	view, _, err := instance.NewView(ctx, zone.Handle, "")
	if err != nil {
		return nil, err
	}
	for _, kind := range kinds {
		if ways["call/"+kind.name], err = calling(ctx, instance, zone.Handle, view, kind); err != nil {
			return nil, err
		}
	}
	return inTurn(ways)
}

// answering is one query to a handler.
func answering(handler plugin.Handler, k kind) func(n int) error {
	var queries []*dns.Msg
	for n := range decisions {
		queries = append(queries, testkit.Query(k.owner(n), dns.TypeA, ""))
	}
	to := new(sink)
	return func(n int) error {
		query := queries[n%decisions]
		to.response = nil
		if _, err := handler.ServeDNS(context.Background(), to, query); err != nil {
			return err
		}
		if to.response == nil || len(to.response.Answer) != 1 {
			return fmt.Errorf("%s is answered %s", query.Question[0].Name, to.response)
		}
		return nil
	}
}

// calling is one call of the module as the plugin makes them: question and client are kept, the draw is new.
func calling(ctx context.Context, instance *plain.Instance, zone, view uint32, k kind) (func(n int) error, error) {
	var questions []uint32
	var from uint32
	for n := range decisions {
		query := instance.Query()
		query.Reset()
		length, err := plain.PackName(query.NameBuffer(), k.owner(n))
		if err != nil {
			return nil, err
		}
		query.SetNameLength(length)
		query.SetType(dns.TypeA)
		query.SetAddress(netip.MustParseAddr(client.IP.String()))
		question, err := instance.NewQuestion(ctx, zone)
		if err == nil && from == 0 {
			from, err = instance.NewClient(ctx)
		}
		if err != nil || question == 0 || from == 0 {
			return nil, fmt.Errorf("%s cannot be kept: %w", k.owner(n), err)
		}
		questions = append(questions, question)
	}
	return func(n int) error {
		answer, status, err := instance.Ask(ctx, view, questions[n%decisions], from, uint64(n)*0x9e3779b97f4a7c15)
		if err == nil && (status != plain.OK || answer.SourceCount() != 1) {
			err = fmt.Errorf("%s: status %v", k.name, status)
		}
		return err
	}, nil
}

// inTurn gives the processor time of each way in microseconds, one figure a round.
func inTurn(ways map[string]func(n int) error) (map[string][]float64, error) {
	var names []string
	for name := range ways {
		names = append(names, name)
	}
	slices.Sort(names)
	costs := make(map[string][]float64)
	for round := range *rounds + 1 {
		for _, name := range names {
			before := used()
			for n := range handlerQueries {
				if err := ways[name](n); err != nil {
					return nil, err
				}
			}
			if round > 0 { // the first warms up
				costs[name] = append(costs[name], (used()-before).Seconds()*1e6/float64(handlerQueries))
			}
		}
		slices.Reverse(names)
	}
	return costs, nil
}

// used is the processor time that this process has used.
func used() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
