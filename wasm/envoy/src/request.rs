//! One request: what core decides becomes a header and a filter state.

use std::cell::RefCell;
use std::rc::Rc;

use proxy_wasm::hostcalls::{get_map_value_bytes, get_property, send_http_response, set_map_value};
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, MapType};

use crate::facts;
use crate::host::set_filter_state;
use crate::policy::Policy;

/// A request on its way through the filter.
pub(crate) struct Request {
    pub(crate) policy: Rc<RefCell<Policy>>,
}

impl Context for Request {}

impl HttpContext for Request {
    fn on_http_request_headers(&mut self, _count: usize, _end_of_stream: bool) -> Action {
        let mut policy = self.policy.borrow_mut();
        let steer = policy.decide(&HostRequest);
        let _ = set_map_value(MapType::HttpRequestHeaders, steer.header, steer.value);
        if let Some((key, value)) = steer.state {
            set_filter_state(key, value);
        }
        if steer.fail_closed {
            let body = b"no endpoint is healthy\n";
            return match send_http_response(503, vec![("content-type", "text/plain")], Some(body)) {
                Ok(()) => Action::Pause,
                // The header is gone, so that nothing is chosen either.
                Err(_) => Action::Continue,
            };
        }
        Action::Continue
    }
}

/// The request as the host has it.
struct HostRequest;

impl facts::Request for HostRequest {
    fn header(&self, name: &str) -> Option<Vec<u8>> {
        get_map_value_bytes(MapType::HttpRequestHeaders, name).ok().flatten()
    }

    fn downstream_address(&self) -> Option<Vec<u8>> {
        get_property(vec!["source", "address"]).ok().flatten()
    }
}
