package pointsman

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/coredns/coredns/plugin/metadata"
	"github.com/coredns/coredns/request"
	"github.com/miekg/dns"
	"github.com/oschwald/maxminddb-golang/v2"
	"pointsman.example/coredns/plain"
)

// client is what is known of who asks.
type client struct {
	address netip.Addr        // where the query came from
	subnet  *dns.EDNS0_SUBNET // as it came; nil without
	network netip.Prefix      // the subnet, masked; invalid without, or when its prefix length is 0
	place   place
}

// place is where the location data has the client.
type place struct {
	country, continent, subdivision string
	latitude, longitude             float64
	hasPosition                     bool
	// prefixLength is how many bits of the address the location data looked at; unknown where it does not say.
	prefixLength int
	reader       *maxminddb.Reader // which version of the database said so
	known        bool
}

// unknownPrefix stands for location data that does not say how much of the address it looked at.
const unknownPrefix = -1

// clientOf reads address and EDNS client subnet; false when the subnet is not well-formed.
func clientOf(state *request.Request) (client, bool) {
	var c client
	switch address := state.W.RemoteAddr().(type) {
	case *net.UDPAddr:
		c.address = address.AddrPort().Addr()
	case *net.TCPAddr:
		c.address = address.AddrPort().Addr()
	default:
		c.address, _ = netip.ParseAddr(state.IP())
	}
	c.address = c.address.Unmap().WithZone("")
	opt := state.Req.IsEdns0()
	if opt == nil {
		return c, true
	}
	for _, option := range opt.Option {
		subnet, isSubnet := option.(*dns.EDNS0_SUBNET)
		if !isSubnet {
			continue
		}
		c.subnet = subnet
		address, fits := netip.AddrFromSlice(subnet.Address)
		if subnet.Family == 1 {
			address = address.Unmap()
		}
		if subnet.SourceNetmask == 0 {
			return c, true // the client asks not to be looked at (RFC 7871 7.1.2)
		}
		if !fits || address.Is4() != (subnet.Family == 1) {
			return c, false
		}
		network, err := address.Prefix(int(subnet.SourceNetmask))
		if err != nil || network.Addr() != address {
			return c, false // bits beyond the prefix must be zero (RFC 7871 6)
		}
		c.network = network
		return c, true
	}
	return c, true
}

// clientKey is everything that the module knows about a client.
type clientKey struct {
	address netip.Addr
	network netip.Prefix
	place   place
}

func (c *client) key() clientKey { return clientKey{c.address, c.network, c.place} }

// lookUp is the address that location data is asked about: the subnet's, else the query's own (7.1).
func (c *client) lookUp() netip.Addr {
	if c.network.IsValid() {
		return c.network.Addr()
	}
	return c.address
}

// fill writes what is known into the module's query. A Route 53 continent follows from the country, so that the
// location data's own idea of continents is used only where it knows no country (4.5.6).
func (c *client) fill(query plain.Query) {
	if c.address.IsValid() {
		query.SetAddress(c.address)
	}
	if c.network.IsValid() {
		query.SetSubnet(c.network)
	}
	if !c.place.known {
		return
	}
	query.SetCountry(c.place.country)
	if c.place.country == "" {
		query.SetContinent(c.place.continent)
	}
	query.SetSubdivision(c.place.country, c.place.subdivision)
	if c.place.hasPosition {
		query.SetPosition(c.place.latitude, c.place.longitude)
	}
}

// stickyDraw is a draw that stays the same for a client network: the subnet as given, else the /24 or /64 around the address.
func (c *client) stickyDraw() uint64 {
	network := c.network
	if !network.IsValid() {
		bits := 64
		if c.address.Is4() {
			bits = 24
		}
		network, _ = c.address.Prefix(bits)
	}
	bytes := network.Addr().As16()
	hash := uint64(14695981039346656037) ^ uint64(network.Bits())
	for _, b := range bytes {
		hash = (hash ^ uint64(b)) * 1099511628211
	}
	return hash
}

// placeFromMetadata reads what CoreDNS's geoip plugin found. A place that is not known is one that it has no label for.
func placeFromMetadata(ctx context.Context) place {
	get := func(label string) string {
		if value := metadata.ValueFunc(ctx, label); value != nil {
			return value()
		}
		return ""
	}
	p := place{prefixLength: unknownPrefix}
	p.country = country(get("geoip/country/code"))
	p.continent = continent(get("geoip/continent/code"))
	first, _, _ := strings.Cut(get("geoip/subdivisions/code"), ",")
	p.subdivision = subdivision(first)
	latitude, err := strconv.ParseFloat(get("geoip/latitude"), 64)
	longitude, err2 := strconv.ParseFloat(get("geoip/longitude"), 64)
	if err == nil && err2 == nil {
		p.setPosition(latitude, longitude)
	}
	p.known = p.country != "" || p.continent != "" || p.hasPosition
	return p
}

func (p *place) setPosition(latitude, longitude float64) {
	if latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180 {
		p.latitude, p.longitude, p.hasPosition = latitude, longitude, true
	}
}

// country is a code of two upper-case letters, or empty: location data may hold anything.
func country(code string) string {
	if len(code) == 2 && isUpper(code[0]) && isUpper(code[1]) {
		return code
	}
	return ""
}

func continent(code string) string {
	switch code {
	case "AF", "AN", "AS", "EU", "NA", "OC", "SA":
		return code
	}
	return ""
}

func subdivision(code string) string {
	if len(code) < 1 || len(code) > 3 {
		return ""
	}
	for _, c := range []byte(code) {
		if !isUpper(c) && (c < '0' || c > '9') {
			return ""
		}
	}
	return code
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
