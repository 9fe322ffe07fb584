package network.mycelium.identity;

import java.time.Duration;
import java.util.List;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import org.osgi.annotation.versioning.ProviderType;

/// Which members are there now. Each tells all others that it lives, every second, with a short report; one that was
/// silent for three is taken for dead. A service while the node belongs to a network; safe from any thread.
@ProviderType
public interface Presence {
    /// The longest report.
    int MAX_REPORT = 16 * 1024;

    /// A member that lives, this node included.
    ///
    /// @param addresses where it says that it can be reached
    /// @param silence since it was last heard
    /// @param report what it last told of itself
    record Present(PeerId peer, List<Multiaddr> addresses, Duration silence, byte[] report) {}

    /// In the order of the peer ids.
    List<Present> present();

    /// By how much this node's clock is ahead of the median of those of the members that are heard; less than zero if
    /// it
    /// is behind, zero while none is heard.
    Duration ahead();

    /// What this node tells of itself from now on; it is told at once.
    ///
    /// @throws IllegalArgumentException if it is longer than [#MAX_REPORT]
    void report(byte[] report);

    /// Called when a member came, went or told something new; from any thread, and it must not block.
    ///
    /// @return closing it ends that
    AutoCloseable listen(Runnable listener);
}
