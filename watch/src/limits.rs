//! How much may be open at once, by what the system allows this process.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Connections of the feed at once, where the system allows as many.
const CONNECTIONS_MAX: usize = 512;
/// Further connections for requests that show the token, whatever else is open.
pub(crate) const RESERVED: usize = 16;
/// Tries at once. Each endpoint has one at most, so that only zones of more endpoints than this ever wait.
const TRIES_MAX: usize = 16_384;
/// Fewer than this are never made, however little the system allows: a try that finds no descriptor is not made, and says
/// so.
const TRIES_MIN: usize = 16;
/// Files, pipes of notifications, sockets to name servers.
const FILES: usize = 256;

/// What this process may have open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Tries at once.
    pub(crate) tries: usize,
    /// Connections of the feed at once; beyond them there are [`RESERVED`] ones.
    pub(crate) connections: usize,
}

impl Limits {
    /// Asks the system for as many open files as there may be, and says what they are enough for.
    ///
    /// The usual soft limit of 1,024 is for programs that call `select`; the hard one is what is really allowed.
    pub(crate) fn of_system() -> Self {
        let wanted = TRIES_MAX + CONNECTIONS_MAX + RESERVED + FILES;
        let limit = getrlimit(Resource::Nofile);
        let soft = raised(&limit, wanted as u64);
        if limit.current.is_some_and(|now| now < soft) {
            // What is refused here only means fewer tries at once.
            let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(soft), maximum: limit.maximum });
        }
        let allowed = getrlimit(Resource::Nofile).current.map_or(wanted, |now| usize::try_from(now).unwrap_or(wanted));
        Self::within(allowed)
    }

    /// What so many descriptors are enough for: at most a quarter for the feed and a quarter for files, the rest for tries.
    fn within(allowed: usize) -> Self {
        let connections = CONNECTIONS_MAX.min(allowed / 4).max(1);
        let rest = allowed.saturating_sub(connections + RESERVED).saturating_sub(FILES.min(allowed / 4));
        Self { tries: rest.clamp(TRIES_MIN, TRIES_MAX), connections }
    }

    /// Connections of one peer.
    pub(crate) const fn connections_a_peer(self) -> usize {
        self.connections.div_ceil(2)
    }

    /// Streams of all peers together; the rest is for requests that end.
    pub(crate) const fn streams(self) -> usize {
        self.connections.saturating_sub(self.connections / 4)
    }

    /// Streams of one peer.
    pub(crate) const fn streams_a_peer(self) -> usize {
        self.connections.div_ceil(8)
    }
}

/// The soft limit to ask for.
fn raised(limit: &Rlimit, wanted: u64) -> u64 {
    let most = limit.maximum.unwrap_or(u64::MAX);
    limit.current.unwrap_or(u64::MAX).max(wanted.min(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_grows_to_what_is_wanted_and_allowed() {
        let limit = |current, maximum| Rlimit { current, maximum };
        assert_eq!(raised(&limit(Some(1024), Some(524_288)), 17_168), 17_168);
        assert_eq!(raised(&limit(Some(1024), Some(2048)), 17_168), 2048);
        assert_eq!(raised(&limit(Some(90_000), None), 17_168), 90_000);
        assert_eq!(raised(&limit(None, None), 17_168), u64::MAX);
    }

    #[test]
    fn all_together_stay_within_what_is_allowed() {
        for allowed in [128, 256, 512, 1024, 4096, 20_000, usize::MAX] {
            let limits = Limits::within(allowed);
            let files = FILES.min(allowed / 4);
            assert!(limits.tries + limits.connections + RESERVED + files <= allowed, "{allowed}: {limits:?}");
        }
        assert_eq!(Limits::within(512), Limits { tries: 240, connections: 128 });
        assert_eq!(Limits::within(20_000), Limits { tries: TRIES_MAX, connections: 512 });
        assert_eq!(Limits::within(0).tries, TRIES_MIN);
    }
}
