//! Whether the arrays of an image fit together, number by number; what follows from them is filled in on the way.

use alloc::vec::Vec;

use super::Section;
use crate::compile::bytes::{Fault, fault};
use crate::compile::dependents::depends;
use crate::compile::prefix::PrefixTable;
use crate::compile::records::{CheckKind, Group, NONE, Place, PlaceKey, Record, RoutingValue, Target, place_key};
use crate::compile::zone::Zone;
use crate::model::routing::PolicyKind;
use crate::model::{GeoLocation, RecordType};

type Verdict = Result<(), Fault>;

/// An error unless something holds.
fn holds(is_so: bool, fault: Fault) -> Verdict {
    if is_so { Ok(()) } else { Err(fault) }
}

/// Whether a number is none, or that of one of so many.
fn known(number: u32, count: usize) -> bool {
    number == NONE || (number as usize) < count
}

impl Zone {
    /// Looks at every number. The members of geolocation groups stand in the order of group and place.
    pub(super) fn check_image(&mut self, geolocation_members: &[u32]) -> Result<(), (Section, Fault)> {
        let of = |section| move |fault| (section, fault);
        self.check_names().map_err(of(Section::Names))?;
        self.check_groups()?;
        self.check_checks().map_err(of(Section::Checks))?;
        self.check_resources().map_err(of(Section::Resources))?;
        self.check_places(geolocation_members).map_err(of(Section::Places))?;
        self.check_locations().map_err(of(Section::Locations))?;
        self.check_latency().map_err(of(Section::Latency))
    }

    fn check_names(&self) -> Verdict {
        let apex = self.name.as_ref();
        let mut groups = 0_usize;
        for number in 0..self.names.len() {
            let Some(node) = self.names.get(number) else { return Err(fault("a name is missing")) };
            holds(self.names.name(number).is_within(apex), fault("a name lies outside the zone"))?;
            let own = self.groups.get(node.first_group as usize..).unwrap_or_default();
            let own = own.get(..usize::from(node.group_count)).ok_or(fault("a name has groups that there are not"))?;
            holds(own.iter().all(|group| group.node == number), fault("a name has the groups of another"))?;
            groups = groups.saturating_add(own.len());
            if node.delegation != NONE {
                let cut = self.names.get(node.delegation).ok_or(fault("a delegation is at no name"))?;
                let mut own = self.groups.iter().skip(cut.first_group as usize).take(usize::from(cut.group_count));
                holds(own.any(|group| group.record_type == RecordType::Ns), fault("a delegation has no name servers"))?;
            }
            if node.wildcard != NONE {
                holds(self.names.get(node.wildcard).is_some(), fault("a wildcard is no name"))?;
                let wildcard = self.names.name(node.wildcard);
                let is_child = wildcard.is_wildcard() && wildcard.parent() == Some(self.names.name(number));
                holds(is_child, fault("a wildcard is not that of its name"))?;
            }
        }
        holds(groups == self.groups.len(), fault("a group is at no name, or at two"))
    }

    /// Goes through the groups and their record sets in order.
    fn check_groups(&mut self) -> Result<(), (Section, Fault)> {
        let (mut first, mut conditional_groups) = (0_u32, 0_u32);
        for number in 0..self.groups.len() {
            let Some(group) = self.groups.get_mut(number) else { break };
            group.first = first;
            if group.conditional != NONE {
                group.conditional = conditional_groups;
                conditional_groups = conditional_groups.saturating_add(1);
            }
            let group = *group;
            first = first.saturating_add(group.count);
            let known_default = group.default_member == NONE
                || (group.members().contains(&group.default_member) && group.policy.candidates_depend_on_client());
            let verdict = holds(group.count > 0, fault("a group has no record sets"))
                .and_then(|()| holds(known_default, fault("a default is not a member of its group")));
            verdict.map_err(|fault| (Section::Groups, fault))?;
            self.check_members(number as u32, &group)?;
        }
        self.conditional_groups = conditional_groups;
        holds(first as usize == self.records.len(), fault("its record sets are not those of the zone"))
            .map_err(|fault| (Section::Groups, fault))
    }

    /// Goes through the record sets of a group, and sees whether what it says of them is so.
    fn check_members(&mut self, number: u32, group: &Group) -> Result<(), (Section, Fault)> {
        let members = group.members();
        let mut records = core::mem::take(&mut self.records);
        let own = records.get_mut(members.start as usize..members.end as usize).unwrap_or_default();
        let (mut sum, mut height, mut conditional) = (0_u32, 0_u32, group.policy.candidates_depend_on_client());
        let mut verdict = holds(own.len() == group.count as usize, fault("a group has record sets that there are not"));
        for (at, record) in members.zip(own) {
            record.group = number;
            verdict = verdict.and_then(|()| self.check_record(record, group.policy));
            if let RoutingValue::Weight { cumulative, weight } = &mut record.routing {
                sum = sum.saturating_add(u32::from(*weight));
                *cumulative = sum;
            }
            if let Target::Group { group, .. } = record.target {
                let below = self.groups.get(group as usize).map_or(0, |target| target.height.saturating_add(1));
                height = height.max(below);
                if depends(&self.groups, record.target) {
                    record.conditional = self.conditional_records.len() as u32;
                    self.conditional_records.push(at);
                    conditional = true;
                }
            }
        }
        self.records = records;
        verdict.map_err(|fault| (Section::Records, fault))?;
        self.depth = self.depth.max(height.saturating_add(1));
        // An alias leads to a lower group, so that no way goes in a circle, and none is longer than there are groups.
        let is_so = height == group.height && (height as usize) < self.groups.len();
        holds(is_so, fault("a group's height is not one more than that of its highest target"))
            .and_then(|()| {
                let is_so = conditional == (group.conditional != NONE);
                holds(is_so, fault("a group is wrong about whether its health depends on the client"))
            })
            .map_err(|fault| (Section::Groups, fault))
    }

    #[inline]
    fn check_record(&self, record: &Record, policy: PolicyKind) -> Verdict {
        holds(known(record.check, self.checks.len()), fault("a record set has an unknown health check"))?;
        holds(
            known(record.set_identifier, self.texts.len() as usize),
            fault("a record set has an unknown SetIdentifier"),
        )?;
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
        holds(fits, fault("a record set's routing is not of its group's policy"))?;
        let target = match record.target {
            Target::Values { first, count, .. } => first.checked_add(count).is_some_and(|end| end <= self.texts.len()),
            Target::Group { group, .. } => known(group, self.groups.len()),
            Target::Resource { resource, .. } => (resource as usize) < self.resources.len(),
            Target::Quarantined { reason } => (reason as usize) < self.quarantined.len(),
        };
        holds(target, fault("a record set's target does not exist"))
    }

    /// Makes the index of geolocation members, which has each that serves a place once, and in order.
    fn check_places(&mut self, members: &[u32]) -> Verdict {
        let key = |record: &Record| match record.routing {
            RoutingValue::Place(place) => match self.places.get(place as usize)? {
                Place::Geolocation(location) if *location != GeoLocation::Default => Some(place_key(*location)),
                _ => None,
            },
            _ => None,
        };
        let wanted = self.records.iter().filter(|record| key(record).is_some()).count();
        let mut index: Vec<(u32, PlaceKey, u32)> = Vec::with_capacity(members.len());
        for member in members {
            let record = self.records.get(*member as usize);
            let entry = record.and_then(|record| Some((record.group, key(record)?, *member)));
            let entry = entry.ok_or(fault("a member that serves a place serves none"))?;
            holds(
                index.last().is_none_or(|before| *before < entry),
                fault("members are not in the order of their places"),
            )?;
            index.push(entry);
        }
        self.place_index = index;
        holds(wanted == members.len(), fault("a member that serves a place is missing"))
    }

    fn check_checks(&self) -> Verdict {
        let is_child = |child: &u32| match self.checks.get(*child as usize) {
            Some(check) => !matches!(check.kind, CheckKind::Calculated { .. }),
            None => false,
        };
        self.checks.iter().try_for_each(|check| match &check.kind {
            CheckKind::Calculated { children, .. } => {
                holds(children.iter().all(is_child), fault("a calculated check counts one that it cannot"))
            }
            CheckKind::Reported(_) | CheckKind::CloudwatchMetric(_) => Ok(()),
        })
    }

    fn check_resources(&self) -> Verdict {
        let fits = |range: &core::ops::Range<u32>| range.start <= range.end && range.end <= self.texts.len();
        self.resources.iter().try_for_each(|resource| {
            let fits = resource.addresses.as_ref().is_none_or(|(a, aaaa)| fits(a) && fits(aaaa));
            holds(fits, fault("an address is no text"))
        })
    }

    fn check_locations(&mut self) -> Verdict {
        for (number, locations) in (0_u32..).zip(&self.locations) {
            for (group, _, member) in &locations.members {
                let group = self.groups.get_mut(*group as usize);
                let group = group.filter(|group| group.policy == PolicyKind::IpBased);
                let group = group.ok_or(fault("a table of blocks is that of no IP-based group"))?;
                holds(group.members().contains(member), fault("a location's record set is in another group"))?;
                group.locations = number;
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
        holds(
            networks && countries && continents && latency.default.is_none_or(known),
            fault("a place has an unknown row"),
        )
    }
}
