package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"pointsman.example/coredns/plain"
)

// pool is how many instances a reload fills.
const pool = 4

// reloads is how often each way of reloading is measured.
var reloads = 9

// measurePool holds the ways in which a pool of instances comes to a changed zone of 10,000 record sets against each other, in
// turn: a snapshot of the instance that loaded the documents, which was the only way before there were images; documents
// compiled in an instance of their own; and an image, as `pointsman compile` writes it. As in a server, what is long runs in
// code that Go can interrupt.
func measurePool(ctx context.Context) error {
	engine, err := plain.Open(ctx, *module)
	if err != nil {
		return err
	}
	defer engine.Close(ctx)
	loader, err := engine.Loader(ctx)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(*calls, "zone.json"))
	if err != nil {
		return err
	}
	documents := []plain.Document{{Name: "zone.json", Text: string(text)}}
	image, _, err := loader.CompileZone(ctx, "", documents)
	if err != nil {
		return err
	}
	ways := []struct {
		id, what string
		reload   func() (instanceMemory, error)
	}{
		{"snapshot", "documents, and the pool a snapshot of the instance that loaded them", func() (instanceMemory, error) {
			return fill(ctx, engine, loader, func(instance *plain.Instance) (plain.Zone, error) {
				zone, _, err := instance.LoadZone(ctx, "", documents)
				return zone, err
			})
		}},
		{"documents", "documents, compiled in an instance of their own", func() (instanceMemory, error) {
			image, _, err := loader.CompileZone(ctx, "", documents)
			if err != nil {
				return instanceMemory{}, err
			}
			return fill(ctx, engine, loader, func(instance *plain.Instance) (plain.Zone, error) { return instance.OpenZone(ctx, image) })
		}},
		{"image", "an image", func() (instanceMemory, error) {
			return fill(ctx, engine, loader, func(instance *plain.Instance) (plain.Zone, error) { return instance.OpenZone(ctx, image) })
		}},
	}
	took, memory := make([][]float64, len(ways)), make([]instanceMemory, len(ways))
	for range reloads {
		for n, way := range ways {
			start := time.Now()
			if memory[n], err = way.reload(); err != nil {
				return fmt.Errorf("%s: %w", way.id, err)
			}
			took[n] = append(took[n], float64(time.Since(start).Microseconds())/1000)
		}
	}
	var toBefore [2][]float64
	for n := range took[0] {
		toBefore[0] = append(toBefore[0], took[1][n]/took[0][n])
		toBefore[1] = append(toBefore[1], took[2][n]/took[0][n])
	}
	for n, way := range ways {
		say("reload/"+way.id, way.what, median(took[n]), "ms").over(took[n])
		say("pool/"+way.id, way.what, float64(memory[n].linear)/1e6, "MB")
		if memory[n].proportional > 0 {
			say("pool/pss/"+way.id, way.what+": what the system counts for it", memory[n].proportional/1e6, "MB")
		}
	}
	const before = "; reloading 10,000 record sets into a pool of 4, to a snapshot of the instance that loaded the documents"
	f := say("budget/reload/image", "CoreDNS: an image"+before, median(toBefore[1]), "")
	f.over(toBefore[1])
	f.judge("at_most", 0.25, "The rest is the snapshot of the memory, the instances, and opening in code that Go can interrupt.")
	f = say("budget/reload/documents", "CoreDNS: documents"+before, median(toBefore[0]), "")
	f.over(toBefore[0])
	f.judge("at_most", 0.25, "Documents have to be read and validated wherever they are compiled, and that is most of the time: `pointsman compile` does it outside of the server.")
	say("budget/pool", "CoreDNS: linear memory of a pool instance with 10,000 record sets, to the size of the image", float64(memory[2].linear)/float64(len(image)), "").
		judge("at_most", 2, "The image lies in the memory while it is opened, and the module's stack and buffers are there too; pages that an instance does not write are shared by the pool.")
	if memory[2].proportional > 0 {
		const what = "CoreDNS: the same as the system counts it, pages that the pool shares once (PSS, 4 instances)"
		say("budget/pool/pss", what, memory[2].proportional/float64(len(image)), "").
			judge("at_most", 2, "The pages of the zone are in the memory once for the pool, and each instance has those that it writes.")
	}
	return nil
}

// instanceMemory is what an instance of a pool takes, in bytes: its linear memory, and what the system counts for it when pages
// that several have in common are divided among them (PSS); 0 where the system does not say.
type instanceMemory struct {
	linear       uint32
	proportional float64
}

// proportional adds up what the system counts for the memories of a pool, which are mapped from its snapshot.
func proportional() float64 {
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		return 0
	}
	defer file.Close()
	total, counts := 0.0, false
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) >= 5 && strings.Contains(fields[0], "-"):
			counts = strings.Contains(lines.Text(), "pointsman-snapshot")
		case counts && len(fields) == 3 && fields[0] == "Pss:":
			kilobytes, _ := strconv.ParseFloat(fields[1], 64)
			total += kilobytes * 1024
		}
	}
	return total
}

// fill makes a pool that begins with what was loaded into one instance, and returns what each takes once it has answered and
// every page of it was read.
func fill(ctx context.Context, engine, loader *plain.Engine, load func(*plain.Instance) (plain.Zone, error)) (instanceMemory, error) {
	var memory instanceMemory
	instance, err := loader.Instantiate(ctx)
	if err != nil {
		return memory, err
	}
	defer instance.Close(ctx)
	zone, err := load(instance)
	if err != nil {
		return memory, err
	}
	view, _, err := instance.NewView(ctx, zone.Handle, "")
	if err != nil {
		return memory, err
	}
	snapshot, err := instance.Snapshot()
	if err != nil {
		return memory, err
	}
	defer snapshot.Close()
	for range pool {
		restored, err := engine.Restore(ctx, snapshot)
		if err != nil {
			return memory, err
		}
		defer restored.Close(ctx)
		query := restored.Query()
		query.Reset()
		length, err := plain.PackName(query.NameBuffer(), zone.Name)
		if err != nil {
			return memory, err
		}
		query.SetNameLength(length)
		query.SetType(6) // SOA
		if _, status, err := restored.Resolve(ctx, view); err != nil || status != plain.OK {
			return memory, fmt.Errorf("the apex cannot be asked for: %v %w", status, err)
		}
		if bytes, fits := restored.Memory().Read(0, restored.MemorySize()); fits {
			touch(bytes)
		}
	}
	return instanceMemory{instance.MemorySize(), proportional() / pool}, nil
}

// touch reads every page, as many queries do in time.
func touch(bytes []byte) {
	sum := byte(0)
	for at := 0; at < len(bytes); at += os.Getpagesize() {
		sum += bytes[at]
	}
	touched = sum
}

// touched keeps the reading from being left out.
var touched byte
