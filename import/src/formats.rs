//! The formats, in the order in which they are tried. A format is a file beside this one, and a line here.

use crate::format::Format;
use crate::{cloudformation, listing, others, terraform, traffic_policy, zone_file};

/// All formats; the first one that recognises a text reads it.
pub(crate) fn all() -> impl Iterator<Item = &'static Format> {
    READ.iter().chain(&others::FORMATS).chain(&LAST)
}

/// Formats that say plainly what they are.
const READ: [Format; 10] = [
    terraform::FORMAT,
    terraform::STREAM,
    terraform::HCL,
    cloudformation::FORMAT,
    traffic_policy::FORMAT,
    traffic_policy::INSTANCES,
    traffic_policy::LISTINGS,
    listing::PIECES,
    listing::YAML,
    listing::TEXT,
];

/// The zone file, of which a line of another format may look like a record.
const LAST: [Format; 1] = [zone_file::FORMAT];
