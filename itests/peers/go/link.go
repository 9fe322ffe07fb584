package main

import (
	"slices"
	"sync"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
)

// Who was heard of on the host's links, by mDNS.
type link struct {
	mutex sync.Mutex
	heard []string
}

func listenOnLink(h host.Host) (*link, error) {
	l := &link{heard: []string{}}
	return l, mdns.NewMdnsService(h, mdns.ServiceName, l).Start()
}

func (l *link) HandlePeerFound(info peer.AddrInfo) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.heard = append(l.heard, info.ID.String())
}

func (l *link) peers() []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return slices.Clone(l.heard)
}
