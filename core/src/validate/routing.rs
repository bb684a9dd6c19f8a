//! The routing policy of one record set: exactly one, with a SetIdentifier, or none (1.3.2, 1.3.3, 1.4.2, 1.7).

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use super::geography;
use super::live::{self, Shown};
use super::record::{Reader, not_valid};
use super::subject::Subject;
use crate::diagnostic::{Diagnostic, Route53Error};
use crate::limits::{SET_IDENTIFIER_CHARACTERS_MAX, WEIGHT_MAX};
use crate::model::record::Routing;
use crate::model::{Failover, RecordType, Region, RoutingPolicy};
use crate::parse::RoutingField;

impl<'a> Reader<'a, '_> {
    /// Reads the routing policy; `None` when there is none or more than one.
    pub(super) fn routing(&mut self, subject: Subject<'a, '_>) -> Option<Routing> {
        let given_false = |field: &&RoutingField<'_>| matches!(field, RoutingField::MultiValueAnswer(false));
        let fields = subject.fields;
        let mut policies = fields.routing.iter().filter(|field| !given_false(field));
        let (first, second) = (policies.next(), policies.next());
        let has_false = fields.routing.iter().any(|field| given_false(&field));
        match (first, second) {
            (Some(first), Some(second)) => {
                let message =
                    format_args!("the record set has two routing policies, {} and {}", first.key(), second.key());
                let finding = Diagnostic::cannot("two-routing-policies", message)
                    .help("keep one; to combine policies, point an alias record set that has one policy at a name that uses the other")
                    .error(Route53Error::InvalidInput)
                    .says(self.found(live::POLICY_CHOICE, "more than one", subject));
                finding.at(subject.at(&[second.key()])).add_to(&mut self.out);
                None
            }
            (Some(field), None) => {
                if has_false {
                    self.multivalue_false(subject, Some(field));
                }
                let set_identifier = self.set_identifier(subject, field);
                let policy = self.policy(subject, field);
                let set_identifier = set_identifier?;
                Some(Routing::Member { set_identifier, policy: policy? })
            }
            (None, _) => {
                if has_false {
                    self.multivalue_false(subject, None);
                } else if fields.set_identifier.is_some() && !fields.damaged {
                    let message = "a record set without a routing policy may not have a SetIdentifier";
                    let finding =
                        Diagnostic::refused("set-identifier-without-policy", Route53Error::InvalidInput, message)
                            .help("remove SetIdentifier, or add a policy such as Weight")
                            .says(self.found(live::POLICY_CHOICE, "none", subject));
                    self.policy_missing = Some(self.out.len());
                    finding.at(subject.at(&["SetIdentifier"])).add_to(&mut self.out);
                }
                Some(Routing::Simple)
            }
        }
    }

    /// The API takes `MultiValueAnswer: false` for a policy (8.2).
    #[inline(never)]
    fn multivalue_false(&mut self, subject: Subject<'_, '_>, other: Option<&RoutingField<'_>>) {
        let says = if other.is_some() {
            Some(self.found(live::POLICY_CHOICE, "more than one", subject))
        } else if subject.fields.set_identifier.is_none() {
            Some(self.without_set_identifier(subject))
        } else {
            None
        };
        let message = "MultiValueAnswer may only be true";
        let mut finding = Diagnostic::refused("multivalue-answer-false", Route53Error::InvalidInput, message)
            .help("leave MultiValueAnswer out of record sets with another policy or none");
        finding.route53_message = says;
        if other.is_none() && subject.fields.set_identifier.is_some() {
            self.policy_missing = Some(self.out.len());
        }
        finding.at(subject.at(&["MultiValueAnswer"])).add_to(&mut self.out);
    }

    fn without_set_identifier(&self, subject: Subject<'_, '_>) -> String {
        let change = live::change(self.documents, subject.fields);
        format!("Invalid request: Missing field 'SetIdentifier' in {change}")
    }

    #[inline(never)]
    fn set_identifier(&mut self, subject: Subject<'_, '_>, policy: &RoutingField<'_>) -> Option<Box<str>> {
        let Some(text) = &subject.fields.set_identifier else {
            if !subject.fields.damaged {
                let message = format_args!("a record set with {} needs a SetIdentifier", policy.key());
                let finding = Diagnostic::cannot("set-identifier-missing", message)
                    .help("give one that no other record set of this name and type has")
                    .error(Route53Error::InvalidInput)
                    .says(self.without_set_identifier(subject));
                finding.at(subject.fields.base.place()).add_to(&mut self.out);
            }
            return None;
        };
        // Bytes are at least characters, so that the count is made only for one that may be too long.
        let too_long =
            text.len() > SET_IDENTIFIER_CHARACTERS_MAX && text.chars().count() > SET_IDENTIFIER_CHARACTERS_MAX;
        if too_long || text.is_empty() {
            let message = format_args!("a SetIdentifier has 1 to {SET_IDENTIFIER_CHARACTERS_MAX} characters");
            let finding = Diagnostic::refused("set-identifier-length", Route53Error::InvalidInput, message)
                .help(if too_long { "shorten it" } else { "give one that distinguishes the members of the group" });
            finding.at(subject.at(&["SetIdentifier"])).add_to(&mut self.out);
        }
        Some((&**text).into())
    }

    #[inline(never)]
    fn policy(&mut self, subject: Subject<'a, '_>, field: &'a RoutingField<'a>) -> Option<RoutingPolicy> {
        self.check_type(subject, field);
        let out = &mut self.out;
        match field {
            RoutingField::Weight(weight) => match u8::try_from(*weight) {
                Ok(weight) => Some(RoutingPolicy::Weighted(weight)),
                Err(_) => {
                    let message =
                        format_args!("a Weight is a whole number from 0 to {WEIGHT_MAX}; this one is {weight}");
                    let bound = if *weight < 0 { ("minInclusive", 0) } else { ("maxInclusive", WEIGHT_MAX) };
                    let finding = Diagnostic::cannot("weight-out-of-range", message)
                        .help("weights count in proportion to each other: scale them all down")
                        .says(not_valid(*weight, bound));
                    finding.error(Route53Error::InvalidInput).at(subject.at(&["Weight"])).add_to(out);
                    None
                }
            },
            RoutingField::Region(code) => {
                let region = Region::parse(code);
                if region.is_none() {
                    let code = Shown(code);
                    let finding = Diagnostic::cannot("region-unknown", format_args!("`{code}` is not an AWS Region"))
                        .help("use a Region code such as us-east-1")
                        .error(Route53Error::InvalidChangeBatch)
                        .says(format_args!("Cannot find region '{code}'. No changes made."));
                    finding.at(subject.at(&["Region"])).add_to(out);
                }
                region.map(RoutingPolicy::Latency)
            }
            RoutingField::Failover(word) => {
                let role = [Failover::Primary, Failover::Secondary].into_iter().find(|role| role.as_str() == word);
                if role.is_none() {
                    let word = Shown(word);
                    let finding =
                        Diagnostic::cannot("failover-unknown", format_args!("`{word}` is not a failover role"))
                            .help("use PRIMARY or SECONDARY")
                            .error(Route53Error::InvalidInput)
                            .says(live::not_one_of(word.0, "PRIMARY, SECONDARY"));
                    finding.at(subject.at(&["Failover"])).add_to(out);
                }
                role.map(RoutingPolicy::Failover)
            }
            RoutingField::GeoLocation { continent_code, country_code, subdivision_code } => {
                let codes = [continent_code, country_code, subdivision_code].map(Option::as_deref);
                geography::location(subject, codes, out).map(RoutingPolicy::Geolocation)
            }
            RoutingField::GeoProximityLocation(fields) => {
                geography::proximity(subject, fields, out).map(RoutingPolicy::Geoproximity)
            }
            RoutingField::CidrRoutingConfig { collection_id, location_name } => {
                self.in_private_zone(subject);
                let given = (collection_id.as_deref(), location_name.as_deref());
                self.collections.routing(subject, given, self.gaps, &mut self.out).map(RoutingPolicy::IpBased)
            }
            RoutingField::MultiValueAnswer(_) => {
                if subject.fields.alias_target.is_some() {
                    let finding = Diagnostic::cannot("multivalue-alias", "a multivalue answer may not be an alias")
                        .help("give values, or use another policy such as Weight")
                        .error(Route53Error::InvalidChangeBatch)
                        .says("Multivalue answer rrset should not be an alias rrset. No changes made.");
                    finding.at(subject.at(&["AliasTarget"])).add_to(out);
                    return None;
                }
                Some(RoutingPolicy::MultivalueAnswer)
            }
        }
    }

    /// Types that take no policy, or not this one (1.4.2).
    #[inline(never)]
    fn check_type(&mut self, subject: Subject<'_, '_>, field: &RoutingField<'_>) {
        let Some(record_type) = subject.record_type else { return };
        let is_multivalue = matches!(field, RoutingField::MultiValueAnswer(_));
        let finding = match record_type {
            RecordType::Ns | RecordType::Soa => {
                let message = format_args!("record sets of type {record_type} take no routing policy");
                let help = format_args!("remove SetIdentifier and {}", field.key());
                Diagnostic::refused("type-takes-no-policy", Route53Error::InvalidChangeBatch, message).help(help)
            }
            RecordType::Cname if is_multivalue => {
                let message = "record sets of type CNAME take no MultiValueAnswer";
                Diagnostic::refused("multivalue-cname", Route53Error::InvalidChangeBatch, message)
                    .help("use Weight with equal weights: a name has one CNAME at a time")
            }
            RecordType::Ds => {
                let message = "record sets of type DS take no routing policy by the API reference";
                let finding = Diagnostic::lint("ds-with-policy", message)
                    .help("the live service has been seen to accept it; give DS record sets no policy to be safe");
                finding.at(subject.at(&[field.key()])).add_to(&mut self.out);
                return;
            }
            _ => return,
        };
        let says = format_args!("{} cannot be created because this type of RRSet is not supported.", subject.rrset());
        finding.says(says).at(subject.at(&[field.key()])).add_to(&mut self.out);
    }

    #[inline(never)]
    fn in_private_zone(&mut self, subject: Subject<'_, '_>) {
        if self.zone.private {
            let message = "IP-based routing is not available in a private hosted zone";
            let finding = Diagnostic::refused("ip-based-in-private-zone", Route53Error::InvalidChangeBatch, message)
                .help("use another policy, such as geolocation or weighted")
                .says(format_args!(
                    "{} cannot be created because CIDR RRSet is not supported with private hosted zone.",
                    subject.rrset()
                ));
            finding.at(subject.at(&["CidrRoutingConfig"])).add_to(&mut self.out);
        }
    }
}
