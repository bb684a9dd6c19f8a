//! Why a try did not succeed, and whose fault that is.

use std::io;

use rustix::io::Errno;

use super::words;

/// What stood in the way of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// The endpoint itself: it refused, or said no.
    Endpoint(String),
    /// Time passed, or a connection broke: the endpoint's fault unless this machine was late itself.
    Slow(String),
    /// This machine, its resolver or its operator.
    Ours(String),
}

/// Most reasons could follow from this machine being late; the others say so.
impl From<String> for Obstacle {
    fn from(reason: String) -> Self {
        Self::Slow(reason)
    }
}

impl Obstacle {
    /// What a socket says. `at_once` is whether it said so before any packet can have come back.
    pub(super) fn of_socket(error: &io::Error, at_once: bool) -> Self {
        // None of them comes from a peer.
        const LOCAL: [Errno; 8] = [
            Errno::NOMEM,
            Errno::ACCESS,
            Errno::NFILE,
            Errno::MFILE,
            Errno::PERM,
            Errno::ADDRNOTAVAIL,
            Errno::NETDOWN,
            Errno::NOBUFS,
        ];
        // A router says so as well; at once they are this machine's own routes.
        const ROUTES: [Errno; 2] = [Errno::NETUNREACH, Errno::HOSTUNREACH];
        let reason = words::io(error);
        match Errno::from_io_error(error) {
            Some(code) if LOCAL.contains(&code) || (at_once && ROUTES.contains(&code)) => Self::Ours(reason),
            _ if error.kind() == io::ErrorKind::ConnectionRefused => Self::Endpoint(reason),
            _ => Self::Slow(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_this_machine_are_told_from_those_of_an_endpoint() {
        let of = |code: Errno, at_once| Obstacle::of_socket(&code.into(), at_once);
        for code in [Errno::MFILE, Errno::NFILE, Errno::ADDRNOTAVAIL, Errno::NOBUFS, Errno::NETDOWN] {
            assert!(matches!(of(code, false), Obstacle::Ours(_)), "{code}");
        }
        assert!(matches!(of(Errno::CONNREFUSED, true), Obstacle::Endpoint(_)));
        assert!(matches!(of(Errno::NETUNREACH, true), Obstacle::Ours(_)));
        assert!(matches!(of(Errno::NETUNREACH, false), Obstacle::Slow(_)), "a router may say so");
        assert!(matches!(of(Errno::CONNRESET, false), Obstacle::Slow(_)));
    }
}
