//! A view that Python holds, and what is asked of it.

use std::sync::{Arc, Mutex};

use pointsman_core::parse::parse_query;
use pointsman_core::query::Query;
use pointsman_core::resolve::Scratch;
use pointsman_core::{Findings, Source};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::answer;
use crate::classes::{Classes, REPORT, Text, halved};
use crate::query;

/// A zone under one state of health.
#[pyclass(frozen, module = "pointsman_native")]
#[derive(Debug)]
pub struct View {
    view: pointsman_core::View,
    classes: Arc<Classes>,
    /// Room that queries use in turn.
    room: Mutex<Room>,
}

/// Room for a query and for its way through the zone.
#[derive(Debug)]
struct Room {
    query: Query,
    scratch: Scratch,
}

impl Room {
    fn of(view: &pointsman_core::View) -> Self {
        Self { query: Query::room(), scratch: Scratch::new(view.health_view().zone()) }
    }
}

#[pymethods]
impl View {
    /// What the report had to say.
    fn findings(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        self.classes.findings(py, self.view.findings())
    }

    /// The answer to a query, or `None` where the query has to go through its line of JSON, which says what is wrong with it.
    fn resolve<'py>(&self, asked: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyDict>>> {
        self.with_room(|Room { query, scratch }| {
            if !query::read(asked, query)? {
                return Ok(None);
            }
            answer::dictionary(asked.py(), &self.view.health_view().resolve(query, scratch)).map(Some)
        })
    }

    /// A line of JSON for a line of JSON.
    fn resolve_json(&self, line: &Bound<'_, PyString>) -> PyResult<String> {
        let line = line.to_str().map_err(|error| halved(line.py(), &error))?;
        Ok(self.with_room(|room| self.view.health_view().resolve_json(line, &mut room.scratch)))
    }

    /// The same for odds.
    fn odds_json(&self, py: Python<'_>, line: Text) -> String {
        py.detach(|| self.view.health_view().odds_json(&line.0))
    }

    /// A query's explanation as JSON, and as a tree.
    fn explain(&self, py: Python<'_>, line: Text) -> PyResult<(String, String)> {
        let query = parse_query(&line.0).map_err(|error| self.classes.error(py, &error.to_string()))?;
        Ok(py.detach(|| {
            let explanation = self.view.explain(&query);
            (explanation.to_json(), explanation.to_string())
        }))
    }

    /// The health checks that no report gave data for.
    fn without_data(&self) -> Vec<String> {
        self.view.health_view().without_data().into_iter().map(str::to_owned).collect()
    }

    /// The view after some changes.
    fn updated(&self, py: Python<'_>, changes: Text) -> PyResult<Self> {
        let made = py.detach(|| self.view.updated(Source::named(REPORT, &changes.0)));
        Self::made(py, made, &self.classes)
    }

    /// The view in which these are down.
    fn down(&self, py: Python<'_>, what: Vec<Text>) -> PyResult<Self> {
        let made = py.detach(|| self.view.down(what.iter().map(|what| what.0.as_str())));
        match made {
            Ok(view) => Ok(Self::of(view, &self.classes)),
            Err(error) => Err(self.classes.error(py, &told(&error))),
        }
    }

    /// The view without these record sets.
    fn without(&self, py: Python<'_>, record_sets: Vec<Text>) -> PyResult<Self> {
        let made = py.detach(|| self.view.without(record_sets.iter().map(|record_set| record_set.0.as_str())));
        match made {
            Ok(view) => Ok(Self::of(view, &self.classes)),
            Err(error) => Err(self.classes.error(py, &told(&error))),
        }
    }

    /// Nothing: the memory goes with the last who holds it.
    #[allow(clippy::unused_self, reason = "a method of the other engine")]
    const fn close(&self) {}
}

impl View {
    fn of(view: pointsman_core::View, classes: &Arc<Classes>) -> Self {
        let room = Mutex::new(Room::of(&view));
        Self { view, classes: Arc::clone(classes), room }
    }

    /// A view that was made of a report, or the error of the report.
    pub(crate) fn made(
        py: Python<'_>,
        made: Result<pointsman_core::View, Findings>,
        classes: &Arc<Classes>,
    ) -> PyResult<Self> {
        match made {
            Ok(view) => Ok(Self::of(view, classes)),
            Err(findings) => Err(classes.refused(py, &findings)),
        }
    }

    /// Does something with room. While an answer becomes objects, Python may run anybody's destructor, which may ask this view:
    /// then the room is taken, and that question makes its own.
    fn with_room<R>(&self, work: impl FnOnce(&mut Room) -> R) -> R {
        match self.room.try_lock() {
            Ok(mut room) => work(&mut room),
            Err(_) => work(&mut Room::of(&self.view)),
        }
    }
}

/// Why something cannot be taken down.
fn told(error: &pointsman_core::health::DownError) -> String {
    [error.message.as_str(), error.help.as_str()].join("; ")
}
