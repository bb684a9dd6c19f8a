package plain

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero/api"
)

// Instance is one memory with what was loaded into it. It serves one goroutine at a time.
type Instance struct {
	module api.Module
	memory api.Memory
	linear *linearMemory

	resolve   api.Function
	ask       api.Function
	empty     api.Function
	functions map[string]api.Function
	stack     [4]uint64

	queryAddress, answerAddress uint32
	// Views of the module's fixed buffers, good until its memory grows.
	query  Query
	answer Answer
}

// Document is a document as the AWS CLI prints it.
type Document struct {
	// Name is what findings call it.
	Name string
	// CidrCollection is the id of the collection that list-cidr-blocks output is of, or empty.
	CidrCollection string
	// Text is JSON.
	Text string
}

// Zone describes a loaded zone.
type Zone struct {
	Handle     uint32 `json:"-"`
	Name       string `json:"name"`
	Private    bool   `json:"private"`
	RecordSets int    `json:"record_sets"`
	// Whether an answer may depend on where the client is, on its network through CIDR blocks, or on a draw.
	AsksPlace   bool `json:"asks_place"`
	AsksNetwork bool `json:"asks_network"`
	// Whether more of the place may matter than the Geolocations: latency and geoproximity.
	AsksPosition bool          `json:"asks_position"`
	Geolocations []Geolocation `json:"geolocations"`
	AsksDraw     bool          `json:"asks_draw"`
	HealthChecks []string      `json:"health_checks"`
	AliasTargets []string      `json:"alias_targets"`
}

// Geolocation is a place that a geolocation record set names.
type Geolocation struct {
	Continent   string `json:"continent"`
	Country     string `json:"country"`
	Subdivision string `json:"subdivision"`
}

// RecordSet describes a record set.
type RecordSet struct {
	Name          string   `json:"name"`
	Type          uint16   `json:"type"`
	Policy        Policy   `json:"policy"`
	SetIdentifier *string  `json:"set_identifier"`
	TTL           *uint32  `json:"ttl"`
	Values        []string `json:"values"`
}

// Finding is something wrong with a document.
type Finding struct {
	Code           string  `json:"code"`
	Severity       string  `json:"severity"`
	Message        string  `json:"message"`
	Help           string  `json:"help"`
	Route53Error   *string `json:"route53_error"`
	Route53Message *string `json:"route53_message"`
	Document       *string `json:"document"`
	Path           *string `json:"path"`
	Line           *int    `json:"line"`
	Column         *int    `json:"column"`
}

// String is the finding in a line.
func (f Finding) String() string {
	var text strings.Builder
	if f.Document != nil {
		text.WriteString(*f.Document)
		if f.Line != nil && f.Column != nil {
			fmt.Fprintf(&text, ":%d:%d", *f.Line, *f.Column)
		}
		text.WriteString(": ")
	}
	fmt.Fprintf(&text, "%s: %s", f.Severity, f.Message)
	if f.Help != "" {
		fmt.Fprintf(&text, " (%s)", f.Help)
	}
	return text.String()
}

// InvalidError holds the findings of documents that were refused.
type InvalidError struct{ Findings []Finding }

// Error lists the errors among the findings.
func (e *InvalidError) Error() string {
	var lines []string
	for _, finding := range e.Findings {
		if finding.Severity == "error" {
			lines = append(lines, finding.String())
		}
	}
	if len(lines) == 0 {
		return "refused without a finding"
	}
	return strings.Join(lines, "; ")
}

func (i *Instance) bind(ctx context.Context) error {
	i.functions = make(map[string]api.Function)
	for name := range i.module.ExportedFunctionDefinitions() {
		i.functions[name] = i.module.ExportedFunction(name)
	}
	i.resolve, i.empty = i.functions["pointsman_resolve"], i.functions["pointsman_abi_version"]
	i.ask = i.functions["pointsman_resolve_kept"]
	if i.resolve == nil || i.empty == nil || i.memory == nil {
		return errors.New("this is not pointsman_plain.wasm: it does not export pointsman_resolve and a memory")
	}
	version, err := i.call(ctx, "pointsman_abi_version")
	if err != nil {
		return err
	}
	if version != ABIVersion {
		return fmt.Errorf("the module speaks ABI version %d, this program %d", version, ABIVersion)
	}
	if i.queryAddress, err = i.call(ctx, "pointsman_query"); err != nil {
		return err
	}
	if i.answerAddress, err = i.call(ctx, "pointsman_answer"); err != nil {
		return err
	}
	if i.ask == nil {
		return errors.New("the module does not export pointsman_resolve_kept")
	}
	return i.refresh()
}

// refresh takes the buffers anew: growing may have moved the memory.
func (i *Instance) refresh() error {
	query, fits := i.memory.Read(i.queryAddress, querySize)
	answer, alsoFits := i.memory.Read(i.answerAddress, answerSize)
	if !fits || !alsoFits {
		return errors.New("the module's buffers lie outside its memory")
	}
	i.query, i.answer = Query{query}, Answer{answer}
	return nil
}

// call calls a function that may make the memory grow.
func (i *Instance) call(ctx context.Context, name string, arguments ...uint64) (uint32, error) {
	function := i.functions[name]
	if function == nil {
		return 0, fmt.Errorf("the module does not export %s", name)
	}
	results, err := function.Call(ctx, arguments...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if len(results) == 0 {
		return 0, nil
	}
	return uint32(results[0]), nil
}

// with calls a function that takes bytes, after other arguments: they are copied in, and freed again afterwards.
func (i *Instance) with(ctx context.Context, name string, data []byte, before ...uint64) (uint32, error) {
	arguments := before
	if len(data) == 0 {
		arguments = append(arguments, 0, 0)
	} else {
		address, err := i.copyIn(ctx, data)
		if err != nil {
			return 0, err
		}
		defer func() { _, _ = i.call(ctx, "pointsman_free", uint64(address), uint64(len(data))) }()
		arguments = append(arguments, uint64(address), uint64(len(data)))
	}
	result, err := i.call(ctx, name, arguments...)
	if err != nil {
		return 0, err
	}
	return result, i.refresh()
}

func (i *Instance) copyIn(ctx context.Context, data []byte) (uint32, error) {
	address, err := i.call(ctx, "pointsman_alloc", uint64(len(data)))
	if err != nil {
		return 0, err
	}
	room, fits := i.memory.Read(address, uint32(len(data)))
	if address == 0 || !fits {
		return 0, fmt.Errorf("the module has no memory for %d bytes", len(data))
	}
	for at := 0; at < len(data); at += chunk {
		copy(room[at:min(at+chunk, len(data))], data[at:])
	}
	return address, nil
}

// text takes the text of the last call, and frees it in the module.
func (i *Instance) text(ctx context.Context) (string, error) {
	address, err := i.call(ctx, "pointsman_text")
	if err != nil {
		return "", err
	}
	length, err := i.call(ctx, "pointsman_text_length")
	if err != nil {
		return "", err
	}
	bytes, fits := i.memory.Read(address, length)
	if length > 0 && !fits {
		return "", errors.New("the module's text lies outside its memory")
	}
	text := string(bytes)
	_, err = i.call(ctx, "pointsman_text_free")
	return text, err
}

func (i *Instance) findings(ctx context.Context) ([]Finding, error) {
	text, err := i.text(ctx)
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for line := range strings.Lines(text) {
		var finding Finding
		if err := json.Unmarshal([]byte(line), &finding); err != nil {
			return nil, fmt.Errorf("the module's finding %q: %w", line, err)
		}
		findings = append(findings, finding)
	}
	return findings, nil
}

func bundle(zoneName string, documents []Document) []byte {
	var bytes []byte
	put := func(text string, isThere bool) {
		if !isThere {
			bytes = binary.LittleEndian.AppendUint32(bytes, ^uint32(0))
			return
		}
		bytes = binary.LittleEndian.AppendUint32(bytes, uint32(len(text)))
		bytes = append(bytes, text...)
	}
	put(zoneName, zoneName != "")
	for _, document := range documents {
		put(document.Name, true)
		put(document.CidrCollection, document.CidrCollection != "")
		put(document.Text, true)
	}
	return bytes
}

// LoadZone loads the documents of a zone. zoneName is for documents that do not say it; else empty. Findings of a zone
// that can be answered from come back beside it; an InvalidError holds those of one that cannot.
func (i *Instance) LoadZone(ctx context.Context, zoneName string, documents []Document) (Zone, []Finding, error) {
	handle, err := i.with(ctx, "pointsman_zone_load", bundle(zoneName, documents))
	if err != nil {
		return Zone{}, nil, err
	}
	findings, err := i.findings(ctx)
	if err != nil {
		return Zone{}, nil, err
	}
	if handle == 0 {
		return Zone{}, findings, &InvalidError{findings}
	}
	zone, err := i.describe(ctx, handle)
	return zone, findings, err
}

// describe asks what there is to know of a zone.
func (i *Instance) describe(ctx context.Context, handle uint32) (Zone, error) {
	if _, err := i.call(ctx, "pointsman_zone_describe", uint64(handle)); err != nil {
		return Zone{}, err
	}
	text, err := i.text(ctx)
	if err != nil {
		return Zone{}, err
	}
	zone := Zone{}
	err = json.Unmarshal([]byte(text), &zone)
	zone.Handle = handle
	return zone, errors.Join(err, i.refresh())
}

// FreeZone frees a zone; views of it stay usable.
func (i *Instance) FreeZone(ctx context.Context, zone uint32) error {
	_, err := i.call(ctx, "pointsman_zone_free", uint64(zone))
	return err
}

// NewView makes a view of a zone under a health report; with an empty report no check has data yet.
func (i *Instance) NewView(ctx context.Context, zone uint32, report string) (uint32, []Finding, error) {
	return i.view(ctx, "pointsman_view_new", zone, report)
}

// UpdateView makes the view after some statuses changed; the old one stays until it is freed.
func (i *Instance) UpdateView(ctx context.Context, view uint32, changes string) (uint32, []Finding, error) {
	return i.view(ctx, "pointsman_view_update", view, changes)
}

func (i *Instance) view(ctx context.Context, function string, of uint32, report string) (uint32, []Finding, error) {
	handle, err := i.with(ctx, function, []byte(report), uint64(of))
	if err != nil {
		return 0, nil, err
	}
	findings, err := i.findings(ctx)
	if err != nil {
		return 0, nil, err
	}
	if handle == 0 {
		return 0, findings, &InvalidError{findings}
	}
	return handle, findings, nil
}

// FreeView frees a view.
func (i *Instance) FreeView(ctx context.Context, view uint32) error {
	_, err := i.call(ctx, "pointsman_view_free", uint64(view))
	return err
}

// RecordSet describes a record set by its number.
func (i *Instance) RecordSet(ctx context.Context, zone, number uint32) (RecordSet, error) {
	status, err := i.call(ctx, "pointsman_record_set_describe", uint64(zone), uint64(number))
	if err != nil {
		return RecordSet{}, err
	}
	if Status(status) != OK {
		return RecordSet{}, fmt.Errorf("record set %d: %v", number, Status(status))
	}
	text, err := i.text(ctx)
	if err != nil {
		return RecordSet{}, err
	}
	var recordSet RecordSet
	return recordSet, errors.Join(json.Unmarshal([]byte(text), &recordSet), i.refresh())
}

// Glue is the number of the only record set of a name (in wire form) and type, even below a delegation.
func (i *Instance) Glue(ctx context.Context, zone uint32, name []byte, recordType uint16) (uint32, bool, error) {
	address, err := i.copyIn(ctx, name)
	if err != nil {
		return 0, false, err
	}
	defer func() { _, _ = i.call(ctx, "pointsman_free", uint64(address), uint64(len(name))) }()
	number, err := i.call(ctx, "pointsman_glue", uint64(zone), uint64(address), uint64(len(name)), uint64(recordType))
	return number - 1, err == nil && number != 0, errors.Join(err, i.refresh())
}

// Region is a Region's number for queries; 0 for a code that is none.
func (i *Instance) Region(ctx context.Context, code string) (uint32, error) {
	return i.with(ctx, "pointsman_region", []byte(code))
}

// Query is the buffer of the next query.
func (i *Instance) Query() Query { return i.query }

// Resolve answers the query in the buffer. An error is a trap: the instance must not be used any more.
func (i *Instance) Resolve(ctx context.Context, view uint32) (Answer, Status, error) {
	i.stack[0] = uint64(view)
	if err := i.resolve.CallWithStack(ctx, i.stack[:]); err != nil {
		return Answer{}, BadArgument, err
	}
	return i.answer, Status(uint32(i.stack[0])), nil
}

// Empty is a call that does nothing, for measuring what a call costs.
func (i *Instance) Empty(ctx context.Context) error { return i.empty.CallWithStack(ctx, i.stack[:]) }

// Values appends the values of the last answer, which this view gave, in Route 53's spelling.
func (i *Instance) Values(ctx context.Context, view uint32, to []string) ([]string, error) {
	status, err := i.call(ctx, "pointsman_values", uint64(view))
	if err = errors.Join(err, i.refresh()); err != nil {
		return to, err
	}
	if Status(status) != OK {
		return to, fmt.Errorf("the values of an answer: %v", Status(status))
	}
	address, count := i.answer.values()
	for n := range count {
		at, _ := i.memory.ReadUint32Le(address + 8*n)
		length, _ := i.memory.ReadUint32Le(address + 8*n + 4)
		value, _ := i.memory.Read(at, length)
		to = append(to, string(value))
	}
	return to, nil
}

// Path appends the numbers of the record sets on the way to the last answer.
func (i *Instance) Path(to []uint32) []uint32 {
	address, count := i.answer.path()
	if bytes, fits := i.memory.Read(address, 4*count); fits {
		for ; len(bytes) >= 4; bytes = bytes[4:] {
			to = append(to, binary.LittleEndian.Uint32(bytes))
		}
	}
	return to
}

// Name is the delegated name or the alias target of the last answer, in wire form without the root label.
func (i *Instance) Name() []byte {
	address, length := i.answer.name()
	name, _ := i.memory.Read(address, length)
	return name
}

// Odds is the exact distribution of the answer to the query in the buffer, as core's JSON.
func (i *Instance) Odds(ctx context.Context, view uint32) (string, Status, error) {
	return i.say(ctx, "pointsman_odds", uint64(view))
}

// Explain tells why the query in the buffer is answered as it is: a tree for a person, or JSON.
func (i *Instance) Explain(ctx context.Context, view uint32, asJSON bool) (string, Status, error) {
	form := uint64(0)
	if asJSON {
		form = 1
	}
	return i.say(ctx, "pointsman_explain", uint64(view), form)
}

func (i *Instance) say(ctx context.Context, function string, arguments ...uint64) (string, Status, error) {
	status, err := i.call(ctx, function, arguments...)
	if err != nil {
		return "", BadArgument, err
	}
	text, err := i.text(ctx)
	return text, Status(status), errors.Join(err, i.refresh())
}

// Line asks a question that is a line of JSON: function is resolve, odds or explain.
func (i *Instance) Line(ctx context.Context, function string, view uint32, line string) (string, error) {
	if _, err := i.with(ctx, "pointsman_"+function+"_json", []byte(line), uint64(view)); err != nil {
		return "", err
	}
	return i.text(ctx)
}

// Check is every finding about documents, and whether one of them is an error.
func (i *Instance) Check(ctx context.Context, documents []Document) ([]Finding, error) {
	if _, err := i.with(ctx, "pointsman_check", bundle("", documents)); err != nil {
		return nil, err
	}
	return i.findings(ctx)
}

// Apply is the documents after a change batch, as one document; or an InvalidError.
func (i *Instance) Apply(ctx context.Context, documents []Document, batch string) (string, error) {
	data := bundle("", documents)
	address, err := i.copyIn(ctx, data)
	if err != nil {
		return "", err
	}
	defer func() { _, _ = i.call(ctx, "pointsman_free", uint64(address), uint64(len(data))) }()
	status, err := i.with(ctx, "pointsman_apply", []byte(batch), uint64(address), uint64(len(data)))
	if err != nil {
		return "", err
	}
	switch Status(status) {
	case OK:
		return i.text(ctx)
	case Refused:
		findings, err := i.findings(ctx)
		return "", errors.Join(err, &InvalidError{findings})
	}
	return "", fmt.Errorf("apply: %v", Status(status))
}

// HealthChecks returns whether each health check of the zone counts as healthy under a view.
func (i *Instance) HealthChecks(ctx context.Context, view uint32) (map[string]bool, error) {
	text, status, err := i.say(ctx, "pointsman_health_checks", uint64(view))
	if err == nil && status != OK {
		err = errors.New(status.String())
	}
	checks := make(map[string]bool)
	if err == nil {
		err = json.Unmarshal([]byte(text), &checks)
	}
	return checks, err
}

// Answered returns the questions that have an answer under a view, as lines of JSON.
func (i *Instance) Answered(ctx context.Context, view uint32) (string, error) {
	text, status, err := i.say(ctx, "pointsman_answered", uint64(view))
	if err == nil && status != OK {
		err = errors.New(status.String())
	}
	return text, err
}

// Unanswered returns those of such lines that have no answer under a view.
func (i *Instance) Unanswered(ctx context.Context, view uint32, lines string) (string, error) {
	status, err := i.with(ctx, "pointsman_unanswered", []byte(lines), uint64(view))
	if err != nil {
		return "", err
	}
	if Status(status) != OK {
		return "", errors.New(Status(status).String())
	}
	return i.text(ctx)
}

// MemorySize is how many bytes the instance's memory has.
func (i *Instance) MemorySize() uint32 { return i.memory.Size() }

// Memory is the instance's memory, for tests that break it.
func (i *Instance) Memory() api.Memory { return i.memory }

// Close frees the instance and its memory.
func (i *Instance) Close(ctx context.Context) error { return i.module.Close(ctx) }
