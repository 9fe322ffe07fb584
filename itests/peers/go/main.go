// A go-libp2p peer that is told what to do, one JSON object a line; see ../README.md.
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	tls "github.com/libp2p/go-libp2p/p2p/security/tls"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

const (
	echo = protocol.ID("/echo/1.0.0")
	perf = protocol.ID("/perf/1.0.0")
)

type request struct {
	ID       int    `json:"id"`
	Do       string `json:"do"`
	Address  string `json:"address"`
	Peer     string `json:"peer"`
	Protocol string `json:"protocol"`
	Text     string `json:"text"`
	Count    int    `json:"count"`
	Up       int64  `json:"up"`
	Down     int64  `json:"down"`
	Topic    string `json:"topic"`
	Data     string `json:"data"`
	Size     int    `json:"size"`
	From     string `json:"from"`
	To       string `json:"to"`
	Window   int    `json:"window"`
}

func answerEcho(s network.Stream) {
	defer s.Close()
	io.Copy(s, s)
}

func answerPerf(s network.Stream) {
	defer s.Close()
	var wanted uint64
	if binary.Read(s, binary.BigEndian, &wanted) == nil {
		io.Copy(io.Discard, s)
		send(s, int64(wanted))
	}
}

func send(s network.Stream, count int64) error {
	buffer := make([]byte, 64*1024)
	for left := count; left > 0; left -= min(left, int64(len(buffer))) {
		if _, err := s.Write(buffer[:min(left, int64(len(buffer)))]); err != nil {
			return err
		}
	}
	return s.CloseWrite()
}

func open(h host.Host, r request, p protocol.ID) (network.Stream, error) {
	id, err := peer.Decode(r.Peer)
	if err != nil {
		return nil, err
	}
	if r.Protocol != "" {
		p = protocol.ID(r.Protocol)
	}
	return h.NewStream(context.Background(), id, p)
}

func exchange(s network.Stream, text string) (string, error) {
	defer s.Close()
	if _, err := s.Write([]byte(text)); err != nil {
		return "", err
	}
	if err := s.CloseWrite(); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(s)
	return string(answer), err
}

func act(h host.Host, g *gossip, l *link, r request) (any, error) {
	switch r.Do {
	case "connect":
		info, err := peer.AddrInfoFromString(r.Address)
		if err != nil {
			return nil, err
		}
		return info.ID.String(), h.Connect(context.Background(), *info)
	case "disconnect":
		id, err := peer.Decode(r.Peer)
		if err != nil {
			return nil, err
		}
		return nil, h.Network().ClosePeer(id)
	case "ping":
		id, err := peer.Decode(r.Peer)
		if err != nil {
			return nil, err
		}
		result := <-ping.Ping(context.Background(), h, id)
		return float64(result.RTT) / float64(time.Millisecond), result.Error
	case "connections":
		list := []map[string]string{}
		for _, c := range h.Network().Conns() {
			list = append(list, map[string]string{
				"peer":     c.RemotePeer().String(),
				"security": string(c.ConnState().Security),
				"muxer":    string(c.ConnState().StreamMultiplexer),
			})
		}
		return list, nil
	case "discovered":
		return l.peers(), nil
	case "known":
		id, err := peer.Decode(r.Peer)
		if err != nil {
			return nil, err
		}
		protocols, _ := h.Peerstore().GetProtocols(id)
		agent, _ := h.Peerstore().Get(id, "AgentVersion")
		certified, _ := peerstore.GetCertifiedAddrBook(h.Peerstore())
		return map[string]any{
			"protocols": protocols,
			"addresses": h.Peerstore().Addrs(id),
			"agent":     agent,
			"record":    certified != nil && certified.GetPeerRecord(id) != nil,
		}, nil
	case "subscribe":
		return nil, g.subscribe(r.Topic)
	case "publish":
		return nil, g.publish(r.Topic, r.Data)
	case "messages":
		return g.messages(r.Topic), nil
	case "mesh":
		return g.mesh.peers(r.Topic), nil
	case "handle":
		h.SetStreamHandler(protocol.ID(r.Protocol), answerEcho)
		return nil, nil
	case "unhandle":
		h.RemoveStreamHandler(protocol.ID(r.Protocol))
		return nil, nil
	case "echo":
		s, err := open(h, r, echo)
		if err != nil {
			return nil, err
		}
		return exchange(s, r.Text)
	case "many":
		done := make(chan error, r.Count)
		for i := range r.Count {
			go func() {
				s, err := open(h, r, echo)
				if err == nil {
					text := fmt.Sprint(r.Text, i)
					var answer string
					if answer, err = exchange(s, text); err == nil && answer != text {
						err = errors.New("another stream's answer: " + answer)
					}
				}
				done <- err
			}()
		}
		for range r.Count {
			if err := <-done; err != nil {
				return nil, err
			}
		}
		return true, nil
	case "perf":
		s, err := open(h, r, perf)
		if err != nil {
			return nil, err
		}
		start := time.Now()
		if err := binary.Write(s, binary.BigEndian, uint64(r.Down)); err != nil {
			return nil, err
		}
		if err := send(s, r.Up); err != nil {
			return nil, err
		}
		came, err := io.Copy(io.Discard, s)
		return map[string]any{"seconds": time.Since(start).Seconds(), "came": came}, err
	case "roundtrips":
		return roundTrips(h, r)
	case "streams":
		return streams(h, r)
	case "connects":
		return connects(h, r)
	case "echoTopic":
		return nil, g.echo(r.From, r.To)
	case "gossip":
		return g.run(r)
	case "usage":
		return usage()
	}
	return nil, errors.New("no such verb: " + r.Do)
}

func main() {
	security := libp2p.Security(noise.ID, noise.New)
	if len(os.Args) > 1 && os.Args[1] == "tls" {
		security = libp2p.Security(tls.ID, tls.New)
	}
	// Keys other than Ed25519 show that they are understood.
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if len(os.Args) > 2 {
		switch os.Args[2] {
		case "ecdsa":
			key, _, err = crypto.GenerateECDSAKeyPair(rand.Reader)
		case "secp256k1":
			key, _, err = crypto.GenerateSecp256k1Key(rand.Reader)
		case "rsa":
			key, _, err = crypto.GenerateRSAKeyPair(2048, rand.Reader)
		}
	}
	if err != nil {
		panic(err)
	}
	address := "/ip4/127.0.0.1/tcp/0"
	onLink := len(os.Args) > 3 && os.Args[3] == "mdns"
	if onLink {
		address = "/ip4/0.0.0.0/tcp/0"
	}
	h, err := libp2p.New(
		libp2p.Identity(key),
		libp2p.ListenAddrStrings(address),
		// From a port of its own each time: a thousand connections one after the other from the port that it listens on
		// mix up their bytes.
		libp2p.Transport(tcp.NewTCPTransport, tcp.DisableReuseport()),
		security,
		libp2p.DisableRelay(),
		libp2p.ResourceManager(&network.NullResourceManager{}))
	if err != nil {
		panic(err)
	}
	h.SetStreamHandler(echo, answerEcho)
	h.SetStreamHandler(perf, answerPerf)
	g, err := newGossip(h)
	if err != nil {
		panic(err)
	}
	l := &link{}
	if onLink {
		if l, err = listenOnLink(h); err != nil {
			panic(err)
		}
	}
	out := make(chan any)
	go func() {
		lines := json.NewEncoder(os.Stdout)
		for line := range out {
			lines.Encode(line)
		}
	}()
	addresses := []string{}
	for _, a := range h.Addrs() {
		addresses = append(addresses, fmt.Sprintf("%s/p2p/%s", a, h.ID()))
	}
	out <- map[string]any{"peer": h.ID().String(), "addresses": addresses}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var r request
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			panic(err)
		}
		go func() {
			result, err := act(h, g, l, r)
			if err != nil {
				out <- map[string]any{"id": r.ID, "error": err.Error()}
			} else {
				if result == nil {
					result = map[string]any{}
				}
				out <- map[string]any{"id": r.ID, "result": result}
			}
		}()
	}
}
