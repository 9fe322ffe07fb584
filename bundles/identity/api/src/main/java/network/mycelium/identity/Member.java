package network.mycelium.identity;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Access;

/// A node that belongs to the network, as its membership certificate or the charter says.
///
/// @param name for people: printable, no peer id, and no other member's
/// @param roles such as `hypha`; directives select by them
/// @param labels keys and values that directives select by
/// @param issuer the operator who signed the certificate; itself, for an operator without one
/// @param revoked whether the membership was taken back
/// @param formerKeys the peer ids that it had before, the last of them first
public record Member(
        PeerId peer,
        String name,
        Access access,
        List<String> roles,
        Map<String, String> labels,
        PeerId issuer,
        Instant issued,
        Instant expires,
        boolean revoked,
        List<PeerId> formerKeys) {

    /// Its peer ids, the present one first.
    public Stream<PeerId> keys() {
        return Stream.concat(Stream.of(peer), formerKeys.stream());
    }
}
