//! `terraform show -json` of a plan or a state, and the file that Terraform keeps, read as the documents of a zone, so that
//! rules are checked before they ship.
//!
//! Resources of the AWS provider become the JSON that the AWS CLI would print once they are applied. What only `apply` can
//! tell is replaced by what the configuration says it comes from.

mod address;
mod collections;
mod fields;
mod index;
mod places;
mod references;
mod resources;
mod stand_in;
mod steps;
mod writer;
mod zones;

use pointsman_core::diagnostic::{Diagnostic, Step};

use crate::format::Format;
use crate::options::Options;
use crate::read::Read;
use crate::sample::{Sample, Shape};
use crate::tree::{Members, Node};

use self::references::Configuration;
use self::resources::{Origin, Resource, resources, resources_of_state_file};
use self::writer::Writer;

/// The JSON of a plan or a state, and `terraform.tfstate`.
pub(crate) const FORMAT: Format = Format { name: "Terraform's JSON", recognises, read };

/// What `terraform plan -json` and its kin print: a line of JSON for each event, without the values.
pub(crate) const STREAM: Format = Format {
    name: "the log of a Terraform command",
    recognises: |sample| matches!(sample.shape, Shape::Stream | Shape::Object) && sample.has("@level"),
    read: |_, _| {
        Read::refused(
            "terraform-log",
            "this is the log of a Terraform command, which holds no values",
            "write the plan to a file and show it: `terraform plan -out plan && terraform show -json plan > plan.json`",
        )
    },
};

/// A configuration itself.
pub(crate) const HCL: Format = Format {
    name: "Terraform's configuration language",
    recognises: |sample| {
        const BLOCKS: [&str; 6] = ["resource \"", "data \"", "module \"", "provider \"", "variable \"", "output \""];
        let is_json = sample.shape == Shape::Object && sample.has("resource");
        is_json
            || sample.lines().any(|line| {
                BLOCKS.iter().any(|block| line.starts_with(block)) || matches!(line.trim(), "terraform {" | "locals {")
            })
    },
    read: |_, _| {
        Read::refused(
            "terraform-configuration",
            "this is a Terraform configuration; what it comes to is known to Terraform alone",
            "give the plan that it makes: `terraform plan -out plan && terraform show -json plan > plan.json`",
        )
    },
};

fn recognises(sample: &Sample<'_>) -> bool {
    sample.shape == Shape::Object && sample.has_any(&["format_version", "terraform_version"])
}

fn read(text: &str, options: &Options<'_>) -> Read {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let members = match Node::read(text) {
        Ok(Node::Object(members)) => members,
        Ok(_) => Members::new(),
        Err(_) => return Read::not_json(text),
    };
    let (mut list, mut origin, mut configuration) = (None, Origin::State, None);
    let mut before = Vec::new();
    for (key, node) in members {
        match &*key {
            "planned_values" => (list, origin) = (Some(resources(node, Origin::Plan)), Origin::Plan),
            "values" if origin != Origin::Plan => list = Some(resources(node, Origin::State)),
            "resources" if list.is_none() => {
                (list, origin) = (Some(resources_of_state_file(node)), Origin::StateFile);
            }
            "prior_state" => {
                let values = match node {
                    Node::Object(members) => members.into_iter().find(|(key, _)| key == "values"),
                    _ => None,
                };
                before = values.map(|(_, values)| resources(values, Origin::PriorState)).unwrap_or_default();
            }
            "configuration" => configuration = Some(node),
            _ => {}
        }
    }
    let Some(mut list) = list else {
        return Read::refused(
            "terraform-without-values",
            "this is Terraform's, and holds no values",
            "give what `terraform show -json` prints: of a saved plan, or of the state",
        );
    };
    // Of what was there before, what the plan does not manage but read is still so.
    let (data, managed): (Vec<_>, Vec<_>) = before.into_iter().partition(Resource::is_data);
    list.extend(data);
    let configuration = Configuration::new(configuration.as_ref());
    let mut read = Writer::new(&configuration, list, origin).write(options.zone);
    if origin == Origin::Plan {
        let refused = refused_step(&read, managed, options.zone);
        read.findings.extend(refused);
    }
    read
}

/// What to say of a plan that Terraform cannot apply one record set at a time.
fn refused_step(read: &Read, before: Vec<Resource<'_>>, word: Option<&str>) -> Option<Diagnostic> {
    let after = Node::read(read.json.as_deref()?).ok()?;
    // A zone that the plan makes has nothing in it that could be in the way.
    let id = after.get("HostedZone")?.get("Id")?.as_text()?.to_owned();
    let unplanned = Configuration::default();
    let before = Writer::new(&unplanned, before, Origin::PriorState).write(Some(&id));
    let before = Node::read(before.json.as_deref()?).ok()?;
    let unknown: Vec<usize> = read
        .placeholders
        .iter()
        .filter_map(|path| match path.0.as_slice() {
            [Step::Key(array), Step::Index(index), ..] if array == "ResourceRecordSets" => Some(*index),
            _ => None,
        })
        .collect();
    steps::check(&before, &after, &unknown, read.zone_name.as_deref().or(word))
}
