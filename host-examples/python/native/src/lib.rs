//! Core as a native extension of Python, for the package `pointsman` beside it, which gives it its face.
//!
//! There are no rules here: `query` reads a dictionary, `answer` writes one, and the rest passes texts on. Errors and findings
//! are of the classes that the package hands over, so that this module imports nothing of it.

mod answer;
mod classes;
mod engine;
mod query;
mod view;
mod zone;

use pyo3::pymodule;

/// What the package `pointsman` calls; programs use that.
#[pymodule]
mod pointsman_native {
    #[pymodule_export]
    use crate::engine::Engine;
    #[pymodule_export]
    use crate::view::View;
    #[pymodule_export]
    use crate::zone::Zone;

    /// The version, which is that of the package.
    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
