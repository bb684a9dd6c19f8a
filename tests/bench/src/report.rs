//! BENCHMARKS.md, from the kept figures and nothing else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::case::thousands;
use crate::figures::{self, Budget, Row, Section};

/// A section of the report.
struct Heading {
    /// The file in figures/.
    name: &'static str,
    title: &'static str,
    /// What was done, in a sentence or two.
    about: &'static str,
    /// Tables, by the first part of the ids of their rows; a part that is not named here is its own title.
    tables: &'static [(&'static str, &'static str)],
}

/// Every section, in the order of the report. A new one needs a line here and one in xtask/src/bench.rs.
const SECTIONS: [Heading; 9] = [
    Heading {
        name: "core",
        title: "Core, native",
        about: "Zones hold blocks of nine names: each policy once, and a three-level tree, in which a latency group \
                leads to weighted groups and those to failover pairs; 199 health checks are shared among all record \
                sets. Each call of `resolve` asks for another name, so the figures include what a cache forgets. Loading is parsing, validating, compiling, and \
                freeing what was parsed.",
        tables: &[
            ("resolve", "A query, `resolve`"),
            ("allocations", "Allocations"),
            ("growth", "The size of the zone"),
            ("odds", "Odds"),
            ("explain", "Explanations"),
            ("lines", "Lines of JSON"),
            ("load", "Loading"),
            ("parse", "Loading, of which parse"),
            ("validate", "Loading, of which validate"),
            ("compile", "Loading, of which compile"),
            ("memory", "Memory"),
            ("view", "A view"),
            ("updated", "The next view, when a check flips"),
            ("copied", "What the next view copies"),
            ("without", "The view without a record set"),
        ],
    },
    Heading {
        name: "decide",
        title: "Compiled zones",
        about: "Zones are those of the section before, as images. Opening looks at every number; adding up the same bytes beside it \
                is what no opening can be quicker than. In Node.js it is `pointsman/decide`; a start is a process of its own, in turn \
                with one of json-logic-js. Reloads in CoreDNS take turns; what is long runs in code that Go can interrupt, as in a server.",
        tables: &[
            ("budget", "Against budgets"),
            ("open", "Opening an image, native"),
            ("read", "The same bytes, added up"),
            ("image", "Size of an image"),
            ("memory", "Memory"),
            ("pool", "Memory of an instance in a pool of CoreDNS, 10,000 record sets"),
            ("reload", "A pool of 4 in CoreDNS comes to a changed zone of 10,000 record sets"),
            ("answer", "An answer in Node.js"),
            ("request", "An instance for each request, in Node.js: instance, image, view, answer"),
            ("start", "Import to the first answer"),
        ],
    },
    Heading {
        name: "component",
        title: "The component, in wasmtime",
        about: "Typed calls through the WIT package, in the host of host-examples/wasmtime. The empty component \
                (wasm/empty) has the same types and answers with a constant of the same shape, so the difference is \
                what Pointsman does. Native calls are samples of the same run.",
        tables: &[
            ("budget", "What Pointsman adds to a call"),
            ("decide", "A call by what was read before, `decide`"),
            ("call", "A call in words, `resolve`"),
            ("many", "A query of a thousand in one call, `resolve-many`"),
            ("lines", "Lines of JSON, `resolve-json`"),
            ("native", "The same natively"),
        ],
    },
    Heading {
        name: "verify",
        title: "Drill and diff",
        about: "As libraries, on one core. Zones hold names that fail over between two Regions with weighted members in \
                each, and every fourth a geolocation name; health checks are shared among them. Drills are exact: every \
                class of clients in every state of all checks and endpoints. The one name is failover over latency in \
                five Regions without a LatencyTable, each with 20 weighted members, and a standby of 100 multivalue ones.",
        tables: &[
            ("answers", "Answers to (question, class, state)"),
            ("drill", "Drill"),
            ("diff", "Diff"),
            ("memory", "Memory"),
        ],
    },
    Heading {
        name: "js",
        title: "The npm package, in Node.js",
        about: "The same two decisions in each engine's own language: a place by country or continent, there a primary \
                while its health check is well, else a secondary; in the larger tree the primary is two endpoints by weight. \
                All take turns in one process and have to agree first. Where plain compiled JavaScript is faster the tables \
                say so; it knows these rules and no others. A start is a process of its own.",
        tables: &[
            ("budget", "Against others, start and size"),
            ("geo", "A decision: geography and health, 12 record sets"),
            ("tree", "A decision: tree of 50 record sets"),
            ("start", "Import to the first answer"),
            ("gzip", "Size, gzip"),
        ],
    },
    Heading {
        name: "watch",
        title: "The prober",
        about: "`pointsman watch` as a process of its own, with its feed, at the real interval, against local servers in \
                another process; the processor time is read from /proc over six intervals. Half of the checks are HTTP, \
                a quarter HTTPS, an eighth each TCP and HTTP_STR_MATCH, and each try is a new connection.",
        tables: &[("watch", "What it takes")],
    },
    Heading {
        name: "dns",
        title: "The plain module in wazero, and CoreDNS",
        about: "Calls ask for three-level trees in a zone of 10,000 record sets, another one each time; the quickest of many \
                rounds counts, native and in wazero in turn. CoreDNS with the plugin and CoreDNS with its own `file` give the \
                same static answers to dnsperf on loopback, in turn; a third of the plugin's names are simple, a third \
                failover pairs, a third weighted. The processor time is read from /proc. Steering is what a query for a steered \
                record costs more than one for a static record, with PowerDNS in the same server (`enable-lua-records=shared`, one \
                thread, no caches), with the plugin beside the cheaper static record, which is its own or that of `file`. \
                Since the module answers the plugin's static records too, all that decides is given beside it, as the \
                profile of the loaded server finds it: from reading the client to finding the records, with the module.",
        tables: &[
            ("budget", "What Pointsman adds to a call and to CoreDNS, and PowerDNS beside it"),
            ("call", "A call"),
            ("server", "A query to CoreDNS"),
            ("steering", "CPU for a decision, in the plugin and as a Lua record of PowerDNS"),
            ("decided", "CPU for a query with a decision"),
            ("instance", "An instance of the pool"),
        ],
    },
    Heading {
        name: "envoy",
        title: "The filter, in Envoy 1.40",
        about: "CPU that the kernel gave Envoy, by requests. One Envoy a variant, with one worker that answers by itself, \
                loaded by wrk over 16 connections in turn, nine rounds of two seconds in one sitting.",
        tables: &[("budget", "What Pointsman adds to a filter of a few lines"), ("request", "A request")],
    },
    Heading {
        name: "size",
        title: "Size",
        about: "What a host downloads. 300 KB, and 100 KB after gzip, were the aim of the full component, which misses it: it is \
                held to no more than the last release has. What has to be small decides from compiled zones, in 40 KB.",
        tables: &[("component", "The component")],
    },
];

/// The report.
#[must_use]
pub fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../BENCHMARKS.md")
}

/// The names of all sections.
pub fn sections() -> impl Iterator<Item = &'static str> {
    SECTIONS.iter().map(|heading| heading.name)
}

/// The report as it follows from the kept figures.
pub fn render(folder: &Path) -> Result<String> {
    let mut sections = Vec::new();
    for heading in &SECTIONS {
        if let Some(section) = figures::load(folder, heading.name)? {
            sections.push((heading, section));
        }
    }
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_known = SECTIONS.iter().any(|heading| name == format!("{}.json", heading.name));
        ensure!(is_known, "figures/{name} has no heading in tests/bench/src/report.rs");
    }
    let mut text = String::from(INTRODUCTION);
    summary(&mut text, &sections);
    for (heading, section) in &sections {
        write_section(&mut text, heading, section);
    }
    Ok(text)
}

const INTRODUCTION: &str = "\
# Benchmarks

`cargo xtask bench` measures and writes this page; `--only NAME` measures one section again and leaves the others as they
were. The figures are kept in `tests/bench/figures`.

Times are medians; ± is how far half of the samples lie from it. What is compared was measured side by side in one run, a
sample of each in turn. Instructions are counted by Valgrind and do not depend on what else the machine does.
";

/// Every budget, and whether it is kept.
fn summary(text: &mut String, sections: &[(&Heading, Section)]) {
    text.push_str(
        "\n## Budgets\n\n| section | what | figure | budget | figure / budget | verdict |\n|---|---|--:|--:|--:|---|\n",
    );
    let judged = || {
        sections
            .iter()
            .flat_map(|(heading, section)| section.rows.iter().filter_map(move |row| Some((heading, row, row.budget?))))
    };
    for (heading, row, budget) in judged() {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            heading.title,
            subject(heading, row),
            quantity(row.figure, &row.unit),
            limit(budget, &row.unit),
            ratio(row.figure, budget),
            verdict(row.figure, budget),
        );
    }
    let in_the_way: Vec<_> = judged().filter(|(_, row, budget)| !budget.is_met(row.figure)).collect();
    if in_the_way.is_empty() {
        text.push_str("\nAll of them are met.\n");
        return;
    }
    text.push_str("\nWhat stands in the way of those that are not met:\n\n");
    for (heading, row, _) in in_the_way {
        let reason = row.in_the_way.as_deref().unwrap_or("It has not been looked into yet.");
        let _ = writeln!(text, "- **{}: {}.** {reason}", heading.title, subject(heading, row));
    }
}

/// A row's words, with those of its table where they do not say enough alone.
fn subject(heading: &Heading, row: &Row) -> String {
    format!("{}: {}", table(heading, row), row.what)
}

fn table<'r>(heading: &Heading, row: &'r Row) -> &'r str
where
    'static: 'r,
{
    let part = row.id.split('/').next().unwrap_or(&row.id);
    heading.tables.iter().find(|(name, _)| *name == part).map_or(part, |(_, title)| title)
}

fn write_section(text: &mut String, heading: &Heading, section: &Section) {
    let machine = &section.machine;
    let _ = writeln!(text, "\n## {}\n\n{}\n", heading.title, heading.about);
    let _ = writeln!(
        text,
        "Measured on {}: {}, {} cores, {} GiB, {}, {}. Load average at the start: {}.",
        machine.date,
        machine.processor,
        machine.cores,
        machine.memory_gib,
        machine.kernel,
        machine.rustc,
        machine.load_average
    );
    let mut titles: Vec<&str> = Vec::new();
    for row in &section.rows {
        let title = table(heading, row);
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    for title in titles {
        let _ = writeln!(text, "\n### {title}\n");
        let rows: Vec<&Row> = section.rows.iter().filter(|row| table(heading, row) == title).collect();
        write_table(text, &rows);
    }
}

/// Columns that no row fills are left out.
fn write_table(text: &mut String, rows: &[&Row]) {
    let counted = rows.iter().any(|row| row.spread.is_some() || row.instructions.is_some());
    let judged = rows.iter().any(|row| row.budget.is_some());
    let (mut names, mut line) = (String::from("| what | figure |"), String::from("|---|--:|"));
    if counted {
        names.push_str(" instructions |");
        line.push_str("--:|");
    }
    if judged {
        names.push_str(" budget | figure / budget | verdict |");
        line.push_str("--:|--:|---|");
    }
    let _ = writeln!(text, "{names}\n{line}");
    for row in rows {
        let spread = row.spread.map(|spread| format!(" ± {:.0} %", spread * 100.0)).unwrap_or_default();
        let _ = write!(text, "| {} | {}{spread} |", row.what, quantity(row.figure, &row.unit));
        if counted {
            let count = row.instructions.map_or_else(|| "not measured".into(), |count| quantity(count, ""));
            let _ = write!(text, " {count} |");
        }
        if judged {
            let cells = row.budget.map_or_else(
                || " | | |".into(),
                |budget| {
                    let (limit, ratio) = (limit(budget, &row.unit), ratio(row.figure, budget));
                    format!(" {limit} | {ratio} | {} |", verdict(row.figure, budget))
                },
            );
            text.push_str(&cells);
        }
        text.push('\n');
    }
}

fn limit(budget: Budget, unit: &str) -> String {
    let sign = match budget {
        Budget::AtMost(_) => "≤",
        Budget::AtLeast(_) => "≥",
    };
    format!("{sign} {}", quantity(budget.number(), unit))
}

fn ratio(figure: f64, budget: Budget) -> String {
    if budget.number() == 0.0 { "–".into() } else { quantity(figure / budget.number(), "") }
}

fn verdict(figure: f64, budget: Budget) -> &'static str {
    if budget.is_met(figure) { "met" } else { "**not met**" }
}

/// A number of three digits with its unit; times in the unit that suits them.
fn quantity(number: f64, unit: &str) -> String {
    let (number, unit) = match unit {
        "ns" if number.abs() >= 1e6 => (number / 1e6, "ms"),
        "ns" if number.abs() >= 1e3 => (number / 1e3, "µs"),
        _ => (number, unit),
    };
    let mut text = if !number.is_finite() {
        "not measured".into()
    } else if number.abs() >= 1000.0 {
        // Whole, and small enough for the cast.
        format!("{}{}", if number < 0.0 { "-" } else { "" }, thousands(number.abs().round() as usize))
    } else if number.abs() >= 100.0 || number.fract() == 0.0 {
        format!("{number:.0}")
    } else if number.abs() >= 10.0 {
        format!("{number:.1}")
    } else if number.abs() >= 1.0 {
        format!("{number:.2}")
    } else {
        format!("{number:.3}")
    };
    if !unit.is_empty() {
        text.push(' ');
        text.push_str(unit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_three_digits_and_a_unit_that_suits_them() {
        let cases = [
            (3.0, "ns", "3 ns"),
            (152.34, "ns", "152 ns"),
            (15_234.0, "ns", "15.2 µs"),
            (1.5e9, "ns", "1,500 ms"),
            (-761.4, "ns", "-761 ns"),
            (-2_345.0, "ns", "-2.35 µs"),
            (-2_345.0, "", "-2,345"),
            (0.1234, "", "0.123"),
            (288_123.0, "bytes", "288,123 bytes"),
        ];
        for (number, unit, expected) in cases {
            assert_eq!(quantity(number, unit), expected);
        }
    }
}
