package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// powerDNS is a pdns_server that runs as a process of its own.
type powerDNS struct {
	command *exec.Cmd
	output  bytes.Buffer // read only after its end
	done    chan struct{}
}

// One thread reads and answers; nothing is kept from one query to the next but the Lua state, and nothing is asked or told
// beyond the zone.
const powerDNSConfig = `launch=bind
bind-config=%[1]s/named.conf
local-address=127.0.0.1
local-port=%[2]d
enable-lua-records=shared
receiver-threads=1
distributor-threads=1
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
security-poll-suffix=
socket-dir=%[1]s
daemon=no
guardian=no
disable-syslog=yes
webserver=no
loglevel=4
`

// startPowerDNS starts it on loopback with what it needs in a folder of its own, and waits until it is ready to decide.
func startPowerDNS(program, folder string, port int) (*powerDNS, error) {
	own := filepath.Join(folder, "lua")
	if err := os.Mkdir(own, 0o755); err != nil {
		return nil, err
	}
	named := fmt.Sprintf("zone %q { type master; file %q; };\n", strings.TrimSuffix(decisionZone, "."), filepath.Join(folder, "db.lua"))
	for name, text := range map[string]string{"named.conf": named, "pdns.conf": fmt.Sprintf(powerDNSConfig, own, port)} {
		if err := os.WriteFile(filepath.Join(own, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	p := &powerDNS{command: exec.Command(program, "--config-dir="+own), done: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go func() { _ = p.command.Wait(); close(p.done) }()
	// The failover is the last to work: PowerDNS takes an address for down until it has probed it in the background.
	failover := kinds[len(kinds)-1]
	deadline := time.Now().Add(60 * time.Second)
	for {
		err := failover.check(local(port))
		if err == nil {
			return p, nil
		}
		select {
		case <-p.done:
			return nil, fmt.Errorf("pdns_server ended%s", p.said())
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			p.stop()
			return nil, fmt.Errorf("pdns_server is not ready after a minute: %w%s", err, p.said())
		}
	}
}

// stop ends it and waits for its end.
func (p *powerDNS) stop() {
	_ = p.command.Process.Signal(os.Interrupt)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = p.command.Process.Kill()
		<-p.done
	}
}

// said ends it and gives what it wrote, for the message of an error.
func (p *powerDNS) said() string {
	p.stop()
	return "; it said:\n" + p.output.String()
}

// listen answers on loopback, at the first address and not at the second: what is probed and found to be up.
func listen() (net.Listener, int, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(first, "0"))
	if err != nil {
		return nil, 0, err
	}
	go func() { _ = http.Serve(listener, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})) }()
	return listener, listener.Addr().(*net.TCPAddr).Port, nil
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
