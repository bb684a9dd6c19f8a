package plain

import (
	"encoding/binary"
	"math"
	"net/netip"
)

// The flat forms of a query and an answer, byte for byte as wasm/plain/README.md has them.
const (
	querySize    = 1360
	answerSize   = 72
	queryFixed   = 80  // everything before the name
	queryName    = 80  // 256 bytes
	queryLatency = 336 // 64 times 16 bytes

	latenciesMax = 64
)

// Status is what the module answers to a question.
type Status uint32

// The statuses of the ABI.
const (
	OK          Status = 0
	BadArgument Status = 1
	BadName     Status = 2
	BadClient   Status = 3
	Refused     Status = 4
)

// String says what a status means.
func (s Status) String() string {
	switch s {
	case OK:
		return "ok"
	case BadName:
		return "the name is not a domain name"
	case BadClient:
		return "a fact about the client is not well-formed"
	case Refused:
		return "refused"
	}
	return "no such zone, view or record set"
}

// Query is the module's own query buffer: what is set here is what the next question asks.
type Query struct{ bytes []byte }

// Reset forgets the last query, its name and latencies excepted: these count by their lengths.
func (q Query) Reset() { clear(q.bytes[:queryFixed]) }

// SetDraw sets the number that decides between weighted and multivalue members.
func (q Query) SetDraw(draw uint64) { binary.LittleEndian.PutUint64(q.bytes, draw) }

// SetType sets the DNS number of the type asked for.
func (q Query) SetType(number uint16) { binary.LittleEndian.PutUint16(q.bytes[8:], number) }

// NameBuffer is room for a name in wire form; SetNameLength says how much of it counts.
func (q Query) NameBuffer() []byte { return q.bytes[queryName : queryName+256] }

// SetNameLength says how many bytes of the name buffer count.
func (q Query) SetNameLength(length int) { q.bytes[10] = byte(length) }

// SetAddress sets the address that the query came from.
func (q Query) SetAddress(address netip.Addr) { q.bytes[12] = putAddress(q.bytes[16:32], address) }

// SetSubnet sets the EDNS client subnet.
func (q Query) SetSubnet(network netip.Prefix) {
	q.bytes[13] = putAddress(q.bytes[32:48], network.Addr())
	q.bytes[14] = byte(network.Bits())
}

func putAddress(to []byte, address netip.Addr) byte {
	if address.Is4() {
		four := address.As4()
		copy(to, four[:])
		return 4
	}
	sixteen := address.As16()
	copy(to, sixteen[:])
	return 6
}

// SetCountry sets an ISO 3166-1 alpha-2 code; anything else is left out.
func (q Query) SetCountry(code string) {
	if len(code) == 2 {
		copy(q.bytes[48:50], code)
	}
}

// SetContinent sets a continent's code of two letters; anything else is left out.
func (q Query) SetContinent(code string) {
	if len(code) == 2 {
		copy(q.bytes[50:52], code)
	}
}

// SetSubdivision sets a subdivision of one to three characters with its country; anything else is left out.
func (q Query) SetSubdivision(country, subdivision string) {
	if len(country) == 2 && len(subdivision) >= 1 && len(subdivision) <= 3 {
		copy(q.bytes[52:54], country)
		clear(q.bytes[54:57])
		copy(q.bytes[54:57], subdivision)
	}
}

// SetVpcRegion sets the Region of the VPC, as Instance.Region numbers it.
func (q Query) SetVpcRegion(number uint32) { q.bytes[57] = byte(number) }

// SetPosition sets where the client is, in degrees.
func (q Query) SetPosition(latitude, longitude float64) {
	q.bytes[15] = 1
	binary.LittleEndian.PutUint64(q.bytes[64:], math.Float64bits(latitude))
	binary.LittleEndian.PutUint64(q.bytes[72:], math.Float64bits(longitude))
}

// AddLatency adds how far the client is from a Region, as Instance.Region numbers it. False when there is no room.
func (q Query) AddLatency(region uint32, milliseconds float64) bool {
	count := int(q.bytes[11])
	if count >= latenciesMax {
		return false
	}
	entry := q.bytes[queryLatency+16*count:]
	binary.LittleEndian.PutUint32(entry, region)
	binary.LittleEndian.PutUint32(entry[4:], 0)
	binary.LittleEndian.PutUint64(entry[8:], math.Float64bits(milliseconds))
	q.bytes[11] = byte(count + 1)
	return true
}

// Answer is the module's own answer buffer; it holds what was answered last.
type Answer struct{ bytes []byte }

// Flags of an answer.
const (
	flagFailOpen    = 1
	flagHasTTL      = 2
	flagReferral    = 4
	flagAliasTarget = 8
	flagPlace       = 16
)

// SourceKind says where the values of an answer come from.
type SourceKind uint8

// The kinds of sources.
const (
	Nothing    SourceKind = 0
	RecordSets SourceKind = 1
	Resource   SourceKind = 2
)

// Rcode is the DNS response code: 0, 3 (NXDOMAIN) or 5 (REFUSED).
func (a Answer) Rcode() int { return int(a.bytes[0]) }

// FailOpen reports whether nothing was healthy somewhere on the way.
func (a Answer) FailOpen() bool { return a.bytes[1]&flagFailOpen != 0 }

// TTL is how long the answer may be kept; false when an AWS resource decides it.
func (a Answer) TTL() (uint32, bool) {
	return binary.LittleEndian.Uint32(a.bytes[4:]), a.bytes[1]&flagHasTTL != 0
}

// IsReferral reports whether the values are the name servers of a delegated name.
func (a Answer) IsReferral() bool { return a.bytes[1]&flagReferral != 0 }

// IsAliasTarget reports whether an AWS resource of unknown addresses answers.
func (a Answer) IsAliasTarget() bool { return a.bytes[1]&flagAliasTarget != 0 }

// MayDependOnPlace reports whether the client's place may have had a part in the answer.
func (a Answer) MayDependOnPlace() bool { return a.bytes[1]&flagPlace != 0 }

// Type is the DNS number of the type of the values.
func (a Answer) Type() uint16 { return binary.LittleEndian.Uint16(a.bytes[2:]) }

// ScopePrefixLength is how many bits of the client's network the zone's own data looked at.
func (a Answer) ScopePrefixLength() uint8 { return a.bytes[8] }

// Undetermined is 0, 1 for unknown latencies or 2 for an unknown position.
func (a Answer) Undetermined() uint8 { return a.bytes[9] }

// SourceKind says what Sources number.
func (a Answer) SourceKind() SourceKind { return SourceKind(a.bytes[10]) }

// Policy is the policy of the last group on the way.
func (a Answer) Policy() Policy { return Policy(a.bytes[11]) }

// SourceCount is how many sources there are.
func (a Answer) SourceCount() int { return int(binary.LittleEndian.Uint32(a.bytes[12:])) }

// Source is the number of the nth record set, or of the resource, whose values are the answer.
func (a Answer) Source(n int) uint32 { return binary.LittleEndian.Uint32(a.bytes[16+4*n:]) }

func (a Answer) values() (address, count uint32) {
	return binary.LittleEndian.Uint32(a.bytes[48:]), binary.LittleEndian.Uint32(a.bytes[52:])
}

func (a Answer) path() (address, count uint32) {
	return binary.LittleEndian.Uint32(a.bytes[56:]), binary.LittleEndian.Uint32(a.bytes[60:])
}

func (a Answer) name() (address, length uint32) {
	return binary.LittleEndian.Uint32(a.bytes[64:]), binary.LittleEndian.Uint32(a.bytes[68:])
}

// Policy is a routing policy.
type Policy uint8

var policies = [...]string{
	"simple", "failover", "weighted", "latency", "geolocation", "geoproximity", "ip-based", "multivalue",
}

// String is the policy's name in lower case.
func (p Policy) String() string {
	if int(p) < len(policies) {
		return policies[p]
	}
	return "unknown"
}

// Save is a copy of what the buffer asks, for Restore.
func (q Query) Save() []byte {
	return append([]byte(nil), q.bytes[:queryLatency+16*int(q.bytes[11])]...)
}

// Restore writes back what Save gave.
func (q Query) Restore(saved []byte) { copy(q.bytes, saved) }
