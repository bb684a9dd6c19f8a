//! Where an alias leads: into this zone, or to an AWS resource (1.6, 8.3.10, 10.44).

use alloc::vec::Vec;

use super::alias_zone::{CLOUDFRONT, Fit, fit};
use super::context::RecordSetContext;
use super::record::Reader;
use super::route53_messages::{self, Shown};
use super::zone::plain_id;
use crate::diagnostic::{Diagnostic, Route53Error};
use crate::limits::HOSTED_ZONE_ID_CHARACTERS_MAX;
use crate::model::record::Content;
use crate::model::{AliasTarget, EvaluateTargetHealth, NameBuf, NameRef, RecordType};
use crate::parse::AliasTargetFields;

impl<'a> Reader<'a, '_> {
    /// Reads an alias target; whether an in-zone target exists is seen later, when all record sets are there.
    #[inline(never)]
    pub(super) fn alias(
        &mut self,
        context: RecordSetContext<'a, '_>,
        alias: &'a AliasTargetFields<'a>,
    ) -> Option<Content> {
        let (Some(zone_id), Some(dns_name), Some(evaluate)) =
            (&alias.hosted_zone_id, &alias.dns_name, alias.evaluate_target_health)
        else {
            self.incomplete(context, alias);
            return None;
        };
        let zone_id = plain_id(zone_id);
        let count = zone_id.chars().count();
        if count > HOSTED_ZONE_ID_CHARACTERS_MAX {
            let message = format_args!("a HostedZoneId has at most {HOSTED_ZONE_ID_CHARACTERS_MAX} characters");
            let finding = Diagnostic::refused("hosted-zone-id-too-long", Route53Error::InvalidInput, message)
                .help("give the id of the target's hosted zone, such as Z2FDTNDATAQYW2 for CloudFront")
                .says(format_args!(
                    "Invalid XML ; cvc-maxLength-valid: Value '{}' with length = '{count}' is not facet-valid with respect to maxLength \
                     '{HOSTED_ZONE_ID_CHARACTERS_MAX}' for type 'ResourceId'.",
                    Shown(zone_id)
                ));
            finding.at(context.at(&["AliasTarget", "HostedZoneId"])).add_to(&mut self.out);
        }
        self.check_type_of_alias(context)?;
        let name = match NameBuf::parse(dns_name) {
            Ok(name) => name,
            Err(error) => {
                let message = format_args!("`{}` is not a domain name: {error}", Shown(dns_name));
                let (refusal, says) = route53_messages::not_a_name(dns_name, error);
                let mut finding = Diagnostic::cannot("alias-target-name-malformed", message)
                    .help("give the target's DNS name")
                    .error(refusal);
                finding.route53_message = says;
                finding.at(context.at(&["AliasTarget", "DNSName"])).add_to(&mut self.out);
                return None;
            }
        };
        let name = name.as_ref();
        let is_within = self.zone.contains(name);
        let is_in_zone = match &self.zone.id {
            Some(own) => **own == *zone_id,
            None => is_within,
        };
        let evaluate_target_health = if evaluate { EvaluateTargetHealth::Yes } else { EvaluateTargetHealth::No };
        if !is_in_zone {
            if zone_id == CLOUDFRONT {
                self.check_cloudfront(context, evaluate);
            }
            if count <= HOSTED_ZONE_ID_CHARACTERS_MAX {
                self.check_zone_id(context, name, zone_id);
            }
            self.check_type_of_resource(context, zone_id);
            let resource = self.resources.index_of(name);
            return Some(Content::Alias(AliasTarget::AwsResource { resource, evaluate_target_health }));
        }
        if !is_within {
            let record_type = context.record_type.map_or("", RecordType::as_str);
            let message = format_args!("`{name}` does not lie in the zone that HostedZoneId names");
            let help = "for an AWS resource give the HostedZoneId of its service and Region, not that of this zone; \
                        for a record set of this zone give its name";
            let finding = Diagnostic::cannot("alias-target-outside-zone", message)
                .help(help)
                .error(Route53Error::InvalidChangeBatch)
                .says(format_args!(
                    "{}, {}",
                    route53_messages::not_within(name, record_type, zone_id),
                    route53_messages::not_found(name, record_type, zone_id)
                ));
            finding.at(context.at(&["AliasTarget", "DNSName"])).add_to(&mut self.out);
            return None;
        }
        Some(Content::Alias(AliasTarget::InZone { name: name.to_name(), evaluate_target_health }))
    }

    /// An alias into a zone that is not its own leads to a resource of AWS, by the id of its service and Region (10.53).
    #[inline(never)]
    fn check_zone_id(&mut self, context: RecordSetContext<'_, '_>, name: NameRef<'_>, zone_id: &str) {
        let record_type = context.record_type.map_or("", RecordType::as_str);
        let finding = match fit(name, zone_id) {
            Fit::Good => return,
            Fit::Bad { message, help } => {
                Diagnostic::refused("alias-zone-id-wrong", Route53Error::InvalidChangeBatch, message)
                    .help(help)
                    .says(route53_messages::not_within(name, record_type, zone_id))
            }
            Fit::Foreign => {
                let message = format_args!(
                    "`{name}` lies neither in this zone nor in a domain of AWS, and an alias leads nowhere else"
                );
                Diagnostic::lint("alias-into-another-zone", message)
                    .help("use a CNAME record set for a name of another hosted zone; or check DNSName and HostedZoneId")
            }
        };
        finding.at(context.at(&["AliasTarget", "HostedZoneId"])).add_to(&mut self.out);
    }

    /// A resource of AWS has addresses, and for CloudFront an HTTPS record; an alias of another type answers nothing.
    #[inline(never)]
    fn check_type_of_resource(&mut self, context: RecordSetContext<'_, '_>, zone_id: &str) {
        let Some(record_type) = context.record_type else { return };
        let answers = match record_type {
            RecordType::A | RecordType::Aaaa => true,
            RecordType::Https | RecordType::Svcb => zone_id == CLOUDFRONT,
            _ => false,
        };
        if !answers {
            let message = format_args!(
                "an alias of type {record_type} to a resource of AWS answers nothing: the resource has addresses alone"
            );
            let finding = Diagnostic::lint("alias-type-without-answer", message)
                .help("make the alias one of type A, and a second one of type AAAA where the resource has IPv6");
            finding.at(context.at(&["Type"])).add_to(&mut self.out);
        }
    }

    #[inline(never)]
    fn incomplete(&mut self, context: RecordSetContext<'_, '_>, alias: &AliasTargetFields<'_>) {
        if context.fields.damaged {
            return;
        }
        let fields = [
            ("HostedZoneId", alias.hosted_zone_id.is_none()),
            ("DNSName", alias.dns_name.is_none()),
            ("EvaluateTargetHealth", alias.evaluate_target_health.is_none()),
        ];
        let missing: Vec<_> = fields.into_iter().filter(|(_, missing)| *missing).map(|(field, _)| field).collect();
        let mut finding =
            Diagnostic::cannot("alias-incomplete", format_args!("the alias target has no {}", missing.join(", no ")))
                .help("give HostedZoneId, DNSName and EvaluateTargetHealth")
                .error(Route53Error::InvalidInput);
        if let ["EvaluateTargetHealth"] = *missing {
            finding.route53_message = Some(route53_messages::incomplete("AliasTarget", "EvaluateTargetHealth"));
        }
        finding.at(context.at(&["AliasTarget"])).add_to(&mut self.out);
    }

    fn check_type_of_alias(&mut self, context: RecordSetContext<'_, '_>) -> Option<()> {
        let Some(record_type @ (RecordType::Ns | RecordType::Soa)) = context.record_type else { return Some(()) };
        let message = format_args!("an alias may not be of type {record_type}");
        let finding = Diagnostic::cannot("alias-type-forbidden", message)
            .help("give TTL and ResourceRecords instead")
            .error(Route53Error::InvalidChangeBatch)
            .says(format_args!("{} contains an alias target, but aliases of that type are forbidden", context.rrset()));
        finding.at(context.at(&["AliasTarget"])).add_to(&mut self.out);
        None
    }

    #[inline(never)]
    fn check_cloudfront(&mut self, context: RecordSetContext<'_, '_>, evaluate: bool) {
        if evaluate {
            let message = "EvaluateTargetHealth may not be true for a CloudFront distribution";
            let finding =
                Diagnostic::refused("cloudfront-with-target-health", Route53Error::InvalidChangeBatch, message)
                    .help("set it to false; give a HealthCheckId where failover must see the distribution's health");
            finding.at(context.at(&["AliasTarget", "EvaluateTargetHealth"])).add_to(&mut self.out);
        }
        if self.zone.private {
            let message = "an alias of a private hosted zone may not lead to a CloudFront distribution";
            let finding = Diagnostic::refused("cloudfront-in-private-zone", Route53Error::InvalidChangeBatch, message)
                .help("give the distribution a CNAME record set, or serve the name from a public zone");
            finding.at(context.at(&["AliasTarget", "HostedZoneId"])).add_to(&mut self.out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{ZONE, lints, of, records_document, refusals};
    use crate::model::record::Content;
    use crate::model::{AliasTarget, EvaluateTargetHealth};
    use alloc::format;
    use alloc::string::{String, ToString};

    fn alias(zone_id: &str, dns_name: &str, evaluate: bool) -> String {
        format!(
            r#"@a "AliasTarget": {{"HostedZoneId": "{zone_id}", "DNSName": "{dns_name}",
                "EvaluateTargetHealth": {evaluate}}}"#
        )
    }

    #[test]
    fn the_zone_id_tells_in_zone_from_aws() {
        let content = |record: &str| {
            let validated = of(&[ZONE, &records_document(&format!("@b $ | {record}"))]);
            assert_eq!(refusals(&validated), [""; 0]);
            validated.zone.unwrap().record_sets.pop().unwrap().content
        };
        let evaluate_target_health = EvaluateTargetHealth::Yes;
        for id in ["Z1", "/hostedzone/Z1"] {
            let Content::Alias(AliasTarget::InZone { name, .. }) = content(&alias(id, "B.example.com", true)) else {
                panic!("{id}")
            };
            assert_eq!(name.to_string(), "b.example.com.");
        }
        let aws = AliasTarget::AwsResource { resource: 0, evaluate_target_health };
        assert_eq!(content(&alias("Z35", "lb.example.net", true)), Content::Alias(aws.clone()));
        // Another zone's id: an AWS resource, wherever its name lies.
        assert_eq!(content(&alias("Z35", "b.example.com", true)), Content::Alias(aws));
    }

    #[test]
    fn without_the_zone_id_the_name_tells() {
        let zone = r#"{"HostedZone": {"Name": "example.com."}}"#;
        let records = format!("@b $ | {} | {}", alias("Z9", "b.example.com", true), alias("Z9", "x.net", true));
        let records = records.replacen("@a", "@c", 1);
        let zone = of(&[zone, &records_document(&records)]).zone.unwrap();
        assert!(matches!(zone.record_sets[1].content, Content::Alias(AliasTarget::InZone { .. })));
        assert!(matches!(zone.record_sets[2].content, Content::Alias(AliasTarget::AwsResource { .. })));
    }

    #[test]
    fn faults_of_one_alias() {
        let ns = r#""Name": "a.example.com", "Type": "NS","#;
        let private = ZONE.replace("\"Name\"", "\"Config\": {\"PrivateZone\": true}, \"Name\"");
        let long = "Z".repeat(33);
        for (zone, record, wanted) in [
            (ZONE, alias("Z1", "example.net", true), "alias-target-outside-zone cannot .DNSName"),
            (ZONE, alias("Z1", "nowhere.example.com", true), "alias-target-missing cannot .DNSName"),
            (ZONE, alias("Z35", "a..b", true), "alias-target-name-malformed cannot .DNSName"),
            (ZONE, alias(&long, "x.net", true), "hosted-zone-id-too-long refused .HostedZoneId"),
            (
                ZONE,
                alias("Z2FDTNDATAQYW2", "d1.cloudfront.net", true),
                "cloudfront-with-target-health refused .EvaluateTargetHealth",
            ),
            (
                &private,
                alias("Z2FDTNDATAQYW2", "d1.cloudfront.net", false),
                "cloudfront-in-private-zone refused .HostedZoneId",
            ),
            (ZONE, alias("Z35", "x.net", true).replace("@a", ns), "alias-type-forbidden cannot "),
            (ZONE, alias("Z35", "x.net", true).replace("\"DNSName\"", "\"Dns\""), "alias-incomplete cannot "),
        ] {
            let found = refusals(&of(&[zone, &records_document(&record)]));
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].replace("$.ResourceRecordSets[0].AliasTarget", ""), wanted, "{record}");
        }
    }

    #[test]
    fn resources_are_listed_once_with_what_is_known_of_them() {
        let targets = r#"{"AliasTargets": {"LB.example.net": {"A": ["192.0.2.1"], "TTL": 30}, "x.example.net.": {}}}"#;
        let records = format!("{} | {}", alias("Z35", "lb.example.net.", true), alias("Z35", "lb.example.net", true));
        let records = records.replacen("@a", "@b", 1);
        let validated = of(&[ZONE, &records_document(&records), targets]);
        assert_eq!(lints(&validated).pop().unwrap(), "alias-target-unused $.AliasTargets['x.example.net.']");
        let zone = validated.zone.unwrap();
        assert_eq!(zone.alias_targets.len(), 1);
        assert_eq!((zone.alias_targets[0].ttl, zone.alias_targets[0].aaaa.is_none()), (30, true));
        for (entry, wanted) in [
            (r#""a..b": {}"#, "alias-target-name-malformed cannot $.AliasTargets['a..b']"),
            (r#""x.net": {}, "X.net.": {}"#, "alias-target-twice cannot $.AliasTargets['X.net.']"),
            (r#""x.net": {"A": ["::1"]}"#, "alias-target-address cannot $.AliasTargets['x.net'].A[0]"),
            (r#""x.net": {"TTL": -1}"#, "ttl-out-of-range cannot $.AliasTargets['x.net'].TTL"),
        ] {
            let targets = format!(r#"{{"AliasTargets": {{{entry}}}}}"#);
            assert_eq!(refusals(&of(&[ZONE, &targets])), [wanted]);
        }
    }
}
