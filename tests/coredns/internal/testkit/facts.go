package testkit

// ClientFacts is what a documented case or a line of query JSON says of the client; what is not given is empty.
type ClientFacts struct {
	IP          string             `json:"ip"`          // an address
	ECS         string             `json:"ecs"`         // a network in CIDR form
	Country     string             `json:"country"`     // ISO 3166-1 alpha-2
	Continent   string             `json:"continent"`   // Route 53's two letters
	Subdivision string             `json:"subdivision"` // such as US-WA
	Latitude    *float64           `json:"latitude"`    // degrees north
	Longitude   *float64           `json:"longitude"`   // degrees east
	Latency     map[string]float64 `json:"latency_ms"`  // milliseconds by Region
	VpcRegion   string             `json:"vpc_region"`  // of the VPC, for private zones
}
