//! Why a member was chosen, and why another was not: the code and its parameters.

use serde_json::{Map, Value, json};

use super::{Decided, Writer, id, is_default, milliseconds, reason, same, weight};
use crate::oracle::answer::SEVERAL;
use crate::oracle::network::Network;
use crate::oracle::policy::find;
use crate::oracle::zone::{Policy, Record};

impl<'w> Writer<'_, 'w> {
    /// What the policy measures of a candidate, with its rank.
    pub(super) fn measured(&self, decided: &Decided<'_>, member: &Record) -> Map<String, Value> {
        let world = self.world;
        let network = || world.client.network.as_ref().map(Network::print);
        let measured = match &member.policy {
            Policy::Simple | Policy::Failover { .. } | Policy::Multivalue => json!({}),
            Policy::Weighted(weight) => json!({"weight": weight}),
            Policy::Latency(region) => match world.nearness(region) {
                Ok(latency) => json!({"latency_ms": latency.map(milliseconds)}),
                Err(distance) => json!({"distance_km": distance.round() as u64}),
            },
            Policy::Geolocation { continent, country, subdivision } => {
                let width = match (continent, country.as_deref(), subdivision) {
                    (_, _, Some(_)) => "subdivision",
                    (Some(_), ..) => "continent",
                    (_, Some("*"), _) => "default",
                    _ => "country",
                };
                json!({"place": width})
            }
            Policy::Geoproximity { bias, .. } => {
                let distances = world.distances(member);
                let biased = distances.filter(|_| *bias != 0.0).map(|(_, biased)| biased.round() as u64);
                json!({"distance_km": distances.map(|(real, _)| real.round() as u64), "biased_km": biased})
            }
            Policy::IpBased { .. } => {
                json!({"block": world.longest_block(member).map(Network::print), "network": network()})
            }
        };
        let mut measured = measured.as_object().cloned().unwrap_or_default();
        if !matches!(member.policy, Policy::Simple | Policy::Weighted(_) | Policy::Multivalue) {
            let before = decided.candidates.iter().position(|candidate| same(candidate, member));
            measured.insert("rank".into(), json!(before.map(|before| before + 1)));
        }
        measured
    }

    /// By which rule a member was chosen, and who would be if it alone were unhealthy.
    pub(super) fn why_chosen(&self, decided: &Decided<'_>, member: &Record) -> Value {
        let world = self.world;
        let is_alone = decided.count == 1;
        let is_last = decided.pool.len() == 1;
        let in_china = world.client.country.as_deref() == Some("CN");
        let mut parameters = self.measured(decided, member);
        let all = if decided.fail_open { "all" } else { "healthy" };
        let mut set = |name: &str, value: Value| parameters.insert(name.into(), value);
        let code = match &member.policy {
            Policy::Simple => return reason("only-record-set", json!({})),
            Policy::Failover { primary } => match (decided.fail_open, primary) {
                (true, _) if is_alone => return reason("only-record-set", json!({})),
                (true, _) => "primary-as-last-resort",
                (false, true) => "primary-healthy",
                (false, false) if is_alone => "no-primary",
                (false, false) => "primary-unhealthy",
            },
            Policy::Weighted(_) | Policy::Latency(_) | Policy::Geoproximity { .. } | Policy::Multivalue if is_alone => {
                return reason("only-record-set", json!({}));
            }
            Policy::Weighted(own) => {
                let total: u64 = decided.pool.iter().map(|member| weight(member)).sum();
                let some_have_weight = decided.candidates.iter().any(|member| weight(member) > 0);
                set(
                    "pool",
                    json!(match (decided.fail_open, *own > 0, some_have_weight) {
                        (false, true, _) => "healthy-with-weight",
                        (false, false, _) => "healthy-without-weight",
                        (true, _, true) => "all-with-weight",
                        (true, _, false) => "all",
                    }),
                );
                if is_last {
                    "only-one-in-pool"
                } else {
                    set("level", json!(decided.level));
                    match total {
                        0 => {
                            set("members", json!(decided.pool.len()));
                            "drawn-equally"
                        }
                        total => {
                            set("total_weight", json!(total));
                            "drawn-by-weight"
                        }
                    }
                }
            }
            Policy::Latency(region) => {
                set("pool", json!(all));
                match world.nearness(region) {
                    _ if in_china && region == "cn-north-1" => "china-rule",
                    Ok(Some(_)) => "lowest-latency",
                    Err(_) => "nearest-region",
                    Ok(None) if is_last => "only-one-in-pool",
                    Ok(None) => "first-region-code",
                }
            }
            Policy::Geolocation { .. } => {
                set("pool", json!(all));
                "smallest-place"
            }
            Policy::Geoproximity { .. } => {
                set("pool", json!(all));
                match world.client.position {
                    Some(_) => "nearest-place",
                    None if is_last => "only-one-in-pool",
                    None => "first-set-identifier",
                }
            }
            Policy::IpBased { .. } => {
                set("pool", json!(all));
                let blocks = decided.candidates.iter().filter(|candidate| !is_default(candidate)).count();
                match (is_default(member), blocks, &world.client.network) {
                    (false, ..) => "longest-block",
                    (true, 0, None) => "client-network-unknown",
                    (true, 0, Some(_)) => "no-block-contains-client",
                    (true, ..) => "no-healthy-block-contains-client",
                }
            }
            Policy::Multivalue => {
                set("pool", json!(all));
                set("members", json!(decided.pool.len()));
                if decided.pool.len() > SEVERAL {
                    set("level", json!(decided.level));
                    "drawn-together"
                } else {
                    "all-returned"
                }
            }
        };
        if !matches!(member.policy, Policy::Weighted(_) | Policy::Multivalue) {
            let others = decided.candidates.iter().find(|other| !same(other, member) && world.is_healthy(other));
            let next = others.or(decided.candidates.first()).filter(|next| !same(next, member));
            set("runner_up", json!(next.map(|next| id(next))));
        }
        reason(code, Value::Object(parameters))
    }

    /// Why a candidate was not chosen.
    pub(super) fn why_not(&self, decided: &Decided<'_>, member: &Record) -> Value {
        let world = self.world;
        let mut parameters = self.measured(decided, member);
        let is_in_pool = decided.pool.iter().any(|other| same(other, member));
        let chosen = decided.chosen.first().copied().unwrap_or(member);
        let in_china = world.client.country.as_deref() == Some("CN");
        let code = match (&member.policy, &chosen.policy) {
            (Policy::Weighted(0), _) if !is_in_pool && (decided.fail_open || world.is_healthy(member)) => "zero-weight",
            _ if !is_in_pool => "unhealthy",
            (Policy::Weighted(_), _) => "not-drawn",
            (Policy::Multivalue, _) => "not-among-drawn",
            (Policy::Failover { .. }, _) => "secondary-stands-by",
            (Policy::Geolocation { .. }, _) => "wider-place",
            (Policy::IpBased { .. }, _) if is_default(member) => "default-stands-by",
            (Policy::IpBased { .. }, _) => "shorter-block",
            (Policy::Latency(_), Policy::Latency(chosen)) if in_china && chosen == "cn-north-1" => {
                "china-prefers-cn-north-1"
            }
            (Policy::Latency(own), Policy::Latency(chosen)) => {
                let latencies = world.latencies();
                let is_tie = world.compare_latency(&latencies, own, chosen).is_eq();
                let is_private = world.client.vpc_region.is_some();
                match (is_tie, find(&latencies, own)) {
                    (true, None) if !is_private => "later-region-code",
                    (true, _) => "tie-later-region-code",
                    (false, _) if is_private => "farther-region",
                    (false, None) => "latency-unknown",
                    (false, Some(_)) => "higher-latency",
                }
            }
            (Policy::Geoproximity { .. }, _) => match (world.distances(member), world.distances(chosen)) {
                (Some((_, own)), Some((_, best))) if own > best => "farther-place",
                (Some(_), Some(_)) => "tie-later-set-identifier",
                _ => "later-set-identifier",
            },
            (Policy::Simple | Policy::Latency(_), _) => "unhealthy",
        };
        if matches!(code, "not-drawn" | "not-among-drawn") {
            parameters.insert("level".into(), json!(decided.level));
        }
        reason(code, Value::Object(parameters))
    }
}
