//! A program that uses every library once.
use pointsman_core::{Query, Zone, validate::Options, validate::validate};
use pointsman_fleet::{Mirror, verdict};
use pointsman_verify::{diff::diff, facts::Facts, subject::Subject};

const LISTING: &str =
    r#"[{"Name": "a.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string("zone.json")?;
    let view = Zone::load([text.as_str()])?.health(std::fs::read_to_string("report.json")?.as_str())?;
    let query: Query = r#"{"name": "www.example.com", "type": "A"}"#.parse()?;
    println!("{}", view.resolve(&query).values.join(" "));

    let imported = pointsman_import::read(LISTING, &pointsman_import::Options::default()).ok_or("not recognised")?;
    let options = Options { zone_name: Some("example.com") };
    let subject = || Some(Subject::new(validate(&[imported.document(0)], &options).zone?, Facts::default()));
    let (old, new) = (subject().ok_or("no zone")?, subject().ok_or("no zone")?);
    assert!(diff(&old, &new).changes.is_empty());

    assert!(verdict(&Mirror::default(), "example.com.").is_frozen());
    assert!(pointsman_core::proptest::load([text.as_str()]).is_ok());
    // The prober runs until something stops it, so that it is only named here.
    println!("{}", std::any::type_name::<pointsman_watch::Settings>());
    Ok(())
}
