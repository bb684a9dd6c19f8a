//! Stage 4: [`Zone`](crate::compile::Zone) and [`HealthReport`](crate::parse::HealthReport) to [`HealthView`]: every
//! check and every record's health, worked out once per snapshot (semantics 3 and 6). [`Tracker`] makes the statuses of a
//! report out of results over time; [`MaxAge`] says what a report that has grown old is good for.

mod age;
mod checks;
mod down;
mod named;
mod nearest;
mod pages;
mod region;
mod region_parts;
mod tracker;
mod update;
mod view;
mod votes;

pub use age::{MaxAge, Usable, WhenStale, duration_ms};
pub use down::DownError;
pub use region::InRegion;
pub use tracker::{Checker, Observation, Tracker, TrackerKind, Transition, Unfit};
pub use update::Changes;
pub use view::HealthView;
pub(crate) use view::State;
pub use votes::{HealthyAbove, HealthyAboveError, Votes};
