package main

import (
	"net"
	"sync"
	"time"
)

// delayed is a connection whose bytes, and whose end, arrive late in both directions: what one end has closed, the other still writes
// to, as between two machines.
type delayed struct {
	net.Conn
	latency time.Duration
	out, in chan parcel
	rest    []byte
	closed  chan struct{}
	close   sync.Once
}

// parcel is bytes, or the error after the last of them, at the instant at which they arrive.
type parcel struct {
	bytes []byte
	err   error
	at    time.Time
}

// mostUnderWay is far more than a review and its response are cut into.
const mostUnderWay = 64

func delay(connection net.Conn, latency time.Duration) net.Conn {
	d := &delayed{
		Conn: connection, latency: latency,
		out: make(chan parcel, mostUnderWay), in: make(chan parcel, mostUnderWay), closed: make(chan struct{}),
	}
	go d.send()
	go d.receive()
	return d
}

func (d *delayed) Write(bytes []byte) (int, error) {
	select {
	case d.out <- parcel{bytes: append([]byte(nil), bytes...), at: time.Now().Add(d.latency)}:
		return len(bytes), nil
	case <-d.closed:
		return 0, net.ErrClosed
	}
}

// Read is called by one goroutine at a time, as net/http and crypto/tls do.
func (d *delayed) Read(into []byte) (int, error) {
	if len(d.rest) == 0 {
		select {
		case next := <-d.in:
			time.Sleep(time.Until(next.at))
			if next.err != nil {
				return 0, next.err
			}
			d.rest = next.bytes
		case <-d.closed:
			return 0, net.ErrClosed
		}
	}
	count := copy(into, d.rest)
	d.rest = d.rest[count:]
	return count, nil
}

// Close ends reading at once; what was written before still arrives, and then the end.
func (d *delayed) Close() error {
	d.close.Do(func() { close(d.closed) })
	return nil
}

// Deadlines are those of net/http's own timers: crypto/tls sets one for its last alert alone.
func (d *delayed) SetDeadline(time.Time) error      { return nil }
func (d *delayed) SetReadDeadline(time.Time) error  { return nil }
func (d *delayed) SetWriteDeadline(time.Time) error { return nil }

func (d *delayed) send() {
	defer d.Conn.Close()
	for {
		select {
		case next := <-d.out:
			if !d.deliver(next) {
				return
			}
		case <-d.closed:
			for {
				select {
				case next := <-d.out:
					if !d.deliver(next) {
						return
					}
				default:
					time.Sleep(d.latency)
					return
				}
			}
		}
	}
}

// deliver is false where the other end takes nothing more: reading says so too, later.
func (d *delayed) deliver(next parcel) bool {
	time.Sleep(time.Until(next.at))
	_, err := d.Conn.Write(next.bytes)
	return err == nil
}

func (d *delayed) receive() {
	for {
		bytes := make([]byte, 32<<10)
		count, err := d.Conn.Read(bytes)
		at := time.Now().Add(d.latency)
		for _, next := range []parcel{{bytes: bytes[:count], at: at}, {err: err, at: at}} {
			if len(next.bytes) == 0 && next.err == nil {
				continue
			}
			select {
			case d.in <- next:
			case <-d.closed:
				return
			}
		}
		if err != nil {
			return
		}
	}
}
