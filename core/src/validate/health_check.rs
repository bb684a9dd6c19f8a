//! One health check by itself: what CreateHealthCheck takes (6.1 - 6.5).

mod address;
mod foreign_fields;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;

use super::route53_messages::{Shown, not_one_of};
use crate::diagnostic::{Diagnostic, Place, Route53Error};
use crate::limits::{
    CHECKER_REGIONS_MIN, FAILURE_THRESHOLD_DEFAULT, FAILURE_THRESHOLD_MAX, HEALTH_CHECK_TEXT_CHARACTERS_MAX,
    HEALTH_THRESHOLD_MAX, REQUEST_INTERVAL_SECONDS_DEFAULT,
};
use crate::model::HealthCheckKind;
use crate::model::health_check::{EndpointCheck, InsufficientDataHealthStatus, Protocol};
use crate::parse::HealthCheckFields;

/// Where checkers stand (6.1.2).
const CHECKER_REGIONS: [&str; 8] = [
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
];

const PROTOCOLS: [Protocol; 5] =
    [Protocol::Http, Protocol::Https, Protocol::HttpStrMatch, Protocol::HttpsStrMatch, Protocol::Tcp];

/// Reads how a check's raw status comes about; a check that cannot be read is of unknown kind. `damaged`: some field
/// could not be read, which is reported, so that none is missing.
#[inline(never)]
pub(super) fn kind(fields: &HealthCheckFields<'_>, damaged: bool, out: &mut Vec<Diagnostic>) -> HealthCheckKind {
    let mut reader = Reader { fields, damaged, type_name: "", out };
    reader.kind().unwrap_or(HealthCheckKind::Unknown)
}

struct Reader<'r, 'a> {
    fields: &'r HealthCheckFields<'a>,
    damaged: bool,
    type_name: &'static str,
    out: &'r mut Vec<Diagnostic>,
}

impl Reader<'_, '_> {
    fn kind(&mut self) -> Option<HealthCheckKind> {
        let fields = self.fields;
        let Some(given) = &fields.check_type else {
            let what = if fields.has_config {
                "the health check has no Type"
            } else {
                "the health check has no HealthCheckConfig"
            };
            self.missing(
                "health-check-type-missing",
                what,
                "give the health check as list-health-checks prints it",
                None,
            );
            return None;
        };
        let is = |name: &str| given.eq_ignore_ascii_case(name);
        let protocol = PROTOCOLS.into_iter().find(|protocol| is(protocol.as_str()));
        let kind = if let Some(protocol) = protocol {
            self.type_name = protocol.as_str();
            self.endpoint(protocol).map(|check| HealthCheckKind::Endpoint(Box::new(check)))
        } else if is("CALCULATED") {
            self.type_name = "CALCULATED";
            self.calculated()
        } else if is("CLOUDWATCH_METRIC") {
            self.type_name = "CLOUDWATCH_METRIC";
            self.cloudwatch()
        } else if is("RECOVERY_CONTROL") {
            self.type_name = "RECOVERY_CONTROL";
            self.recovery_control();
            Some(HealthCheckKind::RecoveryControl)
        } else {
            let finding = Diagnostic::cannot(
                "health-check-type-unknown",
                format_args!("`{}` is not a type of health check", Shown(given)),
            )
            .help(
                "use one of HTTP, HTTPS, HTTP_STR_MATCH, HTTPS_STR_MATCH, TCP, CALCULATED, CLOUDWATCH_METRIC and \
                     RECOVERY_CONTROL",
            )
            .error(Route53Error::InvalidInput);
            finding.at(self.at("Type")).add_to(self.out);
            return None;
        };
        if self.type_name != &**given {
            let message =
                format!("types of health checks are written in capital letters, and `{}` is not", Shown(given));
            let help = format!("write it {}", self.type_name);
            self.refused("health-check-type-case", "Type", message, &help, None);
        }
        self.check_foreign_fields();
        kind
    }

    fn at(&self, field: &str) -> Place {
        self.fields.origin.field(&["HealthCheckConfig", field])
    }

    /// A field without which the check cannot be evaluated.
    fn missing(&mut self, code: &'static str, message: &str, help: &str, says: Option<&str>) {
        if !self.damaged {
            let mut finding = Diagnostic::cannot(code, message).help(help).error(Route53Error::InvalidInput);
            finding.route53_message = says.map(String::from);
            finding.at(self.fields.origin.place()).add_to(self.out);
        }
    }

    /// What CreateHealthCheck refuses though the status can be evaluated.
    fn refused(&mut self, code: &'static str, field: &str, message: String, help: &str, says: Option<String>) {
        let mut finding = Diagnostic::refused(code, Route53Error::InvalidInput, message).help(help);
        finding.route53_message = says;
        finding.at(self.at(field)).add_to(self.out);
    }

    /// A number in its range.
    fn number<T: TryFrom<i64>>(
        &mut self,
        field: &str,
        given: Option<i64>,
        default: T,
        (low, high): (i64, i64),
    ) -> Option<T> {
        let Some(value) = given else { return Some(default) };
        if (low..=high).contains(&value) {
            return T::try_from(value).ok();
        }
        let message = format!("{field} is {low} to {high}; here it is {value}");
        let finding =
            Diagnostic::cannot("health-check-number", message).help(format_args!("give a {field} in that range"));
        finding.error(Route53Error::InvalidInput).at(self.at(field)).add_to(self.out);
        None
    }

    fn endpoint(&mut self, protocol: Protocol) -> Option<EndpointCheck> {
        let fields = self.fields;
        let ip_address = self.ip_address();
        let name = fields.fully_qualified_domain_name.as_deref().filter(|name| !name.is_empty());
        if fields.ip_address.is_none() && name.is_none() && !self.damaged {
            let message = "the health check has neither IPAddress nor FullyQualifiedDomainName";
            let help = "give one of them: it says what to connect to";
            let says = "Invalid parameter : IP address and fully qualified domain name can not be both empty.";
            self.refused("health-check-endpoint-missing", "Type", message.into(), help, Some(says.into()));
        }
        let port = self.port(protocol);
        let request_interval = self.request_interval();
        let failure_threshold = self.number(
            "FailureThreshold",
            fields.failure_threshold,
            FAILURE_THRESHOLD_DEFAULT,
            (1, FAILURE_THRESHOLD_MAX),
        );
        self.check_length("ResourcePath", fields.resource_path.as_deref());
        self.check_length("FullyQualifiedDomainName", fields.fully_qualified_domain_name.as_deref());
        self.check_length("SearchString", fields.search_string.as_deref());
        let is_string_match = matches!(protocol, Protocol::HttpStrMatch | Protocol::HttpsStrMatch);
        let is_https = matches!(protocol, Protocol::Https | Protocol::HttpsStrMatch);
        let search_string = fields.search_string.as_deref().filter(|text| is_string_match && !text.is_empty());
        if is_string_match && search_string.is_none() && !self.damaged {
            let message = format!("a check of type {} needs a SearchString", self.type_name);
            let help = "give the text that the body must hold, or use HTTP or HTTPS";
            let says = "String match health checks must have a search string specified.";
            self.refused("search-string-missing", "Type", message, help, Some(says.into()));
        }
        if fields.enable_sni == Some(true) && !is_https {
            let message = format!("a check of type {} may not have EnableSNI", self.type_name);
            let says = "Invalid parameter : Health checks with HTTP type must not enable SNI support.";
            let says = (protocol != Protocol::Tcp).then(|| says.into());
            self.refused("health-check-field", "EnableSNI", message, "set it to false, or use HTTPS", says);
        }
        let regions = self.regions();
        Some(EndpointCheck {
            protocol,
            ip_address: ip_address?,
            fully_qualified_domain_name: name.map(Box::from),
            port: port?,
            resource_path: resource_path(protocol, fields.resource_path.as_deref()),
            search_string: search_string.map(Box::from),
            request_interval: request_interval?,
            failure_threshold: failure_threshold?,
            enable_sni: fields.enable_sni.unwrap_or(is_https) && is_https,
            regions,
        })
    }

    /// The address; `None` when there is one that cannot be read.
    #[expect(clippy::option_option, reason = "no address and a bad one are not the same")]
    fn ip_address(&mut self) -> Option<Option<IpAddr>> {
        let Some(text) = self.fields.ip_address.as_deref() else { return Some(None) };
        let Ok(address) = text.parse::<IpAddr>() else {
            let finding =
                Diagnostic::cannot("health-check-address", format_args!("`{}` is not an IP address", Shown(text)))
                    .help("give an IPv4 or IPv6 address, or leave IPAddress out and give FullyQualifiedDomainName")
                    .error(Route53Error::InvalidInput);
            finding.at(self.at("IPAddress")).add_to(self.out);
            return None;
        };
        if let Some(why) = address::unreachable_from_aws(address) {
            // Our own checkers may well reach it (6.1.3a).
            let says = address.is_ipv4().then(|| format!("IPv4 address {address} is forbidden"));
            let mut finding = Diagnostic::refused(
                "health-check-private-address",
                Route53Error::InvalidInput,
                format_args!("Route 53's checkers do not connect to `{text}`: it is {why}"),
            )
            .help("leave it if your own prober tests it; for Route 53 give a public address");
            finding.route53_message = says;
            finding.downgraded().at(self.at("IPAddress")).add_to(self.out);
        }
        Some(Some(address))
    }

    fn port(&mut self, protocol: Protocol) -> Option<u16> {
        let default = protocol.default_port();
        if self.fields.port.is_none() && default.is_none() {
            self.missing("health-check-port-missing", "a TCP check needs a Port", "give the Port to connect to", None);
            return None;
        }
        self.number("Port", self.fields.port, default.unwrap_or(0), (1, 65535))
    }

    #[inline(never)]
    fn request_interval(&mut self) -> Option<u8> {
        match self.fields.request_interval {
            None => Some(REQUEST_INTERVAL_SECONDS_DEFAULT),
            Some(10) => Some(10),
            Some(30) => Some(30),
            Some(other) => {
                let message = format!("RequestInterval is 10 or 30 seconds; here it is {other}");
                let finding = Diagnostic::cannot("request-interval", message)
                    .help("use 30, or 10 for a fast check")
                    .error(Route53Error::InvalidInput)
                    .says(not_one_of(&other.to_string(), "10, 30"));
                finding.at(self.at("RequestInterval")).add_to(self.out);
                None
            }
        }
    }

    fn check_length(&mut self, field: &str, text: Option<&str>) {
        if text.is_some_and(|text| text.chars().count() > HEALTH_CHECK_TEXT_CHARACTERS_MAX) {
            let message = format!("{field} has at most {HEALTH_CHECK_TEXT_CHARACTERS_MAX} characters");
            self.refused("health-check-text-too-long", field, message, "shorten it", None);
        }
    }

    /// How many checker Regions there are.
    #[inline(never)]
    fn regions(&mut self) -> u8 {
        let Some(given) = self.fields.regions.as_deref().filter(|given| !given.is_empty()) else {
            return CHECKER_REGIONS.len() as u8;
        };
        let mut unknown = 0_usize;
        for (index, region) in given.iter().enumerate().filter(|(_, region)| !CHECKER_REGIONS.contains(&&***region)) {
            unknown = unknown.saturating_add(1);
            let finding = Diagnostic::refused(
                "checker-region-unknown",
                Route53Error::InvalidInput,
                format_args!("Route 53 has no health checkers in `{}`", Shown(region)),
            )
            .help(format_args!("use some of {}", CHECKER_REGIONS.join(", ")));
            let list = self.at("Regions");
            finding.at(Place::new(list.document, list.path.index(index))).add_to(self.out);
        }
        let count = CHECKER_REGIONS.into_iter().filter(|region| given.iter().any(|given| given == region)).count();
        if count.saturating_add(unknown) < CHECKER_REGIONS_MIN {
            let message = format!("a health check needs at least {CHECKER_REGIONS_MIN} checker Regions");
            self.refused(
                "too-few-checker-regions",
                "Regions",
                message,
                "add Regions, or leave Regions out for all",
                None,
            );
        }
        count.max(1) as u8
    }

    #[inline(never)]
    fn calculated(&mut self) -> Option<HealthCheckKind> {
        let fields = self.fields;
        if fields.health_threshold.is_none() {
            let message = "a calculated check needs a HealthThreshold";
            let help = "say how many children must be healthy: 1 for any, their number for all";
            let says = "Invalid parameter : Calculated health checks must have a health threshold specified.";
            self.missing("health-threshold-missing", message, help, Some(says));
        }
        if fields.child_health_checks.is_none() {
            let message = "a calculated check needs ChildHealthChecks";
            self.missing("children-missing", message, "name the checks that it counts", None);
        }
        let threshold = self.number("HealthThreshold", fields.health_threshold, 0_u16, (0, HEALTH_THRESHOLD_MAX));
        Some(HealthCheckKind::Calculated { health_threshold: threshold?, children: Vec::new() })
    }

    #[inline(never)]
    fn cloudwatch(&mut self) -> Option<HealthCheckKind> {
        if !matches!(self.fields.alarm_identifier, Some((Some(_), Some(_)))) && !self.damaged {
            let message = "a CloudWatch check needs an AlarmIdentifier with Region and Name";
            let help = "give the Region and Name of the alarm";
            let says = "Alarm identifier must not be null.";
            self.refused("alarm-identifier-missing", "Type", message.into(), help, Some(says.into()));
        }
        let status = match self.fields.insufficient_data_health_status.as_deref() {
            None | Some("LastKnownStatus") => InsufficientDataHealthStatus::LastKnownStatus,
            Some("Healthy") => InsufficientDataHealthStatus::Healthy,
            Some("Unhealthy") => InsufficientDataHealthStatus::Unhealthy,
            Some(other) => {
                let other = Shown(other);
                let message = format!("`{other}` is not an InsufficientDataHealthStatus");
                let finding = Diagnostic::cannot("insufficient-data-status-unknown", message)
                    .help("use Healthy, Unhealthy or LastKnownStatus")
                    .error(Route53Error::InvalidInput)
                    .says(format_args!(
                        "1 validation error detected: Value '{other}' at \
                         'healthCheckConfig.insufficientDataHealthStatus' failed to satisfy constraint: Member must \
                         satisfy enum value set: [Unhealthy, Healthy, LastKnownStatus]"
                    ));
                finding.at(self.at("InsufficientDataHealthStatus")).add_to(self.out);
                return None;
            }
        };
        Some(HealthCheckKind::CloudwatchMetric(status))
    }

    #[inline(never)]
    fn recovery_control(&mut self) {
        let arn = self.fields.routing_control_arn.as_deref();
        if arn.is_none_or(str::is_empty) && !self.damaged {
            let message = "a recovery control check needs a RoutingControlArn";
            let says = "Routing control ARN must not be null";
            let help = "give the ARN of the routing control";
            self.refused("routing-control-arn-missing", "Type", message.into(), help, Some(says.into()));
        }
    }
}

/// The path to ask for, with its leading slash; none for TCP.
fn resource_path(protocol: Protocol, given: Option<&str>) -> Box<str> {
    match given {
        _ if protocol == Protocol::Tcp => "".into(),
        None => "/".into(),
        Some(path) if path.starts_with('/') => path.into(),
        Some(path) => format!("/{path}").into(),
    }
}
