// Package plain runs pointsman_plain.wasm in wazero. The ABI is described in wasm/plain/README.md; this package follows
// its rules on memory so that its users need not.
package plain

import (
	"context"
	"fmt"
	"os"

	"github.com/tetratelabs/wazero"
)

// ABIVersion is the version of the ABI that this package speaks.
const ABIVersion = 2

// Engine is the compiled module. It is safe for use by many goroutines; the instances that it makes are not.
type Engine struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
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
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig())
	compiled, err := runtime.CompileModule(ctx, module)
	if err != nil {
		_ = runtime.Close(ctx)
		return nil, fmt.Errorf("this is not a WebAssembly module: %w", err)
	}
	if imports := compiled.ImportedFunctions(); len(imports) > 0 {
		_ = runtime.Close(ctx)
		return nil, fmt.Errorf("the module imports %d functions; pointsman_plain.wasm imports none", len(imports))
	}
	return &Engine{runtime, compiled}, nil
}

// Close frees the machine code and every instance.
func (e *Engine) Close(ctx context.Context) error { return e.runtime.Close(ctx) }

// Instantiate makes an instance with a memory of its own.
func (e *Engine) Instantiate(ctx context.Context) (*Instance, error) {
	// Without a name, any number of instances can live side by side.
	module, err := e.runtime.InstantiateModule(ctx, e.compiled, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, fmt.Errorf("cannot make an instance: %w", err)
	}
	instance := &Instance{module: module, memory: module.Memory()}
	if err := instance.bind(ctx); err != nil {
		_ = module.Close(ctx)
		return nil, err
	}
	return instance, nil
}
