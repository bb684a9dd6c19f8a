//! A plan's changes as Terraform applies them: one record set at a time, each a change batch of its own. Its end may be
//! valid and a step on the way refused, as where a group has one TTL and two members get another.

use pointsman_core::diagnostic::{Diagnostic, Path, Place, Severity, has_errors};
use pointsman_core::parse::parse;
use pointsman_core::validate::{Options, apply, apply_json, validate};

use crate::tree::{Members, Node};

/// Changes and record sets past which nothing is tried: each try judges the whole zone.
const CHANGES_MAX: usize = 40;
const RECORD_SETS_MAX: usize = 2_000;

/// One change, and the number of the record set that it makes.
#[derive(Debug, Clone)]
struct Change {
    shown: String,
    batch: String,
    made: Option<usize>,
    is_alias: bool,
}

/// What to say when a step is refused: `before` and `after` are the AWS CLI's words, and `unknown` are the record sets of
/// which not everything is known yet.
pub(super) fn check(before: &Node<'_>, after: &Node<'_>, unknown: &[usize], zone: Option<&str>) -> Option<Diagnostic> {
    let changes = changes(before, after, unknown)?;
    let mut text = start(before, after);
    // Of a zone that has faults of its own, before or after the plan, no step says what the plan brings about.
    let has_faults = |text: &str| has_errors(&validate(&[parse(0, text)], &Options { zone_name: zone }).diagnostics);
    if has_faults(&text) || has_faults(&after.json()) {
        return None;
    }
    let mut left: Vec<Change> = changes;
    let (mut order, mut refused): (Vec<String>, Option<(Change, String)>) = (Vec::new(), None);
    // An alias that waits for its target is no news: the reference to the target makes Terraform wait.
    left.sort_by_key(|change| change.is_alias);
    while !left.is_empty() {
        let mut done = None;
        for (at, change) in left.iter().enumerate() {
            match step(&text, &change.batch, zone) {
                Ok(next) => {
                    done = Some((at, next));
                    break;
                }
                Err(reason) if !change.is_alias || at.saturating_add(1) == left.len() => {
                    refused.get_or_insert((change.clone(), reason));
                }
                Err(_) => {}
            }
        }
        let Some((at, next)) = done else { break };
        text = next;
        order.push(left.remove(at).shown);
    }
    let (change, reason) = refused?;
    let message = format!(
        "Terraform changes one record set at a time, and Route 53 refuses {} before the others are changed: {reason}",
        change.shown
    );
    let help = match left.is_empty() {
        true => format!("apply them in this order, each with -target: {}", order.join(", ")),
        false => "no order of single changes works: change the record sets in one batch with `aws route53 \
                  change-resource-record-sets` first, and let the plan find nothing to do"
            .to_owned(),
    };
    let path = change.made.map_or_else(Path::root, |made| Path::root().key("ResourceRecordSets").index(made));
    Some(Diagnostic::lint("terraform-step-refused", message).help(help).at(Place::new(0, path)))
}

/// Applies one change: the zone after it, or why it is refused.
fn step(text: &str, batch: &str, zone: Option<&str>) -> Result<String, String> {
    let documents = [parse(0, text)];
    let applied = apply(&documents, &parse(1, batch), &Options { zone_name: zone });
    match applied.diagnostics.iter().find(|finding| finding.severity == Severity::Error) {
        Some(finding) => Err(finding.route53_message.clone().unwrap_or_else(|| finding.message.clone())),
        None => Ok(apply_json(&documents, &[text], batch, &applied)),
    }
}

/// The zone before the plan, with the health checks and collections that its changes may name.
fn start(before: &Node<'_>, after: &Node<'_>) -> String {
    let mut members: Members<'_> = Vec::new();
    for (key, source) in
        [("HostedZone", after), ("ResourceRecordSets", before), ("HealthChecks", after), ("CidrCollections", after)]
    {
        members.extend(source.get(key).map(|node| (key.into(), node.clone())));
    }
    Node::Object(members).json()
}

/// The changes from one to the other; `None` when there are too many to try, or too few to matter.
fn changes(before: &Node<'_>, after: &Node<'_>, unknown: &[usize]) -> Option<Vec<Change>> {
    let sets = |node: &Node<'_>| node.get("ResourceRecordSets").map(Node::elements).map(<[_]>::len).unwrap_or_default();
    if sets(before) > RECORD_SETS_MAX || sets(after) > RECORD_SETS_MAX {
        return None;
    }
    let list = |node: &Node<'_>| -> Vec<(String, String)> {
        let sets = node.get("ResourceRecordSets").map(Node::elements).unwrap_or_default();
        sets.iter().map(|set| (key(set), set.json())).collect()
    };
    let (before, after) = (list(before), list(after));
    let change = |action: &str, key: &str, json: &str, made| Change {
        shown: format!("`{key}`"),
        batch: format!("{{\"Changes\":[{{\"Action\":\"{action}\",\"ResourceRecordSet\":{json}}}]}}"),
        made,
        is_alias: json.contains("\"AliasTarget\""),
    };
    let mut changes = Vec::new();
    for (key, json) in &before {
        if !after.iter().any(|(other, _)| other == key) {
            changes.push(change("DELETE", key, json, None));
        }
    }
    for (made, (key, json)) in after.iter().enumerate() {
        let old = before.iter().find(|(other, _)| other == key);
        if old.is_none_or(|(_, old)| old != json) {
            if unknown.contains(&made) {
                return None;
            }
            changes.push(change(if old.is_some() { "UPSERT" } else { "CREATE" }, key, json, Some(made)));
        }
    }
    (2..=CHANGES_MAX).contains(&changes.len()).then_some(changes)
}

/// What tells record sets apart.
fn key(set: &Node<'_>) -> String {
    let word = |key| set.get(key).and_then(Node::as_text).unwrap_or_default();
    let name = word("Name").trim_end_matches('.').to_ascii_lowercase();
    format!("{name} {} {}", word("Type"), word("SetIdentifier")).trim_end().to_owned()
}
