package pointsman

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	// reportMax is the longest report that is read.
	reportMax = 64 << 20
	// pollEvery is how often the whole report is asked for, with or without a stream: it tells that the view still holds.
	pollEvery = 10 * time.Second
	retryMin  = 200 * time.Millisecond
	retryMax  = 10 * time.Second
)

// feed is the client of `pointsman watch`: /v1/health is the whole report, /v1/health/stream its changes.
type feed struct {
	health *health
	base   string
	spread spread
	etag   string
	client *http.Client
}

// follow keeps the report up to date until stopped. The stream tells of changes at once; the whole report is asked for
// at the start, after each break of the stream, and now and then.
func (h *health) follow(stop <-chan struct{}, spread spread) {
	f := &feed{health: h, base: strings.TrimSuffix(h.config.feedURL, "/"), spread: spread, client: &http.Client{}}
	poll := make(chan struct{}, 1)
	go func() {
		ticker := time.NewTicker(pollInterval(h.config.maxAge))
		defer ticker.Stop()
		for {
			select {
			case <-h.context.Done():
				return
			case <-ticker.C:
			case <-poll:
			}
			if err := f.poll(); err != nil && h.context.Err() == nil {
				feedFailures.Inc()
				log.Warningf("Feed %s: %v; answers go on with the last report", f.base, err)
			}
		}
	}()
	retry := retryMin
	for h.context.Err() == nil {
		start := time.Now()
		err := f.stream(func() {
			feedConnected.Set(1)
			select {
			case poll <- struct{}{}:
			default:
			}
		})
		feedConnected.Set(0)
		if h.context.Err() != nil {
			break
		}
		if time.Since(start) > retryMax {
			retry = retryMin
		}
		log.Warningf("Feed %s: the stream ended: %v; again in %v", f.base, err, retry)
		select {
		case poll <- struct{}{}: // polling is the fallback
		default:
		}
		select {
		case <-stop:
			return
		case <-time.After(retry):
		}
		retry = min(2*retry, retryMax)
	}
}

// pollInterval is short enough that a live feed never looks too old.
func pollInterval(maxAge time.Duration) time.Duration {
	if maxAge > 0 {
		return min(pollEvery, max(maxAge/3, 50*time.Millisecond))
	}
	return pollEvery
}

func (f *feed) get(path string, header http.Header) (*http.Response, error) {
	request, err := http.NewRequestWithContext(f.health.context, http.MethodGet, f.base+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header = header
	return f.client.Do(request)
}

// poll asks for the whole report, unless it is the one that is known.
func (f *feed) poll() error {
	header := http.Header{"Accept": {"application/json"}}
	if f.etag != "" {
		header.Set("If-None-Match", f.etag)
	}
	response, err := f.get("/v1/health", header)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusNotModified:
		f.health.confirm(f.spread)
		return nil
	case http.StatusOK:
	default:
		return fmt.Errorf("GET /v1/health: %s", response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, reportMax))
	if err != nil {
		return err
	}
	if err := f.health.take(text, true, time.Now(), f.spread); err != nil {
		return fmt.Errorf("GET /v1/health is not a health report: %s", firstLine(err))
	}
	f.etag = response.Header.Get("ETag")
	return nil
}

// stream follows the changes until the connection ends.
func (f *feed) stream(connected func()) error {
	response, err := f.get("/v1/health/stream", http.Header{"Accept": {"text/event-stream"}})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET /v1/health/stream: %s", response.Status)
	}
	connected()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(make([]byte, 64<<10), reportMax)
	var name string
	var data bytes.Buffer
	for lines.Scan() {
		line := lines.Text()
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if data.Len() > 0 {
				f.event(name, data.Bytes())
			}
			name = ""
			data.Reset()
		case field == "event":
			name = value
		case field == "data":
			if data.Len() > 0 {
				data.WriteByte('\n')
			}
			data.WriteString(value)
		case field == "":
			f.health.confirm(f.spread) // a comment: the feed is alive
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return errors.New("the other side closed it")
}

// event takes one event up: `report` is the whole of it, `alive` says that it still holds, and any other changes it.
// Nonsense is counted and dropped.
func (f *feed) event(name string, data []byte) {
	if name == "alive" {
		f.health.confirm(f.spread)
		return
	}
	if err := f.health.take(data, name == "report", time.Now(), f.spread); err != nil {
		feedFailures.Inc()
		log.Warningf("Feed %s: an event is dropped: %s", f.base, firstLine(err))
	}
}
