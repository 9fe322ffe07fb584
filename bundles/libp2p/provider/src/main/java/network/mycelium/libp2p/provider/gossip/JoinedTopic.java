package network.mycelium.libp2p.provider.gossip;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import network.mycelium.libp2p.Topic.Message;
import network.mycelium.libp2p.Topic.Validator;
import network.mycelium.libp2p.Topic.Verdict;

/// A topic that this node follows: its validators and subscribers.
final class JoinedTopic {
    private static final Logger LOG = System.getLogger(JoinedTopic.class.getName());
    private static final int MAX_QUEUED = 1024;
    private static final long MAX_QUEUED_BYTES = 4 << 20;

    private final String name;
    private final List<Validator> validators = new CopyOnWriteArrayList<>();
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    /// Guarded by the service's lock.
    int handles;

    JoinedTopic(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    boolean validates() {
        return !validators.isEmpty();
    }

    /// The first verdict that is not ACCEPT; a validator that fails ignores.
    Verdict check(Message message) {
        for (Validator validator : validators) {
            Verdict verdict;
            try {
                verdict = validator.check(message);
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "a validator of the topic " + name + " failed", e);
                verdict = Verdict.IGNORE;
            }
            if (verdict != Verdict.ACCEPT) {
                return verdict;
            }
        }
        return Verdict.ACCEPT;
    }

    void deliver(Message message) {
        subscriptions.forEach(s -> s.offer(message));
    }

    AutoCloseable validate(Validator validator) {
        validators.add(validator);
        return () -> validators.remove(validator);
    }

    AutoCloseable subscribe(Consumer<Message> subscriber) {
        var subscription = new Subscription(subscriber);
        subscriptions.add(subscription);
        Thread.ofVirtual().name("libp2p-topic " + name).start(subscription::run);
        return () -> {
            subscriptions.remove(subscription);
            subscription.close();
        };
    }

    void close() {
        subscriptions.forEach(Subscription::close);
    }

    /// The bounded queue and the thread of one subscriber.
    private final class Subscription {
        private final Consumer<Message> subscriber;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition added = lock.newCondition();
        private final ArrayDeque<Message> queue = new ArrayDeque<>();
        private long queuedBytes;
        private boolean lossy;
        private boolean closed;

        private Subscription(Consumer<Message> subscriber) {
            this.subscriber = subscriber;
        }

        private void offer(Message message) {
            lock.lock();
            try {
                boolean full = false;
                for (; isFullFor(message); full = true) {
                    queuedBytes -= queue.removeFirst().data().length;
                }
                if (full) {
                    if (!lossy) {
                        lossy = true;
                        LOG.log(Level.WARNING, "a subscriber of the topic {0} is too slow and loses messages", name);
                    }
                }
                queue.addLast(message);
                queuedBytes += message.data().length;
                added.signal();
            } finally {
                lock.unlock();
            }
        }

        private boolean isFullFor(Message message) {
            return queue.size() == MAX_QUEUED
                    || !queue.isEmpty() && queuedBytes + message.data().length > MAX_QUEUED_BYTES;
        }

        private void run() {
            while (true) {
                Message message;
                lock.lock();
                try {
                    while (queue.isEmpty() && !closed) {
                        added.awaitUninterruptibly();
                    }
                    if (closed) {
                        return;
                    }
                    message = queue.removeFirst();
                    queuedBytes -= message.data().length;
                } finally {
                    lock.unlock();
                }
                try {
                    subscriber.accept(message);
                } catch (RuntimeException e) {
                    LOG.log(Level.WARNING, "a subscriber of the topic " + name + " failed", e);
                }
            }
        }

        private void close() {
            lock.lock();
            try {
                closed = true;
                added.signal();
            } finally {
                lock.unlock();
            }
        }
    }
}
