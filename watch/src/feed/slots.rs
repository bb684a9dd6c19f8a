//! Who may be connected: so many in all, so many of one peer, and always somebody who shows the token.
//!
//! A connection past a limit is not refused unheard, since it may be the operator's: it takes one of a few reserved slots,
//! where a request without the token is turned away. Of those who have not shown it, the one that came first makes room for
//! the next, so that half a request, or none, keeps nobody out.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

use crate::limits::{Limits, RESERVED};

/// The slots of a feed.
pub(super) struct Slots {
    limits: Limits,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    next: u64,
    open: usize,
    streams: usize,
    /// Connections and streams of a peer.
    peers: BTreeMap<IpAddr, (usize, usize)>,
    /// Connections in reserved slots that have not shown the token, in the order in which they came.
    unproven: VecDeque<(u64, AbortHandle)>,
    /// Connections in reserved slots that have.
    proven: usize,
}

/// The slot of a connection, until it is dropped.
pub(super) struct Slot {
    slots: Arc<Slots>,
    peer: IpAddr,
    kind: Kind,
}

enum Kind {
    Open,
    /// Its number, and whether it has shown the token.
    Reserved(u64, Mutex<bool>),
}

/// The slot of a stream, until it is dropped.
pub(super) struct StreamSlot {
    slots: Arc<Slots>,
    peer: IpAddr,
}

impl Slots {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, taken: Mutex::default() })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A slot for a connection, open or reserved; `None` when even the reserved ones are in use by the proven.
    pub(super) fn connect(self: &Arc<Self>, peer: IpAddr) -> Option<Slot> {
        let peer = peer.to_canonical();
        let mut taken = self.taken();
        let own = taken.peers.get(&peer).map_or(0, |(connections, _)| *connections);
        if taken.open < self.limits.connections && own < self.limits.connections_a_peer() {
            taken.open = taken.open.saturating_add(1);
            taken.peers.entry(peer).or_default().0 = own.saturating_add(1);
            return Some(Slot { slots: Arc::clone(self), peer, kind: Kind::Open });
        }
        if taken.proven >= RESERVED {
            return None;
        }
        taken.next = taken.next.saturating_add(1);
        Some(Slot { slots: Arc::clone(self), peer, kind: Kind::Reserved(taken.next, Mutex::new(false)) })
    }
}

impl Slot {
    /// Whether only those who show the token are served.
    pub(super) const fn is_reserved(&self) -> bool {
        matches!(self.kind, Kind::Reserved(..))
    }

    /// Names the task that serves a reserved slot; returns the one that has to make room for it.
    pub(super) fn served_by(&self, task: AbortHandle) -> Option<AbortHandle> {
        let Kind::Reserved(number, _) = &self.kind else { return None };
        let mut taken = self.slots.taken();
        taken.unproven.push_back((*number, task));
        let in_use = taken.unproven.len().saturating_add(taken.proven);
        (in_use > RESERVED).then(|| taken.unproven.pop_front()).flatten().map(|(_, task)| task)
    }

    /// The token was shown: this connection makes room for nobody.
    pub(super) fn prove(&self) {
        let Kind::Reserved(number, proven) = &self.kind else { return };
        let mut taken = self.slots.taken();
        let mut proven = proven.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut proven, true) {
            taken.unproven.retain(|(other, _)| other != number);
            taken.proven = taken.proven.saturating_add(1);
        }
    }

    /// A slot for a stream on this connection. Whoever shows the token counts for no peer.
    pub(super) fn stream(&self, proven: bool) -> Option<StreamSlot> {
        let mut taken = self.slots.taken();
        let own = taken.peers.get(&self.peer).map_or(0, |(_, streams)| *streams);
        let limits = self.slots.limits;
        if taken.streams >= limits.streams() || (!proven && own >= limits.streams_a_peer()) {
            return None;
        }
        taken.streams = taken.streams.saturating_add(1);
        taken.peers.entry(self.peer).or_default().1 = own.saturating_add(1);
        Some(StreamSlot { slots: Arc::clone(&self.slots), peer: self.peer })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken();
        match &self.kind {
            Kind::Open => {
                taken.open = taken.open.saturating_sub(1);
                taken.leave(self.peer, |(connections, _)| *connections = connections.saturating_sub(1));
            }
            Kind::Reserved(number, proven) => match *proven.lock().unwrap_or_else(PoisonError::into_inner) {
                true => taken.proven = taken.proven.saturating_sub(1),
                false => taken.unproven.retain(|(other, _)| other != number),
            },
        }
    }
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken();
        taken.streams = taken.streams.saturating_sub(1);
        taken.leave(self.peer, |(_, streams)| *streams = streams.saturating_sub(1));
    }
}

impl Taken {
    /// Counts down, and forgets a peer of whom nothing is left.
    fn leave(&mut self, peer: IpAddr, count_down: impl FnOnce(&mut (usize, usize))) {
        if let Some(counts) = self.peers.get_mut(&peer) {
            count_down(counts);
            if *counts == (0, 0) {
                self.peers.remove(&peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[tokio::test]
    async fn the_reserved_ones_make_room_and_the_proven_stay() {
        let slots = Slots::new(Limits { tries: 1, connections: 8 });
        let open: Vec<Slot> = (0..4).filter_map(|_| slots.connect(PEER)).collect();
        assert!(open.iter().all(|slot| !slot.is_reserved()));
        let other = slots.connect("192.0.2.1".parse().unwrap()).unwrap();
        assert!(!other.is_reserved(), "another peer has room");
        let task = || tokio::spawn(std::future::pending::<()>()).abort_handle();
        let operator = slots.connect(PEER).unwrap();
        assert!(operator.is_reserved());
        assert!(operator.served_by(task()).is_none());
        operator.prove();
        let mut idle = Vec::new();
        for number in 0..RESERVED + 5 {
            let slot = slots.connect(PEER).unwrap();
            let makes_room = slot.served_by(task());
            assert_eq!(makes_room.is_some(), number + 1 >= RESERVED, "{number}");
            idle.push(slot);
        }
        drop((open, idle, operator, other));
        let taken = slots.taken();
        assert_eq!((taken.open, taken.proven, taken.unproven.len(), taken.peers.len()), (0, 0, 0, 0));
    }

    #[test]
    fn one_peer_has_its_share_of_the_streams() {
        let slots = Slots::new(Limits { tries: 1, connections: 16 });
        let slot = slots.connect(PEER).unwrap();
        let streams: Vec<StreamSlot> = (0..9).filter_map(|_| slot.stream(false)).collect();
        assert_eq!(streams.len(), 2);
        assert!(slot.stream(true).is_some(), "the token is worth more");
        let other = slots.connect("192.0.2.1".parse().unwrap()).unwrap();
        assert!(other.stream(false).is_some());
    }
}
