// Command api-server asks a webhook as the API servers of a cluster do, and counts what fails. What the cluster has, the bundle of
// the webhook configuration and the endpoints of the service, comes on the standard input, one JSON object a line; each API server
// learns of a change late. The figures go to the standard output, as JSON, when the input ends.
//
//	api-server -review FILE [-servers 0s,5s] [-rate 300] [-endpoint-lag 2s-5s]   reviews at a rate, from {"start":true} to the end
//	api-server -review FILE -gaps 5000 [-shortest 500ms] [-longest 95s]          reviews over idle connections, to the last gap
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// settings are what all API servers have in common.
type settings struct {
	service     string        // the name that the certificate must have
	path        string        // of the webhook, with the timeout as the API server appends it
	review      string        // the body, with UID in place of the uid
	timeout     time.Duration // of a review, retries included
	latency     time.Duration // of the network, each way
	endpointLag lag
	fresh       float64 // the share of reviews before which idle connections are closed
}

// change is one line of the input.
type change struct {
	Bundle    string   `json:"bundle"`
	Endpoints []string `json:"endpoints"`
	Start     bool     `json:"start"`
}

func main() {
	var common settings
	flag.StringVar(&common.service, "service", "patchline.patchline-system.svc", "server name")
	flag.StringVar(&common.path, "path", "/validate", "path of the webhook")
	flag.DurationVar(&common.timeout, "timeout", 3*time.Second, "of one review")
	flag.DurationVar(&common.latency, "latency", 0, "each way")
	flag.Float64Var(&common.fresh, "fresh", 0, "share of reviews before which idle connections are closed")
	flag.Var(&common.endpointLag, "endpoint-lag", "how late API servers learn of endpoints: 2s-5s")
	reviewFile := flag.String("review", "", "body of a review, with UID in place of the uid")
	lags := flag.String("servers", "0s", "how late each API server learns of a bundle: 0s,5s")
	rate := flag.Float64("rate", 300, "reviews a second, of all API servers together")
	var idle gaps
	flag.IntVar(&idle.count, "gaps", 0, "reviews over idle gaps, in place of a rate")
	flag.IntVar(&idle.connections, "connections", 250, "that have gaps at the same time")
	flag.DurationVar(&idle.shortest, "shortest", 500*time.Millisecond, "gap")
	flag.DurationVar(&idle.longest, "longest", 95*time.Second, "gap")
	flag.Parse()

	review, err := os.ReadFile(*reviewFile)
	if err != nil {
		fail(err)
	}
	common.review = string(review)
	var servers []*apiServer
	for text := range strings.SplitSeq(*lags, ",") {
		bundleLag, err := time.ParseDuration(text)
		if err != nil {
			fail(err)
		}
		servers = append(servers, newAPIServer(&common, bundleLag))
	}

	var figures figures
	end := make(chan struct{})
	run := func() {
		if idle.count > 0 {
			idle.run(servers[0], &figures)
			return
		}
		var all sync.WaitGroup
		for _, server := range servers {
			all.Go(func() { server.load(*rate/float64(len(servers)), end, &figures) })
		}
		all.Wait()
	}
	done := make(chan struct{})
	for changes := bufio.NewScanner(os.Stdin); changes.Scan(); {
		var change change
		if err := json.Unmarshal(changes.Bytes(), &change); err != nil {
			fail(err)
		}
		for _, server := range servers {
			server.learn(change)
		}
		if change.Start {
			go func() { run(); close(done) }()
		}
	}
	close(end)
	<-done
	if err := json.NewEncoder(os.Stdout).Encode(figures.summary()); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "api-server:", err)
	os.Exit(1)
}
