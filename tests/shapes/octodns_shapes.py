"""Random dynamic records are compiled by OctoDNS, and answer by OctoDNS's own rules.

octodns-route53's provider plans and applies them as it would to Route 53, against the stand-in of stand_in.py, first as a
new zone and then as a changed one. Each time the zone is exported, linted, and asked in sampled states of health; and each
batch that the provider sends is applied by Pointsman too, which must give the zone that is there afterwards.

SEEDS and FIRST_SEED (environment) say how many zones, and which.
"""

import json
import logging
import os
import random
import sys
import tempfile
from collections import Counter
from ipaddress import ip_network
from pathlib import Path

import boto3
from moto import mock_aws
from octodns.record import Record
from octodns.record.geo_data import geo_data
from octodns.zone import Zone
from octodns_route53 import Route53Provider
from pycountry_convert import country_alpha2_to_continent_code

import engine
import octodns_rules
import stand_in

ZONE = "example.com."
# Route 53 has no such places (API GeoLocation), and takes no territory for a state.
NO_COUNTRY = {"BV", "CX", "EH", "HM"}


def is_read_back(country):
    """Whether the provider can read what it wrote: of some countries its tables do not know the continent."""
    try:
        return bool(country_alpha2_to_continent_code(country))
    except KeyError:
        return False


TERRITORIES = {"AS", "FM", "GU", "MH", "MP", "PR", "PW", "UM", "VI", "AA", "AE", "AP"}
COUNTRIES = sorted(
    f"{continent}-{country}" for continent, countries in geo_data.items() for country in countries
    if country not in NO_COUNTRY and is_read_back(country)
)
STATES = sorted(set(geo_data["NA"]["US"]["provinces"]) - TERRITORIES)
# OctoDNS and the Developer Guide have these on different continents (semantics 4.5.6).
OTHER_CONTINENT = {"CY", "TR", "TL", "GS"}


class Random(random.Random):
    def chance(self, percent):
        return self.randrange(100) < percent

    def some(self, list_, least, most):
        return self.sample(list_, min(len(list_), self.randint(least, most)))


def value(rng, type_, number):
    if type_ == "A":
        return f"11.{rng.randrange(250)}.{rng.randrange(250)}.{number + 1}"
    if type_ == "AAAA":
        return f"2600:1f00::{rng.randrange(1, 60000):x}:{number + 1:x}"
    return f"v{number}-{rng.randrange(1000)}.example.net."


def dynamic_record(rng, type_, taken):
    """The data of a dynamic record as a YAML file of OctoDNS would have it. `taken`: subnets of other records."""
    names = rng.some(["eu", "na", "apac", "sa", "a-b", "x1", "long-name-of-a-pool", "other"], 1, 7)
    numbers = iter(range(100))
    pools = {}
    for at, name in enumerate(names):
        values = [{"value": value(rng, type_, next(numbers))} for _ in range(rng.randint(1, 4))]
        for each in values:
            if rng.chance(50) and len(values) > 1:
                each["weight"] = rng.randint(1, 15)
            if rng.chance(25):
                each["status"] = rng.choice(["up", "down", "obey"])
        pools[name] = {"values": values}
        if at + 1 < len(names) and rng.chance(60):
            pools[name]["fallback"] = rng.choice(names[at + 1 :])
    # A pool serves one rule, or is a fallback; the catch-all alone may use one again.
    fallbacks = {pool.get("fallback") for pool in pools.values()}
    targets = [name for name in names if name not in fallbacks or rng.chance(50)]
    kind = rng.choice(["geos", "subnets", "catch-all"])
    rules = []
    if kind == "geos":
        places = rng.some(list(geo_data), 0, 3) + rng.some(COUNTRIES, 0, 6)
        places += [f"NA-US-{state}" for state in rng.some(STATES, 0, 3)]
        if rng.chance(30):
            places.append("NA-US")
        # Places within others come first; those of one rule are together.
        places = sorted(dict.fromkeys(places), key=lambda geo: -len(geo.split("-")))
        share = max(1, -(-len(places) // max(1, len(targets))))
        for at in range(0, len(places), share):
            here = places[at : at + share]
            # In one rule, a place and another around it are refused.
            rules.append({"geos": [geo for geo in here if not any(geo.startswith(other + "-") for other in here)]})
    elif kind == "subnets":
        for _ in targets:
            octets = f"{rng.choice([5, 45, 91])}.{rng.randrange(256)}.{rng.randrange(256)}"
            wide, narrow = f"{octets.rsplit('.', 1)[0]}.0.0/16", f"{octets}.0/24"
            subnets = [rng.choice([wide, narrow])]
            if rng.chance(30):
                subnets.append(f"2a00:{rng.randrange(65536):x}::/32")
            networks = [ip_network(subnet) for subnet in subnets]
            if not any(n.version == t.version and n.overlaps(t) for n in networks for t in taken):
                taken.extend(networks)
                rules.append({"subnets": subnets})
    for rule, target in zip(rules, targets):
        rule["pool"] = target
    rules = [rule for rule in rules if "pool" in rule]
    unused = [name for name in targets if name not in {rule["pool"] for rule in rules} | fallbacks]
    rules.append({"pool": rng.choice(unused or names)})
    # A pool that nothing leads to is refused.
    reached, ahead = set(), [rule["pool"] for rule in rules]
    while ahead:
        reached.add(ahead[-1])
        ahead.append(pools[ahead.pop()].get("fallback"))
        ahead = [name for name in ahead if name]
    pools = {name: pool for name, pool in pools.items() if name in reached}
    default = [value(rng, type_, 90 + at) for at in range(rng.randint(1, 2))]
    content = {"value": default[0]} if type_ == "CNAME" else {"values": default}
    return {"type": type_, "ttl": rng.choice([30, 60]), "dynamic": {"pools": pools, "rules": rules}, **content}


def zone_data(rng):
    """Name -> data of the dynamic records of a zone."""
    names = rng.some(["www", "app", "a.b", "*", "*.wild", "with_underscore"], 1, 3)
    taken = []
    return {name: dynamic_record(rng, rng.choice(["A", "A", "AAAA", "CNAME"]), taken) for name in names}


def octodns_zone(records):
    zone = Zone(ZONE, [])
    for name, data in records.items():
        zone.add_record(Record.new(zone, name, data))
    return zone


class Account:
    """The account that the provider works on, and what was sent to it."""

    def __init__(self, folder):
        self.client = boto3.client("route53")
        self.folder, self.batches = folder, []

    def sync(self, records):
        """What one run of `octodns-sync --doit` does for one zone."""
        provider = Route53Provider("test", "none", "none", strict_supports=False)
        send = provider._conn.change_resource_record_sets

        def keep_and_send(HostedZoneId, ChangeBatch):
            at = len(self.batches)
            before = self.export(HostedZoneId, f"before-{at}")
            batch = self.folder / f"batch-{at}.json"
            batch.write_text(json.dumps(ChangeBatch))
            result = send(HostedZoneId=HostedZoneId, ChangeBatch=ChangeBatch)
            self.batches.append((before, batch, self.export(HostedZoneId, f"after-{at}")))
            return result

        provider._conn.change_resource_record_sets = keep_and_send
        plan = provider.plan(octodns_zone(records))
        if plan:
            provider.apply(plan)

    def zone_id(self):
        return self.client.list_hosted_zones()["HostedZones"][0]["Id"]

    def export(self, zone_id, name):
        """Arguments for `check` that name the zone's documents as the AWS CLI would have written them."""
        listing = [page for page in self.client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id)]
        sets = [fields for page in listing for fields in page["ResourceRecordSets"]]
        pages = self.client.get_paginator("list_health_checks").paginate()
        documents = {
            "records": {"ResourceRecordSets": sets},
            "checks": {"HealthChecks": [check for page in pages for check in page["HealthChecks"]]},
            "zone": {"HostedZone": self.client.get_hosted_zone(Id=zone_id)["HostedZone"]},
        }
        arguments = []
        for part, document in documents.items():
            path = self.folder / f"{name}-{part}.json"
            path.write_text(json.dumps(document))
            arguments.append(path)
        for collection in self.client.list_cidr_collections()["CidrCollections"]:
            blocks = self.client.get_paginator("list_cidr_blocks").paginate(CollectionId=collection["Id"])
            path = self.folder / f"{name}-blocks.json"
            path.write_text(json.dumps({"CidrBlocks": [block for page in blocks for block in page["CidrBlocks"]]}))
            arguments += ["--cidr-collection", f"{collection['Id']}={path}"]
        return arguments


def checks_by_value(record_sets, health_checks):
    """(name, type, value) of what is compiled -> the id of its health check, of values that obey theirs."""
    disabled = {check["Id"] for check in health_checks if check["HealthCheckConfig"].get("Disabled")}
    obeyed = {}
    for fields in record_sets:
        label, _, owner = fields["Name"].replace("\\052", "*").partition(".")
        id_ = fields.get("HealthCheckId")
        if label.startswith("_octodns-") and label.endswith("-value") and id_ and id_ not in disabled:
            obeyed[owner, fields["Type"], fields["ResourceRecords"][0]["Value"]] = id_
    return obeyed, disabled


def clients(rng, data):
    """Clients in the places that the rules name and in others, and one of which nothing is known."""
    some = [(None, None), *((code.split("-")[1], None) for code in rng.some(COUNTRIES, 4, 4)), ("US", rng.choice(STATES))]
    addresses = [None, "8.8.8.8"]
    for rule in data["dynamic"]["rules"]:
        for geo in rule.get("geos", []):
            continent, country, province = (geo.split("-") + [None, None])[:3]
            inside = [code.split("-")[1] for code in COUNTRIES if code.startswith(continent)]
            some.append((country or (rng.choice(inside) if inside else None), province))
        addresses += [str(ip_network(subnet)[rng.randrange(1, 200)]) for subnet in rule.get("subnets", [])]
    for country, province in some:
        facts = {"country": country, "subdivision": f"{country}-{province}" if province else None}
        yield ({"client": {k: v for k, v in facts.items() if v}},
               {"geo": octodns_rules.geo_code(country, province), "network": None, "country": country})
    for address in addresses[1:]:
        yield ({"client": {"ip": address}}, {"geo": None, "network": ip_network(address), "country": None})


def codes(arguments):
    return Counter(finding["code"] for finding in engine.findings(*arguments))


def judge_batches(account, tally, what):
    """Each batch, applied by Pointsman, gives the zone that is there afterwards."""
    def sets(text):
        told = json.loads(text)["ResourceRecordSets"]
        for fields in told:
            fields["Name"] = stand_in.listed_name(fields["Name"])
            if "AliasTarget" in fields:
                fields["AliasTarget"]["DNSName"] = stand_in.listed_name(fields["AliasTarget"]["DNSName"])
        return sorted((json.dumps(fields, sort_keys=True) for fields in told))

    for before, batch, after in account.batches:
        applied, refused = engine.apply(batch, *before)
        tally.check(f"{what}: {batch.name} is accepted", refused, None)
        if applied:
            tally.check(f"{what}: {batch.name}", sets(applied), sets(after[0].read_text()))
    account.batches.clear()


def judge_zone(account, records, rng, tally, differ, what):
    arguments = account.export(account.zone_id(), "zone")
    deep = any(octodns_rules.longest_chain(data) > 1 for data in records.values())
    tally.check(f"{what}: findings", dict(codes(arguments)), {"alias-chain-too-deep": 1} if deep else {})
    listing = json.loads(arguments[0].read_text())["ResourceRecordSets"]
    checks = json.loads(arguments[1].read_text())["HealthChecks"]
    obeyed, disabled = checks_by_value(listing, checks)
    zone = [word for path in arguments[:3] for word in ("-z", path)] + arguments[3:]
    for share in (0, 30, 70, 100, None):
        down = {key: share if share is None else rng.chance(share) for key in obeyed}
        report = {id_: "unhealthy" if down[key] else "healthy" for key, id_ in obeyed.items() if share is not None}
        # Forced down: whatever the checkers say.
        report.update({id_: rng.choice(["healthy", "unhealthy"]) for id_ in disabled})
        asked = []
        for name, data in records.items():
            owner, type_ = f"{name}.{ZONE}", data["type"]
            failing = {key[2] for key, is_down in down.items() if is_down and key[:2] == (owner, type_)}
            for facts, client in clients(rng, data):
                query = {"name": owner.replace("*", "anything"), "type": type_, **facts}
                asked.append((query, client, data, failing))
        answers = engine.odds(account.folder, zone, {"HealthChecks": report}, [query for query, *_ in asked])
        for (query, client, data, failing), answer in zip(asked, answers):
            wanted = octodns_rules.answer(data, client, failing)
            found = engine.outcomes(answer)
            if found != wanted and client["country"] in OTHER_CONTINENT:
                differ[client["country"]] += 1
                continue
            tally.check(f"{what}: {query}, {share} % down", found, wanted)
            tally.check(f"{what}: {query}: TTL", {outcome["ttl"] for outcome in answer["outcomes"]}, {data["ttl"]})


def main():
    stand_in.extend()
    logging.disable(logging.WARNING)
    os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="us-east-1")
    first, seeds = int(os.environ.get("FIRST_SEED", 0)), int(os.environ.get("SEEDS", 40))
    tally, differ, kinds = engine.Tally("OctoDNS shapes"), Counter(), Counter()
    for seed in range(first, first + seeds):
        rng = Random(seed)
        with tempfile.TemporaryDirectory() as folder, mock_aws():
            account = Account(Path(folder))
            records = zone_data(rng)
            account.sync(records)
            judge_batches(account, tally, f"seed {seed}, new")
            judge_zone(account, records, rng, tally, differ, f"seed {seed}")
            # Some records change, some go, some come.
            later = {name: data for name, data in records.items() if rng.chance(70)}
            later.update({name: data for name, data in zone_data(rng).items() if name not in later or rng.chance(50)})
            account.sync(later)
            judge_batches(account, tally, f"seed {seed}, changed")
            judge_zone(account, later, rng, tally, differ, f"seed {seed}, changed")
            for data in (*records.values(), *later.values()):
                rules = data["dynamic"]["rules"]
                kinds["geos" if "geos" in rules[0] else "subnets" if "subnets" in rules[0] else "catch-all"] += 1
                kinds[data["type"]] += 1
                kinds[f"{octodns_rules.longest_chain(data)} pools in a row"] += 1
    print(", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    if differ:
        told = ", ".join(f"{country} {count}" for country, count in sorted(differ.items()))
        print(f"answers that differ since Route 53 has the country on another continent: {told}")
    tally.end()


if __name__ == "__main__":
    main()
