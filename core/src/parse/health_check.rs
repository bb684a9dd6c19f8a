//! `HealthCheck` as list-health-checks and get-health-check print it.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::fields::{array, boolean, integer, object, text, texts, unknown};
use super::node::{Node, NodePath, Problems};
use super::origin::Origin;

/// The fields of a health check that were given, unchecked but for their JSON types.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each field is the API field of that name")]
pub struct HealthCheckFields<'t> {
    /// Where it stands; fields of the configuration lie under `HealthCheckConfig`.
    pub origin: Origin,
    pub id: Option<Cow<'t, str>>,
    /// Whether `HealthCheckConfig` was given.
    pub has_config: bool,
    pub check_type: Option<Cow<'t, str>>,
    pub ip_address: Option<Cow<'t, str>>,
    pub port: Option<i64>,
    pub resource_path: Option<Cow<'t, str>>,
    pub fully_qualified_domain_name: Option<Cow<'t, str>>,
    pub search_string: Option<Cow<'t, str>>,
    pub request_interval: Option<i64>,
    pub failure_threshold: Option<i64>,
    pub measure_latency: Option<bool>,
    pub inverted: Option<bool>,
    pub disabled: Option<bool>,
    pub health_threshold: Option<i64>,
    pub child_health_checks: Option<Vec<Cow<'t, str>>>,
    pub enable_sni: Option<bool>,
    pub regions: Option<Vec<Cow<'t, str>>>,
    /// `AlarmIdentifier`: `Region` and `Name`.
    pub alarm_identifier: Option<Alarm<'t>>,
    pub insufficient_data_health_status: Option<Cow<'t, str>>,
    pub routing_control_arn: Option<Cow<'t, str>>,
}

impl<'t> HealthCheckFields<'t> {
    /// Reads one health check; `None` when the value is not an object.
    pub(crate) fn read(node: Node<'t>, at: &NodePath<'_>, origin: Origin, problems: &mut Problems) -> Option<Self> {
        let mut fields = Self {
            origin,
            id: None,
            has_config: false,
            check_type: None,
            ip_address: None,
            port: None,
            resource_path: None,
            fully_qualified_domain_name: None,
            search_string: None,
            request_interval: None,
            failure_threshold: None,
            measure_latency: None,
            inverted: None,
            disabled: None,
            health_threshold: None,
            child_health_checks: None,
            enable_sni: None,
            regions: None,
            alarm_identifier: None,
            insufficient_data_health_status: None,
            routing_control_arn: None,
        };
        for (key, value) in object(node, at, problems)? {
            let here = at.key(&key);
            match &*key {
                "Id" => fields.id = text(value, &here, problems),
                "HealthCheckConfig" => {
                    fields.has_config = true;
                    fields.read_config(value, &here, problems);
                }
                "CallerReference" | "HealthCheckVersion" | "LinkedService" | "CloudWatchAlarmConfiguration" => {}
                _ => unknown(&key, at, problems),
            }
        }
        Some(fields)
    }

    fn read_config(&mut self, node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) {
        for (key, value) in object(node, at, problems).unwrap_or_default() {
            let here = at.key(&key);
            match &*key {
                "Type" => self.check_type = text(value, &here, problems),
                "IPAddress" => self.ip_address = text(value, &here, problems),
                "Port" => self.port = integer(&value, &here, problems),
                "ResourcePath" => self.resource_path = text(value, &here, problems),
                "FullyQualifiedDomainName" => self.fully_qualified_domain_name = text(value, &here, problems),
                "SearchString" => self.search_string = text(value, &here, problems),
                "RequestInterval" => self.request_interval = integer(&value, &here, problems),
                "FailureThreshold" => self.failure_threshold = integer(&value, &here, problems),
                "MeasureLatency" => self.measure_latency = boolean(&value, &here, problems),
                "Inverted" => self.inverted = boolean(&value, &here, problems),
                "Disabled" => self.disabled = boolean(&value, &here, problems),
                "HealthThreshold" => self.health_threshold = integer(&value, &here, problems),
                "ChildHealthChecks" => self.child_health_checks = texts(value, &here, problems),
                "EnableSNI" => self.enable_sni = boolean(&value, &here, problems),
                "Regions" => self.regions = texts(value, &here, problems),
                "AlarmIdentifier" => self.alarm_identifier = alarm_identifier(value, &here, problems),
                "InsufficientDataHealthStatus" => {
                    self.insufficient_data_health_status = text(value, &here, problems);
                }
                "RoutingControlArn" => self.routing_control_arn = text(value, &here, problems),
                _ => unknown(&key, at, problems),
            }
        }
    }
}

/// Region and name, as given.
type Alarm<'t> = (Option<Cow<'t, str>>, Option<Cow<'t, str>>);

fn alarm_identifier<'t>(node: Node<'t>, at: &NodePath<'_>, problems: &mut Problems) -> Option<Alarm<'t>> {
    let (mut region, mut name) = (None, None);
    for (key, value) in object(node, at, problems)? {
        let here = at.key(&key);
        match &*key {
            "Region" => region = text(value, &here, problems),
            "Name" => name = text(value, &here, problems),
            _ => unknown(&key, at, problems),
        }
    }
    Some((region, name))
}

/// Reads the elements of a `HealthChecks` array.
pub(crate) fn health_checks<'t>(
    node: Node<'t>,
    at: &NodePath<'_>,
    origin: Origin,
    problems: &mut Problems,
) -> Vec<HealthCheckFields<'t>> {
    let elements = array(node, at, problems).unwrap_or_default();
    (0_u32..)
        .zip(elements)
        .filter_map(|(index, element)| {
            let at = at.index(index as usize);
            HealthCheckFields::read(element, &at, Origin { index, ..origin }, problems)
        })
        .collect()
}
