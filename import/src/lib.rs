#![forbid(unsafe_code)]
//! Zones in other formats than the AWS CLI's JSON: Terraform, CloudFormation, traffic policies, zone files.
//!
//! [`read`] recognises a text by its looks and writes it as the AWS CLI would print it, with a map of places, so that what
//! core finds points into the user's own file. Core knows no format but its own; a format is one file here, and one line in
//! `formats.rs`.
//!
//! ```
//! use pointsman_core::validate::{Options, validate};
//! let text = r#"[{"Name": "a.example.com.", "Type": "A", "TTL": -1, "ResourceRecords": [{"Value": "192.0.2.1"}]}]"#;
//! let imported = pointsman_import::read(text, &pointsman_import::Options::default()).ok_or("not recognised")?;
//! let document = imported.document(0);
//! let mut finding = validate(&[document], &Options { zone_name: Some("example.com") }).diagnostics.remove(0);
//! assert_eq!(finding.code, "ttl-out-of-range");
//! let location = imported.locate(text, finding.place.as_ref().ok_or("no place")?);
//! assert_eq!(&text[location.start..location.end], "-1");
//! imported.relocate(text, &mut finding);
//! assert_eq!(finding.place.as_ref().ok_or("no place")?.path.to_string(), "$[0].TTL");
//! # Ok::<(), &str>(())
//! ```

mod cloudformation;
mod format;
mod formats;
mod imported;
mod listing;
mod options;
mod others;
mod read;
mod register;
mod sample;
mod spans;
mod terraform;
mod traffic_policy;
mod tree;
mod yaml;
mod zone_file;

pub use imported::Imported;
pub use options::Options;
pub use register::FINDING_KINDS;
pub use traffic_policy::{Instance, Policies, instances};

/// Reads a text of another format; `None` when it is one that [`pointsman_core::parse::parse`] reads as it is, or when
/// nobody knows what it is, which that function says best.
#[must_use]
pub fn read(text: &str, options: &Options<'_>) -> Option<Imported> {
    let sample = sample::Sample::new(text)?;
    let format = formats::all().find(|format| (format.recognises)(&sample))?;
    Some(Imported::new(format.name, (format.read)(text, options)))
}
