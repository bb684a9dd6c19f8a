// Package testkit is what tests of the plugin share: a CoreDNS as a process, location databases written for the test, and
// queries as real clients send them.
package testkit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"github.com/miekg/dns"
	"github.com/pires/go-proxyproto"
)

// Root is the top of the project.
func Root() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", "..", "..")
}

// Example is a path in host-examples/coredns.
func Example(elements ...string) string {
	return filepath.Join(append([]string{Root(), "host-examples", "coredns"}, elements...)...)
}

// Module is the module under test: POINTSMAN_MODULE, or where `cargo xtask wasm` puts it.
func Module() string {
	if file := os.Getenv("POINTSMAN_MODULE"); file != "" {
		return file
	}
	return filepath.Join(Root(), "target", "wasm", "pointsman_plain.wasm")
}

// Server is a CoreDNS that runs as a process of its own.
type Server struct {
	Command *exec.Cmd
	output  lockedBuffer
	done    chan struct{}
}

type lockedBuffer struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.String()
}

// Start writes a Corefile into a folder, starts CoreDNS there, and waits until every address answers.
func Start(coredns, folder, corefile string, addresses ...string) (*Server, error) {
	file := filepath.Join(folder, "Corefile")
	if err := os.WriteFile(file, []byte(corefile), 0o644); err != nil {
		return nil, err
	}
	program, err := filepath.Abs(coredns)
	if err != nil {
		return nil, err
	}
	s := &Server{Command: exec.Command(program, "-conf", file), done: make(chan struct{})}
	s.Command.Dir = folder
	s.Command.Stdout, s.Command.Stderr = &s.output, &s.output
	if err := s.Command.Start(); err != nil {
		return nil, err
	}
	go func() { _ = s.Command.Wait(); close(s.done) }()
	deadline := time.Now().Add(60 * time.Second)
	for _, address := range addresses {
		for !answers(address) {
			select {
			case <-s.done:
				return nil, fmt.Errorf("CoreDNS ended: %s", s.output.String())
			case <-time.After(20 * time.Millisecond):
			}
			if time.Now().After(deadline) {
				s.Stop()
				return nil, fmt.Errorf("CoreDNS does not answer on %s: %s", address, s.output.String())
			}
		}
	}
	return s, nil
}

func answers(address string) bool {
	// Over TCP no header of a proxy is missed.
	connection, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}

// AwaitUDP waits until somebody reads datagrams at an address, which CoreDNS opens after TCP.
func AwaitUDP(address string) error {
	for range 500 {
		packets, err := net.Dial("udp", address)
		if err != nil {
			return err
		}
		// Loopback refuses at once what nobody reads; nobody answers a byte.
		_, err = packets.Write([]byte{0})
		if err == nil {
			_ = packets.SetReadDeadline(time.Now().Add(2 * time.Millisecond))
			_, err = packets.Read(make([]byte, 512))
		}
		_ = packets.Close()
		if !errors.Is(err, syscall.ECONNREFUSED) {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("nobody reads datagrams at %s", address)
}

// Output is what the server has written so far.
func (s *Server) Output() string { return s.output.String() }

// Stop ends the server and waits for its end.
func (s *Server) Stop() {
	_ = s.Command.Process.Signal(os.Interrupt)
	select {
	case <-s.done:
	case <-time.After(15 * time.Second):
		_ = s.Command.Process.Kill()
		<-s.done
	}
}

// Ended reports whether the process has ended.
func (s *Server) Ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// FreePorts finds ports that are free for UDP and TCP on loopback.
func FreePorts(count int) ([]int, error) {
	var ports []int
	var held []io.Closer
	defer func() {
		for _, one := range held {
			_ = one.Close()
		}
	}()
	for tries := 0; len(ports) < count; tries++ {
		if tries > 20*count {
			return nil, errors.New("no free ports")
		}
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		held = append(held, tcp)
		port := tcp.Addr().(*net.TCPAddr).Port
		udp, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		held = append(held, udp)
		ports = append(ports, port)
	}
	return ports, nil
}

// Place is what a location database says of a network.
type Place struct {
	Network                         string
	Country, Continent, Subdivision string
	Position                        *[2]float64
}

// WriteMMDB writes a location database: MaxMind's City layout, or the flat one of the CC0 files.
func WriteMMDB(file string, flat bool, places []Place) error {
	writer, err := mmdbwriter.New(mmdbwriter.Options{
		DatabaseType: "GeoLite2-City", RecordSize: 28, IncludeReservedNetworks: true, DisableIPv4Aliasing: true,
	})
	if err != nil {
		return err
	}
	// Something must be in it.
	places = append([]Place{{Network: "192.88.99.0/30"}}, places...)
	for _, place := range places {
		_, network, err := net.ParseCIDR(place.Network)
		if err != nil {
			return err
		}
		record := mmdbtype.Map{}
		if flat {
			record["country_code"] = mmdbtype.String(place.Country)
			if place.Position != nil {
				record["latitude"] = mmdbtype.Float64(place.Position[0])
				record["longitude"] = mmdbtype.Float64(place.Position[1])
			}
		} else {
			if place.Country != "" {
				record["country"] = mmdbtype.Map{"iso_code": mmdbtype.String(place.Country)}
			}
			if place.Continent != "" {
				record["continent"] = mmdbtype.Map{"code": mmdbtype.String(place.Continent)}
			}
			if place.Subdivision != "" {
				record["subdivisions"] = mmdbtype.Slice{mmdbtype.Map{"iso_code": mmdbtype.String(place.Subdivision)}}
			}
			if place.Position != nil {
				record["location"] = mmdbtype.Map{
					"latitude": mmdbtype.Float64(place.Position[0]), "longitude": mmdbtype.Float64(place.Position[1]),
				}
			}
		}
		if err := writer.Insert(network, record); err != nil {
			return err
		}
	}
	var database bytes.Buffer
	if _, err := writer.WriteTo(&database); err != nil {
		return err
	}
	return os.WriteFile(file, database.Bytes(), 0o644)
}

// Query is a question with an EDNS client subnet, where one is given.
func Query(name string, qtype uint16, subnet string) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), qtype)
	if subnet == "" {
		return m
	}
	network := netip.MustParsePrefix(subnet)
	family := uint16(1)
	if network.Addr().Is6() {
		family = 2
	}
	m.SetEdns0(4096, false)
	m.IsEdns0().Option = append(m.IsEdns0().Option, &dns.EDNS0_SUBNET{
		Code: dns.EDNS0SUBNET, Family: family, SourceNetmask: uint8(network.Bits()), Address: network.Addr().AsSlice(),
	})
	return m
}

// Scope is the scope of a response's EDNS client subnet; -1 without.
func Scope(m *dns.Msg) int {
	if opt := m.IsEdns0(); opt != nil {
		for _, option := range opt.Option {
			if subnet, isSubnet := option.(*dns.EDNS0_SUBNET); isSubnet {
				return int(subnet.SourceScope)
			}
		}
	}
	return -1
}

// Client asks over UDP, with the header of a proxy in front of each query where it has a source.
type Client struct {
	connection net.Conn
	header     []byte
}

// Dial opens a socket. A source is the address that the proxy saw the query come from.
func Dial(address, source string) (*Client, error) {
	connection, err := net.Dial("udp", address)
	if err != nil {
		return nil, err
	}
	c := &Client{connection: connection}
	if source != "" {
		from := &net.UDPAddr{IP: net.ParseIP(source), Port: 5353}
		to := &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 53}
		if from.IP.To4() == nil {
			to.IP = net.ParseIP("2001:db8::53")
		}
		if c.header, err = proxyproto.HeaderProxyFromAddrs(2, from, to).Format(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Ask asks and waits for the response; it asks again when none comes, as resolvers do.
func (c *Client) Ask(m *dns.Msg) (*dns.Msg, error) {
	packed, err := m.Pack()
	if err != nil {
		return nil, err
	}
	buffer := make([]byte, 65_535)
	for range 5 {
		if _, err = c.connection.Write(append(bytes.Clone(c.header), packed...)); err != nil {
			return nil, err
		}
		_ = c.connection.SetReadDeadline(time.Now().Add(5 * time.Second))
		for {
			var length int
			if length, err = c.connection.Read(buffer); err != nil {
				break
			}
			response := new(dns.Msg)
			if err = response.Unpack(buffer[:length]); err != nil {
				return nil, err
			}
			if response.Id == m.Id {
				return response, nil
			}
		}
	}
	return nil, err
}

// Close closes the socket.
func (c *Client) Close() { _ = c.connection.Close() }

// Metric is the sum of a metric's samples whose labels contain all of these texts; false when there is none.
func Metric(address, name string, labels ...string) (float64, bool) {
	response, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		return 0, false
	}
	defer response.Body.Close()
	sum, found := 0.0, false
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
next:
	for lines.Scan() {
		line := lines.Text()
		rest, matches := strings.CutPrefix(line, name)
		if !matches || rest == "" || rest[0] != '{' && rest[0] != ' ' {
			continue
		}
		for _, label := range labels {
			if !strings.Contains(rest, label) {
				continue next
			}
		}
		var value float64
		if _, err := fmt.Sscan(rest[strings.LastIndexByte(rest, ' ')+1:], &value); err == nil {
			sum, found = sum+value, true
		}
	}
	return sum, found
}
