//! The engine: documents to findings, to documents and to zones.

use std::sync::Arc;

use pointsman_core::validate::Options;
use pointsman_core::{Source, apply, check};
use pyo3::prelude::*;

use crate::classes::{Classes, Text};
use crate::zone::Zone;

/// A document as the package has it: name, text, and the collection of CIDR blocks that it is of.
type Document = (Text, Text, Option<Text>);

/// Core, with the classes `Finding` and `PointsmanError` of the package.
#[pyclass(frozen, module = "pointsman_native")]
#[derive(Debug)]
pub struct Engine {
    classes: Arc<Classes>,
}

#[pymethods]
impl Engine {
    #[new]
    fn new(finding: Py<PyAny>, error: Py<PyAny>) -> Self {
        Self { classes: Arc::new(Classes::new(finding, error)) }
    }

    /// Every finding about documents.
    fn check(&self, py: Python<'_>, documents: Vec<Document>, zone_name: Option<Text>) -> PyResult<Vec<Py<PyAny>>> {
        let found = py.detach(|| check(sources(&documents), &options(zone_name.as_ref())));
        self.classes.findings(py, &found)
    }

    /// The documents after a change batch.
    fn apply(
        &self,
        py: Python<'_>,
        documents: Vec<Document>,
        batch: Document,
        zone_name: Option<Text>,
    ) -> PyResult<String> {
        let applied = py.detach(|| apply(sources(&documents), source(&batch), &options(zone_name.as_ref())));
        applied.map_err(|findings| self.classes.refused(py, &findings))
    }

    /// A zone from its documents.
    fn load(&self, py: Python<'_>, documents: Vec<Document>, zone_name: Option<Text>) -> PyResult<Zone> {
        let loaded = py.detach(|| pointsman_core::Zone::load_with(sources(&documents), &options(zone_name.as_ref())));
        match loaded {
            Ok(zone) => Ok(Zone { zone, classes: Arc::clone(&self.classes) }),
            Err(findings) => Err(self.classes.refused(py, &findings)),
        }
    }
}

fn sources(documents: &[Document]) -> impl Iterator<Item = Source<'_>> {
    documents.iter().map(source)
}

fn source((name, text, collection): &Document) -> Source<'_> {
    let source = Source::named(&name.0, &text.0);
    collection.as_ref().map_or(source, |id| source.of_cidr_collection(&id.0))
}

fn options(zone_name: Option<&Text>) -> Options<'_> {
    Options { zone_name: zone_name.map(|name| name.0.as_str()) }
}
