package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	completed = regexp.MustCompile(`Queries completed:\s+(\d+)`)
	perSecond = regexp.MustCompile(`Queries per second:\s+([0-9.]+)`)
	lost      = regexp.MustCompile(`Queries lost:\s+(\d+)`)
)

// load runs dnsperf; it gives queries a second and the server's CPU a query in microseconds.
func load(pid int, address, questions string) (float64, float64, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, 0, err
	}
	before, err := cpu(pid)
	if err != nil {
		return 0, 0, err
	}
	out, err := exec.Command("dnsperf", "-s", host, "-p", port, "-d", questions, "-l", strconv.Itoa(*seconds), "-c", "4", "-q", "100").CombinedOutput()
	if err != nil {
		return 0, 0, fmt.Errorf("dnsperf: %w: %s", err, out)
	}
	after, err := cpu(pid)
	if err != nil {
		return 0, 0, err
	}
	number := func(pattern *regexp.Regexp) float64 {
		if found := pattern.FindSubmatch(out); found != nil {
			value, _ := strconv.ParseFloat(string(found[1]), 64)
			return value
		}
		return 0
	}
	count := number(completed)
	if count == 0 || number(lost) > 0 || !bytes.Contains(out, []byte("NOERROR")) {
		return 0, 0, fmt.Errorf("dnsperf lost queries or got none answered: %s", out)
	}
	return number(perSecond), (after - before).Seconds() * 1e6 / count, nil
}

// cpu is the time that a process has used, user and system.
func cpu(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, err // in ticks of a hundredth of a second
}

func writeProfile(address string) {
	out, err := exec.Command("go", "tool", "pprof", "-proto", "-output", *profile,
		fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", address, max(1, *seconds-1))).CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "pprof: %v: %s\n", err, out)
	}
}
