package network.mycelium.libp2p.core.gossip;

/// How many messages of one topic came, by what became of them. One thread at a time.
public final class TopicCounts {
    long delivered;
    long duplicates;
    long rejected;

    TopicCounts() {}

    public long delivered() {
        return delivered;
    }

    public long duplicates() {
        return duplicates;
    }

    public long rejected() {
        return rejected;
    }
}
