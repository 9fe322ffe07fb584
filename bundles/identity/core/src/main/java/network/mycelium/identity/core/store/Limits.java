package network.mycelium.identity.core.store;

import java.time.Duration;

/// The bounds of the format: constants, for all nodes must judge alike.
public final class Limits {
    /// Of a chain, from the first charter on.
    public static final int CHARTERS = 4_096;
    /// From here on a node warns.
    public static final int CHARTERS_WARNING = 3_500;
    /// Proposals of a charter that each keyholder may have signed.
    public static final int CHARTER_PROPOSALS = 2;
    /// Charters that lost, and what follows them.
    public static final int RIVALS = 16;
    /// Proposals of each counting signer.
    public static final int PROPOSALS = 16;
    /// Bytes of the proposals of each counting signer.
    public static final int PROPOSAL_BYTES = 256 << 10;
    /// Registers of kind `member` of each operator; as many of kind `renewal`.
    public static final int MEMBERS = 10_000;
    /// Registers of all other kinds together that take one signature, of each operator.
    public static final int OTHERS = 256;
    /// Registers of kinds that take more than one signature.
    public static final int SHARED_REGISTERS = 2_048;
    /// Statements of one register, for each who supports any.
    public static final int OF_REGISTER = 8;
    /// Rotations that are followed in one generation.
    public static final int ROTATIONS = 16;
    /// How wrong a clock may be, in milliseconds.
    public static final long CLOCK_TOLERANCE = Duration.ofHours(2).toMillis();
    /// How far ahead that what is said once may expire, in milliseconds.
    public static final long ONCE_LIFETIME = Duration.ofDays(30).toMillis();
    /// Signatures checked a second for one peer.
    public static final int CHECKS_OF_PEER = 200;
    /// Signatures checked a second for all that are no members.
    public static final int CHECKS_OF_STRANGERS = 400;
    /// Bad signatures after which a peer is disconnected.
    public static final int BAD_SIGNATURES = 1_000;

    private Limits() {}
}
