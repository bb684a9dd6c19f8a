package pointsman

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/coredns/coredns/plugin/pkg/reuseport"
	"github.com/miekg/dns"
	"pointsman.example/coredns/plain"
)

// explainer is the HTTP endpoint that says why a query is answered as it is.
type explainer struct {
	plugin *Pointsman
	server *http.Server
}

// startExplainer listens.
func startExplainer(p *Pointsman, address string) (*explainer, error) {
	// A reload of the Corefile starts the new one before it stops the old one.
	listener, err := reuseport.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	e := &explainer{plugin: p}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /explain", e.explain)
	mux.HandleFunc("GET /odds", e.odds)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "%s", usage)
	})
	e.server = &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second,
		IdleTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10,
	}
	go func(listener net.Listener) {
		if err := e.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Errorf("explain: %v", err)
		}
	}(listener)
	return e, nil
}

const usage = `GET /explain?name=app.example.com&type=A   why a query is answered as it is; with format=json as JSON
GET /odds?name=app.example.com&type=A      the exact probability of each answer, as JSON

What is known of the client: ip=198.51.100.7 ecs=203.0.113.0/24 country=SG continent=AS subdivision=US-WA
latitude=1.3 longitude=103.8 draw=12345. Without a place, the location database is asked about ecs or ip.
`

func (e *explainer) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = e.server.Shutdown(ctx)
}

func (e *explainer) explain(w http.ResponseWriter, r *http.Request) {
	asJSON := r.URL.Query().Get("format") == "json"
	e.ask(w, r, asJSON, func(s *slot) (string, plain.Status, error) {
		return s.instance.Explain(background, s.view, asJSON)
	})
}

func (e *explainer) odds(w http.ResponseWriter, r *http.Request) {
	e.ask(w, r, true, func(s *slot) (string, plain.Status, error) { return s.instance.Odds(background, s.view) })
}

func (e *explainer) ask(w http.ResponseWriter, r *http.Request, isJSON bool, question func(*slot) (string, plain.Status, error)) {
	asked, err := readQuestion(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	z := e.plugin.zoneOf(asked.name, asked.qtype)
	if z == nil {
		http.Error(w, fmt.Sprintf("no zone here holds %s", asked.name), http.StatusNotFound)
		return
	}
	text, status, err := e.plugin.question(z, asked, question)
	switch {
	case err != nil:
		http.Error(w, firstLine(err), http.StatusInternalServerError)
		return
	case status == plain.Refused:
		http.Error(w, text, http.StatusUnprocessableEntity)
		return
	case status != plain.OK:
		http.Error(w, status.String(), http.StatusBadRequest)
		return
	}
	kind := "text/plain; charset=utf-8"
	if isJSON {
		kind = "application/json"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(strings.TrimSuffix(text, "\n") + "\n"))
}

// question puts a question to an instance.
func (p *Pointsman) question(z *zone, asked asked, question func(*slot) (string, plain.Status, error)) (string, plain.Status, error) {
	g := z.current.Load()
	s := g.acquire(0)
	if s == nil {
		return "", plain.BadArgument, errNoInstance
	}
	defer s.mutex.Unlock()
	query := s.instance.Query()
	query.Reset()
	length, err := plain.PackName(query.NameBuffer(), asked.name)
	if err != nil {
		return "", plain.BadName, nil
	}
	query.SetNameLength(length)
	query.SetType(asked.qtype)
	query.SetDraw(asked.draw)
	if !asked.client.place.known && p.geo != nil {
		if address := asked.client.lookUp(); address.IsValid() {
			asked.client.place = p.geo.find(address)
		}
	}
	asked.client.fill(query)
	if p.vpcRegion != 0 {
		query.SetVpcRegion(p.vpcRegion)
	}
	text, status, err := question(s)
	if err != nil {
		g.replace(s, err, p.health.hold)
	}
	return text, status, err
}

// asked is a question of the endpoint.
type asked struct {
	name   string
	qtype  uint16
	draw   uint64
	client client
}

func readQuestion(r *http.Request) (asked, error) {
	values := r.URL.Query()
	a := asked{name: OwnerName(values.Get("name"))}
	if values.Get("name") == "" {
		return a, errors.New("name is missing: /explain?name=app.example.com&type=A")
	}
	kind := strings.ToUpper(values.Get("type"))
	if kind == "" {
		kind = "A"
	}
	var known bool
	if a.qtype, known = dns.StringToType[kind]; !known {
		return a, fmt.Errorf("type: %q is not a record type", kind)
	}
	var err error
	if text := values.Get("draw"); text != "" {
		if a.draw, err = strconv.ParseUint(text, 10, 64); err != nil {
			return a, fmt.Errorf("draw: %q is not a number below 2^64", text)
		}
	}
	if text := values.Get("ip"); text != "" {
		if a.client.address, err = netip.ParseAddr(text); err != nil {
			return a, fmt.Errorf("ip: %q is not an address", text)
		}
		a.client.address = a.client.address.Unmap()
	}
	if text := values.Get("ecs"); text != "" {
		if a.client.network, err = netip.ParsePrefix(text); err != nil {
			return a, fmt.Errorf("ecs: %q is not a network such as 203.0.113.0/24", text)
		}
		a.client.network = a.client.network.Masked()
	}
	return a, a.readPlace(values.Get)
}

func (a *asked) readPlace(get func(string) string) error {
	p := &a.client.place
	if p.country = country(get("country")); p.country != get("country") {
		return fmt.Errorf("country: %q is not a country code such as SG", get("country"))
	}
	if p.continent = continent(get("continent")); p.continent != get("continent") {
		return fmt.Errorf("continent: %q is not one of AF AN AS EU NA OC SA", get("continent"))
	}
	if text := get("subdivision"); text != "" {
		of, code, _ := strings.Cut(text, "-")
		if country(of) == "" || subdivision(code) == "" {
			return fmt.Errorf("subdivision: %q is not one such as US-WA", text)
		}
		p.country, p.subdivision = of, code
	}
	if get("latitude") != "" || get("longitude") != "" {
		latitude, err := strconv.ParseFloat(get("latitude"), 64)
		longitude, err2 := strconv.ParseFloat(get("longitude"), 64)
		if err == nil && err2 == nil {
			p.setPosition(latitude, longitude)
		}
		if !p.hasPosition {
			return errors.New("latitude must be -90 to 90 and longitude -180 to 180, and both be given")
		}
	}
	p.known = p.country != "" || p.continent != "" || p.hasPosition
	return nil
}
