"""A server dies while a load runs; the feed goes away; four workers see the same health."""

import copy
import json
import time
import unittest

from support import Envoy, Feed, Load, Outage, Server, configuration, eventually, free_port, manager, policy

HOST = {"host": "shop.example.internal"}
ADDRESSES = ["127.0.0.11", "127.0.0.12"]


class Failover(unittest.TestCase):
    def setUp(self):
        self.port = free_port(ADDRESSES)
        self.active = Server(ADDRESSES[0], self.port, "active").start()
        self.passive = Server(ADDRESSES[1], self.port, "passive").start()
        self.feed = Feed()
        self.addCleanup(self.active.kill)
        self.addCleanup(self.passive.kill)
        self.addCleanup(self.feed.close)

    def configuration(self, retries=True, interval_ms=200):
        config = configuration("active-passive", self.port, self.feed.port)
        policy(config)["health"]["feed"]["interval_ms"] = interval_ms
        policy(config)["tick_ms"] = 50
        if not retries:
            del manager(config)["route_config"]["virtual_hosts"][0]["routes"][0]["route"]["retry_policy"]
        return config

    def probe(self):
        """Health as a checker with a threshold of one sees it now."""
        servers = {"hc-11": self.active, "hc-12": self.passive}
        return {"HealthChecks": {name: "healthy" if server.answers() else "unhealthy" for name, server in servers.items()}}

    def fail_under_load(self, retries):
        """Kills the active server at the worst moment: the report that says it lives has just been fetched."""
        def fetch():
            answered = self.feed.answered
            eventually("a fetch", lambda: self.feed.answered > answered)

        self.feed.probe = self.probe
        with Envoy(self.configuration(retries, interval_ms=500), concurrency=2) as envoy:
            eventually("the first report", lambda: envoy.stats().get("feed_updates"))
            outage = Outage(envoy, self.active, HOST, fetch)
            print(f"\na feed asked each 500 ms, {'with' if retries else 'without'} retries: {outage}")
            return outage

    def test_without_retries_requests_fail_until_the_feed_says_so(self):
        outage = self.fail_under_load(retries=False)
        self.assertTrue(outage.failed, "a server was killed and nobody noticed: the test tests nothing")
        self.assertLess(max(outage.failed), outage.started - outage.killed, "once the report is there, no request fails")

    def test_with_retries_no_request_fails(self):
        outage = self.fail_under_load(retries=True)
        self.assertEqual(outage.failed, [])

    def test_retries_go_down_the_list(self):
        # Health says that all is well, and it is not: only the list can help.
        self.feed.set(hc_11="healthy", hc_12="healthy")
        self.active.kill()
        with Envoy(self.configuration()) as envoy:
            for _ in range(50):
                self.assertEqual(envoy.get(HOST), (200, "passive"))
            hosts = f'hosts="127.0.0.11:{self.port},127.0.0.12:{self.port}"'
            eventually("the list in the access log", lambda: hosts in envoy.access_log())

    def test_lists_climb_past_aliases_that_do_not_look_down(self):
        config = self.configuration()
        zone = policy(config)["zones"][0]["documents"][0]
        leaves = []
        for record, name in zip(zone["ResourceRecordSets"], ["one", "two"]):
            leaf = {key: record[key] for key in ["Type", "TTL", "ResourceRecords", "HealthCheckId"]}
            leaves.append(dict(leaf, Name=f"{name}.example.internal.", SetIdentifier="only", Weight=1))
            for key in ["TTL", "ResourceRecords"]:
                del record[key]
            record["AliasTarget"] = {"HostedZoneId": "Z0EXAMPLE", "DNSName": f"{name}.example.internal.", "EvaluateTargetHealth": False}
        zone["ResourceRecordSets"] += leaves
        with Envoy(config) as envoy:
            self.active.kill()
            self.assertEqual(envoy.get(HOST), (200, "passive"))

    def test_a_feed_that_is_down_changes_nothing(self):
        self.feed.set(hc_11="unhealthy", hc_12="healthy")
        with Envoy(self.configuration()) as envoy:
            eventually("the report", lambda: envoy.get(HOST) == (200, "passive"))
            self.feed.close()
            eventually("errors counted", lambda: envoy.stats().get("feed_errors", 0) >= 3)
            self.assertEqual(envoy.get(HOST), (200, "passive"))
            self.assertGreater(envoy.stats()["view_age_ms"], 200)
            # Told once by each worker that fetched in vain: here, the only worker and the main thread.
            told = envoy.log().count("the last report stays in force")
            self.assertIn(told, {1, 2}, envoy.log())

    def test_health_that_is_too_old(self):
        def follow(when_stale):
            config = self.configuration()
            policy(config)["health"]["feed"].update(max_age_ms=1_000, when_stale=when_stale)
            self.feed.behaviour = "report"
            self.feed.set(hc_11="unhealthy", hc_12="healthy")
            return Envoy(config)

        with follow("no-data") as envoy:
            eventually("the report", lambda: envoy.get(HOST) == (200, "passive"))
            self.feed.behaviour = "500"
            # No data counts as healthy (semantics 10.27).
            eventually("the report to be too old", lambda: envoy.get(HOST) == (200, "active"))
            self.feed.behaviour = "report"
            eventually("the report again", lambda: envoy.get(HOST) == (200, "passive"))
        with follow("not-ready") as envoy:
            eventually("the report", lambda: envoy.get(HOST) == (200, "passive"))
            self.feed.behaviour = "500"
            # Nothing is named: the cluster's own policy takes any host.
            eventually("both servers", lambda: {envoy.get(HOST)[1] for _ in range(4)} == {"active", "passive"})
            eventually("requests without a decision", lambda: envoy.stats().get("not_ready"))
            eventually("the reason in the access log", lambda: "no-answer=not-ready" in envoy.access_log())
        # A report that does not say when it was made cannot be distinguished from an old one (semantics 10.50).
        self.feed.tells_time = False
        with follow("no-data") as envoy:
            eventually("the report", lambda: envoy.stats().get("feed_updates"))
            self.assertEqual(envoy.get(HOST), (200, "active"))

    def test_four_workers_agree_and_one_of_them_fetches(self):
        self.feed.set(hc_11="healthy", hc_12="healthy")
        config = copy.deepcopy(self.configuration(retries=False, interval_ms=500))
        # Balanced exactly, sixteen connections are four a worker.
        config["static_resources"]["listeners"][0]["connection_balance_config"] = {"exact_balance": {}}
        with Envoy(config, concurrency=4) as envoy:
            load = Load(envoy.port, 16, HOST.items(), pause=0.005).start()
            try:
                eventually("the first report", lambda: envoy.stats().get("feed_updates"))
                began, fetched = time.monotonic(), self.feed.requests
                time.sleep(3)
                took, fetches = time.monotonic() - began, self.feed.requests - fetched
                flipped = time.monotonic()
                self.feed.set(hc_11="unhealthy", hc_12="healthy")
                eventually("every worker on the new report", lambda: load.settled("passive", flipped, 400))
            finally:
                results = load.stop()
            self.assertLessEqual(fetches, took / 0.5 + 2, "more than one worker fetches")
            self.assertGreater(fetches, 0, "nobody fetches")
            self.assertEqual(self.feed.most_at_once, 1)
            self.assertGreater(self.feed.unchanged, 0, "If-None-Match is sent")
            self.assertEqual({body for began, _, _, body in results if began < flipped}, {"active"})
            after = [(began - flipped, body) for began, _, _, body in results if began > flipped]
            last = max((at for at, body in after if body == "active"), default=0.0)
            first = min(at for at, body in after if body == "passive")
            print(f"\nfour workers: {fetches} fetches in {took:.1f} s; first on the new report after {first * 1000:.0f} ms, all of them {max(0, last - first) * 1000:.0f} ms later")
            eventually("both reports counted, each once", lambda: envoy.stats()["feed_updates"] == 2)

    def test_a_worker_set_of_another_configuration_begins_with_the_report(self):
        # A new listener with the same feed finds the report that the old one's workers have shared.
        config = self.configuration(interval_ms=60_000)
        policy(config)["health"]["feed"]["max_age_ms"] = 600_000
        listener = copy.deepcopy(config["static_resources"]["listeners"][0])
        listener["name"] = "second"
        self.feed.set(hc_11="unhealthy", hc_12="healthy")
        second = json.loads(json.dumps(listener))
        config["static_resources"]["listeners"].append(second)
        with Envoy(config) as envoy:
            for port in envoy.ports:
                envoy.port = port
                eventually("the report on both listeners", lambda: envoy.get(HOST) == (200, "passive"))
            self.assertEqual(self.feed.requests, 1)


if __name__ == "__main__":
    unittest.main()
