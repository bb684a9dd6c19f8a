//! What must hold between the groups of one name: a CNAME stands alone (1.4.3, 8.3.5).

use alloc::format;
use alloc::vec::Vec;

use crate::map::Map;

use super::group::Groups;
use super::record::Records;
use super::route53_messages;
use super::zone::Identity;
use crate::diagnostic::{Diagnostic, Route53Error};
use crate::model::{NameRef, RecordType};
use crate::parse::SourceArray;

/// A name's first CNAME and first record set of another type, by number.
struct Conflict {
    cname: u32,
    other: Option<u32>,
}

/// Finds names that have a CNAME beside other types; the one that comes later is reported, once a name.
pub(super) fn check(records: &Records, groups: &Groups<'_>, zone: &Identity, out: &mut Vec<Diagnostic>) {
    let mut index: Map<NameRef<'_>, usize> = Map::default();
    let mut conflicts: Vec<Conflict> = Vec::new();
    let firsts = || {
        groups.iter().filter_map(|members| {
            let number = *members.first()?;
            let set = records.sets.get(number as usize)?;
            Some((number, set.name.as_ref(), set.record_type))
        })
    };
    for (number, name, record_type) in firsts() {
        // At the apex a CNAME is refused for itself.
        if record_type == RecordType::Cname && !zone.is_apex(name) {
            index.insert(name, conflicts.len());
            conflicts.push(Conflict { cname: number, other: None });
        }
    }
    if conflicts.is_empty() {
        return;
    }
    for (number, name, record_type) in firsts() {
        if record_type != RecordType::Cname {
            let conflict = index.get(&name).and_then(|at| conflicts.get_mut(*at));
            if let Some(conflict) = conflict.filter(|conflict| conflict.other.is_none()) {
                conflict.other = Some(number);
            }
        }
    }
    for Conflict { cname, other } in conflicts {
        let Some(other) = other else { continue };
        // The finding of a batch names its own record set, wherever it stands.
        let is_change = |number: u32| {
            records.origins.get(number as usize).is_some_and(|origin| origin.array != SourceArray::ResourceRecordSets)
        };
        let later = match (is_change(cname), is_change(other)) {
            (true, false) => cname,
            (false, true) => other,
            _ => cname.max(other),
        };
        let (Some(set), Some(base)) = (records.sets.get(later as usize), records.origins.get(later as usize)) else {
            continue;
        };
        let Some(other) = records.sets.get(other as usize) else { continue };
        let name = route53_messages::name(set.name.as_ref());
        let apex = zone.name.as_ref().map(|apex| route53_messages::name(apex.as_ref())).unwrap_or_default();
        let says = if later == cname {
            format!(
                "RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other records with \
                 the same DNS name in zone {apex}"
            )
        } else {
            format!(
                "RRSet of type {} with DNS name {name} is not permitted because a conflicting RRSet of type CNAME \
                 with the same DNS name already exists in zone {apex}",
                set.record_type
            )
        };
        let message = format_args!("`{}` has a CNAME beside a record set of type {}", set.name, other.record_type);
        let finding = Diagnostic::refused("cname-beside-others", Route53Error::InvalidChangeBatch, message)
            .help(
                "a CNAME stands for all types of its name: remove it or the others, or use an alias of type A or AAAA",
            )
            .says(says);
        finding.at(base.field(&["Type"])).add_to(out);
    }
}
