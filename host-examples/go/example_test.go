package pointsman_test

import (
	"fmt"

	"pointsman.example/pointsman"
)

const zoneJSON = `{"HostedZone": {"Id": "Z1", "Name": "example.com."},
  "HealthChecks": [{"Id": "hc-1", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 443}}],
  "ResourceRecordSets": [
  {"Name": "www.example.com.", "Type": "A", "SetIdentifier": "one", "Failover": "PRIMARY", "HealthCheckId": "hc-1", "TTL": 60,
   "ResourceRecords": [{"Value": "192.0.2.1"}]},
  {"Name": "www.example.com.", "Type": "A", "SetIdentifier": "two", "Failover": "SECONDARY", "TTL": 60,
   "ResourceRecords": [{"Value": "192.0.2.2"}]}]}`

// A zone is loaded once, and each state of health makes a view, which is asked.
func Example() {
	zone, err := pointsman.Load(pointsman.Document{Name: "zone.json", Text: zoneJSON})
	if err != nil {
		fmt.Println(err)
		return
	}
	view, err := zone.Health(`{"HealthChecks": {"hc-1": "healthy"}}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	query := pointsman.Query{Name: "www.example.com", Type: "A"}
	answer, err := view.Resolve(query)
	fmt.Println(answer.Values, err)

	failed, err := view.Updated(`{"HealthChecks": {"hc-1": "unhealthy"}}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err = failed.Resolve(query)
	fmt.Println(answer.Values, err)
	// Output:
	// [192.0.2.1] <nil>
	// [192.0.2.2] <nil>
}
