//! `geolocation-without-default`
//!
//! **Finds** a geolocation group without a record set for `CountryCode: "*"`.
//!
//! **At night** a customer's resolver has an address that maps to no place, or to a country that nobody listed, and
//! there is no answer at all (NODATA), for that customer alone and on no dashboard.
//!
//! **Example** one record set for `EU` and one for `NA`, and nothing else.
//!
//! **Quiet about** nothing: even a record set for every continent leaves the addresses without a place.
//!
//! Semantics 4.5.4, 7.3.

use alloc::vec::Vec;

use super::index::Index;
use crate::diagnostic::Diagnostic;
use crate::model::routing::PolicyKind;

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Diagnostic>) {
    for (group, first) in index.without_default(PolicyKind::Geolocation) {
        let client = if index.zone.private {
            "a query from a VPC in a Region outside these places"
        } else {
            "a client outside these places, or whose address has no known place,"
        };
        let message = format_args!(
            "geolocation group {} has no default beside {}: {client} gets no answer",
            group.describe(),
            index.members(&group.members)
        );
        let help = "add a record set with GeoLocation {\"CountryCode\": \"*\"}; it may be an alias to one of the others' \
                    targets";
        let mut finding = Diagnostic::lint("geolocation-without-default", message).help(help);
        finding.place = index.place(first, &["GeoLocation"]);
        finding.add_to(out);
    }
}

#[cfg(test)]
mod tests {
    use crate::validate::lint::fixture::{codes, findings};

    #[test]
    fn a_group_without_default_is_found_once() {
        let found = findings(
            "www A eu geo=EU 60 192.0.2.1
             www A de geo=DE 60 192.0.2.2
             www A us geo=US 60 192.0.2.3
             www A wa geo=US-WA 60 192.0.2.4",
        );
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(finding.code, "geolocation-without-default");
        assert_eq!(
            finding.message,
            "geolocation group `www.example.com.` A has no default beside `eu`, `de`, `us` and 1 more: a client \
             outside these places, or whose address has no known place, gets no answer"
        );
    }

    #[test]
    fn with_a_default_or_nothing_but_a_default_it_is_good() {
        assert_eq!(codes("www A eu geo=EU 60 192.0.2.1\nwww A all geo=* 60 192.0.2.2"), [""; 0]);
        assert_eq!(codes("www A all geo=* 60 192.0.2.2"), [""; 0]);
    }
}
