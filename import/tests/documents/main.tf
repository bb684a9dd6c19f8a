resource "aws_route53_record" "www" {
  zone_id = "Z0MAIN"
  name    = "www"
  type    = "A"
}
