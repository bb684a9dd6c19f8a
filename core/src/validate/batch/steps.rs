//! The changes of a batch, one after the other (8.3.2 - 8.3.5, 8.3.18, 8.4.1).

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::map::Map;

use super::aftermath::{self, Loss, role};
use super::matching::difference;
use super::working_copy::{Identity, IdentityKey, WorkingCopy, record_type};
use crate::diagnostic::{Diagnostic, Route53Error};
use crate::model::{Name, NameBuf, NameRef, RecordType};
use crate::parse::{Change, ChangeAction, Document, RecordSetFields};
use crate::validate::gaps::Gaps;
use crate::validate::options::Options;
use crate::validate::route53_messages;
use crate::validate::zone::{self, plain_id};

/// What the changes come to.
pub(super) struct Outcome<'f> {
    /// The record sets after them.
    pub(super) record_sets: Vec<&'f RecordSetFields<'f>>,
    /// What DELETEs give that is not there like that.
    pub(super) not_deleted: Vec<&'f RecordSetFields<'f>>,
}

/// Runs the changes; what is wrong with a step goes to `out`.
pub(super) fn run<'f>(
    documents: &[&Document<'_>],
    changes: &'f [Change<'f>],
    record_sets: &[&'f RecordSetFields<'f>],
    options: &Options<'_>,
    out: &mut Vec<Diagnostic>,
) -> Outcome<'f> {
    // What is wrong with the zone's identity, validation tells.
    let zone = zone::identify(documents, record_sets, options, &Gaps::find(documents), &mut Vec::new());
    let steps: Vec<Step<'f>> = changes.iter().filter_map(|change| Step::of(change, &zone)).collect();
    let touched = steps.iter().flat_map(|step| {
        let identity = step.identity.iter().map(|identity| identity.name.as_ref());
        identity.chain(step.alias_target.iter().map(NameBuf::as_ref))
    });
    let copy = WorkingCopy::new(record_sets, touched);
    let mut runner =
        Runner { zone: &zone, history: History::of(&steps), copy, not_deleted: Vec::new(), losses: Vec::new(), out };
    for (number, step) in steps.iter().enumerate() {
        runner.run(number, step);
    }
    aftermath::tell(&runner.losses, &runner.copy, zone.name.as_ref().map(Name::as_ref), runner.out);
    Outcome { record_sets: runner.copy.into_record_sets(), not_deleted: runner.not_deleted }
}

/// One change that can be acted on.
struct Step<'f> {
    action: ChangeAction,
    fields: &'f RecordSetFields<'f>,
    /// `None` when name or type cannot be read.
    identity: Option<Identity<'f>>,
    /// The target of an in-zone alias.
    alias_target: Option<NameBuf>,
}

impl<'f> Step<'f> {
    /// `None` when the change lacks its action or record set, which the reader has reported.
    fn of(change: &'f Change<'f>, zone: &zone::Identity) -> Option<Self> {
        let fields = change.record_set.as_ref()?;
        let alias_target = fields.alias_target.as_deref().and_then(|alias| {
            let name = NameBuf::parse(alias.dns_name.as_deref()?).ok()?;
            let is_own = match &zone.id {
                Some(own) => **own == *plain_id(alias.hosted_zone_id.as_deref()?),
                None => true,
            };
            (is_own && zone.contains(name.as_ref())).then_some(name)
        });
        Some(Self { action: change.action?, fields, identity: Identity::of(fields), alias_target })
    }

    fn is_delete(&self) -> bool {
        self.action == ChangeAction::Delete
    }
}

/// Which steps change a record set, by its identity.
struct History<'f> {
    steps: Map<IdentityKey<'f>, Vec<(usize, ChangeAction)>>,
    /// By name and type: the last step that brings a record set there.
    last_arrival: Map<(Box<[u8]>, RecordType), usize>,
}

impl<'f> History<'f> {
    fn of(steps: &[Step<'f>]) -> Self {
        let mut history = Self { steps: Map::default(), last_arrival: Map::default() };
        for (number, step) in steps.iter().enumerate() {
            let Some(identity) = &step.identity else { continue };
            let key = identity.key();
            if !step.is_delete() {
                history.last_arrival.insert((key.0.clone(), key.1), number);
            }
            history.steps.change(key, |steps| steps.push((number, step.action)));
        }
        history
    }

    fn get(&self, identity: &Identity<'f>) -> &[(usize, ChangeAction)] {
        self.steps.get(&identity.key()).map_or(&[], Vec::as_slice)
    }

    /// Whether a step makes a record set's changes an impossible set: all but one change, or a DELETE and then a CREATE.
    fn is_one_too_many(&self, identity: &Identity<'f>, number: usize) -> bool {
        match self.get(identity) {
            [_] | [(_, ChangeAction::Delete), (_, ChangeAction::Create)] => false,
            changes => changes.first().is_none_or(|(first, _)| *first != number),
        }
    }

    /// Whether a step after `number` brings a record set of this name and type.
    fn brings_later(&self, name: NameRef<'_>, record_type: RecordType, number: usize) -> bool {
        self.last_arrival.get(&(name.wire().into(), record_type)).is_some_and(|last| *last > number)
    }

    /// Whether a step after `number` changes the record set.
    fn changes_later(&self, identity: &Identity<'f>, number: usize) -> bool {
        self.get(identity).iter().any(|(other, _)| *other > number)
    }
}

struct Runner<'f, 'r> {
    zone: &'r zone::Identity,
    history: History<'f>,
    copy: WorkingCopy<'f>,
    not_deleted: Vec<&'f RecordSetFields<'f>>,
    losses: Vec<Loss<'f>>,
    out: &'r mut Vec<Diagnostic>,
}

impl<'f> Runner<'f, '_> {
    fn run(&mut self, number: usize, step: &Step<'f>) {
        let Some(identity) = &step.identity else {
            if step.is_delete() {
                self.not_deleted.push(step.fields);
            } else {
                self.copy.add(None, step.fields);
            }
            return;
        };
        if self.history.is_one_too_many(identity, number) {
            self.changed_twice(step, identity);
            return;
        }
        match (step.action, self.copy.find(identity)) {
            (ChangeAction::Delete, Some((slot, current))) => return self.delete(step, identity, slot, current),
            (ChangeAction::Delete, None) => return self.not_found(step, identity),
            (ChangeAction::Create, Some(_)) => return self.exists(step, identity),
            (ChangeAction::Upsert, Some((slot, current))) => {
                if let Some(lost) = role(current).filter(|lost| role(step.fields) != Some(*lost)) {
                    self.losses.push(Loss { fields: step.fields, identity: *identity, role: Some(lost) });
                }
                self.copy.set(slot, Some(step.fields));
            }
            (ChangeAction::Create | ChangeAction::Upsert, None) => {
                self.copy.add(Some(identity.name.as_ref()), step.fields);
            }
        }
        if self.zone.contains(identity.name.as_ref()) {
            self.check_cname(step, identity);
            self.check_alias_target(number, step, identity);
        }
    }

    fn delete(&mut self, step: &Step<'f>, identity: &Identity<'f>, slot: usize, current: &RecordSetFields<'_>) {
        let name = identity.name.as_ref();
        if self.zone.is_apex(name) && matches!(identity.record_type, RecordType::Ns | RecordType::Soa) {
            let message = format_args!("the {} record set of the zone's apex cannot be deleted", identity.record_type);
            let finding = Diagnostic::refused("apex-record-deleted", Route53Error::InvalidChangeBatch, message)
                .help("change it with UPSERT, or leave it alone: a zone without it does not work");
            finding.at(step.fields.origin.place()).add_to(self.out);
            return;
        }
        // Gone either way: one mistake is one finding.
        self.copy.set(slot, None);
        if let Some(field) = difference(identity.record_type, step.fields, current).filter(|_| !step.fields.damaged) {
            self.not_deleted.push(step.fields);
            let message = format_args!("{} has another {field} than the DELETE says", described(identity));
            let finding = Diagnostic::refused("delete-does-not-match", Route53Error::InvalidChangeBatch, message)
                .help("repeat the record set exactly as it is now; only the order of its values is free")
                .says(format_args!(
                    "Tried to delete resource record set {} but the values provided do not match the current values",
                    bracketed(identity)
                ));
            let has_field = match field {
                "TTL" => step.fields.ttl.is_some(),
                "ResourceRecords" => step.fields.resource_records.is_some(),
                "AliasTarget" => step.fields.alias_target.is_some(),
                "HealthCheckId" => step.fields.health_check_id.is_some(),
                _ => step.fields.routing.iter().any(|routing| routing.key() == field),
            };
            let base = step.fields.origin;
            finding.at(if has_field { base.field(&[field]) } else { base.place() }).add_to(self.out);
        } else {
            self.losses.push(Loss { fields: step.fields, identity: *identity, role: None });
        }
    }

    fn not_found(&mut self, step: &Step<'f>, identity: &Identity<'f>) {
        let mut others = self.copy.at(identity.name.as_ref()).map(|(_, fields)| fields);
        let help = match others.find(|fields| record_type(fields) == Some(identity.record_type)) {
            Some(_) => "a record set of that name and type is there, but with another SetIdentifier",
            None => "leave the DELETE out, or correct its name and type",
        };
        self.not_deleted.push(step.fields);
        let message = format_args!("there is no {} to delete", described(identity));
        let finding = Diagnostic::refused("delete-not-found", Route53Error::InvalidChangeBatch, message)
            .help(help)
            .says(format_args!("Tried to delete resource record set {} but it was not found", bracketed(identity)));
        finding.at(step.fields.origin.place()).add_to(self.out);
    }

    fn exists(&mut self, step: &Step<'f>, identity: &Identity<'f>) {
        let message = format_args!("{} is there already", described(identity));
        let finding = Diagnostic::refused("create-exists", Route53Error::InvalidChangeBatch, message)
            .help("use UPSERT to change it, or give the new one a SetIdentifier of its own")
            .says(format_args!("Tried to create resource record set {} but it already exists", bracketed(identity)));
        finding.at(step.fields.origin.place()).add_to(self.out);
    }

    fn changed_twice(&mut self, step: &Step<'f>, identity: &Identity<'f>) {
        let message = format_args!("the batch changes {} more than once", described(identity));
        let finding = Diagnostic::refused("changed-twice", Route53Error::InvalidChangeBatch, message)
            .help("keep one change a record set; a DELETE followed by a CREATE is the only pair")
            .says(format_args!(
                "The request contains an invalid set of changes for a resource record set '{} {}'",
                identity.record_type,
                route53_messages::name(identity.name.as_ref())
            ));
        finding.at(step.fields.origin.place()).add_to(self.out);
    }

    /// A CNAME is alone at its name at every step (8.4.1); at the apex it is refused for itself.
    fn check_cname(&mut self, step: &Step<'f>, identity: &Identity<'f>) {
        let name = identity.name.as_ref();
        if self.zone.is_apex(name) {
            return;
        }
        let is_cname = identity.record_type == RecordType::Cname;
        let conflicts = |kind: &RecordType| (*kind == RecordType::Cname) != is_cname;
        let Some(other) = self.copy.at(name).filter_map(|(_, fields)| record_type(fields)).find(conflicts) else {
            return;
        };
        let apex = self.zone.name.as_ref().map(|apex| route53_messages::name(apex.as_ref())).unwrap_or_default();
        let (kind, shown) = (identity.record_type, route53_messages::name(name));
        let says = if is_cname {
            format!(
                "RRSet of type CNAME with DNS name {shown} is not permitted as it conflicts with other records with the \
                 same DNS name in zone {apex}"
            )
        } else {
            format!(
                "RRSet of type {kind} with DNS name {shown} is not permitted because a conflicting RRSet of type CNAME \
                 with the same DNS name already exists in zone {apex}"
            )
        };
        let message = format_args!("at this step `{name}` would have a CNAME beside a record set of another type");
        let help = format_args!("delete the {other} record set first: changes act in the order given");
        let finding = Diagnostic::refused("cname-beside-others", Route53Error::InvalidChangeBatch, message);
        finding.help(help).says(says).at(step.fields.origin.field(&["Type"])).add_to(self.out);
    }

    /// The target of an alias is there before the alias, and no later change touches all of it (8.4.1).
    fn check_alias_target(&mut self, number: usize, step: &Step<'f>, identity: &Identity<'f>) {
        let Some(target) = step.alias_target.as_ref().map(NameBuf::as_ref) else { return };
        if matches!(identity.record_type, RecordType::Ns | RecordType::Soa) {
            return;
        }
        let mut is_there = false;
        for (_, fields) in self.copy.at(target).filter(|(_, fields)| record_type(fields) == Some(identity.record_type))
        {
            is_there = true;
            let is_settled = Identity::of(fields).is_some_and(|member| !self.history.changes_later(&member, number));
            if is_settled {
                return;
            }
        }
        let comes_later = self.history.brings_later(target, identity.record_type, number);
        let kind = identity.record_type;
        let (message, help) = match (is_there, comes_later) {
            (true, _) => (
                format!("the alias is listed before the change of its target `{target}` {kind}"),
                "list the change of the target first",
            ),
            (false, true) => (
                format!("at this step there is no record set `{target}` {kind} yet"),
                "list the target first: changes act in the order given",
            ),
            (false, false) => {
                let other = self.copy.at(target).find_map(|(_, fields)| record_type(fields));
                let message = format!("there is no record set `{target}` {kind}");
                match other {
                    Some(_) => (
                        message,
                        "what is there is of another type, and an alias leads to its own type only: add a record set of \
                         the alias's type before it",
                    ),
                    None => (message, "add the record set before the alias, or correct DNSName"),
                }
            }
        };
        let zone_id = self.zone.id.as_deref().unwrap_or("this zone");
        let finding = Diagnostic::cannot("alias-target-missing", message)
            .help(help)
            .error(Route53Error::InvalidChangeBatch)
            .says(route53_messages::not_found(target, kind.as_str(), zone_id));
        finding.at(step.fields.origin.field(&["AliasTarget", "DNSName"])).add_to(self.out);
    }
}

/// `` `blue` of `www.example.com.` A ``
fn described(identity: &Identity<'_>) -> String {
    let name = identity.name.as_ref();
    match identity.set_identifier {
        Some(set_identifier) => format!("`{set_identifier}` of `{name}` {}", identity.record_type),
        None => format!("`{name}` {}", identity.record_type),
    }
}

/// `[name='www.example.com.', type='A', set-identifier='blue']`
fn bracketed(identity: &Identity<'_>) -> String {
    let set_identifier =
        identity.set_identifier.map_or(Cow::Borrowed(""), |id| format!(", set-identifier='{id}'").into());
    format!(
        "[name='{}', type='{}'{set_identifier}]",
        route53_messages::name(identity.name.as_ref()),
        identity.record_type
    )
}
