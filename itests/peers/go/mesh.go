package main

import (
	"sync"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// The peers of each topic's mesh, which the service tells by its tracer only.
type mesh struct {
	mutex  sync.Mutex
	topics map[string]map[peer.ID]bool
}

func (m *mesh) peers(topic string) []peer.ID {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	found := []peer.ID{}
	for id := range m.topics[topic] {
		found = append(found, id)
	}
	return found
}

func (m *mesh) Graft(id peer.ID, topic string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.topics[topic] == nil {
		m.topics[topic] = map[peer.ID]bool{}
	}
	m.topics[topic][id] = true
}

func (m *mesh) Prune(id peer.ID, topic string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	delete(m.topics[topic], id)
}

func (m *mesh) OnClosedOutboundStream(id peer.ID) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, peers := range m.topics {
		delete(peers, id)
	}
}

func (m *mesh) OnNewOutboundStream(peer.ID, protocol.ID) {}
func (m *mesh) Join(string)                              {}
func (m *mesh) Leave(string)                             {}
func (m *mesh) ValidateMessage(*pubsub.Message)          {}
func (m *mesh) DeliverMessage(*pubsub.Message)           {}
func (m *mesh) RejectMessage(*pubsub.Message, string)    {}
func (m *mesh) DuplicateMessage(*pubsub.Message)         {}
func (m *mesh) ThrottlePeer(peer.ID)                     {}
func (m *mesh) RecvRPC(*pubsub.RPC)                      {}
func (m *mesh) SendRPC(*pubsub.RPC, peer.ID)             {}
func (m *mesh) DropRPC(*pubsub.RPC, peer.ID)             {}
func (m *mesh) UndeliverableMessage(*pubsub.Message)     {}
