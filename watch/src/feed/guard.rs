//! Who is meant, and who asks: Host and Origin, and the tokens.

use std::net::IpAddr;

use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderValue, ORIGIN, WWW_AUTHENTICATE};
use hyper::{Request, StatusCode, Uri};

use super::access::Access;
use super::answer::{Answer, fault};

/// What the filter for Envoy calls a watch unless it is configured otherwise: no name of anybody's, as it has no dot.
const ENVOY: &str = "pointsman-watch";

/// What a request is allowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Right {
    /// It showed no token, or a wrong one.
    None,
    /// It showed the token for reading.
    Read,
    /// It showed the token for changing something.
    Change,
}

/// Refuses a request that is for somebody else: a page of another site, whose name leads to this address for a moment (DNS
/// rebinding), sends its own name as Host.
pub(super) fn misdirected(request: &Request<Incoming>, access: &Access, local: IpAddr) -> Option<Answer> {
    let headers = request.headers();
    let refuse = |what: &str| {
        let message =
            format!("{what} is neither this address nor `localhost`; start the watch with --host NAME to allow it");
        Some(fault(StatusCode::MISDIRECTED_REQUEST, &message))
    };
    let host = request.uri().host().or_else(|| single(headers, &HOST).map(without_port));
    match host {
        None => return Some(fault(StatusCode::BAD_REQUEST, "the request names no Host, or several")),
        Some(host) if !is_own(host, access, local) => return refuse("Host"),
        Some(_) => {}
    }
    if headers.contains_key(ORIGIN) {
        let origin = single(headers, &ORIGIN).and_then(|origin| origin.parse::<Uri>().ok());
        if !origin.as_ref().and_then(Uri::host).is_some_and(|host| is_own(host, access, local)) {
            return refuse("Origin");
        }
    }
    None
}

/// What the request's token allows.
pub(super) fn right(headers: &HeaderMap, access: &Access) -> Right {
    let given = single(headers, &AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
    let Some(given) = given else { return Right::None };
    let is = |token: &Option<String>| token.as_deref().is_some_and(|token| same(given, token));
    // Both are compared, whatever the first says.
    match (is(&access.token), is(&access.read_token)) {
        (true, _) => Right::Change,
        (false, true) => Right::Read,
        (false, false) => Right::None,
    }
}

/// Asks for a token.
pub(super) fn unauthorized() -> Answer {
    let mut answer = fault(StatusCode::UNAUTHORIZED, "send the token as `Authorization: Bearer TOKEN`");
    answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}

/// A header that is there once.
fn single<'h>(headers: &'h HeaderMap, name: &hyper::header::HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then(|| first.to_str().ok()).flatten()
}

fn without_port(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(authority, |(address, _)| address),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    }
}

fn is_own(host: &str, access: &Access, local: IpAddr) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    if let Ok(address) = host.parse::<IpAddr>() {
        return address.to_canonical() == local.to_canonical() || access.hosts.iter().any(|own| own == host);
    }
    ["localhost", ENVOY].iter().any(|own| own.eq_ignore_ascii_case(host))
        || access.hosts.iter().any(|own| own.eq_ignore_ascii_case(host))
}

/// Compares digests, so that the time it takes tells nothing of the token.
fn same(given: &str, token: &str) -> bool {
    let digest = |text: &str| ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest(given).as_ref() == digest(token).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_names_are_own() {
        let access = Access { hosts: vec!["watch.example.com".into(), "10.0.0.9".into()], ..Access::default() };
        let local = "127.0.0.1".parse().unwrap();
        for host in
            ["127.0.0.1:8053", "localhost", "pointsman-watch", "LOCALHOST:1", "watch.example.com.", "10.0.0.9:80"]
        {
            assert!(is_own(without_port(host), &access, local), "{host}");
        }
        for host in ["evil.example.net", "127.0.0.2", "localhost.evil.example", "", "[::1]:8053"] {
            assert!(!is_own(without_port(host), &access, local), "{host}");
        }
        assert!(is_own(without_port("[::1]:8053"), &access, "::1".parse().unwrap()));
    }
}
