//! What is loaded, by handle, and the room that answers use in turn.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use pointsman_core::compile::Zone;
use pointsman_core::health::HealthView;
use pointsman_core::model::routing::PolicyKind;
use pointsman_core::resolve::Scratch;

/// A view with the room of its queries.
pub(crate) struct View {
    pub(crate) view: HealthView,
    pub(crate) scratch: Scratch,
    /// Whether any group of the zone asks where the client is.
    pub(crate) asks_place: bool,
}

/// Everything that outlives a call.
pub(crate) struct State {
    pub(crate) zones: Slots<Arc<Zone>>,
    pub(crate) views: Slots<View>,
    /// What the last function that answers in text said.
    pub(crate) text: String,
    /// Address and length of each value of the last answer; room for the longest answer of every zone.
    pub(crate) values: Vec<[u32; 2]>,
    /// The path of the last answer; room for the longest.
    pub(crate) path: Vec<u32>,
}

impl State {
    pub(crate) const EMPTY: Self =
        Self { zones: Slots(Vec::new()), views: Slots(Vec::new()), text: String::new(), values: Vec::new(), path: Vec::new() };

    /// Keeps a zone, and makes room for its answers.
    pub(crate) fn add_zone(&mut self, zone: Zone) -> u32 {
        let room = zone.values_max() as usize;
        self.values.clear();
        self.values.reserve(room);
        self.path.clear();
        self.path.reserve((zone.path_max() as usize).saturating_add(crate::layout::SOURCES_MAX));
        self.zones.add(Arc::new(zone))
    }

    /// Keeps a view.
    pub(crate) fn add_view(&mut self, view: HealthView) -> u32 {
        let zone = view.zone();
        let asks_place = (0..zone.record_set_count())
            .filter_map(|number| zone.policy(u32::try_from(number).ok()?))
            .any(asks_place);
        let scratch = Scratch::new(zone);
        self.views.add(View { view, scratch, asks_place })
    }

    /// Keeps a view made from another one of the same zone.
    pub(crate) fn add_view_like(&mut self, view: HealthView, asks_place: bool) -> u32 {
        let scratch = Scratch::new(view.zone());
        self.views.add(View { view, scratch, asks_place })
    }
}

/// Whether a policy asks where the client is.
pub(crate) fn asks_place(policy: PolicyKind) -> bool {
    matches!(policy, PolicyKind::Latency | PolicyKind::Geolocation | PolicyKind::Geoproximity)
}

/// Things by handle: 1 for the first, 0 for none. Handles of what was freed are given again.
pub(crate) struct Slots<T>(Vec<Option<T>>);

impl<T> Slots<T> {
    fn add(&mut self, thing: T) -> u32 {
        let at = match self.0.iter().position(Option::is_none) {
            Some(at) => at,
            None => {
                self.0.push(None);
                self.0.len().saturating_sub(1)
            }
        };
        if let Some(slot) = self.0.get_mut(at) {
            *slot = Some(thing);
        }
        u32::try_from(at.saturating_add(1)).unwrap_or(0)
    }

    pub(crate) fn get(&self, handle: u32) -> Option<&T> {
        self.0.get((handle as usize).checked_sub(1)?)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, handle: u32) -> Option<&mut T> {
        self.0.get_mut((handle as usize).checked_sub(1)?)?.as_mut()
    }

    pub(crate) fn remove(&mut self, handle: u32) -> bool {
        let slot = (handle as usize).checked_sub(1).and_then(|at| self.0.get_mut(at));
        slot.and_then(Option::take).is_some()
    }
}
