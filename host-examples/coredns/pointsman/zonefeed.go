package pointsman

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/plugin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

const (
	// maxZone is the longest document that is read.
	maxZone = 256 << 20
	// fetchTimeout is for one look, the document included.
	fetchTimeout = 60 * time.Second
	// lagMax is how long an answer with a lower number than the last one is taken for that of a watch that lags behind. After
	// that it is a fleet that began anew.
	lagMax = time.Minute
	// numberHeader grows with each publication and each rollback of a zone.
	numberHeader = "Pointsman-Number"
)

var (
	zoneFeedFailures = promauto.NewCounterVec(
		counterOpts("zone_feed_failures_total", "Looks at the feed of a zone that failed."), []string{"zone"})
	zoneFeedRefused = promauto.NewGaugeVec(prometheus.GaugeOpts{Namespace: plugin.Namespace, Subsystem: pluginName,
		Name: "zone_feed_refused", Help: "Whether the version that the feed serves could not be taken up."}, []string{"zone"})
	zoneFeedConfirmed = promauto.NewGaugeVec(prometheus.GaugeOpts{Namespace: plugin.Namespace, Subsystem: pluginName,
		Name: "zone_feed_confirmed_timestamp_seconds", Help: "When a feed last said which version this host should have."}, []string{"zone"})
)

// zoneFeed is where a zone comes from, as the Corefile says.
type zoneFeed struct {
	file      string // the last good version
	addresses []string
	location  string // whose version; empty: that of the watch
}

// zoneFeedOf reads `zone_feed FILE URL... [at LOCATION]`.
func zoneFeedOf(c *caddy.Controller, arguments []string, file func(string) string) (zoneFeed, error) {
	var feed zoneFeed
	if count := len(arguments); count > 2 && arguments[count-2] == "at" {
		feed.location, arguments = arguments[count-1], arguments[:count-2]
	}
	if len(arguments) < 2 {
		return feed, c.Err("zone_feed is `zone_feed FILE URL...` or `zone_feed FILE URL... at LOCATION`")
	}
	feed.file = file(arguments[0])
	for _, argument := range arguments[1:] {
		address, err := url.Parse(argument)
		if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
			return feed, c.Errf("zone_feed: %q is not an address such as http://127.0.0.1:8053", argument)
		}
		feed.addresses = append(feed.addresses, argument)
	}
	return feed, nil
}

// zoneVersion is a document and what names it.
type zoneVersion struct {
	digest string // SHA-256 in hexadecimal, which is the ETag
	body   []byte
}

func versionOf(body []byte) zoneVersion {
	sum := sha256.Sum256(body)
	return zoneVersion{hex.EncodeToString(sum[:]), body}
}

// offer is a version that a feed serves and the zone does not have.
type offer struct {
	zone    *zone
	version zoneVersion
}

// zoneFollower keeps a zone at the version that a feed serves. One goroutine asks the feed, and hands what is new to the one
// that looks after files, which alone decides what is in force.
type zoneFollower struct {
	zoneFeed
	client *http.Client
	poll   time.Duration

	// Of the goroutine that asks.
	at       int       // the address that is asked
	known    string    // the digest of the version that was last offered, taken or not
	number   uint64    // of the fleet's state of the zone
	numberAt time.Time // when that was last heard

	// Of the goroutine that looks after files.
	candidate *zoneVersion // to be loaded instead of the file
	unsaved   *zoneVersion // in force, and not in the file yet
}

func newZoneFollower(feed zoneFeed) *zoneFollower {
	return &zoneFollower{zoneFeed: feed, client: &http.Client{Timeout: fetchTimeout}, poll: pollEvery}
}

// begin makes the version of the file the first one, or where there is no file, that of the first feed that has one.
func (f *zoneFollower) begin() error {
	body, err := os.ReadFile(f.file)
	if err == nil {
		f.known = versionOf(body).digest
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot read a zone's document: %w", err)
	}
	var failures []error
	for range f.addresses {
		ctx, cancel := context.WithTimeout(background, pollTimeout)
		version, err := f.fetch(ctx)
		cancel()
		if err == nil && version != nil {
			f.candidate, f.known = version, version.digest
			return nil
		}
		failures = append(failures, err)
		f.at = (f.at + 1) % len(f.addresses)
	}
	return fmt.Errorf("there is no %s yet, and no feed has the zone: %w", f.file, errors.Join(failures...))
}

// fetch asks the present address once; nil says that the version that is known is the one to have.
func (f *zoneFollower) fetch(ctx context.Context) (*zoneVersion, error) {
	address := path(f.addresses[f.at], "/zone")
	if f.location != "" {
		address += "?location=" + strings.ReplaceAll(url.QueryEscape(f.location), "+", "%20")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	if f.known != "" {
		request.Header.Set("If-None-Match", `"`+f.known+`"`)
	}
	response, err := f.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK, http.StatusNotModified:
	default:
		said, _ := io.ReadAll(io.LimitReader(response.Body, 300))
		return nil, fmt.Errorf("GET %s: %s: %s", address, response.Status, strings.TrimSpace(string(said)))
	}
	number, _ := strconv.ParseUint(response.Header.Get(numberHeader), 10, 64)
	if number < f.number && time.Since(f.numberAt) < lagMax {
		return nil, fmt.Errorf("%s is at number %d of the zone, and %d was there before: it lags behind", address, number, f.number)
	}
	if response.StatusCode == http.StatusNotModified {
		f.number, f.numberAt = number, time.Now()
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxZone+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxZone {
		return nil, fmt.Errorf("GET %s: the document is longer than %d bytes", address, maxZone)
	}
	version := versionOf(body)
	if tag := strings.Trim(strings.TrimPrefix(response.Header.Get("ETag"), "W/"), `"`); tag != version.digest {
		return nil, fmt.Errorf("GET %s: the document is damaged: its digest is %s, and the ETag says %q", address, version.digest, tag)
	}
	f.number, f.numberAt = number, time.Now()
	if version.digest == f.known {
		return nil, nil
	}
	return &version, nil
}

// follow asks for as long as the plugin runs. When an address fails, the next is asked; after a round without success there
// are pauses, which grow and differ from host to host.
func (f *zoneFollower) follow(p *Pointsman, z *zone) {
	failures := 0
	failed, confirmed := zoneFeedFailures.WithLabelValues(z.origin), zoneFeedConfirmed.WithLabelValues(z.origin)
	ctx := p.health.context
	for {
		version, err := f.fetch(ctx)
		if ctx.Err() != nil {
			return
		}
		pause := f.poll/2 + rand.N(f.poll)
		if err != nil {
			failed.Inc()
			f.at = (f.at + 1) % len(f.addresses)
			failures++
			pause = pauseAfter(failures, len(f.addresses))
			log.Warningf("Zone %s: %v; its last good version stays", z.origin, err)
		} else {
			failures = 0
			confirmed.SetToCurrentTime()
			if version != nil {
				f.known = version.digest
				select {
				case p.offers <- offer{z, *version}:
				case <-p.stop:
					return
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// takeOffer loads a version that a feed serves. Whatever is wrong with it, the zone stays as it was.
func (p *Pointsman) takeOffer(o offer) {
	o.zone.follower.candidate = &o.version
	o.zone.isHeldBack = false
	p.reloadZone(o.zone)
}

// read reads a file of the zone, or has the version that is to take its place.
func (z *zone) read(file string) ([]byte, error) {
	if f := z.follower; f != nil && f.candidate != nil && file == f.file {
		return f.candidate.body, nil
	}
	return os.ReadFile(file)
}

// settle follows a load of the zone's files, which went well or did not: with a version of a feed that is in force, it takes the place of
// the file; one that never_darker holds back is kept, since it may be let pass.
func (z *zone) settle(isTaken bool) {
	f := z.follower
	if f == nil || f.candidate == nil {
		return
	}
	if isTaken {
		log.Infof("Zone %s is at version %.12s of its feed", z.origin, f.candidate.digest)
		f.unsaved, f.candidate = f.candidate, nil
		zoneFeedRefused.WithLabelValues(z.origin).Set(0)
		z.save()
		return
	}
	zoneFeedRefused.WithLabelValues(z.origin).Set(1)
	if !z.isHeldBack {
		f.candidate = nil
	}
}

// save keeps the version in force for the next start.
func (z *zone) save() {
	f := z.follower
	if f == nil || f.unsaved == nil {
		return
	}
	if err := replaceFile(f.file, f.unsaved.body); err != nil {
		z.reloadFailures.Inc()
		log.Errorf("Zone %s: the version in force cannot be kept, so that a start begins with an older one: %v", z.origin, err)
		return
	}
	f.unsaved = nil
	z.watcher.changed() // what was written is in force already
}

// replaceFile writes a file that is there as a whole or not at all.
func replaceFile(name string, body []byte) error {
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	_, err = file.Write(body)
	err = errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return err
	}
	if folder, err := os.Open(filepath.Dir(name)); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
	return nil
}
