//! A Region goes down and comes back: what clients in four countries are answered before, during and after.
//!
//! The host keeps one zone loaded and swaps views: each change of health makes a new view out of the old one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use pointsman_wasmtime::{Client, Component, Document, LoadOptions, Query, View};
use wasmtime::Result;
use wasmtime::error::Context as _;

const NAME: &str = "app.example.com";
const COUNTRIES: [&str; 4] = ["US", "BR", "DE", "SG"];

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(component), Some(zones)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: outage COMPONENT ZONES_FOLDER");
        return ExitCode::from(2);
    };
    match run(&component, &zones) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn run(component: &Path, zones: &Path) -> Result<()> {
    let mut component = Component::open(component)?;
    let documents = [read(zones, "active-active.json")?, read(zones, "latency.json")?];
    let zone = component.load(&documents, &LoadOptions { zone_name: None })?;

    println!("{NAME} A: latency routing over us-east-1 (192.0.2.10) and eu-west-1 (198.51.100.10)\n");
    println!("{:22}{}", "client in", COUNTRIES.map(|country| format!("{country:15}")).concat().trim_end());
    let before = component.health(zone, Some(&read(zones, "all-healthy.json")?))?;
    show(&mut component, before, "before")?;
    let during = component.updated(before, &read(zones, "us-east-1-down.json")?)?;
    show(&mut component, during, "us-east-1 is down")?;
    let after = component.updated(during, &read(zones, "all-healthy.json")?)?;
    show(&mut component, after, "after")?;

    println!("\nwhy, for the client in US while us-east-1 is down:\n");
    let explanation = component.explain(during, &query("US"))?.map_err(|error| wasmtime::format_err!("{error:?}"))?;
    println!("{}", explanation.text.trim_end());
    Ok(())
}

/// One line: what each country's client is answered.
fn show(component: &mut Component, view: View, when: &str) -> Result<()> {
    let mut line = format!("{when:22}");
    for country in COUNTRIES {
        let answer = component.resolve(view, &query(country))?.map_err(|error| wasmtime::format_err!("{error:?}"))?;
        line.push_str(&format!("{:15}", answer.values.join(" ")));
    }
    println!("{}", line.trim_end());
    Ok(())
}

fn query(country: &str) -> Query {
    let client = Client { country: Some(country.into()), ..Client::default() };
    Query { name: NAME.into(), type_: "A".into(), client, draw: 0 }
}

fn read(folder: &Path, name: &str) -> Result<Document> {
    let text = std::fs::read_to_string(folder.join(name)).with_context(|| format!("cannot read {name}"))?;
    Ok(Document { name: name.into(), text, cidr_collection: None })
}
