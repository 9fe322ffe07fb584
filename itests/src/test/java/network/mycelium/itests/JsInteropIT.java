package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import network.mycelium.bench.libp2p.PeerProcess;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
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

/// This libp2p and js-libp2p, in both directions.
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class JsInteropIT {
    private static final String ECHO = "/echo/1.0.0";

    private PeerProcess js;
    private PeerId jsId;
    private Swarm swarm;

    @BeforeEach
    void start() throws Exception {
        js = ForeignPeers.js("noise");
        jsId = PeerId.parse(js.id());
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        swarm = new Swarm(new NodeKey(seed), Settings.DEFAULT, new PeerBook()).start();
        swarm.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
        swarm.handle(Perf.PROTOCOL, Perf::answer);
    }

    @AfterEach
    void stop() throws Exception {
        swarm.close();
        js.close();
    }

    private String address() {
        return swarm.addresses().getFirst().of(swarm.id()).toString();
    }

    private String me() {
        return swarm.id().toString();
    }

    /// Until both have the connection: the one that dialled is done first.
    private void dial() throws IOException {
        swarm.connect(Multiaddr.parse(js.address()));
        await().until(() -> js.ask("connections").toString().contains(me()));
    }

    private JSONObject known() throws IOException {
        return js.askObject("known", "peer", me());
    }

    /// Its certificate has neither issuer nor subject.
    @Test
    void both_dial_by_tls_ping_and_transfer() throws Exception {
        try (PeerProcess peer = ForeignPeers.js("tls")) {
            PeerId id = PeerId.parse(peer.id());
            swarm.connect(Multiaddr.parse(peer.address()));
            assertThat(swarm.connection(id).orElseThrow().security()).isEqualTo("/tls/1.0.0");
            assertThat(swarm.ping(id, Duration.ofSeconds(5))).isPositive();
            try (Stream stream = swarm.open(id, Perf.PROTOCOL)) {
                assertThat(Perf.run(stream, 20 << 20, 10 << 20)).isEqualTo(10 << 20);
            }
            swarm.disconnect(id);
            await().until(() -> peer.ask("connections").toString().equals("[]"));
            assertThat(peer.ask("connect", "address", address())).isEqualTo(me());
            // The one that dialled is done first.
            await().until(() -> swarm.connection(id).isPresent());
            assertThat(swarm.connection(id).orElseThrow().security()).isEqualTo("/tls/1.0.0");
            assertThat(peer.ask("ping", "peer", me())).isInstanceOf(Number.class);
            assertThat(peer.askObject("perf", "peer", me(), "up", 20 << 20, "down", 10 << 20)
                            .getLong("came"))
                    .isEqualTo(10 << 20);
        }
    }

    @Test
    void a_wrong_peer_id_is_refused_by_both_by_tls() throws Exception {
        PeerId other = new NodeKey(new byte[32]).peerId();
        try (PeerProcess peer = ForeignPeers.js("tls")) {
            assertThatThrownBy(
                            () -> swarm.connect(Multiaddr.parse(peer.address()).of(other)))
                    .isInstanceOfSatisfying(
                            Libp2pException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
                    .hasMessageContaining(peer.id());
            assertThatThrownBy(() -> peer.ask(
                            "connect",
                            "address",
                            swarm.addresses().getFirst().of(other).toString()))
                    .isInstanceOf(IOException.class);
            await().until(() -> swarm.connections().isEmpty());
        }
    }

    @Test
    void we_dial_with_noise_and_early_muxer_and_ping() throws Exception {
        dial();
        assertThat(swarm.connection(jsId).orElseThrow().security()).isEqualTo("/noise");
        assertThat(swarm.ping(jsId, Duration.ofSeconds(5))).isPositive();
        assertThat(js.ask("ping", "peer", me())).isInstanceOf(Number.class);
        assertThat(js.ask("connections").toString()).contains("/noise").contains("/yamux/1.0.0");
    }

    @Test
    void we_dial_again_and_begin_with_the_proposal() throws Exception {
        for (int i = 0; i < 3; i++) {
            dial();
            assertThat(swarm.connection(jsId).orElseThrow().security()).isEqualTo("/noise");
            assertThat(swarm.ping(jsId, Duration.ofSeconds(5))).isPositive();
            swarm.disconnect(jsId);
            await().until(() -> js.ask("connections").toString().equals("[]"));
        }
    }

    @Test
    void they_dial_and_ping() throws Exception {
        assertThat(js.ask("connect", "address", address())).isEqualTo(me());
        assertThat(js.ask("ping", "peer", me())).isInstanceOf(Number.class);
        await().until(() -> swarm.connection(jsId).isPresent());
        assertThat(swarm.ping(jsId, Duration.ofSeconds(5))).isPositive();
    }

    @Test
    void identify_and_signed_peer_records_go_both_ways() throws Exception {
        dial();
        await().until(() -> swarm.peer(jsId)
                .filter(p -> p.certified() && p.protocols().contains(ECHO))
                .isPresent());
        var info = swarm.peer(jsId).orElseThrow();
        assertThat(info.agent()).contains("js-libp2p");
        assertThat(info.addresses()).contains(Multiaddr.parse(js.address()).withoutPeer());
        await().until(() -> known().getJSONArray("protocols").toList().contains("/ipfs/ping/1.0.0"));
        assertThat(known().getBoolean("record")).isTrue();
        assertThat(known().getString("agent")).startsWith("mycelium/");
        assertThat(known().getJSONArray("addresses").toString())
                .contains(swarm.addresses().getFirst().toString());
    }

    @Test
    void identify_push_tells_when_a_protocol_comes_and_goes() throws Exception {
        dial();
        await().until(() -> known().getJSONArray("protocols").toList().contains("/ipfs/id/push/1.0.0"));
        AutoCloseable offer = swarm.handle("/comes/1.0.0", Streams::echo);
        await().until(() -> known().getJSONArray("protocols").toList().contains("/comes/1.0.0"));
        assertThat(js.ask("echo", "peer", me(), "protocol", "/comes/1.0.0", "text", "hi"))
                .isEqualTo("hi");
        offer.close();
        await().until(() -> !known().getJSONArray("protocols").toList().contains("/comes/1.0.0"));
        js.ask("handle", "protocol", "/theirs/1.0.0");
        await().until(() -> swarm.peer(jsId).orElseThrow().protocols().contains("/theirs/1.0.0"));
        try (Stream stream = swarm.open(jsId, "/theirs/1.0.0")) {
            assertThat(Streams.ask(stream, "hello")).isEqualTo("hello");
        }
        js.ask("unhandle", "protocol", "/theirs/1.0.0");
        await().until(() -> !swarm.peer(jsId).orElseThrow().protocols().contains("/theirs/1.0.0"));
        assertThat(swarm.connections()).hasSize(1);
    }

    @Test
    void perf_runs_up_and_down_in_both_directions() throws Exception {
        dial();
        try (Stream stream = swarm.open(jsId, Perf.PROTOCOL)) {
            assertThat(Perf.run(stream, 20 << 20, 10 << 20)).isEqualTo(10 << 20);
        }
        assertThat(js.askObject("perf", "peer", me(), "up", 20 << 20, "down", 10 << 20)
                        .getLong("came"))
                .isEqualTo(10 << 20);
    }

    @Test
    void a_thousand_streams_at_once_in_both_directions() throws Exception {
        swarm.handle(ECHO, Streams::echo);
        dial();
        assertThat(js.ask("many", "peer", me(), "count", 1000, "text", "stream "))
                .isEqualTo(true);
        var all = new CountDownLatch(1000);
        List<Future<String>> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 1000; i++) {
                String text = "ours " + i;
                answers.add(threads.submit(() -> {
                    try (Stream stream = swarm.open(jsId, ECHO)) {
                        all.countDown();
                        all.await();
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
    void a_peer_that_does_not_read_stalls_one_stream_alone() throws Exception {
        var stalled = new CountDownLatch(1);
        swarm.handle("/pour/1.0.0", stream -> {
            stream.timeout(Duration.ofSeconds(1));
            try {
                while (true) {
                    stream.write(new byte[65536], 0, 65536);
                }
            } catch (java.net.SocketTimeoutException e) {
                stalled.countDown();
                stream.reset();
            }
        });
        dial();
        js.ask("stall", "peer", me(), "protocol", "/pour/1.0.0");
        assertThat(stalled.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(swarm.ping(jsId, Duration.ofSeconds(5))).isPositive();
    }

    @Test
    void half_close_and_reset_are_understood() throws Exception {
        var seen = new LinkedBlockingQueue<Object>();
        swarm.handle("/watch/1.0.0", stream -> {
            try {
                seen.add(stream.input().readAllBytes().length);
            } catch (Libp2pException e) {
                seen.add(e.kind());
            }
        });
        dial();
        js.ask("reset", "peer", me(), "protocol", "/watch/1.0.0");
        // The reset may overtake the negotiation, in which case the handler never hears of it.
        Object first = seen.poll(2, TimeUnit.SECONDS);
        assertThat(first).isIn(null, Kind.RESET);
        try (Stream stream = swarm.open(jsId, ECHO)) {
            assertThat(Streams.ask(stream, "half")).isEqualTo("half");
        }
        Stream reset = swarm.open(jsId, ECHO);
        reset.write(new byte[1], 0, 1);
        reset.reset();
        assertThatThrownBy(() -> reset.read(new byte[1], 0, 1)).isInstanceOf(Libp2pException.class);
        assertThat(swarm.ping(jsId, Duration.ofSeconds(5))).isPositive();
    }

    @Test
    void a_wrong_peer_id_is_refused_by_both() throws Exception {
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        PeerId other = new NodeKey(seed).peerId();
        assertThatThrownBy(() -> swarm.connect(Multiaddr.parse(js.address()).of(other)))
                .isInstanceOfSatisfying(
                        Libp2pException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
                .hasMessageContaining(jsId.toString());
        assertThatThrownBy(() -> js.ask(
                        "connect",
                        "address",
                        swarm.addresses().getFirst().of(other).toString()))
                .isInstanceOf(IOException.class);
        await().until(() -> swarm.connections().isEmpty());
    }

    @Test
    void going_away_is_seen_by_the_other() throws Exception {
        dial();
        js.ask("disconnect", "peer", me());
        await().until(() -> swarm.connections().isEmpty());
        dial();
        swarm.disconnect(jsId);
        await().until(() -> js.ask("connections").toString().equals("[]"));
    }
}
