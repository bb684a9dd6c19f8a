"""What the feed should not answer, and a filter that traps: the last good state stays, and failure policies do what they say."""

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

    def test_a_cluster_that_does_not_exist_is_an_error_and_no_more(self):
        config = self.configuration()
        policy(config)["health"]["feed"]["cluster"] = "nowhere"
        policy(config)["health"]["report"] = {"HealthChecks": {"hc-11": "unhealthy"}}
        with Envoy(config) as envoy:
            eventually("errors counted", lambda: envoy.stats().get("feed_errors", 0) >= 2)
            eventually("the reason in the log", lambda: "no cluster, or no connection, for `nowhere`" in envoy.log())
            self.assertEqual(envoy.get(HOST), (200, "passive"))


class FailurePolicies(unittest.TestCase):
    """A filter that traps when a request asks it to, under each policy of Envoy."""

    def statuses(self, failure_policy):
        """The status before a trap, of the trap, right after it, and after two seconds."""
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
            time.sleep(2)
            later = [envoy.get()[0] for _ in range(5)]
            print(f"\n{failure_policy}: before {before}, the trap itself {trap}, at once after {at_once}, two seconds later {later}")
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
