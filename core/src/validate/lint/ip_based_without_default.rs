//! `ip-based-without-default`
//!
//! **Finds** an IP-based group without a record set for `LocationName: "*"`.
//!
//! **At night** a customer's resolver moves to an address that no block holds, and there is no answer at all (NODATA),
//! for that customer alone and on no dashboard.
//!
//! **Example** record sets for the locations `office` and `datacentre`, and nothing else.
//!
//! **Quiet about** nothing: blocks have a length of at least 1, so that no set of them holds every address by itself.
//!
//! Semantics 4.7.3, 10.9.

use alloc::vec::Vec;

use super::index::Index;
use crate::diagnostic::Diagnostic;
use crate::model::routing::PolicyKind;

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Diagnostic>) {
    for (group, first) in index.without_default(PolicyKind::IpBased) {
        let message = format_args!(
            "IP-based group {} has no `*` beside {}: a client whose network no block holds gets no answer",
            group.describe(),
            index.members(&group.members)
        );
        let help = "add a record set with LocationName `*`; it may be an alias to one of the others' targets";
        let mut finding = Diagnostic::lint("ip-based-without-default", message).help(help);
        finding.place = index.place(first, &["CidrRoutingConfig"]);
        finding.add_to(out);
    }
}

#[cfg(test)]
mod tests {
    use crate::validate::lint::fixture::{codes, findings};

    #[test]
    fn a_group_without_default_is_found_once() {
        let found = findings(
            "cidr office 192.0.2.0/24
             cidr home 198.51.100.0/24
             www A o cidr=office 60 192.0.2.1
             www A h cidr=home 60 192.0.2.2",
        );
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(finding.code, "ip-based-without-default");
        assert!(finding.message.contains("has no `*` beside `o` and `h`"), "{}", finding.message);
    }

    #[test]
    fn with_a_default_it_is_good() {
        let with = "cidr office 192.0.2.0/24\nwww A o cidr=office 60 192.0.2.1\nwww A d cidr=* 60 192.0.2.2";
        assert_eq!(codes(with), [""; 0]);
    }
}
