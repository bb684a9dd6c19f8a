//! Queries as lines of JSON: one answer a line, in the same order, as soon as it is known.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use pointsman_core::parse::parse_query;
use pointsman_core::query::{Query, error_json};

use crate::exit::Stop;
use crate::output;
use crate::place_database::PlaceDatabase;
use crate::source::unreadable;

/// The longest line that is read; a longer one is an error at its place, and is not kept.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// Answers every line of a file, `-` for standard input. A line that cannot be answered gives `{"error":"..."}` at its
/// place, and the verdict no at the end. Empty lines give nothing.
pub(crate) fn answer_all(
    file: &str,
    places: Option<&PlaceDatabase>,
    answer: impl FnMut(&Query) -> Result<String, String>,
) -> Result<(), Stop> {
    let bad = if file == "-" {
        run(&mut BufReader::new(io::stdin().lock()), places, answer)?
    } else {
        let fail = |error| unreadable(file, "queries", &error);
        let opened = File::open(file).map_err(fail)?;
        if opened.metadata().map_err(fail)?.is_dir() {
            return Err(fail(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        run(&mut BufReader::with_capacity(1 << 16, opened), places, answer)?
    };
    if bad == 0 {
        return Ok(());
    }
    output::error(&format!("{} could not be answered", output::count(bad, "query line")), "");
    Err(Stop::No)
}

/// Answers lines; gives how many could not be answered.
fn run<R: Read>(
    input: &mut BufReader<R>,
    places: Option<&PlaceDatabase>,
    mut answer: impl FnMut(&Query) -> Result<String, String>,
) -> Result<usize, Stop> {
    let mut output = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut line = Vec::new();
    let mut bad = 0_usize;
    loop {
        if input.buffer().is_empty() {
            // The next read may wait for a writer that waits for these answers.
            output.flush()?;
        }
        line.clear();
        let length = input
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line)
            .map_err(|error| Stop::cannot(format!("cannot read the queries: {error}"), ""))?;
        if length == 0 {
            output.flush()?;
            return Ok(bad);
        }
        let too_long = length as u64 == LINE_BYTES_MAX && !line.ends_with(b"\n");
        if too_long {
            input.skip_until(b'\n').map_err(|error| Stop::cannot(format!("cannot read the queries: {error}"), ""))?;
        }
        let answered = match (too_long, std::str::from_utf8(&line)) {
            (true, _) => Err(error_json("the line is longer than 1 MiB")),
            (_, Err(_)) => Err(error_json("the line is not UTF-8")),
            (_, Ok(text)) if text.trim_ascii().is_empty() => continue,
            (_, Ok(text)) => parse_query(text).map_err(|error| error.to_json()).and_then(|mut query| {
                if let Some(places) = places {
                    places.fill(&mut query.client);
                }
                answer(&query).map_err(|message| error_json(&message))
            }),
        };
        bad = bad.saturating_add(usize::from(answered.is_err()));
        let (Ok(text) | Err(text)) = answered;
        output.write_all(text.as_bytes())?;
        output.write_all(b"\n")?;
    }
}
