//! Pieces of the AWS CLI's own output: what `--query` cuts out of a listing, one record set or health check alone, a line
//! for each, and YAML.
//!
//! The JSON is kept as it is and put where a listing has it, so that only the places change.

use std::ops::Range;

use pointsman_core::diagnostic::Path;

use crate::format::Format;
use crate::options::Options;
use crate::read::{Map, Origin, Read};
use crate::sample::{Sample, Shape};
use crate::tree::Node;
use crate::yaml;

/// An array, one element, or a line for each.
pub(crate) const PIECES: Format = Format { name: "a piece of the AWS CLI's JSON", recognises, read };

/// What the AWS CLI prints with `--output yaml`.
pub(crate) const YAML: Format = Format {
    name: "the AWS CLI's YAML",
    recognises: |sample| {
        let starts = ["ResourceRecordSets:", "HealthChecks:", "HostedZone:", "CidrCollections:", "Changes:"];
        starts.iter().any(|start| sample.has_line(start))
    },
    read: read_yaml,
};

/// What the AWS CLI prints with `--output text` and `--output table`.
pub(crate) const TEXT: Format = Format {
    name: "the AWS CLI's text",
    recognises: |sample| {
        let starts = [
            "RESOURCERECORDSETS\t",
            "HEALTHCHECKS\t",
            "HOSTEDZONE\t",
            "|  ListResourceRecordSets",
            "|                ",
        ];
        let is_table = sample.has_line("------") && sample.has_line("|");
        is_table || starts.iter().take(3).any(|start| sample.has_line(start))
    },
    read: |_, _| {
        Read::refused(
            "aws-cli-text",
            "this is what the AWS CLI prints for people, without the fields' names",
            "print it again with `--output json`",
        )
    },
};

/// The array that an element belongs to, by its keys.
fn array_of(has: impl Fn(&str) -> bool) -> Option<&'static str> {
    if has("Action") && has("ResourceRecordSet") {
        Some("Changes")
    } else if has("HealthCheckConfig") {
        Some("HealthChecks")
    } else if has("Name") && has("Type") {
        Some("ResourceRecordSets")
    } else if has("CidrBlock") {
        Some("CidrBlocks")
    } else if has("CidrBlocks") && has("Id") {
        Some("CidrCollections")
    } else {
        None
    }
}

/// Objects that hold one element.
const WRAPPERS: [(&str, &str); 2] = [("HealthCheck", "HealthChecks"), ("ResourceRecordSet", "ResourceRecordSets")];

fn recognises(sample: &Sample<'_>) -> bool {
    let is_wrapped = WRAPPERS.iter().any(|(wrapper, _)| sample.has(wrapper));
    sample.shape != Shape::Text && (is_wrapped || array_of(|key| sample.has(key)).is_some())
}

fn read(text: &str, _: &Options<'_>) -> Read {
    let Some(sample) = Sample::new(text) else { return Read::not_json(text) };
    let offset = text.len().saturating_sub(sample.text.len());
    if sample.shape == Shape::Stream {
        return stream(text, offset);
    }
    let body = sample.text;
    if Node::read(body).is_err() {
        return Read::not_json(text);
    }
    let wrapper = WRAPPERS.iter().find(|(wrapper, _)| sample.has(wrapper) && sample.shape == Shape::Object);
    let array = wrapper.map(|(_, array)| *array).or_else(|| array_of(|key| sample.has(key)));
    let Some(array) = array else { return Read::not_json(text) };
    let mut map = Map::default();
    let path = Path::root().key(array);
    let json = match (sample.shape, wrapper) {
        (Shape::Array, _) => {
            map.add(path, Origin::Path(Path::root()));
            format!("{{\"{array}\":{body}}}")
        }
        (_, Some((wrapper, _))) => {
            map.add(path.index(0), Origin::Path(Path::root().key(wrapper)));
            let inner = Node::read(body).ok().and_then(|node| Some(node.get(wrapper)?.json())).unwrap_or_default();
            format!("{{\"{array}\":[{inner}]}}")
        }
        _ => {
            map.add(path.index(0), Origin::Path(Path::root()));
            format!("{{\"{array}\":[{body}]}}")
        }
    };
    Read::of(json, map)
}

/// An object after the other, each an element of the array that its keys say.
fn stream(text: &str, offset: usize) -> Read {
    let body = text.get(offset..).unwrap_or_default();
    let mut values = serde_json::Deserializer::from_str(body).into_iter::<Node<'_>>();
    let mut arrays: Vec<(&'static str, Vec<String>)> = Vec::new();
    let mut map = Map::default();
    loop {
        let start = values.byte_offset();
        let Some(value) = values.next() else { break };
        let end = values.byte_offset();
        let bytes = trimmed(text, start.saturating_add(offset)..end.saturating_add(offset));
        let Ok(node) = value else {
            let findings = pointsman_core::parse::parse(0, text.get(bytes.start..).unwrap_or_default()).diagnostics;
            return not_json_at(text, bytes.start, findings);
        };
        let inner = WRAPPERS.iter().find_map(|(wrapper, array)| Some((*wrapper, *array, node.get(wrapper)?.json())));
        let (path, array, json) = match inner {
            Some((wrapper, array, json)) => (Path::root().key(wrapper), array, json),
            None => {
                let Some(array) = array_of(|key| node.get(key).is_some()) else {
                    let message = "a line is neither a record set nor a health check";
                    let mut read =
                        Read::refused("unknown-document", message, "give lines of one kind, as `jq -c` prints them");
                    move_to(text, bytes.start, &mut read);
                    return read;
                };
                (Path::root(), array, text.get(bytes.clone()).unwrap_or_default().to_owned())
            }
        };
        let at = arrays.iter().position(|(known, _)| *known == array).unwrap_or_else(|| {
            arrays.push((array, Vec::new()));
            arrays.len().saturating_sub(1)
        });
        if let Some((_, elements)) = arrays.get_mut(at) {
            map.add(Path::root().key(array).index(elements.len()), Origin::Within(bytes, path));
            elements.push(json);
        }
    }
    let members: Vec<String> =
        arrays.into_iter().map(|(array, elements)| format!("\"{array}\":[{}]", elements.join(","))).collect();
    Read::of(format!("{{{}}}", members.join(",")), map)
}

fn trimmed(text: &str, bytes: Range<usize>) -> Range<usize> {
    let piece = text.get(bytes.clone()).unwrap_or_default();
    let start = bytes.start.saturating_add(piece.len().saturating_sub(piece.trim_ascii_start().len()));
    start..start.saturating_add(piece.trim_ascii().len())
}

fn not_json_at(text: &str, start: usize, findings: Vec<pointsman_core::diagnostic::Diagnostic>) -> Read {
    let mut read = Read { findings, ..Read::not_json(text) };
    let lines = text.get(..start).unwrap_or_default().matches('\n').count();
    for place in read.findings.iter_mut().filter_map(|finding| finding.place.as_mut()) {
        place.line_column = place.line_column.map(|(line, column)| (line.saturating_add(lines), column));
    }
    read
}

fn move_to(text: &str, start: usize, read: &mut Read) {
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count().saturating_add(1);
    let column = start.saturating_sub(before.rfind('\n').map_or(0, |at| at.saturating_add(1))).saturating_add(1);
    for place in read.findings.iter_mut().filter_map(|finding| finding.place.as_mut()) {
        place.line_column = Some((line, column));
    }
}

fn read_yaml(text: &str, _: &Options<'_>) -> Read {
    match yaml::read(text) {
        Ok((node, spans)) => {
            let mut map = Map::default();
            map.add(Path::root(), Origin::Path(Path::root()));
            Read { spans: Some(spans), ..Read::of(node.json(), map) }
        }
        Err(read) => *read,
    }
}
