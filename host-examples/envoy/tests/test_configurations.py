"""Every configuration of the example passes Envoy's own validation; what is wrong refuses to start and says why."""

import copy
import json
import unittest

from support import EXAMPLE, configuration, plugin, policy, validate

NAMES = sorted(path.stem for path in (EXAMPLE / "config").glob("*.yaml"))


class Configurations(unittest.TestCase):
    def test_every_configuration_is_valid(self):
        self.assertEqual(len(NAMES), 4)
        for name in NAMES:
            with self.subTest(name):
                passed, log = validate(configuration(name))
                self.assertTrue(passed, log)

    def test_the_zones_in_the_configurations_are_those_of_the_folder(self):
        for name in NAMES:
            with self.subTest(name):
                documents = policy(configuration(name))["zones"][0]["documents"]
                self.assertEqual(documents, [json.loads((EXAMPLE / "zones" / f"{name}.json").read_text())])

    def test_json_in_a_string_is_read_as_well_as_a_struct(self):
        config = configuration("canary")
        text = json.dumps(policy(config))
        plugin(config)["configuration"] = {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": text}
        passed, log = validate(config)
        self.assertTrue(passed, log)

    def test_a_bad_configuration_refuses_to_start_and_says_why(self):
        def zone(policy):
            return policy["zones"][0]["documents"][0]

        faults = {
            "unknown field `tick`": lambda policy: policy.update(tick=5),
            "tick_ms: must be 20 to 60000, not 5": lambda policy: policy.update(tick_ms=5),
            "zones: there must be at least one": lambda policy: policy.update(zones=[]),
            "question.type: `AXFR` is not a record type that Route 53 knows":
                lambda policy: policy["question"].update(type="AXFR"),
            "question.name.fixed: `a..b`: a label of the name is empty":
                lambda policy: policy["question"].update(name={"fixed": "a..b"}),
            "answer.clusters: unknown field `clusters`": lambda policy: policy.update(answer={"clusters": {}}),
            "answer: one of cluster, host, header is missing": lambda policy: policy.update(answer={}),
            "answer: one of cluster, host, header is wanted, and both cluster and header are given":
                lambda policy: policy["answer"].update(header={}),
            "question.name: one of fixed, header is missing": lambda policy: policy["question"].update(name={}),
            "question.name: one of fixed, header is wanted, and both fixed and header are given":
                lambda policy: policy["question"].update(name={"fixed": "a", "header": "b"}),
            "fail_closed: `a..b`": lambda policy: policy.update(fail_closed=["a..b"]),
            "answer.cluster.map: must map at least one": lambda policy: policy["answer"]["cluster"].update(map={}),
            "health.feed.when_stale: has no effect without max_age_ms":
                lambda policy: policy["health"]["feed"].update(max_age_ms=0, when_stale="no-data"),
            "health.report: $.HealthChecks": lambda policy: policy["health"].update(report={"HealthChecks": {"a": "up"}}),
            "client.country_header: `X Country` is not the name of a header in lower case":
                lambda policy: policy.update(client={"country_header": "X Country"}),
            "draw.cookie: `my session` is not the name of a cookie": lambda policy: policy.update(draw={"cookie": "my session"}),
            "draw.header: ``": lambda policy: policy.update(draw={"header": ""}),
            "health.feed.max_age_ms: must not be shorter than interval_ms":
                lambda policy: policy["health"]["feed"].update(max_age_ms=500),
            "answer.cluster: `two words` cannot be the name of a cluster":
                lambda policy: policy["answer"]["cluster"].update(fallback="two words"),
            "[page-missing]": lambda policy: zone(policy).update(IsTruncated=True),
            "expected an array of record sets": lambda policy: zone(policy).update(ResourceRecordSets="many"),
            "the zone example.internal. is given twice": lambda policy: policy["zones"].append(copy.deepcopy(policy["zones"][0])),
        }
        for words, spoil in faults.items():
            with self.subTest(words):
                config = configuration("canary")
                spoil(policy(config))
                passed, log = validate(config)
                self.assertFalse(passed)
                self.assertIn("configuration refused: ", log)
                self.assertIn(words, log)

    def test_no_configuration_at_all_is_refused(self):
        config = configuration("canary")
        del plugin(config)["configuration"]
        passed, log = validate(config)
        self.assertFalse(passed)
        self.assertIn("the plugin has no configuration", log)


if __name__ == "__main__":
    unittest.main()
