//! What single words of a zone file say.

/// The types of which a value is known to have names in it, with their positions among its words; and others.
const TYPES: [(&str, &[usize]); 22] = [
    ("A", &[]),
    ("AAAA", &[]),
    ("CAA", &[]),
    ("CNAME", &[0]),
    ("DNAME", &[0]),
    ("DS", &[]),
    ("HTTPS", &[1]),
    ("LOC", &[]),
    ("MX", &[1]),
    ("NAPTR", &[5]),
    ("NS", &[0]),
    ("PTR", &[0]),
    ("RP", &[0, 1]),
    ("SOA", &[0, 1]),
    ("SPF", &[]),
    ("SRV", &[3]),
    ("SSHFP", &[]),
    ("SVCB", &[1]),
    ("TLSA", &[]),
    ("TXT", &[]),
    ("DNSKEY", &[]),
    ("ALIAS", &[]),
];

pub(super) fn is_type(word: &str) -> bool {
    TYPES.iter().any(|(name, _)| word.eq_ignore_ascii_case(name))
}

pub(super) fn is_class(word: &str) -> bool {
    ["IN", "CH", "HS", "AWS"].iter().any(|class| word.eq_ignore_ascii_case(class))
}

/// Where the words of a value are names, by the record's type.
pub(super) fn names_in(kind: &str) -> &'static [usize] {
    TYPES.iter().find(|(name, _)| *name == kind).map(|(_, names)| *names).unwrap_or_default()
}

pub(super) fn absolute(name: &str) -> String {
    if name.ends_with('.') { name.to_owned() } else { format!("{name}.") }
}

/// A TTL in seconds: a number, or numbers with BIND's units, such as `1h30m`.
pub(super) fn ttl(word: &str) -> Option<i64> {
    if !word.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let (mut total, mut number) = (0_i64, 0_i64);
    for character in word.chars() {
        let unit = match character.to_ascii_lowercase() {
            digit @ '0'..='9' => {
                number = number.checked_mul(10)?.checked_add(i64::from(digit.to_digit(10)?))?;
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        number = 0;
    }
    total.checked_add(number)
}

/// `key="value" key=value` as pairs.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut rest = text.trim();
    while let Some((key, after)) = rest.split_once('=') {
        let (value, behind) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        pairs.push((key.trim().to_owned(), value.to_owned()));
        rest = behind.trim_start();
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(
            ["300", "1h30m", "2W", "1x", "", "9223372036854775807w"].map(ttl),
            [Some(300), Some(5_400), Some(1_209_600), None, None, None]
        );
    }

    #[test]
    fn comments_are_pairs() {
        let found = pairs("routing=\"WEIGHTED\" weight=20 identifier=\"a b\" ");
        let wanted = [("routing", "WEIGHTED"), ("weight", "20"), ("identifier", "a b")];
        assert_eq!(found, wanted.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
}
