package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// mostRetries is how often client-go asks again after a Retry-After, within the timeout.
const mostRetries = 10

var uids atomic.Int64

// ask sends one review. What fails here is "failed calling webhook" to the API server.
func (s *apiServer) ask(transport http.RoundTripper, figures *figures) {
	start := time.Now()
	uid := fmt.Sprintf("00000000-0000-4000-8000-%012d", uids.Add(1))
	body := []byte(strings.Replace(s.review, "UID", uid, 1))
	ctx, cancel := context.WithTimeout(context.Background(), s.timeout)
	defer cancel()
	for retries := 0; ; retries++ {
		warned, wait, err := s.once(ctx, transport, uid, body)
		if wait > 0 && retries < mostRetries {
			figures.retried()
			select {
			case <-time.After(wait):
				continue
			case <-ctx.Done():
			}
		}
		figures.asked(time.Since(start), warned, err)
		return
	}
}

// once returns how long to wait before the review may be sent again; 0 where it is not. There is no other retry: what net/http sends
// again by itself is what it sends again for an API server, whose bodies can be read again too.
func (s *apiServer) once(ctx context.Context, transport http.RoundTripper, uid string, body []byte) (warned bool, wait time.Duration, err error) {
	url := fmt.Sprintf("https://%s:443%s?timeout=%ds", s.service, s.path, int(s.timeout.Seconds()))
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return false, 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, */*")
	response, err := transport.RoundTrip(request)
	if err != nil {
		return false, 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 3<<20))
	if err != nil {
		return false, 0, err
	}
	if status := response.StatusCode; status == http.StatusTooManyRequests || status >= 500 {
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return false, time.Duration(seconds) * time.Second, statusError(status)
	} else if status != http.StatusOK {
		return false, 0, statusError(status)
	}
	warned, err = read(text, uid)
	return warned, 0, err
}

type statusError int

func (e statusError) Error() string { return fmt.Sprintf("status %d", int(e)) }

var errNotAReview = errors.New("not the response to this review")

// read checks the parts that k8s.io/apiserver/pkg/admission/plugin/webhook/request checks.
func read(text []byte, uid string) (warned bool, err error) {
	var review struct {
		APIVersion, Kind string
		Response         *struct {
			UID      string
			Allowed  *bool
			Warnings []string
		}
	}
	if err := json.Unmarshal(text, &review); err != nil {
		return false, errors.Join(errNotAReview, err)
	}
	response := review.Response
	if review.APIVersion != "admission.k8s.io/v1" || review.Kind != "AdmissionReview" ||
		response == nil || response.UID != uid || response.Allowed == nil {
		return false, errNotAReview
	}
	return len(response.Warnings) > 0, nil
}
