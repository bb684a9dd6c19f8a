//! The host's shared data and HTTP calls, as a follower of a feed needs them.

use std::time::{Duration, UNIX_EPOCH};

use proxy_wasm::hostcalls::{
    dispatch_http_call, get_buffer, get_current_time, get_map_value_bytes, get_shared_data, set_shared_data,
};
use proxy_wasm::types::{BufferType, MapType};

use crate::config::FeedConfig;
use crate::feed::{Response, Shared};

/// What this VM's host lets workers share.
pub(crate) struct Host;

impl Shared for Host {
    fn get(&self, key: &str) -> Option<(Vec<u8>, Option<u32>)> {
        let (value, version) = get_shared_data(key).ok()?;
        Some((value?, version))
    }

    fn set(&self, key: &str, value: &[u8], version: Option<u32>) -> bool {
        set_shared_data(key, Some(value), version).is_ok()
    }

    fn fetch(&self, feed: &FeedConfig, etag: Option<&str>) -> Option<u32> {
        let mut headers = vec![
            (":method", "GET"),
            (":path", feed.path.as_str()),
            (":authority", feed.authority.as_str()),
            ("accept", "application/json"),
        ];
        if let Some(etag) = etag {
            headers.push(("if-none-match", etag));
        }
        let timeout = Duration::from_millis(u64::from(feed.timeout_ms));
        dispatch_http_call(&feed.cluster, headers, None, vec![], timeout).ok()
    }
}

/// What the feed answered to the call whose response is at hand.
pub(crate) fn response(header_count: usize, body_size: usize, max_bytes: usize) -> Response {
    let header = |name: &str| {
        let value = get_map_value_bytes(MapType::HttpCallResponseHeaders, name).ok().flatten()?;
        String::from_utf8(value).ok()
    };
    if header_count == 0 {
        return Response::None;
    }
    match header(":status").as_deref() {
        Some("200") if body_size > max_bytes => Response::TooLong(body_size),
        Some("200") => {
            let body = get_buffer(BufferType::HttpCallResponseBody, 0, body_size).ok().flatten();
            Response::Report { etag: header("etag").unwrap_or_default(), body: body.unwrap_or_default() }
        }
        Some("304") => Response::Unchanged,
        Some(status) => Response::Status(status.to_owned()),
        None => Response::None,
    }
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = get_current_time().ok().and_then(|now| now.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
