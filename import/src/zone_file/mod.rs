//! Zone files (RFC 1035, section 5), with the comments in which cli53 writes Route 53's routing and the class in which it
//! writes aliases.

mod entries;
mod tokens;

use std::collections::HashMap;
use std::ops::Range;

use pointsman_core::diagnostic::{Diagnostic, Path, Place};

use self::entries::{Entry, Fault, Token, entries};
use self::tokens::{absolute, is_class, is_type, names_in, pairs, ttl};
use crate::format::Format;
use crate::options::Options;
use crate::read::{Origin, Output, Read};
use crate::sample::{Sample, Shape};
use crate::tree::{Members, Node};

/// A zone file.
pub(crate) const FORMAT: Format = Format { name: "a zone file", recognises, read };

fn recognises(sample: &Sample<'_>) -> bool {
    sample.shape == Shape::Text
        && sample.lines().any(|line| {
            let words: Vec<&str> = line.split_whitespace().take(6).collect();
            let is_record = |pair: &[&str]| match pair {
                [before, word] => is_type(word) && (is_class(before) || ttl(before).is_some()),
                _ => false,
            };
            matches!(words.first(), Some(&("$ORIGIN" | "$TTL"))) || words.windows(2).any(is_record)
        })
}

fn read(text: &str, options: &Options<'_>) -> Read {
    let list = match entries(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        Ok(list) => list,
        Err(fault) => return unclosed(text, fault),
    };
    let shift = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let origin = options.zone.map(absolute);
    let mut reader = Reader {
        shift,
        origin: origin.clone(),
        zone: origin,
        ttl: None,
        last_ttl: None,
        owner: None,
        ..Reader::default()
    };
    for entry in &list {
        reader.entry(entry);
    }
    reader.finish()
}

fn unclosed(text: &str, fault: Fault) -> Read {
    let (at, message) = match fault {
        Fault::Unclosed(at) => (at, "nothing closes this"),
        Fault::Stray(at) => (at, "this closes nothing"),
    };
    let mut read = Read::refused("zone-file-malformed", message, "close every quotation mark and parenthesis once");
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let before = body.get(..at).unwrap_or_default();
    let line = before.matches('\n').count().saturating_add(1);
    let column = at.saturating_sub(before.rfind('\n').map_or(0, |at| at.saturating_add(1))).saturating_add(1);
    for place in read.findings.iter_mut().filter_map(|finding| finding.place.as_mut()) {
        place.line_column = Some((line, column));
    }
    read
}

/// A record set that is being gathered.
struct Gathered {
    members: Members<'static>,
    values: Vec<(String, Range<usize>)>,
    ttl: Option<i64>,
    bytes: Range<usize>,
    /// Whether its alias leads to this zone, whose id the file does not say.
    is_self_alias: bool,
}

#[derive(Default)]
struct Reader {
    shift: usize,
    origin: Option<String>,
    /// The zone's name: what the caller says, else the owner of the SOA record, else the first origin.
    zone: Option<String>,
    ttl: Option<i64>,
    last_ttl: Option<i64>,
    owner: Option<String>,
    sets: Vec<Gathered>,
    index: HashMap<String, usize>,
    output: Output,
    /// Findings about pieces of the text, which the map of places finds by their number.
    pieces: usize,
}

impl Reader {
    fn entry(&mut self, entry: &Entry<'_>) {
        let Some(first) = entry.tokens.first() else { return };
        if entry.has_owner && first.text.starts_with('$') {
            self.directive(first, entry.tokens.get(1));
            return;
        }
        let mut tokens = entry.tokens.as_slice();
        if entry.has_owner {
            let Some(owner) = self.name(first) else { return };
            self.owner = Some(owner);
            tokens = tokens.get(1..).unwrap_or_default();
        }
        let Some(owner) = self.owner.clone() else {
            self.find(
                Diagnostic::cannot("zone-file-malformed", "the first record has no name").help("give the name"),
                first,
            );
            return;
        };
        let (mut given_ttl, mut class) = (None, "IN");
        while let Some(token) = tokens.first() {
            if let Some(ttl) = ttl(&token.text).filter(|_| given_ttl.is_none()) {
                given_ttl = Some(ttl);
            } else if is_class(&token.text) {
                class = if token.text.eq_ignore_ascii_case("AWS") { "AWS" } else { class };
            } else {
                break;
            }
            tokens = tokens.get(1..).unwrap_or_default();
        }
        let Some((kind, rdata)) = tokens.split_first() else {
            self.find(
                Diagnostic::cannot("zone-file-malformed", "the record has no type").help("give type and value"),
                first,
            );
            return;
        };
        let kind_text = kind.text.to_ascii_uppercase();
        self.last_ttl = given_ttl.or(self.last_ttl);
        let known_ttl = given_ttl.or(self.ttl).or(self.last_ttl);
        let routing = entry.comment.and_then(|comment| comment.trim().strip_prefix("AWS ")).map(pairs);
        let bytes = first.bytes.start..entry.tokens.last().map_or(first.bytes.end, |token| token.bytes.end);
        if class == "AWS" && kind_text == "ALIAS" {
            self.alias(&owner, rdata, routing, bytes, kind);
            return;
        }
        if kind_text == "SOA" {
            self.zone.get_or_insert_with(|| owner.clone());
        }
        let Some(value) = self.value(&kind_text, rdata, kind) else { return };
        let value_bytes = rdata.first().map_or(kind.bytes.end, |token| token.bytes.start)..bytes.end;
        let at = self.set(&owner, &kind_text, routing, bytes);
        if known_ttl.is_none() {
            let finding =
                Diagnostic::cannot("zone-file-without-ttl", "the record has no TTL, and no TTL was given before");
            self.find(finding.help("give a TTL, or `$TTL` at the start of the file"), first);
        }
        if let Some(set) = self.sets.get_mut(at) {
            if set.ttl.is_some() && set.ttl != known_ttl {
                let message = "records of one name and type have one TTL; the first one counts";
                let finding = Diagnostic::lint("zone-file-ttl-differs", message).help("give all of them the same TTL");
                self.find(finding, first);
            } else {
                set.ttl = known_ttl;
            }
        }
        if let Some(set) = self.sets.get_mut(at) {
            set.values.push((value, value_bytes));
        }
    }

    fn directive(&mut self, directive: &Token, argument: Option<&Token>) {
        match (directive.text.to_ascii_uppercase().as_str(), argument) {
            ("$ORIGIN", Some(argument)) => {
                let origin = self.name(argument);
                self.zone = self.zone.take().or_else(|| origin.clone());
                self.origin = origin.or_else(|| self.origin.take());
            }
            ("$TTL", Some(argument)) => match ttl(&argument.text) {
                Some(ttl) => self.ttl = Some(ttl),
                None => {
                    let message = format!("`{}` is not a TTL", argument.text);
                    let finding = Diagnostic::cannot("zone-file-malformed", message);
                    self.find(finding.help("give seconds, such as 300 or 1h"), argument);
                }
            },
            (other, _) => {
                let message = format!("`{other}` is not read");
                let help = "write out what it stands for; `named-compilezone` does";
                self.find(Diagnostic::cannot("zone-file-directive", message).help(help), directive);
            }
        }
    }

    /// A name in full.
    fn name(&mut self, token: &Token) -> Option<String> {
        let text = token.text.as_str();
        if text.ends_with('.') && !text.ends_with("\\.") {
            return Some(text.to_owned());
        }
        let Some(origin) = self.origin.as_deref() else {
            let message = format!("`{text}` is relative, and nothing says to what");
            let help = "give the zone's name with --zone, or `$ORIGIN` at the start of the file";
            self.find(Diagnostic::cannot("zone-file-without-origin", message).help(help), token);
            return None;
        };
        Some(match (text, origin) {
            ("@", origin) => origin.to_owned(),
            (text, ".") => format!("{text}."),
            (text, origin) => format!("{text}.{origin}"),
        })
    }

    /// A record's value as Route 53 takes it: names in full, times in seconds.
    fn value(&mut self, kind: &str, rdata: &[Token], token: &Token) -> Option<String> {
        if rdata.is_empty() {
            self.find(
                Diagnostic::cannot("zone-file-malformed", "the record has no value").help("give the value"),
                token,
            );
            return None;
        }
        let names = names_in(kind);
        let mut words = Vec::with_capacity(rdata.len());
        for (position, token) in rdata.iter().enumerate() {
            words.push(if names.contains(&position) {
                self.name(token)?
            } else if kind == "SOA" {
                ttl(&token.text).map_or_else(|| token.text.clone(), |seconds| seconds.to_string())
            } else if matches!(kind, "TXT" | "SPF") && !token.text.starts_with('"') {
                format!("\"{}\"", token.text)
            } else {
                token.text.clone()
            });
        }
        Some(words.join(" "))
    }

    /// `AWS ALIAS type target zone-id evaluate-target-health`, as cli53 writes it.
    fn alias(
        &mut self,
        owner: &str,
        rdata: &[Token],
        routing: Option<Vec<(String, String)>>,
        bytes: Range<usize>,
        token: &Token,
    ) {
        let [kind, target, zone, evaluate] = rdata else {
            let message = "an alias has four words: type, target, hosted zone id, and whether to evaluate its health";
            self.find(Diagnostic::cannot("zone-file-malformed", message).help("give all four"), token);
            return;
        };
        let is_self = zone.text == "$self";
        let target_name = if is_self { self.name(target) } else { Some(target.text.clone()) };
        let Some(target_name) = target_name else { return };
        let at = self.set(owner, &kind.text.to_ascii_uppercase(), routing, bytes);
        let Some(set) = self.sets.get_mut(at) else { return };
        set.is_self_alias = is_self;
        set.members.push((
            "AliasTarget".into(),
            Node::Object(vec![
                ("HostedZoneId".into(), Node::text(if is_self { "SELF".to_owned() } else { zone.text.clone() })),
                ("DNSName".into(), Node::text(target_name)),
                ("EvaluateTargetHealth".into(), Node::Bool(evaluate.text == "true")),
            ]),
        ));
    }

    /// The number of the record set that a record belongs to.
    fn set(&mut self, owner: &str, kind: &str, routing: Option<Vec<(String, String)>>, bytes: Range<usize>) -> usize {
        let word = |key: &str| {
            routing.iter().flatten().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str())
        };
        let identifier = word("identifier");
        let key = format!("{}\n{kind}\n{}", owner.to_ascii_lowercase(), identifier.unwrap_or_default());
        if let Some(at) = self.index.get(&key) {
            return *at;
        }
        let text = |text: &str| Node::text(text.to_owned());
        let number = |text: &str| text.parse().map_or_else(|_| Node::text(text.to_owned()), Node::Integer);
        let mut members: Members<'static> = vec![("Name".into(), text(owner)), ("Type".into(), text(kind))];
        members.extend(identifier.map(|identifier| ("SetIdentifier".into(), text(identifier))));
        members.extend(word("healthCheckId").map(|id| ("HealthCheckId".into(), text(id))));
        match word("routing").map(str::to_ascii_uppercase).as_deref() {
            None => {}
            Some("FAILOVER") => members.push(("Failover".into(), text(word("failover").unwrap_or_default()))),
            Some("WEIGHTED") => members.push(("Weight".into(), number(word("weight").unwrap_or_default()))),
            Some("LATENCY") => members.push(("Region".into(), text(word("region").unwrap_or_default()))),
            Some("MULTIVALUE") => members.push(("MultiValueAnswer".into(), Node::Bool(true))),
            Some("GEOLOCATION") => {
                // cli53 reads `subdivisonCode`, whatever it writes.
                let keys = [
                    ("continentCode", "ContinentCode"),
                    ("countryCode", "CountryCode"),
                    ("subdivisionCode", "SubdivisionCode"),
                    ("subdivisonCode", "SubdivisionCode"),
                ];
                let location = keys.iter().filter_map(|(key, api)| Some(((*api).into(), text(word(key)?))));
                members.push(("GeoLocation".into(), Node::Object(location.collect())));
            }
            Some(other) => {
                let message = format!("`{other}` is not a routing that cli53 writes");
                let help = "use FAILOVER, GEOLOCATION, LATENCY, MULTIVALUE or WEIGHTED";
                let token = Token { text: String::new(), bytes: bytes.clone() };
                self.find(Diagnostic::cannot("zone-file-routing", message).help(help), &token);
            }
        }
        self.index.insert(key, self.sets.len());
        self.sets.push(Gathered { members, values: Vec::new(), ttl: None, bytes, is_self_alias: false });
        self.sets.len().saturating_sub(1)
    }

    fn find(&mut self, finding: Diagnostic, token: &Token) {
        let path = Path::root().key("Lines").index(self.pieces);
        self.pieces = self.pieces.saturating_add(1);
        self.output.map.add(path.clone(), self.origin_of(&token.bytes));
        self.output.findings.push(finding.at(Place::new(0, path)));
    }

    fn origin_of(&self, bytes: &Range<usize>) -> Origin {
        Origin::Bytes(bytes.start.saturating_add(self.shift)..bytes.end.saturating_add(self.shift))
    }

    fn finish(mut self) -> Read {
        if let Some(zone) = &self.zone {
            self.output.hosted_zone(vec![("Name".into(), Node::text(zone.clone()))], None);
        }
        for set in std::mem::take(&mut self.sets) {
            let path = self.output.next_record_set();
            let mut members = set.members;
            if !set.values.is_empty() {
                members.extend(set.ttl.map(|ttl| ("TTL".into(), Node::Integer(ttl))));
                let mut values = Vec::with_capacity(set.values.len());
                for (value, bytes) in set.values {
                    let origin = self.origin_of(&bytes);
                    self.output.map.add(path.clone().key("ResourceRecords").index(values.len()), origin);
                    values.push(Node::Object(vec![("Value".into(), Node::text(value))]));
                }
                members.push(("ResourceRecords".into(), Node::Array(values)));
            }
            if set.is_self_alias {
                self.output.placeholders.push(path.key("AliasTarget").key("HostedZoneId"));
            }
            let origin = self.origin_of(&set.bytes);
            self.output.record_set(members, origin);
        }
        self.output.finish(None)
    }
}
