package network.mycelium.identity.core.store;

import java.util.List;
import java.util.Optional;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.wire.Key;

/// A member by the certificate that holds.
///
/// @param id its first peer id
/// @param key its present key; none while it is locked
/// @param formerKeys of this generation, the oldest first
/// @param locked whether two successors of one of its keys are known: `network confirm` or `network recover` ends that
/// @param expires in milliseconds, 0 for never: the latest of its certificate and its renewals; for showing alone
public record MemberState(
        String id, Held certificate, Optional<Key> key, List<Key> formerKeys, boolean locked, long expires) {
    public Member member() {
        return certificate.statement().member().orElseThrow();
    }

    /// @param now see [Holding#now]
    public boolean expired(long now) {
        return expires != 0 && expires < now - Limits.CLOCK_TOLERANCE;
    }
}
