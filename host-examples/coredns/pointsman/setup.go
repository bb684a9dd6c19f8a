package pointsman

import (
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/cache"
	"github.com/miekg/dns"

	"pointsman.example/coredns/plain"
)

func init() { plugin.Register(pluginName, setup) }

// ModuleFile is where the module is looked for when the Corefile does not say and none is embedded: beside the program.
const ModuleFile = "pointsman_plain.wasm"

func setup(c *caddy.Controller) error {
	config, err := parse(c)
	if err != nil {
		return plugin.Error(pluginName, err)
	}
	p, err := newPointsman(config)
	if err != nil {
		return plugin.Error(pluginName, err)
	}
	c.OnStartup(func() error {
		// Only now is the whole chain known.
		if handler, isCache := dnsserver.GetConfig(c).Handler("cache").(*cache.Cache); isCache {
			p.cached = append(plugin.Zones{}, handler.Zones...)
		}
		for _, z := range p.zones {
			if err := p.checkCache(z.current.Load()); err != nil {
				return plugin.Error(pluginName, err)
			}
		}
		if config.explain != "" {
			var err error
			if p.explainer, err = startExplainer(p, config.explain); err != nil {
				return plugin.Error(pluginName, err)
			}
		}
		running.add(p)
		p.run()
		return nil
	})
	c.OnShutdown(func() error {
		if p.explainer != nil {
			p.explainer.stop()
		}
		return p.shutdown()
	})
	dnsserver.GetConfig(c).AddPlugin(func(next plugin.Handler) plugin.Handler {
		p.Next = next
		return p
	})
	return nil
}

// parse reads the Corefile.
func parse(c *caddy.Controller) (config, error) {
	root := dnsserver.GetConfig(c).Root
	file := func(name string) string {
		if !filepath.IsAbs(name) && root != "" {
			return filepath.Join(root, name)
		}
		return name
	}
	config := config{reload: 2 * time.Second, instances: runtime.GOMAXPROCS(0)}
	seen := false
	for c.Next() {
		if seen {
			return config, plugin.ErrOnce
		}
		seen = true
		if arguments := c.RemainingArgs(); len(arguments) > 0 {
			config.zoneFiles = append(config.zoneFiles, files(arguments, file))
		}
		for c.NextBlock() {
			if err := property(c, &config, file); err != nil {
				return config, err
			}
		}
	}
	if len(config.zoneFiles) == 0 {
		return config, c.Err("no zone: give its documents as `zone FILE...`")
	}
	if len(config.zoneFeeds) > 0 && config.reload == 0 {
		return config, c.Err("zone_feed does not go with `reload 0s`: nothing would be taken up")
	}
	if config.healthFile != "" && len(config.feeds) > 0 {
		return config, c.Err("health comes from a file or from a feed, not from both")
	}
	if config.maxAge > 0 && config.healthFile == "" && len(config.feeds) == 0 {
		return config, c.Err("max_age has no effect without health: say `health file FILE` or `health feed URL`")
	}
	if config.geoMetadata && config.geoFile != "" {
		return config, c.Err("geo is metadata or mmdb, not both")
	}
	if config.module == "" && plain.Embedded == nil {
		config.module = ModuleFile
		if program, err := os.Executable(); err == nil {
			config.module = filepath.Join(filepath.Dir(program), ModuleFile)
		}
	}
	return config, nil
}

func files(names []string, file func(string) string) []string {
	var files []string
	for _, name := range names {
		files = append(files, file(name))
	}
	return files
}

// property reads one line of the block.
func property(c *caddy.Controller, config *config, file func(string) string) error {
	name := c.Val()
	arguments := c.RemainingArgs()
	exactly := func(count int) error {
		if len(arguments) != count {
			return c.ArgErr()
		}
		return nil
	}
	switch name {
	case "zone":
		if len(arguments) == 0 {
			return c.ArgErr()
		}
		config.zoneFiles = append(config.zoneFiles, files(arguments, file))
	case "zone_feed":
		feed, err := zoneFeedOf(c, arguments, file)
		if err != nil {
			return err
		}
		if config.zoneFeeds == nil {
			config.zoneFeeds = make(map[string]zoneFeed)
		}
		config.zoneFeeds[feed.file] = feed
		config.zoneFiles = append(config.zoneFiles, []string{feed.file})
	case "module", "latency", "explain", "vpc_region":
		if err := exactly(1); err != nil {
			return err
		}
		switch name {
		case "module":
			config.module = file(arguments[0])
		case "latency":
			config.latency = file(arguments[0])
		case "explain":
			config.explain = arguments[0]
		case "vpc_region":
			config.vpcRegion = arguments[0]
		}
	case "health":
		return healthSource(c, config, arguments, file)
	case "max_age":
		return maxAge(c, config, arguments)
	case "geo":
		switch {
		case len(arguments) == 1 && arguments[0] == "metadata":
			config.geoMetadata = true
		case len(arguments) == 2 && arguments[0] == "mmdb":
			config.geoFile = file(arguments[1])
		default:
			return c.Err("geo is `geo metadata` or `geo mmdb FILE`")
		}
	case "reload":
		if err := exactly(1); err != nil {
			return err
		}
		interval, err := time.ParseDuration(arguments[0])
		if err != nil || interval < 0 {
			return c.Errf("reload: %q is not a duration such as 5s; 0s turns it off", arguments[0])
		}
		config.reload = interval
	case "instances":
		if err := exactly(1); err != nil {
			return err
		}
		count, err := strconv.Atoi(arguments[0])
		if err != nil || count < 1 || count > 1024 {
			return c.Errf("instances: %q is not a number from 1 to 1024", arguments[0])
		}
		config.instances = count
	case "sticky":
		if err := exactly(0); err != nil {
			return err
		}
		config.sticky = true
	case "never_darker":
		if len(arguments) > 1 {
			return c.ArgErr()
		}
		config.neverDarker = true
		if len(arguments) == 1 {
			config.release = file(arguments[0])
		}
	case "fail_closed":
		return failClosed(c, config, arguments)
	case "fallthrough":
		config.fall.SetZonesFromArgs(arguments)
	default:
		return c.Errf("unknown property '%s'", name)
	}
	return nil
}

func healthSource(c *caddy.Controller, config *config, arguments []string, file func(string) string) error {
	if len(arguments) < 2 {
		return c.Err("health is `health file FILE` or `health feed URL...`")
	}
	switch arguments[0] {
	case "file":
		if len(arguments) != 2 {
			return c.ArgErr()
		}
		if config.healthFile != "" {
			return c.Err("health file is given twice; there is one report")
		}
		config.healthFile = file(arguments[1])
	case "feed":
		for _, argument := range arguments[1:] {
			address, err := url.Parse(argument)
			if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
				return c.Errf("health feed: %q is not an address such as http://127.0.0.1:8053", argument)
			}
			if slices.Contains(config.feeds, argument) {
				return c.Errf("health feed: %q is given twice", argument)
			}
			config.feeds = append(config.feeds, argument)
		}
	default:
		return c.Errf("health: %q is neither file nor feed", arguments[0])
	}
	return nil
}

// failClosed reads `fail_closed servfail|nodata [NAME...]`.
func failClosed(c *caddy.Controller, config *config, arguments []string) error {
	if len(arguments) == 0 {
		return c.Err("fail_closed is `fail_closed servfail [NAME...]` or `fail_closed nodata [NAME...]`")
	}
	rule := failRule{}
	switch arguments[0] {
	case "servfail":
		rule.mode = failServfail
	case "nodata":
		rule.mode = failNoData
	default:
		return c.Errf("fail_closed: %q is neither servfail nor nodata", arguments[0])
	}
	names := arguments[1:]
	if len(names) == 0 {
		config.failClosed = append(config.failClosed, rule)
	}
	for _, name := range names {
		if _, isName := dns.IsDomainName(name); !isName {
			return c.Errf("fail_closed: %q is not a domain name", name)
		}
		rule.name = strings.ToLower(dns.Fqdn(name))
		config.failClosed = append(config.failClosed, rule)
	}
	return nil
}

func maxAge(c *caddy.Controller, config *config, arguments []string) error {
	if len(arguments) < 1 || len(arguments) > 2 {
		return c.ArgErr()
	}
	age, err := time.ParseDuration(arguments[0])
	if err != nil || age <= 0 {
		return c.Errf("max_age: %q is not a duration such as 60s", arguments[0])
	}
	config.maxAge = age
	if len(arguments) == 2 {
		switch arguments[1] {
		case "keep":
			config.whenOld = keep
		case "no-data":
			config.whenOld = noData
		case "not-ready":
			config.whenOld = notReady
		default:
			return c.Errf("max_age: %q is none of keep, no-data and not-ready", arguments[1])
		}
	}
	return nil
}
