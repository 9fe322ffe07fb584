package network.mycelium.libp2p.core.noise;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.PublicKey;
import network.mycelium.libp2p.core.keys.RepeatedStatements;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// The handshake of libp2p/specs noise: Noise XX in which each side signs its static key with its identity, and tells
/// its stream muxers (early muxer negotiation, connections/inlined-muxer-negotiation.md).
///
/// The initiator calls [#write], [#read], [#write]; the responder the opposite; then both call [#finish].
public final class NoiseHandshake {
    /// The longest message that Noise allows.
    public static final int MAX_MESSAGE = 65535;

    private static final int MAX_MUXERS = 32;

    private final boolean initiator;
    private final NoiseIdentity identity;
    private final Optional<PeerId> expected;
    private final List<String> muxers;
    private final HandshakeState state;
    private int step;
    private PublicKey remoteKey;
    private List<String> remoteMuxers = List.of();

    /// What a handshake comes to.
    ///
    /// @param muxer the first of the initiator's that both have; empty if multistream-select must decide
    /// @param binding hash of the whole handshake, the same on both sides
    public record Result(
            PublicKey remote, Optional<String> muxer, CipherState sending, CipherState receiving, byte[] binding) {}

    /// @param random of cryptographic strength
    /// @param expected who the other side must be; empty to take anybody
    /// @param muxers best first
    public NoiseHandshake(
            boolean initiator,
            NoiseIdentity identity,
            RandomGenerator random,
            Optional<PeerId> expected,
            List<String> muxers) {
        this.initiator = initiator;
        this.identity = identity;
        this.expected = expected;
        this.muxers = muxers;
        byte[] ephemeral = new byte[32];
        random.nextBytes(ephemeral);
        this.state = new HandshakeState(initiator, identity.secret(), identity.point(), ephemeral);
    }

    public byte[] write() throws NoiseException {
        return state.write(step++ == 0 ? new byte[0] : payload());
    }

    public void read(byte[] message) throws NoiseException {
        byte[] payload = state.read(message);
        if (step++ > 0) {
            try {
                check(payload);
            } catch (IllegalArgumentException e) {
                throw new NoiseException("The other side's identity is refused: " + e.getMessage(), e);
            }
        }
    }

    public Result finish() throws NoiseException {
        CipherState[] ciphers = state.split();
        List<String> first = initiator ? muxers : remoteMuxers;
        List<String> second = initiator ? remoteMuxers : muxers;
        return new Result(
                remoteKey, first.stream().filter(second::contains).findFirst(), ciphers[0], ciphers[1], state.hash());
    }

    private byte[] payload() {
        var extensions = new ProtoWriter();
        muxers.forEach(muxer -> extensions.text(2, muxer));
        return new ProtoWriter()
                .bytes(1, identity.publicKey())
                .bytes(2, identity.signature())
                .message(4, extensions)
                .toBytes();
    }

    private void check(byte[] payload) {
        var in = new ProtoReader(payload);
        byte[] publicKey = new byte[0];
        byte[] signature = new byte[0];
        List<String> told = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> publicKey = in.bytes();
                case 2 -> signature = in.bytes();
                case 4 -> muxersOf(in.message(), told);
                default -> {}
            }
        }
        remoteKey = PublicKey.parse(publicKey);
        if (!RepeatedStatements.SHARED.verify(remoteKey, NoiseIdentity.signed(state.remoteStatic()), signature)) {
            throw new IllegalArgumentException("%s did not sign the key of this connection".formatted(remoteKey));
        }
        if (expected.isPresent() && !expected.get().equals(remoteKey.peerId())) {
            throw new IllegalArgumentException("it is %s, not %s".formatted(remoteKey, expected.get()));
        }
        remoteMuxers = told;
    }

    private static void muxersOf(ProtoReader in, List<String> told) {
        for (int field; (field = in.next()) != 0; ) {
            if (field == 2 && told.size() < MAX_MUXERS) {
                told.add(in.text());
            }
        }
    }
}
