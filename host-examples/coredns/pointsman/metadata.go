package pointsman

import (
	"context"
	"strconv"

	"github.com/coredns/coredns/plugin/metadata"
	"github.com/coredns/coredns/request"
)

// decision is what decided a query's answer, for other plugins.
type decision struct {
	zone, policy, setIdentifier string
	failOpen                    bool
}

type decisionKey struct{}

// Metadata implements metadata.Provider. The labels have values once the query has been answered, as the plugin log needs
// them; until then, and for names of no zone here, they are empty.
func (p *Pointsman) Metadata(ctx context.Context, _ request.Request) context.Context {
	d := new(decision)
	ctx = context.WithValue(ctx, decisionKey{}, d)
	for label, value := range map[string]metadata.Func{
		"zone":           func() string { return d.zone },
		"policy":         func() string { return d.policy },
		"set-identifier": func() string { return d.setIdentifier },
		"fail-open": func() string {
			if d.zone == "" {
				return ""
			}
			return strconv.FormatBool(d.failOpen)
		},
	} {
		metadata.SetValueFunc(ctx, pluginName+"/"+label, value)
	}
	return ctx
}
