"""Health from the real prober: `pointsman watch` tries the servers, and Envoy follows its feed."""

import json
import pathlib
import subprocess
import tempfile
import time
import unittest

from support import (EXAMPLE, POINTSMAN, Envoy, Outage, Server, configuration, ends_with_us, eventually, free_port, manager,
                     policy, request)

HOST = {"host": "shop.example.internal"}
ADDRESSES = ["127.0.0.11", "127.0.0.12"]
# Checks every 10 s with a threshold of two, ten times as fast.
SCALE, INTERVAL_S, THRESHOLD = 0.1, 1, 2


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
        """The prober, once both servers have passed as often as the threshold says."""
        process = subprocess.Popen([POINTSMAN, "watch", "-z", self.zone, "--listen", f"127.0.0.1:{self.feed_port}",
                                    "--interval-scale", str(SCALE)],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=ends_with_us)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        eventually("health of both servers", lambda: set(self.reported()) == {"hc-11", "hc-12"})
        return process

    def reported(self):
        """What the feed says of each check that has data."""
        try:
            status, body = request(self.feed_port, "/v1/health")
        except OSError:
            return {}
        return json.loads(body)["HealthChecks"] if status == 200 else {}

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
            outage = Outage(envoy, self.active, HOST)
            print(f"\npointsman watch, {'with' if retries else 'without'} retries: {outage}")
            # Tries are a twentieth of the interval early or late.
            least = INTERVAL_S * (THRESHOLD - 1) * 0.9
            self.assertGreater(outage.back, least, "recovery takes the threshold, too")
            return outage, least

    def test_requests_fail_until_the_threshold_is_reached_without_retries(self):
        outage, least = self.fail_under_load(retries=False)
        self.assertGreater(max(outage.failed), least)

    def test_no_request_fails_with_retries(self):
        outage, _ = self.fail_under_load(retries=True)
        self.assertEqual(outage.failed, [])

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
