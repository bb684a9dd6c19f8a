//! Which zone this is: its name, id and visibility.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use super::gaps::Gaps;
use super::options::Options;
use super::route53_messages::Shown;
use crate::diagnostic::{Diagnostic, Path, Place};
use crate::model::{Name, NameBuf, NameRef};
use crate::parse::{Document, HostedZoneFields, RecordSetFields};

/// What identifies the zone.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// The apex; `None` when it is not known, which is reported unless a damaged document may hold it.
    pub(super) name: Option<Name>,
    /// The id without `/hostedzone/` (10.44).
    pub(super) id: Option<Box<str>>,
    pub(super) private: bool,
    /// Whether record sets of another zone are given, which is reported as a whole.
    pub(super) is_foreign: bool,
}

impl Identity {
    /// Whether a name lies in the zone; so does every name while the apex is not known.
    pub(super) fn contains(&self, name: NameRef<'_>) -> bool {
        self.name.as_ref().is_none_or(|apex| name.is_within(apex.as_ref()))
    }

    pub(super) fn is_apex(&self, name: NameRef<'_>) -> bool {
        self.name.as_ref().is_some_and(|apex| apex.as_ref() == name)
    }
}

/// A zone id without its prefix: `/hostedzone/Z1` and `Z1` are one (10.44).
pub(super) fn plain_id(id: &str) -> &str {
    id.strip_prefix("/hostedzone/").or_else(|| id.strip_prefix("hostedzone/")).unwrap_or(id)
}

/// Finds the zone's identity: HostedZone documents, else the apex SOA or NS record set, else the options.
pub(super) fn identify(
    documents: &[&Document<'_>],
    record_sets: &[&RecordSetFields<'_>],
    options: &Options<'_>,
    gaps: &Gaps<'_>,
    out: &mut Vec<Diagnostic>,
) -> Identity {
    let mut identity = Identity::default();
    let mut is_private: Option<bool> = None;
    let (mut name_is_broken, mut differ) = (false, false);
    for document in documents {
        let Some(fields) = &document.hosted_zone else { continue };
        let place = |field: &str| Place::new(document.number, Path::root().key("HostedZone").key(field));
        match hosted_zone_name(fields, &place, out) {
            None => {}
            Some(Err(())) => name_is_broken = true,
            Some(Ok(name)) => differ = differ || agree(&mut identity.name, name, "Name", &place, out),
        }
        if let Some(id) = &fields.id {
            differ = differ || agree(&mut identity.id, plain_id(id).into(), "Id", &place, out);
        }
        if let Some(private) = fields.private_zone {
            differ = differ || agree(&mut is_private, private, "Config", &place, out);
        }
    }
    identity.private = is_private.unwrap_or(false);
    if differ {
        identity.name = None;
    } else if !name_is_broken {
        let from_option = option_name(options, out);
        if identity.name.is_none() && !gaps.hosted_zone {
            identity.name = match (from_record_sets(record_sets), &from_option) {
                (Apex::Found(name), _) => Some(name),
                (Apex::Broken, _) | (_, Some(Err(()))) => None,
                (_, Some(Ok(name))) => Some(name.clone()),
                (Apex::Unknown(why), None) if !gaps.record_sets => {
                    Diagnostic::cannot("zone-name-unknown", why).help(HELP).add_to(out);
                    None
                }
                (Apex::Unknown(_), None) => None,
            };
        }
        if let (Some(name), Some(Ok(wanted))) = (&identity.name, &from_option)
            && name != wanted
        {
            let message = format!("the zone is `{name}`, and `{wanted}` was given as its name");
            Diagnostic::cannot("zone-name-differs", message)
                .help("leave the name out, or give the documents of that zone")
                .add_to(out);
            identity.name = None;
        }
        identity.is_foreign = check_foreign(&identity, record_sets, out);
    }
    identity
}

const HELP: &str = "give the zone's name, or add what `aws route53 get-hosted-zone --id ID` prints";

#[inline(never)]
fn hosted_zone_name(
    fields: &HostedZoneFields<'_>,
    place: &impl Fn(&str) -> Place,
    out: &mut Vec<Diagnostic>,
) -> Option<Result<Name, ()>> {
    let text = fields.name.as_ref()?;
    let name = Name::parse(text);
    let text = Shown(text);
    let problem = match &name {
        Ok(name) if name.as_ref().is_wildcard() => format!("the zone's name `{text}` starts with a wildcard"),
        Ok(_) => return Some(name.map_err(|_| ())),
        Err(error) => format!("`{text}` is not a zone name: {error}"),
    };
    let finding = Diagnostic::cannot("zone-name-malformed", problem);
    finding.help("give the name as `aws route53 get-hosted-zone` prints it").at(place("Name")).add_to(out);
    Some(Err(()))
}

/// Sets a fact, or reports that two documents do not agree on it, which it answers.
fn agree<T: PartialEq>(
    known: &mut Option<T>,
    given: T,
    field: &str,
    place: &impl Fn(&str) -> Place,
    out: &mut Vec<Diagnostic>,
) -> bool {
    let differ = known.as_ref().is_some_and(|known| *known != given);
    if differ {
        let finding = Diagnostic::cannot("hosted-zones-differ", "two documents describe different hosted zones");
        finding.help("give the documents of one zone at a time").at(place(field)).add_to(out);
    }
    known.get_or_insert(given);
    differ
}

#[inline(never)]
fn option_name(options: &Options<'_>, out: &mut Vec<Diagnostic>) -> Option<Result<Name, ()>> {
    let text = options.zone_name?;
    let name = Name::parse(text);
    if let Err(error) = &name {
        let text = Shown(text);
        let message = format!("`{text}`, given as the zone's name, is not a domain name: {error}");
        Diagnostic::cannot("zone-name-malformed", message).help("give a name such as example.com").add_to(out);
    }
    Some(name.map_err(|_| ()))
}

/// Finds a listing of another zone: its SOA record set lies outside this one, or every record set does. One finding
/// stands for all of them.
#[inline(never)]
fn check_foreign(identity: &Identity, record_sets: &[&RecordSetFields<'_>], out: &mut Vec<Diagnostic>) -> bool {
    let Some(apex) = &identity.name else { return false };
    let is_outside = |fields: &RecordSetFields<'_>| {
        let name = fields.name.as_deref().and_then(|name| NameBuf::parse(name).ok());
        name.is_some_and(|name| !name.as_ref().is_within(apex.as_ref()))
    };
    let is_soa = |fields: &RecordSetFields<'_>| fields.record_type.as_deref() == Some("SOA");
    let soa = record_sets.iter().find(|fields| is_soa(fields) && is_outside(fields));
    let first =
        || record_sets.first().filter(|_| record_sets.len() > 1 && record_sets.iter().all(|each| is_outside(each)));
    let Some(fields) = soa.or_else(first) else { return false };
    let name = Shown(fields.name.as_deref().unwrap_or_default());
    let message = format!("the zone is `{apex}`, but record sets of another zone are given, such as `{name}`");
    let finding = Diagnostic::cannot("record-sets-of-another-zone", message)
        .help("give the HostedZone and the ResourceRecordSets of one zone at a time");
    finding.at(fields.origin.field(&["Name"])).add_to(out);
    true
}

/// What record sets say about the apex.
enum Apex {
    Found(Name),
    /// The record set that would tell has a malformed name, which is reported with it.
    Broken,
    Unknown(Cow<'static, str>),
}

/// The SOA record set names the apex; else the shortest NS name, when every name lies in it.
#[inline(never)]
fn from_record_sets(record_sets: &[&RecordSetFields<'_>]) -> Apex {
    let of_type = |kind: &'static str| {
        let is_kind = move |fields: &&&RecordSetFields<'_>| {
            fields.record_type.as_deref().is_some_and(|given| given.eq_ignore_ascii_case(kind))
        };
        record_sets.iter().filter(is_kind).map(|fields| fields.name.as_deref().map(NameBuf::parse))
    };
    let mut soa: Option<NameBuf> = None;
    for name in of_type("SOA") {
        let Some(Ok(name)) = name else { return Apex::Broken };
        if let Some(other) = soa.filter(|soa| soa.as_ref() != name.as_ref()) {
            let message = format!("SOA records name two zones, `{}` and `{}`", other.as_ref(), name.as_ref());
            return Apex::Unknown(message.into());
        }
        soa = Some(name);
    }
    if let Some(soa) = soa {
        return Apex::Found(soa.as_ref().to_name());
    }
    let mut shortest: Option<NameBuf> = None;
    for name in of_type("NS") {
        let Some(Ok(name)) = name else { return Apex::Broken };
        if shortest.is_none_or(|shortest| name.as_ref().wire().len() < shortest.as_ref().wire().len()) {
            shortest = Some(name);
        }
    }
    let Some(apex) = shortest else {
        return Apex::Unknown("no document names the zone, and there is no SOA or NS record at its apex".into());
    };
    let apex = apex.as_ref();
    for fields in record_sets {
        let Some(Ok(name)) = fields.name.as_deref().map(NameBuf::parse) else { continue };
        if !name.as_ref().is_within(apex) {
            let message = format!(
                "no document names the zone, and the NS record at `{apex}` is not at its apex: `{}` lies outside",
                name.as_ref()
            );
            return Apex::Unknown(message.into());
        }
    }
    Apex::Found(apex.to_name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;
    use crate::validate::validate;
    use alloc::string::{String, ToString};

    fn identified(texts: &[&str], zone_name: Option<&str>) -> Result<(String, Option<String>), Vec<&'static str>> {
        let documents: Vec<_> = texts.iter().enumerate().map(|(number, text)| parse(number, text)).collect();
        let validated = validate(&documents, &Options { zone_name });
        match validated.zone {
            Some(zone) => Ok((zone.name.to_string(), zone.id.map(|id| id.to_string()))),
            None => Err(validated.diagnostics.iter().map(|finding| finding.code).collect()),
        }
    }

    fn records(list: &[(&str, &str)]) -> String {
        let record = |(name, kind): &(&str, &str)| {
            let value = match *kind {
                "SOA" => "ns.example.com. host.example.com. 1 7200 900 1209600 86400",
                "NS" => "ns.example.com.",
                _ => "192.0.2.1",
            };
            format!(r#"{{"Name":"{name}","Type":"{kind}","TTL":60,"ResourceRecords":[{{"Value":"{value}"}}]}}"#)
        };
        let records: Vec<_> = list.iter().map(record).collect();
        format!("{{\"ResourceRecordSets\": [{}]}}", records.join(","))
    }

    #[test]
    fn a_hosted_zone_names_the_zone() {
        let zone =
            r#"{"HostedZone": {"Id": "/hostedzone/Z1", "Name": "Example.com", "Config": {"PrivateZone": true}}}"#;
        assert_eq!(identified(&[zone], None), Ok(("example.com.".into(), Some("Z1".into()))));
        let same = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}}"#;
        assert!(identified(&[zone, same], None).is_ok());
        let other = r#"{"HostedZone": {"Id": "Z2", "Name": "example.com."}}"#;
        assert_eq!(identified(&[zone, other], None), Err(["hosted-zones-differ"].into()));
        let wildcard = r#"{"HostedZone": {"Id": "Z2", "Name": "*.example.com."}}"#;
        assert_eq!(identified(&[wildcard], None), Err(["zone-name-malformed"].into()));
        assert_eq!(identified(&[zone], Some("example.net")), Err(["zone-name-differs"].into()));
    }

    #[test]
    fn else_the_soa_or_ns_record_names_it() {
        let soa =
            records(&[("a.example.com", "A"), ("example.com", "SOA"), ("example.com", "NS"), ("b.example.com", "NS")]);
        assert_eq!(identified(&[&soa], None), Ok(("example.com.".into(), None)));
        let ns = records(&[("a.example.com", "A"), ("b.example.com", "NS"), ("example.com", "NS")]);
        assert_eq!(identified(&[&ns], None), Ok(("example.com.".into(), None)));
        let delegation = records(&[("a.example.com", "A"), ("b.example.com", "NS")]);
        assert_eq!(identified(&[&delegation], None), Err(["zone-name-unknown"].into()));
        assert_eq!(identified(&[&delegation], Some("example.com")), Ok(("example.com.".into(), None)));
        let two = records(&[("example.com", "SOA"), ("example.net", "SOA")]);
        assert_eq!(identified(&[&two], None), Err(["zone-name-unknown"].into()));
    }

    #[test]
    fn a_fault_elsewhere_is_not_a_missing_name_as_well() {
        let bare = records(&[("a.example.com", "A")]);
        assert_eq!(identified(&[&bare], None), Err(["zone-name-unknown"].into()));
        assert_eq!(identified(&[&bare, "nonsense"], None), Err(["not-json"].into()));
        assert_eq!(identified(&[&records(&[("example..com", "SOA")])], None), Err(["name-malformed"].into()));
        assert_eq!(identified(&[&bare], Some("a..b")), Err(["zone-name-malformed"].into()));
    }
}
