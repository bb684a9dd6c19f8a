"""Requests go where the policy says: shares, stickiness, places, networks, and what a client should not be able to do."""

import collections
import copy
import http.client
import json
import subprocess
import tempfile
import unittest

import mmdb

from support import EXAMPLE, POINTSMAN, Envoy, Feed, Load, Server, configuration, eventually, free_port, manager, policy

ADDRESSES = ["127.0.0.11", "127.0.0.12", "127.0.0.13"]
# The chi-square value, by degrees of freedom, that one honest run in 100,000 exceeds.
CHI_SQUARE_MAX = {1: 19.51, 2: 23.03}


class Steering(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.port = free_port(ADDRESSES)
        cls.names = ["us-east-1", "eu-west-1", "ap-southeast-1"]
        cls.servers = [Server(address, cls.port, name).start() for address, name in zip(ADDRESSES, cls.names)]
        cls.feed = Feed()
        cls.feed.set(hc_11="healthy", hc_12="healthy", hc_13="healthy")

    @classmethod
    def tearDownClass(cls):
        cls.feed.close()
        for server in cls.servers:
            server.kill()

    def configuration(self, name):
        return configuration(name, self.port, self.feed.port)

    def odds(self, name, question, *options):
        """Probability by value, as the command prints it."""
        run = subprocess.run([POINTSMAN, "odds", question, "A", "-z", EXAMPLE / "zones" / f"{name}.json", "--json", *options],
                             capture_output=True, text=True, check=True)
        return {outcome["values"][0]: outcome["probability"] for outcome in json.loads(run.stdout)["outcomes"]}

    def test_shares_of_20000_requests_fit_the_odds(self):
        count = 20_000
        with Envoy(self.configuration("canary")) as envoy:
            results = Load(envoy.port, 16).run(count)
            answered = collections.Counter(body for _, _, status, body in results if status == 200)
            self.assertEqual(answered.total(), count, collections.Counter(status for _, _, status, _ in results))
            odds = self.odds("canary", "api.example.internal")
            expected = {self.names[ADDRESSES.index(value)]: count * share for value, share in odds.items()}
            self.assertEqual(set(answered), set(expected))
            chi_square = sum((answered[name] - wanted) ** 2 / wanted for name, wanted in expected.items())
            print(f"\nshares of {count} requests: {dict(answered)}, expected {expected}, chi-square {chi_square:.2f}")
            self.assertLess(chi_square, CHI_SQUARE_MAX[len(expected) - 1])
            # What Envoy counts is what was answered.
            eventually("every answer in Envoy's statistics", lambda: envoy.stats().get("answers.example_internal.stable", 0)
                       + envoy.stats().get("answers.example_internal.canary", 0) == count)
            self.assertEqual(envoy.stats()["answers.example_internal.canary"], answered["eu-west-1"])
            self.assertRegex(envoy.admin("/stats/prometheus?filter=pointsman.answers"),
                             r'pointsman_answers\{(?=[^}]*pointsman_path="canary")(?=[^}]*pointsman_zone="example_internal")[^}]*\} '
                             + str(answered["eu-west-1"]))

    def test_workers_do_not_draw_alike(self):
        config = self.configuration("canary")
        config["static_resources"]["listeners"][0]["connection_balance_config"] = {"exact_balance": {}}
        for record in policy(config)["zones"][0]["documents"][0]["ResourceRecordSets"]:
            record["Weight"] = 50

        def sequence(connection):
            bodies = []
            for _ in range(64):
                connection.request("GET", "/")
                bodies.append(connection.getresponse().read())
            return tuple(bodies)

        sequences = []
        for _ in range(2):
            with Envoy(config, concurrency=4) as envoy:
                # Balanced exactly, four connections are one a worker.
                connections = [http.client.HTTPConnection("127.0.0.1", envoy.port) for _ in range(4)]
                for connection in connections:
                    connection.connect()
                sequences += [sequence(connection) for connection in connections]
                for connection in connections:
                    connection.close()
        self.assertEqual(len(set(sequences)), 8, "eight workers, each with draws of its own")

    def test_a_session_keeps_its_cluster(self):
        with Envoy(self.configuration("canary")) as envoy:
            seen = collections.Counter()
            for session in range(100):
                bodies = {envoy.get({"cookie": f"theme=dark; session=user-{session}"})[1] for _ in range(5)}
                self.assertEqual(len(bodies), 1)
                seen.update(bodies)
            self.assertEqual(set(seen), {"us-east-1", "eu-west-1"}, "some of a hundred sessions are the canary's")

    def test_clients_get_the_region_of_their_place(self):
        with Envoy(self.configuration("geolocation")) as envoy:
            for country, name in [("DE", "eu-west-1"), ("US", "us-east-1"), ("BR", "us-east-1"), (None, "us-east-1")]:
                self.assertEqual(envoy.get({"x-country": country} if country else {}), (200, name), country)
            # Europe fails over to the United States, and comes back.
            self.feed.set(hc_11="healthy", hc_12="unhealthy")
            eventually("failover", lambda: envoy.get({"x-country": "DE"}) == (200, "us-east-1"))
            self.feed.set(hc_11="healthy", hc_12="healthy")
            eventually("recovery", lambda: envoy.get({"x-country": "DE"}) == (200, "eu-west-1"))
            # The access log has the decision once Envoy writes it.
            path = 'path=("europe" "eu-own"), fail-open=?0, cluster="eu-west-1"'
            eventually("the decision in the access log", lambda: path in envoy.access_log())

    def test_envoys_own_geoip_filter_tells_the_place(self):
        with tempfile.NamedTemporaryFile(suffix=".mmdb") as database:
            places = {"203.0.113": {"country": {"iso_code": "DE"}},
                      "198.51.100": {"country": {"iso_code": "US"}, "subdivisions": [{"iso_code": "WA"}]}}
            database.write(mmdb.write("GeoLite2-City", places))
            database.flush()
            config = self.configuration("geolocation")
            policy(config)["client"]["subdivision_header"] = "x-subdivision"
            states = policy(config)["zones"][0]["documents"][0]["ResourceRecordSets"]
            washington = copy.deepcopy(states[0])
            washington["SetIdentifier"] = "washington"
            washington["GeoLocation"] = {"CountryCode": "US", "SubdivisionCode": "WA"}
            states.append(washington)
            manager(config)["http_filters"].insert(0, {"name": "envoy.filters.http.geoip", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.geoip.v3.Geoip",
                "xff_config": {"xff_num_trusted_hops": 0},
                "provider": {"name": "envoy.geoip_providers.maxmind", "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.geoip_providers.maxmind.v3.MaxMindConfig",
                    "city_db_path": database.name,
                    "common_provider_config": {"geo_field_keys": {"country": "x-country", "region": "x-subdivision"}},
                }}}})
            with Envoy(config) as envoy:
                for address, name in [("203.0.113.9", "eu-west-1"), ("198.51.100.9", "eu-west-1"), ("192.0.2.1", "us-east-1")]:
                    self.assertEqual(envoy.get({"x-forwarded-for": address}), (200, name), address)
                eventually("the state's own record set", lambda: envoy.stats().get("answers.example_internal.washington.eu-own") == 1)

    def test_garbage_in_headers_is_a_fact_less_and_no_more(self):
        with Envoy(self.configuration("geolocation")) as envoy:
            garbage = [b"ZZ", b"de", b"Germany", b"", b"\xff\xfe", b"D" * 16_000, b"DE,US", b"../../etc", b"'; DROP TABLE"]
            for country in garbage:
                self.assertEqual(envoy.get({"x-country": country}), (200, "us-east-1"), country[:20])
            # `ZZ` and nothing at all are fine: a country that no record set names, and none.
            eventually("every bad fact counted", lambda: envoy.stats().get("bad_fact") == len(garbage) - 2)
            # Envoy itself refuses requests with headers past its limit, before any filter.
            self.assertEqual(envoy.get({"x-country": b"D" * 65_536})[0], 431)
            self.assertEqual(envoy.get({"x-country": "DE"}), (200, "eu-west-1"))

    def test_headers_of_64_kilobytes_reach_the_filter_and_do_no_harm(self):
        config = self.configuration("latency")
        hcm = config["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
        hcm["max_request_headers_kb"] = 1024
        with Envoy(config) as envoy:
            for name in ["x-country", "x-forwarded-for"]:
                for value in [b"\xc3\x28" * 32_768, b"1.2.3.4," * 8_192, b"9" * 65_536, b"," * 65_536]:
                    self.assertEqual(envoy.get({name: value})[0], 200, (name, value[:10]))

    def test_clients_get_the_nearest_region(self):
        with Envoy(self.configuration("latency")) as envoy:
            for headers, name in [
                ({"x-forwarded-for": "203.0.113.9"}, "ap-southeast-1"),
                ({"x-forwarded-for": "203.0.113.9, 198.51.100.1", "x-country": "US"}, "us-east-1"),
                ({"x-country": "FR"}, "eu-west-1"),
                ({}, "us-east-1"),
            ]:
                self.assertEqual(envoy.get(headers), (200, name), headers)

    def test_the_address_stands_where_the_configuration_says(self):
        config = self.configuration("latency")
        table = policy(config)["zones"][0]["documents"][0]["LatencyTable"]
        table["Networks"]["127.0.0.0/8"] = {"us-east-1": 100, "eu-west-1": 1, "ap-southeast-1": 100}
        forwarded = {"x-forwarded-for": "192.0.2.1, 203.0.113.9, 198.51.100.7", "x-real-ip": "[::ffff:203.0.113.7]:443"}

        def hops(number):
            return {"x_forwarded_for": {"trusted_hops": number}}

        # Whether Envoy stands at the edge, where the address is found, and the answers with and without such headers.
        for edge, address, name, without in [
            (False, "downstream", "us-east-1", "eu-west-1"), (True, "downstream", "eu-west-1", "eu-west-1"),
            (False, hops(1), "ap-southeast-1", "us-east-1"), (False, hops(3), "us-east-1", "us-east-1"),
            # At the edge Envoy adds one more: the other end, or its own address where that end is a loopback one, as here.
            (True, hops(2), "ap-southeast-1", "us-east-1"),
            (False, {"header": "x-real-ip"}, "ap-southeast-1", "us-east-1"),
        ]:
            policy(config)["client"]["address"] = address
            manager(config)["use_remote_address"] = edge
            with self.subTest(edge=edge, address=address), Envoy(config) as envoy:
                self.assertEqual(envoy.get(forwarded), (200, name))
                self.assertEqual(envoy.get(), (200, without))

    def test_coordinates_find_the_nearest(self):
        config = self.configuration("latency")
        for record, region in zip(policy(config)["zones"][0]["documents"][0]["ResourceRecordSets"], self.names):
            del record["Region"]
            record["GeoProximityLocation"] = {"AWSRegion": region}
        policy(config)["client"] = {"latitude_header": "x-latitude", "longitude_header": "x-longitude"}
        with Envoy(config) as envoy:
            for latitude, longitude, name in [("1.3", "103.8", "ap-southeast-1"), ("53.3", "-6.3", "eu-west-1"), ("40.7", "-74", "us-east-1")]:
                self.assertEqual(envoy.get({"x-latitude": latitude, "x-longitude": longitude}), (200, name))
            for bad in [{"x-latitude": "1.3"}, {"x-latitude": "91", "x-longitude": "0"}, {"x-latitude": "NaN", "x-longitude": "inf"}]:
                self.assertEqual(envoy.get(bad)[0], 200)
            eventually("what could not be read counted", lambda: envoy.stats().get("bad_fact") == 3)
            # Nothing is known of where they are: the tie rule picks, and says so (10.14).
            self.assertEqual(envoy.stats()["undetermined"], 3)

    def test_with_nothing_healthy_the_answer_is_that_of_dns_and_counted(self):
        config = self.configuration("active-passive")
        policy(config)["health"] = {"report": {"HealthChecks": {"hc-11": "unhealthy", "hc-12": "unhealthy"}}}
        with Envoy(config) as envoy:
            self.assertEqual(envoy.get({"host": "shop.example.internal"}), (200, "us-east-1"))
            eventually("fail-open counted", lambda: envoy.stats().get("fail_open") == 1)
            eventually("fail-open in the access log", lambda: "fail-open=?1" in envoy.access_log())

    def test_fail_closed_is_503_and_only_for_its_names(self):
        for names, status in [(["example.internal"], 503), (["shop.example.internal."], 503), (["."], 503), (["other.example.internal"], 200)]:
            config = self.configuration("active-passive")
            policy(config)["health"] = {"report": {"HealthChecks": {"hc-11": "unhealthy", "hc-12": "unhealthy"}}}
            policy(config)["fail_closed"] = names
            with Envoy(config) as envoy:
                self.assertEqual(envoy.get({"host": "shop.example.internal"})[0], status, names)
                if status == 503:
                    eventually("fail-closed counted", lambda: envoy.stats().get("fail_closed") == 1)
                    eventually("fail-closed in the access log", lambda: "no-answer=fail-closed" in envoy.access_log())
        config = self.configuration("active-passive")
        policy(config)["health"] = {"report": {"HealthChecks": {"hc-11": "unhealthy", "hc-12": "healthy"}}}
        policy(config)["fail_closed"] = ["."]
        with Envoy(config) as envoy:
            self.assertEqual(envoy.get({"host": "shop.example.internal"}), (200, "eu-west-1"))

    def test_a_client_cannot_choose(self):
        with Envoy(self.configuration("canary")) as envoy:
            self.assertEqual({envoy.get({"x-pointsman-cluster": "nowhere", "cookie": "session=1"})[0] for _ in range(20)}, {200})
        with Envoy(self.configuration("active-passive")) as envoy:
            # A name outside every zone: nothing is named, and the cluster's own policy takes any host.
            for host, names in [("shop.example.internal", {"us-east-1"}), ("elsewhere.example.org", {"us-east-1", "eu-west-1"}),
                                ("shop.example.internal:8443", {"us-east-1"}), ("SHOP.Example.Internal.", {"us-east-1"})]:
                seen = {envoy.get({"host": host, "x-pointsman-host": f"127.0.0.13:{self.port}"})[1] for _ in range(10)}
                self.assertEqual(seen, names, host)
            eventually("names outside counted", lambda: envoy.stats().get("no_answer") == 10)

    def test_an_answer_without_a_cluster_falls_back_and_is_counted(self):
        config = self.configuration("geolocation")
        cluster = policy(config)["answer"]["cluster"]
        del cluster["map"]["eu-own"]
        with Envoy(config) as envoy:
            self.assertEqual(envoy.get({"x-country": "DE"}), (200, "us-east-1"))
            eventually("unmapped counted", lambda: envoy.stats().get("unmapped") == 1)
        del cluster["fallback"]
        with Envoy(config) as envoy:
            self.assertEqual(envoy.get({"x-country": "DE"})[0], 503)
            self.assertEqual(envoy.get({"x-country": "US"}), (200, "us-east-1"))

    def test_values_map_to_clusters_too(self):
        config = self.configuration("geolocation")
        policy(config)["answer"]["cluster"] = {"by": "value", "map": {"127.0.0.11": "us-east-1", "127.0.0.12": "eu-west-1"}}
        with Envoy(config) as envoy:
            self.assertEqual(envoy.get({"x-country": "DE"}), (200, "eu-west-1"))
            self.assertEqual(envoy.get({"x-country": "US"}), (200, "us-east-1"))

    def test_ipv6_hosts_stand_in_brackets(self):
        config = self.configuration("active-passive")
        document = policy(config)["zones"][0]["documents"][0]
        for record, address in zip(document["ResourceRecordSets"], ["::1", "::2"]):
            record["Type"] = "AAAA"
            record["ResourceRecords"] = [{"Value": address}]
        policy(config)["question"]["type"] = "AAAA"
        endpoints = config["static_resources"]["clusters"][0]["load_assignment"]["endpoints"][0]["lb_endpoints"]
        port = free_port(["127.0.0.1"])
        policy(config)["answer"]["host"]["port"] = port
        for endpoint, address in zip(endpoints, ["::1", "::2"]):
            endpoint["endpoint"]["address"]["socket_address"] = {"address": address, "port_value": port}
        server = Server("[::1]", port, "six").start()
        try:
            with Envoy(config) as envoy:
                for _ in range(10):
                    self.assertEqual(envoy.get({"host": "shop.example.internal"}), (200, "six"))
                hosts = f'hosts="[::1]:{port},[::2]:{port}"'
                eventually("both hosts in the access log", lambda: hosts in envoy.access_log())
        finally:
            server.kill()


if __name__ == "__main__":
    unittest.main()
