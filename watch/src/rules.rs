//! How AWS resources that aliases lead to are tried: a small file of rules, since a zone does not say.
//!
//! ```json
//! {"dualstack.shop.us-east-1.elb.amazonaws.com": "https://10.1.0.10/health",
//!  "cache.eu-west-1.elb.amazonaws.com": {"URL": "tcp://10.2.0.5:6379", "RequestInterval": 10, "FailureThreshold": 2}}
//! ```
//!
//! A URL is `http`, `https` or `tcp`. Where `Host` is given, it is the name that is sent, and the URL's host only says
//! where to.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use pointsman_core::model::Name;
use serde::Deserialize;

use crate::probe::{Protocol, Target};

/// A try that is repeated.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Probing {
    /// What is tried.
    pub target: Target,
    /// From the beginning of one try to the beginning of the next.
    pub interval: Duration,
    /// Results in a row that change the status (6.2.1).
    pub failure_threshold: u8,
}

/// Rules by DNS name, in lower case and with its final dot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    rules: BTreeMap<String, Rule>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    target: Target,
    interval: Duration,
    failure_threshold: u8,
}

/// What is wrong with a file of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesError {
    /// The DNS name that the rule is for; empty when the file as a whole cannot be read.
    pub name: String,
    /// What is wrong, and what to write.
    pub message: String,
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.as_str() {
            "" => f.write_str(&self.message),
            name => write!(f, "the rule for `{name}`: {}", self.message),
        }
    }
}

impl std::error::Error for RulesError {}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Short(String),
    Long(Long),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Long {
    #[serde(rename = "URL")]
    url: String,
    host: Option<String>,
    search_string: Option<String>,
    request_interval: Option<u64>,
    failure_threshold: Option<u8>,
}

impl Rules {
    /// Reads the rules.
    ///
    /// # Errors
    /// The first rule that cannot be used.
    ///
    /// ```
    /// use pointsman_watch::rules::Rules;
    /// let rules = Rules::parse(r#"{"lb.us-east-1.elb.amazonaws.com": "http://127.0.0.1:8080/health"}"#)?;
    /// assert_eq!(rules.names().next(), Some("lb.us-east-1.elb.amazonaws.com."));
    /// let error = Rules::parse(r#"{"lb.us-east-1.elb.amazonaws.com": "ftp://127.0.0.1/"}"#).unwrap_err();
    /// assert!(error.to_string().contains("http, https or tcp"), "{error}");
    /// # Ok::<(), pointsman_watch::rules::RulesError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        let written: BTreeMap<String, Written> = serde_json::from_str(text).map_err(|error| RulesError {
            name: String::new(),
            message: format!("it is no object of DNS names and URLs: {error}"),
        })?;
        let mut rules = BTreeMap::new();
        for (name, written) in written {
            let fault = |message: String| RulesError { name: name.clone(), message };
            let key = Name::parse(&name).map_err(|error| fault(error.to_string()))?.to_string();
            let rule = rule(written).map_err(fault)?;
            if rules.insert(key, rule).is_some() {
                return Err(fault("there is a second one for this name".into()));
            }
        }
        Ok(Self { rules })
    }

    /// The names that have a rule.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.rules.keys().map(String::as_str)
    }

    /// How a name is tried.
    pub(crate) fn probing(&self, name: &str, verify: bool) -> Option<Probing> {
        let rule = self.rules.get(name)?;
        let mut target = rule.target.clone();
        if let Protocol::Https { sni, .. } = target.protocol {
            target.protocol = Protocol::Https { sni, verify };
        }
        Some(Probing { target, interval: rule.interval, failure_threshold: rule.failure_threshold })
    }
}

fn rule(written: Written) -> Result<Rule, String> {
    let long = match written {
        Written::Short(url) => {
            Long { url, host: None, search_string: None, request_interval: None, failure_threshold: None }
        }
        Written::Long(long) => long,
    };
    let target = target(&long)?;
    let seconds = long.request_interval.unwrap_or(10);
    let failure_threshold = long.failure_threshold.unwrap_or(3);
    if !(1..=300).contains(&seconds) {
        return Err(format!("RequestInterval is 1 to 300 seconds, not {seconds}"));
    }
    if !(1..=10).contains(&failure_threshold) {
        return Err(format!("FailureThreshold is 1 to 10, not {failure_threshold}"));
    }
    Ok(Rule { target, interval: Duration::from_secs(seconds), failure_threshold })
}

fn target(long: &Long) -> Result<Target, String> {
    let url = &long.url;
    let wanted = || format!("`{url}` is not a URL with http, https or tcp, such as http://10.0.0.1:8080/health");
    let (scheme, rest) = url.split_once("://").ok_or_else(wanted)?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or_else(wanted)?;
            (host, rest.strip_prefix(':'))
        }
        None => authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let (protocol, default_port) = match scheme {
        "tcp" => (Protocol::Tcp, None),
        "http" => (Protocol::Http, Some(80)),
        "https" => (Protocol::Https { sni: true, verify: false }, Some(443)),
        _ => return Err(wanted()),
    };
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port != 0),
        None => default_port,
    };
    let port = port.ok_or_else(|| format!("`{url}` needs a port from 1 to 65535"))?;
    let address: Option<IpAddr> = host.parse().ok();
    if host.is_empty() || (address.is_none() && Name::parse(host).is_err()) {
        return Err(wanted());
    }
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_plain(path) || !long.host.as_deref().is_none_or(is_plain) {
        return Err("URL and Host hold printable ASCII without blanks only; percent-encode the rest".into());
    }
    if protocol == Protocol::Tcp && long.search_string.is_some() {
        return Err("SearchString needs http or https".into());
    }
    Ok(Target {
        protocol,
        address,
        host: long.host.clone().or_else(|| address.is_none().then(|| host.into())),
        port,
        path: path.into(),
        search: long.search_string.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probing(rule: &str) -> Result<Probing, String> {
        let rules = Rules::parse(&format!(r#"{{"LB.example.net": {rule}}}"#)).map_err(|error| error.to_string())?;
        rules.probing("lb.example.net.", true).ok_or_else(|| "no rule".into())
    }

    #[test]
    fn urls_become_targets() {
        let probing =
            probing(r#"{"URL": "https://[::1]:8443/a?b", "Host": "shop.example.com", "FailureThreshold": 1}"#);
        let probing = probing.unwrap();
        assert_eq!(probing.target.protocol, Protocol::Https { sni: true, verify: true });
        assert_eq!(probing.target.address, Some("::1".parse().unwrap()));
        assert_eq!(probing.target.host.as_deref(), Some("shop.example.com"));
        assert_eq!((probing.target.port, probing.target.path.as_str()), (8443, "/a?b"));
        assert_eq!((probing.failure_threshold, probing.interval.as_secs()), (1, 10));
    }

    #[test]
    fn names_are_resolved_and_ports_have_defaults() {
        let probing = probing(r#""http://origin.example.net""#).unwrap();
        assert_eq!((probing.target.port, probing.target.address), (80, None));
        assert_eq!(probing.target.host.as_deref(), Some("origin.example.net"));
        assert_eq!(probing.target.path, "/");
    }

    #[test]
    fn what_cannot_be_tried_is_said() {
        for (rule, word) in [
            (r#""tcp://10.0.0.1""#, "port"),
            (r#""10.0.0.1""#, "URL"),
            (r#""http://10.0.0.1:99999/""#, "port"),
            (r#""http://10.0.0.1/a b""#, "percent"),
            (r#"{"URL": "tcp://10.0.0.1:1", "SearchString": "x"}"#, "SearchString"),
            (r#"{"URL": "tcp://10.0.0.1:1", "RequestInterval": 0}"#, "RequestInterval"),
            (r#"{"URL": "tcp://10.0.0.1:1", "FailureThreshold": 11}"#, "FailureThreshold"),
            (r#"{"Url": "tcp://10.0.0.1:1"}"#, "no object"),
            ("7", "no object"),
        ] {
            let error = probing(rule).unwrap_err();
            assert!(error.contains(word), "{rule}: {error}");
        }
        assert!(Rules::parse(r#"{"a.example.": "tcp://[::1]:1", "A.example": "tcp://[::1]:1"}"#).is_err());
    }
}
