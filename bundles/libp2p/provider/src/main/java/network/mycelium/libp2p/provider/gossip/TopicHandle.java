package network.mycelium.libp2p.provider.gossip;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Topic;

/// One user's hold on a topic: closing it takes back what this user asked of it, and the last one leaves the topic.
final class TopicHandle implements Topic {
    private static final Logger LOG = System.getLogger(TopicHandle.class.getName());

    private final GossipService service;
    private final JoinedTopic topic;
    private final List<AutoCloseable> own = new ArrayList<>();
    private boolean left;

    TopicHandle(GossipService service, JoinedTopic topic) {
        this.service = service;
        this.topic = topic;
    }

    @Override
    public String name() {
        return topic.name();
    }

    @Override
    public void publish(byte[] data) {
        service.publish(topic, data);
    }

    @Override
    public synchronized AutoCloseable subscribe(Consumer<Message> subscriber) {
        AutoCloseable subscription = topic.subscribe(subscriber);
        own.add(subscription);
        return subscription;
    }

    @Override
    public synchronized void validate(Validator validator) {
        own.add(topic.validate(validator));
    }

    @Override
    public Set<PeerId> peers() {
        return service.followers(topic.name());
    }

    @Override
    public synchronized void close() {
        if (left) {
            return;
        }
        left = true;
        for (AutoCloseable each : own) {
            try {
                each.close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, "a subscription did not close", e);
            }
        }
        service.leave(topic);
    }
}
