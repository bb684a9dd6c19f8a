//! Traffic policy documents (2015-10-01 and 2023-05-09), expanded into the record sets that a policy instance creates.
//!
//! The rule that the policy starts with becomes the record sets of the instance's name; a rule that another refers to becomes
//! those of a name of its own below it, to which aliases lead. What Route 53 calls these names is not documented: here they
//! are the rule's id between `_` and the instance's name. Formats: Route 53 API Reference, "Traffic Policy Document Format".

mod instance;
mod listed;
mod members;

use std::collections::BTreeMap;

use pointsman_core::diagnostic::{Diagnostic, Path, Place, has_errors};

pub use self::instance::{Instance, instances};
pub use self::listed::Policies;

use self::members::{alias, copied, geo_location, geo_proximity, integer, label};
use crate::format::Format;
use crate::options::Options;
use crate::read::{Origin, Output, Read};
use crate::sample::{Sample, Shape};
use crate::tree::{Members, Node};

/// A policy, alone or as get-traffic-policy prints it.
pub(crate) const FORMAT: Format = Format { name: "a traffic policy document", recognises, read };

/// Instances: they say which names the policies beside them answer, and have no record sets themselves.
pub(crate) const INSTANCES: Format = Format {
    name: "a listing of traffic policy instances",
    recognises: |sample| {
        sample.shape == Shape::Object && sample.has_any(&["TrafficPolicyInstances", "TrafficPolicyInstance"])
    },
    read: read_instances,
};

/// What the AWS CLI prints of policies and versions, without their documents.
pub(crate) const LISTINGS: Format = Format {
    name: "a listing of traffic policies",
    recognises: |sample| {
        sample.shape == Shape::Object && sample.has_any(&["TrafficPolicies", "TrafficPolicySummaries"])
    },
    read: |_, _| {
        Read::refused(
            "traffic-policy-listing",
            "this lists traffic policies without their documents",
            "give what `aws route53 get-traffic-policy --id ID --version N` prints of each, with what \
             `list-traffic-policy-instances` prints",
        )
    },
};

fn read_instances(text: &str, _: &Options<'_>) -> Read {
    let Ok(node) = Node::read(text.strip_prefix('\u{feff}').unwrap_or(text)) else { return Read::not_json(text) };
    let mut read = Output::default().finish(None);
    if let Some(place) = instance::incomplete(&node) {
        let message = "a traffic policy instance lacks one of Id, Name, TTL, TrafficPolicyId and TrafficPolicyVersion";
        let finding = Diagnostic::cannot("traffic-policy-instance-incomplete", message);
        read.findings.push(finding.help("print it again with `aws route53 list-traffic-policy-instances`").at(place));
    }
    read
}

/// The TTL when none is given, in seconds.
const TTL_ASSUMED: i64 = 60;
/// The hosted zone of every CloudFront distribution (Route 53 API Reference, AliasTarget).
const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";
/// What stands for the id of a hosted zone that a policy does not say.
const ZONE_UNSAID: &str = "ZONEOFTHISNAME";

fn recognises(sample: &Sample<'_>) -> bool {
    sample.shape == Shape::Object
        && (sample.has_any(&["AWSPolicyFormatVersion", "TrafficPolicy"]) || {
            sample.has("RecordType") && sample.has("Endpoints")
        })
}

fn read(text: &str, options: &Options<'_>) -> Read {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Ok(node) = Node::read(body) else { return Read::not_json(text) };
    let inner = node.get("TrafficPolicy").and_then(|policy| policy.get("Document")).and_then(Node::as_text);
    let whole = inner.map(|_| Path::root().key("TrafficPolicy").key("Document"));
    let document = match inner.map(Node::read) {
        Some(Ok(document)) => document,
        Some(Err(error)) => {
            let mut read = Read::refused(
                "traffic-policy-not-json",
                format!("the policy's document is not JSON: {error}"),
                "print it again with `aws route53 get-traffic-policy`",
            );
            for place in read.findings.iter_mut().filter_map(|finding| finding.place.as_mut()) {
                place.path = Path::root().key("TrafficPolicy").key("Document");
            }
            return read;
        }
        None => node.clone(),
    };
    let own = |key| node.get("TrafficPolicy").and_then(|policy| policy.get(key));
    let is_of_this = |instance: &&Instance| {
        own("Id").and_then(Node::as_text) == Some(&instance.policy)
            && matches!(own("Version"), Some(Node::Integer(version)) if *version == instance.version)
    };
    let joined: Vec<&Instance> = match options.name {
        Some(_) => Vec::new(),
        None => options.instances.iter().filter(is_of_this).collect(),
    };
    let named = options.name.map(|name| (name, options.ttl));
    let of_instance = |instance: &&Instance| (instance.name.clone(), Some(instance.ttl), instance.hosted_zone.clone());
    let uses: Vec<(String, Option<u32>, Option<String>)> = named
        .map(|(name, ttl)| (name.to_owned(), ttl, None))
        .into_iter()
        .chain(joined.iter().map(of_instance))
        .collect();
    if uses.is_empty() {
        return Read::refused(
            "traffic-policy-without-name",
            "a traffic policy says how a name is answered, not which one",
            "give what `aws route53 list-traffic-policy-instances` prints, too; or the name of the policy's instance \
             with --name, and its TTL with --ttl",
        );
    }
    let mut output = Output::default();
    for (number, (name, ttl, hosted_zone)) in uses.iter().enumerate() {
        let policy = Policy {
            document: &document,
            name: name.trim_end_matches('.'),
            ttl: ttl.map_or(TTL_ASSUMED, i64::from),
            hosted_zone: hosted_zone.as_deref(),
            whole: whole.clone(),
            record_type: document.get("RecordType").and_then(Node::as_text).unwrap_or_default(),
            output,
            names: BTreeMap::new(),
            open: Vec::new(),
        };
        output = policy.expand(ttl.is_none());
        if number == 0 && has_errors(&output.findings) {
            // What is wrong with the policy is wrong for each name.
            break;
        }
    }
    let instances = joined.iter().map(|instance| instance.id.clone()).collect();
    Read { instances, ..output.finish(None) }
}

/// A policy that is being expanded.
struct Policy<'n, 't> {
    document: &'n Node<'t>,
    name: &'n str,
    ttl: i64,
    /// The id of the zone, where it is known.
    hosted_zone: Option<&'n str>,
    /// Where the document stands, when it is a text in another one.
    whole: Option<Path>,
    record_type: &'n str,
    output: Output,
    /// Where the record sets of each rule are, written or about to be.
    names: BTreeMap<String, String>,
    open: Vec<String>,
}

impl Policy<'_, '_> {
    fn expand(mut self, is_ttl_assumed: bool) -> Output {
        if is_ttl_assumed {
            let message = format!("a traffic policy has no TTL; {TTL_ASSUMED} s is assumed");
            self.find(
                Diagnostic::lint("traffic-policy-ttl-assumed", message).help("give that of the instance with --ttl"),
                &Path::root(),
            );
        }
        for key in ["AWSPolicyFormatVersion", "RecordType"] {
            if self.document.get(key).and_then(Node::as_text).is_none() {
                let message = format!("the policy has no `{key}`");
                self.find(
                    Diagnostic::cannot("traffic-policy-incomplete", message).help(format!("give `{key}`")),
                    &Path::root(),
                );
            }
        }
        let start = ["StartRule", "StartEndpoint"].map(|key| (key, self.document.get(key).and_then(Node::as_text)));
        match start {
            [(_, Some(rule)), _] => {
                self.open_rule(rule, self.name.to_owned(), &Path::root().key("StartRule"));
            }
            [_, (key, Some(endpoint))] => {
                let from = Path::root().key(key);
                self.member(self.name, (endpoint, None), Members::new(), &Node::Null, &from);
            }
            _ => {
                let finding = Diagnostic::cannot("traffic-policy-incomplete", "the policy has no start");
                self.find(finding.help("give `StartRule` or `StartEndpoint`"), &Path::root());
            }
        }
        let mut at = 0;
        while let Some(rule) = self.open.get(at).cloned() {
            at = at.saturating_add(1);
            let name = self.names.get(&rule).cloned().unwrap_or_default();
            self.rule(&rule, &name);
        }
        self.output
    }

    fn find(&mut self, finding: Diagnostic, path: &Path) {
        let path = self.whole.clone().unwrap_or_else(|| path.clone());
        self.output.findings.push(finding.at(Place::new(0, path)));
    }

    fn origin(&self, path: &Path) -> Origin {
        Origin::Path(self.whole.clone().unwrap_or_else(|| path.clone()))
    }

    /// The name of a rule's record sets: `name`, unless they have one already; `from` is where it is referred to.
    fn open_rule(&mut self, rule: &str, name: String, from: &Path) -> String {
        if self.document.get("Rules").and_then(|rules| rules.get(rule)).is_none() {
            let message = format!("the policy has no rule `{rule}`");
            self.find(Diagnostic::cannot("traffic-policy-reference", message).help("name one of its `Rules`"), from);
        } else if !self.names.contains_key(rule) {
            self.open.push(rule.to_owned());
        }
        self.names.entry(rule.to_owned()).or_insert(name).clone()
    }

    /// Writes the record sets of a rule.
    fn rule(&mut self, id: &str, name: &str) {
        let document = self.document;
        let Some(rule) = document.get("Rules").and_then(|rules| rules.get(id)) else { return };
        let path = Path::root().key("Rules").key(id);
        let kind = rule.get("RuleType").and_then(Node::as_text).unwrap_or_default();
        let list = match kind {
            "failover" => {
                for (key, role) in [("Primary", "PRIMARY"), ("Secondary", "SECONDARY")] {
                    if let Some(member) = rule.get(key) {
                        let from = path.clone().key(key);
                        self.routed(name, vec![("Failover".into(), Node::text(role))], member, &from);
                    }
                }
                return;
            }
            "geo" => "Locations",
            "geoproximity" => "GeoproximityLocations",
            "latency" => "Regions",
            "multivalue" | "weighted" => "Items",
            _ => {
                let message = format!("`{kind}` is not a type of rule");
                let help = "use failover, geo, geoproximity, latency, multivalue or weighted";
                self.find(Diagnostic::cannot("traffic-policy-rule-unknown", message).help(help), &path.key("RuleType"));
                return;
            }
        };
        // The console writes `GeoProximityLocations` too.
        let other = if kind == "geoproximity" { "GeoProximityLocations" } else { list };
        let key = if rule.get(list).is_some() { list } else { other };
        for (index, member) in rule.get(key).map(Node::elements).unwrap_or_default().iter().enumerate() {
            let from = path.clone().key(key).index(index);
            let routing: Members<'static> = match kind {
                "geo" => vec![("GeoLocation".into(), geo_location(member))],
                "geoproximity" => vec![("GeoProximityLocation".into(), geo_proximity(member))],
                "latency" => vec![("Region".into(), copied(member, "Region"))],
                "weighted" => vec![("Weight".into(), integer(member, "Weight"))],
                _ => vec![("MultiValueAnswer".into(), Node::Bool(true))],
            };
            self.routed(name, routing, member, &from);
        }
    }

    /// Writes the record set of a rule's member.
    fn routed(&mut self, name: &str, routing: Members<'static>, member: &Node<'_>, from: &Path) {
        let reference = |key| member.get(key).and_then(Node::as_text);
        match (reference("EndpointReference"), reference("RuleReference")) {
            (Some(endpoint), _) => self.member(name, (endpoint, Some("EndpointReference")), routing, member, from),
            (None, Some(rule)) => {
                let below = format!("_{}.{}", label(rule), self.name);
                let below = self.open_rule(rule, below, &from.clone().key("RuleReference"));
                if self.hosted_zone.is_none() {
                    let at = self.output.next_record_set();
                    self.output.placeholders.push(at.key("AliasTarget").key("HostedZoneId"));
                }
                let zone = self.hosted_zone.unwrap_or(ZONE_UNSAID);
                self.write(name, rule, routing, alias(zone, &below, member), member, from);
            }
            (None, None) => {
                let finding = Diagnostic::cannot("traffic-policy-reference", "a rule leads nowhere");
                self.find(finding.help("give `EndpointReference` or `RuleReference`"), from);
            }
        }
    }

    /// Writes the record set of an endpoint.
    fn member(
        &mut self,
        name: &str,
        (id, key): (&str, Option<&str>),
        routing: Members<'static>,
        member: &Node<'_>,
        from: &Path,
    ) {
        let document = self.document;
        let Some(endpoint) = document.get("Endpoints").and_then(|endpoints| endpoints.get(id)) else {
            let message = format!("the policy has no endpoint `{id}`");
            let from = key.map_or_else(|| from.clone(), |key| from.clone().key(key));
            self.find(
                Diagnostic::cannot("traffic-policy-reference", message).help("name one of its `Endpoints`"),
                &from,
            );
            return;
        };
        let value = endpoint.get("Value").and_then(Node::as_text).unwrap_or_default().to_owned();
        let at = self.output.next_record_set();
        let value_at = Path::root().key("Endpoints").key(id).key("Value");
        let kind = endpoint.get("Type").and_then(Node::as_text).unwrap_or_default();
        let target = match kind {
            "value" => {
                self.output.map.add(at.clone().key("ResourceRecords"), self.origin(&value_at));
                vec![
                    ("TTL".into(), Node::Integer(self.ttl)),
                    (
                        "ResourceRecords".into(),
                        Node::Array(vec![Node::Object(vec![("Value".into(), Node::text(value))])]),
                    ),
                ]
            }
            "cloudfront"
            | "elastic-load-balancer"
            | "application-load-balancer"
            | "network-load-balancer"
            | "elastic-beanstalk"
            | "s3-website" => {
                let alias_at = at.key("AliasTarget");
                self.output.map.add(alias_at.clone().key("DNSName"), self.origin(&value_at));
                if kind != "cloudfront" {
                    self.output.placeholders.push(alias_at.key("HostedZoneId"));
                }
                let region = endpoint.get("Region").and_then(Node::as_text);
                // The bucket's name, from which the website's follows.
                let target = match region.filter(|_| kind == "s3-website" && !value.contains(".s3-website")) {
                    Some(region) => format!("s3-website-{region}.amazonaws.com"),
                    None => value,
                };
                alias(if kind == "cloudfront" { CLOUDFRONT_ZONE } else { ZONE_UNSAID }, &target, member)
            }
            _ => {
                let message = format!("`{kind}` is not a type of endpoint");
                let help = "use value, or the AWS resource that it is";
                let finding = Diagnostic::cannot("traffic-policy-endpoint-unknown", message).help(help);
                self.find(finding, &Path::root().key("Endpoints").key(id).key("Type"));
                return;
            }
        };
        self.write(name, id, routing, target, member, from);
    }

    fn write(
        &mut self,
        name: &str,
        identifier: &str,
        routing: Members<'static>,
        target: Members<'static>,
        member: &Node<'_>,
        from: &Path,
    ) {
        let mut members: Members<'static> = vec![
            ("Name".into(), Node::text(format!("{name}."))),
            ("Type".into(), Node::text(self.record_type.to_owned())),
        ];
        if !routing.is_empty() {
            members.push(("SetIdentifier".into(), Node::text(identifier.to_owned())));
        }
        members.extend(routing);
        members.extend(target);
        if let Some(check) = member.get("HealthCheck").and_then(Node::as_text) {
            let at = self.output.next_record_set().key("HealthCheckId");
            self.output.map.add(at, self.origin(&from.clone().key("HealthCheck")));
            members.push(("HealthCheckId".into(), Node::text(check.to_owned())));
        }
        let origin = self.origin(from);
        self.output.record_set(members, origin);
    }
}
