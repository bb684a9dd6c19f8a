//! Health statuses as flat bytes: for each one byte what it is of, one byte the status, two zeros, a length of four bytes and
//! so many bytes of a health check's id or an alias target's DNS name.

use alloc::vec::Vec;

use pointsman_core::parse::{AliasStatus, RawStatus};

type Statuses<'a> = (Vec<(&'a str, RawStatus)>, Vec<(&'a str, AliasStatus)>);

/// Reads statuses; `None` when the bytes are none.
pub(crate) fn read(mut bytes: &[u8]) -> Option<Statuses<'_>> {
    let (mut checks, mut alias_targets) = (Vec::new(), Vec::new());
    while !bytes.is_empty() {
        let ([of, status, 0, 0], rest) = bytes.split_first_chunk::<4>()? else { return None };
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (name, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let name = core::str::from_utf8(name).ok()?;
        match (of, status) {
            (0, 0) => checks.push((name, RawStatus::NoData)),
            (0, 1) => checks.push((name, RawStatus::Healthy)),
            (0, 2) => checks.push((name, RawStatus::Unhealthy)),
            (0, 3) => checks.push((name, RawStatus::Insufficient { last_known_unhealthy: false })),
            (0, 4) => checks.push((name, RawStatus::Insufficient { last_known_unhealthy: true })),
            (1, 1) => alias_targets.push((name, AliasStatus::Healthy)),
            (1, 2) => alias_targets.push((name, AliasStatus::Unhealthy)),
            _ => return None,
        }
        bytes = rest;
    }
    Some((checks, alias_targets))
}
