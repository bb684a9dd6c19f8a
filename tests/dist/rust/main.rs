//! A program that decides once.
use pointsman_core::{Query, Zone};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let zone = Zone::load([std::fs::read_to_string("zone.json")?.as_str()])?;
    let view = zone.health(std::fs::read_to_string("report.json")?.as_str())?;
    let query: Query = r#"{"name": "www.example.com", "type": "A"}"#.parse()?;
    println!("{}", view.resolve(&query).values.join(" "));
    Ok(())
}
