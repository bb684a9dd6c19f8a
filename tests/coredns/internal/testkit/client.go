package testkit

import "net/netip"

// QueryClient is the client of a query, as the project's JSON has it; what is not known is left out.
type QueryClient struct {
	IP          netip.Addr         `json:"ip"`
	ECS         string             `json:"ecs"`
	Country     string             `json:"country"`
	Continent   string             `json:"continent"`
	Subdivision string             `json:"subdivision"`
	Latitude    *float64           `json:"latitude"`
	Longitude   *float64           `json:"longitude"`
	Latency     map[string]float64 `json:"latency_ms"`
	VpcRegion   string             `json:"vpc_region"`
}

// Network is where the client's queries come from: its subnet, its address, or this machine.
func (c *QueryClient) Network() netip.Prefix {
	switch {
	case c.ECS != "":
		return netip.MustParsePrefix(c.ECS).Masked()
	case c.IP.IsValid():
		return netip.PrefixFrom(c.IP, c.IP.BitLen())
	default:
		return netip.MustParsePrefix("127.0.0.1/32")
	}
}

// Address is the client's own address as text, empty when it is not known.
func (c *QueryClient) Address() string {
	if !c.IP.IsValid() {
		return ""
	}
	return c.IP.String()
}
