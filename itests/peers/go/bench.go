package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

func since(start time.Time) map[string]any {
	return map[string]any{"seconds": time.Since(start).Seconds()}
}

// Round trips on one stream, one after the other.
func roundTrips(h host.Host, r request) (any, error) {
	s, err := open(h, r, echo)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	bytes := make([]byte, r.Size)
	start := time.Now()
	for range r.Count {
		if _, err := s.Write(bytes); err != nil {
			return nil, err
		}
		if _, err := io.ReadFull(s, bytes); err != nil {
			return nil, err
		}
	}
	return since(start), nil
}

// A new stream for each request.
func streams(h host.Host, r request) (any, error) {
	text := string(make([]byte, r.Size))
	start := time.Now()
	for range r.Count {
		s, err := open(h, r, echo)
		if err != nil {
			return nil, err
		}
		if _, err := exchange(s, text); err != nil {
			return nil, err
		}
	}
	return since(start), nil
}

// Connects and disconnects.
func connects(h host.Host, r request) (any, error) {
	info, err := peer.AddrInfoFromString(r.Address)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	for range r.Count {
		if err := h.Connect(context.Background(), *info); err != nil {
			return nil, err
		}
		if err := h.Network().ClosePeer(info.ID); err != nil {
			return nil, err
		}
	}
	return since(start), nil
}

// Answers each message on one topic with the same on another.
func (g *gossip) echo(from string, to string) error {
	answers, err := g.topic(to)
	if err != nil {
		return err
	}
	return g.follow(from, func(data []byte) { answers.Publish(context.Background(), data) })
}

// Publishes on one topic and counts the echoes on another, with so many on their way at most.
func (g *gossip) run(r request) (any, error) {
	asks, err := g.topic(r.From)
	if err != nil {
		return nil, err
	}
	answers, err := g.topic(r.To)
	if err != nil {
		return nil, err
	}
	subscription, err := answers.Subscribe()
	if err != nil {
		return nil, err
	}
	defer subscription.Cancel()
	window := make(chan struct{}, r.Window)
	begins := make([]time.Time, r.Count)
	published := make(chan error, 1)
	start := time.Now()
	go func() {
		for i := range r.Count {
			window <- struct{}{}
			bytes := make([]byte, r.Size)
			binary.BigEndian.PutUint32(bytes, uint32(i))
			begins[i] = time.Now()
			if err := asks.Publish(context.Background(), bytes); err != nil {
				published <- err
				return
			}
		}
		published <- nil
	}()
	limit, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	millis := make([]float64, 0, r.Count)
	for range r.Count {
		message, err := subscription.Next(limit)
		if err != nil {
			return nil, errors.Join(errors.New("only "+strconv.Itoa(len(millis))+" echoes came"), err)
		}
		i := binary.BigEndian.Uint32(message.Data)
		millis = append(millis, float64(time.Since(begins[i]))/float64(time.Millisecond))
		<-window
	}
	return map[string]any{"seconds": time.Since(start).Seconds(), "millis": millis}, <-published
}

// CPU seconds and resident bytes of this process.
func usage() (any, error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return nil, err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Split(string(status), "\n") {
		if kilobytes, found := strings.CutPrefix(line, "VmRSS:"); found {
			rss, err := strconv.Atoi(strings.Fields(kilobytes)[0])
			cpu := float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
			return map[string]any{"cpu": cpu, "rss": rss * 1024}, err
		}
	}
	return nil, errors.New("/proc/self/status has no VmRSS")
}
