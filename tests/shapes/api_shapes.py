"""A zone of every policy is built through the Route 53 API, exported by the AWS CLI, and loaded unchanged.

boto3 builds it on a local stand-in for the service (see stand_in.py), the AWS CLI writes what it prints to files, whole
and in pages, and Pointsman answers from the files.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

import engine
import stand_in

ELB = "Z35SXDOTRQ7X7K"
LOAD_BALANCER = "dualstack.standby-1234567890.us-east-1.elb.amazonaws.com."


def health_checks(client):
    """One check of each type; the id of each by a word of ours."""
    ids = {}

    def create(word, **config):
        made = client.create_health_check(CallerReference=word, HealthCheckConfig=config)
        ids[word] = made["HealthCheck"]["Id"]

    endpoint = {"RequestInterval": 30, "FailureThreshold": 3}
    create("https", Type="HTTPS", FullyQualifiedDomainName="a.example.com", Port=443, ResourcePath="/health",
           EnableSNI=True, MeasureLatency=True, Regions=["us-east-1", "eu-west-1", "ap-southeast-1"], **endpoint)
    create("http", Type="HTTP", IPAddress="8.8.8.8", Port=80, **endpoint)
    create("string", Type="HTTPS_STR_MATCH", FullyQualifiedDomainName="b.example.com", SearchString="alive", **endpoint)
    create("tcp", Type="TCP", IPAddress="8.8.4.4", Port=8443, RequestInterval=10, FailureThreshold=1)
    create("ipv6", Type="TCP", IPAddress="2001:4860:4860::8888", Port=443, **endpoint)
    create("inverted", Type="TCP", IPAddress="9.9.9.9", Port=443, Inverted=True, **endpoint)
    create("off", Type="TCP", IPAddress="1.1.1.1", Port=443, Disabled=True, Inverted=True, **endpoint)
    create("most", Type="CALCULATED", HealthThreshold=2, ChildHealthChecks=[ids[w] for w in ("https", "http", "tcp")])
    create("alarm", Type="CLOUDWATCH_METRIC", AlarmIdentifier={"Region": "us-east-1", "Name": "errors"},
           InsufficientDataHealthStatus="Unhealthy")
    create("control", Type="RECOVERY_CONTROL",
           RoutingControlArn="arn:aws:route53-recovery-control::111122223333:controlpanel/0/routingcontrol/1")
    return ids


def record_sets(zone, check, collection):
    """Every policy, aliases into the zone and out of it, and names that are listed in another form than they are given."""
    def values(*list_, ttl=60):
        return {"TTL": ttl, "ResourceRecords": [{"Value": value} for value in list_]}

    def alias(name, zone=zone, evaluate=True):
        return {"AliasTarget": {"HostedZoneId": zone, "DNSName": name, "EvaluateTargetHealth": evaluate}}

    def make(name, content, type_="A", **fields):
        full = f"{name}.example.com" if name else "example.com"
        return {"Name": full, "Type": type_, **content, **fields}

    def member(name, id_, content, type_="A", hc=None, **policy):
        fields = {"HealthCheckId": check[hc]} if hc else {}
        return make(name, content, type_, SetIdentifier=id_, **policy, **fields)

    places = {"state": {"CountryCode": "US", "SubdivisionCode": "WA"}, "country": {"CountryCode": "US"},
              "continent": {"ContinentCode": "EU"}, "default": {"CountryCode": "*"}}
    near = {"region": {"AWSRegion": "us-east-1", "Bias": -10}, "local": {"LocalZoneGroup": "us-west-2-lax-1"},
            "position": {"Coordinates": {"Latitude": "49.22", "Longitude": "-74.01"}, "Bias": 5}}
    return [
        make("", values("192.0.2.1", "192.0.2.2")),
        make("", values("10 mail.example.com."), "MX"),
        make("text", values('"v=spf1 -all"', '"two" "strings"'), "TXT"),
        make("*.Dev", values("example.net."), "CNAME"),
        make("six", values("2001:db8::1"), "AAAA"),
        make("www", alias("example.com.")),
        member("failover", "one", values("192.0.2.10"), hc="https", Failover="PRIMARY"),
        member("failover", "two", alias(LOAD_BALANCER, ELB), Failover="SECONDARY"),
        member("weighted", "a", values("192.0.2.20"), hc="http", Weight=0),
        member("weighted", "b", values("192.0.2.21"), hc="tcp", Weight=1),
        member("weighted", "c", values("192.0.2.22"), hc="inverted", Weight=3),
        member("latency", "us", alias("weighted.example.com"), Region="us-east-1"),
        member("latency", "eu", values("192.0.2.30"), hc="string", Region="eu-west-1"),
        *(member("geo", id_, values(f"192.0.2.{n}"), hc="most" if id_ == "state" else "ipv6", GeoLocation=place)
          for n, (id_, place) in enumerate(places.items(), 40)),
        *(member("near", id_, values(f"192.0.2.{n}"), hc="https" if id_ == "local" else None, GeoProximityLocation=place)
          for n, (id_, place) in enumerate(near.items(), 50)),
        *(member("office", id_, values(f"192.0.2.{n}"), hc="alarm" if id_ == "berlin" else None,
                 CidrRoutingConfig={"CollectionId": collection, "LocationName": id_})
          for n, id_ in enumerate(("berlin", "paris", "*"), 60)),
        *(member("many", f"m{n:02}", values(f"192.0.2.{100 + n}"), hc="control" if n else "off", MultiValueAnswer=True)
          for n in range(10)),
    ]


def build(client):
    """Builds the zone; gives its id, the checks and the CIDR collection."""
    zone = client.create_hosted_zone(Name="example.com", CallerReference="shapes")["HostedZone"]["Id"]
    collection = client.create_cidr_collection(Name="offices", CallerReference="shapes")["Collection"]["Id"]
    blocks = {"berlin": ["203.0.113.0/24", "2001:db8:1::/48"], "paris": ["198.51.100.0/24", "203.0.112.0/20"]}
    client.change_cidr_collection(Id=collection, Changes=[
        {"LocationName": name, "Action": "PUT", "CidrList": list_} for name, list_ in blocks.items()])
    checks = health_checks(client)
    sets = record_sets(zone.removeprefix("/hostedzone/"), checks, collection)
    for size in (1, len(sets)):
        batch, sets = sets[:size], sets[size:]
        changes = [{"Action": "CREATE", "ResourceRecordSet": fields} for fields in batch]
        client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    return zone, checks, collection


class Export:
    """Runs the AWS CLI and keeps what it prints."""

    def __init__(self, endpoint, folder):
        self.command = [str(Path(sys.executable).with_name("aws")), "--endpoint-url", endpoint, "--output", "json", "route53"]
        self.folder = folder

    def __call__(self, file, *arguments):
        done = subprocess.run([*self.command, *arguments], capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"aws {' '.join(arguments)}: {done.stderr}")
        path = self.folder / file
        path.write_text(done.stdout)
        return path

    def record_set_pages(self, zone, size):
        """Page by page, as somebody would who does not want the CLI to collect them."""
        pages, start = [], ()
        while True:
            page = self(f"records-{size}-{len(pages)}.json", "list-resource-record-sets", "--hosted-zone-id", zone,
                        "--no-paginate", "--max-items", str(size), *start)
            pages.append(page)
            told = json.loads(page.read_text())
            if not told["IsTruncated"]:
                return pages
            start = ["--start-record-name", told["NextRecordName"], "--start-record-type", told["NextRecordType"]]
            if "NextRecordIdentifier" in told:
                start += ["--start-record-identifier", told["NextRecordIdentifier"]]

    def health_check_pages(self, size):
        pages, start = [], ()
        while True:
            page = self(f"checks-{size}-{len(pages)}.json", "list-health-checks", "--no-paginate", "--max-items", str(size),
                        *start)
            pages.append(page)
            told = json.loads(page.read_text())
            if not told["IsTruncated"]:
                return pages
            start = ["--marker", told["NextMarker"]]


def boto3_pages(client, zone, size, folder):
    """Pages as boto3 gives them, with ResponseMetadata."""
    pages = []
    for page in client.get_paginator("list_resource_record_sets").paginate(
            HostedZoneId=zone, PaginationConfig={"PageSize": size}):
        pages.append(folder / f"boto3-{len(pages)}.json")
        pages[-1].write_text(json.dumps(page))
    return pages


def v(*last):
    """The answer with these addresses of 192.0.2.0/24."""
    return tuple(sorted(f"192.0.2.{n}" for n in last))


STATES = {
    "all healthy": {"healthy": "https http string tcp ipv6 inverted off alarm control"},
    "inverted works": {"healthy": "https http string tcp ipv6 off control", "unhealthy": "inverted", "insufficient": "alarm"},
    "one down": {"healthy": "http string tcp ipv6 alarm control", "unhealthy": "https inverted off"},
    "two down": {"healthy": "tcp alarm", "unhealthy": "https http string ipv6 control off", "load balancer": "unhealthy"},
    "no data": {},
}


def questions():
    """Query, and by health state the answers with their odds; a state that is not named answers as the first does."""
    client = lambda **facts: {"client": facts}
    all_ = Fraction(1)
    half, quarter, three_quarters = Fraction(1, 2), Fraction(1, 4), Fraction(3, 4)
    balancer = {(LOAD_BALANCER,): all_}
    many = tuple(f"192.0.2.{100 + n}" for n in range(1, 10))
    mail = {("10 mail.example.com.",): all_}
    texts = {('"two" "strings"', '"v=spf1 -all"'): all_}
    # Weight 0 waits for b and c; an inverted check without data is down.
    weighted = {"all healthy": {v(21): all_}, "inverted works": {v(21): quarter, v(22): three_quarters},
                "one down": {v(21): quarter, v(22): three_quarters}, "two down": {v(21): all_}, "no data": {v(21): all_}}
    return [
        ("example.com", "A", {}, {"all healthy": {v(1, 2): all_}}),
        ("example.com", "MX", {}, {"all healthy": mail}),
        ("text.example.com", "TXT", {}, {"all healthy": texts}),
        ("a.b.dev.example.com", "CNAME", {}, {"all healthy": {("example.net.",): all_}}),
        ("six.example.com", "AAAA", {}, {"all healthy": {("2001:db8::1",): all_}}),
        ("www.example.com", "A", {}, {"all healthy": {v(1, 2): all_}}),
        ("www.example.com", "TXT", {}, {"all healthy": {("",): all_}}),
        # Down with the load balancer as well: it fails open to the primary.
        ("failover.example.com", "A", {}, {"all healthy": {v(10): all_}, "one down": balancer, "two down": {v(10): all_}}),
        ("weighted.example.com", "A", {}, weighted),
        ("latency.example.com", "A", client(latency_ms={"us-east-1": 5, "eu-west-1": 80}), weighted),
        ("latency.example.com", "A", client(latency_ms={"us-east-1": 80, "eu-west-1": 5}),
         {"all healthy": {v(30): all_}, "two down": weighted["two down"]}),
        # `most` wants two of https, http and tcp.
        ("geo.example.com", "A", client(country="US", subdivision="US-WA"),
         {"all healthy": {v(40): all_}, "two down": {v(40): all_}}),
        ("geo.example.com", "A", client(country="US"), {"all healthy": {v(41): all_}}),
        ("geo.example.com", "A", client(country="FR"), {"all healthy": {v(42): all_}}),
        ("geo.example.com", "A", client(country="JP"), {"all healthy": {v(43): all_}}),
        ("near.example.com", "A", client(latitude=45.5, longitude=-73.6), {"all healthy": {v(52): all_}}),
        # From Los Angeles, its biases make the far position nearer than Virginia.
        ("near.example.com", "A", client(latitude=34, longitude=-118),
         {"all healthy": {v(51): all_}, "one down": {v(52): all_}, "two down": {v(52): all_}}),
        # Without enough data the alarm's check is unhealthy, and the next block that holds the client is in Paris.
        ("office.example.com", "A", client(ip="203.0.113.9"),
         {"all healthy": {v(60): all_}, "inverted works": {v(61): all_}}),
        ("office.example.com", "A", client(ip="203.0.112.9"), {"all healthy": {v(61): all_}}),
        ("office.example.com", "A", client(ecs="2001:db8:1::/48"),
         {"all healthy": {v(60): all_}, "inverted works": {v(62): all_}}),
        ("office.example.com", "A", client(ip="8.8.8.8"), {"all healthy": {v(62): all_}}),
        # `off` is disabled and inverted, so nine are left; when routing control is off, all ten.
        ("many.example.com", "A", {}, {"all healthy": {many: all_}, "two down": {("192.0.2.100", *many): all_}}),
        ("nowhere.example.com", "A", {}, {"all healthy": {("",): all_}}),
    ]


def report(state, checks):
    """A state of STATES as a health report."""
    raw = {checks[word]: status for status in ("healthy", "unhealthy", "insufficient")
           for word in state.get(status, "").split()}
    targets = {LOAD_BALANCER: state["load balancer"]} if "load balancer" in state else {}
    return {"HealthChecks": raw, "AliasTargets": targets}


def main():
    stand_in.extend()
    tally = engine.Tally("API shapes")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="us-east-1",
                          AWS_EC2_METADATA_DISABLED="true", AWS_PAGER="", AWS_CONFIG_FILE=os.devnull,
                          AWS_SHARED_CREDENTIALS_FILE=os.devnull)
        with tempfile.TemporaryDirectory() as folder:
            run(Path(folder), endpoint, tally)
    finally:
        server.stop()
    tally.end()


def run(folder, endpoint, tally):
    client = boto3.client("route53", endpoint_url=endpoint)
    zone, checks, collection = build(client)
    export = Export(endpoint, folder)
    records = export("records.json", "list-resource-record-sets", "--hosted-zone-id", zone)
    listed = export("checks.json", "list-health-checks")
    hosted_zone = export("zone.json", "get-hosted-zone", "--id", zone)
    blocks = export("blocks.json", "list-cidr-blocks", "--collection-id", collection)
    rest = ["--cidr-collection", f"{collection}={blocks}"]
    pages = {9: export.record_set_pages(zone, 9), 2: boto3_pages(client, zone, 2, folder)}
    check_pages = export.health_check_pages(4)

    whole = [records, listed, hosted_zone]
    ways = {"whole": whole, "without get-hosted-zone": [records, listed]}
    for size, files in pages.items():
        # In whatever order they are given.
        ways[f"pages of {size}"] = [*reversed(files), *check_pages, hosted_zone]

    for way, files in ways.items():
        found = engine.findings(*files, *rest)
        told = sorted({finding["code"] for finding in found})
        # The checks try addresses of public resolvers, which are not those of the record sets that have them.
        tally.check(f"findings, {way}", told, ["check-reads-elsewhere", "overlapping-cidr-blocks", "zero-weight-goes-live"])
        arguments = [argument for file in files for argument in ("-z", file)] + rest
        for name, state in STATES.items():
            asked = questions()
            queries = [{"name": n, "type": t, **more} for n, t, more, _ in asked]
            answers = engine.odds(folder, arguments, report(state, checks), queries)
            for (qname, qtype, more, wanted), answer in zip(asked, answers):
                what = f"{qname} {qtype} {more}, {name}, {way}"
                tally.check(what, engine.outcomes(answer), wanted.get(name, wanted["all healthy"]))

    # Half a zone gives wrong answers, so that a page that is missing is an error.
    for size, files in pages.items():
        for missing in range(len(files)):
            given = files[:missing] + files[missing + 1 :]
            codes = {finding["code"] for finding in engine.findings(*given, listed, hosted_zone, *rest)}
            # A page says where the next one starts and not where it starts itself, so that the first one is not missed.
            tally.check(f"page {missing} of {len(files)} is missing", "page-missing" in codes, missing > 0)
    for missing in range(len(check_pages)):
        given = check_pages[:missing] + check_pages[missing + 1 :]
        codes = {finding["code"] for finding in engine.findings(records, *given, hosted_zone, *rest)}
        tally.check(f"page {missing} of the health checks is missing", "page-missing" in codes, True)
    # The CLI's own way to stop early says that there is more, and not where it goes on.
    cut = export("cut.json", "list-resource-record-sets", "--hosted-zone-id", zone, "--max-items", "5")
    codes = {finding["code"] for finding in engine.findings(cut, listed, hosted_zone, *rest)}
    tally.check("--max-items stops the CLI", "page-missing" in codes, True)
    # Without the blocks nothing can be said of clients by their addresses, and the command that fetches them is shown.
    found = [finding for finding in engine.findings(*whole) if finding["code"].startswith("cidr-")]
    tally.check("help for missing blocks", [f"--collection-id {collection}" in finding["help"] for finding in found], [True])
    # A check as get-health-check prints it, and the status that get-health-check-status prints.
    status = export("status.json", "get-health-check-status", "--health-check-id", checks["https"])
    observed = {"HealthChecks": {checks["https"]: json.loads(status.read_text())}}
    answer = engine.odds(folder, ["-z", records, "-z", listed, "-z", hosted_zone, *rest], observed,
                         [{"name": "failover.example.com", "type": "A"}])[0]
    tally.check("get-health-check-status", engine.outcomes(answer), {v(10): Fraction(1)})


if __name__ == "__main__":
    main()
