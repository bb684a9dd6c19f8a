//! Fields that a health check of some other type has.

use alloc::format;
use alloc::string::String;

use super::Reader;

impl Reader<'_, '_> {
    /// Fields that a check of this type does not take (6.1.3).
    pub(super) fn check_foreign_fields(&mut self) {
        let fields = self.fields;
        let kind = self.type_name;
        let is_calculated = kind == "CALCULATED";
        let is_cloudwatch = kind == "CLOUDWATCH_METRIC";
        let is_endpoint = !is_calculated && !is_cloudwatch && kind != "RECOVERY_CONTROL";
        let calculated_says = |what: &str| {
            is_calculated
                .then(|| format!("Invalid parameter : Calculated health checks must not have {what} specified."))
        };
        let says = |text: &str| Some(String::from(text));
        let wrong_search = match kind {
            "HTTP" => says("HTTP health checks must not have a search string specified."),
            _ => None,
        };
        let is_string_match = kind.ends_with("_STR_MATCH");
        let list: [(&str, bool, Option<String>); 12] = [
            ("IPAddress", fields.ip_address.is_some() && !is_endpoint, calculated_says("an IP address")),
            ("Port", fields.port.is_some() && !is_endpoint, calculated_says("a port")),
            ("RequestInterval", fields.request_interval.is_some() && !is_endpoint, None),
            ("FailureThreshold", fields.failure_threshold.is_some() && !is_endpoint, None),
            ("MeasureLatency", fields.measure_latency == Some(true) && !is_endpoint, None),
            (
                "ResourcePath",
                fields.resource_path.as_deref().is_some_and(|path| !path.is_empty()) && (kind == "TCP" || !is_endpoint),
                (kind == "TCP").then(|| "TCP health checks must not have a resource path specified.".into()),
            ),
            (
                "SearchString",
                fields.search_string.as_deref().is_some_and(|text| !text.is_empty()) && !is_string_match,
                wrong_search,
            ),
            (
                "Regions",
                fields.regions.as_deref().is_some_and(|list| !list.is_empty()) && !is_endpoint,
                calculated_says("regions"),
            ),
            (
                "HealthThreshold",
                fields.health_threshold.is_some() && !is_calculated,
                says("Invalid parameter : Only calculated health checks can have a health threshold specified."),
            ),
            (
                "ChildHealthChecks",
                fields.child_health_checks.as_deref().is_some_and(|list| !list.is_empty()) && !is_calculated,
                says("Invalid parameter : Only calculated health checks can have child health checks specified."),
            ),
            (
                "AlarmIdentifier",
                fields.alarm_identifier.is_some() && !is_cloudwatch,
                is_endpoint.then(|| {
                    "Invalid parameter : Basic health checks must not have an metric region specified.".into()
                }),
            ),
            (
                "InsufficientDataHealthStatus",
                fields.insufficient_data_health_status.is_some() && !is_cloudwatch,
                is_endpoint.then(|| {
                    "Invalid parameter : Basic health checks must not have an insufficient data health state specified."
                        .into()
                }),
            ),
        ];
        for (field, _, says) in list.into_iter().filter(|(_, is_foreign, _)| *is_foreign) {
            let message = format!("a check of type {kind} may not have {field}");
            self.refused("health-check-field", field, message, "remove it, or correct Type", says);
        }
    }
}
