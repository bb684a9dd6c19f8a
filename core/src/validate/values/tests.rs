use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use super::check_values;
use crate::diagnostic::{Class, Diagnostic, Path, Place, Route53Error};
use crate::model::RecordType;

fn check(record_type: RecordType, values: &[&str]) -> Vec<Diagnostic> {
    let values: Vec<Cow<'_, str>> = values.iter().map(|value| Cow::Borrowed(*value)).collect();
    let mut out = vec![];
    check_values(record_type, &values, |index| Place::new(0, Path::root().index(index)), &mut out);
    out
}

fn code(record_type: RecordType, value: &str) -> &'static str {
    match check(record_type, &[value]).as_slice() {
        [] => "good",
        [finding] => finding.code,
        several => panic!("{several:?}"),
    }
}

#[test]
fn good_values_of_every_type_pass() {
    for (record_type, values) in [
        (RecordType::A, &["192.0.2.1", "0.0.0.0"][..]),
        (RecordType::Aaaa, &["2001:0db8:85a3:0:0:8a2e:0370:7334", "::1", "::ffff:192.0.2.1"]),
        (RecordType::Cname, &["www.example.net"]),
        (RecordType::Ns, &["ns-2048.awsdns-64.com.", "ns-2049.awsdns-65.net."]),
        (RecordType::Ptr, &["host.example.com.", "a\\052b.example.com", "_x.example.com", "."]),
        (RecordType::Mx, &["10 mail.example.com.", "0  .", "65535\tmail2.example.com"]),
        (RecordType::Srv, &["10 5 443 server.example.com.", "0 0 0 ."]),
        (RecordType::Soa, &["ns-2048.awsdns-64.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"]),
        (
            RecordType::Naptr,
            &[
                r#"100 50 "u" "E2U+sip" "!^(\\+441632960083)$!sip:\\1@example.com!" ."#,
                r#"10 100 "S" "SIP+D2U" "" foo.example.com"#,
            ],
        ),
        (
            RecordType::Txt,
            &[
                r#""This string includes \"quotation marks\".""#,
                r#""a" "b""#,
                r#""""#,
                "\"v=spf1 ip4:192.0.2.0/24 ~all\"",
            ],
        ),
        (RecordType::Spf, &["\"v=spf1 -all\""]),
        (RecordType::Caa, &[r#"0 issue "ca.example.net; account=123456""#, r#"128 issuewild ";""#]),
        (RecordType::Ds, &["123 4 5 1234567890ABCDEF1234567890ABCDEF", "1 13 2 ab cd"]),
        (RecordType::Tlsa, &["3 1 1 d2abde240d7cd3ee6b4b28c54df034b9", "0 0 0 00 11"]),
        (RecordType::Sshfp, &["4 2 123456789abcdef67890123456789abcdef6"]),
        (RecordType::Svcb, &["0 example.com", "1 . alpn=bar port=8004", "2 a.example.com. key65280=\"a b\""]),
        (
            RecordType::Https,
            &[
                "16 example.com alpn=\"h2,h3\" ipv4hint=127.0.0.1,127.0.0.2 ipv6hint=::1",
                "1 . alpn=h3 no-default-alpn mandatory=alpn",
            ],
        ),
    ] {
        assert_eq!(check(record_type, values), [], "{record_type}");
    }
}

#[test]
fn every_malformed_value_is_named() {
    use RecordType::{A, Aaaa, Caa, Cname, Ds, Https, Mx, Naptr, Ns, Ptr, Soa, Spf, Srv, Sshfp, Tlsa, Txt};
    let long = format!("\"{}\"", "x".repeat(256));
    for (record_type, value, expected) in [
        (A, "", "value-empty"),
        (A, "192.0.2.256", "value-not-ipv4-address"),
        (A, "192.0.2", "value-not-ipv4-address"),
        (A, "192.0.2.01", "value-not-ipv4-address"),
        (A, " 192.0.2.1", "value-not-ipv4-address"),
        (A, "::1", "value-not-ipv4-address"),
        (Aaaa, "192.0.2.1", "value-not-ipv6-address"),
        (Aaaa, "2001:db8::1::2", "value-not-ipv6-address"),
        (Cname, "two words.example.com", "value-not-domain-name"),
        (Cname, "a..b", "value-not-domain-name"),
        (Ns, ".", "value-not-domain-name"),
        (Ptr, "", "value-empty"),
        (Mx, "mail.example.com", "value-field-out-of-range"),
        (Mx, "10", "value-field-count"),
        (Mx, "65536 mail.example.com", "value-field-out-of-range"),
        (Mx, "-1 mail.example.com", "value-field-out-of-range"),
        (Mx, "+1 mail.example.com", "value-field-out-of-range"),
        (Mx, "10 mail.example.com extra", "value-field-count"),
        (Mx, "10 a..b", "value-not-domain-name"),
        (Srv, "10 5 server.example.com", "value-field-out-of-range"),
        (Srv, "1 2 65536 a.example.com", "value-field-out-of-range"),
        (Soa, "ns.example.com. h.example.com. 1 7200 900 1209600", "value-field-count"),
        (Soa, "ns.example.com. h.example.com. 1 7200 900 1209600 4294967296", "value-field-out-of-range"),
        (Naptr, r#"100 50 u "E2U" "" ."#, "value-not-quoted"),
        (Naptr, r#"100 50 "u-" "E2U" "" ."#, "value-field-malformed"),
        (Naptr, r#"100 50 "u" "E2U" """#, "value-field-count"),
        (Txt, "v=spf1 -all", "value-not-quoted"),
        (Txt, "\"open", "value-quote-unterminated"),
        (Txt, "\"a\" b", "value-not-quoted"),
        (Txt, "   ", "value-empty"),
        (Txt, &long, "value-string-too-long"),
        (Spf, "", "value-empty"),
        (Caa, "256 issue \"x\"", "value-field-out-of-range"),
        (Caa, "0 issue x", "value-not-quoted"),
        (Caa, "0 is-sue \"x\"", "value-field-malformed"),
        (Caa, "0 \"issue\" \"x\"", "value-field-malformed"),
        (Ds, "65536 4 5 ab", "value-field-out-of-range"),
        (Ds, "1 4 5 abc", "value-not-hexadecimal"),
        (Ds, "1 4 5", "value-field-count"),
        (Tlsa, "3 1 1 xy", "value-not-hexadecimal"),
        (Sshfp, "1 256 ab", "value-field-out-of-range"),
        (Https, "1", "value-field-count"),
        (Https, "1 . ALPN=h2", "value-parameter-malformed"),
        (Https, "1 . alpn=h2 alpn=h3", "value-parameter-malformed"),
        (Https, "1 . port=99999", "value-parameter-malformed"),
        (Https, "1 . ipv4hint=::1", "value-parameter-malformed"),
        (Https, "1 . =x", "value-parameter-malformed"),
    ] {
        assert_eq!(code(record_type, value), expected, "{record_type} {value:?}");
    }
}

#[test]
fn a_malformed_value_stops_evaluation_and_an_empty_name_has_the_live_text() {
    let findings = check(RecordType::A, &["192.0.2.1", "www.example.com"]);
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!(
        (finding.class, finding.route53_error),
        (Class::CannotBeEvaluated, Some(Route53Error::InvalidChangeBatch))
    );
    assert_eq!(finding.message, "`www.example.com` is not an IPv4 address");
    assert!(finding.help.contains("CNAME"), "{}", finding.help);
    assert_eq!(finding.place.as_ref().unwrap().path.to_string(), "$[1]");

    let empty = check(RecordType::Cname, &[""]);
    let said = empty[0].route53_message.as_deref().unwrap();
    assert_eq!(said, "FATAL problem: DomainNameEmpty (Domain name is empty) encountered with ''");
}

#[test]
fn what_route_53_alone_would_refuse_can_be_evaluated() {
    let long = check(RecordType::Txt, &[&format!("\"{}\"", "\"\"".repeat(2000))]);
    assert_eq!((long[0].code, long[0].route53_error), ("value-too-long", Some(Route53Error::InvalidInput)));
    let many: Vec<String> = (0..401).map(|i| format!("192.0.{}.{}", i / 256, i % 256)).collect();
    let many = check(RecordType::A, &many.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((many.len(), many[0].code), (1, "too-many-values"));
    assert_eq!(many[0].route53_message.as_deref(), Some("Cannot have more than 400 records in a RRSet"));
    let two = check(RecordType::Cname, &["a.example.com", "b.example.com"]);
    assert_eq!((two.len(), two[0].code), (1, "more-than-one-value"));
    let same = check(RecordType::Cname, &["a.example.com", "a.example.com"]);
    assert_eq!((same.len(), same[0].code), (1, "more-than-one-value"));
    for finding in long.iter().chain(&many).chain(&two) {
        assert_eq!(finding.class, Class::RefusedByApi);
    }
}

#[test]
fn duplicates_are_found_by_meaning_and_reported_once() {
    let findings = check(RecordType::A, &["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.2"]);
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!(finding.code, "duplicate-value");
    assert_eq!(finding.message, "the value `192.0.2.1` is given more than once, and so is one other");
    assert_eq!(finding.route53_message.as_deref(), Some("Duplicate Resource Record: '192.0.2.1'"));
    assert_eq!(finding.place.as_ref().unwrap().path.to_string(), "$[2]");
    assert_eq!(check(RecordType::Aaaa, &["::1", "0:0:0:0:0:0:0:1"]).len(), 1);
    assert_eq!(check(RecordType::Ns, &["ns.example.com", "NS.example.com."]).len(), 1);
    assert_eq!(check(RecordType::Mx, &["10 mail.example.com", "10  Mail.example.com."]).len(), 1);
    assert_eq!(check(RecordType::Txt, &["\"a\"", "\"A\""]), []);
}

#[test]
fn a_long_value_is_cut_in_the_message() {
    let findings = check(RecordType::A, &[&"9".repeat(1000)]);
    assert!(findings[0].message.len() < 200, "{}", findings[0].message);
}
