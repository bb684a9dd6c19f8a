//! How much may be open at once, by what the system allows this process.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Connections of the feed at once; more wait in the system's queue.
pub(crate) const CONNECTIONS_MAX: usize = 512;
/// Tries at once. Each check has one at most, so that only zones of more checks than this ever wait.
const TRIES_MAX: usize = 4096;
/// Fewer than this are never made, however little the system allows: a try that finds no descriptor says so.
const TRIES_MIN: usize = 16;
/// Files, pipes of notifications, sockets to name servers.
const RESERVE: usize = 256;

/// Asks the system for as many open files as there may be, and answers how many tries there can be at once.
///
/// The usual soft limit of 1,024 is for programs that call `select`; the hard one is what is really allowed.
pub(crate) fn tries_at_once() -> usize {
    let wanted = TRIES_MAX + CONNECTIONS_MAX + RESERVE;
    let limit = getrlimit(Resource::Nofile);
    let soft = raised(&limit, wanted as u64);
    if limit.current.is_some_and(|now| now < soft) {
        // What is refused here only means fewer tries at once.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(soft), maximum: limit.maximum });
    }
    let allowed = getrlimit(Resource::Nofile).current.map_or(wanted, |now| usize::try_from(now).unwrap_or(wanted));
    tries(allowed)
}

/// The soft limit to ask for.
fn raised(limit: &Rlimit, wanted: u64) -> u64 {
    let most = limit.maximum.unwrap_or(u64::MAX);
    limit.current.unwrap_or(u64::MAX).max(wanted.min(most))
}

/// How many tries so many descriptors are enough for.
fn tries(allowed: usize) -> usize {
    allowed.saturating_sub(CONNECTIONS_MAX + RESERVE).clamp(TRIES_MIN, TRIES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_grows_to_what_is_wanted_and_allowed() {
        let limit = |current, maximum| Rlimit { current, maximum };
        assert_eq!(raised(&limit(Some(1024), Some(524_288)), 4864), 4864);
        assert_eq!(raised(&limit(Some(1024), Some(2048)), 4864), 2048);
        assert_eq!(raised(&limit(Some(9000), None), 4864), 9000);
        assert_eq!(raised(&limit(None, None), 4864), u64::MAX);
    }

    #[test]
    fn descriptors_are_left_for_feed_and_files() {
        assert_eq!(tries(256), 16);
        assert_eq!(tries(1024), 256);
        assert_eq!(tries(4864), 4096);
        assert_eq!(tries(usize::MAX), 4096);
    }

    #[test]
    fn a_thousand_tries_fit_where_the_system_allows_it() {
        let hard = getrlimit(Resource::Nofile).maximum;
        if hard.is_none_or(|most| most >= 4864) {
            assert_eq!(tries_at_once(), 4096);
        }
    }
}
