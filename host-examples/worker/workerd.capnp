# The worker in workerd, on this machine. `node build.mjs` writes dist/; settings come from the environment:
#   ORIGINS='{"192.0.2.10": "http://127.0.0.1:9001", "198.51.100.10": "http://127.0.0.1:9002"}' NAME=app.example.com \
#   FEED=http://127.0.0.1:8053/v1/health npx workerd serve workerd.capnp
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    # Origins and the feed may be on this machine. Take "local" and "private" out where they are not.
    (name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [
    # What Cloudflare knows of a client comes in this header here, so that it can be tried; Cloudflare itself sets request.cf.
    (name = "http", address = "127.0.0.1:8787", http = (cfBlobHeader = "cf-blob"), service = "main"),
  ],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "dist/worker.js"),
    (name = "pointsman.wasm", wasm = embed "dist/pointsman.wasm"),
  ],
  compatibilityDate = "2026-01-01",
  bindings = [
    (name = "ORIGINS", fromEnvironment = "ORIGINS"),
    (name = "NAME", fromEnvironment = "NAME"),
    (name = "FEED", fromEnvironment = "FEED"),
    (name = "ZONE_FEED", fromEnvironment = "ZONE_FEED"),
    (name = "REFRESH", fromEnvironment = "REFRESH"),
    (name = "MAX_AGE", fromEnvironment = "MAX_AGE"),
    (name = "WHEN_STALE", fromEnvironment = "WHEN_STALE"),
    (name = "TIMEOUT", fromEnvironment = "TIMEOUT"),
    (name = "LEAVE_ALONE", fromEnvironment = "LEAVE_ALONE"),
    (name = "CONSECUTIVE_FAILURES", fromEnvironment = "CONSECUTIVE_FAILURES"),
    (name = "MAX_EJECTED", fromEnvironment = "MAX_EJECTED"),
    (name = "FAIL_CLOSED", fromEnvironment = "FAIL_CLOSED"),
    (name = "DEBUG_TOKEN", fromEnvironment = "DEBUG_TOKEN"),
  ],
);
