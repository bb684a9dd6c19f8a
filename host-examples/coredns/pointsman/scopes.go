package pointsman

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"github.com/oschwald/maxminddb-golang/v2"
	"pointsman.example/coredns/plain"
)

// scopeTable says how much of an address decides where its client is, as far as a zone asks: the networks of a location
// database, joined where the zone makes no difference between them. A resolver may then keep an answer for all of such a
// network (RFC 7871 7.2.1).
type scopeTable struct {
	reader *maxminddb.Reader // of which database
	v4, v6 []netip.Prefix    // in order, covering the address space
}

// scopeOf returns how many bits of the address matter.
func (t *scopeTable) scopeOf(address netip.Addr) (int, bool) {
	networks := t.v6
	if address.Is4() {
		networks = t.v4
	}
	// The last that begins at the address or before it.
	after, _ := slices.BinarySearchFunc(networks, address, func(network netip.Prefix, address netip.Addr) int {
		if network.Addr().Compare(address) <= 0 {
			return -1
		}
		return 1
	})
	if after == 0 || !networks[after-1].Contains(address) {
		return 0, false
	}
	return networks[after-1].Bits(), true
}

// placeClasses say which places a zone treats alike: by the geolocations that it names, most specific first (4.5).
type placeClasses struct {
	named      map[plain.Geolocation]bool
	continents *continentTable // where the zone names continents
}

func newPlaceClasses(engine *plain.Engine, zone *plain.Zone) (*placeClasses, error) {
	c := &placeClasses{named: make(map[plain.Geolocation]bool)}
	asksContinent := false
	for _, location := range zone.Geolocations {
		c.named[location] = true
		asksContinent = asksContinent || location.Continent != ""
	}
	if !asksContinent {
		return c, nil
	}
	var err error
	c.continents, err = continentsOf(engine)
	return c, err
}

// of returns the class of a place.
func (c *placeClasses) of(p place) (plain.Geolocation, error) {
	for _, location := range []plain.Geolocation{
		{Country: p.country, Subdivision: p.subdivision}, {Country: p.country},
	} {
		if p.country != "" && c.named[location] {
			return location, nil
		}
	}
	continent := p.continent
	if p.country != "" && c.continents != nil {
		// A continent follows from the country by Route 53's table, whatever the database says.
		var err error
		if continent, err = c.continents.of(p.country); err != nil {
			return plain.Geolocation{}, err
		}
	}
	if location := (plain.Geolocation{Continent: continent}); continent != "" && c.named[location] {
		return location, nil
	}
	return plain.Geolocation{}, nil
}

// newScopeTable reads the whole database.
func newScopeTable(version *geoReader, classes *placeClasses) (*scopeTable, error) {
	t := &scopeTable{reader: version.reader}
	known := make(map[uintptr]plain.Geolocation)
	v4, v6 := joiner{networks: &t.v4}, joiner{networks: &t.v6}
	for result := range version.reader.Networks(maxminddb.IncludeNetworksWithoutData()) {
		if err := result.Err(); err != nil {
			return nil, err
		}
		var class plain.Geolocation
		if result.Found() {
			var isKnown bool
			if class, isKnown = known[result.Offset()]; !isKnown {
				var err error
				if class, err = classes.of(version.decode(result)); err != nil {
					return nil, err
				}
				known[result.Offset()] = class
			}
		}
		network := result.Prefix()
		if network.Addr().Is4() {
			v4.add(network, class)
		} else {
			v6.add(network, class)
		}
	}
	return t, nil
}

// joiner appends networks in order, and joins two halves of one network that are of one class.
type joiner struct {
	networks *[]netip.Prefix
	classes  []plain.Geolocation
}

func (j *joiner) add(network netip.Prefix, class plain.Geolocation) {
	*j.networks = append(*j.networks, network)
	j.classes = append(j.classes, class)
	for n := len(j.classes); n >= 2; n-- {
		one, other := (*j.networks)[n-2], (*j.networks)[n-1]
		if j.classes[n-2] != j.classes[n-1] || one.Bits() != other.Bits() || one.Bits() == 0 {
			return
		}
		wider, err := one.Addr().Prefix(one.Bits() - 1)
		if err != nil || !wider.Contains(other.Addr()) {
			return
		}
		*j.networks, j.classes = (*j.networks)[:n-1], j.classes[:n-1]
		(*j.networks)[n-2] = wider
	}
}

// continentTable asks the engine for the continents of countries, so that there is one table of them.
type continentTable struct {
	mutex    sync.Mutex
	instance *plain.Instance
	view     uint32
	known    map[string]string
}

var (
	continentTables  = make(map[*plain.Engine]*continentTable)
	continentsMutex  sync.Mutex
	continentsOfData = []string{"AF", "AN", "AS", "EU", "NA", "OC", "SA"}
)

// continentsOf returns the table of an engine.
func continentsOf(engine *plain.Engine) (*continentTable, error) {
	continentsMutex.Lock()
	defer continentsMutex.Unlock()
	if table := continentTables[engine]; table != nil {
		return table, nil
	}
	zone := `{"HostedZone": {"Id": "Z1", "Name": "continents.invalid."}, "ResourceRecordSets": [`
	for n, code := range continentsOfData {
		if n > 0 {
			zone += ","
		}
		zone += fmt.Sprintf(`{"Name": "continents.invalid.", "Type": "A", "TTL": 1, "SetIdentifier": %q, "GeoLocation": {"ContinentCode": %q},
			"ResourceRecords": [{"Value": "127.0.0.%d"}]}`, code, code, n)
	}
	instance, err := engine.Instantiate(background)
	if err != nil {
		return nil, err
	}
	loaded, _, err := instance.LoadZone(background, "", []plain.Document{{Name: "continents", Text: zone + "]}"}})
	if err != nil {
		return nil, err
	}
	view, _, err := instance.NewView(background, loaded.Handle, "")
	if err != nil {
		return nil, err
	}
	table := &continentTable{instance: instance, view: view, known: make(map[string]string)}
	continentTables[engine] = table
	return table, nil
}

// of returns the code of a country's continent; empty for one that Route 53 does not know.
func (t *continentTable) of(country string) (string, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if continent, isKnown := t.known[country]; isKnown {
		return continent, nil
	}
	query := t.instance.Query()
	query.Reset()
	length, err := plain.PackName(query.NameBuffer(), "continents.invalid.")
	if err != nil {
		return "", err
	}
	query.SetNameLength(length)
	query.SetType(1)
	query.SetCountry(country)
	_, status, err := t.instance.Resolve(background, t.view)
	if err != nil {
		return "", err
	}
	continent := ""
	if status == plain.OK {
		values, err := t.instance.Values(background, t.view, nil)
		if err != nil {
			return "", err
		}
		for n, code := range continentsOfData {
			if slices.Contains(values, fmt.Sprintf("127.0.0.%d", n)) {
				continent = code
			}
		}
	}
	t.known[country] = continent
	return continent, nil
}

// updateScopes makes the table of a zone for the database in force, in the background of both; until it is there, the
// database's own networks are the scopes.
func (p *Pointsman) updateScopes(z *zone) {
	g := z.current.Load()
	if p.geo == nil || !g.zone.AsksPlace || g.zone.AsksPosition {
		return
	}
	version := p.geo.current.Load()
	if table := g.scopes.Load(); table != nil && table.reader == version.reader {
		return
	}
	classes, err := newPlaceClasses(p.engine, &g.zone)
	var table *scopeTable
	if err == nil {
		table, err = newScopeTable(version, classes)
	}
	if err != nil {
		log.Errorf("Zone %s: client subnet scopes are those of the location database: %v", z.origin, err)
		return
	}
	g.scopes.Store(table)
}
