//! Health reports: a first one, and others as changes to it.

use anyhow::Result;
use pointsman_core::health::HealthView;
use pointsman_core::parse::parse_report;
use std::sync::{Arc, LazyLock};

use pointsman_core::compile::Zone;

use super::target::Target;
use super::{parts, seeds, zones};

pub(super) const TARGET: Target = Target { name: "reports", reads: "health reports and changes to them", run, seeds };

static ZONES: LazyLock<Vec<Arc<Zone>>> =
    LazyLock::new(|| zones::EXAMPLES.iter().filter_map(|text| zones::load(&[text])).collect());

fn run(bytes: &[u8]) {
    let texts = parts::texts(bytes);
    let mut reports = Vec::new();
    for text in &texts {
        match parse_report(0, text) {
            Ok((report, findings)) => {
                zones::tell(&findings, &[text]);
                reports.push(report);
            }
            Err(findings) => {
                assert!(!findings.is_empty(), "a report is refused without a reason");
                zones::tell(&findings, &[text]);
            }
        }
    }
    let Some((first, changes)) = reports.split_first() else { return };
    for zone in ZONES.iter() {
        let (mut view, _) = HealthView::new(Arc::clone(zone), first);
        for change in changes.iter().take(4) {
            view = view.updated(change).0;
        }
        let checks = view.health_checks().count();
        assert_eq!(checks, zone.health_check_ids().count());
    }
}

fn seeds() -> Result<Vec<Vec<u8>>> {
    let mut all: Vec<Vec<u8>> = seeds::documented()?.iter().map(|case| case.report().into_bytes()).collect();
    for file in ["all-healthy.json", "both-down.json", "us-east-1-down.json", "article-003-healthy.json"] {
        all.extend(seeds::contents("host-examples/zones", file)?);
    }
    let two: Vec<Vec<u8>> = all.iter().rev().take(2).cloned().collect();
    all.push(parts::join(&two));
    all.push(br#"{"HealthChecks": {"hc-1": {"HealthCheckObservations": [{"Region": "us-east-1", "IPAddress": "192.0.2.1", "StatusReport": {"Status": "Success: HTTP Status Code 200, OK", "CheckedTime": "2014-10-28T21:07:42.350Z"}}]}, "alarm": {"Status": "insufficient", "LastKnown": "unhealthy"}}}"#.to_vec());
    Ok(all)
}
