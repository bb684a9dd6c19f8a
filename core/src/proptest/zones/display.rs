//! A sample zone for people.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::documents::hundredths;
use super::sample::{Content, Group, LatencyRow, Member, Near, RoutingValue, SampleZone, location_name, resource_name};
use crate::model::GeoLocation;
use crate::model::routing::PolicyKind;
use crate::proptest::checks::check_id;

impl fmt::Display for SampleZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.apex, if self.private { "private" } else { "public" })?;
        if let Some((ttl, minimum)) = self.soa {
            write!(f, "\n  SOA, TTL {ttl}, minimum {minimum}")?;
        }
        if let Some(cut) = &self.delegation {
            write!(f, "\n  {} NS, delegated", self.full_name(cut))?;
        }
        for group in &self.groups {
            self.fmt_group(group, f)?;
        }
        for check in &self.checks {
            write!(f, "\n  health check {check}")?;
        }
        for location in &self.locations {
            let blocks: Vec<String> = location.blocks.iter().map(ToString::to_string).collect();
            write!(f, "\n  location {}: {}", location_name(location.key), blocks.join(", "))?;
        }
        if let Some(table) = &self.latency {
            for (network, row) in &table.networks {
                write!(f, "\n  latency from {network}: {}", Row(row))?;
            }
            for (country, row) in &table.countries {
                write!(f, "\n  latency from {country}: {}", Row(row))?;
            }
            if let Some(row) = &table.default {
                write!(f, "\n  latency from elsewhere: {}", Row(row))?;
            }
        }
        for key in &self.resources {
            write!(f, "\n  {} has addresses", resource_name(*key))?;
        }
        Ok(())
    }
}

impl SampleZone {
    fn fmt_group(&self, group: &Group, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n  {} {}, {}", self.full_name(&group.name), group.record_type, group.policy.as_str())?;
        for member in &group.members {
            f.write_str("\n    ")?;
            if group.policy != PolicyKind::Simple {
                write!(f, "{} ", member.set_identifier)?;
            }
            fmt_part(member.part, f)?;
            self.fmt_content(group, member, f)?;
            if let Some(check) = member.check {
                write!(f, ", check {}", check_id(check))?;
            }
        }
        Ok(())
    }

    fn fmt_content(&self, group: &Group, member: &Member, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let evaluates = |evaluate| if evaluate { " (evaluates its health)" } else { "" };
        match member.content {
            Content::Values { ttl, .. } => write!(f, "-> {}, TTL {ttl}", member.values(group.record_type).join(", ")),
            Content::Alias { group, evaluate } => {
                let target = self.group(group).map(|group| self.full_name(&group.name)).unwrap_or_default();
                write!(f, "-> {target}{}", evaluates(evaluate))
            }
            Content::Resource { key, evaluate } => write!(f, "-> {}{}", resource_name(key), evaluates(evaluate)),
        }
    }
}

fn fmt_part(part: RoutingValue, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match part {
        RoutingValue::None => Ok(()),
        RoutingValue::Weight(weight) => write!(f, "weight {weight} "),
        RoutingValue::Region(region) => write!(f, "{region} "),
        RoutingValue::Role(role) => write!(f, "{} ", role.as_str()),
        RoutingValue::Geo(GeoLocation::Default) => f.write_str("* "),
        RoutingValue::Geo(GeoLocation::Continent(continent)) => write!(f, "continent {} ", continent.as_str()),
        RoutingValue::Geo(GeoLocation::Country(country)) => write!(f, "{country} "),
        RoutingValue::Geo(GeoLocation::Subdivision(country, subdivision)) => write!(f, "{country}-{subdivision} "),
        RoutingValue::Near(near, bias) => {
            match near {
                Near::Region(region) => write!(f, "{region} ")?,
                Near::LocalZone(group) => write!(f, "{group} ")?,
                Near::At(latitude, longitude) => write!(f, "{},{} ", hundredths(latitude), hundredths(longitude))?,
            }
            if bias == 0 { Ok(()) } else { write!(f, "bias {bias} ") }
        }
        RoutingValue::Location(None) => f.write_str("* "),
        RoutingValue::Location(Some(key)) => write!(f, "{} ", location_name(key)),
    }
}

struct Row<'r>(&'r LatencyRow);

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (region, milliseconds)) in self.0.iter().enumerate() {
            write!(f, "{}{region} {milliseconds} ms", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for SampleZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
