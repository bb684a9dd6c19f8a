"""CPU a request of Envoy: plain, with filters of a few lines, with Lua, and with Pointsman in each mode.

One Envoy a variant, one worker each, all answering by themselves (`direct_response`), loaded by wrk in turn, round by round
in one sitting, so that whatever else the machine does falls on all of them. CPU is what the kernel gave Envoy's threads.
Prints a line of JSON a variant, then the difference that the budget is about; writes the same to a file, if one is given.

    cargo xtask bench --only envoy     ROUNDS=9 SECONDS=2 are the defaults
"""

import contextlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "host-examples" / "envoy" / "tests"))

from support import Envoy, configuration, manager, plugin, policy  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "9"))
SECONDS = int(os.environ.get("SECONDS", "2"))
CONNECTIONS = 16
BUDGET_US = 2.0

LUA = """
function envoy_on_request(handle)
  local country = handle:headers():get("x-country")
  local weights = country == "US" and {90, 10} or {50, 50}
  local draw = math.random(weights[1] + weights[2])
  handle:headers():replace("x-pointsman", draw <= weights[1] and "stable" or "canary")
end
"""


def plain():
    """An Envoy that answers by itself, without any filter of ours."""
    config = configuration("geolocation")
    part = manager(config)
    del part["access_log"]
    del part["http_filters"][0]
    part["route_config"]["virtual_hosts"][0]["routes"] = [{"match": {"prefix": "/"}, "direct_response": {"status": 200}}]
    return config


def with_filter(typed_config):
    config = plain()
    manager(config)["http_filters"].insert(0, {"name": "measured", "typed_config": typed_config})
    return config


def baseline(kind):
    config = with_filter(manager(configuration("geolocation"))["http_filters"][0]["typed_config"])
    plugin(config)["vm_config"]["code"]["local"]["filename"] = "target/wasm/pointsman_envoy_baseline.wasm"
    plugin(config)["configuration"] = {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": kind}
    return config


def pointsman(answer, filter_state=None, name="geolocation", **more):
    """The policy of an example in one mode; it reads one header, as the others do."""
    config = with_filter(manager(configuration(name))["http_filters"][0]["typed_config"])
    part = policy(config)
    part.update({"answer": answer, "filter_state": filter_state}, **more)
    del part["health"]["feed"]
    return config


def lua():
    return with_filter({"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
                        "default_source_code": {"inline_string": LUA}})


HOSTS = {"host": {"port": 8080, "choices": 3}}
TELL = {"header": {}}
CLUSTER = policy(configuration("geolocation"))["answer"]
FACTS = {"name": "latency", "client": {"country_header": "x-country"}}
VARIANTS = {
    "plain": ("alone", plain()),
    "wasm-no-op": ("with a Wasm filter that does nothing", baseline("no-op")),
    "wasm-get-set": ("with a Wasm filter that reads one header and sets one", baseline("get-set")),
    "lua": ("with Lua, a weighted choice by a header", lua()),
    "pointsman-header": ("with Pointsman, `header`", pointsman(TELL)),
    "pointsman-header-state": ("with Pointsman, `header` and filter state", pointsman(TELL, "pointsman")),
    "pointsman-cluster": ("with Pointsman, `cluster`", pointsman(CLUSTER)),
    "pointsman-cluster-state": ("with Pointsman, `cluster` and filter state", pointsman(CLUSTER, "pointsman")),
    "pointsman-host": ("with Pointsman, `host`, three choices", pointsman(HOSTS, **FACTS)),
    "pointsman-host-state": ("with Pointsman, `host`, three choices and filter state", pointsman(HOSTS, "pointsman", **FACTS)),
}
NAMES = {name: words for name, (words, _) in VARIANTS.items()}


def cpu_ns(process):
    """Nanoseconds that the kernel gave all threads of a process."""
    tasks = pathlib.Path(f"/proc/{process.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks)


def load(envoy, seconds):
    """Requests, CPU in microseconds a request, and the 99th percentile in microseconds."""
    before = cpu_ns(envoy.process)
    run = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-H", "x-country: DE",
                          f"http://127.0.0.1:{envoy.port}/"], capture_output=True, text=True, check=True)
    spent = cpu_ns(envoy.process) - before
    if "Non-2xx" in run.stdout or "Socket errors" in run.stdout:
        raise SystemExit(run.stdout)
    count = int(re.search(r"(\d+) requests in", run.stdout)[1])
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", run.stdout).groups()
    return count, spent / count / 1000, float(value) * {"us": 1, "ms": 1_000, "s": 1_000_000}[unit]


def main():
    with contextlib.ExitStack() as stack:
        envoys = {name: stack.enter_context(Envoy(config)) for name, (_, config) in VARIANTS.items()}
        for envoy in envoys.values():
            load(envoy, 1)
        runs = {name: [] for name in envoys}
        for number in range(ROUNDS):
            print(f"round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
            for name, envoy in envoys.items():
                runs[name].append(load(envoy, SECONDS))
    rows = []
    for name, results in runs.items():
        _, cpu, p99 = zip(*results)
        median = statistics.median(cpu)
        spread = statistics.median(abs(value - median) for value in cpu) / median
        what = f"CPU of Envoy {NAMES[name]} (best round {min(cpu):.1f} us, 99th percentile {statistics.median(p99) / 1000:.1f} ms)"
        rows.append({"id": f"request/{name}", "what": what, "figure": round(median, 2), "unit": "us", "spread": round(spread, 4)})
    pairs = zip(runs["pointsman-header"], runs["wasm-get-set"])
    more = statistics.median(ours[1] - theirs[1] for ours, theirs in pairs)
    rows.append({"id": "budget/header", "what": "`header` mode less a Wasm filter that reads one header and sets one, median of the rounds",
                 "figure": round(more, 2), "unit": "us", "budget": {"at_most": BUDGET_US}})
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    if len(sys.argv) > 1:
        pathlib.Path(sys.argv[1]).write_text(lines)
    print(lines, end="")


if __name__ == "__main__":
    main()
