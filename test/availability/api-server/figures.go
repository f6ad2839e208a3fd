package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// figures are what happened to the reviews.
type figures struct {
	mutex       sync.Mutex
	times       []time.Duration
	failures    map[string]int
	examples    map[string]string
	warned      int
	retries     int
	connections int64
	duration    time.Duration
}

// summary is what is printed.
type summary struct {
	Posts       int                `json:"posts"`
	Failed      int                `json:"failed"`
	Failures    map[string]int     `json:"failures"`
	Examples    map[string]string  `json:"examples"` // of each kind the first
	Warned      int                `json:"warned"`
	Retries     int                `json:"retries"`
	Connections int64              `json:"connections"`
	Seconds     float64            `json:"seconds"`
	Ms          map[string]float64 `json:"milliseconds"`
}

func (f *figures) asked(took time.Duration, warned bool, err error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.times = append(f.times, took)
	if warned {
		f.warned++
	}
	if err == nil {
		return
	}
	if f.failures == nil {
		f.failures, f.examples = map[string]int{}, map[string]string{}
	}
	kind := kindOf(err)
	f.failures[kind]++
	if f.failures[kind] == 1 {
		f.examples[kind] = time.Now().UTC().Format("15:04:05.000 ") + err.Error()
	}
}

func (f *figures) retried() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.retries++
}

func (f *figures) opened(connections int64) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.connections += connections
}

func (f *figures) lasted(duration time.Duration) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.duration = max(f.duration, duration)
}

func (f *figures) summary() summary {
	slices.Sort(f.times)
	at := func(share float64) float64 {
		if len(f.times) == 0 {
			return 0
		}
		return float64(f.times[int(share*float64(len(f.times)-1))].Microseconds()) / 1000
	}
	failed := 0
	for _, count := range f.failures {
		failed += count
	}
	return summary{
		Posts: len(f.times), Failed: failed, Failures: orEmpty(f.failures), Examples: f.examples,
		Warned: f.warned, Retries: f.retries, Connections: f.connections, Seconds: f.duration.Seconds(),
		Ms: map[string]float64{"p50": at(0.5), "p99": at(0.99), "longest": at(1)},
	}
}

func orEmpty(failures map[string]int) map[string]int {
	if failures == nil {
		return map[string]int{}
	}
	return failures
}

func kindOf(err error) string {
	var untrusted *tls.CertificateVerificationError
	var status statusError
	switch {
	case errors.As(err, &untrusted):
		return "untrusted"
	case errors.As(err, &status):
		return status.Error()
	case errors.Is(err, errNotAReview):
		return "no review"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset"
	// net/http has no value for the last: the other end closed the connection as it was taken from the idle ones.
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "server closed idle connection"):
		return "EOF"
	// Nor for a handshake that takes more than ten seconds.
	case errors.Is(err, context.DeadlineExceeded), strings.Contains(err.Error(), "TLS handshake timeout"):
		return "timeout"
	}
	return "other"
}
