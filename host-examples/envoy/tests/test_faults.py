"""What the feed should not answer, bad updates, and a filter that traps: the last good state stays, and failure policies do
what they say."""

import json
import pathlib
import tempfile
import time
import unittest

from support import Envoy, Feed, Server, configuration, eventually, free_port, manager, plugin, policy

HOST = {"host": "shop.example.internal"}
ADDRESSES = ["127.0.0.11", "127.0.0.12"]


class Faults(unittest.TestCase):
    def setUp(self):
        self.port = free_port(ADDRESSES)
        self.feed = Feed()
        self.addCleanup(self.feed.close)
        for address, name in zip(ADDRESSES, ["active", "passive"]):
            self.addCleanup(Server(address, self.port, name).start().kill)

    def configuration(self):
        config = configuration("active-passive", self.port, self.feed.port)
        policy(config)["health"]["feed"].update(interval_ms=100, timeout_ms=1_000, max_age_ms=0)
        policy(config)["tick_ms"] = 50
        return config

    def test_no_answer_of_the_feed_takes_the_last_report_away(self):
        self.feed.set(hc_11="unhealthy", hc_12="healthy")
        with Envoy(self.configuration()) as envoy:
            eventually("the report", lambda: envoy.get(HOST) == (200, "passive"))
            for behaviour, words in [
                ("500", "status 500"),
                ("html", "expected"),
                ("nonsense", "`half dead` is not a status [unknown-status]"),
                ("binary", "the report is not UTF-8"),
                # Envoy itself stops reading at its own limit for answers to filters, long before the filter sees a byte.
                ("50 MB", "more than Envoy takes"),
                ("hang", "no answer within 1000 ms"),
            ]:
                self.feed.behaviour = "report"
                eventually("the feed to be seen alive", lambda: envoy.stats().get("view_age_ms", 1 << 40) < 500)
                with self.subTest(behaviour):
                    told, errors = len(envoy.log()), envoy.stats().get("feed_errors", 0)
                    self.feed.behaviour = behaviour
                    began = time.monotonic()
                    eventually("an error counted", lambda: envoy.stats().get("feed_errors", 0) > errors)
                    eventually("the reason in the log", lambda: words in envoy.log()[told:])
                    # The worker goes on serving while the feed misbehaves.
                    self.assertEqual(envoy.get(HOST), (200, "passive"))
                    line = next(line for line in envoy.log()[told:].splitlines() if "health feed" in line)
                    print(f"\n{behaviour}: {line.split('wasm log pointsman: ')[-1]} ({time.monotonic() - began:.1f} s)")
            self.feed.behaviour = "report"
            self.feed.set(hc_11="healthy", hc_12="healthy")
            eventually("the next report", lambda: envoy.get(HOST) == (200, "active"))

    def test_two_watches_behind_one_cluster_do_not_take_turns(self):
        def mark(name, sequence, active):
            return {"Watch": {"Id": name, "Run": "1", "Sequence": sequence, "Zone": "example.internal."},
                    "HealthChecks": {"hc-11": active, "hc-12": "healthy"}}

        fetches = 0

        def turn():
            nonlocal fetches
            fetches += 1
            return mark("one", fetches, "healthy") if fetches % 2 else mark("two", fetches, "unhealthy")

        self.feed.probe = turn
        with Envoy(self.configuration(), concurrency=2) as envoy:
            eventually("the first report", lambda: envoy.stats().get("feed_updates", 0) > 0)
            self.assertEqual({envoy.get(HOST) for _ in range(300)}, {(200, "active")})
            eventually("the other's reports counted", lambda: envoy.stats().get("feed_other_watch", 0) > 3)
            self.assertEqual(envoy.get(HOST), (200, "active"))
            # The first one dies: the other takes over, which the log says.
            self.feed.probe = lambda: mark("two", 1 << 40, "unhealthy")
            eventually("the other watch", lambda: envoy.get(HOST) == (200, "passive"))
            eventually("the log", lambda: "health is now by watch two, run 1" in envoy.log())

    def test_a_text_without_a_word_of_health_is_no_report(self):
        self.feed.set(hc_11="unhealthy", hc_12="healthy")
        with Envoy(self.configuration()) as envoy:
            eventually("the report", lambda: envoy.get(HOST) == (200, "passive"))
            self.feed.tells_time = False
            self.feed.report = {}
            eventually("the reason in the log", lambda: "[no-health-in-report]" in envoy.log())
            self.assertEqual(envoy.get(HOST), (200, "passive"))

    def test_a_report_over_max_bytes_is_not_looked_at(self):
        self.feed.set(hc_11="unhealthy", hc_12="healthy", hc_13="healthy")
        config = self.configuration()
        policy(config)["health"]["feed"]["max_bytes"] = 64
        with Envoy(config) as envoy:
            eventually("an error counted", lambda: envoy.stats().get("feed_errors"))
            eventually("the reason in the log", lambda: "bytes are more than max_bytes, 64" in envoy.log())
            self.assertEqual(envoy.get(HOST), (200, "active"))

    def test_a_check_that_no_zone_knows_is_told_and_the_rest_applies(self):
        self.feed.report = {"HealthChecks": {"hc-11": "unhealthy", "hc-99": "unhealthy"}}
        with Envoy(self.configuration()) as envoy:
            eventually("the report", lambda: envoy.get(HOST) == (200, "passive"))
            eventually("a warning", lambda: "`hc-99`, which the zone does not use" in envoy.log())
            # A prober of many proxies names it in every report: each worker reports it once, here the only one and the main thread.
            for number in range(4):
                self.feed.report["HealthChecks"]["hc-11"] = ["healthy", "unhealthy"][number % 2]
                eventually("the next report", lambda: envoy.get(HOST) == (200, ["active", "passive"][number % 2]))
            self.assertLessEqual(envoy.log().count("`hc-99`, which the zone does not use"), 2, envoy.log())

    def test_a_cluster_that_does_not_exist_is_an_error_and_no_more(self):
        config = self.configuration()
        policy(config)["health"]["feed"]["cluster"] = "nowhere"
        policy(config)["health"]["report"] = {"HealthChecks": {"hc-11": "unhealthy"}}
        with Envoy(config) as envoy:
            eventually("errors counted", lambda: envoy.stats().get("feed_errors", 0) >= 2)
            eventually("the reason in the log", lambda: "no cluster, or no connection, for `nowhere`" in envoy.log())
            self.assertEqual(envoy.get(HOST), (200, "passive"))


    def test_an_update_that_is_refused_leaves_the_last_configuration_in_force(self):
        config = self.configuration()
        policy(config)["health"] = {"report": {"HealthChecks": {"hc-11": "healthy"}}}
        health = policy(config)["health"]["report"]["HealthChecks"]
        document = policy(config)["zones"][0]["documents"][0]
        [listener] = config["static_resources"].pop("listeners")
        listener["address"]["socket_address"]["port_value"] = port = free_port()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "listeners.json"

            def put():
                kind = "type.googleapis.com/envoy.config.listener.v3.Listener"
                path.with_suffix(".new").write_text(json.dumps({"resources": [{"@type": kind, **listener}]}))
                path.with_suffix(".new").rename(path)

            put()
            config["node"] = {"id": "test", "cluster": "test"}
            config["dynamic_resources"] = {"lds_config": {"path_config_source": {"path": str(path)}, "resource_api_version": "V3"}}
            with Envoy(config) as envoy:
                self.assertEqual((envoy.port, envoy.get(HOST)), (port, (200, "active")))
                health["hc-11"] = "unhealthy"
                put()
                eventually("the update", lambda: envoy.get(HOST) == (200, "passive"))
                health["hc-11"], document["IsTruncated"] = "healthy", True
                put()
                eventually("the refusal", lambda: envoy.stat("listener_manager.lds.update_rejected"))
                self.assertIn("configuration refused: zones[0].documents[0]", envoy.log())
                self.assertEqual(envoy.get(HOST), (200, "passive"))
                document["IsTruncated"] = False
                put()
                eventually("the next update", lambda: envoy.get(HOST) == (200, "active"))


class FailurePolicies(unittest.TestCase):
    """A filter that traps when a request asks it to, under each policy of Envoy."""

    def statuses(self, failure_policy):
        """The status before a trap, of the trap, right after it, and once a filter that comes back is back."""
        port = free_port(["127.0.0.11"])
        server = Server("127.0.0.11", port, "stable").start()
        self.addCleanup(server.kill)
        config = configuration("canary", port)
        manager(config)["route_config"]["virtual_hosts"][0]["routes"][0]["route"] = {"cluster": "stable"}
        part = plugin(config)
        part["vm_config"]["code"]["local"]["filename"] = "target/wasm/pointsman_envoy_baseline.wasm"
        part["configuration"] = {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": "trap"}
        part["failure_policy"] = failure_policy
        with Envoy(config) as envoy:
            before = envoy.get()[0]
            trap = envoy.get({"x-trap": "1"})[0]
            at_once = [envoy.get()[0] for _ in range(5)]
            if failure_policy == "FAIL_RELOAD":
                eventually("a filter that runs again", lambda: envoy.get()[0] == 200)
            else:
                time.sleep(2)
            later = [envoy.get()[0] for _ in range(5)]
            print(f"\n{failure_policy}: before {before}, the trap itself {trap}, at once after {at_once}, later {later}")
            return before, trap, set(at_once), set(later)

    def test_fail_closed_refuses_requests_until_envoy_starts_again(self):
        self.assertEqual(self.statuses("FAIL_CLOSED"), (200, 503, {503}, {503}))

    def test_fail_open_lets_requests_pass_without_the_filter(self):
        before, _, at_once, later = self.statuses("FAIL_OPEN")
        self.assertEqual((before, at_once, later), (200, {200}, {200}))

    def test_fail_reload_starts_the_filter_again(self):
        before, trap, _, later = self.statuses("FAIL_RELOAD")
        self.assertEqual((before, trap, later), (200, 503, {200}))


if __name__ == "__main__":
    unittest.main()
