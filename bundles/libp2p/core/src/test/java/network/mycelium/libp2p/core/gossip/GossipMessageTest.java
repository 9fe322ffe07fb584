package network.mycelium.libp2p.core.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.keys.PublicKey;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.libp2p.multiformats.Multicodec;
import network.mycelium.libp2p.multiformats.Multihash;
import org.junit.jupiter.api.Test;

/// What go-libp2p-pubsub takes under its policy StrictSign (sign.go, `messagePubKey`) is taken, and nothing else.
class GossipMessageTest {
    private static final byte[] NONE = {};

    private final NodeKey author = RouterFixture.key(1);
    private final GossipMessage plain = GossipMessage.sign(author, "t", new byte[8], new byte[] {1});

    private GossipMessage withKey(byte[] key) {
        return new GossipMessage(plain.from(), plain.data(), plain.seqno(), "t", plain.signature(), key);
    }

    private static List<GossipMessage> read(GossipMessage message) {
        return Rpc.parse(Rpc.of(message).bytes()).messages();
    }

    @Test
    void a_message_whose_author_s_id_holds_the_key_needs_none_and_may_bring_it() {
        assertThat(plain.verify()).isTrue();
        assertThat(withKey(author.publicKey().message()).verify()).isTrue();
    }

    @Test
    void a_key_that_is_not_the_author_s_or_no_key_at_all_is_refused_though_the_id_holds_the_right_one() {
        assertThat(withKey(RouterFixture.key(2).publicKey().message()).verify()).isFalse();
        assertThat(withKey(new byte[] {1}).verify()).isFalse();
        assertThat(withKey(new byte[3 << 10]).verify()).isFalse();
    }

    @Test
    void an_author_whose_id_is_a_hash_must_bring_the_key_of_that_hash() {
        byte[] key = author.publicKey().message();
        var hashed = new PeerId(Multihash.digest(Multicodec.SHA2_256, key));
        var message = new GossipMessage(hashed.bytes(), new byte[1], new byte[8], "t", NONE, NONE);
        byte[] signature = author.sign(signed(message));
        assertThat(with(message, signature, NONE).verify()).isFalse();
        // The id of an Ed25519 key is never a hash: go works out the id anew and compares.
        assertThat(with(message, signature, key).verify()).isFalse();
    }

    private static GossipMessage with(GossipMessage m, byte[] signature, byte[] key) {
        return new GossipMessage(m.from(), m.data(), m.seqno(), m.topic(), signature, key);
    }

    private static byte[] signed(GossipMessage m) {
        byte[] fields = new ProtoWriter()
                .bytes(1, m.from())
                .bytes(2, m.data())
                .bytes(3, m.seqno())
                .text(4, m.topic())
                .toBytes();
        byte[] prefix = "libp2p-pubsub:".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(prefix, prefix.length + fields.length);
        System.arraycopy(fields, 0, all, prefix.length, fields.length);
        return all;
    }

    @Test
    void what_names_no_author_or_is_not_signed_is_refused() {
        assertThat(with(plain, NONE, NONE).verify()).isFalse();
        assertThat(new GossipMessage(NONE, plain.data(), plain.seqno(), "t", plain.signature(), NONE).verify())
                .isFalse();
        assertThat(new GossipMessage(plain.from(), plain.data(), plain.seqno(), "u", plain.signature(), NONE).verify())
                .isFalse();
    }

    @Test
    void a_message_with_a_field_that_no_proper_one_has_is_left_out_and_the_others_are_read() {
        assertThat(read(plain)).hasSize(1);
        assertThat(read(withKey(new byte[4 << 10]))).hasSize(1);
        assertThat(read(withKey(new byte[(4 << 10) + 1]))).isEmpty();
        assertThat(read(withKey(new byte[3 << 20]))).isEmpty();
        assertThat(read(with(plain, new byte[1025], NONE))).isEmpty();
        assertThat(read(new GossipMessage(new byte[129], NONE, new byte[8], "t", new byte[64], NONE)))
                .isEmpty();
        assertThat(read(new GossipMessage(plain.from(), NONE, new byte[7], "t", new byte[64], NONE)))
                .isEmpty();
        assertThat(read(new GossipMessage(plain.from(), NONE, new byte[8], "t".repeat(1025), new byte[64], NONE)))
                .isEmpty();
        Rpc mixed = Rpc.of(List.of(withKey(new byte[1 << 20]), plain));
        assertThat(Rpc.parse(mixed.bytes()).messages())
                .singleElement()
                .satisfies(m -> assertThat(m.verify()).isTrue());
    }

    @Test
    void what_is_passed_on_is_signed_still() {
        GossipMessage again = read(withKey(author.publicKey().message())).getFirst();
        assertThat(again.verify()).isTrue();
        assertThat(PublicKey.parse(again.key()).peerId()).isEqualTo(author.peerId());
    }

    @Test
    void the_cache_counts_all_that_a_message_holds() {
        var cache = new MessageCache(5, 3);
        int kept = 0;
        for (int i = 0; i < 8000; i++) {
            GossipMessage small = new GossipMessage(
                    plain.from(),
                    new byte[1],
                    java.nio.ByteBuffer.allocate(8).putLong(i).array(),
                    "t",
                    new byte[64],
                    new byte[4 << 10]);
            cache.put(small.id(), small);
            kept = cache.idsToTell("t").size();
        }
        assertThat(kept * 4096L).isBetween(12L << 20, 16L << 20);
    }
}
