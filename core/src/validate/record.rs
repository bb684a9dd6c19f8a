//! One record set by itself: shape, name, type, content (8.2, 1.1 - 1.6). What it means beside others comes later.

mod records;
#[cfg(test)]
mod tests;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) use self::records::Records;
use super::aws_resource::AwsResources;
use super::cidr::Collections;
use super::context::RecordSetContext;
use super::gaps::Gaps;
use super::health_checks::HealthChecks;
use super::route53_messages::{self, Shown};
use super::values::check_values;
use super::zone::Identity;
use crate::diagnostic::{Diagnostic, Place, Route53Error};
use crate::limits::{HEALTH_CHECK_ID_CHARACTERS_MAX, TTL_SECONDS_MAX};
use crate::model::record::{Content, Routing};
use crate::model::{NameBuf, NameError, NameRef, RecordType, ResourceRecordSet};
use crate::parse::{Document, RecordSetFields, SourceArray};

/// Reads record sets one by one.
pub(super) struct Reader<'a, 'z> {
    pub(super) documents: &'a [&'a Document<'a>],
    pub(super) gaps: &'z Gaps<'z>,
    pub(super) zone: &'z Identity,
    pub(super) health_checks: HealthChecks<'a>,
    pub(super) collections: Collections<'a>,
    pub(super) resources: AwsResources,
    pub(super) records: Records,
    /// The finding that the record set at hand has a SetIdentifier but no policy.
    pub(super) policy_missing: Option<usize>,
    pub(super) out: Vec<Diagnostic>,
}

impl<'a, 'z> Reader<'a, 'z> {
    pub(super) fn new(
        documents: &'a [&'a Document<'a>],
        gaps: &'z Gaps<'z>,
        zone: &'z Identity,
        (health_checks, collections, resources): (HealthChecks<'a>, Collections<'a>, AwsResources),
        count: usize,
        out: Vec<Diagnostic>,
    ) -> Self {
        let mut records = Records::default();
        records.sets.reserve(count);
        records.origins.reserve(count);
        Self { documents, gaps, zone, health_checks, collections, resources, records, policy_missing: None, out }
    }

    /// Reads one record set; whatever is wrong with it is reported.
    pub(super) fn read(&mut self, fields: &'a RecordSetFields<'a>) {
        if fields.name.is_none() && fields.record_type.is_none() {
            self.missing(fields, "record-set-incomplete", "Name and no Type");
            self.records.lost.add(None, None);
            return;
        }
        let name = self.name(fields);
        let record_type = self.record_type(fields);
        let name = name.as_ref().map(NameBuf::as_ref);
        let context = RecordSetContext { fields, name, record_type };
        if let Some(name) = name.filter(|name| !self.zone.contains(*name)) {
            if !self.zone.is_foreign {
                self.outside_zone(context, name);
            }
            return;
        }
        let routing = self.routing(context);
        let content = self.content(context);
        let health_check = fields.health_check_id.as_deref().map(|id| self.health_check(context, id));
        match (name, record_type, routing, content) {
            (Some(name), Some(record_type), Some(routing), Some(content)) if !fields.damaged => {
                let set = ResourceRecordSet { name: name.to_name(), record_type, routing, content, health_check };
                self.check_fields_against_each_other(context, &set);
                if let Some(finding) = self.policy_missing.take() {
                    self.records.without_policy.insert(self.records.sets.len() as u32, finding);
                }
                self.records.sets.push(set);
                self.records.origins.push(fields.origin);
            }
            _ => {
                self.policy_missing = None;
                self.records.lost.add(name, record_type);
            }
        }
    }

    fn name(&mut self, fields: &RecordSetFields<'_>) -> Option<NameBuf> {
        let Some(text) = &fields.name else {
            self.missing(fields, "name-missing", "Name");
            return None;
        };
        let error = match NameBuf::parse(text) {
            Ok(name) => return Some(name),
            Err(error) => error,
        };
        let (refusal, says) = route53_messages::not_a_name(text, error);
        let text = Shown(text);
        let mut finding = match error {
            NameError::NeedsEscape(127..) => Diagnostic::cannot("name-not-punycode", format_args!("`{text}`: {error}"))
                .help("write the name in Punycode, such as xn--bcher-kva.example for b\u{fc}cher.example"),
            NameError::Empty => {
                Diagnostic::cannot("name-malformed", "the name is empty").help("give the record set's full name")
            }
            NameError::NeedsEscape(_) | NameError::BadEscape => {
                Diagnostic::cannot("name-malformed", format_args!("`{text}` is not a domain name: {error}"))
                    .help("write such a byte as a backslash and three octal digits, such as \\052 for an asterisk")
            }
            NameError::EmptyLabel | NameError::LabelTooLong | NameError::TooLong => {
                Diagnostic::cannot("name-malformed", format_args!("`{text}` is not a domain name: {error}"))
                    .help("give labels of 1 to 63 bytes with single dots between them, 253 characters in all")
            }
        };
        finding.route53_message = says;
        finding.error(refusal).at(fields.origin.field(&["Name"])).add_to(&mut self.out);
        None
    }

    fn record_type(&mut self, fields: &RecordSetFields<'_>) -> Option<RecordType> {
        let Some(text) = &fields.record_type else {
            self.missing(fields, "type-missing", "Type");
            return None;
        };
        let record_type = RecordType::parse(text);
        match record_type {
            Some(record_type) if record_type.as_str() == text => {}
            _ => self.type_is_none(fields, text, record_type),
        }
        record_type
    }

    /// A type that Route 53 does not have, or has in capital letters alone (1.4.1).
    #[inline(never)]
    fn type_is_none(&mut self, fields: &RecordSetFields<'_>, text: &str, meant: Option<RecordType>) {
        let shown = Shown(text);
        let finding = match meant {
            Some(meant) => {
                let message = format_args!("record types are written in capital letters, and `{shown}` is not");
                Diagnostic::refused("type-case", Route53Error::InvalidInput, message)
                    .help(format_args!("write it {meant}"))
            }
            None => Diagnostic::cannot("type-unknown", format_args!("`{shown}` is not a record type of Route 53"))
                .help("use one of A AAAA CAA CNAME DS HTTPS MX NAPTR NS PTR SOA SPF SRV SSHFP SVCB TLSA TXT")
                .error(Route53Error::InvalidInput),
        };
        let words: Vec<&str> = RecordType::ALL.into_iter().map(RecordType::as_str).collect();
        finding
            .says(route53_messages::not_one_of(text, &words.join(", ")))
            .at(fields.origin.field(&["Type"]))
            .add_to(&mut self.out);
    }

    fn missing(&mut self, fields: &RecordSetFields<'_>, code: &'static str, field: &str) {
        if !fields.damaged {
            let finding = Diagnostic::cannot(code, format!("the record set has no {field}"))
                .help(format_args!("give its {field}"))
                .error(Route53Error::InvalidInput);
            finding.at(fields.origin.place()).add_to(&mut self.out);
        }
    }

    #[inline(never)]
    fn outside_zone(&mut self, context: RecordSetContext<'_, '_>, name: NameRef<'_>) {
        let Some(apex) = &self.zone.name else { return };
        let left_out = if is_change(context.fields) { "" } else { "; the record set is left out" };
        let message = format_args!("`{name}` does not lie in the zone `{apex}`{left_out}");
        let finding = Diagnostic::refused("name-outside-zone", Route53Error::InvalidChangeBatch, message)
            .help(format_args!("names are always fully qualified: end it with `{apex}`, or move it to its own zone"))
            .says(format_args!("RRSet with DNS name {} is not permitted in zone {apex}", route53_messages::name(name)));
        finding.at(context.at(&["Name"])).add_to(&mut self.out);
    }

    /// Values with a TTL, or an alias with neither (1.5.1, 1.5.2).
    fn content(&mut self, context: RecordSetContext<'a, '_>) -> Option<Content> {
        let fields = context.fields;
        // Some tools print an empty list beside every alias, which a change may not have.
        let is_kept =
            |values: &&[Cow<'_, str>]| !values.is_empty() || (is_change(fields) && fields.alias_target.is_some());
        let values = fields.resource_records.as_deref().filter(is_kept);
        // With a TTL or an alias target, the listing says what the policy came to.
        let is_told = fields.ttl.is_some() && values.is_some() || fields.alias_target.is_some();
        if let Some(instance) = fields.traffic_policy_instance_id.as_deref().filter(|_| !is_told && !is_change(fields))
        {
            self.of_traffic_policy(context, instance);
            return None;
        }
        let traffic_policy = fields.traffic_policy_instance_id.is_some();
        if traffic_policy && is_change(fields) && (values.is_some() || fields.alias_target.is_some()) {
            let message = "the change gives both content and a TrafficPolicyInstanceId";
            let finding = Diagnostic::refused("traffic-policy-with-content", Route53Error::InvalidInput, message)
                .help("leave TrafficPolicyInstanceId out")
                .says(self.found(route53_messages::CONTENT_CHOICE, "more than one", context));
            finding.at(context.at(&["TrafficPolicyInstanceId"])).add_to(&mut self.out);
        }
        if let Some(alias) = fields.alias_target.as_deref() {
            if values.is_some() {
                let is_empty = values.is_some_and(<[_]>::is_empty);
                let says = match is_empty {
                    true => route53_messages::incomplete("ResourceRecords", "ResourceRecord"),
                    false => self.found(route53_messages::CONTENT_CHOICE, "more than one", context),
                };
                let finding =
                    Diagnostic::cannot("alias-with-values", "the record set has both an alias target and values")
                        .help("keep AliasTarget, or keep TTL and ResourceRecords")
                        .error(Route53Error::InvalidInput)
                        .says(says);
                finding.at(context.at(&["ResourceRecords"])).add_to(&mut self.out);
                return None;
            }
            if fields.ttl.is_some() {
                let message = "an alias has no TTL of its own: it answers with its target's";
                let finding = Diagnostic::refused("alias-with-ttl", Route53Error::InvalidInput, message)
                    .help("remove TTL")
                    .says(self.found(route53_messages::CONTENT_CHOICE, "more than one", context));
                finding.at(context.at(&["TTL"])).add_to(&mut self.out);
            }
            return self.alias(context, alias);
        }
        let Some(values) = values else {
            self.without_content(context);
            return None;
        };
        if let Some(record_type) = context.record_type {
            let place = |index: usize| {
                let list = context.at(&["ResourceRecords"]);
                Place::new(list.document, list.path.index(index).key("Value"))
            };
            check_values(record_type, values, place, &mut self.out);
        }
        let ttl = self.ttl(context)?;
        let values = values.iter().map(|value| Box::from(&**value)).collect();
        Some(Content::Values { ttl, values })
    }

    #[inline(never)]
    fn ttl(&mut self, context: RecordSetContext<'_, '_>) -> Option<u32> {
        let Some(ttl) = context.fields.ttl else {
            if !context.fields.damaged {
                let finding = Diagnostic::cannot("ttl-missing", "the record set has values but no TTL")
                    .help("give a TTL in seconds, such as 60")
                    .error(Route53Error::InvalidInput)
                    .says(self.found(route53_messages::CONTENT_CHOICE, "none", context));
                finding.at(context.fields.origin.place()).add_to(&mut self.out);
            }
            return None;
        };
        let valid = u32::try_from(ttl).ok().filter(|_| ttl <= TTL_SECONDS_MAX);
        if valid.is_none() {
            let bound = if ttl < 0 { ("minInclusive", 0) } else { ("maxInclusive", TTL_SECONDS_MAX) };
            let message = format_args!("a TTL is 0 to {TTL_SECONDS_MAX} seconds; this one is {ttl}");
            let finding = Diagnostic::cannot("ttl-out-of-range", message).help("give a TTL in seconds, such as 60");
            finding
                .error(Route53Error::InvalidInput)
                .says(not_valid(ttl, bound))
                .at(context.at(&["TTL"]))
                .add_to(&mut self.out);
        }
        valid
    }

    #[inline(never)]
    fn without_content(&mut self, context: RecordSetContext<'_, '_>) {
        if context.fields.damaged {
            return;
        }
        let says = match context.fields.resource_records {
            Some(_) => route53_messages::incomplete("ResourceRecords", "ResourceRecord"),
            None => self.found(route53_messages::CONTENT_CHOICE, "none", context),
        };
        let finding = Diagnostic::cannot("content-missing", "the record set has neither values nor an alias target")
            .help("give TTL and ResourceRecords with at least one value, or give AliasTarget")
            .error(Route53Error::InvalidInput)
            .says(says);
        finding.at(context.fields.origin.place()).add_to(&mut self.out);
    }

    /// A record set that a traffic policy made: what stands beside its instance's id in a listing is not its content.
    #[inline(never)]
    fn of_traffic_policy(&mut self, context: RecordSetContext<'_, '_>, instance: &str) {
        let message = format_args!(
            "the record set is made by the traffic policy instance `{}`, and a listing does not say what it answers",
            Shown(instance)
        );
        let finding = Diagnostic::cannot("traffic-policy-instance", message)
            .help("give the record sets that the policy stands for in its place; other names are answered without it");
        finding.at(context.at(&["TrafficPolicyInstanceId"])).add_to(&mut self.out);
    }

    /// `Invalid request: CHOICE, but found none in Change with [...]`
    pub(super) fn found(&self, choice: &str, found: &str, context: RecordSetContext<'_, '_>) -> String {
        let change = route53_messages::change(self.documents, context.fields);
        format!("Invalid request: {choice}, but found {found} in {change}")
    }

    #[inline(never)]
    fn health_check(&mut self, context: RecordSetContext<'a, '_>, id: &'a str) -> u32 {
        if id.len() > HEALTH_CHECK_ID_CHARACTERS_MAX && id.chars().count() > HEALTH_CHECK_ID_CHARACTERS_MAX {
            let message = format_args!("a HealthCheckId has at most {HEALTH_CHECK_ID_CHARACTERS_MAX} characters");
            let finding = Diagnostic::refused("health-check-id-too-long", Route53Error::InvalidInput, message)
                .help("give the Id that list-health-checks prints");
            finding.at(context.at(&["HealthCheckId"])).add_to(&mut self.out);
            return self.health_checks.find(id).0;
        }
        let place = || context.at(&["HealthCheckId"]);
        self.health_checks.used_by_record(id, place, self.gaps, &mut self.out)
    }

    /// Rules that look at several fields of one good record set.
    fn check_fields_against_each_other(&mut self, context: RecordSetContext<'_, '_>, set: &ResourceRecordSet) {
        let name = set.name.as_ref();
        if set.record_type == RecordType::Cname && self.zone.is_apex(name) {
            self.cname_at_apex(context, name);
        }
        if set.record_type == RecordType::Ns && name.is_wildcard() {
            let message = "an NS record set may not be a wildcard";
            let finding = Diagnostic::refused("wildcard-ns", Route53Error::InvalidChangeBatch, message)
                .help("delegate each name by itself")
                .says("Changing wildcard NS record sets are not supported. No changes made.");
            finding.at(context.at(&["Name"])).add_to(&mut self.out);
        }
        let is_simple = matches!(set.routing, Routing::Simple);
        if is_simple && set.health_check.is_some() && self.policy_missing.is_none() {
            let message = "a record set without a routing policy may not have a health check";
            let help = "add a routing policy, such as Failover with a SECONDARY, or remove HealthCheckId: a single \
                        record set is answered whatever its health";
            let finding = Diagnostic::refused("simple-with-health-check", Route53Error::InvalidChangeBatch, message)
                .help(help)
                .says(
                    "DNS name must have alternate ResourceRecordSet responses configured via a routing policy (e.g., \
                     Weight, Region, etc.) if a health check is attached. No changes made.",
                );
            finding.at(context.at(&["HealthCheckId"])).add_to(&mut self.out);
        }
    }

    fn cname_at_apex(&mut self, context: RecordSetContext<'_, '_>, name: NameRef<'_>) {
        let finding = Diagnostic::refused(
            "cname-at-apex",
            Route53Error::InvalidChangeBatch,
            "the zone's apex may not be a CNAME",
        )
        .help("use an alias of type A or AAAA, which may stand at the apex")
        .says(format_args!("RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {name}"));
        finding.at(context.at(&["Type"])).add_to(&mut self.out);
    }
}

/// Whether a change batch brings the record set.
fn is_change(fields: &RecordSetFields<'_>) -> bool {
    fields.origin.array != SourceArray::ResourceRecordSets
}

/// How the live service words a number outside its range.
pub(super) fn not_valid(value: i64, (bound, limit): (&str, i64)) -> String {
    format!("Invalid XML ; cvc-{bound}-valid: Value '{value}' is not facet-valid with respect to {bound} '{limit}'")
}
