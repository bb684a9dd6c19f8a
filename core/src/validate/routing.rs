//! The routing policy of one record set: exactly one, with a SetIdentifier, or none (1.3.2, 1.3.3, 1.4.2, 1.7).

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use super::context::RecordSetContext;
use super::geography;
use super::record::{Reader, not_valid};
use super::route53_messages::{self, Shown};
use crate::diagnostic::{Diagnostic, Route53Error};
use crate::limits::{SET_IDENTIFIER_CHARACTERS_MAX, WEIGHT_MAX};
use crate::model::record::Routing;
use crate::model::{Failover, RecordType, Region, RoutingPolicy};
use crate::parse::RoutingField;

impl<'a> Reader<'a, '_> {
    /// Reads the routing policy; `None` when there is none or more than one.
    pub(super) fn routing(&mut self, context: RecordSetContext<'a, '_>) -> Option<Routing> {
        let given_false = |field: &&RoutingField<'_>| matches!(field, RoutingField::MultiValueAnswer(false));
        let fields = context.fields;
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
                    .says(self.found(route53_messages::POLICY_CHOICE, "more than one", context));
                finding.at(context.at(&[second.key()])).add_to(&mut self.out);
                None
            }
            (Some(field), None) => {
                if has_false {
                    self.multivalue_false(context, Some(field));
                }
                let set_identifier = self.set_identifier(context, field);
                let policy = self.policy(context, field);
                let set_identifier = set_identifier?;
                Some(Routing::Member { set_identifier, policy: policy? })
            }
            (None, _) => {
                if has_false {
                    self.multivalue_false(context, None);
                } else if fields.set_identifier.is_some() && !fields.damaged {
                    let message = "a record set without a routing policy may not have a SetIdentifier";
                    let finding =
                        Diagnostic::refused("set-identifier-without-policy", Route53Error::InvalidInput, message)
                            .help("remove SetIdentifier, or add a policy such as Weight")
                            .says(self.found(route53_messages::POLICY_CHOICE, "none", context));
                    self.policy_missing = Some(self.out.len());
                    finding.at(context.at(&["SetIdentifier"])).add_to(&mut self.out);
                }
                Some(Routing::Simple)
            }
        }
    }

    /// The API takes `MultiValueAnswer: false` for a policy (8.2).
    #[inline(never)]
    fn multivalue_false(&mut self, context: RecordSetContext<'_, '_>, other: Option<&RoutingField<'_>>) {
        let says = if other.is_some() {
            Some(self.found(route53_messages::POLICY_CHOICE, "more than one", context))
        } else if context.fields.set_identifier.is_none() {
            Some(self.without_set_identifier(context))
        } else {
            None
        };
        let message = "MultiValueAnswer may only be true";
        let mut finding = Diagnostic::refused("multivalue-answer-false", Route53Error::InvalidInput, message)
            .help("leave MultiValueAnswer out of record sets with another policy or none");
        finding.route53_message = says;
        if other.is_none() && context.fields.set_identifier.is_some() {
            self.policy_missing = Some(self.out.len());
        }
        finding.at(context.at(&["MultiValueAnswer"])).add_to(&mut self.out);
    }

    fn without_set_identifier(&self, context: RecordSetContext<'_, '_>) -> String {
        let change = route53_messages::change(self.documents, context.fields);
        format!("Invalid request: Missing field 'SetIdentifier' in {change}")
    }

    #[inline(never)]
    fn set_identifier(&mut self, context: RecordSetContext<'_, '_>, policy: &RoutingField<'_>) -> Option<Box<str>> {
        let Some(text) = &context.fields.set_identifier else {
            if !context.fields.damaged {
                let message = format_args!("a record set with {} needs a SetIdentifier", policy.key());
                let finding = Diagnostic::cannot("set-identifier-missing", message)
                    .help("give one that no other record set of this name and type has")
                    .error(Route53Error::InvalidInput)
                    .says(self.without_set_identifier(context));
                finding.at(context.fields.origin.place()).add_to(&mut self.out);
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
            finding.at(context.at(&["SetIdentifier"])).add_to(&mut self.out);
        }
        Some((&**text).into())
    }

    #[inline(never)]
    fn policy(&mut self, context: RecordSetContext<'a, '_>, field: &'a RoutingField<'a>) -> Option<RoutingPolicy> {
        self.check_type(context, field);
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
                    finding.error(Route53Error::InvalidInput).at(context.at(&["Weight"])).add_to(out);
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
                    finding.at(context.at(&["Region"])).add_to(out);
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
                            .says(route53_messages::not_one_of(word.0, "PRIMARY, SECONDARY"));
                    finding.at(context.at(&["Failover"])).add_to(out);
                }
                role.map(RoutingPolicy::Failover)
            }
            RoutingField::GeoLocation { continent_code, country_code, subdivision_code } => {
                let codes = [continent_code, country_code, subdivision_code].map(Option::as_deref);
                geography::location(context, codes, out).map(RoutingPolicy::Geolocation)
            }
            RoutingField::GeoProximityLocation(fields) => {
                geography::proximity(context, fields, out).map(RoutingPolicy::Geoproximity)
            }
            RoutingField::CidrRoutingConfig { collection_id, location_name } => {
                self.in_private_zone(context);
                let given = (collection_id.as_deref(), location_name.as_deref());
                self.collections.routing(context, given, self.gaps, &mut self.out).map(RoutingPolicy::IpBased)
            }
            RoutingField::MultiValueAnswer(_) => {
                if context.fields.alias_target.is_some() {
                    let finding = Diagnostic::cannot("multivalue-alias", "a multivalue answer may not be an alias")
                        .help("give values, or use another policy such as Weight")
                        .error(Route53Error::InvalidChangeBatch)
                        .says("Multivalue answer rrset should not be an alias rrset. No changes made.");
                    finding.at(context.at(&["AliasTarget"])).add_to(out);
                    return None;
                }
                Some(RoutingPolicy::MultivalueAnswer)
            }
        }
    }

    /// Types that take no policy, or not this one (1.4.2).
    #[inline(never)]
    fn check_type(&mut self, context: RecordSetContext<'_, '_>, field: &RoutingField<'_>) {
        let Some(record_type) = context.record_type else { return };
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
                finding.at(context.at(&[field.key()])).add_to(&mut self.out);
                return;
            }
            _ => return,
        };
        let says = format_args!("{} cannot be created because this type of RRSet is not supported.", context.rrset());
        finding.says(says).at(context.at(&[field.key()])).add_to(&mut self.out);
    }

    #[inline(never)]
    fn in_private_zone(&mut self, context: RecordSetContext<'_, '_>) {
        if self.zone.private {
            let message = "IP-based routing is not available in a private hosted zone";
            let finding = Diagnostic::refused("ip-based-in-private-zone", Route53Error::InvalidChangeBatch, message)
                .help("use another policy, such as geolocation or weighted")
                .says(format_args!(
                    "{} cannot be created because CIDR RRSet is not supported with private hosted zone.",
                    context.rrset()
                ));
            finding.at(context.at(&["CidrRoutingConfig"])).add_to(&mut self.out);
        }
    }
}
