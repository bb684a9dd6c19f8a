//! CNAME chains on the command line: what each name of a chain gives, and how the chain ends.

use std::io::Write as _;

use pointsman_core::follow::{Chain, ChainEnd};
use pointsman_core::health::HealthView;
use pointsman_core::query::Query;
use pointsman_core::resolve::Scratch;

use crate::exit::Stop;
use crate::output::{self, WARN};

/// `{"chain":[{"name":"...","answer":...}],"end":"answer"}`: what `json` writes of each name, in order.
pub(crate) fn to_json(view: &HealthView, query: &Query, mut json: impl FnMut(&Query) -> String) -> String {
    let mut scratch = Scratch::new(view.zone());
    let mut chain = Chain::new(query.clone());
    let mut names: Vec<String> = Vec::new();
    loop {
        let query = chain.query().clone();
        let name = serde_json::Value::from(query.name.as_ref().to_string());
        names.push(format!("{{\"name\":{name},\"answer\":{}}}", json(&query)));
        if let Some(end) = chain.follow(view, &view.resolve(&query, &mut scratch)) {
            return format!("{{\"chain\":[{}],\"end\":\"{}\"}}", names.join(","), end.as_str());
        }
    }
}

/// How a chain ends, in words; nothing where it ends with an answer.
pub(crate) fn words(end: ChainEnd) -> Option<&'static str> {
    match end {
        ChainEnd::Answer => None,
        ChainEnd::OutsideZone => Some("the CNAME leaves the zone, so another zone has the answer"),
        ChainEnd::Loop => Some("the CNAME leads back to a name of this chain, and resolvers return SERVFAIL"),
        ChainEnd::TooLong => Some("the chain is longer than resolvers follow, and they return SERVFAIL"),
    }
}

/// Prints how a chain ends.
pub(crate) fn show_end(end: ChainEnd) -> Result<(), Stop> {
    match words(end) {
        None => Ok(()),
        Some(words) => Ok(writeln!(output::stdout(), "  {WARN}chain{WARN:#}  {words}")?),
    }
}
