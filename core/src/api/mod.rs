//! What most programs need: documents to a [`Zone`], a report to a [`View`], and questions. The stages below are for
//! programs that need a step by itself, and each type here gives out the one that it stands on.

mod changes;
mod findings;
mod source;
mod view;
mod zone;

pub use changes::{apply, check};
pub use findings::{Findings, Located};
pub use source::Source;
pub use view::View;
pub use zone::Zone;
