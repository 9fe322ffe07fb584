package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import network.mycelium.bench.libp2p.PeerProcess;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.protocols.Perf;
import network.mycelium.libp2p.provider.swarm.PeerBook;
import network.mycelium.libp2p.provider.swarm.Settings;
import network.mycelium.libp2p.provider.swarm.Swarm;
import org.json.JSONObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// This libp2p and go-libp2p, in both directions, with each security protocol and each kind of key.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GoInteropIT {
    private static final String ECHO = "/echo/1.0.0";

    private Swarm swarm;

    @BeforeEach
    void start() throws Exception {
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        swarm = new Swarm(new NodeKey(seed), Settings.DEFAULT, new PeerBook()).start();
        swarm.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
        swarm.handle(Perf.PROTOCOL, Perf::answer);
        swarm.handle(ECHO, Streams::echo);
    }

    @AfterEach
    void stop() {
        swarm.close();
    }

    private String me() {
        return swarm.id().toString();
    }

    private String address() {
        return swarm.addresses().getFirst().of(swarm.id()).toString();
    }

    @ParameterizedTest
    @CsvSource({
        "noise, ed25519",
        "tls, ed25519",
        "noise, ecdsa",
        "tls, secp256k1",
        "noise, secp256k1",
        "noise, rsa",
        "tls, rsa"
    })
    void both_dial_ping_and_transfer(String security, String key) throws Exception {
        try (PeerProcess go = ForeignPeers.go(security, key)) {
            PeerId id = PeerId.parse(go.id());
            String protocol = security.equals("tls") ? "/tls/1.0.0" : "/noise";
            swarm.connect(Multiaddr.parse(go.address()));
            assertThat(swarm.connection(id).orElseThrow().security()).isEqualTo(protocol);
            assertThat(swarm.ping(id, Duration.ofSeconds(5))).isPositive();
            try (Stream stream = swarm.open(id, Perf.PROTOCOL)) {
                assertThat(Perf.run(stream, 20 << 20, 10 << 20)).isEqualTo(10 << 20);
            }
            swarm.disconnect(id);
            await().until(() -> go.ask("connections").toString().equals("[]"));
            // Again: what it speaks is known now, and a Noise handshake begins with the proposal.
            swarm.connect(Multiaddr.parse(go.address()));
            assertThat(swarm.connection(id).orElseThrow().security()).isEqualTo(protocol);
            assertThat(swarm.ping(id, Duration.ofSeconds(5))).isPositive();
            swarm.disconnect(id);
            await().until(() -> go.ask("connections").toString().equals("[]"));
            assertThat(go.ask("connect", "address", address())).isEqualTo(me());
            assertThat(go.ask("connections").toString()).contains("/yamux/1.0.0");
            assertThat(go.ask("ping", "peer", me())).isInstanceOf(Number.class);
            assertThat(go.askObject("perf", "peer", me(), "up", 20 << 20, "down", 10 << 20)
                            .getLong("came"))
                    .isEqualTo(10 << 20);
        }
    }

    @Test
    void identify_push_and_signed_records_go_both_ways() throws Exception {
        try (PeerProcess go = ForeignPeers.go("noise", "ed25519")) {
            PeerId id = PeerId.parse(go.id());
            swarm.connect(Multiaddr.parse(go.address()));
            await().until(() -> swarm.peer(id)
                    .filter(p -> p.certified() && p.protocols().contains(ECHO))
                    .isPresent());
            await().until(() -> known(go)
                    .getJSONArray("addresses")
                    .toList()
                    .contains(swarm.addresses().getFirst().toString()));
            AutoCloseable offer = swarm.handle("/comes/1.0.0", Streams::echo);
            await().until(() -> known(go).getJSONArray("protocols").toList().contains("/comes/1.0.0"));
            assertThat(go.ask("echo", "peer", me(), "protocol", "/comes/1.0.0", "text", "hi"))
                    .isEqualTo("hi");
            offer.close();
            await().until(() -> !known(go).getJSONArray("protocols").toList().contains("/comes/1.0.0"));
            go.ask("handle", "protocol", "/theirs/1.0.0");
            await().until(() -> swarm.peer(id).orElseThrow().protocols().contains("/theirs/1.0.0"));
            try (Stream stream = swarm.open(id, "/theirs/1.0.0")) {
                assertThat(Streams.ask(stream, "hello")).isEqualTo("hello");
            }
            assertThat(swarm.connections()).hasSize(1);
        }
    }

    private JSONObject known(PeerProcess go) throws IOException {
        return go.askObject("known", "peer", me());
    }

    @Test
    void a_thousand_streams_at_once_in_both_directions() throws Exception {
        try (PeerProcess go = ForeignPeers.go("noise", "ed25519");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            PeerId id = PeerId.parse(go.id());
            swarm.connect(Multiaddr.parse(go.address()));
            // The one that dialled is done first.
            await().until(() -> go.ask("connections").toString().contains(me()));
            assertThat(go.ask("many", "peer", me(), "count", 1000, "text", "stream "))
                    .isEqualTo(true);
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                String text = "ours " + i;
                answers.add(threads.submit(() -> {
                    try (Stream stream = swarm.open(id, ECHO)) {
                        return Streams.ask(stream, text);
                    }
                }));
            }
            for (int i = 0; i < 1000; i++) {
                assertThat(answers.get(i).get()).isEqualTo("ours " + i);
            }
        }
    }

    @Test
    void a_wrong_peer_id_is_refused_by_both() throws Exception {
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        PeerId other = new NodeKey(seed).peerId();
        for (String security : List.of("noise", "tls")) {
            try (PeerProcess go = ForeignPeers.go(security, "ed25519")) {
                assertThatThrownBy(() ->
                                swarm.connect(Multiaddr.parse(go.address()).of(other)))
                        .isInstanceOfSatisfying(
                                Libp2pException.class,
                                e -> assertThat(e.kind()).isEqualTo(Libp2pException.Kind.INVALID))
                        .hasMessageContaining(go.id());
                assertThatThrownBy(() -> go.ask(
                                "connect",
                                "address",
                                swarm.addresses().getFirst().of(other).toString()))
                        .isInstanceOf(IOException.class);
                await().until(() -> swarm.connections().isEmpty());
            }
        }
    }
}
