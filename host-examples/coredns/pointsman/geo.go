package pointsman

import (
	"fmt"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"

	"github.com/oschwald/maxminddb-golang/v2"
)

// geoDatabase is an MMDB of the plugin's own, in MaxMind's City or Country layout or the flat one of the CC0 files.
type geoDatabase struct {
	file    string
	current atomic.Pointer[geoReader]
	watcher fileWatcher
}

// geoReader is one version of the file, with what was decoded of it by where it stands.
type geoReader struct {
	reader *maxminddb.Reader
	places sync.Map // uintptr -> place
}

// geoRecord is what is read of a record, in either layout.
type geoRecord struct {
	Country struct {
		ISOCode string `maxminddb:"iso_code"`
	} `maxminddb:"country"`
	Continent struct {
		Code string `maxminddb:"code"`
	} `maxminddb:"continent"`
	Subdivisions []struct {
		ISOCode string `maxminddb:"iso_code"`
	} `maxminddb:"subdivisions"`
	Location struct {
		Latitude  *float64 `maxminddb:"latitude"`
		Longitude *float64 `maxminddb:"longitude"`
	} `maxminddb:"location"`
	FlatCountry   string   `maxminddb:"country_code"`
	FlatLatitude  *float64 `maxminddb:"latitude"`
	FlatLongitude *float64 `maxminddb:"longitude"`
}

func openGeo(file string) (*geoDatabase, error) {
	database := &geoDatabase{file: file, watcher: fileWatcher{files: []string{file}}}
	database.watcher.changed()
	return database, database.read()
}

// read takes the file into memory whole, so that one that is overwritten in place cannot pull the floor away.
func (d *geoDatabase) read() error {
	bytes, err := os.ReadFile(d.file)
	if err != nil {
		return fmt.Errorf("cannot read the location database: %w", err)
	}
	reader, err := maxminddb.OpenBytes(bytes)
	if err != nil {
		return fmt.Errorf("%s is not an MMDB file: %w", d.file, err)
	}
	d.current.Store(&geoReader{reader: reader})
	return nil
}

// find looks an address up.
func (d *geoDatabase) find(address netip.Addr) place {
	version := d.current.Load()
	result := version.reader.Lookup(address)
	if result.Err() != nil {
		return place{known: true, prefixLength: unknownPrefix}
	}
	bits := result.Prefix().Bits()
	if address.Is4() && bits > 32 {
		bits -= 96
	}
	p := place{known: true}
	if result.Found() {
		if known, isKnown := version.places.Load(result.Offset()); isKnown {
			p = known.(place)
		} else {
			p = version.decode(result)
			version.places.Store(result.Offset(), p)
		}
	}
	p.prefixLength, p.reader = bits, version.reader
	return p
}

// decode reads a record; what cannot be read is a place of which nothing is known.
func (version *geoReader) decode(result maxminddb.Result) place {
	p := place{known: true}
	var record geoRecord
	if err := result.Decode(&record); err != nil {
		return p
	}
	if p.country = country(record.Country.ISOCode); p.country == "" {
		p.country = country(record.FlatCountry)
	}
	p.continent = continent(record.Continent.Code)
	if len(record.Subdivisions) > 0 {
		p.subdivision = subdivision(record.Subdivisions[0].ISOCode)
	}
	if record.Location.Latitude != nil && record.Location.Longitude != nil {
		p.setPosition(*record.Location.Latitude, *record.Location.Longitude)
	} else if record.FlatLatitude != nil && record.FlatLongitude != nil {
		p.setPosition(*record.FlatLatitude, *record.FlatLongitude)
	}
	return p
}
