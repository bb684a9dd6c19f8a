//! The register of findings: every code with who objects, how much it matters, what it means and what to do.
//!
//! `docs/findings.md` and `pointsman explain-code` are written from it. A test looks for every code that the project
//! gives, and for every entry that nothing gives. A new code is one line here.

use super::class::{Class, Severity};

/// Who gives a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Checking documents, batches and reports; with who objects (10.47).
    Documents(Class),
    /// `pointsman drill`; what it found decides how bad it is.
    Drill,
}

/// What there is to know of a kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingKind {
    /// Its stable name, such as `weighted-ttl-differs`.
    pub code: &'static str,
    /// Who gives it, and who objects.
    pub source: Source,
    /// How much it matters; for a finding of `drill`, what it matters at least.
    pub severity: Severity,
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// What to do about it.
    pub help: &'static str,
}

/// The kind of findings that have this code; of a code that several give, that of the documents.
///
/// ```
/// use pointsman_core::diagnostic::{Severity, finding_kind};
/// assert_eq!(finding_kind("alias-loop").map(|kind| kind.severity), Some(Severity::Error));
/// assert_eq!(finding_kind("no-such-code"), None);
/// ```
#[must_use]
pub fn finding_kind(code: &str) -> Option<&'static FindingKind> {
    FINDING_KINDS.iter().find(|kind| kind.code == code)
}

const fn cannot(code: &'static str, meaning: &'static str, help: &'static str) -> FindingKind {
    FindingKind { code, source: Source::Documents(Class::CannotBeEvaluated), severity: Severity::Error, meaning, help }
}

const fn refused(code: &'static str, meaning: &'static str, help: &'static str) -> FindingKind {
    FindingKind { code, source: Source::Documents(Class::RefusedByApi), severity: Severity::Error, meaning, help }
}

/// What Route 53 refuses, and a zone may yet have: by a higher quota, or with a prober of one's own (6.1.3a).
const fn warned(code: &'static str, meaning: &'static str, help: &'static str) -> FindingKind {
    FindingKind { code, source: Source::Documents(Class::RefusedByApi), severity: Severity::Warning, meaning, help }
}

const fn lint(code: &'static str, meaning: &'static str, help: &'static str) -> FindingKind {
    FindingKind { code, source: Source::Documents(Class::Lint), severity: Severity::Warning, meaning, help }
}

const fn drill(code: &'static str, severity: Severity, meaning: &'static str, help: &'static str) -> FindingKind {
    FindingKind { code, source: Source::Drill, severity, meaning, help }
}

/// Every kind of finding, by code; those of `drill` at the end.
#[rustfmt::skip]
pub const FINDING_KINDS: &[FindingKind] = &[
    refused("alarm-identifier-missing", "A CLOUDWATCH_METRIC check does not name its alarm.", "Give the Region and Name of the alarm."),
    lint("alias-chain-too-deep", "A chain of aliases passes through more groups than the documentation speaks of.", "Where a step only passes on, point the alias at the group behind it."),
    cannot("alias-incomplete", "An alias target lacks HostedZoneId, DNSName or EvaluateTargetHealth.", "Give all three."),
    lint("alias-into-another-zone", "An alias leads into another hosted zone, whose record sets are not known here.", "Point it at a name of this zone, or at an AWS resource."),
    cannot("alias-loop", "Aliases lead in a circle, so that no answer is ever reached.", "Point one of them at a record set with values."),
    cannot("alias-target-address", "An address in AliasTargets is not one of its type.", "Give the addresses that the resource resolves to, such as `dig +short` prints."),
    cannot("alias-target-missing", "An alias leads to a name and type of this zone that have no record set.", "Create the target, or correct the DNSName."),
    cannot("alias-target-name-malformed", "The DNSName of an alias, or a name in AliasTargets, is not a domain name.", "Write the DNSName as the resource has it."),
    cannot("alias-target-outside-zone", "An alias with this zone's HostedZoneId leads to a name outside the zone.", "Give the HostedZoneId of the resource, or a DNSName in this zone."),
    cannot("alias-target-twice", "AliasTargets describes one resource twice.", "Keep one; names are the same whatever their case and final dot."),
    lint("alias-target-unused", "AliasTargets describes a resource that no alias leads to.", "Check the spelling against the DNSName of the aliases, or remove it."),
    cannot("alias-type-forbidden", "A record set of this type cannot be an alias.", "Give its values instead."),
    lint("alias-type-without-answer", "An alias has a type for which its target has no answer.", "Make it of type A or AAAA."),
    refused("alias-with-ttl", "An alias has a TTL of its own; it takes its target's.", "Remove the TTL."),
    cannot("alias-with-values", "A record set has both an AliasTarget and ResourceRecords.", "Keep one."),
    refused("alias-zone-id-wrong", "The HostedZoneId of an alias is not that of its target's service and Region.", "Give the HostedZoneId that the service publishes for the Region."),
    refused("apex-record-deleted", "A batch deletes the SOA or NS record set of the zone's apex.", "Change it with UPSERT, or leave it alone."),
    cannot("batch-empty", "A change batch has no changes.", "Give at least one change with Action and ResourceRecordSet."),
    cannot("batch-for-another-zone", "A change batch says that it is for another hosted zone.", "Give the documents of that zone, or correct HostedZoneId."),
    cannot("batch-missing", "The document that should be a change batch has no Changes.", "Give what change-resource-record-sets takes as --change-batch."),
    refused("batch-too-many-characters", "The values in a change batch have more characters than a request may.", "Split the batch."),
    refused("batch-too-many-values", "A change batch has more ResourceRecord elements than a request may.", "Split the batch."),
    lint("below-delegation", "A record set stands below a delegation, so that nobody gets it.", "Move it to the delegated zone, or remove the delegation."),
    cannot("bias-out-of-range", "A bias is not a whole number from -99 to 99.", "Give one in that range, or leave it out for 0."),
    lint("calculated-status-ignored", "A health report states the status of a calculated check, which follows from its children.", "Leave it out of the report."),
    cannot("change-incomplete", "A change has no Action or no ResourceRecordSet.", "Give both."),
    refused("changed-twice", "A batch changes one record set more than once.", "Keep one change a record set; a DELETE followed by a CREATE is the only pair."),
    lint("changes-not-applied", "A change batch stands among the zone's documents, where it is not applied.", "Give it to `apply`, or leave it out."),
    lint("check-probes-routed-name", "A health check probes the very name that it decides, so that it sees whatever the routing chose.", "Let it probe the endpoint itself."),
    refused("checker-region-unknown", "A health check names a Region in which Route 53 has no health checkers.", "Use those that the message lists."),
    lint("child-health-check-twice", "A calculated check names one child twice.", "Name each child once."),
    refused("child-health-check-unknown", "A calculated check names a child that no document describes.", "Add its description, or correct the id."),
    cannot("child-is-calculated", "A calculated check has a calculated check among its children.", "Name the checks that the child counts."),
    cannot("children-missing", "A calculated check has no ChildHealthChecks.", "Name the checks that it counts."),
    cannot("cidr-block-in-two-locations", "One CIDR block stands in two locations of a collection.", "Keep it in one."),
    cannot("cidr-block-incomplete", "A CIDR block lacks CidrBlock or LocationName.", "Give both."),
    cannot("cidr-block-malformed", "A CIDR block is not `address/length`.", "Write it such as 192.0.2.0/24."),
    refused("cidr-block-too-long", "A CIDR block has a longer prefix than Route 53 takes.", "Give the wider block: up to /24 for IPv4, up to /48 for IPv6."),
    refused("cidr-block-twice", "A CIDR block stands twice in one location.", "Keep one."),
    refused("cidr-block-zero", "A CIDR block has the prefix length 0.", "Use the location `*` for all other clients."),
    cannot("cidr-blocks-missing", "The blocks of a CIDR collection that record sets use are not given.", "Add what list-cidr-blocks prints."),
    warned("cidr-blocks-quota", "A CIDR collection has more blocks than the quota.", "Ask AWS for a higher quota."),
    cannot("cidr-blocks-without-collection", "What list-cidr-blocks prints does not say of which collection it is.", "Give the file together with the collection's id."),
    refused("cidr-collection-id-form", "A CollectionId is not of the form that Route 53 gives.", "Give the Id that list-cidr-collections prints, a UUID in lower case."),
    cannot("cidr-collection-twice", "One CIDR collection is described twice.", "Keep one."),
    refused("cidr-collection-unknown", "A record set names a CIDR collection that no document describes.", "Add the collection, or correct the CollectionId; until then only its `*` applies."),
    cannot("cidr-collection-without-id", "A CIDR collection has no Id.", "Give its Id."),
    cannot("cidr-collections-differ", "The record sets of one group name two CIDR collections.", "Put the locations of one group into one collection."),
    lint("cidr-collections-not-given", "An IP-based record set names a CIDR collection, and no document describes any, so that only `*` applies.", "Add the blocks of the collection."),
    warned("cidr-collections-quota", "There are more CIDR collections than the quota of an account.", "Ask AWS for a higher quota."),
    refused("cidr-location-malformed", "The name of a CIDR location has characters or a length that Route 53 does not take.", "Rename the location."),
    cannot("cidr-location-twice", "Two record sets of a group have the same CIDR location.", "Keep one, or give one another location."),
    cannot("cidr-location-unknown", "A record set names a location that its CIDR collection does not have.", "Give a location that has blocks, or `*` for the default."),
    cannot("cidr-routing-incomplete", "A CidrRoutingConfig lacks CollectionId or LocationName.", "Give both."),
    refused("cloudfront-in-private-zone", "An alias of a private hosted zone leads to a CloudFront distribution.", "Use a CNAME record set, or serve the name from a public zone."),
    refused("cloudfront-with-target-health", "An alias to a CloudFront distribution has EvaluateTargetHealth true.", "Set it to false."),
    refused("cname-at-apex", "The zone's apex has a CNAME.", "Use an alias of type A or AAAA."),
    refused("cname-beside-others", "A name has a CNAME beside record sets of other types.", "Remove it or the others, or use an alias."),
    refused("cname-loop", "CNAMEs lead in a circle, so that resolvers return SERVFAIL.", "Point one of them at a name with an answer."),
    cannot("content-missing", "A record set has neither values nor an alias target.", "Give ResourceRecords with a TTL, or an AliasTarget."),
    refused("coordinate-form", "A coordinate is written in a form that Route 53 does not take.", "Give at most two decimals."),
    cannot("coordinate-out-of-range", "A coordinate is not a number of degrees in its range.", "Give degrees such as 51.51."),
    cannot("coordinates-incomplete", "Coordinates lack Latitude or Longitude.", "Give both."),
    refused("create-exists", "A batch creates a record set that the zone has.", "Use UPSERT, or DELETE the old one first."),
    refused("delete-does-not-match", "A batch deletes a record set with other values than the zone has.", "Give all fields as they are stored."),
    refused("delete-not-found", "A batch deletes a record set that the zone does not have.", "Check Name, Type and SetIdentifier."),
    lint("down-without-effect", "A check that is taken down is Inverted or Disabled, so that this may do nothing.", "Take the record set down instead."),
    lint("ds-with-policy", "A record set of type DS has a routing policy, which the API reference does not allow.", "Give DS record sets no policy."),
    cannot("duplicate-key", "A JSON object has a key twice.", "Keep one."),
    refused("duplicate-value", "A record set has a value twice.", "Give each value once."),
    cannot("empty-document", "A document is empty.", "Give what the AWS CLI prints."),
    lint("evaluate-target-health-off-in-middle", "An alias with EvaluateTargetHealth false hides a group that can fail from those who would take over.", "Set EvaluateTargetHealth to true."),
    lint("failover-role-lost", "An UPSERT of one failover record set takes the place of the other, because both have one SetIdentifier.", "Give PRIMARY and SECONDARY different SetIdentifiers."),
    cannot("failover-role-twice", "A failover group has two record sets of one role.", "Keep one PRIMARY and one SECONDARY."),
    cannot("failover-unknown", "The value of Failover is neither PRIMARY nor SECONDARY.", "Use one of these."),
    cannot("geolocation-place-twice", "Two record sets of a group serve the same place.", "Keep one, or give one another place."),
    lint("geolocation-without-default", "A geolocation group has no default, so that clients without a known place get no answer.", "Add a record set with CountryCode `*`."),
    refused("group-too-large", "A group has more record sets than Route 53 takes.", "Remove some, or split them over a tree of aliases."),
    cannot("health-check-address", "The IPAddress of a health check is not one.", "Give an IPv4 or IPv6 address, or FullyQualifiedDomainName alone."),
    refused("health-check-endpoint-missing", "A health check has neither IPAddress nor FullyQualifiedDomainName.", "Give one of them."),
    refused("health-check-field", "A health check has a field that its type may not have.", "Remove it, or correct Type."),
    refused("health-check-id-too-long", "A HealthCheckId is longer than Route 53 takes.", "Give the Id that list-health-checks prints."),
    cannot("health-check-number", "A number of a health check lies outside its range.", "Give one in the range that the message names."),
    cannot("health-check-port-missing", "A TCP check has no Port.", "Give the port to connect to."),
    warned("health-check-private-address", "Route 53's checkers do not connect to the address of a health check.", "Give a public address, or leave it if your own prober tests it."),
    refused("health-check-text-too-long", "A text of a health check is longer than Route 53 takes.", "Shorten it."),
    cannot("health-check-twice", "Two health checks have one id.", "Keep one."),
    refused("health-check-type-case", "The Type of a health check is not in capital letters.", "Write it in capital letters, as the API does."),
    cannot("health-check-type-missing", "A health check has no Type.", "Give its Type."),
    cannot("health-check-type-unknown", "The Type of a health check is not one that Route 53 has.", "Use one that the message lists."),
    refused("health-check-unknown", "A record set names a health check that no document describes.", "Add its description, or correct the id."),
    cannot("health-check-without-id", "A health check has no Id.", "Give its Id."),
    lint("health-checks-not-given", "The zone names health checks, and no document describes any.", "Add what list-health-checks prints: nothing is known of Inverted, Disabled and calculated checks."),
    warned("health-checks-quota", "There are more health checks than the quota of an account.", "Ask AWS for a higher quota."),
    cannot("health-report-as-zone", "A health report is given where a zone is expected.", "Give it as the health report."),
    cannot("health-threshold-missing", "A calculated check has no HealthThreshold.", "Say how many children must be healthy."),
    refused("hosted-zone-id-too-long", "A HostedZoneId is longer than Route 53 takes.", "Give the id of the resource's zone."),
    cannot("hosted-zones-differ", "Two documents describe different hosted zones.", "Give the documents of one zone at a time."),
    cannot("insufficient-data-status-unknown", "InsufficientDataHealthStatus is none of Healthy, Unhealthy and LastKnownStatus.", "Use one of these."),
    lint("insufficient-without-alarm", "A health report calls a check `insufficient` that reads no CloudWatch alarm.", "Report `healthy` or `unhealthy`."),
    refused("ip-based-in-private-zone", "A record set of a private hosted zone has IP-based routing.", "Use another policy."),
    lint("ip-based-without-default", "An IP-based group has no default `*`: clients in no block get no answer.", "Add a record set with the location `*`."),
    cannot("latency-continent-unknown", "A row of the latency table has no known continent code.", "Use AF AN AS EU NA OC or SA."),
    cannot("latency-country-malformed", "A row of the latency table is not for a country code.", "Give two capital letters, such as DE."),
    lint("latency-country-unknown", "A row of the latency table is for a country that Route 53's table does not have.", "Check the code of ISO 3166-1."),
    cannot("latency-network-malformed", "A row of the latency table is not for a network.", "Write it such as 192.0.2.0/24."),
    cannot("latency-out-of-range", "A latency is not a number of milliseconds in range.", "Give milliseconds, 0 or more."),
    refused("latency-region-twice", "Two record sets of a group have one Region.", "Keep one."),
    cannot("latency-region-unknown", "The latency table names a Region that does not exist.", "Use the code of an AWS Region."),
    cannot("latency-row-twice", "The latency table has two rows for one place.", "Keep one."),
    lint("leaf-without-check", "A record set without a health check keeps an alias healthy although a sibling would take over.", "Give it a health check."),
    lint("local-zone-position-guessed", "The city of a Local Zone group is not known; its Region's position is taken.", "Check the spelling, or give Coordinates."),
    cannot("location-incomplete", "A GeoLocation names no place.", "Give ContinentCode, or CountryCode, for the US also SubdivisionCode."),
    cannot("location-mixed", "A GeoLocation gives a continent and a smaller place.", "Keep one."),
    cannot("location-unknown", "A GeoLocation names a place that Route 53 does not know.", "Use a code that list-geo-locations prints."),
    cannot("mixed-routing-policies", "The record sets of a group have different routing policies.", "Use one policy for a name and type; combine policies with aliases."),
    refused("more-than-one-value", "A record set of this type has more than one value.", "Keep one value; choose between several with a routing policy."),
    cannot("multivalue-alias", "A record set with MultiValueAnswer is an alias.", "Give its values instead."),
    refused("multivalue-answer-false", "MultiValueAnswer is false.", "Set it to true, or remove it."),
    refused("multivalue-cname", "A CNAME has MultiValueAnswer.", "Use Weight with equal weights: a name has one CNAME at a time."),
    lint("name-goes-dark", "A change leaves a name without the answer that it had.", "Keep a record set, or make sure that nobody asks any more."),
    cannot("name-malformed", "A name is not a domain name.", "Correct it as the message says."),
    cannot("name-missing", "A record set has no Name.", "Give its Name."),
    cannot("name-not-punycode", "A name has characters that are not ASCII.", "Write it in Punycode."),
    refused("name-outside-zone", "A record set lies outside the zone.", "Correct its Name."),
    cannot("nested-too-deeply", "The JSON is nested more than 127 levels deep.", "Check where the file comes from."),
    lint("network-host-bits", "A network has bits after its prefix.", "Write the network's first address, or correct the prefix length."),
    cannot("no-health-in-report", "A health report has neither HealthChecks nor AliasTargets.", "Give what is up and down; `{\"HealthChecks\": {}}` says that no check has data."),
    cannot("not-json", "A document is not JSON.", "Correct it at the place that the message names."),
    lint("overlapping-cidr-blocks", "A CIDR block of one location lies inside a block of another, in a way that sends clients elsewhere than it reads.", "Check that the longer block is meant to win."),
    cannot("page-missing", "A document says that it is one page of several, and the others are not given.", "Give every page."),
    cannot("position-not-one", "A GeoProximityLocation has none, or several, of the three kinds of position.", "Give exactly one of AWSRegion, LocalZoneGroup and Coordinates."),
    cannot("position-unknown", "A GeoProximityLocation names no known Region or Local Zone group.", "Correct it, or give Coordinates."),
    lint("primary-and-secondary-share-check", "PRIMARY and SECONDARY have one health check, so that both fail together.", "Give each a check of its own endpoint."),
    refused("primary-without-health", "A PRIMARY has neither a health check nor EvaluateTargetHealth.", "Give it a HealthCheckId."),
    cannot("record-set-incomplete", "A record set has neither Name nor Type.", "Give both."),
    cannot("record-sets-of-another-zone", "Record sets of another zone are given.", "Give the HostedZone and the ResourceRecordSets of one zone at a time."),
    warned("records-quota", "The zone has more record sets than the quota.", "Ask AWS for a higher quota."),
    cannot("region-unknown", "A Region does not exist.", "Use the code of an AWS Region."),
    lint("report-is-one-page", "A health report is one page of a listing.", "Give the whole listing."),
    cannot("report-time", "The Time of a health report is not one.", "Write RFC 3339, such as 2026-03-01T09:30:00Z, or leave it out."),
    cannot("request-interval", "RequestInterval is neither 10 nor 30.", "Use 30, or 10 for a fast check."),
    refused("routing-control-arn-missing", "A RECOVERY_CONTROL check has no RoutingControlArn.", "Give the ARN of the routing control."),
    refused("search-string-missing", "A check that matches a string has none.", "Give the text that the body must hold, or use HTTP or HTTPS."),
    lint("secondary-without-check", "A SECONDARY has no health check, so that nobody notices when the standby is dead.", "Give it a check of its own endpoint."),
    refused("set-identifier-length", "A SetIdentifier is longer than Route 53 takes, or empty.", "Give 1 to 128 characters."),
    cannot("set-identifier-missing", "A record set with a routing policy has no SetIdentifier.", "Give one that no other record set of the group has."),
    cannot("set-identifier-twice", "Two record sets of a group have one SetIdentifier.", "Give each its own."),
    refused("set-identifier-without-policy", "A record set has a SetIdentifier and no routing policy.", "Remove it, or add the policy."),
    cannot("simple-twice", "A name and type are given twice without a routing policy.", "Put the values into one record set, or give each a policy and a SetIdentifier."),
    refused("simple-with-health-check", "A record set without a routing policy has a health check.", "Remove it, or give the record set a policy."),
    lint("subdivision-of-ukraine", "A GeoLocation names a subdivision of Ukraine, which the API reference does not list.", "Make sure with list-geo-locations that Route 53 knows it."),
    refused("too-few-checker-regions", "A health check names fewer checker Regions than it needs.", "Name three or more, or leave Regions out."),
    refused("too-many-children", "A calculated check has more children than Route 53 takes.", "Count fewer, or split them over several checks."),
    refused("too-many-values", "A record set has more values than Route 53 takes.", "Split them over several record sets."),
    cannot("traffic-policy-instance", "A record set belongs to a traffic policy instance, whose record sets the listing does not show.", "Give the traffic policy document, with the name that it is used for."),
    refused("traffic-policy-with-content", "A change gives both content and a TrafficPolicyInstanceId.", "Leave TrafficPolicyInstanceId out."),
    cannot("truncated-json", "The JSON ends too early.", "The file is cut off; write it again."),
    lint("ttl-longer-than-detection", "A TTL keeps clients at a dead endpoint for longer than its health check takes to notice.", "Shorten the TTL."),
    cannot("ttl-missing", "A record set with values has no TTL.", "Give one in seconds."),
    cannot("ttl-out-of-range", "A TTL is not a number of seconds in range.", "Give 0 to 2147483647 seconds."),
    cannot("two-routing-policies", "A record set has two routing policies.", "Keep one."),
    refused("type-case", "The Type of a record set is not in capital letters.", "Write it in capital letters, as the API does."),
    cannot("type-missing", "A record set has no Type.", "Give its Type."),
    refused("type-takes-no-policy", "A record set of this type has a routing policy.", "Remove SetIdentifier and the policy."),
    cannot("type-unknown", "A Type is not one that Route 53 has.", "Use one that the message lists."),
    cannot("unexpected-shape", "A part of the JSON has another shape than AWS gives it.", "Compare with what the AWS CLI prints."),
    cannot("unknown-action", "The Action of a change is none of CREATE, UPSERT and DELETE.", "Use one of these."),
    lint("unknown-alias-target", "A health report names an alias target that the zone does not use.", "Check whether zone and report are of the same version; the rest of the report applies."),
    cannot("unknown-document", "A document holds nothing that Pointsman reads.", "Give one with ResourceRecordSets, HealthChecks or another part of a zone."),
    lint("unknown-field", "A field is not one that Route 53 has; it is ignored.", "Check the spelling against the API reference."),
    lint("unknown-health-check", "A health report names a health check that the zone does not use.", "Check whether zone and report are of the same version; the rest of the report applies."),
    cannot("unknown-status", "A health report has a status that is none.", "Use `healthy`, `unhealthy`, or for CloudWatch checks `insufficient`."),
    lint("unused-health-check", "Health checks are described that no record set and no check uses.", "Attach them, or delete them."),
    cannot("value-empty", "A value is empty.", "Give a value of the record set's type."),
    cannot("value-field-count", "A value has too few or too many fields for its type.", "Write it as the message's example."),
    cannot("value-field-malformed", "A field of a value is not what its type asks for.", "Write it as the message's example."),
    cannot("value-field-out-of-range", "A number in a value lies outside its range.", "Give one in the range that the message names."),
    cannot("value-missing", "A resource record has no Value.", "Give its Value."),
    cannot("value-not-domain-name", "A value, or a field of it, is not a domain name.", "Give a domain name."),
    cannot("value-not-hexadecimal", "A field of a value is not an even number of hexadecimal digits.", "Correct it."),
    cannot("value-not-ipv4-address", "A value of an A record is not an IPv4 address.", "Give one such as 192.0.2.1."),
    cannot("value-not-ipv6-address", "A value of an AAAA record is not an IPv6 address.", "Give one such as 2001:db8::1."),
    cannot("value-not-quoted", "A text value is not between quotation marks.", "Put it between quotation marks."),
    cannot("value-parameter-malformed", "A parameter of an SVCB or HTTPS value is malformed or given twice.", "Correct it as the message says."),
    cannot("value-quote-unterminated", "A quotation mark opens a string that nothing closes.", "Close it."),
    cannot("value-string-too-long", "A string of a text value has more than 255 characters.", "Split it into several strings."),
    refused("value-too-long", "A value is longer than Route 53 takes.", "Split it into several values."),
    cannot("weight-out-of-range", "A weight is not a whole number from 0 to 255.", "Give one in that range."),
    refused("weighted-ttl-differs", "The weighted record sets of a group have different TTLs.", "Give all the same TTL."),
    refused("wildcard-ns", "A wildcard has a record set of type NS.", "Delegate names one by one."),
    cannot("wrong-type", "A field has a JSON value of another type than it takes.", "Write the type that the message names."),
    lint("zero-weight-goes-live", "Record sets of weight 0 get all traffic when those with a weight are unhealthy.", "Make sure that they can carry it, or give them a check that is Disabled and Inverted."),
    cannot("zone-as-health-report", "A part of a zone is given where a health report is expected.", "Give it with the zone's documents."),
    cannot("zone-name-differs", "The zone has another name than was asked for.", "Give the files of that zone, or leave the name out."),
    cannot("zone-name-malformed", "The zone's name is not a zone name.", "Give it as get-hosted-zone prints it."),
    cannot("zone-name-unknown", "Nothing names the zone.", "Name it, or add what get-hosted-zone prints."),
    drill("check-reads-elsewhere", Severity::Warning, "A health check reads something that is plainly not the endpoint of the record set that names it.", "Let it read the endpoint, or say in [reads] what it reads."),
    drill("check-reads-its-own-name", Severity::Warning, "A health check reads the routed name itself, so that it sees whatever the routing chose.", "Let it read the endpoint itself."),
    drill("dead-endpoint", Severity::Error, "Clients are sent to something dead while something in reach is alive.", "Let a health check that reads the endpoint decide the record set."),
    drill("fails-open", Severity::Warning, "One failure leaves a group of several without anything healthy.", "Give the record sets checks that do not fail together."),
    drill("family-falls-behind", Severity::Warning, "After a failure, A fails over and AAAA does not, or the other way round.", "Give both types the same record sets and health checks."),
    drill("idle-check", Severity::Warning, "No answer depends on a health check, in any state.", "Attach it where it should decide, or delete it."),
    drill("leaves-continent", Severity::Warning, "A failure sends clients to another continent.", "Keep a second endpoint on the continent, if that matters."),
    drill("load-shift", Severity::Warning, "A failure gives an endpoint 1.5 times its load or more, or more than its capacity.", "Make sure that it can carry it."),
    drill("never-used", Severity::Warning, "No state uses a record set, for any client.", "Delete it, or correct what keeps it from being chosen."),
    drill("no-answer", Severity::Error, "A failure leaves clients without data.", "Add a record set that applies to them."),
    drill("part-dead", Severity::Warning, "One of the values of an answer is dead, and stays in it.", "Give each value a record set of its own with a health check."),
    drill("split-answers", Severity::Warning, "While a failure is known to some servers only, both sides of a failover are answered.", "Let both serve at once, or fence the side that is out."),
    drill("standby-in-same-domain", Severity::Warning, "PRIMARY and SECONDARY are in one failure domain.", "Move the standby to another one."),
    drill("unwatched-standby", Severity::Warning, "A SECONDARY counts as healthy whatever happens, over something that no check reads.", "Give it a health check."),
];
