package pointsman

import (
	"fmt"
	"net"
	"strings"

	"github.com/miekg/dns"
)

// ParseValues turns values in Route 53's spelling into records.
func ParseValues(owner string, recordType uint16, ttl uint32, values []string) ([]dns.RR, error) {
	records := make([]dns.RR, 0, len(values))
	for _, value := range values {
		record, err := parseValue(owner, recordType, ttl, value)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

func parseValue(owner string, recordType uint16, ttl uint32, value string) (dns.RR, error) {
	header := dns.RR_Header{Name: owner, Rrtype: recordType, Class: dns.ClassINET, Ttl: ttl}
	switch recordType {
	case dns.TypeA:
		if ip := net.ParseIP(value).To4(); ip != nil {
			return &dns.A{Hdr: header, A: ip}, nil
		}
		return nil, fmt.Errorf("%s A: %q is not an IPv4 address", owner, value)
	case dns.TypeAAAA:
		if ip := net.ParseIP(value); ip != nil {
			return &dns.AAAA{Hdr: header, AAAA: ip.To16()}, nil
		}
		return nil, fmt.Errorf("%s AAAA: %q is not an IPv6 address", owner, value)
	}
	// The owner stands in as the root: it may need escapes of its own, and is put in afterwards.
	line := fmt.Sprintf(". %d IN %s %s", ttl, dns.TypeToString[recordType], decimalEscapes(value))
	record, err := dns.NewRR(line)
	if err != nil || record == nil {
		return nil, fmt.Errorf("%s %s: the value %q is not one: %w", owner, dns.TypeToString[recordType], value, err)
	}
	record.Header().Name = owner
	return record, nil
}

// decimalEscapes turns Route 53's escapes of three octal digits into the master file's of three decimal ones (1.5.5).
func decimalEscapes(value string) string {
	if !strings.Contains(value, `\`) {
		return value
	}
	var text strings.Builder
	for at := 0; at < len(value); at++ {
		if value[at] != '\\' || at+1 >= len(value) {
			text.WriteByte(value[at])
			continue
		}
		if number, isOctal := octal(value[at+1:]); isOctal {
			fmt.Fprintf(&text, `\%03d`, number)
			at += 3
			continue
		}
		text.WriteString(value[at : at+2])
		at++
	}
	return text.String()
}

func octal(digits string) (int, bool) {
	if len(digits) < 3 {
		return 0, false
	}
	number := 0
	for _, digit := range []byte(digits[:3]) {
		if digit < '0' || digit > '7' {
			return 0, false
		}
		number = number*8 + int(digit-'0')
	}
	return number, number < 256
}

// OwnerName is a name in Route 53's spelling as Go's DNS library spells it, in lower case.
func OwnerName(name string) string {
	buffer := make([]byte, 256)
	converted := decimalEscapes(name)
	end, err := dns.PackDomainName(dns.Fqdn(converted), buffer, 0, nil, false)
	if err != nil {
		return dns.Fqdn(converted)
	}
	unpacked, _, err := dns.UnpackDomainName(buffer[:end], 0)
	if err != nil {
		return dns.Fqdn(converted)
	}
	return strings.ToLower(unpacked)
}

// fromWire is a name in wire form without the root label as Go's DNS library spells it.
func fromWire(wire []byte) string {
	unpacked, _, err := dns.UnpackDomainName(append(append([]byte{}, wire...), 0), 0)
	if err != nil {
		return "."
	}
	return unpacked
}
