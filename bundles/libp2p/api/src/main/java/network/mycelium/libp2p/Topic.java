package network.mycelium.libp2p;

import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/// A topic that this node has joined.
@ProviderType
public interface Topic extends AutoCloseable {
    String name();

    /// Signs the message and sends it to the mesh.
    ///
    /// @throws IllegalArgumentException if it is longer than the largest message allowed
    void publish(byte[] data);

    /// Called with each valid message, one after the other on one thread of this subscription. A subscriber that is
    /// too slow loses messages, oldest first, beyond the queue's bound.
    ///
    /// @return closing it ends that
    AutoCloseable subscribe(Consumer<Message> subscriber);

    /// Checks each message before it is delivered and passed on. It is called by the thread that reads from the peer
    /// that the message came from, by several at once: one that takes its time holds up what that peer sends, and
    /// nothing else.
    void validate(Validator validator);

    /// Peers known to follow the topic.
    Set<PeerId> peers();

    @Override
    void close();

    /// @param from who signed it
    /// @param via the peer that it came from; empty for this node's own
    record Message(String topic, PeerId from, Optional<PeerId> via, byte[] sequence, byte[] data) {}

    /// A check of messages.
    @ConsumerType
    @FunctionalInterface
    interface Validator {
        Verdict check(Message message);
    }

    /// What to do with a message.
    enum Verdict {
        ACCEPT,
        /// Not passed on, and nobody is blamed.
        IGNORE,
        /// Not passed on, and the score of who sent it falls.
        REJECT
    }
}
