package network.mycelium.identity.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.ConnectionListener;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Topic;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Presence by gossip: a beat of every member, signed as all gossip is. What comes late or a second time is told by
/// the time at which the sender booted and its count of beats. A member is dead when it was not heard for a while, and
/// sooner when its connection broke too: beats of one that lives come by way of others. Safe from any thread.
final class HeardMembers implements Presence, ConnectionListener, AutoCloseable {
    private static final Logger LOG = System.getLogger(HeardMembers.class.getName());
    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final Duration DEAD = Duration.ofSeconds(3);
    /// Two beats, so that it never hangs on one, and time to boot again before others take over.
    private static final Duration DEAD_DISCONNECTED = Duration.ofMillis(2200);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final int MAX_ADDRESSES = 16;

    /// A beat, as sent.
    private record Beat(long booted, long count, List<Multiaddr> addresses, byte[] report) {
        byte[] toBytes() {
            var out = new ProtoWriter().varint(1, booted).varint(2, count);
            addresses.forEach(address -> out.bytes(3, address.bytes()));
            return out.bytes(4, report).toBytes();
        }

        static Beat parse(byte[] message) {
            var in = new ProtoReader(message);
            long booted = 0;
            long count = 0;
            List<Multiaddr> addresses = new ArrayList<>();
            byte[] report = new byte[0];
            for (int field; (field = in.next()) != 0; ) {
                switch (field) {
                    case 1 -> booted = in.varint();
                    case 2 -> count = in.varint();
                    case 3 -> {
                        if (addresses.size() < MAX_ADDRESSES) {
                            addresses.add(Multiaddr.parse(in.bytes()));
                        }
                    }
                    case 4 -> report = in.bytes();
                    default -> {}
                }
            }
            if (report.length > MAX_REPORT) {
                throw new IllegalArgumentException("A report of " + report.length + " bytes");
            }
            return new Beat(booted, count, addresses, report);
        }

        boolean isAfter(Beat other) {
            return booted > other.booted || booted == other.booted && count > other.count;
        }
    }

    private record Heard(Beat beat, long atNanos, long deadAtNanos) {
        static Heard now(Beat beat, Duration dead) {
            long now = System.nanoTime();
            return new Heard(beat, now, now + dead.toNanos());
        }

        Heard disconnected() {
            long sooner = System.nanoTime() + DEAD_DISCONNECTED.toNanos();
            return sooner - deadAtNanos < 0 ? new Heard(beat, atNanos, sooner) : this;
        }
    }

    private final Duration dead;
    private final Host host;
    private final Topic topic;
    private final Predicate<PeerId> isMember;
    private final long booted = System.currentTimeMillis();
    /// Guarded by itself.
    private final Map<String, Heard> heard = new TreeMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private long count;
    private volatile byte[] report = {};
    private volatile boolean beatNow;
    private volatile boolean closed;

    HeardMembers(Host host, Topic topic, Predicate<PeerId> isMember) {
        this(host, topic, isMember, DEAD);
    }

    /// @param dead how long a member that stays connected may be silent
    HeardMembers(Host host, Topic topic, Predicate<PeerId> isMember, Duration dead) {
        this.dead = dead;
        this.host = host;
        this.topic = topic;
        this.isMember = isMember;
        this.thread = Thread.ofVirtual().name("presence").unstarted(this::run);
    }

    HeardMembers start() {
        topic.validate(message -> {
            if (!isMember.test(message.from())) {
                return Topic.Verdict.IGNORE;
            }
            try {
                return hear(message.from(), Beat.parse(message.data())) ? Topic.Verdict.ACCEPT : Topic.Verdict.IGNORE;
            } catch (IllegalArgumentException e) {
                return Topic.Verdict.REJECT;
            }
        });
        thread.start();
        return this;
    }

    /// @return whether it is news
    private boolean hear(PeerId from, Beat beat) {
        boolean changed;
        synchronized (heard) {
            Heard before = heard.get(from.toString());
            if (before != null && !beat.isAfter(before.beat)) {
                return false;
            }
            heard.put(from.toString(), Heard.now(beat, dead));
            changed = before == null || !Arrays.equals(before.beat.report, beat.report);
        }
        if (changed) {
            tell();
        }
        return true;
    }

    @Override
    public void disconnected(Connection connection) {
        PeerId peer = connection.peer();
        if (host.connection(peer).isEmpty()) {
            synchronized (heard) {
                heard.computeIfPresent(peer.toString(), (key, last) -> last.disconnected());
            }
        }
    }

    private void tell() {
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "a listener for presence failed: " + listener, e);
            }
        }
    }

    private void run() {
        long lastBeat = System.nanoTime() - BEAT.toNanos();
        while (!closed) {
            long now = System.nanoTime();
            if (beatNow || now - lastBeat >= BEAT.toNanos()) {
                beatNow = false;
                lastBeat = now;
                topic.publish(ownBeat().toBytes());
            }
            boolean gone;
            synchronized (heard) {
                gone = heard.values().removeIf(h -> now - h.deadAtNanos > 0);
            }
            if (gone) {
                tell();
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    private Beat ownBeat() {
        return new Beat(booted, ++count, host.addresses(), report);
    }

    @Override
    public List<Present> present() {
        long now = System.nanoTime();
        List<Present> all = new ArrayList<>();
        synchronized (heard) {
            heard.forEach((peer, h) -> all.add(new Present(
                    PeerId.parse(peer), h.beat.addresses, Duration.ofNanos(now - h.atNanos), h.beat.report)));
        }
        all.removeIf(p -> p.peer().equals(host.id()) || !isMember.test(p.peer()));
        all.add(new Present(host.id(), host.addresses(), Duration.ZERO, report));
        all.sort(java.util.Comparator.comparing(p -> p.peer().toString()));
        return all;
    }

    @Override
    public void report(byte[] changed) {
        if (changed.length > MAX_REPORT) {
            throw new IllegalArgumentException(
                    "A report of %d bytes, at most %d".formatted(changed.length, MAX_REPORT));
        }
        report = changed.clone();
        beatNow = true;
        LockSupport.unpark(thread);
    }

    @Override
    public AutoCloseable listen(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        topic.close();
    }
}
