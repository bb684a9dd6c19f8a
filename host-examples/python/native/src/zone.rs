//! A zone that Python holds.

use std::sync::Arc;

use pointsman_core::Source;
use pyo3::prelude::*;

use crate::classes::{Classes, REPORT, Text};
use crate::view::View;

/// A loaded zone.
#[pyclass(frozen, module = "pointsman_native")]
#[derive(Debug)]
pub struct Zone {
    pub(crate) zone: pointsman_core::Zone,
    pub(crate) classes: Arc<Classes>,
}

#[pymethods]
impl Zone {
    /// The zone's name, with its final dot.
    fn name(&self) -> String {
        self.zone.compiled().name().to_string()
    }

    /// What loading found.
    fn findings(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        self.classes.findings(py, self.zone.findings())
    }

    /// The zone under a health report, or under none.
    fn health(&self, py: Python<'_>, report: Option<Text>) -> PyResult<View> {
        let made = py.detach(|| match &report {
            None => Ok(self.zone.without_report()),
            Some(report) => self.zone.health(Source::named(REPORT, &report.0)),
        });
        View::made(py, made, &self.classes)
    }

    /// Nothing: the memory goes with the last who holds it.
    #[allow(clippy::unused_self, reason = "a method of the other engine")]
    const fn close(&self) {}
}
