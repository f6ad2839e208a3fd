package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// apiServer is one API server with its own view of the bundle, and the kube-proxy beside it with its own view of the endpoints.
type apiServer struct {
	*settings
	bundleLag time.Duration
	bundles   chan due[string]
	routes    chan due[[]string]

	mutex     sync.Mutex
	bundle    string
	transport *http.Transport
	endpoints []string

	connections atomic.Int64
}

// due is a change that is seen at an instant, and not before an earlier one.
type due[T any] struct {
	value T
	at    time.Time
}

// lag is the shortest and the longest time until a change is seen.
type lag struct{ least, most time.Duration }

func (l *lag) String() string { return fmt.Sprintf("%v-%v", l.least, l.most) }

func (l *lag) Set(text string) error {
	least, most, found := strings.Cut(text, "-")
	if !found {
		return errors.New("two durations, such as 2s-5s")
	}
	var err, other error
	l.least, err = time.ParseDuration(least)
	l.most, other = time.ParseDuration(most)
	return errors.Join(err, other)
}

func (l lag) random() time.Duration {
	return l.least + time.Duration(rand.Float64()*float64(l.most-l.least))
}

func newAPIServer(common *settings, bundleLag time.Duration) *apiServer {
	// Deep enough for the changes of the longest lag.
	s := &apiServer{settings: common, bundleLag: bundleLag}
	s.bundles, s.routes = make(chan due[string], 1000), make(chan due[[]string], 1000)
	go follow(s.bundles, s.trust)
	go follow(s.routes, s.route)
	return s
}

func follow[T any](changes <-chan due[T], apply func(T)) {
	for change := range changes {
		time.Sleep(time.Until(change.at))
		apply(change.value)
	}
}

// learn has the API server see a change: the first of its kind at once, each other one late.
func (s *apiServer) learn(change change) {
	s.mutex.Lock()
	knowsBundle, knowsEndpoints := s.transport != nil, s.endpoints != nil
	s.mutex.Unlock()
	if change.Bundle != "" && knowsBundle {
		s.bundles <- due[string]{change.Bundle, time.Now().Add(s.bundleLag)}
	} else if change.Bundle != "" {
		s.trust(change.Bundle)
	}
	if change.Endpoints != nil && knowsEndpoints {
		s.routes <- due[[]string]{change.Endpoints, time.Now().Add(s.endpointLag.random())}
	} else if change.Endpoints != nil {
		s.route(change.Endpoints)
	}
}

// trust has a bundle from now on. It is part of the key under which the API server keeps clients, so there are new connections; those
// of the client before are used no more, and end by being idle.
func (s *apiServer) trust(bundle string) {
	transport := s.newTransport(bundle)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.bundle, s.transport = bundle, transport
}

func (s *apiServer) route(endpoints []string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.endpoints = endpoints
}

// newTransport has the settings of k8s.io/apiserver/pkg/util/webhook (HTTP/1.1 only) and k8s.io/client-go/transport.
func (s *apiServer) newTransport(bundle string) *http.Transport {
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM([]byte(bundle))
	return &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: authorities, ServerName: s.service, NextProtos: []string{"http/1.1"}},
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: 25,
		IdleConnTimeout:     90 * time.Second,
		DialContext:         s.dial,
	}
}

// dial connects as through kube-proxy, which chooses for each connection and leaves those that are open where they are.
func (s *apiServer) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	s.mutex.Lock()
	endpoints := s.endpoints
	s.mutex.Unlock()
	if len(endpoints) == 0 {
		return nil, errors.New("the service has no endpoints")
	}
	s.connections.Add(1)
	dialer := net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	connection, err := dialer.DialContext(ctx, "tcp", endpoints[rand.IntN(len(endpoints))])
	if err != nil || s.latency == 0 {
		return connection, err
	}
	return delay(connection, s.latency), nil
}

func (s *apiServer) currentTransport() *http.Transport {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.transport
}
