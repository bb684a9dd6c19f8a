"""Documents of other formats, written by the tools that people have, against what those tools say of them.

dnspython writes random zone files in each of its styles. The AWS CDK synthesises a template of every policy that its
constructs write.
"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import dns.name
import dns.rdata
import dns.rdataset
import dns.zone

import engine

SEEDS = int(os.environ.get("SEEDS", "40"))
FIRST_SEED = int(os.environ.get("FIRST_SEED", "1"))


def random_zone(seed):
    """A zone of random names, types and TTLs, as dnspython keeps it."""
    draw = random.Random(seed)
    zone = dns.zone.Zone(dns.name.from_text("example.com."))
    values = {
        "A": lambda: f"192.0.2.{draw.randrange(256)}",
        "AAAA": lambda: f"2001:db8::{draw.randrange(65536):x}",
        "MX": lambda: f"{draw.randrange(100)} mail{draw.randrange(9)}",
        "SRV": lambda: f"{draw.randrange(9)} {draw.randrange(9)} {draw.randrange(65536)} host{draw.randrange(9)}",
        "CAA": lambda: '0 issue "ca.example.net"',
        "TXT": lambda: " ".join('"' + draw.choice(['plain', 'semi;colon', 'quote\\"d', 'back\\\\slash', '', 'a b', '\\228\\246'])
                                + '"' for _ in range(draw.randint(1, 3))),
        "NAPTR": lambda: f'{draw.randrange(9)} 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .',
    }
    labels = ["www", "*.dev", "A-b", "_sip._tcp", "deep.er.name", "xn--nxasmq6b", "with\\.dot", "under_score"]

    def add(name, type_, ttl, texts):
        rdataset = zone.find_rdataset(name, type_, create=True)
        rdataset.ttl = ttl
        for text in texts:
            rdataset.add(dns.rdata.from_text("IN", type_, text, origin=zone.origin, relativize=True))

    add("@", "SOA", 900, ["ns1 hostmaster 1 7200 900 1209600 86400"])
    add("@", "NS", 172800, ["ns1", "ns.example.net."])
    for label in draw.sample(labels, draw.randint(1, len(labels))):
        if draw.random() < 0.2:
            add(label, "CNAME", draw.choice([0, 60, 86400]), [f"target{draw.randrange(9)}"])
            continue
        for type_ in draw.sample(sorted(values), draw.randint(1, 3)):
            add(label, type_, draw.choice([0, 1, 60, 3600, 2147483647]), {values[type_]() for _ in range(draw.randint(1, 4))})
    return zone


def told(zone):
    """Each record set of a zone: its TTL and values, all names whole."""
    sets = {}
    for name, rdataset in zone.iterate_rdatasets():
        key = (name.derelativize(zone.origin).to_text().lower(), dns.rdatatype.to_text(rdataset.rdtype))
        sets[key] = (rdataset.ttl, sorted(rdata.to_text(origin=zone.origin, relativize=False) for rdata in rdataset))
    return sets


def imported(text, folder, *options):
    """The record sets that `import` writes of a text, in the same form; dnspython reads the values once more."""
    file = folder / "document"
    file.write_text(text)
    done = subprocess.run([engine.BINARY, "import", str(file), *options], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


def record_sets(document):
    sets = {}
    for each in document["ResourceRecordSets"]:
        name = dns.name.from_text(octal(each["Name"])).to_text().lower()
        values = (dns.rdata.from_text("IN", each["Type"], octal(value["Value"])).to_text() for value in each["ResourceRecords"])
        sets[(name, each["Type"])] = (each["TTL"], sorted(values))
    return sets


def octal(text):
    """A name or value with the API's octal escapes, in the decimal ones of zone files."""
    def decimal(found):
        escaped = found[1]
        return f"\\{int(escaped, 8):03}" if len(escaped) == 3 else found[0]
    return re.sub(r"\\([0-7]{3}|.)", decimal, text)


def zone_files(tally, folder):
    for seed in range(FIRST_SEED, FIRST_SEED + SEEDS):
        zone = random_zone(seed)
        styles = {
            "relative": zone.to_text(relativize=True, want_origin=True),
            "whole": zone.to_text(relativize=False),
            "unsorted": zone.to_text(sorted=False, want_origin=True, want_comments=True),
            "CRLF": zone.to_text(relativize=True, want_origin=True, nl="\r\n"),
        }
        for style, text in styles.items():
            tally.check(f"zone file {seed}, {style}", record_sets(imported(text, folder, "--zone", "example.com")), told(zone))


def cdk(tally, folder):
    """The template answers as the application says."""
    template = subprocess.run([sys.executable, str(Path(__file__).parent / "cdk_app.py")], capture_output=True, text=True,
                              timeout=300, check=True).stdout
    file = folder / "Shapes.template.json"
    file.write_text(template)
    tally.check("findings of the template", [f["code"] for f in engine.findings(file) if f["severity"] == "error"], [])
    whole = imported(template, folder)
    check = whole["HealthChecks"][0]["Id"]
    config = whole["HealthChecks"][0]["HealthCheckConfig"]
    tally.check("the health check", [config.get(key) for key in ("Type", "FullyQualifiedDomainName", "Port", "FailureThreshold")],
                ["HTTPS", "a.example.com", 443, 3])
    text = next(each for each in whole["ResourceRecordSets"] if each["Name"].startswith("text."))
    tally.check("a long text in strings of 255", [value["Value"] for value in text["ResourceRecords"]],
                ['"v=spf1 -all"', '"' + "x" * 255 + '""' + "x" * 45 + '"'])

    def ask(name, client=None, type_="A"):
        return {"name": f"{name}.example.com" if name else "example.com", "type": type_, "client": client or {}}

    one = Fraction(1)
    us = {"latency_ms": {"us-east-1": 10, "eu-west-1": 90}}
    eu = {"latency_ms": {"us-east-1": 90, "eu-west-1": 10}}
    wanted = [
        (ask("plain"), {"192.0.2.1": one}, {"192.0.2.1": one}),
        (ask("weighted"), {"192.0.2.10": Fraction(95, 100), "192.0.2.11": Fraction(5, 100)}, {"192.0.2.11": one}),
        (ask("latency", us), {"192.0.2.20": one}, {"192.0.2.20": one}),
        (ask("latency", eu), {"192.0.2.21": one}, {"192.0.2.20": one}),
        (ask("geo", {"country": "DE"}), {"192.0.2.30": one}, {"192.0.2.30": one}),
        (ask("geo", {"country": "FR"}), {"192.0.2.31": one}, {"192.0.2.31": one}),
        (ask("geo", {"country": "US"}), {"192.0.2.32": one}, {"192.0.2.32": one}),
        (ask("many"), {("192.0.2.40", "192.0.2.41"): one}, {"192.0.2.41": one}),
        (ask("failover"), {"192.0.2.50": one}, {"192.0.2.51": one}),
        (ask("other"), {"plain.example.com": one}, {"plain.example.com": one}),
        (ask("", type_="MX"), {"10 mail.example.com": one}, {"10 mail.example.com": one}),
    ]
    for up, column in ((True, 1), (False, 2)):
        report = {"HealthChecks": {check: "healthy" if up else "unhealthy"}}
        answers = engine.odds(folder, ["-z", file], report, [row[0] for row in wanted])
        for row, answer in zip(wanted, answers):
            name = row[0]["name"]
            found = {key[0] if len(key) == 1 else key: share for key, share in engine.outcomes(answer).items()}
            tally.check(f"{name} for {row[0]['client']}, up: {up}", found, row[column])
    site = engine.odds(folder, ["-z", file], {"HealthChecks": {}}, [ask("site")])[0]
    tally.check("an alias to the distribution", "alias_target" in site["outcomes"][0], True)


def main():
    tally = engine.Tally("formats")
    with tempfile.TemporaryDirectory() as folder:
        zone_files(tally, Path(folder))
        cdk(tally, Path(folder))
    tally.end()


if __name__ == "__main__":
    main()
