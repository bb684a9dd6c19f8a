//! The blocks of one CIDR collection and their locations.

use alloc::format;
use alloc::vec::Vec;
use core::net::IpAddr;

use super::super::gaps::Gaps;
use super::super::route53_messages::Shown;
use crate::diagnostic::{Diagnostic, IntoMessage, Place, Route53Error};
use crate::limits::{CIDR_IPV4_PREFIX_MAX, CIDR_IPV6_PREFIX_MAX, CIDR_LOCATION_CHARACTERS_MAX};
use crate::map::{Map, Set};
use crate::model::cidr::Family;
use crate::model::{CidrCollection, IpNetwork};
use crate::parse::CidrBlocks;

/// The location of every client that no block holds.
pub(super) const DEFAULT: &str = "*";

/// A collection, while its blocks are read.
#[derive(Debug)]
pub(super) struct Collection<'a> {
    pub(super) model: CidrCollection,
    /// Whether its blocks are given.
    pub(super) has_blocks: bool,
    /// Whether the missing blocks are reported.
    pub(super) is_reported: bool,
    /// Whether the id is reported.
    pub(super) is_odd: bool,
    pub(super) locations: Set<&'a str>,
    /// Whether some block's location is not known.
    pub(super) nameless: bool,
    pub(super) seen: Map<IpNetwork, &'a str>,
}

pub(super) fn is_location_name(name: &str) -> bool {
    (1..=CIDR_LOCATION_CHARACTERS_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

pub(super) fn malformed_location(name: &str, suffix: &str) -> Diagnostic {
    let count = name.chars().count();
    let name = Shown(name);
    let message = format_args!(
        "`{name}` is not a location name: 1 to {CIDR_LOCATION_CHARACTERS_MAX} letters, digits, hyphens and underscores"
    );
    let finding =
        Diagnostic::refused("cidr-location-malformed", Route53Error::InvalidInput, message).help("rename the location");
    let type_name = format!("CidrLocationName{suffix}");
    let text = if count > CIDR_LOCATION_CHARACTERS_MAX {
        format!(
            "Invalid XML ; cvc-maxLength-valid: Value '{name}' with length = '{count}' is not facet-valid with respect to maxLength \
             '{CIDR_LOCATION_CHARACTERS_MAX}' for type '{type_name}'"
        )
    } else {
        let pattern = if suffix == "DefaultAllowed" { "[0-9A-Za-z_\\-\\*]+" } else { "[0-9A-Za-z_\\-]+" };
        format!(
            "Invalid XML ; cvc-pattern-valid: Value '{name}' is not facet-valid with respect to pattern '{pattern}' for type \
             '{type_name}'"
        )
    };
    finding.says(text)
}

impl<'a> Collection<'a> {
    #[inline(never)]
    pub(super) fn add(&mut self, blocks: &'a CidrBlocks<'a>, list: &Place, gaps: &Gaps<'_>, out: &mut Vec<Diagnostic>) {
        self.has_blocks = true;
        for (index, (block, location)) in blocks.iter().enumerate() {
            let place = |field: &str| Place::new(list.document, list.path.clone().index(index).key(field));
            // A location is there even if its block is not good.
            match location {
                Some(location) => {
                    self.locations.insert(location);
                }
                None => self.nameless = true,
            }
            let (Some(block), Some(location)) = (block.as_deref(), location.as_deref()) else {
                let missing = if block.is_none() { "CidrBlock" } else { "LocationName" };
                let element = Place::new(list.document, list.path.clone().index(index));
                if !gaps.damages(&element) {
                    let finding =
                        Diagnostic::cannot("cidr-block-incomplete", format_args!("the CIDR block has no {missing}"));
                    finding.help("give CidrBlock and LocationName").at(element).add_to(out);
                }
                continue;
            };
            let network = if block.contains('/') { IpNetwork::parse(block) } else { None };
            let Some(network) = network else {
                let finding =
                    Diagnostic::cannot("cidr-block-malformed", format_args!("`{}` is not a CIDR block", Shown(block)))
                        .help("give an address and a prefix length, such as 192.0.2.0/24")
                        .error(Route53Error::InvalidInput);
                finding.at(place("CidrBlock")).add_to(out);
                continue;
            };
            if self.check(network, (block, location), &place, out) {
                self.model.blocks.push((network, location.into()));
            }
        }
    }

    /// Checks a block; returns whether it counts.
    fn check(
        &mut self,
        network: IpNetwork,
        (block, location): (&'a str, &'a str),
        place: &impl Fn(&str) -> Place,
        out: &mut Vec<Diagnostic>,
    ) -> bool {
        let length = network.prefix_length();
        // `*` holds what no block holds; 0.0.0.0/0 and ::/0 say the same (1.7).
        if location == DEFAULT && length == 0 {
            return false;
        }
        if !is_location_name(location) {
            malformed_location(location, "DefaultNotAllowed").at(place("LocationName")).add_to(out);
            if location == DEFAULT {
                return false;
            }
        }
        if has_host_bits(block, &network) {
            let message = format_args!("`{block}` has bits set behind its prefix; it is taken as {network}");
            host_bits(message, &network).at(place("CidrBlock")).add_to(out);
        }
        let (family, longest) = match network.family() {
            Family::V4 => ("IPv4", CIDR_IPV4_PREFIX_MAX),
            Family::V6 => ("IPv6", CIDR_IPV6_PREFIX_MAX),
        };
        if length > longest {
            let message = format_args!("an {family} block has a prefix of at most /{longest}; this one has /{length}");
            let finding = Diagnostic::refused("cidr-block-too-long", Route53Error::LimitsExceeded, message)
                .help("give a shorter prefix: resolvers send no more of the client's address")
                .says(format_args!(
                    "{family} cidr block {block} has network prefix length greater than account limit of {longest}"
                ));
            finding.at(place("CidrBlock")).add_to(out);
        }
        if length == 0 {
            let message = "a prefix of /0 holds every client, which only the location `*` may";
            let finding = Diagnostic::refused("cidr-block-zero", Route53Error::InvalidInput, message)
                .help("remove the block, and give the group a record set with LocationName `*`")
                .says("Cidr prefix length must not be 0");
            finding.at(place("CidrBlock")).add_to(out);
        }
        let Some(other) = self.seen.get(&network).copied() else {
            self.seen.insert(network, location);
            return true;
        };
        let finding = if other == location {
            let message = format_args!("the block {network} is given twice");
            Diagnostic::refused("cidr-block-twice", Route53Error::CidrBlockInUse, message).help("keep one")
        } else {
            let message =
                format_args!("the block {network} is given twice, in `{}` and `{}`", Shown(other), Shown(location));
            Diagnostic::cannot("cidr-block-in-two-locations", message)
                .help("keep it in one location")
                .error(Route53Error::CidrBlockInUse)
        };
        finding.at(place("CidrBlock")).add_to(out);
        false
    }
}

/// Whether a network was written with bits set behind its prefix (10.12).
pub(in crate::validate) fn has_host_bits(text: &str, network: &IpNetwork) -> bool {
    let address = text.split('/').next().and_then(|address| address.parse::<IpAddr>().ok());
    address.is_some_and(|address| address.to_canonical() != network.address())
}

/// The warning for a network with bits set behind its prefix.
pub(in crate::validate) fn host_bits(message: impl IntoMessage, network: &IpNetwork) -> Diagnostic {
    Diagnostic::lint("network-host-bits", message).help(format_args!("write {network}, or correct the prefix length"))
}
