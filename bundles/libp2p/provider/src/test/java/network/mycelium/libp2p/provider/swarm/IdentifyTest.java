package network.mycelium.libp2p.provider.swarm;

import static network.mycelium.libp2p.hostile.HostilePeer.data;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerInfo;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.record.Envelope;
import network.mycelium.libp2p.core.record.PeerRecord;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.libp2p.hostile.HostilePeer;
import network.mycelium.libp2p.provider.channel.Multistream;
import network.mycelium.libp2p.provider.protocols.Identify;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What peers of other makes tell of themselves, and what they tell wrongly.
@Timeout(60)
class IdentifyTest {
    private static final Multiaddr CLAIMED = Multiaddr.parse("/ip4/192.0.2.1/tcp/4001");
    private static final Multiaddr SIGNED = Multiaddr.parse("/ip4/192.0.2.2/tcp/4001");
    private static final byte[] PEER_RECORD = {0x03, 0x01};

    private static ProtoWriter message(NodeKey key) {
        return new ProtoWriter()
                .bytes(1, key.publicKey().message())
                .bytes(2, CLAIMED.bytes())
                .text(3, "/chat/1.0.0")
                .text(6, "other/1.0");
    }

    private static byte[] signed(NodeKey key) {
        return new PeerRecord(key.peerId(), 1, List.of(SIGNED)).seal(key);
    }

    /// Answers the node's question with these messages.
    ///
    /// @return what the node then knows
    private static PeerInfo tell(NodeKey key, byte[]... messages) throws IOException {
        try (var two = new TwoSwarms();
                var peer = HostilePeer.dial(
                        HostileFramesTest.address(two.b), java.net.InetAddress.getLoopbackAddress(), key, "/noise")) {
            HostilePeer.Frame asked;
            do {
                asked = peer.receive();
            } while (asked.data().length == 0);
            byte[] answer = Multistream.proposal(Identify.PROTOCOL);
            for (byte[] message : messages) {
                answer = HostilePeer.join(answer, Delimited.frame(message));
            }
            // In pieces, as they come over a slow link.
            for (int at = 0; at < answer.length; at += 4096) {
                byte[] piece = java.util.Arrays.copyOfRange(answer, at, Math.min(answer.length, at + 4096));
                peer.send(data(HostilePeer.ACK, asked.stream(), piece));
            }
            peer.send(data(HostilePeer.FIN, asked.stream(), new byte[0]));
            peer.behave();
            await().until(() -> two.b
                    .peer(key.peerId())
                    .filter(info -> !info.agent().isEmpty())
                    .isPresent());
            return two.b.peer(key.peerId()).orElseThrow();
        }
    }

    @Test
    void a_record_that_cannot_be_read_is_left_out_and_all_else_is_taken() throws Exception {
        NodeKey key = HostilePeer.key();
        byte[] payload =
                new ProtoWriter().bytes(1, key.peerId().bytes()).varint(2, 1).toBytes();
        byte[] older = Envelope.seal(key, "libp2p-routing-state", PEER_RECORD, payload);
        byte[] others = signed(HostilePeer.key());
        for (byte[] unusable : List.of(older, others, new byte[] {1, 2, 3})) {
            PeerInfo info = tell(key, message(key).bytes(8, unusable).toBytes());
            assertThat(info.agent()).isEqualTo("other/1.0");
            assertThat(info.protocols()).containsExactly("/chat/1.0.0");
            assertThat(info.certified()).isFalse();
            assertThat(info.addresses()).containsExactly(CLAIMED);
        }
    }

    @Test
    void a_message_in_parts_is_taken_as_one() throws Exception {
        NodeKey key = HostilePeer.key();
        PeerInfo info = tell(
                key,
                message(key).toBytes(),
                new ProtoWriter().text(3, "/more/1.0.0").toBytes(),
                new ProtoWriter().bytes(8, signed(key)).toBytes());
        assertThat(info.protocols()).containsExactlyInAnyOrder("/chat/1.0.0", "/more/1.0.0");
        assertThat(info.certified()).isTrue();
        assertThat(info.addresses()).containsExactly(SIGNED);
    }

    @Test
    void parts_without_end_are_not_waited_for() throws Exception {
        NodeKey key = HostilePeer.key();
        byte[][] parts = new byte[100][];
        java.util.Arrays.setAll(parts, i -> new ProtoWriter().text(3, "/p/" + i).toBytes());
        parts[0] = message(key).toBytes();
        assertThat(tell(key, parts).protocols()).hasSizeBetween(2, 20).contains("/chat/1.0.0");
    }

    @Test
    void changes_that_follow_each_other_are_told_in_their_order() throws Exception {
        try (var two = new TwoSwarms()) {
            two.connect();
            for (int i = 0; i < 60; i++) {
                AutoCloseable offer = two.b.handle("/passing/" + i, stream -> {});
                LockSupport.parkNanos(20_000_000);
                offer.close();
                LockSupport.parkNanos(20_000_000);
            }
            try (var last = two.b.handle("/stays", stream -> {})) {
                await().until(() -> told(two).contains("/stays"));
                assertThat(told(two)).noneMatch(protocol -> protocol.startsWith("/passing/"));
                assertThat(last).isNotNull();
            }
            await().until(() -> !told(two).contains("/stays"));
        }
    }

    private static Set<String> told(TwoSwarms two) {
        return two.a.peer(two.b.id()).orElseThrow().protocols();
    }
}
