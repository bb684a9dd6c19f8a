//! The hosted zones of AWS services that aliases lead into: whether a HostedZoneId fits a DNS name (8.3.10, 10.53).
//!
//! The ids are constants that AWS publishes in the "service endpoints" pages of the AWS General Reference (Elastic Load
//! Balancing, Amazon S3 website endpoints, API Gateway, Elastic Beanstalk) and prints with each VPC endpoint. Those here
//! were compared in November 2026 with the tables that terraform-provider-aws (elb, elbv2, s3, elasticbeanstalk) and
//! external-dns keep of them. What is not in the table is not judged.

use alloc::format;
use alloc::string::{String, ToString};

use crate::model::NameRef;

/// A line a Region: its code, and the ids of its Classic and Application Load Balancers, Network Load Balancers, S3
/// websites, API Gateway domains, Elastic Beanstalk environments and VPC endpoints; `-` where none is known.
const IDS: &str = include_str!("alias_zone/ids.txt");

/// Zones of Classic Load Balancers from before dualstack names, which old ones still have.
const OLD_LOAD_BALANCERS: [(&str, &str); 8] = [
    ("us-east-1", "Z3DZXE0Q79N41H"),
    ("us-west-1", "Z1M58G0W56PQJA"),
    ("us-west-2", "Z33MTJ483KN6FU"),
    ("eu-west-1", "Z3NF1Z3NOM5OY2"),
    ("ap-northeast-1", "Z2YN17T5R711GT"),
    ("ap-southeast-1", "Z1WI8VXHPB1R38"),
    ("ap-southeast-2", "Z2999QAZ9SRTIC"),
    ("sa-east-1", "Z2ES78Y61JGQKS"),
];

/// The hosted zone of every CloudFront distribution, and so of edge-optimized API Gateway domains, AppSync and Cognito
/// (1.6.2).
pub(super) const CLOUDFRONT: &str = "Z2FDTNDATAQYW2";
/// The hosted zone of every accelerator of Global Accelerator.
const GLOBAL_ACCELERATOR: &str = "Z2BJ6XQ5FK7U4H";

/// A service of AWS that aliases lead to, in the order of [`IDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    LoadBalancer,
    NetworkLoadBalancer,
    S3Website,
    ApiGateway,
    ElasticBeanstalk,
    VpcEndpoint,
    CloudFront,
    GlobalAccelerator,
}

impl Service {
    const REGIONAL: [Self; 6] = [
        Self::LoadBalancer,
        Self::NetworkLoadBalancer,
        Self::S3Website,
        Self::ApiGateway,
        Self::ElasticBeanstalk,
        Self::VpcEndpoint,
    ];

    /// What a resource of it is, in words that follow "is".
    const fn words(self) -> &'static str {
        match self {
            Self::LoadBalancer => "a Classic or Application Load Balancer",
            Self::NetworkLoadBalancer => "a Network Load Balancer",
            Self::S3Website => "an S3 website",
            Self::ApiGateway => "an API Gateway domain",
            Self::ElasticBeanstalk => "an Elastic Beanstalk environment",
            Self::VpcEndpoint => "a VPC endpoint",
            Self::CloudFront => "a CloudFront distribution",
            Self::GlobalAccelerator => "an accelerator",
        }
    }

    /// The id of its zone in a Region, if it is known.
    fn zone_id(self, region: &str) -> Option<&'static str> {
        match self {
            Self::CloudFront => return Some(CLOUDFRONT),
            Self::GlobalAccelerator => return Some(GLOBAL_ACCELERATOR),
            _ => {}
        }
        let line = IDS.lines().find_map(|line| line.strip_prefix(region)?.strip_prefix(' '))?;
        line.split(' ').nth(self as usize).filter(|id| *id != "-")
    }
}

/// Whose zone an id is.
fn owner(id: &str) -> Option<(Service, &'static str)> {
    match id {
        CLOUDFRONT => return Some((Service::CloudFront, "")),
        GLOBAL_ACCELERATOR => return Some((Service::GlobalAccelerator, "")),
        _ => {}
    }
    if let Some((region, _)) = OLD_LOAD_BALANCERS.iter().find(|(_, old)| *old == id) {
        return Some((Service::LoadBalancer, region));
    }
    IDS.lines().find_map(|line| {
        let mut words = line.split(' ');
        let region = words.next()?;
        let at = words.position(|known| known == id)?;
        Some((*Service::REGIONAL.get(at)?, region))
    })
}

/// The service and the Region that a DNS name says.
fn of_name(name: &str) -> Option<(Service, &str)> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let ends = |domain: &str| name.strip_suffix(domain)?.strip_suffix('.');
    if ends("cloudfront.net").is_some() {
        return Some((Service::CloudFront, ""));
    }
    if ends("awsglobalaccelerator.com").is_some() {
        return Some((Service::GlobalAccelerator, ""));
    }
    if let Some(rest) = ends("elasticbeanstalk.com") {
        let (_, region) = rest.rsplit_once('.')?;
        return Some((Service::ElasticBeanstalk, region));
    }
    let rest = ends("amazonaws.com").or_else(|| ends("amazonaws.com.cn"))?;
    let (before, last) = rest.rsplit_once('.').unwrap_or(("", rest));
    let second = before.rsplit_once('.').map_or(before, |(_, second)| second);
    if let Some(region) = last.strip_prefix("s3-website-") {
        return Some((Service::S3Website, region));
    }
    match (second, last) {
        (region, "elb") => Some((Service::LoadBalancer, region)),
        (region, "vpce") => Some((Service::VpcEndpoint, region)),
        ("elb", region) => Some((Service::NetworkLoadBalancer, region)),
        ("execute-api", region) => Some((Service::ApiGateway, region)),
        ("s3-website", region) => Some((Service::S3Website, region)),
        _ => None,
    }
}

/// What is known of an alias into a zone that is not its own.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// Name and id belong together, or too little is known to say that they do not.
    Good,
    /// They contradict each other: what is wrong, and what to do.
    Bad { message: String, help: String },
    /// Neither is one of AWS's that are known here.
    Foreign,
}

/// Whether a HostedZoneId that is not the alias's own zone fits the DNS name.
#[inline(never)]
pub(super) fn fit(name: NameRef<'_>, id: &str) -> Fit {
    // What stands in for an id that nobody knows yet is none (docs/terraform.md).
    let is_id = id.starts_with('Z') && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !is_id {
        return Fit::Good;
    }
    let name = name.to_string();
    let said = of_name(&name);
    if let Some((service, region)) = said {
        let Some(known) = service.zone_id(region) else { return Fit::Good };
        let is_old = service == Service::LoadBalancer && OLD_LOAD_BALANCERS.contains(&(region, id));
        if known == id || is_old {
            return Fit::Good;
        }
        let place = if region.is_empty() { String::new() } else { format!(" in {region}") };
        return Fit::Bad {
            message: format!("`{name}` is {}{place}, whose hosted zone is {known} and not `{id}`", service.words()),
            help: format!("give {known} as HostedZoneId, or correct DNSName"),
        };
    }
    match owner(id) {
        Some((service, region)) => {
            let place = if region.is_empty() { String::new() } else { format!(" in {region}") };
            Fit::Bad {
                message: format!("`{name}` is not the name of {}{place}, whose hosted zone `{id}` is", service.words()),
                help: "give the DNSName that the service prints for the resource, or its own HostedZoneId".into(),
            }
        }
        None if is_of_aws(&name) => Fit::Good,
        None => Fit::Foreign,
    }
}

/// Whether a name lies in a domain of AWS, whatever the service.
fn is_of_aws(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let ends = |domain: &str| name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    [
        "amazonaws.com",
        "amazonaws.com.cn",
        "cloudfront.cn",
        "awsapprunner.com",
        "awsapps.com",
        "amazoncognito.com",
        "on.aws",
        "api.aws",
        "aws.dev",
        "lightsail.com",
        "elasticbeanstalk.com",
        "elasticbeanstalk.com.cn",
    ]
    .into_iter()
    .any(ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NameBuf;
    use alloc::vec::Vec;

    fn fits(name: &str, id: &str) -> Fit {
        fit(NameBuf::parse(name).unwrap().as_ref(), id)
    }

    /// Every id of the table fits its own names and no other's.
    #[test]
    fn every_id_has_one_service_and_region() {
        let mut count = 0;
        for line in IDS.lines() {
            let mut words = line.split(' ');
            let region = words.next().unwrap();
            let ids: Vec<&str> = words.collect();
            assert_eq!(ids.len(), Service::REGIONAL.len(), "{line}");
            let tld = if region.starts_with("cn-") { ".cn" } else { "" };
            let names = [
                format!("dualstack.lb-1.{region}.elb.amazonaws.com{tld}"),
                format!("lb-1.elb.{region}.amazonaws.com{tld}"),
                format!("s3-website-{region}.amazonaws.com{tld}"),
                format!("d-1.execute-api.{region}.amazonaws.com{tld}"),
                format!("env.{region}.elasticbeanstalk.com"),
                format!("vpce-1.execute-api.{region}.vpce.amazonaws.com{tld}"),
            ];
            for (at, id) in ids.iter().enumerate().filter(|(_, id)| **id != "-") {
                count += 1;
                assert_eq!(owner(id), Some((Service::REGIONAL[at], region)));
                for (other, name) in names.iter().enumerate().filter(|(other, _)| ids[*other] != "-") {
                    assert_eq!(fits(name, id) == Fit::Good, at == other, "{name} {id}");
                }
            }
        }
        assert_eq!(count, 193);
    }

    #[test]
    fn what_is_not_known_is_not_judged() {
        for (name, id) in [
            ("lb-1.xx-new-9.elb.amazonaws.com", "Z111"),
            ("x.us-east-1.awsapprunner.com", "Z01915732ZBZKC8D32TPT"),
            ("lb-1.us-east-1.elb.amazonaws.com", "aws_lb.main.zone_id"),
            ("lb-1.us-east-1.elb.amazonaws.com", "Z3DZXE0Q79N41H"),
            ("d111111abcdef8.cloudfront.net", CLOUDFRONT),
            ("a1234.dualstack.awsglobalaccelerator.com", GLOBAL_ACCELERATOR),
            ("s3-website.eu-central-1.amazonaws.com", "Z21DNDUVLTQW6Q"),
            ("www.example.com.s3-website-us-east-1.amazonaws.com", "Z3AQBSTGFYJSTF"),
        ] {
            assert_eq!(fits(name, id), Fit::Good, "{name} {id}");
        }
        assert_eq!(fits("www.example.org", "Z0111"), Fit::Foreign);
        let Fit::Bad { message, .. } = fits("website.s3.amazonaws.com", "Z1BKCTXD74EZPE") else { panic!() };
        assert!(message.contains("an S3 website in eu-west-1"), "{message}");
        let Fit::Bad { help, .. } = fits("lb-1.us-west-1.elb.amazonaws.com", "Z3KY18NSN0TRRC") else { panic!() };
        assert!(help.contains("Z368ELLRRE2KJ0"), "{help}");
    }
}
