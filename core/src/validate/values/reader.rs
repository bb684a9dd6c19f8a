//! The types whose values have several fields (1.4.1): how many, of which form and in which range.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::{IntoIter, Vec};
use core::net::{Ipv4Addr, Ipv6Addr};

use super::fields::{Field, Fields, check_string};
use super::problem::{Problem, shortened};
use crate::model::{NameBuf, RecordType};

/// Reads the fields of a value one after the other and says which one is wrong.
pub(super) struct Reader<'v> {
    record_type: RecordType,
    fields: IntoIter<Field<'v>>,
    given: usize,
}

impl<'v> Reader<'v> {
    /// Splits the value into its fields.
    pub(super) fn new(record_type: RecordType, value: &'v str) -> Result<Self, Problem> {
        let mut list = Vec::with_capacity(8);
        let mut fields = Fields::new(value);
        while let Some(field) = fields.next_field()? {
            list.push(field);
        }
        Ok(Self { record_type, given: list.len(), fields: list.into_iter() })
    }

    /// Reads them by the type's rule.
    pub(super) fn read(mut self) -> Result<(), Problem> {
        match self.record_type {
            RecordType::Mx => {
                self.number("preference", 0xffff)?;
                self.name("mail server")?;
            }
            RecordType::Srv => {
                for field in ["priority", "weight", "port"] {
                    self.number(field, 0xffff)?;
                }
                self.name("target")?;
            }
            RecordType::Soa => {
                self.name("primary name server")?;
                self.name("mailbox")?;
                for field in ["serial", "refresh", "retry", "expire", "minimum"] {
                    self.number(field, 0xffff_ffff)?;
                }
            }
            RecordType::Naptr => {
                self.number("order", 0xffff)?;
                self.number("preference", 0xffff)?;
                let flags = self.quoted("flags")?;
                if !flags.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                    let message = format!("the flags `{flags}` are not letters and digits");
                    return Err(self.malformed("value-field-malformed", message));
                }
                self.quoted("service")?;
                self.quoted("regexp")?;
                self.name("replacement")?;
            }
            RecordType::Caa => {
                self.number("flags", 0xff)?;
                let tag = self.bare("tag")?;
                if !tag.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                    let message = format!("the tag `{}` is not letters and digits", shortened(tag));
                    return Err(self.malformed("value-field-malformed", message));
                }
                self.quoted("value")?;
            }
            RecordType::Ds => {
                self.number("key tag", 0xffff)?;
                self.number("algorithm", 0xff)?;
                self.number("digest type", 0xff)?;
                return self.hexadecimal("digest");
            }
            RecordType::Tlsa => {
                for field in ["certificate usage", "selector", "matching type"] {
                    self.number(field, 0xff)?;
                }
                return self.hexadecimal("certificate association data");
            }
            RecordType::Sshfp => {
                self.number("algorithm", 0xff)?;
                self.number("fingerprint type", 0xff)?;
                return self.hexadecimal("fingerprint");
            }
            RecordType::Svcb | RecordType::Https => {
                self.number("priority", 0xffff)?;
                self.name("target")?;
                return self.parameters();
            }
            _ => return Ok(()),
        }
        match self.fields.next() {
            None => Ok(()),
            Some(_) => Err(self.wrong_count()),
        }
    }

    fn bare(&mut self, field: &str) -> Result<&'v str, Problem> {
        match self.fields.next() {
            Some(Field::Bare(text)) => Ok(text),
            Some(Field::Quoted(text)) => {
                let message = format!("the {field} \"{}\" stands between quotation marks", shortened(text));
                Err(self.malformed("value-field-malformed", message))
            }
            None => Err(self.wrong_count()),
        }
    }

    fn quoted(&mut self, field: &str) -> Result<&'v str, Problem> {
        match self.fields.next() {
            Some(Field::Quoted(text)) => check_string(text).map(|()| text),
            Some(Field::Bare(text)) => {
                let message = format!("the {field} `{}` must stand between quotation marks", shortened(text));
                Err(self.malformed("value-not-quoted", message))
            }
            None => Err(self.wrong_count()),
        }
    }

    fn number(&mut self, field: &str, largest: u32) -> Result<(), Problem> {
        let text = self.bare(field)?;
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse::<u32>() {
            Ok(number) if digits && number <= largest => Ok(()),
            _ => {
                let message = format!("the {field} `{}` is not a number from 0 to {largest}", shortened(text));
                Err(self.malformed("value-field-out-of-range", message))
            }
        }
    }

    fn name(&mut self, field: &str) -> Result<(), Problem> {
        let text = self.bare(field)?;
        NameBuf::parse(text).map(|_| ()).map_err(|error| {
            let message = format!("the {field} `{}` is not a domain name: {error}", shortened(text));
            self.malformed("value-not-domain-name", message)
        })
    }

    /// The rest of the value: hexadecimal digits, which may be broken up by white space (RFC 4034 5.3, RFC 6698 2.2).
    fn hexadecimal(mut self, field: &str) -> Result<(), Problem> {
        let mut digits = self.bare(field)?.to_string();
        while self.fields.len() > 0 {
            digits.push_str(self.bare(field)?);
        }
        if digits.len() % 2 == 0 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(());
        }
        let message = format!("the {field} `{}` is not an even number of hexadecimal digits", shortened(&digits));
        Err(self.malformed("value-not-hexadecimal", message))
    }

    /// The rest of the value: `key` or `key=value`, each key once (RFC 9460 2.1).
    fn parameters(mut self) -> Result<(), Problem> {
        let mut seen: Vec<&str> = Vec::new();
        while self.fields.len() > 0 {
            let parameter = self.bare("parameter")?;
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            let message = if key.is_empty() || key.len() > 63 || !key.bytes().all(plain) {
                format!("the parameter `{}` has no key of lower-case letters, digits and hyphens", shortened(parameter))
            } else if seen.contains(&key) {
                format!("the parameter `{key}` is given twice")
            } else if parameter_value_is_wrong(key, value.trim_matches('"')) {
                format!("the parameter `{}` has no value that suits its key", shortened(parameter))
            } else {
                seen.push(key);
                continue;
            };
            return Err(self.malformed("value-parameter-malformed", message));
        }
        Ok(())
    }

    fn wrong_count(&self) -> Problem {
        let record_type = self.record_type;
        let message = format!("a {record_type} value is {}; this one has {} fields", expected(record_type), self.given);
        Problem::new("value-field-count", message, example(record_type))
    }

    fn malformed(&self, code: &'static str, message: String) -> Problem {
        Problem::new(code, message, example(self.record_type))
    }
}

/// Of the keys that RFC 9460 7 defines: whether the value is of the wrong form.
fn parameter_value_is_wrong(key: &str, value: &str) -> bool {
    let each = |good: fn(&str) -> bool| value.is_empty() || !value.split(',').all(good);
    match key {
        "port" => value.parse::<u16>().is_err() || value.starts_with('+'),
        "ipv4hint" => each(|address| address.parse::<Ipv4Addr>().is_ok()),
        "ipv6hint" => each(|address| address.parse::<Ipv6Addr>().is_ok()),
        "no-default-alpn" => !value.is_empty(),
        "alpn" | "mandatory" => each(|item| !item.is_empty()),
        _ => false,
    }
}

/// What a value of the type is, in words that follow "is" and "give".
pub(super) const fn expected(record_type: RecordType) -> &'static str {
    match record_type {
        RecordType::A => "an IPv4 address",
        RecordType::Aaaa => "an IPv6 address",
        RecordType::Cname | RecordType::Ns | RecordType::Ptr => "a domain name",
        RecordType::Txt | RecordType::Spf => "one or more strings between quotation marks",
        RecordType::Mx => "a preference and a domain name",
        RecordType::Srv => "priority, weight, port and target",
        RecordType::Soa => "primary name server, mailbox, serial, refresh, retry, expire and minimum",
        RecordType::Naptr => "order, preference, \"flags\", \"service\", \"regexp\" and replacement",
        RecordType::Caa => "flags, tag and \"value\"",
        RecordType::Ds => "key tag, algorithm, digest type and digest",
        RecordType::Tlsa => "certificate usage, selector, matching type and certificate association data",
        RecordType::Sshfp => "algorithm, fingerprint type and fingerprint",
        RecordType::Svcb | RecordType::Https => "priority, target and parameters",
    }
}

/// A good value of the type, as help.
const fn example(record_type: RecordType) -> &'static str {
    match record_type {
        RecordType::Mx => "for example `10 mail.example.com.`",
        RecordType::Srv => "for example `10 5 443 server.example.com.`",
        RecordType::Soa => "for example `ns-1.example.com. hostmaster.example.com. 1 7200 900 1209600 86400`",
        RecordType::Naptr => r#"for example `100 50 "s" "SIP+D2U" "" _sip._udp.example.com.`"#,
        RecordType::Caa => r#"for example `0 issue "ca.example.net"`"#,
        RecordType::Ds => "for example `12345 13 2 0123...cdef`, the digest in hexadecimal",
        RecordType::Tlsa => "for example `3 1 1 0123...cdef`, the data in hexadecimal",
        RecordType::Sshfp => "for example `4 2 0123...cdef`, the fingerprint in hexadecimal",
        RecordType::Svcb | RecordType::Https => r#"for example `1 . alpn="h2,h3" port=443`"#,
        _ => "see the record types in the Route 53 guide",
    }
}
