//! The package's classes of findings and errors, and texts that are whole.

use pointsman_core::{Findings, Located};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

/// What findings call a report.
pub(crate) const REPORT: &str = "health report";

/// The classes of the package.
#[derive(Debug)]
pub(crate) struct Classes {
    finding: Py<PyAny>,
    error: Py<PyAny>,
}

impl Classes {
    /// Those that the package hands over.
    pub(crate) const fn new(finding: Py<PyAny>, error: Py<PyAny>) -> Self {
        Self { finding, error }
    }

    /// Findings as objects of the package.
    pub(crate) fn findings(&self, py: Python<'_>, findings: &Findings) -> PyResult<Vec<Py<PyAny>>> {
        findings.iter().map(|finding| self.finding(py, finding)).collect()
    }

    fn finding(&self, py: Python<'_>, finding: &Located) -> PyResult<Py<PyAny>> {
        self.finding.call1(
            py,
            (
                finding.code,
                finding.severity.as_str(),
                finding.class.as_str(),
                &finding.message,
                &finding.help,
                finding.route53_error.map(|error| error.as_str()),
                finding.route53_message.as_deref(),
                finding.document.as_deref(),
                finding.place.as_ref().map(|place| place.path.to_string()),
                finding.location.map(|location| location.line),
                finding.location.map(|location| location.column),
            ),
        )
    }

    /// The error of documents that have these findings.
    pub(crate) fn refused(&self, py: Python<'_>, findings: &Findings) -> PyErr {
        let made = || -> PyResult<PyErr> {
            let findings = PyList::new(py, self.findings(py, findings)?)?;
            let lines = findings.iter().map(|finding| Ok(finding.str()?.to_string())).collect::<PyResult<Vec<_>>>()?;
            Ok(PyErr::from_value(self.error.bind(py).call1((lines.join("\n"), findings))?))
        };
        made().unwrap_or_else(|error| error)
    }

    /// The error that says this.
    pub(crate) fn error(&self, py: Python<'_>, message: &str) -> PyErr {
        match self.error.bind(py).call1((message,)) {
            Ok(error) => PyErr::from_value(error),
            Err(error) => error,
        }
    }
}

/// A text without half characters, which Python's have and Rust's cannot have.
#[derive(Debug)]
pub(crate) struct Text(pub(crate) String);

impl<'a, 'py> FromPyObject<'a, 'py> for Text {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let text = object.cast::<PyString>()?;
        match text.to_str() {
            Ok(text) => Ok(Self(text.to_owned())),
            Err(error) => Err(halved(object.py(), &error)),
        }
    }
}

/// The error of a text that cannot be UTF-8.
pub(crate) fn halved(py: Python<'_>, error: &PyErr) -> PyErr {
    let at = error.value(py).getattr("start").map(|at| at.to_string()).unwrap_or_default();
    PyValueError::new_err(format!("a text holds half a character (a lone surrogate) at index {at}"))
}
