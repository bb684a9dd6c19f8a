//! The words of reasons. They are made of codes and parameters alone, so that text and data cannot differ.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::codes::ReasonCode as C;
use super::steps::{GroupFacts, Parameter, Reason};
use super::units::{count, milliseconds};
use crate::model::routing::PolicyKind;

/// Different reports of checkers that a sentence repeats; data has them all.
const REPORTS_MAX: usize = 3;

/// The sentence of a lookup.
pub(super) fn lookup(reason: &Reason) -> String {
    match reason.code {
        C::WildcardFound => format!("does not have the name; the wildcard {} matches it", reason.text("wildcard")),
        C::WildcardTypeNotFound => {
            let wildcard = reason.text("wildcard");
            format!("does not have the name; the wildcard {wildcard} matches it, but has no record set of the type")
        }
        C::TypeNotFound => format!("has the name, but no record set of the type{}", blocked(reason, "the name")),
        C::NoRecordSetsAtName => {
            format!("has no record sets at the name, only below it{}", blocked(reason, "the name"))
        }
        C::NameNotFound => {
            let above = reason.text("closest_encloser");
            let blocked = blocked(reason, above);
            format!("has neither the name nor anything below it, and no wildcard under {above}{blocked}")
        }
        C::Delegated => format!("delegates {} to other name servers", reason.text("name")),
        C::OutsideZone => "does not contain the name".into(),
        _ => "has the name".into(),
    }
}

/// The wildcard that does not apply because a name below it exists.
fn blocked(reason: &Reason, name: &str) -> String {
    match reason.text("blocked_wildcard") {
        "" => String::new(),
        wildcard => format!("; the wildcard {wildcard} does not apply, because {name} exists"),
    }
}

/// The sentence of a group that cannot be evaluated.
pub(super) fn quarantined(reason: &Reason) -> String {
    format!("its record sets cannot be evaluated [{}] and are kept out", reason.text("finding"))
}

/// The sentence of a group that was chosen from.
pub(super) fn group(facts: &GroupFacts) -> String {
    let mut text = format!("{}, {}", facts.policy.as_str(), count(facts.record_sets as usize, "record set"));
    if facts.candidates == 0 {
        text.push_str(", none of which applies to this client");
        return text;
    }
    if facts.candidates != facts.record_sets {
        text.push_str(&format!(", {}", count(facts.candidates as usize, "candidate")));
    }
    if facts.policy != PolicyKind::Simple {
        text.push_str(", ");
        text.push_str(&how_many_healthy(facts));
    }
    text
}

/// The sentence of a group that was looked at for its health alone.
pub(super) fn group_health(facts: &GroupFacts) -> String {
    if facts.candidates == 0 {
        return "no record set there applies to this client, so the alias counts as unhealthy".into();
    }
    let candidates = count(facts.candidates as usize, "candidate");
    format!("{}, {candidates}, {}", facts.policy.as_str(), how_many_healthy(facts))
}

fn how_many_healthy(facts: &GroupFacts) -> Cow<'static, str> {
    match (facts.healthy, facts.candidates) {
        (0, 1) => "unhealthy".into(),
        (0, _) => "none healthy".into(),
        (1, 1) => "healthy".into(),
        (2, 2) => "both healthy".into(),
        (healthy, all) if healthy == all => "all healthy".into(),
        (healthy, _) => format!("{healthy} healthy").into(),
    }
}

/// The sentence of a member: what the policy measures of it, its health, why it was chosen or not.
pub(super) fn member(reason: &Reason, health: &str, facts: &GroupFacts) -> String {
    if matches!(reason.code, C::PlaceElsewhere | C::LocationElsewhere) {
        return "does not apply to this client".into();
    }
    let measure = measure(reason, facts.policy);
    let why = why(reason, facts);
    let mut text = String::new();
    for part in [&*measure, health, &*why].into_iter().filter(|part| !part.is_empty()) {
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(part);
    }
    text
}

/// What the policy measures of a member for this client.
fn measure(reason: &Reason, policy: PolicyKind) -> String {
    let kilometres = reason.number("distance_km");
    match (policy, reason.parameter("latency_ms"), kilometres) {
        (PolicyKind::Latency, Some(Parameter::Microseconds(value)), _) => milliseconds(*value),
        (PolicyKind::Latency, _, Some(0)) => "the VPC's own Region".into(),
        (PolicyKind::Latency, _, Some(distance)) => format!("{distance} km from the VPC's Region"),
        (PolicyKind::Latency, ..) if reason.code != C::OnlyRecordSet => "latency unknown".into(),
        (PolicyKind::Geoproximity, _, Some(distance)) => match reason.number("biased_km") {
            Some(biased) => format!("{distance} km, counted as {biased} km"),
            None => format!("{distance} km"),
        },
        (PolicyKind::Geoproximity, ..) if reason.code != C::OnlyRecordSet => "distance unknown".into(),
        (PolicyKind::IpBased, ..) if reason.parameter("block").is_some() => {
            format!("{} contains {}", reason.text("block"), reason.text("network"))
        }
        _ => String::new(),
    }
}

fn why(reason: &Reason, facts: &GroupFacts) -> Cow<'static, str> {
    let number = |name| reason.number(name).unwrap_or_default();
    let level = number("level");
    let is_first = reason.number("rank") == Some(1);
    match reason.code {
        C::OnlyRecordSet => "chosen: there is no other".into(),
        C::PrimaryHealthy => "chosen: the primary is healthy".into(),
        C::PrimaryUnhealthy => "chosen: the primary is unhealthy".into(),
        C::NoPrimary => "chosen: there is no primary".into(),
        C::PrimaryAsLastResort => "chosen: with primary and secondary unhealthy, the primary is returned".into(),
        C::OnlyOneInPool if facts.fail_open => {
            "chosen: no record set is healthy, and no other has a weight above 0".into()
        }
        C::OnlyOneInPool if facts.healthy > 1 => "chosen: no other healthy record set has a weight above 0".into(),
        C::OnlyOneInPool => "chosen: no other is healthy".into(),
        C::DrawnByWeight => {
            format!("chosen by the draw at level {level}: weight {} of {}", number("weight"), number("total_weight"))
                .into()
        }
        C::DrawnEqually => {
            format!("chosen by the draw at level {level}: 1 of {} with weight 0, equally likely", number("members"))
                .into()
        }
        C::LowestLatency if facts.fail_open => "chosen: lowest latency of all".into(),
        C::LowestLatency => "chosen: lowest latency of the healthy ones".into(),
        C::NearestRegion if facts.fail_open => "chosen: nearest of all".into(),
        C::NearestRegion => "chosen: nearest of the healthy ones".into(),
        C::ChinaRule => "chosen: clients in China get cn-north-1".into(),
        C::FirstRegionCode => "chosen: no latency is known, so the first Region code is taken".into(),
        C::SmallestPlace if is_first => "chosen: the smallest place that matches".into(),
        C::SmallestPlace => "chosen: the smallest healthy place that matches".into(),
        C::NearestPlace if facts.fail_open => "chosen: nearest of all after bias".into(),
        C::NearestPlace => "chosen: nearest of the healthy ones after bias".into(),
        C::FirstSetIdentifier => "chosen: the client's position is unknown, so the first SetIdentifier is taken".into(),
        C::LongestBlock if is_first => "chosen: the longest CIDR block that contains the client".into(),
        C::LongestBlock => "chosen: the longest healthy CIDR block that contains the client".into(),
        C::NoBlockContainsClient => "chosen: the default, because no CIDR block contains the client".into(),
        C::ClientNetworkUnknown => "chosen: the default, because the client's network is unknown".into(),
        C::NoHealthyBlockContainsClient => {
            "chosen: the default, because no healthy CIDR block contains the client".into()
        }
        C::AllReturned if facts.fail_open => "chosen: all record sets are returned".into(),
        C::AllReturned => "chosen: all healthy record sets are returned".into(),
        C::DrawnTogether => {
            format!("chosen by the draw at level {level}: 8 of {} are returned", number("members")).into()
        }
        C::NotDrawn => "not drawn".into(),
        C::ZeroWeight if facts.fail_open => "weight 0, so it does not count as healthy".into(),
        C::ZeroWeight => "weight 0 is not used while one with a weight above 0 is healthy".into(),
        C::SecondaryStandsBy if facts.fail_open => "the primary comes first".into(),
        C::SecondaryStandsBy => "stands by".into(),
        C::HigherLatency => "not the lowest latency".into(),
        C::FartherRegion => "farther".into(),
        C::LatencyUnknown => "an unknown latency ranks last".into(),
        C::LaterRegionCode => "a later Region code".into(),
        C::TieLaterRegionCode => "as near, with a later Region code".into(),
        C::ChinaPrefersBeijing => "clients in China get cn-north-1".into(),
        C::WiderPlace => "a wider place".into(),
        C::FartherPlace => "farther after bias".into(),
        C::TieLaterSetIdentifier => "equally far, with a later SetIdentifier".into(),
        C::LaterSetIdentifier => "a later SetIdentifier".into(),
        C::ShorterBlock => "a shorter block".into(),
        C::DefaultStandsBy => "the default comes last".into(),
        C::NotAmongDrawn => "not among the eight drawn".into(),
        _ => "".into(),
    }
}

/// Why a record set is healthy or not; `check` is the sentence of its own check, with the check's name.
pub(super) fn health(reason: &Reason, check: &str) -> String {
    let target = reason.text("target");
    // `NAME TYPE` is a group of this zone, a name alone an AWS resource.
    let (is_healthy, is_unhealthy) = if target.contains(' ') {
        (
            "its target has a healthy record set".into(),
            format!("no record set of its target {target} is healthy for this client"),
        )
    } else {
        (String::from("its alias target is healthy"), "its alias target is unhealthy".into())
    };
    match reason.code {
        C::CheckHealthy => format!("healthy: {check}"),
        C::NotEvaluated => format!("cannot be evaluated [{}], and counts as healthy", reason.text("finding")),
        C::CheckUnhealthy => match reason.text("target_health") {
            "healthy" => format!("unhealthy: {check}, although {is_healthy}"),
            "unhealthy" => format!("unhealthy: {check}, and {is_unhealthy}"),
            _ => format!("unhealthy: {check}"),
        },
        C::TargetHealthy => format!("healthy: {is_healthy}"),
        C::TargetUnhealthy => format!("unhealthy: {is_unhealthy}"),
        C::TargetNotEvaluated => {
            let rest = "EvaluateTargetHealth is false, so its target's health does not count";
            if check.is_empty() { format!("healthy: {rest}") } else { format!("healthy: {check}, and {rest}") }
        }
        C::CheckAndTargetHealthy => format!("healthy: {check}, and {is_healthy}"),
        C::CheckHealthyTargetUnhealthy => format!("unhealthy: {is_unhealthy}, although {check}"),
        C::TakenDown => "unhealthy: taken down by request".into(),
        _ => "healthy: it has no health check".into(),
    }
}

/// The sentence of a health check, to be read after its name.
pub(super) fn check(reason: &Reason, is_healthy: bool) -> String {
    let number = |name| reason.number(name).unwrap_or_default();
    let mut text: String = match reason.code {
        C::ReportedHealthy => format!("is reported healthy{}", reports(reason)),
        C::ReportedUnhealthy => format!("is reported unhealthy{}", reports(reason)),
        C::InsufficientData => {
            let (setting, last) = (reason.text("insufficient_data_health_status"), reason.text("last_known"));
            format!("has insufficient data, for which it says {setting} (last known: {last})")
        }
        C::EnoughChildrenHealthy | C::TooFewChildrenHealthy => {
            let (healthy, all) = (number("healthy"), count(number("children") as usize, "child"));
            let all = all.replace("childs", "children");
            format!("has {healthy} of {all} healthy and needs {}", number("threshold"))
        }
        C::Disabled => "is disabled, which counts as healthy".into(),
        _ => "has no data yet, which counts as healthy".into(),
    };
    if reason.parameter("inverted").is_some() {
        let word = if is_healthy { "healthy" } else { "unhealthy" };
        text.push_str(&format!(", and is inverted, which makes it {word}"));
    }
    text
}

/// What checkers reported, where the health report says: how many of them succeeded, and what the others reported, or all
/// where nobody failed.
fn reports(reason: &Reason) -> String {
    let Some(Parameter::Texts(reports)) = reason.parameter("reports") else { return String::new() };
    let told = |report: &'_ str| -> (String, String) {
        let (region, status) =
            report.split_once(": ").filter(|(region, _)| !region.contains(' ')).unwrap_or(("", report));
        match region {
            "" | "Success" | "Failure" => (String::new(), report.trim_end_matches('.').into()),
            region => (region.into(), status.trim_end_matches('.').into()),
        }
    };
    let all: Vec<(String, String)> = reports.iter().map(|report| told(report)).collect();
    let is_success = |status: &str| status.starts_with("Success");
    let nobody_failed = all.iter().all(|(_, status)| is_success(status));
    // Checkers that report the same share one line.
    let mut groups: Vec<(&str, &str, usize)> = Vec::new();
    for (region, status) in all.iter().filter(|(_, status)| nobody_failed || !is_success(status)) {
        match groups.iter_mut().find(|(_, known, _)| known == status) {
            Some((.., more)) => *more = more.saturating_add(1),
            None => groups.push((region, status, 0)),
        }
    }
    let successes = reason.number("successes").unwrap_or_default();
    let verb = if successes == 1 { "succeeds" } else { "succeed" };
    let mut text = format!(" ({successes} of {} {verb}", count(reports.len(), "checker"));
    for (region, status, more) in groups.iter().take(REPORTS_MAX) {
        let who = match (*region, more) {
            ("", _) => String::new(),
            (region, 0) => format!("{region}: "),
            (region, more) => format!("{region} and {more} more: "),
        };
        text.push_str(&format!("; {who}{status}"));
    }
    if groups.len() > REPORTS_MAX {
        text.push_str("; and others");
    }
    text.push(')');
    text
}

/// The sentence of an AWS resource that an alias leads to, to be read after its name.
pub(super) fn alias_target(reason: &Reason) -> String {
    match reason.code {
        C::ResourceHealthy => "is healthy".into(),
        C::ResourceUnhealthy => "is unhealthy".into(),
        C::ResourceNotEvaluated => "does not count: EvaluateTargetHealth is false".into(),
        C::AddressesKnown => "gives the addresses, as the AliasTargets document lists them".into(),
        C::AddressesUnknown => "gives the addresses, which no AliasTargets document lists".into(),
        _ => format!("has no {} addresses in the AliasTargets document", reason.text("type")),
    }
}

/// The sentence of a note.
pub(super) fn note(reason: &Reason) -> String {
    let possible = || match reason.parameter("possible") {
        Some(Parameter::Texts(names)) => names.join(", "),
        _ => String::new(),
    };
    match reason.code {
        C::FailOpen => {
            let (all, pool) = (reason.number("candidates").unwrap_or(0), reason.number("pool_size").unwrap_or(0));
            match (all, pool) {
                (1, _) => "the only candidate is unhealthy; it is returned all the same (fail open)".into(),
                (2, 2) => "both candidates are unhealthy, so both count as healthy (fail open)".into(),
                (all, pool) if all == pool => {
                    format!("all {all} candidates are unhealthy, so all count as healthy (fail open)")
                }
                (all, pool) => {
                    let which = if pool == 1 { "the one" } else { "those" };
                    let counts = if pool == 1 { "counts" } else { "count" };
                    let all = if all == 2 { "both".to_string() } else { format!("all {all}") };
                    format!(
                        "{all} candidates are unhealthy, so {which} with a weight above 0 {counts} as healthy (fail open)"
                    )
                }
            }
        }
        C::UndeterminedLatency => format!(
            "undetermined: no latency is known from this client to any Region that can be chosen; the first Region code \
             is taken; possible are {}",
            possible()
        ),
        C::UndeterminedPosition => format!(
            "undetermined: the position of this client is unknown; the first SetIdentifier is taken; possible are {}",
            possible()
        ),
        C::CloseDistance => format!(
            "close: {} is less than 2 % farther; AWS's own positions are not published and may decide otherwise",
            reason.text("set_identifier")
        ),
        C::TargetWithoutRecordSets => "the alias leads to a name without record sets of this type: no data".into(),
        _ => match reason.number("count") {
            Some(left) => format!("{left} more candidates are left out"),
            None => "the reasons further down are left out".into(),
        },
    }
}
