"""Health from the real prober: `pointsman watch` tries the servers, and Envoy follows its feed."""

import collections
import json
import pathlib
import subprocess
import tempfile
import time
import unittest

from support import EXAMPLE, POINTSMAN, Envoy, Load, Server, configuration, eventually, free_port, manager, policy, request

HOST = {"host": "shop.example.internal"}
ADDRESSES = ["127.0.0.11", "127.0.0.12"]
# Checks every 10 s with a threshold of two, fifty times as fast.
SCALE, INTERVAL_S, THRESHOLD = 0.02, 0.2, 2


def watches():
    """Whether this build of the command has the prober."""
    return subprocess.run([POINTSMAN, "watch", "--help"], capture_output=True, check=False).returncode == 0


@unittest.skipUnless(watches(), "this build of pointsman has no `watch`")
class Watch(unittest.TestCase):
    def setUp(self):
        self.port, self.feed_port = free_port(ADDRESSES), free_port()
        self.active, self.passive = (Server(address, self.port, name).start()
                                     for address, name in zip(ADDRESSES, ["active", "passive"]))
        self.addCleanup(self.active.kill)
        self.addCleanup(self.passive.kill)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        zone = json.loads((EXAMPLE / "zones" / "active-passive.json").read_text())
        for check in zone["HealthChecks"]:
            check["HealthCheckConfig"]["Port"] = self.port
        self.zone = pathlib.Path(folder.name) / "zone.json"
        self.zone.write_text(json.dumps(zone))

    def watch(self):
        process = subprocess.Popen([POINTSMAN, "watch", "-z", self.zone, "--listen", f"127.0.0.1:{self.feed_port}",
                                    "--interval-scale", str(SCALE)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def answers():
            try:
                return request(self.feed_port, "/v1/health")[0] == 200
            except OSError:
                return False

        eventually("the feed", answers)
        return process

    def configuration(self, retries):
        config = configuration("active-passive", self.port, self.feed_port)
        policy(config)["health"]["feed"].update(interval_ms=100, max_age_ms=5_000)
        policy(config)["tick_ms"] = 50
        if not retries:
            del manager(config)["route_config"]["virtual_hosts"][0]["routes"][0]["route"]["retry_policy"]
        return config

    def fail_under_load(self, retries):
        self.watch()
        with Envoy(self.configuration(retries), concurrency=2) as envoy:
            eventually("the first report", lambda: envoy.stats().get("feed_updates"))
            time.sleep(INTERVAL_S * (THRESHOLD + 1))
            load = Load(envoy.port, 8, HOST.items(), pause=0.005).start()
            try:
                time.sleep(1)
                killed = time.monotonic()
                self.active.kill()
                time.sleep(4)
                started = time.monotonic()
                self.active.start()
                time.sleep(4)
            finally:
                results = load.stop()
            failed = [ended - killed for _, ended, status, _ in results if status != 200]
            moved = [began - killed for began, _, status, body in results if began > killed and body == "passive"]
            back = [began - started for began, _, _, body in results if began > started and body == "active"]
            print(f"\npointsman watch, {'with' if retries else 'without'} retries: {len(results)} requests, {len(failed)} failed, "
                  f"the last {max(failed, default=0) * 1000:.0f} ms after the server was killed; first answer of the passive server "
                  f"after {min(moved) * 1000:.0f} ms; back {min(back) * 1000:.0f} ms after it started")
            during = collections.Counter(body for began, _, _, body in results if killed + 3 < began < started)
            self.assertEqual(set(during), {"passive"})
            after = collections.Counter(body for began, _, _, body in results if began > started + 3)
            self.assertEqual(set(after), {"active"})
            self.assertGreater(min(back), INTERVAL_S * (THRESHOLD - 1), "recovery takes the threshold, too")
            return failed

    def test_requests_fail_until_the_threshold_is_reached_without_retries(self):
        failed = self.fail_under_load(retries=False)
        self.assertGreater(max(failed), INTERVAL_S * (THRESHOLD - 1))
        self.assertLess(max(failed), 3)

    def test_no_request_fails_with_retries(self):
        self.assertEqual(self.fail_under_load(retries=True), [])

    def test_a_prober_that_dies_leaves_the_last_report(self):
        prober = self.watch()
        with Envoy(self.configuration(retries=False)) as envoy:
            self.active.kill()
            eventually("failover", lambda: envoy.get(HOST) == (200, "passive"))
            prober.kill()
            self.active.start()
            time.sleep(1)
            self.assertEqual(envoy.get(HOST), (200, "passive"))
            self.watch()
            eventually("the new prober's report", lambda: envoy.get(HOST) == (200, "active"))


if __name__ == "__main__":
    unittest.main()
