variable "zone_id" {
  type = string
}

variable "region" {
  type = string
}

variable "address" {
  type = string
}

resource "aws_route53_health_check" "this" {
  type = "HTTP"
  fqdn = "${var.region}.example.com"
}

resource "aws_route53_record" "member" {
  count           = 2
  zone_id         = var.zone_id
  name            = "${var.region}.latency"
  type            = "A"
  ttl             = 60
  records         = [count.index == 0 ? var.address : "203.0.113.${count.index}"]
  set_identifier  = "${var.region}-${count.index}"
  health_check_id = aws_route53_health_check.this.id
  weighted_routing_policy { weight = 3 - 2 * count.index }
}

output "name" {
  value = aws_route53_record.member[0].fqdn
}
