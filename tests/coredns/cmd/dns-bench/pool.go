package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"pointsman.example/coredns/plain"
)

// pool is how many instances a reload fills.
const pool = 4

// reloads is how often each way of reloading is measured.
const reloads = 9

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
	image, err := compiled(ctx, loader, documents)
	if err != nil {
		return err
	}
	ways := []struct {
		id, what string
		reload   func() (uint32, error)
	}{
		{"snapshot", "documents, and the pool a snapshot of the instance that loaded them", func() (uint32, error) {
			return fill(ctx, engine, loader, func(instance *plain.Instance) (plain.Zone, error) {
				zone, _, err := instance.LoadZone(ctx, "", documents)
				return zone, err
			})
		}},
		{"documents", "documents, compiled in an instance of their own", func() (uint32, error) {
			image, err := compiled(ctx, loader, documents)
			if err != nil {
				return 0, err
			}
			return fill(ctx, engine, loader, func(instance *plain.Instance) (plain.Zone, error) { return instance.OpenZone(ctx, image) })
		}},
		{"image", "an image", func() (uint32, error) {
			return fill(ctx, engine, loader, func(instance *plain.Instance) (plain.Zone, error) { return instance.OpenZone(ctx, image) })
		}},
	}
	took, memory := make([][]float64, len(ways)), make([]uint32, len(ways))
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
		say("pool/"+way.id, way.what, float64(memory[n])/1e6, "MB")
	}
	const before = "; reloading 10,000 record sets into a pool of 4, to a snapshot of the instance that loaded the documents"
	f := say("budget/reload/image", "CoreDNS: an image"+before, median(toBefore[1]), "")
	f.over(toBefore[1])
	f.judge("at_most", 0.25, "The rest is the snapshot of the memory, the instances, and opening in code that Go can interrupt.")
	f = say("budget/reload/documents", "CoreDNS: documents"+before, median(toBefore[0]), "")
	f.over(toBefore[0])
	f.judge("at_most", 0.25, "Documents have to be read and validated wherever they are compiled, and that is most of the time: `pointsman compile` does it outside of the server.")
	say("budget/pool", "CoreDNS: linear memory of a pool instance with 10,000 record sets, to the size of the image", float64(memory[2])/float64(len(image)), "").
		judge("at_most", 2, "The image lies in the memory while it is opened, and the module's stack and buffers are there too; pages that an instance does not write are shared by the pool.")
	return nil
}

// compiled is documents as an image, by an instance that is thrown away.
func compiled(ctx context.Context, loader *plain.Engine, documents []plain.Document) ([]byte, error) {
	instance, err := loader.Instantiate(ctx)
	if err != nil {
		return nil, err
	}
	defer instance.Close(ctx)
	zone, _, err := instance.LoadZone(ctx, "", documents)
	if err != nil {
		return nil, err
	}
	return instance.ZoneImage(ctx, zone.Handle)
}

// fill makes a pool that begins with what was loaded into one instance, and returns the memory of each.
func fill(ctx context.Context, engine, loader *plain.Engine, load func(*plain.Instance) (plain.Zone, error)) (uint32, error) {
	instance, err := loader.Instantiate(ctx)
	if err != nil {
		return 0, err
	}
	defer instance.Close(ctx)
	zone, err := load(instance)
	if err != nil {
		return 0, err
	}
	if _, _, err := instance.NewView(ctx, zone.Handle, ""); err != nil {
		return 0, err
	}
	snapshot, err := instance.Snapshot()
	if err != nil {
		return 0, err
	}
	defer snapshot.Close()
	for range pool {
		restored, err := engine.Restore(ctx, snapshot)
		if err != nil {
			return 0, err
		}
		defer restored.Close(ctx)
	}
	return instance.MemorySize(), nil
}
