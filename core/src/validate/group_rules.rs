//! What must hold between the members of a group (1.3, 1.7, 8.3.4 - 8.3.7, 8.3.13 - 8.3.15).

mod primary;
mod repeats;
#[cfg(test)]
mod tests;
mod wording;

use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use self::wording::{
    beside_other_policy, describe, invalid_set_of_changes, kind, policy, policy_field, set_identifier, shown,
};
use super::group::Groups;
use super::record::Records;
use super::route53_messages::{self, Shown};
use crate::diagnostic::{Class, Diagnostic, Place, Route53Error};
use crate::model::record::Content;
use crate::model::routing::PolicyKind;
use crate::model::{Failover, GeoLocation, Region, ResourceRecordSet, RoutingPolicy};
use crate::parse::SourceArray;
use crate::sort::sort_by_key;

/// Checks every group; returns the numbers of the record sets that repeat another one to the letter, in order.
pub(super) fn check(records: &Records, groups: &Groups<'_>, out: &mut Vec<Diagnostic>) -> Vec<u32> {
    let mut rules = Rules { records, members: Vec::new(), twins: Vec::new(), out };
    for numbers in groups.iter() {
        let is_alone = |set: &ResourceRecordSet| numbers.len() == 1 && kind(set) != PolicyKind::Failover;
        let first = numbers.first().and_then(|number| records.sets.get(*number as usize));
        if first.is_none_or(is_alone) {
            continue;
        }
        rules.members.clear();
        rules.members.extend(numbers.iter().filter_map(|number| Some((*number, records.sets.get(*number as usize)?))));
        // The findings of a batch name its own record sets and not untouched ones, wherever they stand.
        let is_change = |(number, _): &Member<'_>| {
            records.origins.get(*number as usize).is_some_and(|origin| origin.array != SourceArray::ResourceRecordSets)
        };
        sort_by_key(&mut rules.members, is_change);
        rules.group();
    }
    rules.twins.sort_unstable();
    rules.twins
}

/// A record set with its number.
type Member<'r> = (u32, &'r ResourceRecordSet);

struct Rules<'r, 'o> {
    records: &'r Records,
    /// The members of the group at hand, in document order; after the first rule those of its first member's policy.
    members: Vec<Member<'r>>,
    /// Members that repeat another one to the letter.
    twins: Vec<u32>,
    out: &'o mut Vec<Diagnostic>,
}

impl<'r> Rules<'r, '_> {
    #[inline(never)]
    fn group(&mut self) {
        self.primary_has_health();
        if self.members.len() < 2 {
            return;
        }
        self.unique_set_identifiers();
        let Some(shared) = self.one_policy() else { return };
        match shared {
            PolicyKind::Simple => self.one_simple(),
            PolicyKind::Failover => self.unique_roles(),
            PolicyKind::Weighted => self.one_ttl(),
            PolicyKind::Latency => self.unique_regions(),
            PolicyKind::Geolocation => self.unique_places(),
            PolicyKind::IpBased => self.one_collection(),
            PolicyKind::Geoproximity | PolicyKind::MultivalueAnswer => {}
        }
        self.size(shared);
    }

    fn at(&self, number: u32, field: &str) -> Option<Place> {
        self.records.origins.get(number as usize).map(|origin| origin.field(&[field]))
    }

    fn push(&mut self, mut finding: Diagnostic, place: Option<Place>) {
        finding.place = place;
        finding.add_to(self.out);
    }

    #[inline(never)]
    fn unique_set_identifiers(&mut self) {
        let repeats = self.repeats(|set| policy(set).map(|_| set_identifier(set)));
        // What else a repeated member shares with others is the same fault.
        let repeated: Vec<u32> = repeats.iter().map(|(_, (number, _))| *number).collect();
        self.members.retain(|(number, _)| repeated.binary_search(number).is_err());
        for ((_, first), (number, set)) in repeats {
            let text = shown(set);
            let message =
                format_args!("the SetIdentifier `{text}` is given twice for `{}` {}", set.name, set.record_type);
            let finding = self
                .twice("set-identifier-twice", message, first, (number, set))
                .help("give each record set of one name and type its own SetIdentifier")
                .error(Route53Error::InvalidChangeBatch)
                .says(invalid_set_of_changes(set));
            let place = self.at(number, "SetIdentifier");
            self.push(finding, place);
        }
    }

    /// The finding that a record set is there twice. One that repeats the first to the letter takes nothing away from the
    /// answer: it counts once.
    fn twice(
        &mut self,
        code: &'static str,
        message: fmt::Arguments<'_>,
        first: &ResourceRecordSet,
        (number, set): Member<'r>,
    ) -> Diagnostic {
        if set != first {
            return Diagnostic::cannot(code, message);
        }
        self.twins.push(number);
        Diagnostic::refused(code, Route53Error::InvalidChangeBatch, format!("{message}, both times the same"))
    }

    /// Reports that some members' policy is not that of the first (1.3.4), and leaves the others.
    #[inline(never)]
    fn one_policy(&mut self) -> Option<PolicyKind> {
        let has_policy = |(number, _): &&Member<'r>| !self.records.without_policy.contains_key(number);
        // A batch's findings name its own record sets, wherever they stand.
        let was_there = |(number, _): &&Member<'r>| {
            self.records
                .origins
                .get(*number as usize)
                .is_some_and(|origin| origin.array == SourceArray::ResourceRecordSets)
        };
        let mut with_policy = self.members.iter().filter(has_policy);
        let (_, first) =
            with_policy.clone().find(was_there).or_else(|| with_policy.next()).or_else(|| self.members.first())?;
        let shared = kind(first);
        let mut others = self.members.iter().filter(|(_, set)| kind(set) != shared);
        // A member that forgot its policy has its own finding already, and now it matters.
        let mut other = None;
        for member in others.by_ref() {
            match self.records.without_policy.get(&member.0).and_then(|finding| self.out.get_mut(*finding)) {
                Some(finding) => finding.class = Class::CannotBeEvaluated,
                None => other = other.or(Some(*member)),
            }
        }
        if let Some((number, set)) = other {
            let message = format_args!(
                "`{}` {} has {} and {} record sets side by side",
                set.name,
                set.record_type,
                shared.as_str(),
                kind(set).as_str()
            );
            let help = "give all record sets of one name and type one policy; to combine two, lead aliases to other \
                        names";
            let mut finding = Diagnostic::cannot("mixed-routing-policies", message)
                .help(help)
                .error(Route53Error::InvalidChangeBatch);
            finding.route53_message = beside_other_policy(set);
            let place = self.at(number, policy_field(set));
            self.push(finding, place);
        }
        self.members.retain(|(_, set)| kind(set) == shared);
        Some(shared)
    }

    #[inline(never)]
    fn one_simple(&mut self) {
        let Some((_, first)) = self.members.first().copied() else { return };
        let repeats: Vec<_> = self.members.iter().skip(1).copied().collect();
        for (number, set) in repeats {
            if let Some(finding) = self.records.without_policy.get(&number).and_then(|at| self.out.get_mut(*at)) {
                finding.class = Class::CannotBeEvaluated;
                continue;
            }
            let message = format_args!("`{}` {} is given twice without a routing policy", set.name, set.record_type);
            let finding = self
                .twice("simple-twice", message, first, (number, set))
                .help("put the values into one record set, or give each a routing policy and a SetIdentifier")
                .error(Route53Error::InvalidChangeBatch)
                .says(invalid_set_of_changes(set));
            let place = self.at(number, "Name");
            self.push(finding, place);
        }
    }

    #[inline(never)]
    fn unique_roles(&mut self) {
        let role = |set: &'r ResourceRecordSet| match policy(set) {
            Some(RoutingPolicy::Failover(role)) => Some(role.as_str()),
            _ => None,
        };
        for (_, (number, set)) in self.repeats(role) {
            let role = role(set).unwrap_or(Failover::Primary.as_str());
            let message = format_args!("`{}` {} has two {role} record sets", set.name, set.record_type);
            let finding = Diagnostic::cannot("failover-role-twice", message)
                .help("keep one PRIMARY and one SECONDARY; for more than two, lead an alias to another failover group")
                .error(Route53Error::InvalidChangeBatch);
            let place = self.at(number, "Failover");
            self.push(finding, place);
        }
    }

    /// Non-alias weighted members have one TTL (1.5.3).
    #[inline(never)]
    fn one_ttl(&mut self) {
        let ttl = |set: &ResourceRecordSet| match &set.content {
            Content::Values { ttl, .. } => Some(*ttl),
            Content::Alias(_) => None,
        };
        let mut with_ttl = self.members.iter().filter_map(|(number, set)| Some((*number, *set, ttl(set)?)));
        let Some((_, first, shared)) = with_ttl.next() else { return };
        let Some((number, set, other)) = with_ttl.find(|(.., ttl)| *ttl != shared) else { return };
        let message = format_args!(
            "weighted record sets have one TTL; `{}` has {shared} and `{}` has {other}",
            shown(first),
            shown(set)
        );
        let finding = Diagnostic::refused("weighted-ttl-differs", Route53Error::InvalidChangeBatch, message)
            .help("give all weighted record sets of one name and type the same TTL, in one change batch")
            .says(format_args!(
                "{} cannot be created as weighted sets must contain the same TTL.",
                route53_messages::rrset_of(set)
            ));
        let place = self.at(number, "TTL");
        self.push(finding, place);
    }

    #[inline(never)]
    fn unique_regions(&mut self) {
        let region = |set: &'r ResourceRecordSet| match policy(set) {
            Some(RoutingPolicy::Latency(region)) => Some(*region),
            _ => None,
        };
        for ((_, first), (number, set)) in self.repeats(region) {
            let code = region(set).map_or("", Region::as_str);
            let message = format_args!("`{}` {} has two latency record sets for {code}", set.name, set.record_type);
            let finding = Diagnostic::refused("latency-region-twice", Route53Error::InvalidChangeBatch, message)
                .help(format_args!(
                    "keep one, or lead one alias for {code} to a weighted group; `{}` is first",
                    shown(first)
                ))
                .says(format_args!(
                    "{}, and Region Name={code} cannot be created because a latency RRSet with the same name, type \
                     and region already exists.",
                    route53_messages::rrset_of(set)
                ));
            let place = self.at(number, "Region");
            self.push(finding, place);
        }
    }

    #[inline(never)]
    fn unique_places(&mut self) {
        let place = |set: &'r ResourceRecordSet| match policy(set) {
            Some(RoutingPolicy::Geolocation(place)) => Some(*place),
            _ => None,
        };
        for ((_, first), (number, set)) in self.repeats(place) {
            let place = place(set).unwrap_or(GeoLocation::Default);
            let message = format_args!(
                "`{}` {} has two geolocation record sets for {}",
                set.name,
                set.record_type,
                describe(place)
            );
            let routing = route53_messages::place(place);
            let finding = Diagnostic::cannot("geolocation-place-twice", message)
                .help(format_args!("keep one place a record set; `{}` has it already", shown(first)))
                .error(Route53Error::InvalidChangeBatch)
                .says(format_args!(
                    "{}, and routing to {routing} cannot be created because a GEO RRSet with the same name, type and \
                     routing to {routing} already exists.",
                    route53_messages::rrset_of(set)
                ));
            let at = self.at(number, "GeoLocation");
            self.push(finding, at);
        }
    }

    /// One collection a group (4.7.5), one record set a location.
    #[inline(never)]
    fn one_collection(&mut self) {
        let config = |set: &'r ResourceRecordSet| match policy(set) {
            Some(RoutingPolicy::IpBased(config)) => Some(config),
            _ => None,
        };
        let Some(first) = self.members.first().and_then(|(_, set)| config(set)) else { return };
        let other = self.members.iter().find_map(|(number, set)| {
            let config = config(set)?;
            (config.collection != first.collection).then_some((*number, *set))
        });
        if let Some((number, set)) = other {
            let message =
                format_args!("the record sets of `{}` {} name two CIDR collections", set.name, set.record_type);
            let finding = Diagnostic::cannot("cidr-collections-differ", message)
                .help("put the locations of one group into one collection")
                .error(Route53Error::InvalidChangeBatch);
            let place = self.at(number, "CidrRoutingConfig");
            self.push(finding, place);
            return;
        }
        for (_, (number, set)) in self.repeats(|set| config(set).map(|config| &config.location)) {
            let location = Shown(config(set).and_then(|config| config.location.as_deref()).unwrap_or("*"));
            let message =
                format_args!("`{}` {} has two record sets for the location `{location}`", set.name, set.record_type);
            let finding = Diagnostic::cannot("cidr-location-twice", message)
                .help("keep one record set a location")
                .error(Route53Error::InvalidChangeBatch);
            let place = self.at(number, "CidrRoutingConfig");
            self.push(finding, place);
        }
    }

    #[inline(never)]
    fn size(&mut self, shared: PolicyKind) {
        let Some(limit) = shared.members_max() else { return };
        let Some((number, set)) = self.members.get(limit).copied() else { return };
        let count = self.members.len();
        let kind = shared.as_str();
        let message = format_args!(
            "`{}` {} has {count} {kind} record sets; at most {limit} are allowed",
            set.name, set.record_type
        );
        let mut finding = Diagnostic::refused("group-too-large", Route53Error::InvalidChangeBatch, message)
            .help("spread them over several names, and lead aliases to these");
        let live_kind = match shared {
            PolicyKind::Weighted => Some("weighted"),
            PolicyKind::Geoproximity => Some("geo-proximity"),
            PolicyKind::Simple
            | PolicyKind::Failover
            | PolicyKind::Latency
            | PolicyKind::Geolocation
            | PolicyKind::IpBased
            | PolicyKind::MultivalueAnswer => None,
        };
        finding.route53_message = live_kind.map(|kind| {
            let name = route53_messages::name(set.name.as_ref());
            format!("Exceeded limit on number of {kind} RRSets for {name}, type {} in this zone.", set.record_type)
        });
        let place = self.at(number, "SetIdentifier");
        self.push(finding, place);
    }
}
