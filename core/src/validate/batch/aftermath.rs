//! What a batch that Route 53 accepts takes away: names without an answer, failover groups without a role.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use super::working_copy::{Identity, WorkingCopy, record_type};
use crate::diagnostic::Diagnostic;
use crate::map::Set;
use crate::model::{NameBuf, NameRef, RecordType};
use crate::parse::{RecordSetFields, RoutingField};

/// What a step takes away, unless another one brings it back.
pub(super) struct Loss<'f> {
    pub(super) fields: &'f RecordSetFields<'f>,
    pub(super) identity: Identity<'f>,
    /// The failover role that an UPSERT replaces; `None` for a DELETE.
    pub(super) role: Option<&'f str>,
}

/// The failover role of a record set as it is written.
pub(super) fn role<'f>(fields: &'f RecordSetFields<'_>) -> Option<&'f str> {
    fields.routing.iter().find_map(|field| match field {
        RoutingField::Failover(word) => Some(&**word),
        _ => None,
    })
}

/// Warns of what is gone when all steps are done.
pub(super) fn tell(losses: &[Loss<'_>], copy: &WorkingCopy<'_>, apex: Option<NameRef<'_>>, out: &mut Vec<Diagnostic>) {
    let mut names: Option<Names> = None;
    let mut told: Set<(Box<[u8]>, RecordType)> = Set::default();
    // The last DELETE of a group is the one that takes its answer away.
    for loss in losses.iter().rev() {
        let (name, kind) = (loss.identity.name.as_ref(), loss.identity.record_type);
        let group = || copy.at(name).map(|(_, fields)| fields).filter(|fields| record_type(fields) == Some(kind));
        if let Some(lost) = loss.role {
            if !group().any(|fields| role(fields) == Some(lost)) {
                swallowed(loss, lost).at(loss.fields.origin.field(&["Failover"])).add_to(out);
            }
            continue;
        }
        let has_type = |wanted: RecordType| copy.at(name).any(|(_, fields)| record_type(fields) == Some(wanted));
        if has_type(kind) || has_type(RecordType::Cname) || !told.insert((name.wire().into(), kind)) {
            continue;
        }
        let is_empty = copy.at(name).next().is_none();
        let names = names.get_or_insert_with(|| Names::of(copy, apex));
        if is_empty && names.wildcard_answers(name, kind) {
            continue;
        }
        let message =
            format!("after this batch nobody gets an answer for `{name}` {kind}: its last record set is deleted");
        let finding = Diagnostic::lint("name-goes-dark", message)
            .help("bring another record set in the same batch, or be sure that nobody asks for the name any more");
        finding.at(loss.fields.origin.place()).add_to(out);
    }
}

fn swallowed(loss: &Loss<'_>, lost: &str) -> Diagnostic {
    let Identity { name, record_type, set_identifier } = &loss.identity;
    let brought = role(loss.fields).unwrap_or("one of another policy");
    let message = format!(
        "this UPSERT finds the {lost} by its SetIdentifier `{}` and makes it the {brought}: `{}` {record_type} has no {lost} \
         any more",
        set_identifier.unwrap_or_default(),
        name.as_ref()
    );
    Diagnostic::lint("failover-role-lost", message).help(
        "give PRIMARY and SECONDARY a SetIdentifier each; with one for both, the later UPSERT replaces the earlier",
    )
}

/// The names that exist after a batch.
struct Names {
    /// Names with record sets or with names below them, in wire form.
    existing: Set<Box<[u8]>>,
    /// Wildcards with their types.
    wildcards: Set<(Box<[u8]>, Option<RecordType>)>,
}

impl Names {
    fn of(copy: &WorkingCopy<'_>, apex: Option<NameRef<'_>>) -> Self {
        let mut names = Self { existing: Set::default(), wildcards: Set::default() };
        names.existing.insert(apex.unwrap_or(NameRef::ROOT).wire().into());
        for fields in copy.record_sets() {
            let Some(Ok(name)) = fields.name.as_deref().map(NameBuf::parse) else { continue };
            let name = name.as_ref();
            if name.is_wildcard() {
                names.wildcards.insert((name.wire().into(), record_type(fields)));
            }
            let mut at = Some(name);
            while let Some(above) = at.filter(|above| names.existing.insert(above.wire().into())) {
                at = above.parent();
            }
        }
        names
    }

    /// Whether the wildcard under the nearest name above answers for a name that is gone (1.2, 2.3).
    fn wildcard_answers(&self, name: NameRef<'_>, kind: RecordType) -> bool {
        if self.existing.contains(name.wire()) {
            return false;
        }
        let mut above = name.parent();
        while let Some(encloser) = above {
            if self.existing.contains(encloser.wire()) {
                let wildcard: Box<[u8]> = [&[1, b'*'], encloser.wire()].concat().into();
                let has = |kind| self.wildcards.contains(&(wildcard.clone(), Some(kind)));
                return has(kind) || has(RecordType::Cname);
            }
            above = encloser.parent();
        }
        false
    }
}
