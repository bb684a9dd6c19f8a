# Two zones in one plan, as Terraform has them: a public one that it only reads, and a private one of the same name.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

data "aws_route53_zone" "public" {
  name = "example.com."
}

resource "aws_route53_zone" "private" {
  name = "example.com"
  vpc {
    vpc_id     = "vpc-0123456789abcdef0"
    vpc_region = "eu-central-1"
  }
}

resource "aws_route53_record" "www" {
  for_each = {
    public  = { zone = data.aws_route53_zone.public.zone_id, address = "192.0.2.1" }
    private = { zone = aws_route53_zone.private.zone_id, address = "10.0.0.1" }
  }
  zone_id = each.value.zone
  name    = "www"
  type    = "A"
  ttl     = 60
  records = [each.value.address]
}

resource "aws_route53_record" "elsewhere" {
  zone_id = "Z0000000000ELSEWHERE"
  name    = "www.example.net"
  type    = "A"
  ttl     = 60
  records = ["192.0.2.2"]
}
