package network.mycelium.libp2p.provider.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.record.PeerRecord;
import network.mycelium.libp2p.multiformats.Multicodec;
import network.mycelium.libp2p.multiformats.Multihash;
import org.junit.jupiter.api.Test;

class PeerBookTest {
    private static final long BOUND = 8 << 20;

    private final PeerBook book = new PeerBook();

    private static PeerId peer(int number) {
        return new PeerId(Multihash.digest(
                Multicodec.SHA2_256, ByteBuffer.allocate(4).putInt(number).array()));
    }

    private static PeerRecord record(int number) {
        return new PeerRecord(peer(number), 1, List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/" + (1 + number))));
    }

    @Test
    void records_of_any_number_of_peers_take_bounded_memory_and_who_was_seen_last_stays() {
        for (int i = 0; i < 3000; i++) {
            book.certified(record(i), new byte[8 << 10]);
            book.seen(peer(i), Instant.ofEpochSecond(1 + i));
            assertThat(book.bytes()).isLessThanOrEqualTo(BOUND);
        }
        assertThat(book.all()).hasSizeBetween(900, 1024);
        assertThat(book.info(peer(2999))).isPresent();
        assertThat(book.info(peer(0))).isEmpty();
    }

    @Test
    void protocols_of_any_number_and_length_take_bounded_memory() {
        for (int i = 0; i < 2000; i++) {
            Set<String> protocols = new HashSet<>();
            for (int k = 0; k < 60; k++) {
                protocols.add("/" + i + "/" + k + "x".repeat(500));
            }
            book.identified(peer(i), protocols, "agent");
        }
        assertThat(book.bytes()).isLessThanOrEqualTo(BOUND);
        assertThat(book.all()).hasSizeLessThan(300);
    }

    @Test
    void a_longer_record_is_not_kept_for_others_but_its_addresses_are() {
        book.certified(record(1), new byte[(8 << 10) + 1]);
        assertThat(book.signedRecord(peer(1))).isEmpty();
        assertThat(book.info(peer(1)).orElseThrow().addresses()).hasSize(1);
        assertThat(book.info(peer(1)).orElseThrow().certified()).isTrue();
    }

    @Test
    void a_peer_that_is_tagged_stays_whoever_comes() {
        book.tag(peer(0), "member", 1);
        for (int i = 1; i < 5000; i++) {
            book.addAddresses(peer(i), List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/1")));
        }
        assertThat(book.all()).hasSize(4096);
        assertThat(book.info(peer(0))).isPresent();
    }

    @Test
    void bytes_are_given_back_with_the_entry() {
        List<Multiaddr> many = new ArrayList<>();
        for (int i = 1; i < 33; i++) {
            many.add(Multiaddr.parse("/dns4/" + "x".repeat(60) + i + "/tcp/1"));
        }
        for (int i = 0; i < 20_000; i++) {
            book.addAddresses(peer(i), many);
        }
        long before = book.bytes();
        for (int i = 20_000; i < 25_000; i++) {
            book.addAddresses(peer(i), many);
        }
        assertThat(book.bytes()).isBetween(before - 10_000, BOUND);
    }

    @Test
    void a_record_that_was_signed_is_kept_as_it_came() {
        var key = new NodeKey(new byte[32]);
        var mine = new PeerRecord(key.peerId(), 7, List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/7")));
        byte[] envelope = mine.seal(key);
        book.certified(PeerRecord.open(envelope), envelope);
        assertThat(book.signedRecord(key.peerId())).contains(envelope);
    }
}
