//! BENCHMARKS.md says what the kept figures say.

use std::collections::BTreeSet;

use pointsman_bench::{figures, report};

#[test]
fn the_report_follows_from_the_figures() {
    let expected = report::render(&figures::folder()).unwrap();
    let written = std::fs::read_to_string(report::file()).unwrap();
    assert!(
        written == expected,
        "BENCHMARKS.md is out of date; `cargo run --release -p pointsman-bench report` writes it"
    );
}

#[test]
fn every_figure_of_a_section_has_its_own_id() {
    for section in report::sections() {
        let Some(section) = figures::load(&figures::folder(), section).unwrap() else { continue };
        assert!(!section.rows.is_empty());
        let ids: BTreeSet<&str> = section.rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids.len(), section.rows.len());
        assert!(section.rows.iter().all(|row| row.figure.is_finite()));
    }
}

#[test]
fn figures_without_a_heading_are_an_error() {
    let folder = std::env::temp_dir().join(format!("pointsman-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("stray.json"), "{}").unwrap();
    let error = report::render(&folder).unwrap_err().to_string();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(error.contains("stray.json"), "{error}");
}
