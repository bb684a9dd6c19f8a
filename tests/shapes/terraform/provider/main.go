// Stands in for Terraform's AWS provider where that cannot be installed: the same attributes of the Route 53 resources,
// with the same types, and ids given by apply; nothing is created anywhere. Written after the provider's documentation.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/plugin"
)

type attributes = map[string]*schema.Schema

func optional(of schema.ValueType) *schema.Schema { return &schema.Schema{Type: of, Optional: true} }
func required(of schema.ValueType) *schema.Schema { return &schema.Schema{Type: of, Required: true} }
func computed(of schema.ValueType) *schema.Schema { return &schema.Schema{Type: of, Computed: true} }
func either(of schema.ValueType) *schema.Schema {
	return &schema.Schema{Type: of, Optional: true, Computed: true}
}

func lowerWithoutDot(v any) string { return strings.ToLower(strings.TrimSuffix(v.(string), ".")) }

func texts(of schema.ValueType, s schema.Schema) *schema.Schema {
	s.Type, s.Elem = of, &schema.Schema{Type: schema.TypeString}
	return &s
}

// A block that may be given once.
func block(of schema.ValueType, fields attributes) *schema.Schema {
	s := &schema.Schema{Type: of, Optional: true, Elem: &schema.Resource{Schema: fields}}
	if of == schema.TypeList {
		s.MaxItems = 1
	}
	return s
}

func record() attributes {
	text, number, flag, list := schema.TypeString, schema.TypeInt, schema.TypeBool, schema.TypeList
	name := required(text)
	name.ForceNew, name.StateFunc = true, lowerWithoutDot
	target := required(text)
	target.StateFunc = lowerWithoutDot
	return attributes{
		"zone_id": required(text), "name": name, "type": required(text), "ttl": optional(number),
		"records":         texts(schema.TypeSet, schema.Schema{Optional: true}),
		"set_identifier":  optional(text),
		"health_check_id": optional(text),
		"fqdn":            computed(text),
		"allow_overwrite": either(flag),
		"alias": block(list, attributes{
			"zone_id": required(text), "name": target, "evaluate_target_health": required(flag)}),
		"weighted_routing_policy":          block(list, attributes{"weight": required(number)}),
		"latency_routing_policy":           block(list, attributes{"region": required(text)}),
		"failover_routing_policy":          block(list, attributes{"type": required(text)}),
		"multivalue_answer_routing_policy": optional(flag),
		"geolocation_routing_policy": block(list, attributes{
			"continent": optional(text), "country": optional(text), "subdivision": optional(text)}),
		"geoproximity_routing_policy": block(list, attributes{
			"aws_region": optional(text), "bias": optional(number), "local_zone_group": optional(text),
			"coordinates": block(schema.TypeSet, attributes{"latitude": required(text), "longitude": required(text)})}),
		"cidr_routing_policy": block(list, attributes{"collection_id": required(text), "location_name": required(text)}),
	}
}

func healthCheck() attributes {
	text, number, flag := schema.TypeString, schema.TypeInt, schema.TypeBool
	off := func() *schema.Schema { return &schema.Schema{Type: flag, Optional: true, Default: false} }
	return attributes{
		"type": required(text), "ip_address": optional(text), "fqdn": optional(text), "port": optional(number),
		"resource_path": optional(text), "search_string": optional(text), "request_interval": optional(number),
		"failure_threshold": either(number), "measure_latency": off(), "disabled": off(), "enable_sni": either(flag),
		"invert_healthcheck": optional(flag), "child_health_threshold": optional(number),
		"child_healthchecks":              texts(schema.TypeSet, schema.Schema{Optional: true}),
		"regions":                         texts(schema.TypeSet, schema.Schema{Optional: true}),
		"cloudwatch_alarm_name":           optional(text),
		"cloudwatch_alarm_region":         optional(text),
		"insufficient_data_health_status": optional(text),
		"routing_control_arn":             optional(text),
		"reference_name":                  optional(text),
		"arn":                             computed(text),
		"triggers":                        texts(schema.TypeMap, schema.Schema{Optional: true, Computed: true}),
		"tags":                            texts(schema.TypeMap, schema.Schema{Optional: true}),
		"tags_all":                        texts(schema.TypeMap, schema.Schema{Optional: true, Computed: true}),
	}
}

func zone() attributes {
	text := schema.TypeString
	name := required(text)
	name.ForceNew, name.StateFunc = true, lowerWithoutDot
	return attributes{
		"name": name, "zone_id": computed(text), "arn": computed(text), "primary_name_server": computed(text),
		"name_servers":      texts(schema.TypeList, schema.Schema{Computed: true}),
		"comment":           {Type: text, Optional: true, Default: "Managed by Terraform"},
		"delegation_set_id": optional(text),
		"force_destroy":     {Type: schema.TypeBool, Optional: true, Default: false},
		"tags":              texts(schema.TypeMap, schema.Schema{Optional: true}),
		"tags_all":          texts(schema.TypeMap, schema.Schema{Optional: true, Computed: true}),
		"vpc":               block(schema.TypeSet, attributes{"vpc_id": required(text), "vpc_region": either(text)}),
	}
}

func collection() attributes {
	return attributes{
		"name": required(schema.TypeString), "arn": computed(schema.TypeString), "version": computed(schema.TypeInt)}
}

func location() attributes {
	return attributes{
		"name": required(schema.TypeString), "cidr_collection_id": required(schema.TypeString),
		"cidr_blocks": texts(schema.TypeSet, schema.Schema{Required: true})}
}

// A resource of another service that record sets refer to.
func other(computedTexts ...string) attributes {
	fields := attributes{"name": optional(schema.TypeString)}
	for _, name := range computedTexts {
		fields[name] = computed(schema.TypeString)
	}
	return fields
}

// A resource whose id and computed attributes are made up from its own attributes, so that every run gives the same.
func resource(fields attributes, id func(digest string, d *schema.ResourceData) string,
	fill func(d *schema.ResourceData)) *schema.Resource {
	create := func(_ context.Context, d *schema.ResourceData, _ any) diag.Diagnostics {
		var seed strings.Builder
		for _, name := range []string{"name", "type", "fqdn", "ip_address", "set_identifier", "child_health_threshold"} {
			fmt.Fprint(&seed, d.Get(name), ";")
		}
		sum := sha256.Sum256([]byte(seed.String()))
		d.SetId(id(hex.EncodeToString(sum[:]), d))
		fill(d)
		return nil
	}
	nothing := func(context.Context, *schema.ResourceData, any) diag.Diagnostics { return nil }
	return &schema.Resource{Schema: fields, CreateContext: create, ReadContext: nothing, UpdateContext: nothing,
		DeleteContext: nothing}
}

func uuid(digest string, _ *schema.ResourceData) string {
	return fmt.Sprintf("%s-%s-%s-%s-%s", digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32])
}

func zoneID(digest string, _ *schema.ResourceData) string { return "Z" + strings.ToUpper(digest[:20]) }

func provider() *schema.Provider {
	leave := func(*schema.ResourceData) {}
	set := func(d *schema.ResourceData, name string, value any) {
		if err := d.Set(name, value); err != nil {
			panic(err)
		}
	}
	load := func(name string) func(d *schema.ResourceData) {
		return func(d *schema.ResourceData) {
			set(d, "dns_name", fmt.Sprintf("%s-%s.us-east-1.elb.amazonaws.com", d.Get("name"), name))
			set(d, "zone_id", "Z35SXDOTRQ7X7K")
		}
	}
	return &schema.Provider{
		ResourcesMap: map[string]*schema.Resource{
			"aws_route53_zone": resource(zone(), zoneID, func(d *schema.ResourceData) {
				set(d, "zone_id", d.Id())
				set(d, "name_servers", []string{"ns-1.awsdns-00.com", "ns-2.awsdns-00.net"})
				set(d, "primary_name_server", "ns-1.awsdns-00.com")
			}),
			"aws_route53_record": resource(record(), func(_ string, d *schema.ResourceData) string {
				id := fmt.Sprintf("%s_%s_%s", d.Get("zone_id"), d.Get("name"), d.Get("type"))
				if set := d.Get("set_identifier").(string); set != "" {
					id += "_" + set
				}
				return id
			}, func(d *schema.ResourceData) {
				name := lowerWithoutDot(d.Get("name"))
				if !strings.HasSuffix(name, "example.com") {
					name = strings.TrimPrefix(name+".example.com", ".")
				}
				set(d, "fqdn", name)
				set(d, "health_check_id", d.Get("health_check_id"))
				set(d, "set_identifier", d.Get("set_identifier"))
			}),
			"aws_route53_health_check": resource(healthCheck(), uuid, func(d *schema.ResourceData) {
				set(d, "arn", "arn:aws:route53:::healthcheck/"+d.Id())
				switch d.Get("type") {
				case "CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL":
					set(d, "failure_threshold", 0)
				default:
					if d.Get("failure_threshold") == 0 {
						set(d, "failure_threshold", 3)
					}
				}
				set(d, "enable_sni", d.Get("type") == "HTTPS")
			}),
			"aws_route53_cidr_collection": resource(collection(), uuid, func(d *schema.ResourceData) { set(d, "version", 1) }),
			"aws_route53_cidr_location": resource(location(), func(_ string, d *schema.ResourceData) string {
				return fmt.Sprintf("%s,%s", d.Get("cidr_collection_id"), d.Get("name"))
			}, leave),
			"aws_lb":  resource(other("dns_name", "zone_id"), uuid, load("1234567890")),
			"aws_eip": resource(other("public_ip"), uuid, func(d *schema.ResourceData) { set(d, "public_ip", "9.9.9.9") }),
		},
		DataSourcesMap: map[string]*schema.Resource{
			"aws_route53_zone": {
				Schema: attributes{
					"name": required(schema.TypeString), "zone_id": computed(schema.TypeString),
					"private_zone": {Type: schema.TypeBool, Optional: true, Default: false}},
				ReadContext: func(_ context.Context, d *schema.ResourceData, _ any) diag.Diagnostics {
					d.SetId("Z00000000DATASOURCE")
					set(d, "zone_id", d.Id())
					return nil
				},
			},
		},
	}
}

func main() { plugin.Serve(&plugin.ServeOpts{ProviderFunc: provider}) }
