package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import network.mycelium.identity.Member;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;

/// Keeps this node connected to some of the members: after boot, when others went, and when a partition ends.
final class MemberConnections implements AutoCloseable {
    private static final Logger LOG = System.getLogger(MemberConnections.class.getName());
    private static final int ENOUGH = 12;
    private static final int AT_ONCE = 3;
    private static final Duration SILENCE = Duration.ofSeconds(3);
    private static final Duration PERIOD = Duration.ofSeconds(2);

    private final Host host;
    private final Supplier<List<Member>> members;
    private final Presence presence;
    private final Map<PeerId, List<Multiaddr>> hints;
    /// Silent ones that are asked whether they live.
    private final Set<PeerId> asked = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean closed;

    /// @param members who may be connected to, without this node
    /// @param hints where some of them were once
    MemberConnections(
            Host host, Supplier<List<Member>> members, Presence presence, Map<PeerId, List<Multiaddr>> hints) {
        this.hints = hints;
        this.host = host;
        this.members = members;
        this.presence = presence;
        this.thread = Thread.ofVirtual().name("members").unstarted(this::run);
    }

    MemberConnections start() {
        thread.start();
        return this;
    }

    private void run() {
        while (!closed) {
            dropSilent();
            List<Member> missing = new ArrayList<>(members.get());
            int wanted = Math.min(ENOUGH, missing.size());
            missing.removeIf(member -> host.connection(member.peer()).isPresent());
            int connected = host.connections().size();
            Collections.shuffle(missing, ThreadLocalRandom.current());
            missing.stream().limit(Math.clamp(wanted - connected, 0, AT_ONCE)).forEach(this::connect);
            LockSupport.parkNanos(PERIOD.toNanos());
        }
    }

    /// A network that went away takes connections with it without a word; their repetitions would come later and later
    /// once it is back.
    private void dropSilent() {
        Set<PeerId> heard =
                presence.present().stream().map(Presence.Present::peer).collect(Collectors.toSet());
        Instant young = Instant.now().minus(SILENCE);
        for (Connection connection : host.connections()) {
            if (connection.opened().isBefore(young)
                    && !heard.contains(connection.peer())
                    && asked.add(connection.peer())) {
                Thread.ofVirtual().name("silent " + connection.peer()).start(() -> dropIfDead(connection));
            }
        }
    }

    /// A busy machine is silent too, and answers.
    private void dropIfDead(Connection connection) {
        try {
            host.ping(connection.peer(), SILENCE);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "{0} does not answer; its connection is dropped", connection.peer());
            connection.close();
        } finally {
            asked.remove(connection.peer());
        }
    }

    /// By the addresses that are known, under whatever key and whatever happened at them before: the network may be
    /// back.
    private void connect(Member member) {
        PeerId peer = member.peer();
        Set<Multiaddr> known = new LinkedHashSet<>();
        member.keys().forEach(key -> {
            host.peer(key).ifPresent(info -> known.addAll(info.addresses()));
            known.addAll(hints.getOrDefault(key, List.of()));
        });
        presence.present().stream()
                .filter(present -> present.peer().equals(peer))
                .forEach(present -> known.addAll(present.addresses()));
        List<Multiaddr> addresses = List.copyOf(known);
        if (addresses.isEmpty()) {
            return;
        }
        Thread.ofVirtual().name("member " + peer).start(() -> {
            try {
                host.connect(peer, addresses);
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "{0} is not reached: {1}", peer, e.getMessage());
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
