//! Whether the arrays of an image fit together, number by number.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Section;
use crate::compile::names::Names;
use crate::compile::prefix::PrefixTable;
use crate::compile::records::{
    Check, CheckKind, Group, LatencyIndex, Locations, NONE, Place, Record, Resource, RoutingValue, Target,
};
use crate::compile::text::Texts;
use crate::model::routing::PolicyKind;
use crate::model::{Name, RecordType};

/// The arrays as an image has them.
pub(super) struct Arrays {
    pub(super) name: Name,
    pub(super) private: bool,
    pub(super) negative_ttl: u32,
    pub(super) names: Names,
    pub(super) groups: Vec<Group>,
    pub(super) records: Vec<Record>,
    pub(super) texts: Texts,
    pub(super) checks: Vec<Check>,
    pub(super) resources: Vec<Resource>,
    pub(super) places: Vec<Place>,
    pub(super) locations: Vec<Locations>,
    pub(super) latency: Option<LatencyIndex>,
    pub(super) quarantined: Vec<Box<str>>,
}

/// Works out which records belong to which group, and the sums of weights.
pub(super) fn derive(groups: &mut [Group], records: &mut [Record]) {
    let mut first = 0_u32;
    for (number, group) in (0_u32..).zip(groups) {
        group.first = first;
        let mut sum = 0_u32;
        for record in records.iter_mut().skip(first as usize).take(group.count as usize) {
            record.group = number;
            if let RoutingValue::Weight { cumulative, weight } = &mut record.routing {
                sum = sum.saturating_add(u32::from(*weight));
                *cumulative = sum;
            }
        }
        first = first.saturating_add(group.count);
    }
}

type Verdict = Result<(), &'static str>;

/// What has to hold of a section.
type Rule = (Section, fn(&Arrays) -> Verdict);

/// An error unless something holds.
fn holds(is_so: bool, fault: &'static str) -> Verdict {
    if is_so { Ok(()) } else { Err(fault) }
}

impl Arrays {
    pub(super) fn check(&self) -> Result<(), (Section, &'static str)> {
        let rules: [Rule; 7] = [
            (Section::Names, Self::check_names),
            (Section::Groups, Self::check_groups),
            (Section::Records, Self::check_records),
            (Section::Checks, Self::check_checks),
            (Section::Resources, Self::check_resources),
            (Section::Locations, Self::check_locations),
            (Section::Latency, Self::check_latency),
        ];
        rules.into_iter().try_for_each(|(section, check)| check(self).map_err(|fault| (section, fault)))
    }

    fn check_names(&self) -> Verdict {
        let apex = self.name.as_ref();
        let mut groups = 0_usize;
        for number in 0..self.names.len() {
            let Some(node) = self.names.get(number) else { return Err("a name is missing") };
            holds(self.names.name(number).is_within(apex), "a name lies outside the zone")?;
            let own = self.groups.get(node.first_group as usize..).unwrap_or_default();
            let own = own.get(..usize::from(node.group_count)).ok_or("a name has groups that there are not")?;
            holds(own.iter().all(|group| group.node == number), "a name has the groups of another")?;
            groups = groups.saturating_add(own.len());
            if node.delegation != NONE {
                let cut = self.names.get(node.delegation).ok_or("a delegation is at no name")?;
                let mut own = self.groups.iter().skip(cut.first_group as usize).take(usize::from(cut.group_count));
                holds(own.any(|group| group.record_type == RecordType::Ns), "a delegation has no name servers")?;
            }
            if node.wildcard != NONE {
                holds(self.names.get(node.wildcard).is_some(), "a wildcard is no name")?;
                let wildcard = self.names.name(node.wildcard);
                let is_child = wildcard.is_wildcard() && wildcard.parent() == Some(self.names.name(number));
                holds(is_child, "a wildcard is not that of its name")?;
            }
        }
        holds(groups == self.groups.len(), "a group is at no name, or at two")
    }

    fn check_groups(&self) -> Verdict {
        let mut sum = 0_usize;
        for group in &self.groups {
            holds(group.count > 0, "a group has no record sets")?;
            sum = sum.saturating_add(group.count as usize);
            holds(
                group.default_member == NONE || group.members().contains(&group.default_member),
                "a default is not a member of its group",
            )?;
            holds(
                group.default_member == NONE || group.policy.candidates_depend_on_client(),
                "a policy has a default that has none",
            )?;
        }
        holds(sum == self.records.len(), "its record sets are not those of the zone")
    }

    fn check_records(&self) -> Verdict {
        let known = |number: u32, count: usize| number == NONE || (number as usize) < count;
        for record in &self.records {
            holds(known(record.check, self.checks.len()), "a record set has an unknown health check")?;
            holds(
                known(record.set_identifier, self.texts.len() as usize),
                "a record set has an unknown SetIdentifier",
            )?;
            let policy = self.groups.get(record.group as usize).map(|group| group.policy);
            let policy = policy.ok_or("a record set is in no group")?;
            let is_place = |fits: fn(&Place) -> bool| match record.routing {
                RoutingValue::Place(place) => self.places.get(place as usize).is_some_and(fits),
                _ => false,
            };
            let fits = match policy {
                PolicyKind::Simple | PolicyKind::MultivalueAnswer => matches!(record.routing, RoutingValue::None),
                PolicyKind::Weighted => matches!(record.routing, RoutingValue::Weight { .. }),
                PolicyKind::Latency => matches!(record.routing, RoutingValue::Region(_)),
                PolicyKind::Failover => matches!(record.routing, RoutingValue::Role(_)),
                PolicyKind::Geolocation => is_place(|place| matches!(place, Place::Geolocation(_))),
                PolicyKind::Geoproximity => is_place(|place| matches!(place, Place::Geoproximity { .. })),
                PolicyKind::IpBased => match record.routing {
                    RoutingValue::Location(text) => known(text, self.texts.len() as usize),
                    _ => false,
                },
            };
            holds(fits, "a record set's routing is not of its group's policy")?;
            let target = match record.target {
                Target::Values { first, count, .. } => {
                    first.checked_add(count).is_some_and(|end| end <= self.texts.len())
                }
                Target::Group { group, .. } => known(group, self.groups.len()),
                Target::Resource { resource, .. } => (resource as usize) < self.resources.len(),
                Target::Quarantined { reason } => (reason as usize) < self.quarantined.len(),
            };
            holds(target, "a record set's target does not exist")?;
        }
        Ok(())
    }

    fn check_checks(&self) -> Verdict {
        let is_child = |child: &u32| match self.checks.get(*child as usize) {
            Some(check) => !matches!(check.kind, CheckKind::Calculated { .. }),
            None => false,
        };
        self.checks.iter().try_for_each(|check| match &check.kind {
            CheckKind::Calculated { children, .. } => {
                holds(children.iter().all(is_child), "a calculated check counts one that it cannot")
            }
            CheckKind::Reported(_) | CheckKind::CloudwatchMetric(_) => Ok(()),
        })
    }

    fn check_resources(&self) -> Verdict {
        let fits = |range: &core::ops::Range<u32>| range.start <= range.end && range.end <= self.texts.len();
        self.resources.iter().try_for_each(|resource| {
            let fits = resource.addresses.as_ref().is_none_or(|(a, aaaa)| fits(a) && fits(aaaa));
            holds(fits, "an address is no text")
        })
    }

    fn check_locations(&self) -> Verdict {
        for locations in &self.locations {
            for (group, _, member) in &locations.members {
                let group = self.groups.get(*group as usize).filter(|group| group.policy == PolicyKind::IpBased);
                let group = group.ok_or("a table of blocks is that of no IP-based group")?;
                holds(group.members().contains(member), "a location's record set is in another group")?;
            }
        }
        Ok(())
    }

    fn check_latency(&self) -> Verdict {
        let Some(latency) = &self.latency else { return Ok(()) };
        let known = |row: u32| (row as usize) < latency.rows.len();
        let networks = PrefixTable::blocks(&latency.networks).all(|(_, row)| known(row));
        let countries = latency.countries.iter().all(|(_, row)| known(*row));
        let continents = latency.continents.iter().all(|(_, row)| known(*row));
        holds(networks && countries && continents && latency.default.is_none_or(known), "a place has an unknown row")
    }
}
