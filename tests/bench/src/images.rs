//! The cases of images, native: opening them, with every check, beside reading the same bytes.

use std::hint::black_box;

use anyhow::{Context as _, Result};
use pointsman_core::compile::Zone;

use crate::case::{Case, Group, Measure, thousands};
use crate::figures::{Budget, Row};
use crate::native::{load, ratios};
use crate::sample::median;
use crate::section::{Plan, Results};
use crate::zones;

/// The section; what Node.js does with the same images is added by wasm/js/bench/decide.mjs.
pub const PLAN: Plan = Plan {
    name: "decide",
    counts_in_smoke: true,
    groups: &[
        (|sizes| images(sizes.zones[1]), true),
        (|sizes| images(sizes.zones[2]), false),
        (|sizes| sizes.huge.map_or_else(|| Ok(Group::default()), images), false),
    ],
    derive: |sizes, results, _| sizes.huge.iter().map(|huge| against_reading(*huge, results)).collect(),
};

const NANOSECONDS: f64 = 1e6;

/// Opening the image of a zone, and adding up its bytes.
fn images(records: usize) -> Result<Group> {
    let zone = load(&zones::zone(records))?;
    let image: &'static [u8] = zone.to_image().leak();
    drop(zone);
    Zone::from_image(image).context("an image that was just written")?;
    let sized = format!("image of {} record sets, {:.1} MB", thousands(records), image.len() as f64 / 1e6);
    let budget = |case: Case| match records {
        10_000 => case.budget(Budget::AtMost(NANOSECONDS), SLOW),
        1_000_000 => case.budget(Budget::AtMost(100.0 * NANOSECONDS), SLOW),
        _ => case,
    };
    let open = Case::each(format!("open/{records}"), format!("opened, all checks included, {sized}"), move || {
        Zone::from_image(image).is_ok()
    });
    let read = Case::each(format!("read/{records}"), format!("its bytes added up, {sized}"), move || {
        image.as_chunks::<8>().0.iter().fold(0_u64, |sum, word| sum.wrapping_add(u64::from_le_bytes(*black_box(word))))
    });
    let bytes = image.len() as f64 / records as f64;
    let facts = vec![Row::new(
        format!("image/{records}"),
        format!("{} record sets", thousands(records)),
        bytes,
        "B a record set",
    )];
    Ok(Group { cases: vec![budget(open.measure(Measure::Time)).count(1), read.count(1)], facts })
}

const SLOW: &str =
    "It follows the machine's memory: most of the time goes to writing the zone's arrays and to the hashes of names.";

fn against_reading(records: usize, results: &Results) -> Row {
    let all = ratios(results, &format!("open/{records}"), &format!("read/{records}"));
    let what = format!("opening an image of {} record sets to adding up its bytes", thousands(records));
    Row::new("budget/reading", what, median(&all), "")
}
