"""What OctoDNS says that a dynamic record answers, written down after its documentation and nothing else.

docs/dynamic_records.rst of octodns:
- the first rule that matches the client sends it to its pool; a rule without geos and subnets matches all ("Rules that
  assign queries to pools", "No geos means match all queries");
- a pool answers with one of its values, by weight, 1 when none is given ("Weight for this value");
- a value is up, down, or as its health check says ("always-serve or never-serve", "obey");
- "if all of the records in this pool fail" its fallback is tried, and after the last one the record's own values answer,
  all of them ("non-healthchecked backup/default pool").
"""

from fractions import Fraction
from ipaddress import ip_network

from octodns.record.geo import GeoCodes


def geo_code(country, province):
    """The client's place as OctoDNS writes it, such as NA-US-KY; None when it is not known."""
    code = GeoCodes.country_to_code(country) if country else None
    return f"{code}-{province}" if code and province else code


def matches(rule, client):
    geos, subnets = rule.get("geos", []), rule.get("subnets", [])
    if not geos and not subnets:
        return True
    if client["network"] and any(
        client["network"].version == ip_network(subnet).version and client["network"].subnet_of(ip_network(subnet))
        for subnet in subnets
    ):
        return True
    code = client["geo"]
    return bool(code) and any(code == geo or code.startswith(geo + "-") for geo in geos)


def serving(pool, failing):
    """The values of a pool that may be answered, with their weights."""
    def is_up(value):
        status = value.get("status", "obey")
        return status == "up" or (status == "obey" and value["value"] not in failing)

    return [(value["value"], value.get("weight", 1)) for value in pool["values"] if is_up(value)]


def answer(data, client, failing):
    """Every possible answer with its probability; `failing` are the values whose health checks fail."""
    pools = data["dynamic"]["pools"]
    rule = next((rule for rule in data["dynamic"]["rules"] if matches(rule, client)), None)
    name = rule and rule["pool"]
    while name:
        values = serving(pools[name], failing)
        total = sum(weight for _, weight in values)
        if values:
            return {(value,): Fraction(weight, total) for value, weight in values}
        name = pools[name].get("fallback")
    default = data.get("values") or [data["value"]]
    return {tuple(sorted(default)): Fraction(1)}


def longest_chain(data):
    """How many pools a client may be sent through, one falling back to the next."""
    pools = data["dynamic"]["pools"]

    def chain(name):
        fallback = pools[name].get("fallback")
        return 1 + (chain(fallback) if fallback else 0)

    return max(chain(rule["pool"]) for rule in data["dynamic"]["rules"])
