package network.mycelium.libp2p.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.keys.PublicKey;
import org.junit.jupiter.api.Test;

class PeerRecordTest {
    private final NodeKey key = new NodeKey(new byte[32]);

    /// The test vectors of libp2p/specs peer-ids.
    @Test
    void keys_and_ids_are_as_the_specification_says() {
        byte[] ed25519 = HexFormat.of()
                .parseHex(
                        "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e");
        assertThat(HexFormat.of().formatHex(NodeKey.parse(ed25519).publicKey().message()))
                .isEqualTo("080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e");
        assertThat(NodeKey.parse(ed25519).message()).isEqualTo(ed25519);
        byte[] secp256k1 =
                HexFormat.of().parseHex("08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99");
        assertThat(PublicKey.parse(secp256k1).message()).isEqualTo(secp256k1);
        byte[] ecdsa = HexFormat.of()
                .parseHex(
                        "0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004de3d300fa36ae0e8f5d530899d83abab44abf3161f162a4bc901d8e6ecda020e8b6d5f8da30525e71d6851510c098e5c47c646a597fb4dcec034e9f77c409e62");
        assertThat(PublicKey.parse(ecdsa).message()).isEqualTo(ecdsa);
    }

    @Test
    void a_record_is_read_back_and_bound_to_its_peer() {
        var peerRecord = new PeerRecord(key.peerId(), 7, List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/5")));
        assertThat(PeerRecord.open(peerRecord.seal(key))).isEqualTo(peerRecord);
        byte[] other = new byte[32];
        other[0] = 1;
        byte[] stolen = peerRecord.seal(new NodeKey(other));
        assertThatThrownBy(() -> PeerRecord.open(stolen)).hasMessageContaining("is signed by");
    }

    @Test
    void an_envelope_of_another_domain_or_type_is_refused() {
        byte[] elsewhere = Envelope.seal(key, "another-domain", new byte[] {3, 1}, new byte[0]);
        assertThatThrownBy(() -> PeerRecord.open(elsewhere)).hasMessageContaining("is not signed by");
        byte[] otherType = Envelope.seal(key, "libp2p-peer-record", new byte[] {9}, new byte[0]);
        assertThatThrownBy(() -> PeerRecord.open(otherType)).hasMessageContaining("holds no peer record");
    }

    @Test
    void any_changed_byte_is_refused() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        byte[] good = new PeerRecord(key.peerId(), 7, List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/5"))).seal(key);
        for (int i = 0; i < 5000; i++) {
            byte[] changed = good.clone();
            changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
            assertThatThrownBy(() -> PeerRecord.open(changed))
                    .as("seed %d round %d", seed, i)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void a_peer_id_of_a_long_key_is_its_hash() {
        PeerId id = PeerId.ofPublicKey(new byte[300]);
        assertThat(id.toString()).startsWith("Qm");
        assertThat(PeerId.parse(id.toString())).isEqualTo(id);
    }
}
