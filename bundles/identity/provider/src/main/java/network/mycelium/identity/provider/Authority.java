package network.mycelium.identity.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.Optional;
import network.mycelium.identity.Member.Access;
import network.mycelium.identity.Network;
import network.mycelium.identity.Statement;
import network.mycelium.identity.StatementAuthority;
import network.mycelium.libp2p.PeerId;

/// Who may say what, and how many must.
///
/// Founders may say everything that one signature is enough for. Members with full access whom a founder appointed
/// are operators; one of them admits and revokes other members, as many as the genesis asks for direct the network,
/// and give one of the others another key; for that it takes two at least.
final class Authority {
    private static final Logger LOG = System.getLogger(Authority.class.getName());
    /// One operator alone could take the place of another.
    private static final int LEAST_QUORUM = 2;

    private final Network network;
    private final Members members;
    private final Collection<StatementAuthority> others;

    /// @param others who besides founders and operators may make a statement hold; they may come and go
    Authority(Network network, Members members, Collection<StatementAuthority> others) {
        this.network = network;
        this.members = members;
        this.others = others;
    }

    /// Whether those who signed it are enough.
    boolean isEnough(Statement statement) {
        return signatures(statement) >= needed(statement) || others.stream().anyMatch(o -> suffices(o, statement));
    }

    private static boolean suffices(StatementAuthority other, Statement statement) {
        try {
            return other.suffices(statement);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "an authority failed, and counts as a no: " + other, e);
            return false;
        }
    }

    /// By how many who may say it. A member that signed by two of its keys counts once, but where it must sign by both.
    long signatures(Statement statement) {
        boolean byBothKeys = statement.kind().equals(RotationCodec.KIND)
                && !RotationCodec.rotation(statement).recovery();
        return statement.signers().stream()
                .filter(signer -> maySay(signer, statement))
                .map(signer -> byBothKeys ? signer : members.keys().newest(signer))
                .distinct()
                .count();
    }

    /// Why something cannot hold, whoever says it.
    Optional<String> objection(Statement statement) {
        try {
            return switch (statement.kind()) {
                case MemberCodec.KIND -> {
                    MemberCodec.terms(statement.body());
                    PeerId.parse(statement.key());
                    yield Optional.empty();
                }
                case RotationCodec.KIND -> objection(RotationCodec.rotation(statement));
                default -> Optional.empty();
            };
        } catch (IllegalArgumentException e) {
            return Optional.of(e.getMessage());
        }
    }

    private Optional<String> objection(RotationCodec.Rotation rotation) {
        KeyHistory keys = members.keys();
        if (members.member(rotation.old()).filter(m -> !m.revoked()).isEmpty()) {
            return Optional.of("%s is the key of no member".formatted(rotation.old()));
        }
        boolean known = members.certificate(rotation.next()).isPresent()
                || members.isFounder(rotation.next())
                || keys.knows(rotation.next());
        if (known && !keys.former(rotation.next()).contains(rotation.old())) {
            return Optional.of("%s is a member's key already".formatted(rotation.next()));
        }
        if (keys.former(rotation.old()).size() >= KeyHistory.MAX_KEYS) {
            return Optional.of(
                    "a member has %d keys at most: revoke it, and let it join anew".formatted(KeyHistory.MAX_KEYS));
        }
        return Optional.empty();
    }

    /// How many of those who may say it must sign it.
    private int needed(Statement statement) {
        return switch (statement.kind()) {
            case MemberCodec.KIND -> 1;
            case RotationCodec.KIND -> needed(RotationCodec.rotation(statement));
            default -> network.threshold();
        };
    }

    private int needed(RotationCodec.Rotation rotation) {
        if (!rotation.recovery()) {
            return 2;
        }
        boolean directs = members.isFounder(rotation.old())
                || members.member(rotation.old())
                        .filter(m -> m.access() == Access.FULL)
                        .isPresent();
        // Whoever admits and revokes other members may as well admit one by another key.
        return directs ? Math.max(LEAST_QUORUM, network.threshold()) : 1;
    }

    private boolean maySay(PeerId signer, Statement statement) {
        if (statement.kind().equals(RotationCodec.KIND)) {
            RotationCodec.Rotation rotation = RotationCodec.rotation(statement);
            return rotation.recovery()
                    ? !isSame(signer, rotation.old()) && members.isOperator(signer, statement.issued())
                    : signer.equals(rotation.old()) || signer.equals(rotation.next());
        }
        boolean appoints = statement.kind().equals(MemberCodec.KIND)
                && MemberCodec.terms(statement.body()).access() == Access.FULL;
        // Operators are appointed by founders alone, or one stolen operator's key would make many.
        return members.isOperator(signer, statement.issued()) && (!appoints || members.isFounder(signer));
    }

    private boolean isSame(PeerId one, PeerId other) {
        return members.keys().newest(one).equals(members.keys().newest(other));
    }
}
