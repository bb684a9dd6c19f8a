//! The component that only decides in wasmtime as a subject: it opens the image that the engine in this process writes, is given
//! statuses as core reads them from the report, and is asked typed. Odds are the engine's own: the world has none.

use anyhow::{Context as _, Result, anyhow, ensure};
use pointsman_core::parse::{AliasStatus, RawStatus, parse_report};
use pointsman_wasmtime::decisions::{
    AliasTarget, Answer, Check, CheckStatus, Client, Coordinates, Latency, Query, Rcode, Statuses,
};
use pointsman_wasmtime::{Answer as FullAnswer, Decide, Decider, OpenedView, Rcode as FullRcode};
use serde_json::Value;

use crate::component;
use crate::engine::{Engine, Native, Refusal};

/// Where `cargo xtask decide` writes the component.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/wasm/pointsman_decide.component.wasm");

/// The component, with the view that is asked at the moment in an instance of its own.
pub struct ComponentDecide {
    component: Decide,
    asked: Option<(Decider, OpenedView)>,
    native: Native,
}

impl std::fmt::Debug for ComponentDecide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ComponentDecide").finish_non_exhaustive()
    }
}

impl ComponentDecide {
    /// Compiles the component.
    pub fn open() -> Result<Self> {
        let component = Decide::open(FILE).map_err(anyhow::Error::from);
        let component = component.with_context(|| format!("{FILE}: build it with `cargo xtask decide`"))?;
        Ok(Self { component, asked: None, native: Native::by_image() })
    }
}

impl Engine for ComponentDecide {
    fn apply(&mut self, documents: &[String], batch: &str) -> Result<Result<String, Vec<Refusal>>> {
        self.native.apply(documents, batch)
    }

    fn check(&mut self, documents: &[String]) -> Result<Vec<Refusal>> {
        self.native.check(documents)
    }

    fn load(&mut self, documents: &[String], report: &str) -> Result<()> {
        self.native.load(documents, report)?;
        let image = self.native.zone()?.to_image();
        let mut decider = self.component.start()?;
        let damaged = image.split_last().map(|(_, rest)| rest).unwrap_or_default();
        let refused = decider.open(damaged)?.err();
        ensure!(refused.as_deref() == Some("image-damaged"), "an image that is cut off: {refused:?}");
        let zone = decider.open(&image)?.map_err(|code| anyhow!("the image is refused: {code}"))?;
        let named = decider.name(zone)?;
        ensure!(named == self.native.zone()?.name().to_string(), "the zone is called {named}");
        let first = decider.health(zone)?;
        decider.drop_zone(zone)?;
        let (view, _) = decider.updated(first, &statuses(report)?)?;
        decider.drop_view(first)?;
        self.asked = Some((decider, view));
        Ok(())
    }

    fn resolve(&mut self, line: &str) -> Result<String> {
        let native = self.native.resolve(line)?;
        let said: Value = serde_json::from_str(&native)?;
        if said.get("error").is_none() {
            let (decider, view) = self.asked.as_mut().context("no zone is loaded")?;
            let query = query(&serde_json::from_str(line)?)?;
            let one = decider.resolve(*view, &query)?;
            let many = decider.resolve_many(*view, &[query.clone(), query])?;
            for answer in [one].into_iter().chain(many) {
                let answer = answer.map_err(|error| anyhow!("{}: {}", error.field, error.message))?;
                let typed = component::answer(&full(answer));
                ensure!(typed == said, "native says\n{native}\nand the component\n{typed}");
            }
        }
        Ok(native)
    }

    fn odds(&mut self, line: &str) -> Result<String> {
        self.native.odds(line)
    }
}

/// The statuses of a report, as core reads them.
fn statuses(report: &str) -> Result<Statuses> {
    let (report, _) = parse_report(0, report).map_err(|findings| anyhow!("{findings:?}"))?;
    let check = |id: &str, status: RawStatus| Check {
        id: id.into(),
        status: match status {
            RawStatus::NoData => CheckStatus::NoData,
            RawStatus::Healthy => CheckStatus::Healthy,
            RawStatus::Unhealthy => CheckStatus::Unhealthy,
            RawStatus::Insufficient { last_known_unhealthy: false } => CheckStatus::InsufficientDataAfterHealthy,
            RawStatus::Insufficient { last_known_unhealthy: true } => CheckStatus::InsufficientDataAfterUnhealthy,
        },
    };
    let target =
        |name: &str, status: AliasStatus| AliasTarget { name: name.into(), healthy: status == AliasStatus::Healthy };
    Ok(Statuses {
        checks: report.health_checks.iter().map(|(id, status, _)| check(id, *status)).collect(),
        alias_targets: report.alias_targets.iter().map(|(name, status, _)| target(name.as_ref(), *status)).collect(),
    })
}

/// A query line in the types of this world.
fn query(line: &Value) -> Result<Query> {
    let full = component::query(line)?;
    let client = full.client;
    Ok(Query {
        name: full.name,
        type_: full.type_,
        client: Client {
            ip: client.ip,
            ecs: client.ecs,
            country: client.country,
            continent: client.continent,
            subdivision: client.subdivision,
            location: client.location.map(|place| Coordinates { latitude: place.latitude, longitude: place.longitude }),
            latency: client
                .latency
                .into_iter()
                .map(|one| Latency { region: one.region, milliseconds: one.milliseconds })
                .collect(),
            vpc_region: client.vpc_region,
        },
        draw: full.draw,
    })
}

/// An answer of this world in the types of the full one.
fn full(answer: Answer) -> FullAnswer {
    FullAnswer {
        rcode: match answer.rcode {
            Rcode::Noerror => FullRcode::Noerror,
            Rcode::Nxdomain => FullRcode::Nxdomain,
            Rcode::Refused => FullRcode::Refused,
            Rcode::Servfail => FullRcode::Servfail,
        },
        type_: answer.type_,
        ttl: answer.ttl,
        values: answer.values,
        set_identifiers: answer.set_identifiers,
        fail_open: answer.fail_open,
        scope_prefix_length: answer.scope_prefix_length,
        referral: answer.referral,
        alias_target: answer.alias_target,
        undetermined: answer.undetermined,
        quarantined: answer.quarantined,
    }
}
