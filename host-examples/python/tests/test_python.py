"""The package with both engines against the command line, which runs the same rules, and against what goes wrong."""

import gc
import json
import os
import resource
import subprocess
import sys
import threading
import unittest
from pathlib import Path
from typing import Any

import cost
from pointsman import Document, Pointsman, PointsmanError, draw_of, random_draw

HERE = Path(__file__).parents[1]
ROOT = HERE.parents[1]
ZONES = ROOT / "host-examples" / "zones"
COMPONENT = ROOT / "target" / "wasm" / "pointsman.component.wasm"
CLIENTS: list[dict[str, Any]] = [
    {},
    {"country": "US"},
    {"country": "DE"},
    {"country": "SG", "continent": "AS"},
    {"subdivision": "US-WA"},
    {"ip": "203.0.113.9"},
    {"ecs": "203.0.113.0/24", "country": "BR"},
    {"latitude": 1.3, "longitude": 103.8},
    {"latency_ms": {"us-east-1": 210, "eu-west-1": 4.5}},
    {"vpc_region": "us-east-1"},
]
NAMES = ["app.example.com", "cart.example.com", "www.example.com", "api.example.com", "none.example.com", "www.example.org"]
QUERIES = [
    {"name": name, "type": kind, "client": client, "draw": draw}
    for name in NAMES
    for draw, client in enumerate(CLIENTS)
    for kind in ("A", "TXT")
]


def document(name: str) -> Document:
    return Document(name, (ZONES / name).read_text())


def big_zone(record_sets: int) -> Document:
    sets = [
        {"Name": f"n{at}.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        for at in range(record_sets)
    ]
    text = {"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": sets}
    return Document("big.json", json.dumps(text))


class BothEngines:
    """What holds with either engine."""

    class Tests(unittest.TestCase):
        pointsman: Pointsman
        def test_answers_odds_and_explanations_are_those_of_the_command_line(self) -> None:
            for zone in ("active-active.json", "hybrid.json", "weighted.json", "canary.json"):
                for report in ("all-healthy.json", "us-east-1-down.json", "both-down.json"):
                    given = ["-z", zone, "-z", "latency.json", "-H", report]
                    lines = "".join(json.dumps(query) + "\n" for query in QUERIES)
                    command = [os.environ["POINTSMAN"], "resolve", "--queries", "-", *given]
                    native = subprocess.run(command, cwd=ZONES, input=lines, capture_output=True, text=True, check=True)
                    told = subprocess.run(
                        [command[0], "explain", *command[2:]], cwd=ZONES, input=lines, capture_output=True, text=True, check=True
                    )
                    with self.pointsman.load([document(zone), document("latency.json")]) as loaded:
                        view = loaded.health((ZONES / report).read_text())
                    expected = native.stdout.splitlines()
                    self.assertEqual(len(expected), len(QUERIES))
                    for query, line, why in zip(QUERIES, expected, told.stdout.splitlines(), strict=True):
                        self.assertEqual(view.resolve_json(json.dumps(query)), line)
                        self.assertEqual(view.resolve(query), json.loads(line))
                        explanation = view.explain(query)
                        self.assertEqual(explanation["answer"], json.loads(line))
                        self.assertEqual(explanation["steps"], json.loads(why)["steps"])
                        odds = view.odds(query)
                        self.assertAlmostEqual(sum(outcome["probability"] for outcome in odds["outcomes"]), 1)

        def test_what_is_wrong_with_documents_is_told_with_its_place(self) -> None:
            bad = Document("zone.json", '{"HostedZone": {"Id": "Z1", "Name": "example.com."},\n "ResourceRecordSets": [{"Name": 5}]}')
            with self.assertRaises(PointsmanError) as caught:
                self.pointsman.load([bad])
            finding = caught.exception.findings[0]
            self.assertEqual((finding.code, finding.severity, finding.document), ("wrong-type", "error", "zone.json"))
            self.assertEqual((finding.path, finding.line, finding.column), ("$.ResourceRecordSets[0].Name", 2, 34))
            self.assertIn("zone.json:2:34: error: expected a string, found a whole number", str(caught.exception))
            self.assertEqual([found.code for found in self.pointsman.check([bad])], [finding.code])

        def test_a_batch_is_applied_or_refused_with_the_words_of_route_53(self) -> None:
            change = {"Action": "CREATE", "ResourceRecordSet": json.loads(big_zone(1).text)["ResourceRecordSets"][0]}
            batch = Document("batch.json", json.dumps({"Changes": [change]}))
            applied = json.loads(self.pointsman.apply([Document("zone.json", big_zone(0).text)], batch))
            self.assertEqual(len(applied["ResourceRecordSets"]), 1)
            with self.assertRaises(PointsmanError) as caught:
                self.pointsman.apply([big_zone(1)], batch)
            self.assertEqual(caught.exception.findings[0].route53_error, "InvalidChangeBatch")

        def test_views_follow_reports_and_forces(self) -> None:
            zone = self.pointsman.load([document("active-active.json"), document("latency.json")])
            self.assertEqual(zone.name, "example.com.")
            query = {"name": "app.example.com", "type": "A", "client": {"country": "US"}}
            view = zone.health()
            self.assertEqual(sorted(view.without_data), ["hc-eu-west-1", "hc-us-east-1"])
            self.assertEqual(view.resolve(query)["values"], ["192.0.2.10"])
            for other in (
                view.updated('{"HealthChecks": {"hc-us-east-1": "unhealthy"}}'),
                view.down("hc-us-east-1"),
                view.without("app.example.com/A/us-east-1"),
            ):
                self.assertEqual(other.resolve(query)["values"], ["198.51.100.10"])
            warned = zone.health('{"HealthChecks": {"nobody": "healthy"}}')
            self.assertEqual([finding.severity for finding in warned.findings], ["warning"])
            with self.assertRaisesRegex(PointsmanError, "mars-north-1"):
                view.down("mars-north-1")
            with self.assertRaisesRegex(PointsmanError, "health report:1:1: error: "):
                zone.health("]")

        def test_a_wrong_query_names_its_field_and_the_view_stays_usable(self) -> None:
            view = self.pointsman.load([document("weighted.json")]).health()
            good = {"name": "www.example.com", "type": "A"}
            for wrong, told in (
                ({}, "name"),
                ({**good, "type": "Z"}, "type"),
                ({**good, "clint": {}}, "clint"),
                ({**good, "client": {"country": "Germany"}}, "client.country"),
                ({**good, "client": {"latitude": float("nan"), "longitude": 0}}, ""),
                ({**good, "client": {"latitude": 1}}, "longitude"),
                ({**good, "draw": -1}, "draw"),
                ([good], "object"),
            ):
                for ask in (view.resolve, view.odds, view.explain):
                    with self.subTest(wrong=wrong, ask=ask.__name__), self.assertRaisesRegex(PointsmanError, told):
                        ask(wrong)  # type: ignore[arg-type]
            with self.assertRaisesRegex(TypeError, "the query cannot be written as JSON"):
                view.resolve({**good, "client": object()})
            with self.assertRaisesRegex(ValueError, "lone surrogate"):
                view.resolve({**good, "name": "\ud800"})
            self.assertEqual(view.resolve(good)["rcode"], "NOERROR")

        def test_what_was_closed_says_so_and_a_view_outlives_its_zone(self) -> None:
            with self.pointsman.load([document("weighted.json")]) as zone:
                view = zone.health()
            with self.assertRaisesRegex(PointsmanError, "the zone was closed"):
                zone.health()
            query = {"name": "www.example.com", "type": "A"}
            self.assertEqual(view.resolve(query)["rcode"], "NOERROR")
            view.close()
            view.close()
            with self.assertRaisesRegex(PointsmanError, "the view was closed"):
                view.resolve(query)

        def test_threads_take_turns(self) -> None:
            zone = self.pointsman.load([document("active-active.json"), document("latency.json")])
            view = zone.health()
            expected = [view.resolve(query) for query in QUERIES]
            wrong: list[Any] = []

            def ask(start: int) -> None:
                for at in range(200):
                    number = (start * 37 + at) % len(QUERIES)
                    other = zone.health()
                    answer = (view if at % 2 else other).resolve(QUERIES[number])
                    if answer != expected[number]:
                        wrong.append((number, answer))

            threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])

        def test_a_key_has_one_draw_the_same_on_every_host(self) -> None:
            known = [17665956581633026203, 198367012849983736, 14828524396295628003, 1352162609538531668]
            self.assertEqual([draw_of(key) for key in ("", "a", "198.51.100.7", "ä😀")], known)
            view = self.pointsman.load([document("weighted.json")]).health()
            for draw in (draw_of, lambda _: random_draw()):
                left = sum(
                    view.resolve({"name": "www.example.com", "type": "A", "draw": draw(f"10.1.{at >> 8}.{at & 255}")})["set_identifiers"]
                    == ["left"]
                    for at in range(4_000)
                )
                # 1 to 1, five standard deviations.
                self.assertAlmostEqual(left / 4_000, 0.5, delta=0.04)

        def test_a_zone_demands_draws(self) -> None:
            zone = self.pointsman.load([document("weighted.json")], draws="required")
            query = {"name": "www.example.com", "type": "A"}
            for view in (zone.health(), zone.health().down("hc-left"), zone.health().updated('{"HealthChecks": {}}')):
                for ask in (view.resolve, view.explain):
                    with self.assertRaisesRegex(PointsmanError, "draw: is missing"):
                        ask(query)
                self.assertEqual(view.resolve({**query, "draw": 2**64 - 1})["rcode"], "NOERROR")
                self.assertTrue(view.odds(query)["outcomes"])
            with self.assertRaises(ValueError):
                self.pointsman.load([document("weighted.json")], draws="always")

        def test_a_country_that_there_is_not_is_refused(self) -> None:
            view = self.pointsman.load([document("active-active.json")]).health()
            with self.assertRaisesRegex(PointsmanError, "the United Kingdom is GB"):
                view.resolve({"name": "app.example.com", "type": "A", "client": {"country": "UK"}})


class OfTheComponent(BothEngines.Tests):
    @classmethod
    def setUpClass(cls) -> None:
        cls.pointsman = Pointsman(COMPONENT)

    def test_the_outage_is_printed(self) -> None:
        printed = subprocess.run([sys.executable, HERE / "outage.py"], check=True, capture_output=True, text=True).stdout
        readme = (HERE.parents[1] / "README.md").read_text()
        self.assertIn(f"```text\n{printed}```\n", readme, "the README shows something else")

    def test_what_nobody_holds_any_more_is_freed(self) -> None:
        pointsman = Pointsman(COMPONENT, memory_bytes=8 << 20)
        documents = [big_zone(2000)]
        # A hundred zones at a time are more than the limit; one after the other they are not.
        for _ in range(40):
            pointsman.load(documents).health()
        gc.collect()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(60):
            pointsman.load(documents).health()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        self.assertLess(grown, 16 * 1024, "KiB more after sixty further zones")
        with self.assertRaises(PointsmanError):
            held = [pointsman.load(documents) for _ in range(100)]
            del held

    def test_a_zone_that_is_too_large_stops_only_itself(self) -> None:
        pointsman = Pointsman(COMPONENT, memory_bytes=8 << 20)
        old = pointsman.load([document("weighted.json")]).health()
        with self.assertRaisesRegex(PointsmanError, "for want of memory as a rule; load every zone again"):
            pointsman.load([big_zone(20_000)])
        query = {"name": "www.example.com", "type": "A"}
        with self.assertRaisesRegex(PointsmanError, "the view is gone with the component that stopped"):
            old.resolve(query)
        old.close()
        self.assertEqual(pointsman.load([document("weighted.json")]).health().resolve(query)["rcode"], "NOERROR")


class OfTheNativeEngine(BothEngines.Tests):
    @classmethod
    def setUpClass(cls) -> None:
        cls.pointsman = Pointsman(engine="native")

    def test_it_is_taken_where_it_is_installed_unless_the_component_is_asked_for(self) -> None:
        self.assertEqual(Pointsman().engine, "native")
        self.assertEqual(Pointsman(COMPONENT).engine, "component")
        self.assertEqual(Pointsman(COMPONENT, engine="component").engine, "component")
        for asked in ({"path": COMPONENT}, {"memory_bytes": 1 << 20}):
            with self.assertRaisesRegex(ValueError, "are for the engine 'component'"):
                Pointsman(engine="native", **asked)
        with self.assertRaisesRegex(ValueError, "there is no engine 'fast'"):
            Pointsman(engine="fast")  # type: ignore[arg-type]

    def test_a_query_costs_a_fraction_of_what_it_costs_in_the_component(self) -> None:
        component, native = cost.both(200)
        self.assertLess(native * 10, component, f"{native:.2f} µs, and {component:.1f} µs in the component")

    def test_a_query_from_a_destructor_while_an_answer_is_made_is_answered(self) -> None:
        view = self.pointsman.load([document("weighted.json")]).health()
        query = {"name": "www.example.com", "type": "A"}
        expected = view.resolve(query)
        heard: list[dict[str, Any]] = []

        class Asks:
            def __init__(self) -> None:
                self.itself = self

            def __del__(self) -> None:
                heard.append(view.resolve(query))

        before = gc.get_threshold()
        gc.set_threshold(1)
        try:
            for _ in range(200):
                Asks()
                self.assertEqual(view.resolve(query), expected)
        finally:
            gc.set_threshold(*before)
        self.assertGreater(len(heard), 100)
        self.assertEqual([answer for answer in heard if answer != expected], [])

    def test_what_nobody_holds_any_more_is_freed(self) -> None:
        documents = [big_zone(2000)]
        for _ in range(20):
            self.pointsman.load(documents).health()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(100):
            self.pointsman.load(documents).health()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        self.assertLess(grown, 16 * 1024, "KiB more after a hundred further zones")

    def test_queries_of_other_shapes_get_the_answers_of_their_lines(self) -> None:
        view = self.pointsman.load([document("active-active.json"), document("latency.json")]).health()
        client = {"latency_ms": {"us-east-1": 3, "eu-west-1": 0.25}}
        queries: list[dict[str, Any]] = [
            {"name": "app.example.com", "type": "A", "draw": "18446744073709551615"},
            {"name": "app.example.com", "type": "A", "draw": None, "client": {}},
            {"name": "app.example.com", "type": "A", "draw": 9_007_199_254_740_991, "client": client},
            {"name": "app.example.com", "type": "A", "client": {"latency_ms": {}, "country": "US"}},
            {"name": "app.example.com", "type": "A", "client": {"latitude": 1, "longitude": -103.8}},
            {"name": "\\141pp.example.com.", "type": "a"},
        ]
        for query in queries:
            line = view.resolve_json(json.dumps(query))
            try:
                self.assertEqual(view.resolve(query), json.loads(line), query)
            except PointsmanError as error:
                self.assertEqual(json.loads(line), {"error": str(error)}, query)
        big = [{"name": "app.example.com", "type": "A", "draw": draw} for draw in ((1 << 53), (1 << 64) - 1)]
        for query in big:
            self.assertEqual(view.resolve(query), view.resolve({**query, "draw": str(query["draw"])}), query)
        for draw in (1 << 64, -1, True, 1.0):
            with self.assertRaisesRegex(PointsmanError, "draw: expected a decimal string"):
                view.resolve({"name": "app.example.com", "type": "A", "draw": draw})


if __name__ == "__main__":
    unittest.main()
