//! Words and numbers of a configuration whose grammar was right.

use pointsman_core::health::WhenStale;
use pointsman_core::model::{NameBuf, RecordType, Region};

use super::fields::{AddressConfig, AnswerConfig, Config, DrawConfig, FeedConfig, NameConfig};

/// The first fault, beginning with its field.
pub(super) fn check(config: &Config<'_>) -> Result<(), String> {
    let record_type = RecordType::parse(&config.question.record_type).ok_or_else(|| {
        format!("question.type: `{}` is not a record type that Route 53 knows", config.question.record_type)
    })?;
    if config.zones.is_empty() {
        return Err("zones: there must be at least one".into());
    }
    if let Some(key) = config.filter_state.as_ref().filter(|key| key.is_empty() || key.contains('\0')) {
        return Err(format!("filter_state: `{key}` cannot be the key of a filter state"));
    }
    match &config.question.name {
        NameConfig::Fixed(name) => {
            NameBuf::parse(name).map_err(|error| format!("question.name.fixed: `{name}`: {error}"))?;
        }
        NameConfig::Header(header) => check_read("question.name.header", header)?,
    }
    let client = &config.client;
    for (field, header) in [
        ("country_header", &client.country_header),
        ("continent_header", &client.continent_header),
        ("subdivision_header", &client.subdivision_header),
        ("latitude_header", &client.latitude_header),
        ("longitude_header", &client.longitude_header),
    ] {
        header.iter().try_for_each(|header| check_read(&format!("client.{field}"), header))?;
    }
    if client.latitude_header.is_some() != client.longitude_header.is_some() {
        return Err("client.latitude_header and client.longitude_header must be given together".into());
    }
    if let Some(AddressConfig::Header(header)) = &client.address {
        check_read("client.address.header", header)?;
    }
    if let Some(region) = client.vpc_region.as_ref().filter(|region| Region::parse(region).is_none()) {
        return Err(format!("client.vpc_region: `{region}` is not a Region"));
    }
    match &config.draw {
        DrawConfig::Random => {}
        DrawConfig::Header(header) => check_read("draw.header", header)?,
        DrawConfig::Cookie(name) if is_token(name) => {}
        DrawConfig::Cookie(name) => return Err(format!("draw.cookie: `{name}` is not the name of a cookie")),
    }
    for name in &config.fail_closed {
        NameBuf::parse(name).map_err(|error| format!("fail_closed: `{name}`: {error}"))?;
    }
    between("tick_ms", config.tick_ms, 20, 60_000)?;
    config.health.feed.iter().try_for_each(check_feed)?;
    check_answer(&config.answer, record_type)
}

fn check_feed(feed: &FeedConfig) -> Result<(), String> {
    if feed.cluster.is_empty() {
        return Err("health.feed.cluster: must name a cluster of Envoy".into());
    }
    if !feed.path.starts_with('/') || !feed.path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("health.feed.path: `{}` is not a path such as /v1/health", feed.path));
    }
    if feed.authority.is_empty() || !feed.authority.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("health.feed.authority: `{}` is not a host name", feed.authority));
    }
    between("health.feed.interval_ms", feed.interval_ms, 20, 3_600_000)?;
    between("health.feed.timeout_ms", feed.timeout_ms, 1, 60_000)?;
    between("health.feed.max_bytes", feed.max_bytes, 64, 256 << 20)?;
    if feed.max_age_ms != 0 && feed.max_age_ms < feed.interval_ms {
        return Err("health.feed.max_age_ms: must not be shorter than interval_ms".into());
    }
    if feed.max_age_ms == 0 && feed.when_stale != WhenStale::Keep {
        return Err("health.feed.when_stale: has no effect without max_age_ms".into());
    }
    Ok(())
}

fn check_answer(answer: &AnswerConfig, record_type: RecordType) -> Result<(), String> {
    match answer {
        AnswerConfig::Cluster(cluster) => {
            check_written("answer.cluster.header", &cluster.header)?;
            if cluster.map.is_empty() {
                return Err("answer.cluster.map: must map at least one set identifier or value to a cluster".into());
            }
            for name in cluster.map.values().chain(&cluster.fallback) {
                if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(format!("answer.cluster: `{name}` cannot be the name of a cluster in a header"));
                }
            }
        }
        AnswerConfig::Host(host) => {
            check_written("answer.host.header", &host.header)?;
            if !matches!(record_type, RecordType::A | RecordType::Aaaa) {
                return Err(format!(
                    "question.type: hosts are named by addresses, so it must be A or AAAA, not {}",
                    record_type.as_str()
                ));
            }
            if host.port == 0 {
                return Err("answer.host.port: must be 1 to 65535".into());
            }
            between("answer.host.choices", u32::from(host.choices), 1, 16)?;
        }
        AnswerConfig::Header(header) => check_written("answer.header.header", &header.header)?,
    }
    Ok(())
}

fn between(field: &str, value: u32, least: u32, most: u32) -> Result<(), String> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(format!("{field}: must be {least} to {most}, not {value}"))
    }
}

/// A header that is only read may be one of HTTP/2's own, such as `:authority`.
fn check_read(field: &str, header: &str) -> Result<(), String> {
    check_header(field, header, header.strip_prefix(':').unwrap_or(header))
}

fn check_written(field: &str, header: &str) -> Result<(), String> {
    check_header(field, header, header)
}

fn check_header(field: &str, header: &str, token: &str) -> Result<(), String> {
    if !is_token(token) || token.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(format!("{field}: `{header}` is not the name of a header in lower case"));
    }
    Ok(())
}

/// What HTTP takes for the name of a header or a cookie.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
