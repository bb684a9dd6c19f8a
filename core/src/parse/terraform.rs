//! `terraform show -json` of a plan or a state, read as the documents of a zone, so that rules are checked before they
//! ship.
//!
//! Resources of the AWS provider become the JSON that the AWS CLI would print once they are applied, and the one reader
//! there is reads that. Findings are made at the places of that JSON; [`TerraformPlaces`] says where these are in
//! Terraform's. What only `apply` can tell is replaced by what the configuration says it comes from.

mod fields;
mod index;
mod places;
mod printed;
mod references;
mod resources;
mod stand_in;
mod writer;
mod zones;

use alloc::string::String;

use super::document::Document;
use super::fields::unknown;
use super::node::{Link, Node, Problems, read};
use crate::diagnostic::Diagnostic;

use self::printed::Printed;
use self::references::Configuration;
use self::resources::{Origin, Resource, resources};
use self::writer::Writer;

pub use self::places::TerraformPlaces;
pub(crate) use self::zones::choose;

/// Members of the top-level object that say nothing of what will be there. Terraform writes `format_version` first, after
/// which every unknown member is its own; a tool that sorts keys does not.
const IGNORED: [&str; 12] = [
    "action_invocations",
    "applyable",
    "checks",
    "complete",
    "deferred_changes",
    "errored",
    "output_changes",
    "relevant_attributes",
    "resource_changes",
    "resource_drift",
    "timestamp",
    "variables",
];

/// The members of a document that Terraform wrote, while it is read.
#[derive(Default)]
pub(super) struct Terraform<'t> {
    is_terraform: bool,
    planned_values: Option<Node<'t>>,
    values: Option<Node<'t>>,
    prior_state: Option<Node<'t>>,
    configuration: Option<Node<'t>>,
}

/// What is done with a member of the top-level object.
pub(super) enum Part<'a, 't> {
    /// It is read into this.
    Keep(&'a mut Option<Node<'t>>),
    /// It bears on nothing.
    Skip,
}

impl<'t> Terraform<'t> {
    /// What is done with the member of this key; `None` when it is not one of Terraform's.
    pub(super) fn part(&mut self, key: &str) -> Option<Part<'_, 't>> {
        self.is_terraform |= matches!(key, "format_version" | "terraform_version");
        match key {
            "planned_values" => Some(Part::Keep(&mut self.planned_values)),
            "values" => Some(Part::Keep(&mut self.values)),
            "prior_state" => Some(Part::Keep(&mut self.prior_state)),
            "configuration" => Some(Part::Keep(&mut self.configuration)),
            _ => (self.is_terraform || IGNORED.contains(&key)).then_some(Part::Skip),
        }
    }

    /// Reads what was kept; answers whether the document is Terraform's.
    pub(super) fn finish(self, document: &mut Document<'t>, problems: &mut Problems) -> bool {
        if !self.is_terraform {
            let given = [("values", self.values.is_some()), ("configuration", self.configuration.is_some())];
            for (key, _) in given.into_iter().filter(|(_, given)| *given) {
                unknown(key, &Link::ROOT, problems);
            }
            return false;
        }
        match self.printed(problems) {
            Some(printed) => printed.read(document, problems),
            None => {
                let message = "this is Terraform's, and holds no values";
                let help = "give what `terraform show -json` prints: of a saved plan, or of the state";
                problems.push(&Link::ROOT, Diagnostic::cannot("terraform-without-values", message).help(help));
            }
        }
        true
    }

    /// What was kept as the AWS CLI would print it.
    fn printed(self, problems: &mut Problems) -> Option<Printed<'t>> {
        let (origin, values) = match (self.planned_values, self.values) {
            (Some(planned), _) => (Origin::Plan, planned),
            (None, Some(values)) => (Origin::State, values),
            (None, None) => return None,
        };
        let mut list = resources(values, origin);
        if let Some(Node::Object(members)) = self.prior_state {
            let before = members.into_iter().filter(|(key, _)| key == "values");
            let before = before.flat_map(|(_, values)| resources(values, Origin::PriorState));
            // Of what was there before, what the plan does not manage but read is still so.
            list.extend(before.filter(Resource::is_data));
        }
        let configuration = Configuration::new(self.configuration.as_ref());
        Some(Writer::new(&configuration, list, origin, problems).write())
    }
}

/// The text of a plan or a state in the AWS CLI's words, without the hosted zone.
pub(crate) fn in_words_of_aws(text: &str) -> Option<String> {
    let mut problems = Problems::default();
    let Ok(Node::Object(members)) = read(text, &mut problems) else { return None };
    let mut terraform = Terraform::default();
    for (key, node) in members {
        if let Some(Part::Keep(slot)) = terraform.part(&key) {
            *slot = Some(node);
        }
    }
    Some(terraform.printed(&mut problems)?.json())
}
