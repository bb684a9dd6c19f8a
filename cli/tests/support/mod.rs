//! Files that are made for the tests: too large, too odd or too binary to be kept.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

mod mmdb;

use mmdb::Value;

/// Makes the files in a folder of their own and gives the folder.
pub(crate) fn fixtures(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();

    let zone = b"{\"HostedZone\": {\"Id\": \"Z1\", \"Name\": \"example.com.\"}}\n";
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(zone.iter().flat_map(|byte| [*byte, 0])).collect();
    write("utf-16.json", &utf16);
    write("latin-1.json", b"{\"Comment\": \"caf\xe9\"}");
    write("empty.json", b"");
    write("nul.json", b"{\"HostedZone\": {\"Id\": \"Z1\", \"Name\": \"exa\0mple.com.\"}}\n");
    write("nested.json", format!("{{\"ResourceRecordSets\": {}", "[".repeat(100_000)).as_bytes());
    write("junk.json", "junk ".repeat(20 << 20).as_bytes());
    write(
        "long-string.json",
        format!("{{\"ResourceRecordSets\": [], \"x\": \"{}\"}}", "y".repeat(10 << 20)).as_bytes(),
    );
    write("large-group.json", large_group(10_000).as_bytes());
    write("one-line.json", one_line().as_bytes());
    write(
        "long-line.ndjson",
        format!("\"{}\"\n{{\"name\":\"example.com\",\"type\":\"SOA\"}}\n", "x".repeat(3 << 20)).as_bytes(),
    );
    write("binary.ndjson", b"\xff\xfe\n\n{\"name\":\"example.com\",\"type\":\"SOA\"}");

    let country = |code: &str| Value::map([("iso_code", Value::text(code))]);
    let continent = |code: &str| Value::map([("code", Value::text(code))]);
    let place = |latitude, longitude| {
        Value::map([("latitude", Value::Double(latitude)), ("longitude", Value::Double(longitude))])
    };
    let state = |code: &str| Value::Array(vec![Value::map([("iso_code", Value::text(code))])]);
    let city = mmdb::write(
        "Test-City",
        &[
            (
                [198, 51, 100],
                Value::map([
                    ("continent", continent("NA")),
                    ("country", country("US")),
                    ("location", place(47.6, -122.3)),
                    ("subdivisions", state("WA")),
                ]),
            ),
            // MaxMind has Turkey in Asia, Route 53 in Europe (4.5.6).
            ([203, 0, 114], Value::map([("continent", continent("AS")), ("country", country("TR"))])),
        ],
    );
    write("city.mmdb", &city);
    write(
        "flat.mmdb",
        &mmdb::write(
            "geo-whois-asn-country",
            &[
                ([192, 0, 2], Value::map([("country_code", Value::text("DE"))])),
                ([198, 51, 100], Value::map([("country_code", Value::text("SG"))])),
            ],
        ),
    );
    folder
}

/// A zone with one weighted group of that many members.
fn large_group(members: usize) -> String {
    let mut zone =
        String::from("{\"HostedZone\": {\"Id\": \"Z1\", \"Name\": \"example.com.\"}, \"ResourceRecordSets\": [\n");
    for member in 0..members {
        let separator = if member == 0 { "" } else { ",\n" };
        write!(
            zone,
            "{separator}{{\"Name\": \"a.example.com.\", \"Type\": \"A\", \"SetIdentifier\": \"m{member}\", \"Weight\": 1, \
             \"TTL\": 60, \"ResourceRecords\": [{{\"Value\": \"192.0.2.1\"}}]}}"
        )
        .unwrap();
    }
    zone.push_str("\n]}\n");
    zone
}

/// JSON without line ends, with faults far to the right.
fn one_line() -> String {
    let record = |name: &str, ttl: &str| {
        format!(
            "{{\"Name\":\"{name}.example.com.\",\"Type\":\"A\",\"TTL\":{ttl},\"ResourceRecords\":[{{\"Value\":\"192.0.2.1\"}}]}}"
        )
    };
    let good: Vec<String> = (0..200).map(|number| record(&format!("n{number}"), "60")).collect();
    let bad = record("b\u{e4}d", "\"sixty\"");
    format!(
        "{{\"HostedZone\":{{\"Id\":\"Z1\",\"Name\":\"example.com.\"}},\"ResourceRecordSets\":[{},{bad},{}]}}",
        good.join(","),
        record("last", "60")
    )
}
