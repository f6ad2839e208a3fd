package main

import (
	"math/rand/v2"
	"sync"
	"time"
)

// mostInFlight is as many as the connections that are kept: a machine that cannot keep up is asked less, and not over more and more
// new connections.
const mostInFlight = 25

// load asks at a rate until the end, or as fast as it is answered where that is slower.
func (s *apiServer) load(rate float64, end <-chan struct{}, figures *figures) {
	places := make(chan struct{}, mostInFlight)
	var asked sync.WaitGroup
	start := time.Now()
	for count := 0; ; count++ {
		at := start.Add(time.Duration(float64(count) / rate * float64(time.Second)))
		select {
		case <-end:
			asked.Wait()
			figures.opened(s.connections.Load())
			figures.lasted(time.Since(start))
			return
		case <-time.After(time.Until(at)):
		}
		places <- struct{}{}
		asked.Go(func() {
			transport := s.currentTransport()
			if rand.Float64() < s.fresh {
				transport.CloseIdleConnections()
			}
			s.ask(transport, figures)
			<-places
		})
	}
}

// gaps are reviews on connections that were idle for a while: one gap after the other on each of several connections.
type gaps struct {
	count, connections int
	shortest, longest  time.Duration
}

// run spreads gaps evenly from the shortest to the longest. A long one follows a short one, so all connections end together.
func (g gaps) run(s *apiServer, figures *figures) {
	pairs := (g.count + 1) / 2
	own := make([][]time.Duration, min(g.connections, pairs))
	for at := range pairs {
		connection := at % len(own)
		own[connection] = append(own[connection], g.gap(at))
		if other := g.count - 1 - at; other > at {
			own[connection] = append(own[connection], g.gap(other))
		}
	}
	start := time.Now()
	var all sync.WaitGroup
	for at, gaps := range own {
		all.Go(func() {
			// Over some seconds: the webhook is not to have a thousand handshakes at once.
			time.Sleep(time.Duration(at) * 20 * time.Millisecond)
			transport := s.newTransport(s.bundle)
			s.ask(transport, figures)
			for _, gap := range gaps {
				time.Sleep(gap)
				s.ask(transport, figures)
			}
			transport.CloseIdleConnections()
		})
	}
	all.Wait()
	figures.opened(s.connections.Load())
	figures.lasted(time.Since(start))
}

// gap is one of count gaps, in the order of their lengths.
func (g gaps) gap(at int) time.Duration {
	share := float64(at) / float64(max(1, g.count-1))
	return g.shortest + time.Duration(share*float64(g.longest-g.shortest))
}
