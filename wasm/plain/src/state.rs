//! What is loaded, by handle, and the room that answers use in turn.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use pointsman_core::compile::Zone;
use pointsman_core::health::HealthView;
use pointsman_core::query::{Client, Query};
use pointsman_core::resolve::{Question, Scratch};

use crate::convert::NO_QUERY;

/// A view with the room of its queries.
pub(crate) struct View {
    pub(crate) view: HealthView,
    pub(crate) scratch: Scratch,
    /// For each record set, whether the choice within its group may hang on where the client is.
    pub(crate) by_place: Rc<[bool]>,
    /// Whether that is so for any.
    pub(crate) asks_place: bool,
}

/// A name and type that a host keeps, looked up in a zone.
pub(crate) struct Kept {
    pub(crate) zone: Arc<Zone>,
    pub(crate) question: Question,
}

/// Everything that outlives a call.
pub(crate) struct State {
    pub(crate) zones: Slots<Arc<Zone>>,
    pub(crate) views: Slots<View>,
    pub(crate) questions: Slots<Kept>,
    pub(crate) clients: Slots<Client>,
    /// The last query, which the next one is read over.
    pub(crate) query: Query,
    /// What the last function that answers in text said.
    pub(crate) text: String,
    /// Address and length of each value that was asked for last; room for the longest answer of every zone.
    pub(crate) values: Vec<[u32; 2]>,
    /// The path of the last answer, where a multivalue group ends it; room for the longest.
    pub(crate) path: Vec<u32>,
}

impl State {
    pub(crate) const EMPTY: Self = Self {
        zones: Slots::EMPTY,
        views: Slots::EMPTY,
        questions: Slots::EMPTY,
        clients: Slots::EMPTY,
        query: NO_QUERY,
        text: String::new(),
        values: Vec::new(),
        path: Vec::new(),
    };

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
        let by_place: Rc<[bool]> = view.zone().choices_by_place().into();
        self.add_view_like(view, by_place)
    }

    /// Keeps a view made from another one of the same zone.
    pub(crate) fn add_view_like(&mut self, view: HealthView, by_place: Rc<[bool]>) -> u32 {
        let scratch = Scratch::new(view.zone());
        let asks_place = by_place.contains(&true);
        self.views.add(View { view, scratch, by_place, asks_place })
    }
}

/// Things by handle: 1 for the first, 0 for none. Handles of what was freed are given again.
pub(crate) struct Slots<T> {
    list: Vec<Option<T>>,
    /// Places in the list that are free.
    free: Vec<u32>,
}

impl<T> Slots<T> {
    const EMPTY: Self = Self { list: Vec::new(), free: Vec::new() };

    pub(crate) fn add(&mut self, thing: T) -> u32 {
        if let Some(at) = self.free.pop()
            && let Some(slot) = self.list.get_mut(at as usize)
        {
            *slot = Some(thing);
            return at.saturating_add(1);
        }
        self.list.push(Some(thing));
        u32::try_from(self.list.len()).unwrap_or(0)
    }

    pub(crate) fn get(&self, handle: u32) -> Option<&T> {
        self.list.get((handle as usize).checked_sub(1)?)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, handle: u32) -> Option<&mut T> {
        self.list.get_mut((handle as usize).checked_sub(1)?)?.as_mut()
    }

    pub(crate) fn remove(&mut self, handle: u32) -> bool {
        let Some(at) = handle.checked_sub(1) else { return false };
        let is_there = self.list.get_mut(at as usize).and_then(Option::take).is_some();
        if is_there {
            self.free.push(at);
        }
        is_there
    }
}
