package network.mycelium.identity;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import network.mycelium.libp2p.PeerId;
import org.osgi.annotation.versioning.ProviderType;

/// What has been signed for the whole network. Every member holds all of it, and keeps it over a restart; what is new
/// spreads by gossip, and whatever somebody missed by comparison with each peer it connects to. A service while the
/// node belongs to a network; safe from any thread.
@ProviderType
public interface Statements {
    /// Says something in this node's name. Where the charter asks for more signatures, it is a proposal until
    /// others [#approve] it. After a start it waits until this node has compared what it knows with another member.
    ///
    /// @return what was signed; whether it holds already, [#find] tells
    /// @throws IdentityException DENIED if this node may not say that
    Statement publish(String kind, String key, byte[] body, Duration life) throws IdentityException;

    /// Adds this node's signature to a proposal.
    ///
    /// @throws IdentityException NOT_FOUND or DENIED
    Statement approve(String kind, String key) throws IdentityException;

    /// Stands by what others said, whether it holds or fell ([#fallen]): adds this node's signature, or says the same
    /// anew where that would not count.
    ///
    /// @throws IdentityException NOT_FOUND or DENIED
    Statement endorse(String kind, String key) throws IdentityException;

    /// What held until a charter took its signers' word away, and nothing holds in its place; the last first.
    List<Statement> fallen();

    /// What holds or fell, and somebody signed.
    List<Statement> signedBy(PeerId signer);

    /// What holds or waits about something, with its signatures, to be carried to a node that is not connected.
    ///
    /// @throws IdentityException NOT_FOUND if there is none
    byte[] export(String kind, String key) throws IdentityException;

    /// Takes it there, or back.
    ///
    /// @return what is in it, as it stands here now
    /// @throws IdentityException INVALID if it is nothing exported, or is refused
    List<Statement> take(byte[] exported) throws IdentityException;

    /// What holds now, in the order of the keys.
    List<Statement> of(String kind);

    Optional<Statement> find(String kind, String key);

    /// What still lacks signatures.
    List<Statement> proposals();

    /// Called after each change to what holds, from any thread, one call at a time; it must not block.
    ///
    /// @return closing it ends that
    AutoCloseable listen(Consumer<Statement> listener);
}
