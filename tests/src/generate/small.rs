//! Every small world: groups of up to three members of every policy with weights 0, 1 and 2, each member healthy or
//! not, or leading to a second such group with and without EvaluateTargetHealth.
//!
//! What differs only in the order of like members is there once.

use serde_json::{Map, Value, json};

use super::World;

/// Top groups in one zone: few, so that a slow reader stays fast.
const GROUPS_IN_A_ZONE: usize = 40;
const ZONE_ID: &str = "Z1";
const COLLECTION: &str = "c8c02a84-aaaa-bbbb-e0d2-d833a2f80106";
/// Checks that the report says are up and down.
const CHECKS: [&str; 2] = ["up", "down"];

/// The routing of each member of a group.
type Shape = Vec<Map<String, Value>>;

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Up,
    Down,
    /// Leads to the second group; with EvaluateTargetHealth or not.
    Leads {
        evaluate: bool,
    },
}

/// Every small world, many groups to a zone, with questions whose draws the number of the group decides.
pub fn worlds() -> impl Iterator<Item = World> {
    let shapes = shapes();
    let seconds: Vec<(Shape, Vec<State>)> = shapes
        .iter()
        .flat_map(|shape| states(shape.len()).map(move |states| (shape.clone(), states)))
        .filter(|(shape, states)| is_sorted(shape, states))
        .collect();
    seconds.into_iter().flat_map(move |second| {
        let mut tops = vec![second.clone()];
        for shape in shapes.iter().filter(|shape| !is_multivalue(shape)) {
            tops.extend(with_one_alias(shape).map(|states| (shape.clone(), states)));
        }
        let chunks: Vec<_> = tops.chunks(GROUPS_IN_A_ZONE).map(<[_]>::to_vec).collect();
        chunks.into_iter().map(move |tops| world(&second, &tops)).collect::<Vec<_>>()
    })
}

fn field(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

fn is_multivalue(shape: &Shape) -> bool {
    shape.iter().any(|member| member.contains_key("MultiValueAnswer"))
}

/// Every policy with one to three members.
fn shapes() -> Vec<Shape> {
    let mut shapes: Vec<Shape> = vec![vec![Map::new()]];
    let weights: Vec<_> = (0..3).map(|weight| field("Weight", json!(weight))).collect();
    for (first, a) in weights.iter().enumerate() {
        shapes.push(vec![a.clone()]);
        for (second, b) in weights.iter().enumerate().skip(first) {
            shapes.push(vec![a.clone(), b.clone()]);
            shapes.extend(weights[second..].iter().map(|c| vec![a.clone(), b.clone(), c.clone()]));
        }
    }
    let roles = ["PRIMARY", "SECONDARY"].map(|role| field("Failover", json!(role)));
    let regions = ["eu-west-1", "us-east-1", "cn-north-1"].map(|region| field("Region", json!(region)));
    let places = [
        json!({"CountryCode": "US", "SubdivisionCode": "WA"}),
        json!({"CountryCode": "US"}),
        json!({"ContinentCode": "NA"}),
        json!({"CountryCode": "*"}),
    ];
    let places = places.map(|place| field("GeoLocation", place));
    let positions = ["eu-west-1", "us-east-1", "ap-southeast-2"];
    let positions = positions.map(|region| field("GeoProximityLocation", json!({"AWSRegion": region, "Bias": 10})));
    let locations = ["inner", "outer", "*"];
    let locations =
        locations.map(|name| field("CidrRoutingConfig", json!({"CollectionId": COLLECTION, "LocationName": name})));
    for parts in [&roles[..], &regions, &places, &positions, &locations] {
        shapes.extend(subsets(parts));
    }
    shapes.extend((1..4).map(|count| vec![field("MultiValueAnswer", json!(true)); count]));
    shapes
}

/// Subsets of one to three parts.
fn subsets(parts: &[Map<String, Value>]) -> impl Iterator<Item = Shape> {
    (1_u32..1 << parts.len()).filter(|subset| subset.count_ones() <= 3).map(|subset| {
        parts.iter().enumerate().filter(|(place, _)| subset >> place & 1 == 1).map(|(_, part)| part.clone()).collect()
    })
}

/// Every health of so many members.
fn states(count: usize) -> impl Iterator<Item = Vec<State>> {
    (0_u32..1 << count)
        .map(move |all| (0..count).map(|place| if all >> place & 1 == 1 { State::Up } else { State::Down }).collect())
}

/// One member leads to the second group; every health of the others.
fn with_one_alias(shape: &Shape) -> impl Iterator<Item = Vec<State>> {
    let shape = shape.clone();
    let count = shape.len();
    let all = states(count - 1).flat_map(move |others| {
        (0..count).flat_map(move |place| {
            let others = others.clone();
            [true, false].map(move |evaluate| {
                let mut states = others.clone();
                states.insert(place, State::Leads { evaluate });
                states
            })
        })
    });
    all.filter(move |states| is_sorted(&shape, states))
}

/// Of worlds that differ in the order of like members only one is wanted.
fn is_sorted(shape: &Shape, states: &[State]) -> bool {
    let rank = |state: &State| match state {
        State::Up => 0,
        State::Down => 1,
        State::Leads { .. } => 2,
    };
    (1..shape.len()).all(|place| shape[place] != shape[place - 1] || rank(&states[place - 1]) <= rank(&states[place]))
}

/// A zone with a second group and the groups that lead to it.
fn world(second: &(Shape, Vec<State>), tops: &[(Shape, Vec<State>)]) -> World {
    let mut records = group("second.example.com.", second, 9);
    let mut queries = Vec::new();
    for (number, top) in tops.iter().enumerate() {
        let name = format!("top-{number}.example.com.");
        records.extend(group(&name, top, 1));
        for (asked, client) in clients().into_iter().enumerate() {
            let draw = (number * 3 + asked) as u64 * 0x0123_4567_89AB_CDEF;
            queries.push(json!({"name": name, "type": "A", "client": client, "draw": draw.to_string()}));
        }
    }
    let checks = CHECKS.map(
        |id| json!({"Id": id, "HealthCheckConfig": {"Type": "HTTP", "FullyQualifiedDomainName": "www.example.net"}}),
    );
    let blocks = json!([
        {"CidrBlock": "10.0.0.0/8", "LocationName": "outer"},
        {"CidrBlock": "10.1.0.0/16", "LocationName": "inner"},
        {"CidrBlock": "10.1.2.0/24", "LocationName": "outer"},
    ]);
    let zone = json!({
        "HostedZone": {"Id": ZONE_ID, "Name": "example.com."},
        "ResourceRecordSets": records,
        "HealthChecks": checks,
        "CidrCollections": [{"Id": COLLECTION, "Name": "offices", "CidrBlocks": blocks}],
    });
    World { zone, report: json!({"HealthChecks": {"up": "healthy", "down": "unhealthy"}}), queries }
}

/// Clients that differ in all that decides: one inside every place, one inside some, one of whom nothing is known.
fn clients() -> [Value; 3] {
    [
        json!({"ip": "10.1.2.3", "subdivision": "US-WA", "latitude": 47.6, "longitude": -122.3,
            "latency_ms": {"us-east-1": 60, "eu-west-1": 130, "cn-north-1": 150}}),
        json!({"ecs": "10.1.9.0/24", "country": "CN", "continent": "NA", "latitude": 39.9, "longitude": 116.4,
            "latency_ms": {"eu-west-1": 10, "us-east-1": 10}}),
        json!({}),
    ]
}

fn group(name: &str, (shape, states): &(Shape, Vec<State>), network: usize) -> Vec<Value> {
    let members = shape.iter().zip(states).enumerate();
    members
        .map(|(number, (routing, state))| {
            let mut set = routing.clone();
            set.insert("Name".into(), name.into());
            set.insert("Type".into(), "A".into());
            if !routing.is_empty() {
                set.insert("SetIdentifier".into(), ["a", "b", "c"][number].into());
            }
            // A simple record set has no health check (8.3.9); it is always up.
            let check = match state {
                State::Down if !routing.is_empty() => Some("down"),
                // A primary needs a check, or has to look at its target (8.3.8).
                _ if routing.get("Failover") == Some(&json!("PRIMARY")) => Some("up"),
                _ => None,
            };
            if let Some(check) = check {
                set.insert("HealthCheckId".into(), check.into());
            }
            if let State::Leads { evaluate } = state {
                let target = json!({
                    "HostedZoneId": ZONE_ID,
                    "DNSName": "second.example.com.",
                    "EvaluateTargetHealth": evaluate,
                });
                set.insert("AliasTarget".into(), target);
            } else {
                set.insert("TTL".into(), (60 * network).into());
                set.insert("ResourceRecords".into(), json!([{"Value": format!("192.0.2.{network}{number}")}]));
            }
            Value::Object(set)
        })
        .collect()
}
