package main

import (
	"context"
	"encoding/base64"
	"sync"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

// The topics that this peer follows, and what came on them.
type gossip struct {
	service *pubsub.PubSub
	mesh    *mesh
	mutex   sync.Mutex
	topics  map[string]*pubsub.Topic
	inbox   map[string][]string
}

func newGossip(h host.Host) (*gossip, error) {
	m := &mesh{topics: map[string]map[peer.ID]bool{}}
	service, err := pubsub.NewGossipSub(context.Background(), h, pubsub.WithPeerExchange(true), pubsub.WithRawTracer(m))
	return &gossip{service: service, mesh: m, topics: map[string]*pubsub.Topic{}, inbox: map[string][]string{}}, err
}

// Joined once, however often it is asked for.
func (g *gossip) topic(name string) (*pubsub.Topic, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if topic, joined := g.topics[name]; joined {
		return topic, nil
	}
	topic, err := g.service.Join(name)
	if err == nil {
		g.topics[name] = topic
	}
	return topic, err
}

func (g *gossip) subscribe(name string) error {
	g.mutex.Lock()
	g.inbox[name] = []string{}
	g.mutex.Unlock()
	return g.follow(name, func(data []byte) {
		g.mutex.Lock()
		defer g.mutex.Unlock()
		g.inbox[name] = append(g.inbox[name], base64.StdEncoding.EncodeToString(data))
	})
}

// Gives each message on a topic to take, one after the other.
func (g *gossip) follow(name string, take func(data []byte)) error {
	topic, err := g.topic(name)
	if err != nil {
		return err
	}
	subscription, err := topic.Subscribe()
	if err != nil {
		return err
	}
	go func() {
		for {
			message, err := subscription.Next(context.Background())
			if err != nil {
				return
			}
			take(message.Data)
		}
	}()
	return nil
}

func (g *gossip) publish(name string, data string) error {
	bytes, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return err
	}
	g.mutex.Lock()
	topic := g.topics[name]
	g.mutex.Unlock()
	return topic.Publish(context.Background(), bytes)
}

func (g *gossip) messages(name string) []string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return append([]string{}, g.inbox[name]...)
}
