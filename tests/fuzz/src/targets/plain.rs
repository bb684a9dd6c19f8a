//! The plain module's ABI: a little program of calls, with addresses, lengths and buffers as a host might get them wrong.
//!
//! The arena begins with a good bundle of documents and a report; the input is a list of instructions, each a byte and its
//! arguments. Handles come from what was returned before, or are numbers of the fuzzer's own.
#![expect(unsafe_code, reason = "the exported functions are called by their names, as a host does")]

use anyhow::Result;

use super::target::Target;
use super::zones;
use crate::memory;
use crate::plain_module::layout;

pub(super) const TARGET: Target =
    Target { name: "plain", reads: "the plain module's calls, bundles and flat queries", run, seeds };

// By their names, as hosts find them: this crate defines them, by the plain module's own sources.
unsafe extern "C" {
    safe fn pointsman_check(address: u32, length: u32) -> u32;
    safe fn pointsman_apply(address: u32, length: u32, batch_address: u32, batch_length: u32) -> u32;
    safe fn pointsman_zone_load(address: u32, length: u32) -> u32;
    safe fn pointsman_zone_free(zone: u32) -> u32;
    safe fn pointsman_zone_describe(zone: u32) -> u32;
    safe fn pointsman_record_set_describe(zone: u32, number: u32) -> u32;
    safe fn pointsman_glue(zone: u32, name_address: u32, name_length: u32, record_type: u32) -> u32;
    safe fn pointsman_region(address: u32, length: u32) -> u32;
    safe fn pointsman_view_new(zone: u32, address: u32, length: u32) -> u32;
    safe fn pointsman_view_update(view: u32, address: u32, length: u32) -> u32;
    safe fn pointsman_view_free(view: u32) -> u32;
    safe fn pointsman_health_checks(view: u32) -> u32;
    safe fn pointsman_answered(view: u32) -> u32;
    safe fn pointsman_unanswered(view: u32, address: u32, length: u32) -> u32;
    safe fn pointsman_without_data(view: u32) -> u32;
    safe fn pointsman_question_new(zone: u32) -> u32;
    safe fn pointsman_question_free(question: u32) -> u32;
    safe fn pointsman_client_new() -> u32;
    safe fn pointsman_client_free(client: u32) -> u32;
    safe fn pointsman_resolve(view: u32) -> u32;
    safe fn pointsman_resolve_kept(view: u32, question: u32, client: u32, draw: u64) -> u32;
    safe fn pointsman_values(view: u32) -> u32;
    safe fn pointsman_odds(view: u32) -> u32;
    safe fn pointsman_explain(view: u32, as_json: u32) -> u32;
    safe fn pointsman_resolve_json(view: u32, address: u32, length: u32) -> u32;
    safe fn pointsman_odds_json(view: u32, address: u32, length: u32) -> u32;
    safe fn pointsman_explain_json(view: u32, address: u32, length: u32) -> u32;
}

/// Where the good bundle stands, and the good report.
const BUNDLE: usize = 1_024;
const REPORT: usize = 60_000;
const LINE: usize = 61_000;

fn bundle() -> Vec<u8> {
    let zone = zones::EXAMPLES.get(2).copied().unwrap_or_default();
    let mut bytes = u32::MAX.to_le_bytes().to_vec();
    for text in [Some("zone.json"), None, Some(zone)] {
        bytes.extend(text.map_or(u32::MAX, |text| text.len() as u32).to_le_bytes());
        bytes.extend(text.unwrap_or_default().as_bytes());
    }
    bytes
}

const GOOD_REPORT: &[u8] =
    br#"{"HealthChecks": {}, "AliasTargets": {"dualstack.my-app-1187.us-east-1.elb.amazonaws.com.": "unhealthy"}}"#;
const GOOD_LINE: &[u8] = br#"{"name":"my-app.example.com","type":"A"}"#;

/// Reads arguments; zeros once there are none left.
struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn number(&mut self) -> u32 {
        u32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()])
    }

    /// An address and a length: of the good bundle, report or line, a little off, or anything.
    fn range(&mut self) -> (u32, u32) {
        let (how, off) = (self.byte(), u32::from(self.byte()));
        let (address, length) = match how % 5 {
            0 => (BUNDLE, bundle().len()),
            1 => (REPORT, GOOD_REPORT.len()),
            2 => (LINE, GOOD_LINE.len()),
            3 => (usize::from(how) << 8, usize::from(self.byte())),
            _ => return (self.number(), self.number()),
        };
        let address = address as u32;
        if how & 0x80 == 0 { (address, length as u32) } else { (address.wrapping_add(off), length as u32) }
    }
}

fn run(bytes: &[u8]) {
    memory::reset();
    memory::write(BUNDLE, &bundle());
    memory::write(REPORT, GOOD_REPORT);
    memory::write(LINE, GOOD_LINE);
    let mut reader = Reader(bytes);
    let mut handles: Vec<u32> = Vec::new();
    for _ in 0..200 {
        if reader.0.is_empty() {
            break;
        }
        let instruction = reader.byte();
        let pick = usize::from(reader.byte());
        let handle = match handles.len() {
            0 => pick as u32,
            many => handles.get(pick % many).copied().unwrap_or(0) ^ u32::from(pick >= 250),
        };
        let (address, length) = match instruction % 32 {
            0..=8 => reader.range(),
            _ => (0, 0),
        };
        let answer = match instruction % 32 {
            0 => pointsman_zone_load(address, length),
            1 => pointsman_view_new(handle, address, length),
            2 => pointsman_view_update(handle, address, length),
            3 => pointsman_check(address, length),
            4 => {
                let (batch, batch_length) = reader.range();
                pointsman_apply(address, length, batch, batch_length)
            }
            5 => pointsman_glue(handle, address, length, u32::from(reader.byte())),
            6 => pointsman_unanswered(handle, address, length) ^ pointsman_region(address, length),
            7 => pointsman_resolve_json(handle, address, length) ^ pointsman_odds_json(handle, address, length),
            8 => pointsman_explain_json(handle, address, length),
            9 => pointsman_zone_free(handle),
            10 => pointsman_view_free(handle),
            11 => pointsman_question_free(handle),
            12 => pointsman_client_free(handle),
            13 => pointsman_zone_describe(handle),
            14 => pointsman_record_set_describe(handle, reader.number()),
            15 => pointsman_health_checks(handle) ^ pointsman_answered(handle) ^ pointsman_without_data(handle),
            16 => pointsman_question_new(handle),
            17 => pointsman_client_new(),
            18..=20 => {
                let status = pointsman_resolve(handle);
                status ^ pointsman_values(handle)
            }
            21 | 22 => {
                let (question, client) = (u32::from(reader.byte()), u32::from(reader.byte()));
                pointsman_resolve_kept(handle, question, client, u64::from(reader.number()))
            }
            23 => pointsman_odds(handle) ^ pointsman_explain(handle, u32::from(reader.byte())),
            24..=27 => {
                // A field of the query's buffer, by its place.
                let at = usize::from(reader.byte()).wrapping_mul(if instruction & 0x80 == 0 { 1 } else { 6 });
                let count = usize::from(reader.byte()).min(reader.0.len());
                let (field, rest) = reader.0.split_at(count);
                memory::write_query(at % size_of::<layout::Query>(), field);
                reader.0 = rest;
                0
            }
            28 => {
                let wire = b"\x06my-app\x07example\x03com\x00";
                memory::write_query(std::mem::offset_of!(layout::Query, name), wire);
                memory::write_query(std::mem::offset_of!(layout::Query, name_length), &[wire.len() as u8]);
                memory::write_query(std::mem::offset_of!(layout::Query, record_type), &[1, 0]);
                0
            }
            _ => {
                // Bytes of the fuzzer's own over the bundle, the report or anything else.
                let (at, count) = (reader.number() as usize % memory::SIZE, usize::from(reader.byte()));
                let (bytes, rest) = reader.0.split_at(count.min(reader.0.len()));
                memory::write(at, bytes);
                reader.0 = rest;
                0
            }
        };
        if matches!(instruction % 32, 0..=2 | 16 | 17) && answer != 0 {
            handles.push(answer);
        }
    }
}

fn seeds() -> Result<Vec<Vec<u8>>> {
    let questions = [28, 0, 16, 0, 17, 0, 18, 1, 21, 1, 2, 3, 0, 0, 0, 0, 23, 1, 1, 13, 0, 15, 1, 9, 0, 10, 1, 18, 1];
    let load = [0, 0, 0, 0, 1, 0, 1, 0];
    let texts = [3, 0, 0, 0, 4, 0, 0, 0, 1, 0, 2, 1, 1, 0, 7, 1, 2, 0, 8, 1, 2, 0, 6, 1, 2, 0, 5, 0, 2, 0, 1];
    let write = [24, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 152, 0, 2, 9, 4, 4, 24, 0, 192, 0, 2, 1, 18, 1];
    Ok(vec![
        [&load[..], &questions].concat(),
        [&load[..], &texts].concat(),
        [&load[..], &write, &questions].concat(),
        [&[31, 0, 8, 4, 0, 0, 4, 255, 255, 255, 255][..], &load, &questions].concat(),
    ])
}
