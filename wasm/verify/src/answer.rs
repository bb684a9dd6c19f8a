//! A request, sent where it is carried out.

use crate::refusal::refused;
use crate::request::Request;

/// The result of a request as JSON; else an error as JSON: `code`, `message`, and `help` or `diagnostics` where there are
/// any.
pub(crate) fn answer(bytes: &[u8]) -> Result<String, String> {
    let request: Request = serde_json::from_slice(bytes).map_err(|error| refused("request", &error.to_string(), ""))?;
    let result = match request {
        #[cfg(feature = "formats")]
        Request::Read { version, parameters, name, ttl } => crate::formats::read(&version, &parameters, name, ttl),
        #[cfg(feature = "analyses")]
        request => crate::analyses::answer(request),
    };
    result.map(|value| value.to_string())
}
