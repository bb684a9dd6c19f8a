//! The keys of a fleet, below its prefix.

use std::fmt;

use crate::statuses::Subject;

/// A key of a fleet. As text it stands below `/pointsman/v1/FLEET/`; in names, `%` and `/` are written with percent signs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// `rules`: what all watches go by.
    Rules,
    /// `leader`: who writes reports; on its lease.
    Leader,
    /// `prober/ID`: a watch that lives; on its lease.
    Prober(String),
    /// `seen/ID`: a watch that lived within the last day; on a lease of a day.
    Seen(String),
    /// `obs/ID/ZONE`: what a watch found, as a whole; on its lease.
    Table {
        /// The watch.
        prober: String,
        /// The zone, with its final dot.
        zone: String,
    },
    /// `report/ZONE`: what all of them find together.
    Report(String),
    /// `force/ZONE/LIST/ID`: what an operator holds; on a lease as long as the force.
    Force {
        /// The zone.
        zone: String,
        /// What is held.
        subject: Subject,
    },
    /// `told/ZONE/LIST/ID`: the state of an alarm or a routing control, which nobody probes.
    Told {
        /// The zone.
        zone: String,
        /// Of what.
        subject: Subject,
    },
    /// `zone/ZONE/current`: which version of a zone is where.
    Current(String),
    /// `zone/ZONE/body/DIGEST/NUMBER`: a part of a version's document.
    Body {
        /// The zone.
        zone: String,
        /// SHA-256 of the whole document, in hexadecimal.
        digest: String,
        /// Which part, from 0.
        number: u32,
    },
}

impl Key {
    /// Reads a key as it stands below the fleet's prefix; `None` for one that this version does not know.
    ///
    /// ```
    /// use pointsman_fleet::Key;
    /// let key = Key::Table { prober: "fra/1".into(), zone: "example.com.".into() };
    /// assert_eq!(key.to_string(), "obs/fra%2f1/example.com.");
    /// assert_eq!(Key::parse("obs/fra%2f1/example.com."), Some(key));
    /// assert_eq!(Key::parse("other/thing"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<String> = text.split('/').map(decoded).collect::<Option<_>>()?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Some(match parts.as_slice() {
            ["rules"] => Self::Rules,
            ["leader"] => Self::Leader,
            ["prober", id] => Self::Prober((*id).into()),
            ["seen", id] => Self::Seen((*id).into()),
            ["obs", prober, zone] => Self::Table { prober: (*prober).into(), zone: (*zone).into() },
            ["report", zone] => Self::Report((*zone).into()),
            ["force", zone, list, id] => {
                Self::Force { zone: (*zone).into(), subject: Subject::of(list, (*id).into())? }
            }
            ["told", zone, list, id] => Self::Told { zone: (*zone).into(), subject: Subject::of(list, (*id).into())? },
            ["zone", zone, "current"] => Self::Current((*zone).into()),
            ["zone", zone, "body", digest, number] => {
                Self::Body { zone: (*zone).into(), digest: (*digest).into(), number: number.parse().ok()? }
            }
            _ => return None,
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rules => f.write_str("rules"),
            Self::Leader => f.write_str("leader"),
            Self::Prober(id) => write!(f, "prober/{}", encoded(id)),
            Self::Seen(id) => write!(f, "seen/{}", encoded(id)),
            Self::Table { prober, zone } => write!(f, "obs/{}/{}", encoded(prober), encoded(zone)),
            Self::Report(zone) => write!(f, "report/{}", encoded(zone)),
            Self::Force { zone, subject } => {
                write!(f, "force/{}/{}/{}", encoded(zone), subject.list(), encoded(subject.id()))
            }
            Self::Told { zone, subject } => {
                write!(f, "told/{}/{}/{}", encoded(zone), subject.list(), encoded(subject.id()))
            }
            Self::Current(zone) => write!(f, "zone/{}/current", encoded(zone)),
            Self::Body { zone, digest, number } => {
                write!(f, "zone/{}/body/{}/{number}", encoded(zone), encoded(digest))
            }
        }
    }
}

fn encoded(text: &str) -> String {
    text.replace('%', "%25").replace('/', "%2f")
}

fn decoded(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        out.push(match after.get(..2)? {
            "25" => '%',
            "2f" => '/',
            _ => return None,
        });
        rest = after.get(2..)?;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read_as_it_is_written() {
        let (zone, name) = ("example.com.".to_owned(), "a/b%c%2f".to_owned());
        for key in [
            Key::Rules,
            Key::Leader,
            Key::Prober(name.clone()),
            Key::Seen(name.clone()),
            Key::Table { prober: name.clone(), zone: zone.clone() },
            Key::Report(zone.clone()),
            Key::Force { zone: zone.clone(), subject: Subject::HealthCheck(name.clone()) },
            Key::Told { zone: zone.clone(), subject: Subject::AliasTarget(name.clone()) },
            Key::Current(zone.clone()),
            Key::Body { zone, digest: "ab12".into(), number: 7 },
        ] {
            assert_eq!(Key::parse(&key.to_string()), Some(key.clone()), "{key}");
        }
        for text in ["", "obs", "obs/a", "prober/%", "prober/%zz", "force/z/Other/x", "zone/z/body/d/x"] {
            assert_eq!(Key::parse(text), None, "{text}");
        }
    }
}
