package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.rows;
import static network.mycelium.libp2p.hostile.HostilePeer.data;
import static network.mycelium.libp2p.hostile.HostilePeer.frame;
import static network.mycelium.libp2p.hostile.HostilePeer.join;
import static network.mycelium.libp2p.hostile.HostilePeer.open;
import static network.mycelium.libp2p.hostile.HostilePeer.rst;
import static network.mycelium.libp2p.hostile.HostilePeer.syn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.hostile.HostilePeer;
import network.mycelium.libp2p.provider.swarm.Swarm;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Peers that attack one node of the distribution through its port, while an honest one uses it.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostilePeerIT {
    private static final String PING = "/ipfs/ping/1.0.0";
    private static final String NOISE = "/noise";

    @TempDir
    static Path temp;

    private static Victim victim;

    @BeforeAll
    static void boot() throws Exception {
        victim = new Victim(temp.resolve("home"));
    }

    @AfterAll
    static void end() throws Exception {
        victim.close();
    }

    private static InetAddress loopback(int last) throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    }

    private static long used(String scope) throws IOException {
        return rows(victim.node, "p2p", "limits").stream()
                .filter(row -> row.getString("scope").equals(scope)
                        && row.getString("resource").equals("connections"))
                .mapToLong(row -> row.getLong("used"))
                .sum();
    }

    private static void awaitEnd(HostilePeer peer, Duration limit) throws Exception {
        CompletableFuture.runAsync(peer::awaitEnd).get(limit.toSeconds(), TimeUnit.SECONDS);
    }

    /// Opens streams and resets them, so many with each call.
    private static final class RapidReset implements Victim.Attack, AutoCloseable {
        private static final int BATCH = 2500;
        private HostilePeer peer;
        private int next;

        @Override
        public void once() throws Exception {
            if (peer == null || next > Integer.MAX_VALUE - 4 * BATCH) {
                close();
                peer = HostilePeer.noise(victim.socket());
                peer.behave();
                next = 1;
            }
            byte[][] frames = new byte[BATCH][];
            for (int i = 0; i < BATCH; i++, next += 2) {
                frames[i] = join(syn(next), rst(next));
            }
            try {
                peer.send(frames);
            } catch (IOException e) {
                close();
                throw e;
            }
        }

        @Override
        public void close() throws IOException {
            if (peer != null) {
                peer.close();
                peer = null;
            }
        }
    }

    @Test
    void streams_that_are_reset_as_soon_as_they_are_opened_take_nothing_from_the_others() throws Exception {
        try (var attack = new RapidReset()) {
            victim.serve("rapid reset", 300, attack);
        }
    }

    /// Has the node answer as much as it may, and reads none of it: every buffer on the way is filled.
    private static void stopReading(HostilePeer peer) throws IOException {
        byte[] pings = new byte[32 * 1024];
        for (int stream = 1; stream < 80; stream += 2) {
            peer.send(open(stream, PING));
            for (int i = 0; i < 7; i++) {
                peer.send(data(0, stream, pings));
            }
        }
    }

    @Test
    void a_tls_peer_that_stops_reading_does_not_stop_the_node_from_looking_after_the_others() throws Exception {
        try (var frozen = HostilePeer.tls(victim.socket())) {
            stopReading(frozen);
            // It is noticed that it does not answer, and then that another one does not.
            await().atMost(Duration.ofSeconds(25)).until(() -> notConnected(frozen));
            try (var silent = HostilePeer.noise(victim.socket())) {
                await().atMost(Duration.ofSeconds(5)).until(() -> !notConnected(silent));
                await().atMost(Duration.ofSeconds(25)).until(() -> notConnected(silent));
            }
        }
        victim.assertSound();
    }

    private static boolean notConnected(HostilePeer peer) throws IOException {
        return rows(victim.node, "p2p", "peers").stream()
                .noneMatch(row -> row.getString("peer").equals(peer.id().toString()));
    }

    @Test
    void peers_that_stop_reading_take_nothing_from_the_others_and_can_be_disconnected() throws Exception {
        List<HostilePeer> peers = new ArrayList<>();
        try {
            victim.serve("not reading, 8 peers", 8, () -> {
                if (peers.size() < 8) {
                    peers.add(
                            peers.size() % 2 == 0
                                    ? HostilePeer.noise(victim.socket())
                                    : HostilePeer.tls(victim.socket()));
                    stopReading(peers.getLast());
                } else {
                    java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
                }
            });
            for (HostilePeer peer : peers) {
                if (!notConnected(peer)) {
                    CompletableFuture.supplyAsync(() -> {
                                try {
                                    return victim.node.send(
                                            "p2p", "disconnect", peer.id().toString());
                                } catch (IOException e) {
                                    throw new AssertionError(e);
                                }
                            })
                            .get(5, TimeUnit.SECONDS);
                    await().atMost(Duration.ofSeconds(5)).until(() -> notConnected(peer));
                }
            }
        } finally {
            for (HostilePeer peer : peers) {
                peer.close();
            }
        }
    }

    @Test
    void sockets_that_say_nothing_do_not_keep_others_out() throws Exception {
        var sockets = new ArrayDeque<Socket>();
        try {
            victim.serve("sockets without a handshake", 300, () -> {
                sockets.add(HostilePeer.socket(victim.socket(), loopback(2)));
                if (sockets.size() > 500) {
                    sockets.removeFirst().close();
                }
                if (sockets.size() % 50 == 0) {
                    try (Swarm fresh = Victim.swarm()) {
                        fresh.connect(victim.address);
                    }
                }
            });
            // Who comes over a slow link, and is overtaken by many, is served all the same.
            for (int i = 0; i < 5; i++) {
                Socket slow = HostilePeer.socket(victim.socket(), loopback(1));
                for (int k = 0; k < 100; k++) {
                    sockets.add(HostilePeer.socket(victim.socket(), loopback(2)));
                }
                try (var peer = HostilePeer.handshake(slow, HostilePeer.key(), NOISE)) {
                    peer.send(open(1, PING, new byte[32]));
                    assertThat(peer.read(1, PING, 32)).hasSize(32);
                }
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void one_address_has_a_bounded_number_of_connections_and_this_nodes_own_dials_always_have_room() throws Exception {
        List<HostilePeer> peers = new ArrayList<>();
        try (Swarm listens = Victim.swarm();
                Swarm late = Victim.swarm()) {
            listens.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
            for (int i = 0; i < 280; i++) {
                try {
                    var peer = HostilePeer.dial(victim.socket(), loopback(3 + i % 4), HostilePeer.key(), NOISE);
                    peers.add(peer);
                    peer.behave();
                    peer.send(open(1, PING));
                } catch (IOException e) {
                    assertThat(e).isNotInstanceOf(java.net.ConnectException.class);
                }
            }
            assertThat(used("system")).as("connections").isLessThan(256);
            String dialled = listens.addresses().getFirst().of(listens.id()).toString();
            victim.node.send("p2p", "connect", dialled).ok();
            for (HostilePeer peer : peers.subList(0, peers.size() / 2)) {
                peer.close();
            }
            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .until(() -> late.connect(victim.address).isOpen());
        } finally {
            for (HostilePeer peer : peers) {
                peer.close();
            }
        }
        victim.assertSound();
    }

    @Test
    void who_tells_anothers_address_as_his_own_keeps_nobody_from_dialling_that_other() throws Exception {
        try (Swarm other = Victim.swarm()) {
            other.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
            String id = other.id().toString();
            other.connect(victim.address);
            await().until(() -> victim.node.send("p2p", "peer", id).out().contains("/tcp/"));
            victim.node.send("p2p", "disconnect", id).ok();
            await().until(() -> other.connections().isEmpty());

            String liar = HostilePeer.key().peerId().toString();
            String address = other.addresses().getFirst().toString() + "/p2p/" + liar;
            assertThat(victim.node.send("p2p", "connect", address).err()).contains(id);

            victim.node.send("p2p", "connect", id).ok();
        }
    }

    @Test
    void frames_that_break_the_rules_end_the_connection_that_they_came_on_and_no_other() throws Exception {
        List<byte[]> broken = List.of(
                join(syn(1), syn(1)),
                syn(2),
                frame(HostilePeer.DATA, HostilePeer.SYN, 1, 256 * 1024 + 1),
                frame(HostilePeer.DATA, HostilePeer.SYN, 1, -1),
                frame(HostilePeer.DATA, 0, 77, Integer.MAX_VALUE),
                join(syn(1), frame(HostilePeer.WINDOW_UPDATE, 0, 1, -1), frame(HostilePeer.WINDOW_UPDATE, 0, 1, -1)),
                frame(HostilePeer.GO_AWAY, 0, 0, 1),
                frame(9, 0, 0, 0));
        for (byte[] frames : broken) {
            try (var peer = HostilePeer.noise(victim.socket())) {
                peer.send(frames);
                awaitEnd(peer, Duration.ofSeconds(10));
            }
        }
        assertThat(victim.honest.connections()).isNotEmpty();
        victim.service();
    }
}
