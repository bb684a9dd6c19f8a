//! What is loaded, by handle, and the room that answers use in turn.

use alloc::rc::Rc;
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
    /// What the last function that answers in text, or in an image, said.
    pub(crate) text: Vec<u8>,
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
        text: Vec::new(),
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

/// Bits of a handle that number its place; the others count how often the place was given again.
const PLACE_BITS: u32 = 20;
const PLACES_MAX: usize = (1 << PLACE_BITS) - 1;
const GENERATIONS: u32 = 1 << (32 - PLACE_BITS);

/// Things by handle; 0 is none. A place is given again after what was there is freed, under another handle: one that was
/// kept beyond its end never finds what came later. A place whose handles have all been used stays empty.
pub(crate) struct Slots<T> {
    list: Vec<Slot<T>>,
    /// Places in the list that are free.
    free: Vec<u32>,
}

struct Slot<T> {
    generation: u32,
    thing: Option<T>,
}

impl<T> Slots<T> {
    const EMPTY: Self = Self { list: Vec::new(), free: Vec::new() };

    /// Keeps a thing; 0 when there are more than a handle can number.
    pub(crate) fn add(&mut self, thing: T) -> u32 {
        if let Some(at) = self.free.pop()
            && let Some(slot) = self.list.get_mut(at as usize)
        {
            slot.thing = Some(thing);
            return handle(at, slot.generation);
        }
        if self.list.len() >= PLACES_MAX {
            return 0;
        }
        self.list.push(Slot { generation: 0, thing: Some(thing) });
        u32::try_from(self.list.len()).unwrap_or(0)
    }

    pub(crate) fn get(&self, handle: u32) -> Option<&T> {
        let (at, generation) = parts(handle)?;
        self.list.get(at as usize).filter(|slot| slot.generation == generation)?.thing.as_ref()
    }

    pub(crate) fn get_mut(&mut self, handle: u32) -> Option<&mut T> {
        let (at, generation) = parts(handle)?;
        self.list.get_mut(at as usize).filter(|slot| slot.generation == generation)?.thing.as_mut()
    }

    pub(crate) fn remove(&mut self, handle: u32) -> bool {
        let Some((at, generation)) = parts(handle) else { return false };
        let slot = self.list.get_mut(at as usize).filter(|slot| slot.generation == generation);
        let Some(slot) = slot else { return false };
        let is_there = slot.thing.take().is_some();
        if is_there && generation.saturating_add(1) < GENERATIONS {
            slot.generation = generation.saturating_add(1);
            self.free.push(at);
        }
        is_there
    }
}

fn handle(at: u32, generation: u32) -> u32 {
    (generation << PLACE_BITS) | at.saturating_add(1)
}

fn parts(handle: u32) -> Option<(u32, u32)> {
    let at = (handle & ((1 << PLACE_BITS) - 1)).checked_sub(1)?;
    Some((at, handle >> PLACE_BITS))
}
