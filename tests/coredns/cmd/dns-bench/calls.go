package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/miekg/dns"
	"pointsman.example/coredns/plain"
)

// asked is one question about the trees, as a flat query and as what the module keeps of it.
type asked struct {
	flat             []byte
	question, client uint32
	draw             uint64
}

// measureNative writes zone and queries, and gives what a native call takes on them.
func measureNative() (float64, error) {
	out, err := exec.Command(*native, "calls", *calls).Output()
	if err != nil {
		return 0, fmt.Errorf("%s calls: %w", *native, err)
	}
	var said struct{ Ns float64 }
	if err := json.Unmarshal(out, &said); err != nil || said.Ns <= 0 {
		return 0, fmt.Errorf("%s calls says %q: %w", *native, out, err)
	}
	return said.Ns, nil
}

// measureCalls times the module without a server around it. The fastest of many rounds counts: noise only adds.
func measureCalls(ctx context.Context) error {
	nativeCall, err := measureNative()
	if err != nil {
		return err
	}
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
	questions, err := readQueries(ctx, instance, zone.Handle)
	if err != nil {
		return err
	}
	answered := func(_ plain.Answer, status plain.Status, err error) error {
		if err == nil && status != plain.OK {
			err = fmt.Errorf("status %v", status)
		}
		return err
	}
	ways := []func(asked) error{
		func(asked) error { return instance.Empty(ctx) },
		func(q asked) error { return answered(instance.Ask(ctx, view, q.question, q.client, q.draw)) },
		func(q asked) error {
			instance.Query().Restore(q.flat)
			return answered(instance.Resolve(ctx, view))
		},
	}
	best := slices.Repeat([]float64{math.Inf(1)}, len(ways))
	for turn := range turns {
		if turn > 0 {
			again, err := measureNative()
			if err != nil {
				return err
			}
			nativeCall = min(nativeCall, again)
		}
		for n, way := range ways {
			for range callRounds {
				start := time.Now()
				for _, question := range questions {
					if err := way(question); err != nil {
						return err
					}
				}
				best[n] = min(best[n], float64(time.Since(start).Nanoseconds())/float64(len(questions)))
			}
		}
	}
	empty, kept, buffer := best[0], best[1], best[2]
	say("budget/plain", "(call less an empty call) / native `resolve`, by a kept question and client", (kept-empty)/nativeCall, "").
		judge("at_most", 4, "A call of the empty function and the walk itself are all that is left of it; the rest is how wazero compiles.")
	say("budget/plain-buffer", "the same, name and client read from the query buffer anew", (buffer-empty)/nativeCall, "")
	say("call/native", "native `resolve`", nativeCall, "ns")
	say("call/empty", "an empty call: the floor of wazero", empty, "ns")
	say("call/kept", "`pointsman_resolve_kept`, kept question and client", kept, "ns")
	say("call/buffer", "`pointsman_resolve`, with the buffer written", buffer, "ns")
	say("instance/memory", "memory with a zone of 10,000 record sets and a view", float64(instance.MemorySize()), "bytes")
	say("instance/load", "loading this zone", float64(load.Nanoseconds()), "ns")
	return nil
}

// readQueries writes each query once into the module's buffer, and keeps what stands there on either side.
func readQueries(ctx context.Context, instance *plain.Instance, zone uint32) ([]asked, error) {
	file, err := os.Open(filepath.Join(*calls, "queries.ndjson"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var queries []asked
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var line struct {
			Name   string
			Client struct {
				Latency map[string]float64 `json:"latency_ms"`
			}
			Draw string
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, err
		}
		regions := make(map[uint32]float64)
		for code, milliseconds := range line.Client.Latency {
			number, err := instance.Region(ctx, code)
			if err != nil {
				return nil, err
			}
			regions[number] = milliseconds
		}
		draw, err := strconv.ParseUint(line.Draw, 10, 64)
		if err != nil {
			return nil, err
		}
		query := instance.Query()
		query.Reset()
		length, err := plain.PackRoute53Name(query.NameBuffer(), line.Name)
		if err != nil {
			return nil, err
		}
		query.SetNameLength(length)
		query.SetType(dns.TypeA)
		query.SetDraw(draw)
		for number, milliseconds := range regions {
			query.AddLatency(number, milliseconds)
		}
		one := asked{flat: query.Save(), draw: draw}
		if one.question, err = instance.NewQuestion(ctx, zone); err == nil {
			one.client, err = instance.NewClient(ctx)
		}
		if err != nil || one.question == 0 || one.client == 0 {
			return nil, fmt.Errorf("%s cannot be kept: %w", line.Name, err)
		}
		queries = append(queries, one)
	}
	return queries, lines.Err()
}
