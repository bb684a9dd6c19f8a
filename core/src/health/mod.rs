//! Stage 4: [`Zone`](crate::compile::Zone) and [`HealthReport`](crate::parse::HealthReport) to [`HealthView`]: every
//! check and every record's health, worked out once per snapshot (semantics 3 and 6).

mod checks;
mod down;
mod pages;
mod update;
mod view;

pub use down::DownError;
pub use update::Changes;
pub use view::HealthView;
pub(crate) use view::State;
