# The worker with health in a KV namespace, which is a service that the test brings.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "kv", external = (address = "127.0.0.1:1", http = ())),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (cfBlobHeader = "cf-blob"), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "../dist/worker.js"),
    (name = "pointsman.wasm", wasm = embed "../dist/pointsman.wasm"),
  ],
  compatibilityDate = "2026-01-01",
  bindings = [
    (name = "ORIGINS", fromEnvironment = "ORIGINS"),
    (name = "NAME", fromEnvironment = "NAME"),
    (name = "HEALTH", kvNamespace = "kv"),
    (name = "REFRESH", fromEnvironment = "REFRESH"),
    (name = "MAX_AGE", fromEnvironment = "MAX_AGE"),
    (name = "WHEN_STALE", fromEnvironment = "WHEN_STALE"),
    (name = "DEBUG_TOKEN", fromEnvironment = "DEBUG_TOKEN"),
  ],
);
