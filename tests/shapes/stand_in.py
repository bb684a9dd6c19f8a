"""moto as a stand-in for the Route 53 API, with what the service has and moto 5.2 lacks.

moto's own: hosted zones, health checks, record sets with all other policies, batches, XML, and the API model, which is
botocore's. Added here: GeoProximityLocation and CidrRoutingConfig of record sets, CIDR collections, alarms and routing
controls of health checks, pages that end within a group, names with escapes as the service lists them, and batches that
find record sets by name, type and SetIdentifier. All of it is
printed through the same API model, so that a field that the model does not have cannot appear.
"""

import re
import uuid

import moto.route53.models as models
import moto.route53.urls as urls
from moto.core.responses import ActionResult
from moto.route53.exceptions import InvalidInput
from moto.route53.responses import Route53

PAGE = 100


def _record_set_fields():
    init = models.RecordSet.__init__

    def with_all_policies(self, fields):
        init(self, fields)
        self.geo_proximity_location = fields.get("GeoProximityLocation")
        self.cidr_routing_config = fields.get("CidrRoutingConfig")

    models.RecordSet.__init__ = with_all_policies


def _health_check_fields():
    create = Route53.create_health_check
    config = models.HealthCheck.health_check_config.fget
    more = ("AlarmIdentifier", "InsufficientDataHealthStatus", "RoutingControlArn")
    endpoint = ("IPAddress", "Port", "RequestInterval", "FailureThreshold", "EnableSNI")

    def create_with_all_fields(self):
        given = self._get_param("HealthCheckConfig")
        before = set(self.backend.health_checks)
        result = create(self)
        for id_ in set(self.backend.health_checks) - before:
            self.backend.health_checks[id_].given = given
        return result

    def config_with_all_fields(self):
        given = getattr(self, "given", {})
        fields = dict(config(self), **{name: given.get(name) for name in more})
        if fields["Type"] == "RECOVERY_CONTROL":
            fields.update(dict.fromkeys(endpoint + ("MeasureLatency",)))
        elif fields["Type"] in ("CALCULATED", "CLOUDWATCH_METRIC"):
            fields.update(dict.fromkeys(endpoint))
        elif "Port" not in given:
            fields["Port"] = 443 if fields["Type"].startswith("HTTPS") else 80
        return {name: value for name, value in fields.items() if value not in (None, [], "")}

    Route53.create_health_check = create_with_all_fields
    models.HealthCheck.health_check_config = property(config_with_all_fields)


def listed_name(name):
    """A name as the service lists it: all but letters, digits, hyphens, underscores and dots as octal escapes."""
    plain = "abcdefghijklmnopqrstuvwxyz0123456789-_."
    name = re.sub(r"\\([0-7]{3})", lambda escape: chr(int(escape[1], 8)), name).lower()
    name = "".join(c if c in plain else f"\\{ord(c):03o}" for c in name)
    return name if name.endswith(".") else name + "."


def _listed(record_set):
    values = record_set.records or []
    # moto keeps the values that it makes itself for the apex in other forms than those that it is given.
    values = [value["Value"] if isinstance(value, dict) else value for value in values]
    if record_set.type == "NS":
        values = [value if value.endswith(".") else value + "." for value in values]
    fields = {
        "Name": listed_name(record_set.name),
        "Type": record_set.type,
        "SetIdentifier": record_set.set_identifier,
        "Weight": record_set.weight,
        "Region": record_set.region,
        "GeoLocation": record_set.geo_location,
        "Failover": record_set.failover,
        "MultiValueAnswer": record_set.multi_value_answer,
        "TTL": record_set.ttl,
        "ResourceRecords": [{"Value": value} for value in values],
        "AliasTarget": record_set.alias_target,
        "HealthCheckId": record_set.health_check_id,
        "CidrRoutingConfig": record_set.cidr_routing_config,
        "GeoProximityLocation": record_set.geo_proximity_location,
    }
    return {name: value for name, value in fields.items() if value not in (None, [])}


def _pages():
    def order(fields):
        labels = fields["Name"].rstrip(".").split(".")
        return (labels[::-1], fields["Type"], fields.get("SetIdentifier", ""))

    def list_resource_record_sets(self):
        zone = self.backend.get_hosted_zone(self._get_param("HostedZoneId"))
        sets = sorted((_listed(record_set) for record_set in zone.rrsets), key=order)
        start, *rest = [self._get_param(f"StartRecord{part}") or "" for part in ("Name", "Type", "Identifier")]
        if start:
            first = (listed_name(start).rstrip(".").split(".")[::-1], *rest)
            sets = [fields for fields in sets if order(fields) >= first]
        size = int(self._get_param("MaxItems") or 300)
        page, rest = sets[:size], sets[size:]
        result = {"ResourceRecordSets": page, "IsTruncated": bool(rest), "MaxItems": str(size)}
        if rest:
            result["NextRecordName"] = rest[0]["Name"]
            result["NextRecordType"] = rest[0]["Type"]
            result["NextRecordIdentifier"] = rest[0].get("SetIdentifier")
        return ActionResult(result)

    def list_health_checks(self):
        checks = list(self.backend.list_health_checks())
        marker, size = self._get_param("Marker"), int(self._get_param("MaxItems") or 100)
        at = next((n for n, check in enumerate(checks) if check.id == marker), 0)
        page, rest = checks[at : at + size], checks[at + size :]
        result = {"HealthChecks": page, "IsTruncated": bool(rest), "MaxItems": str(size), "Marker": marker or ""}
        if rest:
            result["NextMarker"] = rest[0].id
        return ActionResult(result)

    Route53.list_resource_record_sets = list_resource_record_sets
    Route53.list_health_checks = list_health_checks


def _batches():
    def change_resource_record_sets(self, zone_id, changes):
        """Changes in turn, all or none; moto itself takes record sets of one SetIdentifier for one, whatever their names."""
        zone = self.get_hosted_zone(zone_id)
        key = lambda fields: (listed_name(fields["Name"]), fields["Type"], fields.get("SetIdentifier"))
        sets = {key(_listed(each)): each for each in zone.rrsets}
        for change in changes:
            fields, action = dict(change["ResourceRecordSet"]), change["Action"]
            fields["ResourceRecords"] = [record["Value"] for record in fields.get("ResourceRecords") or []]
            if action == ("CREATE" if key(fields) in sets else "DELETE"):
                found = "already exists" if action == "CREATE" else "was not found"
                raise InvalidInput(f"Tried to {action} {key(fields)}, but it {found}")
            if action == "DELETE":
                del sets[key(fields)]
            else:
                sets[key(fields)] = models.RecordSet(fields)
        zone.rrsets = list(sets.values())

    models.Route53Backend.change_resource_record_sets = change_resource_record_sets


def _cidr_collections():
    def collections(self):
        if not hasattr(self.backend, "cidr_collections"):
            self.backend.cidr_collections = {}
        return self.backend.cidr_collections

    def create_cidr_collection(self):
        id_, name = str(uuid.uuid4()), self._get_param("Name")
        collections(self)[id_] = {"Id": id_, "Name": name, "Version": 1, "blocks": {}}
        arn = f"arn:aws:route53:::cidrcollection/{id_}"
        return ActionResult({"Collection": {"Arn": arn, "Id": id_, "Name": name, "Version": 1}, "Location": arn})

    def change_cidr_collection(self):
        blocks = collections(self)[self._get_param("Id")]["blocks"]
        for change in self._get_param("Changes"):
            for block in change["CidrList"]:
                if change["Action"] == "PUT":
                    blocks[block] = change["LocationName"]
                else:
                    blocks.pop(block, None)
        return ActionResult({"Id": str(uuid.uuid4())})

    def list_cidr_collections(self):
        listed = [{k: v for k, v in each.items() if k != "blocks"} for each in collections(self).values()]
        return ActionResult({"CidrCollections": listed})

    def list_cidr_blocks(self):
        id_ = self._get_param("CollectionId")
        blocks = collections(self)[id_]["blocks"]
        start = int(self._get_param("NextToken") or 0)
        listed = [{"CidrBlock": block, "LocationName": name} for block, name in blocks.items()]
        result = {"CidrBlocks": listed[start : start + PAGE]}
        if start + PAGE < len(listed):
            result["NextToken"] = str(start + PAGE)
        return ActionResult(result)

    for action in (create_cidr_collection, change_cidr_collection, list_cidr_collections, list_cidr_blocks):
        setattr(Route53, action.__name__, action)
    base = r"{0}/(?P<api_version>[\d_-]+)/cidrcollection"
    for end in ("$", r"/(?P<collection_id>[^/]+)$", r"/(?P<collection_id>[^/]+)/cidrblocks$"):
        urls.url_paths[base + end] = Route53.dispatch


def extend():
    """Adds what moto lacks; once, before the server or the mock starts."""
    _record_set_fields()
    _health_check_fields()
    _pages()
    _batches()
    _cidr_collections()
