// Command plain-subject lets the project's conformance runner ask pointsman_plain.wasm in wazero: a request a line on
// standard input, a response a line on standard output. tests/src/plain.rs describes them.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"

	"github.com/miekg/dns"
	"pointsman.example/coredns-tests/internal/testkit"
	"pointsman.example/coredns/plain"
)

type request struct {
	Op        string   `json:"op"`
	Documents []string `json:"documents"`
	Batch     string   `json:"batch"`
	Report    string   `json:"report"`
	Image     []byte   `json:"image"` // base64
	Line      string   `json:"line"`
}

type response struct {
	Text     string          `json:"text"`
	Findings []plain.Finding `json:"findings"`
	Error    string          `json:"error,omitempty"`
}

type subject struct {
	instance   *plain.Instance
	zone, view uint32
	draw       uint64 // of the query in the buffer
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: plain-subject MODULE")
		os.Exit(2)
	}
	ctx := context.Background()
	engine, err := plain.Open(ctx, os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "plain-subject:", err)
		os.Exit(2)
	}
	instance, err := engine.Instantiate(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "plain-subject:", err)
		os.Exit(2)
	}
	subject := &subject{instance: instance}
	input, output := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(output)
	encoder.SetEscapeHTML(false)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		var request request
		response := response{}
		if err = json.Unmarshal(line, &request); err == nil {
			response, err = subject.answer(ctx, request)
		}
		var invalid *plain.InvalidError
		if errors.As(err, &invalid) {
			response.Findings = invalid.Findings
		} else if err != nil {
			response.Error = err.Error()
		}
		if encoder.Encode(response) != nil || output.Flush() != nil {
			return
		}
	}
}

func documents(texts []string) []plain.Document {
	var documents []plain.Document
	for n, text := range texts {
		documents = append(documents, plain.Document{Name: fmt.Sprint("document ", n), Text: text})
	}
	return documents
}

func (s *subject) answer(ctx context.Context, request request) (response, error) {
	switch request.Op {
	case "check":
		findings, err := s.instance.Check(ctx, documents(request.Documents))
		return response{Findings: findings}, err
	case "apply":
		text, err := s.instance.Apply(ctx, documents(request.Documents), request.Batch)
		return response{Text: text}, err
	case "load", "open":
		return response{}, s.load(ctx, request)
	case "resolve":
		if err := s.query(ctx, request.Line); err != nil {
			return response{}, err
		}
		text, err := s.resolveTwice(ctx)
		return response{Text: text}, err
	case "odds":
		if err := s.query(ctx, request.Line); err != nil {
			return response{}, err
		}
		text, _, err := s.instance.Odds(ctx, s.view)
		return response{Text: text}, err
	case "explain":
		if err := s.query(ctx, request.Line); err != nil {
			return response{}, err
		}
		text, _, err := s.instance.Explain(ctx, s.view, true)
		return response{Text: text}, err
	case "resolve_json", "odds_json", "explain_json":
		text, err := s.instance.Line(ctx, request.Op[:len(request.Op)-len("_json")], s.view, request.Line)
		return response{Text: text}, err
	}
	return response{}, fmt.Errorf("there is no op %q", request.Op)
}

// load makes the view in two steps, so that making and updating a view are both asked.
func (s *subject) load(ctx context.Context, request request) error {
	if s.zone != 0 {
		if err := errors.Join(s.instance.FreeView(ctx, s.view), s.instance.FreeZone(ctx, s.zone)); err != nil {
			return err
		}
		s.zone, s.view = 0, 0
	}
	var zone plain.Zone
	var err error
	if request.Op == "open" {
		zone, err = s.instance.OpenZone(ctx, request.Image)
	} else {
		zone, _, err = s.instance.LoadZone(ctx, "", documents(request.Documents))
	}
	if err != nil {
		return err
	}
	before, _, err := s.instance.NewView(ctx, zone.Handle, "")
	if err != nil {
		return err
	}
	view, _, err := s.instance.UpdateView(ctx, before, request.Report)
	if err != nil {
		return err
	}
	s.zone, s.view = zone.Handle, view
	return s.instance.FreeView(ctx, before)
}

// query writes a query line into the query buffer.
func (s *subject) query(ctx context.Context, line string) error {
	var asked struct {
		Name   string              `json:"name"`
		Type   string              `json:"type"`
		Client testkit.QueryClient `json:"client"`
		Draw   json.Number         `json:"draw"` // a number, or one in quotes
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(line)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		return err
	}
	regions := make(map[uint32]float64)
	for code, milliseconds := range asked.Client.Latency {
		number, err := s.instance.Region(ctx, code)
		if err != nil || number == 0 {
			return fmt.Errorf("%q is not a Region: %w", code, err)
		}
		regions[number] = milliseconds
	}
	vpc := uint32(0)
	if asked.Client.VpcRegion != "" {
		var err error
		if vpc, err = s.instance.Region(ctx, asked.Client.VpcRegion); err != nil {
			return err
		}
	}
	draw, err := strconv.ParseUint(cmp.Or(asked.Draw.String(), "0"), 10, 64)
	if err != nil {
		return err
	}
	query := s.instance.Query()
	query.Reset()
	length, err := plain.PackRoute53Name(query.NameBuffer(), asked.Name)
	if err != nil {
		return err
	}
	query.SetNameLength(length)
	query.SetType(dns.StringToType[asked.Type])
	query.SetDraw(draw)
	s.draw = draw
	if asked.Client.IP.IsValid() {
		query.SetAddress(asked.Client.IP)
	}
	if asked.Client.ECS != "" {
		network, err := netip.ParsePrefix(asked.Client.ECS)
		if err != nil {
			return err
		}
		query.SetSubnet(network)
	}
	query.SetCountry(asked.Client.Country)
	query.SetContinent(asked.Client.Continent)
	if len(asked.Client.Subdivision) > 3 {
		query.SetSubdivision(asked.Client.Subdivision[:2], asked.Client.Subdivision[3:])
	}
	if asked.Client.Latitude != nil && asked.Client.Longitude != nil {
		query.SetPosition(*asked.Client.Latitude, *asked.Client.Longitude)
	}
	for number, milliseconds := range regions {
		query.AddLatency(number, milliseconds)
	}
	query.SetVpcRegion(vpc)
	return nil
}

// resolveTwice asks from the buffer and by kept question and client, each alone and both, which has to be the same.
func (s *subject) resolveTwice(ctx context.Context) (string, error) {
	question, err := s.instance.NewQuestion(ctx, s.zone)
	if err != nil {
		return "", err
	}
	client, err := s.instance.NewClient(ctx)
	if err != nil {
		return "", err
	}
	if question == 0 || client == 0 {
		return "", errors.New("the module does not keep this question or client")
	}
	answer, status, err := s.instance.Resolve(ctx, s.view)
	text, err := s.resolve(ctx, answer, status, err)
	if err != nil {
		return "", err
	}
	for _, kept := range [][2]uint32{{question, client}, {question, 0}, {0, client}} {
		answer, status, err := s.instance.Ask(ctx, s.view, kept[0], kept[1], s.draw)
		again, err := s.resolve(ctx, answer, status, err)
		if err != nil {
			return "", err
		}
		if again != text {
			return "", fmt.Errorf("asked by what was kept (%v), the answer is %s instead of %s", kept, again, text)
		}
	}
	return text, errors.Join(s.instance.FreeQuestion(ctx, question), s.instance.FreeClient(ctx, client))
}

// resolve puts a flat answer into the words of core's JSON.
func (s *subject) resolve(ctx context.Context, answer plain.Answer, status plain.Status, err error) (string, error) {
	if err != nil {
		return "", err
	}
	if status != plain.OK {
		return "", errors.New(status.String())
	}
	values, err := s.instance.Values(ctx, s.view, []string{})
	if err != nil {
		return "", err
	}
	said := struct {
		Rcode          string   `json:"rcode"`
		Type           string   `json:"type"`
		TTL            *uint32  `json:"ttl"`
		Values         []string `json:"values"`
		SetIdentifiers []string `json:"set_identifiers"`
		FailOpen       bool     `json:"fail_open"`
		Scope          uint8    `json:"scope_prefix_length"`
		Referral       string   `json:"referral,omitempty"`
		AliasTarget    string   `json:"alias_target,omitempty"`
		Undetermined   string   `json:"undetermined,omitempty"`
	}{
		Rcode:          dns.RcodeToString[answer.Rcode()],
		Type:           dns.TypeToString[answer.Type()],
		Values:         values,
		SetIdentifiers: []string{},
		FailOpen:       answer.FailOpen(),
		Scope:          answer.ScopePrefixLength(),
		Undetermined: [...]string{
			"",
			"no latency is known from this client to any Region of the group",
			"the position of this client is unknown",
		}[answer.Undetermined()],
	}
	if ttl, known := answer.TTL(); known {
		said.TTL = &ttl
	}
	if answer.IsReferral() {
		said.Referral = string(plain.AppendText(nil, s.instance.Name()))
	}
	if answer.IsAliasTarget() {
		said.AliasTarget = string(plain.AppendText(nil, s.instance.Name()))
	}
	// What is read of the last answer is read before the next call.
	for _, number := range s.instance.Path(nil) {
		recordSet, err := s.instance.RecordSet(ctx, s.zone, number)
		if err != nil {
			return "", err
		}
		if recordSet.SetIdentifier != nil {
			said.SetIdentifiers = append(said.SetIdentifiers, *recordSet.SetIdentifier)
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err = encoder.Encode(said)
	return string(bytes.TrimSuffix(text.Bytes(), []byte("\n"))), err
}
