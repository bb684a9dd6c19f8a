"""CPU a request of Envoy: plain, with filters of a few lines, with Lua, and with Pointsman in each mode.

One Envoy a variant, one worker each, all answering by themselves (`direct_response`), loaded by wrk in turn, round by round
in one sitting, so that whatever else the machine does falls on all of them. CPU is what the kernel gave Envoy's threads.
Prints a line of JSON a variant, then the difference that the budget is about.

    cargo xtask envoy bench            ROUNDS=9 SECONDS=2 are the defaults
"""

import contextlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "tests"))

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
VARIANTS = {
    "plain": plain(),
    "wasm no-op": baseline("no-op"),
    "wasm get and set": baseline("get-set"),
    "lua weighted": lua(),
    "pointsman header": pointsman({"header": {}}),
    "pointsman header, filter state": pointsman({"header": {}}, "pointsman"),
    "pointsman cluster": pointsman(policy(configuration("geolocation"))["answer"]),
    "pointsman cluster, filter state": pointsman(policy(configuration("geolocation"))["answer"], "pointsman"),
    "pointsman host, 3 choices": pointsman(HOSTS, name="latency", client={"country_header": "x-country"}),
    "pointsman host, filter state": pointsman(HOSTS, "pointsman", name="latency", client={"country_header": "x-country"}),
}


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
        envoys = {name: stack.enter_context(Envoy(config)) for name, config in VARIANTS.items()}
        for envoy in envoys.values():
            load(envoy, 1)
        runs = {name: [] for name in envoys}
        for number in range(ROUNDS):
            print(f"round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
            for name, envoy in envoys.items():
                runs[name].append(load(envoy, SECONDS))
    for name, results in runs.items():
        counts, cpu, p99 = zip(*results)
        print(json.dumps({"bench": "envoy", "what": name, "cpu_us_per_request_median": round(statistics.median(cpu), 2),
                          "cpu_us_per_request_best": round(min(cpu), 2), "requests": sum(counts),
                          "p99_us_median": round(statistics.median(p99), 1)}), flush=True)
    pairs = zip(runs["pointsman header"], runs["wasm get and set"])
    more = statistics.median(ours[1] - theirs[1] for ours, theirs in pairs)
    print(json.dumps({"bench": "envoy", "what": "pointsman header minus wasm get and set, CPU us a request, median of rounds",
                      "value": round(more, 2), "budget": BUDGET_US, "met": more <= BUDGET_US}), flush=True)


if __name__ == "__main__":
    main()
