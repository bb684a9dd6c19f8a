package e2e

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/miekg/dns"
	"pointsman.example/coredns-tests/internal/testkit"
)

// TestScopes asks from networks all over a location database: the scope is as wide as the zone's answer allows, whatever
// networks the database has.
func TestScopes(t *testing.T) {
	folder := t.TempDir()
	places := []testkit.Place{
		// Two halves of one /23 in the same country; beside them nothing is known.
		{Network: "10.0.0.0/24", Country: "DE"}, {Network: "10.0.1.0/25", Country: "DE"}, {Network: "10.0.1.128/25", Country: "DE", Subdivision: "BY"},
		// Countries that the zone does not name, side by side with each other.
		{Network: "64.0.0.0/16", Country: "FR"}, {Network: "64.1.0.0/16", Country: "IT"},
		// In Asia by Route 53's table, and the zone names Asia; the database says Europe of one of them.
		{Network: "96.0.0.0/8", Country: "JP"}, {Network: "97.0.0.0/8", Country: "SG", Continent: "EU"},
		{Network: "2001:db8::/48", Country: "DE"}, {Network: "2001:db8:1::/48", Country: "DE"},
	}
	if err := testkit.WriteMMDB(filepath.Join(folder, "geo.mmdb"), false, places); err != nil {
		t.Fatal(err)
	}
	zone := zoneOf(a("geo.example.com.", `"SetIdentifier": "de", "GeoLocation": {"CountryCode": "DE"},`, "192.0.2.1"),
		a("geo.example.com.", `"SetIdentifier": "asia", "GeoLocation": {"ContinentCode": "AS"},`, "192.0.2.2"),
		a("geo.example.com.", `"SetIdentifier": "all", "GeoLocation": {"CountryCode": "*"},`, "192.0.2.9"),
		a("www.example.com.", "", "192.0.2.3"))
	h := serve(t, "        zone zone.json\n        geo mmdb "+folder+"/geo.mmdb", "", "", map[string]string{"zone.json": zone})
	eventually(t, "the scopes are there", 10*time.Second, func() bool {
		return testkit.Scope(h.ask("geo.example.com.", dns.TypeA, "10.0.0.0/24")) == 23
	})
	for _, c := range []struct {
		name, subnet, address string
		scope                 int
	}{
		{"geo.example.com.", "10.0.0.0/24", "192.0.2.1", 23},
		{"geo.example.com.", "10.0.1.200/32", "192.0.2.1", 23},
		{"geo.example.com.", "10.0.2.0/24", "192.0.2.9", 23},
		{"geo.example.com.", "64.0.3.0/24", "192.0.2.9", 3}, // 64.0.0.0/3 has nothing that the zone names
		{"geo.example.com.", "64.1.3.0/24", "192.0.2.9", 3},
		{"geo.example.com.", "96.1.2.0/24", "192.0.2.2", 7}, // both of Asia
		{"geo.example.com.", "97.1.2.0/24", "192.0.2.2", 7},
		{"geo.example.com.", "200.1.2.0/24", "192.0.2.9", 1},
		{"geo.example.com.", "2001:db8::/56", "192.0.2.1", 47},
		{"www.example.com.", "10.0.0.0/24", "192.0.2.3", 0}, // it does not ask
	} {
		response := h.ask(c.name, dns.TypeA, c.subnet)
		if len(response.Answer) != 1 {
			t.Errorf("%s from %s: %v", c.name, c.subnet, response)
			continue
		}
		if got := response.Answer[0].(*dns.A).A.String(); got != c.address || testkit.Scope(response) != c.scope {
			t.Errorf("%s from %s: %s with scope %d, want %s with %d", c.name, c.subnet, got, testkit.Scope(response), c.address, c.scope)
		}
	}
}
