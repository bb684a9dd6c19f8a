"""A CDK application with every policy that the constructs of aws-cdk-lib write; prints the template that it synthesises."""

import json

from aws_cdk import App, CfnParameter, Duration, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets


def build(stack):
    zone = route53.PublicHostedZone(stack, "Zone", zone_name="example.com")
    check = route53.HealthCheck(stack, "Check", type=route53.HealthCheckType.HTTPS, fqdn="a.example.com", port=443,
                                resource_path="/health", failure_threshold=3, request_interval=Duration.seconds(30))
    canary = CfnParameter(stack, "CanaryWeight", type="Number", default=5)

    def record(name, value, **policy):
        id_ = f"{name}{policy.get('set_identifier', '')}{value}".replace(".", "")
        return route53.ARecord(stack, id_, zone=zone, record_name=name, ttl=Duration.seconds(60),
                               target=route53.RecordTarget.from_ip_addresses(value), **policy)

    record("plain", "192.0.2.1")
    record("weighted", "192.0.2.10", weight=95, set_identifier="stable", health_check=check)
    route53.CfnRecordSet(stack, "Canary", hosted_zone_id=zone.hosted_zone_id, name="weighted.example.com.", type="A",
                         ttl="60", set_identifier="canary", weight=canary.value_as_number,
                         resource_records=["192.0.2.11"])
    record("latency", "192.0.2.20", region="us-east-1", set_identifier="us")
    record("latency", "192.0.2.21", region="eu-west-1", set_identifier="eu", health_check=check)
    record("geo", "192.0.2.30", geo_location=route53.GeoLocation.country("DE"), set_identifier="de")
    record("geo", "192.0.2.31", geo_location=route53.GeoLocation.continent(route53.Continent.EUROPE), set_identifier="e")
    record("geo", "192.0.2.32", geo_location=route53.GeoLocation.default(), set_identifier="rest")
    record("many", "192.0.2.40", multi_value_answer=True, set_identifier="one", health_check=check)
    record("many", "192.0.2.41", multi_value_answer=True, set_identifier="two")
    record("failover", "192.0.2.50", failover=route53.Failover.PRIMARY, set_identifier="one", health_check=check)
    record("failover", "192.0.2.51", failover=route53.Failover.SECONDARY, set_identifier="two")
    route53.TxtRecord(stack, "Text", zone=zone, record_name="text", values=["v=spf1 -all", "x" * 300])
    route53.MxRecord(stack, "Mail", zone=zone, values=[route53.MxRecordValue(host_name="mail.example.com", priority=10)])
    route53.CnameRecord(stack, "Other", zone=zone, record_name="other", domain_name="plain.example.com")
    cdn = cloudfront.Distribution(stack, "Site", default_behavior=cloudfront.BehaviorOptions(
        origin=origins.HttpOrigin("origin.example.net")))
    route53.ARecord(stack, "Site4", zone=zone, record_name="site",
                    target=route53.RecordTarget.from_alias(targets.CloudFrontTarget(cdn)))


app = App()
stack = Stack(app, "Shapes")
build(stack)
print(json.dumps(app.synth().get_stack_by_name("Shapes").template))
