package network.mycelium.libp2p.core.gossip;

import java.util.HashSet;
import java.util.Set;

/// What the router keeps of a connected peer, all of it bounded. One thread at a time.
final class RemotePeer {
    /// Each id lasts three heartbeats.
    private static final int MAX_DONT_WANT_BYTES = 64 << 10;

    private final GossipConfig config;
    private final boolean knowsDontWant;
    private final boolean outbound;
    private final Set<String> topics = new HashSet<>();
    private int topicBytes;
    private final ExpiringSet dontWant;
    private int haves;
    private int asked;
    private int dontWants;

    /// @param knowsDontWant whether it speaks v1.2
    /// @param outbound whether this side dialled
    RemotePeer(GossipConfig config, boolean knowsDontWant, boolean outbound) {
        this.config = config;
        this.knowsDontWant = knowsDontWant;
        this.outbound = outbound;
        this.dontWant =
                new ExpiringSet(3 * config.heartbeat().toMillis(), config.maxIdontwantIds(), MAX_DONT_WANT_BYTES);
    }

    boolean knowsDontWant() {
        return knowsDontWant;
    }

    boolean outbound() {
        return outbound;
    }

    boolean follows(String topic) {
        return topics.contains(topic);
    }

    /// @return whether it is noted: there is room for so many topics, and for so many bytes of their names
    boolean follow(String topic) {
        if (topics.contains(topic)) {
            return true;
        }
        if (topics.size() >= config.maxTopicsPerPeer() || topicBytes + topic.length() > config.maxTopicBytesPerPeer()) {
            return false;
        }
        topics.add(topic);
        topicBytes += topic.length();
        return true;
    }

    void unfollow(String topic) {
        if (topics.remove(topic)) {
            topicBytes -= topic.length();
        }
    }

    void dontWant(String id, long now) {
        if (++dontWants <= config.maxIdontwantIds() && id.length() <= GossipMessage.MAX_ID) {
            dontWant.add(id, now);
        }
    }

    boolean wants(String id) {
        return !dontWant.contains(id);
    }

    /// An RPC of it tells of messages.
    ///
    /// @return whether it may, in this heartbeat
    boolean mayTell() {
        return ++haves <= config.maxIhaveMessages();
    }

    /// How many more messages may be asked of it in this heartbeat.
    int mayAsk() {
        return config.maxIhaveIds() - asked;
    }

    void asked(int more) {
        asked += more;
    }

    void heartbeat(long now) {
        haves = 0;
        asked = 0;
        dontWants = 0;
        dontWant.expire(now);
    }
}
