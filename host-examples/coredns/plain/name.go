package plain

import (
	"errors"
	"fmt"
	"strings"
)

// ErrName says that a text or bytes are not a domain name.
var ErrName = errors.New("not a domain name")

// AppendText appends a name in wire form (the root label may be left out) in Route 53's spelling with a final dot.
func AppendText(to []byte, wire []byte) []byte {
	first := true
	for len(wire) > 0 && wire[0] != 0 {
		length := int(wire[0])
		if length >= len(wire) {
			break
		}
		label := wire[1 : 1+length]
		wire = wire[1+length:]
		if first && string(label) == "*" {
			to = append(to, '*')
		} else {
			for _, c := range label {
				if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
					to = append(to, c)
				} else {
					to = fmt.Appendf(to, "\\%03o", c)
				}
			}
		}
		to = append(to, '.')
		first = false
	}
	if first {
		to = append(to, '.')
	}
	return to
}

// PackName writes a name as Go's DNS library spells it (with decimal escapes) in wire form; it returns the length.
func PackName(to []byte, name string) (int, error) { return pack(to, name, 10) }

// PackRoute53Name writes a name as Route 53 spells it (with octal escapes) in wire form; it returns the length.
func PackRoute53Name(to []byte, name string) (int, error) { return pack(to, name, 8) }

func pack(to []byte, name string, base int) (int, error) {
	if name == "" || len(to) < 255 {
		return 0, ErrName
	}
	if name == "." {
		return 0, nil
	}
	name = strings.TrimSuffix(name, ".")
	label, at := 0, 1
	for n := 0; n < len(name); n++ {
		c := name[n]
		switch {
		case c == '.':
			if at == label+1 || at-label-1 > 63 || at >= 254 {
				return 0, ErrName
			}
			to[label] = byte(at - label - 1)
			label = at
			at++
			continue
		case c == '\\':
			if n+3 < len(name) && isDigit(name[n+1]) && isDigit(name[n+2]) && isDigit(name[n+3]) {
				value := (int(name[n+1]-'0')*base+int(name[n+2]-'0'))*base + int(name[n+3]-'0')
				if value > 255 {
					return 0, ErrName
				}
				c = byte(value)
				n += 3
			} else if n+1 < len(name) && base == 10 {
				n++
				c = name[n]
			} else {
				return 0, ErrName
			}
		}
		if at >= 254 {
			return 0, ErrName
		}
		to[at] = c
		at++
	}
	if at == label+1 || at-label-1 > 63 {
		return 0, ErrName
	}
	to[label] = byte(at - label - 1)
	return at, nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
