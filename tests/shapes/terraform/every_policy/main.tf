# A zone that is made by its first apply, with every routing policy, every kind of health check, modules, for_each, count,
# and values that only apply can tell. After it, `retire` takes record sets away again.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "retire" {
  type    = bool
  default = false
}

locals {
  regions = { "us-east-1" = "192.0.2.10", "eu-west-1" = "198.51.100.10" }
}

resource "aws_route53_zone" "main" {
  name = "example.com"
}

# Simple: at the apex, written in full, relative, a wildcard, and texts, which the provider puts between quotation marks.

resource "aws_route53_record" "apex" {
  zone_id = aws_route53_zone.main.zone_id
  name    = ""
  type    = "A"
  ttl     = 300
  records = ["192.0.2.1"]
}

resource "aws_route53_record" "wildcard" {
  zone_id = aws_route53_zone.main.zone_id
  name    = "*.Dev.example.com."
  type    = "CNAME"
  ttl     = 60
  records = ["example.net."]
}

resource "aws_route53_record" "text" {
  zone_id = aws_route53_zone.main.zone_id
  name    = "text"
  type    = "TXT"
  ttl     = 0
  records = ["v=spf1 -all", "in two\" \"strings"]
}

# Failover, by a check that is made by the same plan; the standby is a load balancer of which nothing is known yet.

resource "aws_route53_health_check" "primary" {
  type              = "HTTPS"
  fqdn              = "primary.example.com"
  port              = 443
  resource_path     = "/health"
  request_interval  = 10
  failure_threshold = 2
  measure_latency   = true
  reference_name    = "primary"
  regions           = ["us-east-1", "eu-west-1", "ap-southeast-1"]
}

resource "aws_lb" "standby" {
  name = "standby"
}

resource "aws_route53_record" "failover_primary" {
  zone_id         = aws_route53_zone.main.zone_id
  name            = "failover"
  type            = "A"
  ttl             = 60
  records         = ["192.0.2.20"]
  set_identifier  = "primary"
  health_check_id = aws_route53_health_check.primary.id
  failover_routing_policy { type = "PRIMARY" }
}

resource "aws_route53_record" "failover_secondary" {
  zone_id        = aws_route53_zone.main.zone_id
  name           = "failover"
  type           = "A"
  set_identifier = "secondary"
  failover_routing_policy { type = "SECONDARY" }
  alias {
    name                   = aws_lb.standby.dns_name
    zone_id                = aws_lb.standby.zone_id
    evaluate_target_health = true
  }
}

# Latency over a weighted pair in each Region, which a module makes.

module "region" {
  source   = "./region"
  for_each = local.regions
  zone_id  = aws_route53_zone.main.zone_id
  region   = each.key
  address  = each.value
}

resource "aws_route53_record" "latency" {
  for_each       = local.regions
  zone_id        = aws_route53_zone.main.zone_id
  name           = "latency"
  type           = "A"
  set_identifier = each.key
  latency_routing_policy { region = each.key }
  alias {
    name                   = module.region[each.key].name
    zone_id                = aws_route53_zone.main.zone_id
    evaluate_target_health = true
  }
}

# Weighted, with a weight of 0, and a value that only apply can tell.

resource "aws_eip" "blue" {}

resource "aws_route53_health_check" "weighted" {
  for_each           = toset(["blue", "green"])
  type               = "TCP"
  ip_address         = each.key == "blue" ? aws_eip.blue.public_ip : "8.8.4.4"
  port               = 8080
  invert_healthcheck = each.key == "green"
  disabled           = false
}

resource "aws_route53_record" "weighted" {
  for_each        = { blue = 0, green = 3 }
  zone_id         = aws_route53_zone.main.zone_id
  name            = "weighted"
  type            = "A"
  ttl             = 60
  records         = [each.key == "blue" ? aws_eip.blue.public_ip : "198.51.100.40"]
  set_identifier  = each.key
  health_check_id = aws_route53_health_check.weighted[each.key].id
  weighted_routing_policy { weight = each.value }
}

# Geolocation over members with a calculated check.

resource "aws_route53_health_check" "calculated" {
  type                   = "CALCULATED"
  child_health_threshold = 1
  child_healthchecks     = [for check in aws_route53_health_check.weighted : check.id]
}

resource "aws_route53_health_check" "always" {
  type                   = "CALCULATED"
  child_health_threshold = 0
  child_healthchecks     = [aws_route53_health_check.primary.id]
}

resource "aws_route53_record" "geolocation" {
  for_each = {
    state     = { continent = null, country = "US", subdivision = "WA", address = "192.0.2.50" }
    country   = { continent = null, country = "US", subdivision = null, address = "192.0.2.51" }
    continent = { continent = "EU", country = null, subdivision = null, address = "192.0.2.52" }
    default   = { continent = null, country = "*", subdivision = null, address = "192.0.2.53" }
  }
  zone_id         = aws_route53_zone.main.zone_id
  name            = "geolocation"
  type            = "A"
  ttl             = 60
  records         = [each.value.address]
  set_identifier  = each.key
  health_check_id = each.key == "default" ? aws_route53_health_check.always.id : aws_route53_health_check.calculated.id
  geolocation_routing_policy {
    continent   = each.value.continent
    country     = each.value.country
    subdivision = each.value.subdivision
  }
}

# Geoproximity by Region, coordinates and Local Zone group.

resource "aws_route53_record" "geoproximity_region" {
  zone_id        = aws_route53_zone.main.zone_id
  name           = "geoproximity"
  type           = "A"
  ttl            = 60
  records        = ["192.0.2.60"]
  set_identifier = "region"
  geoproximity_routing_policy {
    aws_region = "us-east-1"
    bias       = -10
  }
}

resource "aws_route53_record" "geoproximity_coordinates" {
  zone_id        = aws_route53_zone.main.zone_id
  name           = "geoproximity"
  type           = "A"
  ttl            = 60
  records        = ["192.0.2.61"]
  set_identifier = "coordinates"
  geoproximity_routing_policy {
    coordinates {
      latitude  = "49.22"
      longitude = "-74.01"
    }
  }
}

resource "aws_route53_record" "geoproximity_local_zone" {
  zone_id        = aws_route53_zone.main.zone_id
  name           = "geoproximity"
  type           = "A"
  ttl            = 60
  records        = ["192.0.2.62"]
  set_identifier = "local-zone"
  geoproximity_routing_policy { local_zone_group = "us-west-2-lax-1" }
}

# By address, with a collection whose locations are resources of their own.

resource "aws_route53_cidr_collection" "offices" {
  name = "offices"
}

resource "aws_route53_cidr_location" "berlin" {
  cidr_collection_id = aws_route53_cidr_collection.offices.id
  name               = "berlin"
  cidr_blocks        = ["203.0.113.0/24", "2001:db8:1::/48"]
}

resource "aws_route53_record" "office" {
  for_each       = { berlin = "192.0.2.70", "*" = "192.0.2.71" }
  zone_id        = aws_route53_zone.main.zone_id
  name           = "office"
  type           = "A"
  ttl            = 60
  records        = [each.value]
  set_identifier = each.key
  cidr_routing_policy {
    collection_id = aws_route53_cidr_collection.offices.id
    location_name = each.key == "*" ? "*" : aws_route53_cidr_location.berlin.name
  }
}

# Multivalue by count, with checks on alarms and routing controls among them.

resource "aws_route53_health_check" "alarm" {
  type                            = "CLOUDWATCH_METRIC"
  cloudwatch_alarm_name           = "errors"
  cloudwatch_alarm_region         = "us-east-1"
  insufficient_data_health_status = "Unhealthy"
}

resource "aws_route53_health_check" "control" {
  type                = "RECOVERY_CONTROL"
  routing_control_arn = "arn:aws:route53-recovery-control::111122223333:controlpanel/0123456789abcdef0123456789abcdef/routingcontrol/0123456789abcdef"
}

resource "aws_route53_health_check" "page" {
  type          = "HTTP_STR_MATCH"
  ip_address    = "8.8.8.8"
  search_string = "alive"
}

resource "aws_route53_record" "multivalue" {
  count                            = 3
  zone_id                          = aws_route53_zone.main.zone_id
  name                             = "multivalue"
  type                             = "A"
  ttl                              = 60
  records                          = ["192.0.2.8${count.index}"]
  set_identifier                   = "member-${count.index}"
  health_check_id                  = [aws_route53_health_check.alarm.id, aws_route53_health_check.control.id, aws_route53_health_check.page.id][count.index]
  multivalue_answer_routing_policy = true
}

# What a later plan takes away again, and what a plan cannot name at all.

resource "aws_route53_record" "retired" {
  count   = var.retire ? 0 : 1
  zone_id = aws_route53_zone.main.zone_id
  name    = "retired"
  type    = "A"
  ttl     = 60
  records = ["192.0.2.90"]
}

resource "aws_route53_record" "certificate" {
  zone_id = aws_route53_zone.main.zone_id
  name    = "_${replace(aws_eip.blue.public_ip, ".", "-")}"
  type    = "CNAME"
  ttl     = 60
  records = ["validation.example.net"]
}
