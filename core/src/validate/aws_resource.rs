//! The AWS resources that aliases lead to, each once, and what AliasTargets documents say they resolve to (10.35).

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::map::Map;

use super::route53_messages::Shown;
use crate::diagnostic::{Diagnostic, Path, Place};
use crate::limits::TTL_SECONDS_MAX;
use crate::model::alias::resource_name;
use crate::model::zone::AwsResource;
use crate::model::{NameBuf, NameRef};
use crate::parse::{AliasTargetAddresses, Document};

/// The TTL of a resource that nothing is said of: that of load balancers, in seconds (1.5.2).
const TTL_DEFAULT: u32 = 60;

/// Resources by DNS name.
#[derive(Debug, Default)]
pub(super) struct AwsResources {
    by_name: Map<Box<[u8]>, u32>,
    resources: Vec<AwsResource>,
    /// What AliasTargets documents describe, by name.
    described: Map<Box<[u8]>, usize>,
    descriptions: Vec<Description>,
}

#[derive(Debug)]
struct Description {
    resource: AwsResource,
    place: Place,
    used: bool,
}

impl AwsResources {
    /// Reads AliasTargets documents.
    pub(super) fn read(documents: &[&Document<'_>], out: &mut Vec<Diagnostic>) -> Self {
        let mut this = Self::default();
        for document in documents {
            for (text, addresses) in document.alias_targets.iter().flatten() {
                let place = Place::new(document.number, Path::root().key("AliasTargets").key(text));
                this.describe(text, addresses, place, out);
            }
        }
        this
    }

    #[inline(never)]
    fn describe(&mut self, text: &str, given: &AliasTargetAddresses<'_>, place: Place, out: &mut Vec<Diagnostic>) {
        let name = match NameBuf::parse(text) {
            Ok(name) => name,
            Err(error) => {
                let message = format_args!("`{}` is not a domain name: {error}", Shown(text));
                let finding = Diagnostic::cannot("alias-target-name-malformed", message);
                finding.help("write the DNSName as the alias has it").at(place).add_to(out);
                return;
            }
        };
        let name = name.as_ref();
        if self.described.contains_key(name.wire()) {
            let finding =
                Diagnostic::cannot("alias-target-twice", format_args!("the alias target `{name}` is described twice"))
                    .help("keep one; names are the same whatever their case and final dot");
            finding.at(place).add_to(out);
            return;
        }
        let field = |field: &str| Place::new(place.document, place.path.clone().key(field));
        let resource = AwsResource {
            dns_name: name.to_name(),
            a: given.a.as_ref().map(|list| list_of::<Ipv4Addr>(list, "an IPv4", || field("A"), out)),
            aaaa: given.aaaa.as_ref().map(|list| list_of::<Ipv6Addr>(list, "an IPv6", || field("AAAA"), out)),
            ttl: ttl(given.ttl, || field("TTL"), out),
        };
        self.described.insert(name.wire().into(), self.descriptions.len());
        self.descriptions.push(Description { resource, place, used: false });
    }

    /// The resource of a DNS name, as an index into `HostedZone::alias_targets`.
    pub(super) fn index_of(&mut self, name: NameRef<'_>) -> u32 {
        if let Some(index) = self.by_name.get(name.wire()) {
            return *index;
        }
        let index = u32::try_from(self.resources.len()).unwrap_or(u32::MAX);
        let described = self.described.get(name.wire()).or_else(|| self.described_otherwise(name)).copied();
        let described = described.and_then(|at| self.descriptions.get_mut(at));
        let resource = match described {
            Some(description) => {
                description.used = true;
                AwsResource { dns_name: name.to_name(), ..description.resource.clone() }
            }
            None => AwsResource { dns_name: name.to_name(), a: None, aaaa: None, ttl: TTL_DEFAULT },
        };
        self.by_name.insert(name.wire().into(), index);
        self.resources.push(resource);
        index
    }

    /// The description of a load balancer under its other name (1.6.11).
    fn described_otherwise(&self, name: NameRef<'_>) -> Option<&usize> {
        let plain = resource_name(name);
        if plain != name {
            return self.described.get(plain.wire());
        }
        let dualstack = [b"\x09dualstack", name.wire()].concat();
        let other = NameBuf::from_wire(&dualstack).ok().filter(|other| resource_name(other.as_ref()) == name)?;
        self.described.get(other.as_ref().wire())
    }

    /// The resources; warns of descriptions that no alias needed, when all aliases were seen.
    pub(super) fn finish(self, all_seen: bool, out: &mut Vec<Diagnostic>) -> Vec<AwsResource> {
        for Description { resource, place, .. } in self.descriptions.into_iter().filter(|each| all_seen && !each.used) {
            let message = format_args!("no alias leads to `{}`", resource.dns_name);
            let finding = Diagnostic::lint("alias-target-unused", message)
                .help("check the spelling against the DNSName of the aliases, or remove it");
            finding.at(place).add_to(out);
        }
        self.resources
    }
}

fn list_of<T: core::str::FromStr>(
    list: &[Cow<'_, str>],
    kind: &str,
    place: impl Fn() -> Place,
    out: &mut Vec<Diagnostic>,
) -> Vec<Box<str>> {
    for (index, text) in list.iter().enumerate().filter(|(_, text)| text.parse::<T>().is_err()) {
        let place = place();
        let finding =
            Diagnostic::cannot("alias-target-address", format_args!("`{}` is not {kind} address", Shown(text)))
                .help("give the addresses that the resource resolves to, such as `dig +short` prints");
        finding.at(Place::new(place.document, place.path.index(index))).add_to(out);
    }
    list.iter().map(|text| Box::from(&**text)).collect()
}

fn ttl(given: Option<i64>, place: impl Fn() -> Place, out: &mut Vec<Diagnostic>) -> u32 {
    let Some(ttl) = given else { return TTL_DEFAULT };
    u32::try_from(ttl).ok().filter(|_| ttl <= TTL_SECONDS_MAX).unwrap_or_else(|| {
        let message = format_args!("a TTL is 0 to {TTL_SECONDS_MAX} seconds; this one is {ttl}");
        let finding = Diagnostic::cannot("ttl-out-of-range", message);
        finding.help("give a TTL in seconds; load balancers have 60").at(place()).add_to(out);
        TTL_DEFAULT
    })
}
