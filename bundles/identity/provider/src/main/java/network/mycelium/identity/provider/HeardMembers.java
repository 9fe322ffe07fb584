package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
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
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Topic;

/// Presence by gossip: a beat of every member, signed as all gossip is. What comes late or a second time is told by
/// the number of the sender's run and its count of beats, for members that are gone too. A member is dead when it was
/// not heard for a while, and
/// sooner when its connection broke too: beats of one that lives come by way of others. Safe from any thread.
final class HeardMembers implements Presence, ConnectionListener, AutoCloseable {
    private static final Logger LOG = System.getLogger(HeardMembers.class.getName());
    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final Duration DEAD = Duration.ofSeconds(3);
    /// Two beats, so that it never hangs on one, and time to boot again before others take over.
    private static final Duration DEAD_DISCONNECTED = Duration.ofMillis(2200);
    private static final Duration LOOK = Duration.ofMillis(200);
    /// A member that changes its report beats more often than once a second, but not without end.
    private static final double BEATS_PER_SECOND = 6;

    private static final int BURST = 20;
    private static final Duration SAVE = Duration.ofMinutes(10);

    private record Heard(Beat beat, long atNanos, long deadAtNanos) {
        static Heard now(Beat beat, Duration dead) {
            long now = System.nanoTime();
            return new Heard(beat, now, now + dead.toNanos());
        }

        /// What the member takes for the time now, in milliseconds.
        long clock(long nowNanos) {
            return beat.clock() + Duration.ofNanos(nowNanos - atNanos).toMillis();
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
    private final long run;
    private final InstantSource clock;
    private final AuditHeads heads;
    /// Guarded by itself, as are the ages and the limits.
    private final Map<String, Heard> heard = new TreeMap<>();

    private final BeatAges ages;
    private final RateLimit<PeerId> limits = new RateLimit<>(BEATS_PER_SECOND, BURST);
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private long count;
    private volatile byte[] report = {};
    private volatile boolean beatNow;
    private volatile boolean closed;

    /// @param folder where it is kept what was heard last
    HeardMembers(Host host, Topic topic, Predicate<PeerId> isMember, AuditHeads heads, Path folder, InstantSource clock)
            throws IOException {
        this(
                host,
                topic,
                isMember,
                heads,
                new BeatAges(folder.resolve("heard")),
                BeatAges.nextRun(folder.resolve("runs"), clock.millis()),
                clock,
                DEAD);
    }

    /// @param run the number of this run of the node
    /// @param dead how long a member that stays connected may be silent
    HeardMembers(
            Host host,
            Topic topic,
            Predicate<PeerId> isMember,
            AuditHeads heads,
            BeatAges ages,
            long run,
            InstantSource clock,
            Duration dead) {
        this.dead = dead;
        this.host = host;
        this.topic = topic;
        this.isMember = isMember;
        this.heads = heads;
        this.ages = ages;
        this.run = run;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("presence").unstarted(this::run);
    }

    HeardMembers start() {
        topic.validate(message -> check(message.from(), message.data()));
        thread.start();
        return this;
    }

    /// The cheap questions first: a flood costs this node no more than asking them, and goes no further.
    Topic.Verdict check(PeerId from, byte[] message) {
        if (!isMember.test(from)) {
            return Topic.Verdict.IGNORE;
        }
        try {
            Beat.Age age = Beat.age(message);
            synchronized (heard) {
                if (!ages.isNews(from.toString(), age) || !limits.allows(from, System.nanoTime())) {
                    return Topic.Verdict.IGNORE;
                }
            }
            return hear(from, Beat.parse(message)) ? Topic.Verdict.ACCEPT : Topic.Verdict.IGNORE;
        } catch (IllegalArgumentException e) {
            return Topic.Verdict.REJECT;
        }
    }

    /// @return whether it is news
    private boolean hear(PeerId from, Beat beat) {
        boolean changed;
        synchronized (heard) {
            String peer = from.toString();
            if (!ages.isNews(peer, beat.age())) {
                return false;
            }
            ages.set(peer, beat.age());
            Heard before = heard.put(peer, Heard.now(beat, dead));
            changed = before == null || !Arrays.equals(before.beat.report(), beat.report());
        }
        heads.heard(from, beat.head());
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
        long lastSave = lastBeat;
        while (!closed) {
            long now = System.nanoTime();
            // Reports that change at once are told together.
            if (now - lastBeat >= (beatNow ? LOOK : BEAT).toNanos()) {
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
            if (now - lastSave >= SAVE.toNanos()) {
                lastSave = now;
                save();
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    private Beat ownBeat() {
        return new Beat(new Beat.Age(run, ++count), host.addresses(), report, heads.own(), clock.millis());
    }

    /// What the members that are heard take for the time now, in milliseconds.
    List<Long> clocks() {
        long now = System.nanoTime();
        synchronized (heard) {
            return heard.values().stream().map(h -> h.clock(now)).toList();
        }
    }

    @Override
    public Duration ahead() {
        List<Long> others = new ArrayList<>();
        long now = System.nanoTime();
        synchronized (heard) {
            heard.forEach((peer, h) -> {
                if (!peer.equals(host.id().toString())) {
                    others.add(h.clock(now));
                }
            });
        }
        if (others.isEmpty()) {
            return Duration.ZERO;
        }
        others.sort(null);
        return Duration.ofMillis(clock.millis() - others.get(others.size() / 2));
    }

    private void save() {
        synchronized (heard) {
            ages.save();
        }
        heads.save();
    }

    @Override
    public List<Present> present() {
        long now = System.nanoTime();
        List<Present> all = new ArrayList<>();
        synchronized (heard) {
            heard.forEach((peer, h) -> all.add(new Present(
                    PeerId.parse(peer), h.beat.addresses(), Duration.ofNanos(now - h.atNanos), h.beat.report())));
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
        save();
    }
}
