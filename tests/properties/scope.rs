//! How far an answer holds.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use anyhow::{Context as _, Result, ensure};
use pointsman_core::model::IpNetwork;
use pointsman_tests::generate::Rng;
use serde_json::Value;

use crate::{answer, on_random_worlds, outcome};

/// Every client in the scope gets the same answer, whatever the length of its network (10.41).
#[test]
fn the_scope_is_honest() -> Result<()> {
    let tried = std::cell::Cell::new(0_u32);
    on_random_worlds(|seed, world, view| {
        let mut rng = Rng::new(seed);
        for query in &world.queries {
            let client = &query["client"];
            let Some(text) = client["ecs"].as_str().or(client["ip"].as_str()) else { continue };
            let network = IpNetwork::parse(text).with_context(|| text.to_owned())?;
            let before = answer(view, query)?;
            let scope = before["scope_prefix_length"].as_u64().context("no scope")? as u8;
            if scope > network.prefix_length() {
                // The client is a network with blocks inside it; what is returned is how long a better question would be.
                continue;
            }
            tried.set(tried.get() + u32::from(scope > 0));
            for _ in 0..8 {
                let neighbour = inside(&mut rng, network, scope).context("a network")?;
                let mut query = query.clone();
                query["client"]["ecs"] = neighbour.to_string().into();
                let after = answer(view, &query)?;
                ensure!(same(&before, &after), "{query}\nfor {network} {before}\nfor {neighbour} {after}");
            }
        }
        Ok(())
    })?;
    ensure!(tried.get() > 200, "only {} scopes", tried.get());
    Ok(())
}

fn same(left: &Value, right: &Value) -> bool {
    left["fail_open"] == right["fail_open"] && outcome(left.clone()) == outcome(right.clone())
}

/// A network whose prefix begins with `scope` bits of another.
fn inside(rng: &mut Rng, network: IpNetwork, scope: u8) -> Option<IpNetwork> {
    let address = network.address();
    let width = if address.is_ipv4() { 32 } else { 128 };
    let length = rng.between(scope.into(), width) as u8;
    let kept = u128::MAX.checked_shl(128 - u32::from(scope)).unwrap_or(0);
    let noise = u128::from(rng.number()) << 64 | u128::from(rng.number());
    // Near the client as often as far from it.
    let noise = (noise >> rng.below(width)) & !kept;
    let address = match address {
        IpAddr::V4(address) => Ipv4Addr::from(address.to_bits() ^ (noise >> 96) as u32).into(),
        IpAddr::V6(address) => Ipv6Addr::from(address.to_bits() ^ noise).into(),
    };
    IpNetwork::new(address, length)
}
