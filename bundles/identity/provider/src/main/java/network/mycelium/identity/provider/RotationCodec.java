package network.mycelium.identity.provider;

import java.time.Instant;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// The body of a statement of kind [#KIND] whose key is the peer id of a member's old key: the new key's.
///
/// A member says it of itself once, under sequence [#OWN], signed by both keys. Operators say it for a key that was
/// lost or stolen, under a higher sequence, and so have the last word.
final class RotationCodec {
    static final String KIND = "rotation";
    static final long OWN = 1;

    /// @param recovery whether operators say it
    record Rotation(PeerId old, PeerId next, boolean recovery) {}

    private RotationCodec() {}

    static byte[] body(PeerId next) {
        return new ProtoWriter().bytes(1, next.bytes()).toBytes();
    }

    /// @throws IllegalArgumentException if it is no rotation
    static Rotation rotation(Statement statement) {
        var in = new ProtoReader(statement.body());
        PeerId next = null;
        for (int field; (field = in.next()) != 0; ) {
            if (field == 1) {
                next = PeerId.parse(in.bytes());
            }
        }
        PeerId old = PeerId.parse(statement.key());
        if (next == null || next.equals(old)) {
            throw new IllegalArgumentException("A rotation names another key than the old one");
        }
        if (statement.sequence() < OWN) {
            throw new IllegalArgumentException("A rotation has the sequence %d or a higher one".formatted(OWN));
        }
        return new Rotation(old, next, statement.sequence() > OWN);
    }

    /// A member's own, signed by both keys.
    static SignedStatement own(Envelopes old, Envelopes next, String network, Instant now, Instant expires) {
        return SignedStatement.sign(old, network, KIND, old.self().toString(), OWN, now, expires, body(next.self()))
                .approvedBy(next);
    }
}
