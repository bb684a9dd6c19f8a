//! Which group answers a name and type (2, 10.22, 10.46).

use super::name::{self, Name};
use super::zone::{Record, Zone};

/// What a name and type lead to.
#[derive(Debug)]
pub(super) enum Found<'z> {
    /// The name lies outside the zone.
    Refused,
    /// The name lies at or below a delegation: its NS record set.
    Referral(&'z Record),
    /// The name does not exist.
    NxDomain,
    /// The name exists, but not with that type.
    NoData,
    /// The group of that name and type.
    Group { name: Name, kind: String },
}

impl Zone {
    /// Looks a question up.
    pub(super) fn find(&self, name: &Name, kind: &str) -> Found<'_> {
        if !name::is_within(name, &self.apex) {
            return Found::Refused;
        }
        // From the apex down: the first delegation on the way ends it (2.4). DS at the cut is the parent's (10.46).
        for length in self.apex.len() + 1..=name.len() {
            let above = name[name.len() - length..].to_vec();
            let cut = self.records.iter().find(|record| record.name == above && record.kind == "NS");
            if let Some(cut) = cut.filter(|_| kind != "DS" || above != *name) {
                return Found::Referral(cut);
            }
        }
        if self.exists(name) {
            return self.at(name, kind);
        }
        // The closest name above that exists; only the wildcard right under it may answer (RFC 4592, 10.22).
        let mut above = &name[1..];
        while !self.exists(above) {
            above = &above[1..];
        }
        let wildcard = name::wildcard_under(above);
        if self.exists(&wildcard) { self.at(&wildcard, kind) } else { Found::NxDomain }
    }

    /// A name exists when it or a name below it has records (2.2); the apex always does.
    pub(super) fn exists(&self, name: &[Vec<u8>]) -> bool {
        name == self.apex || self.records.iter().any(|record| record.name.ends_with(name))
    }

    /// At an existing name: the type, else its CNAME, else no data (2.1).
    fn at(&self, name: &Name, kind: &str) -> Found<'_> {
        let has = |kind: &str| self.records.iter().any(|record| record.name == *name && record.kind == kind);
        match kind {
            kind if has(kind) => Found::Group { name: name.clone(), kind: kind.into() },
            _ if has("CNAME") => Found::Group { name: name.clone(), kind: "CNAME".into() },
            _ => Found::NoData,
        }
    }

    /// Seconds that a negative answer may be cached: the smaller of the SOA's minimum field and its TTL (2.6).
    pub(super) fn negative_ttl(&self) -> u64 {
        let soa = self.records.iter().find(|record| record.name == self.apex && record.kind == "SOA");
        let figures = soa.and_then(|record| match &record.content {
            super::zone::Content::Values { ttl, values } => {
                Some((*ttl, values.first()?.split_whitespace().nth(6)?.parse::<u64>().ok()?))
            }
            _ => None,
        });
        let (ttl, minimum) = figures.unwrap_or((900, 86_400));
        ttl.min(minimum)
    }
}
