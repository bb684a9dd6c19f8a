//! The filter's configuration, as Envoy hands it over: JSON, from a `Struct` or from a `StringValue`.
//!
//! Reading checks grammar, words and numbers, and names the field that is wrong; [`crate::load`] reads the zones in it.

mod check;
mod fields;

pub use self::fields::{
    AddressConfig, AnswerConfig, ClientConfig, ClusterConfig, Config, DrawConfig, FeedConfig, HeaderConfig,
    HealthConfig, HostConfig, KeyConfig, NameConfig, QuestionConfig, ZoneConfig,
};

/// Reads a configuration.
///
/// ```
/// use pointsman_envoy::config::read;
/// let fault = read(br#"{"zones": [], "question": {"name": {"fixed": "a"}, "type": "B"}, "answer": {"header": {}}}"#).unwrap_err();
/// assert_eq!(fault, "question.type: `B` is not a record type that Route 53 knows");
/// ```
///
/// # Errors
/// What is wrong, beginning with the field.
pub fn read(bytes: &[u8]) -> Result<Config<'_>, String> {
    if bytes.is_empty() || bytes == b"{}" {
        return Err("the plugin has no configuration; give it one as a Struct or as a StringValue of JSON".into());
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "the configuration is not UTF-8")?;
    let mut json = serde_json::Deserializer::from_str(text);
    let config: Config<'_> = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.into_inner());
        if path == "." { error.to_string() } else { format!("{path}: {error}") }
    })?;
    json.end().map_err(|error| error.to_string())?;
    check::check(&config)?;
    Ok(config)
}
