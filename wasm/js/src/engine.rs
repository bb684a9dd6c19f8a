//! Queries as numbers.
//!
//! A query is the number of its name, the number of its type, a word for where the client is, a flag for rarer facts, and
//! the draw. The rarer facts stand in a block of memory that JavaScript writes to, as 64-bit floats. What is asked less
//! often than an answer is asked of the query that was held before: each shape of call costs a program's start some time.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use pointsman_core::model::{Country, Latencies, Position, Region};
use pointsman_core::query::Query;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answers::{FRESH, Parts};
use crate::view::RawView;
use crate::words::Words;

/// In place of a word's or an answer's number: the word is none, or no query is held, and [`Engine::fault`] says why.
const FAULT: u32 = u32::MAX;

/// The block's slots: ip, ecs (numbers of words, or NaN), latitude, longitude (or NaN), how many latencies follow (or
/// NaN for none), then a Region's number and its milliseconds in turn.
const IP: usize = 0;
const ECS: usize = 1;
const LATITUDE: usize = 2;
const LONGITUDE: usize = 3;
const LATENCIES: usize = 4;
const LATENCY_FIRST: usize = 5;
const BLOCK: usize = LATENCY_FIRST + 2 * Region::COUNT;

/// The words, the block and the last new answer: one for each instance of the module.
#[wasm_bindgen]
pub struct Engine {
    words: Words,
    block: Box<[f64]>,
    /// Latitude and longitude in turn; then, in their place, the answers' numbers.
    positions: Vec<f64>,
    fresh: Parts,
    /// The name whose query is asked; [`NOTHING`] if the last one cannot be.
    held: usize,
    fault: String,
}

const NOTHING: usize = usize::MAX;

#[wasm_bindgen]
impl Engine {
    /// Knows no words yet.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::new_without_default, reason = "JavaScript is the only caller")]
    pub fn new() -> Self {
        Self {
            words: Words::default(),
            block: vec![f64::NAN; BLOCK].into_boxed_slice(),
            positions: Vec::new(),
            fresh: Parts::default(),
            held: NOTHING,
            fault: String::new(),
        }
    }

    /// Reads a word of a kind; its number, or [`FAULT`].
    pub fn word(&mut self, kind: u32, word: &str) -> u32 {
        self.words.read(kind, word).unwrap_or_else(|message| {
            self.fault = message;
            FAULT
        })
    }

    /// The draw of a key.
    pub fn draw_of(&self, key: &str) -> u64 {
        pointsman_core::draw_of(key)
    }

    /// The countries of Route 53's table, each with its continent: code, continent, code, continent, ...
    pub fn countries(&self) -> Vec<String> {
        let codes = Country::all().filter_map(|country| Some((country, country.continent()?)));
        codes.flat_map(|(country, continent)| [country.as_str().to_string(), continent.as_str().to_string()]).collect()
    }

    /// The view without what answers the query that is held: what it answers then is the next choice. `None` when no query
    /// is held, and [`Engine::fault`] says why.
    pub fn without_answer(&self, view: &RawView) -> Option<RawView> {
        let query = self.words.names.get(self.held)?;
        Some(view.without_answer(query))
    }

    /// Where the block lies.
    pub fn block(&self) -> *const f64 {
        self.block.as_ptr()
    }

    /// Holds the query that these numbers stand for. If it cannot be asked, what asks says [`FAULT`].
    #[expect(clippy::too_many_arguments, reason = "numbers cross the boundary for nothing, structures do not")]
    pub fn hold(&mut self, name: u32, record_type: u32, place: u32, more: bool, draw_low: u32, draw_high: u32) {
        self.held = NOTHING;
        let Some(query) = query(&mut self.words, &self.block, &mut self.fault, name, record_type, place, more) else {
            return;
        };
        query.draw = u64::from(draw_high) << 32 | u64::from(draw_low);
        self.held = name as usize;
    }

    /// Answers a query: the answer's number, [`FRESH`] added if JavaScript has to read [`Engine::fresh_text`] and
    /// [`Engine::fresh_numbers`] now, or [`FAULT`]. One call and not two, since it is the way that is hot.
    #[expect(clippy::too_many_arguments, reason = "numbers cross the boundary for nothing, structures do not")]
    pub fn resolve(
        &mut self,
        view: &RawView,
        name: u32,
        record_type: u32,
        place: u32,
        more: bool,
        draw_low: u32,
        draw_high: u32,
    ) -> u32 {
        self.hold(name, record_type, place, more, draw_low, draw_high);
        let Some(query) = self.words.names.get(self.held) else { return FAULT };
        let mut scratch = view.scratch.borrow_mut();
        let answer = view.view.health_view().resolve(query, &mut scratch);
        let number = view.answers.borrow_mut().number(&answer);
        if number & FRESH != 0 {
            self.fresh.set(&answer);
        }
        number
    }

    /// Makes room for positions, two numbers each; where the room lies.
    pub fn make_room(&mut self, numbers: u32) -> *const f64 {
        self.positions.clear();
        self.positions.resize(numbers as usize, 0.0);
        self.positions.as_ptr()
    }

    /// Answers the query that is held from many positions, from the `first` one on. The answers' numbers are written
    /// over the latitudes. It stops behind a fresh answer, which JavaScript reads before it goes on. The result is how
    /// many positions were answered in all, with [`FRESH`] added if the last answer is, or [`FAULT`].
    pub fn resolve_positions(&mut self, view: &RawView, first: u32) -> u32 {
        let Some(query) = self.words.names.get_mut(self.held) else { return FAULT };
        let mut scratch = view.scratch.borrow_mut();
        let mut answers = view.answers.borrow_mut();
        let mut done = first;
        for pair in self.positions.chunks_exact_mut(2).skip(first as usize) {
            let [latitude, longitude] = pair else { break };
            query.client.position = Position::from_degrees(*latitude, *longitude);
            let answer = view.view.health_view().resolve(query, &mut scratch);
            let number = answers.number(&answer);
            *latitude = f64::from(number & !FRESH);
            done += 1;
            if number & FRESH != 0 {
                self.fresh.set(&answer);
                return done | FRESH;
            }
        }
        done
    }

    /// The texts of the last fresh answer.
    pub fn fresh_text(&self) -> String {
        self.fresh.text.clone()
    }

    /// Its numbers.
    pub fn fresh_numbers(&self) -> Vec<i32> {
        self.fresh.numbers.clone()
    }

    /// Why the last query could not be asked.
    pub fn fault(&self) -> String {
        self.fault.clone()
    }

    /// The odds of the query that is held, as JSON; empty where there are none, and [`Engine::fault`] says why.
    pub fn odds(&mut self, view: &RawView) -> String {
        let Some(query) = self.words.names.get(self.held) else { return String::new() };
        match view.view.health_view().odds(query) {
            Ok(odds) => odds.to_json(),
            Err(error) => {
                self.fault = error.to_string();
                String::new()
            }
        }
    }

    /// The explanation of the query that is held: as JSON, and as a tree for people. Nothing for [`FAULT`].
    pub fn explain(&self, view: &RawView) -> Vec<String> {
        let Some(query) = self.words.names.get(self.held) else { return Vec::new() };
        let explanation = view.view.health_view().explain(query);
        vec![explanation.to_json(), explanation.to_string()]
    }

    /// Code, country, code, country, ... of every Region.
    pub fn region_words(&self) -> Vec<String> {
        Region::all().flat_map(|region| [region.as_str().to_string(), region.country().as_str().to_string()]).collect()
    }

    /// Latitude, longitude, latitude, longitude, ... of every Region, in the same order.
    pub fn region_positions(&self) -> Vec<f64> {
        Region::all().flat_map(|region| [region.position().latitude(), region.position().longitude()]).collect()
    }
}

/// The query that the numbers stand for, in the place of its name.
fn query<'w>(
    words: &'w mut Words,
    block: &[f64],
    fault: &mut String,
    name: u32,
    record_type: u32,
    place: u32,
    more: bool,
) -> Option<&'w mut Query> {
    let Some(query) = words.names.get_mut(name as usize) else {
        *fault = "name: is not known any more".into();
        return None;
    };
    if let Some(known) = words.types.get(record_type as usize) {
        query.record_type = *known;
    }
    // Nine bits of country, three of continent, six of Region, twelve of subdivision; 0 is none.
    let client = &mut query.client;
    client.country = one(&words.countries, place & 0x1FF);
    client.continent = one(&words.continents, place >> 9 & 0x7);
    client.vpc_region = one(&words.regions, place >> 12 & 0x3F);
    client.subdivision = one(&words.subdivisions, place >> 18 & 0xFFF);
    (client.ip, client.ecs, client.position, client.latency) = (None, None, None, None);
    if !more {
        return Some(query);
    }
    let at = |slot: usize| block.get(slot).copied().filter(|value| !value.is_nan());
    client.ip = at(IP).and_then(|number| words.addresses.get(number as usize)).copied();
    client.ecs = at(ECS).and_then(|number| words.networks.get(number as usize)).copied();
    if let (Some(latitude), Some(longitude)) = (at(LATITUDE), at(LONGITUDE)) {
        client.position = Position::from_degrees(latitude, longitude);
        if client.position.is_none() {
            *fault = "client.latitude: latitude must be -90 to 90 and longitude -180 to 180".into();
            return None;
        }
    }
    if let Some(count) = at(LATENCIES) {
        let mut latencies = Latencies::UNKNOWN;
        let pairs = block.get(LATENCY_FIRST..).unwrap_or_default().chunks_exact(2).take(count as usize);
        for pair in pairs {
            let &[number, milliseconds] = pair else { continue };
            let Some(region) = Region::all().nth(number as usize) else { continue };
            if !latencies.set_milliseconds(region, milliseconds) {
                *fault = ["client.latency_ms.", region.as_str(), ": ", &milliseconds.to_string()].concat();
                fault.push_str(" is not a latency in milliseconds");
                return None;
            }
        }
        client.latency = Some(latencies);
    }
    Some(query)
}

/// The word of a number that counts from 1.
fn one<T: Copy>(table: &[T], number: u32) -> Option<T> {
    number.checked_sub(1).and_then(|at| table.get(at as usize)).copied()
}
