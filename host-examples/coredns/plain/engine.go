// Package plain runs pointsman_plain.wasm in wazero. The ABI is described in wasm/plain/README.md; this package follows
// its rules on memory so that its users need not.
package plain

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
)

// ABIVersion is the version of the ABI that this package speaks.
const ABIVersion = 3

// Engine is the compiled module. It is safe for use by many goroutines; the instances that it makes are not.
type Engine struct {
	module   []byte
	runtime  wazero.Runtime
	compiled wazero.CompiledModule

	// The same module compiled with checks at each loop, see Loader.
	loaderOnce sync.Once
	loader     *Engine
	loaderErr  error
}

// Open compiles the module of a file to machine code.
func Open(ctx context.Context, file string) (*Engine, error) {
	module, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the module: %w; build it with `cargo xtask wasm`", err)
	}
	return NewEngine(ctx, module)
}

// NewEngine compiles a module to machine code.
func NewEngine(ctx context.Context, module []byte) (*Engine, error) {
	return newEngine(ctx, module, wazero.NewRuntimeConfig())
}

func newEngine(ctx context.Context, module []byte, config wazero.RuntimeConfig) (*Engine, error) {
	runtime := wazero.NewRuntimeWithConfig(ctx, config)
	compiled, err := runtime.CompileModule(ctx, module)
	if err != nil {
		_ = runtime.Close(ctx)
		return nil, fmt.Errorf("this is not a WebAssembly module: %w", err)
	}
	if imports := compiled.ImportedFunctions(); len(imports) > 0 {
		_ = runtime.Close(ctx)
		return nil, fmt.Errorf("the module imports %d functions; pointsman_plain.wasm imports none", len(imports))
	}
	return &Engine{module: module, runtime: runtime, compiled: compiled}, nil
}

// Loader returns an engine for calls that take long while others serve queries, such as loading a large zone.
//
// Go's garbage collector stops the world for a moment, and cannot interrupt machine code of wazero: a call that runs for
// 400 ms keeps the whole program waiting for as long. In the code of the loader each loop and function passes through Go,
// so that it can be interrupted; it runs some five times as long for that. Its instances hand over by Snapshot.
func (e *Engine) Loader(ctx context.Context) (*Engine, error) {
	e.loaderOnce.Do(func() {
		e.loader, e.loaderErr = newEngine(ctx, e.module, wazero.NewRuntimeConfig().WithCloseOnContextDone(true))
	})
	return e.loader, e.loaderErr
}

// Close frees the machine code and every instance.
func (e *Engine) Close(ctx context.Context) error {
	err := e.runtime.Close(ctx)
	if e.loader != nil {
		_ = e.loader.Close(ctx)
	}
	return err
}

// Instantiate makes an instance with a memory of its own.
func (e *Engine) Instantiate(ctx context.Context) (*Instance, error) {
	memory := new(linearMemory)
	ctx = experimental.WithMemoryAllocator(ctx, memory)
	// Without a name, any number of instances can live side by side.
	module, err := e.runtime.InstantiateModule(ctx, e.compiled, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, fmt.Errorf("cannot make an instance: %w", err)
	}
	instance := &Instance{module: module, memory: module.Memory(), linear: memory}
	if err := instance.bind(ctx); err != nil {
		_ = module.Close(ctx)
		return nil, err
	}
	return instance, nil
}

// Restore makes an instance that begins where a snapshot was taken: everything loaded there has the same handles here.
func (e *Engine) Restore(ctx context.Context, snapshot *Snapshot) (*Instance, error) {
	instance, err := e.Instantiate(ctx)
	if err != nil {
		return nil, err
	}
	if now := instance.memory.Size(); now < snapshot.size {
		if _, grown := instance.memory.Grow((snapshot.size - now) / pageSize); !grown {
			_ = instance.Close(ctx)
			return nil, fmt.Errorf("no memory for %d bytes", snapshot.size)
		}
	}
	if err := snapshot.restore(instance); err != nil {
		_ = instance.Close(ctx)
		return nil, fmt.Errorf("cannot restore an instance: %w", err)
	}
	return instance, instance.refresh()
}

// pageSize is that of WebAssembly.
const pageSize = 65536

// Snapshot is the memory of an instance between two calls. Instances that are restored from it share what they do not
// change, where the system can do that.
type Snapshot struct {
	size uint32
	copy snapshotCopy
}

// Snapshot copies the instance's memory. Close frees it; instances that were restored from it stay.
func (i *Instance) Snapshot() (*Snapshot, error) {
	bytes, fits := i.memory.Read(0, i.memory.Size())
	if !fits {
		return nil, fmt.Errorf("the memory cannot be read")
	}
	s := &Snapshot{size: i.memory.Size()}
	if err := s.copy.take(bytes); err != nil {
		return nil, fmt.Errorf("cannot keep a snapshot: %w", err)
	}
	return s, nil
}

// Close frees the snapshot.
func (s *Snapshot) Close() { s.copy.free() }

func (s *Snapshot) restore(to *Instance) error {
	bytes, fits := to.memory.Read(0, s.size)
	if !fits {
		return fmt.Errorf("the memory is too small")
	}
	return s.copy.restore(to.linear, bytes)
}
