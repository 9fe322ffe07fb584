package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.Multiaddr.Protocol;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.provider.limits.Scope.Resource;

/// Dials a peer's addresses, best first, the next one after a moment or a failure, a few at once (as RFC
/// 8305 does); the first that becomes a connection is kept.
final class Dialer {
    private static final Duration STAGGER = Duration.ofMillis(250);
    private static final int MAX_PARALLEL = 8;
    private static final int MAX_ADDRESSES = 32;

    private record Outcome(Multiaddr address, SwarmConnection connection, IOException failure) {}

    /// The attempts of one dial: the first connection wins, unless the dial is over by then. Who made a
    /// connection that does not win closes it; so does the dial with one that won and that it does not give
    /// to its caller.
    private static final class Race {
        private final LinkedBlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
        private SwarmConnection winner;
        private boolean over;

        private synchronized boolean won(Outcome outcome) {
            if (over || winner != null) {
                return false;
            }
            winner = outcome.connection();
            outcomes.add(outcome);
            return true;
        }

        /// @return who won before, if that was so
        private synchronized Optional<SwarmConnection> end() {
            over = true;
            return Optional.ofNullable(winner);
        }
    }

    private final Swarm swarm;
    private final BackOffs backOffs = new BackOffs();

    Dialer(Swarm swarm) {
        this.swarm = swarm;
    }

    /// @param given asked for by the caller: tried whatever happened before
    /// @param known tried unless they wait after a failure
    SwarmConnection dial(PeerId peer, List<Multiaddr> given, List<Multiaddr> known) throws IOException {
        List<Multiaddr> addresses = rank(peer, given, known);
        var race = new Race();
        Map<Multiaddr, IOException> failures = new LinkedHashMap<>();
        boolean returned = false;
        try {
            long until = System.nanoTime() + swarm.settings().dial().toNanos();
            int next = 0;
            int flying = 0;
            boolean cut = false;
            while (!cut && (next < addresses.size() || flying > 0)) {
                if (next < addresses.size() && flying < MAX_PARALLEL) {
                    Multiaddr address = addresses.get(next++);
                    flying++;
                    Thread.startVirtualThread(() -> attempt(peer, address, race));
                }
                Outcome outcome =
                        poll(race.outcomes, next < addresses.size() ? STAGGER.toNanos() : until - System.nanoTime());
                cut = System.nanoTime() - until > 0;
                if (outcome == null) {
                    continue;
                }
                flying--;
                if (outcome.connection() != null) {
                    backOffs.reached(peer, outcome.address());
                    returned = true;
                    return outcome.connection();
                }
                failures.put(outcome.address(), outcome.failure());
                backOffs.failed(peer, outcome.address());
            }
            Optional<SwarmConnection> last = race.end();
            if (last.isPresent()) {
                returned = true;
                return last.get();
            }
            throw failure(peer, addresses, failures);
        } finally {
            if (!returned) {
                race.end().ifPresent(SwarmConnection::discard);
            }
        }
    }

    private static Outcome poll(LinkedBlockingQueue<Outcome> outcomes, long nanos) throws IOException {
        try {
            return outcomes.poll(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Libp2pException(Kind.CLOSED, "The thread was interrupted while it dialled", e);
        }
    }

    private void attempt(PeerId peer, Multiaddr address, Race race) {
        try {
            SwarmConnection connection = connectOrAsk(peer, address);
            if (!race.won(new Outcome(address, connection, null))) {
                connection.discard();
            }
        } catch (IOException e) {
            race.outcomes.add(new Outcome(address, null, e));
        } catch (RuntimeException | Error e) {
            race.outcomes.add(new Outcome(address, null, new IOException("dialling failed: " + e, e)));
        }
    }

    /// A peer that no longer speaks what it did before is asked what it speaks now.
    private SwarmConnection connectOrAsk(PeerId peer, Multiaddr address) throws IOException {
        boolean known = !swarm.book().security(peer).isEmpty();
        try {
            return connect(peer, address);
        } catch (IOException e) {
            if (known && swarm.book().security(peer).isEmpty()) {
                return connect(peer, address);
            }
            throw e;
        }
    }

    private SwarmConnection connect(PeerId peer, Multiaddr address) throws IOException {
        Optional<String> refusal = swarm.gates().refuseAddress(Optional.of(peer), address);
        if (refusal.isPresent()) {
            throw new Libp2pException(Kind.REFUSED, "a gate of this node refuses it: " + refusal.get());
        }
        var transients = swarm.scopes().handshake();
        var socket = new Socket(Proxy.NO_PROXY);
        boolean done = false;
        try {
            socket.connect(
                    new InetSocketAddress(
                            resolve(address),
                            Integer.parseInt(address.value(Protocol.TCP).orElseThrow())),
                    (int) swarm.settings().handshake().toMillis());
            SwarmConnection connection = swarm.upgrader().upgrade(socket, true, Optional.of(peer));
            done = true;
            return connection;
        } finally {
            transients.release(Resource.CONNECTIONS, 1);
            if (!done) {
                socket.close();
            }
        }
    }

    private static InetAddress resolve(Multiaddr address) throws UnknownHostException {
        String name = address.parts().getFirst().value();
        Protocol protocol = address.parts().getFirst().protocol();
        for (InetAddress found : InetAddress.getAllByName(name)) {
            int size = found.getAddress().length;
            if (!(protocol == Protocol.DNS4 && size != 4) && !(protocol == Protocol.DNS6 && size != 16)) {
                return found;
            }
        }
        throw new UnknownHostException(name);
    }

    private List<Multiaddr> rank(PeerId peer, List<Multiaddr> given, List<Multiaddr> known) throws Libp2pException {
        List<Multiaddr> usable = new ArrayList<>();
        for (Multiaddr address : given) {
            usable.add(address.withoutPeer());
        }
        int unusable = 0;
        for (Multiaddr address : known) {
            if (backOffs.waits(peer, address)) {
                unusable++;
            } else {
                usable.add(address);
            }
        }
        List<Multiaddr> ranked = usable.stream()
                .distinct()
                .filter(Multiaddr::isTcp)
                .sorted(Comparator.comparingInt(Dialer::distance))
                .limit(MAX_ADDRESSES)
                .toList();
        if (ranked.isEmpty()) {
            throw new Libp2pException(
                    Kind.UNREACHABLE,
                    "No address of %s can be dialled: %d known, %d of them wait after a failure; only TCP is dialled"
                            .formatted(peer, given.size() + known.size(), unusable));
        }
        return ranked;
    }

    /// Near ones first: this machine, then private networks, then others, then names that must be looked up.
    private static int distance(Multiaddr address) {
        String value = address.parts().getFirst().value();
        return switch (address.parts().getFirst().protocol()) {
            case IP4, IP6 -> {
                try {
                    InetAddress ip = InetAddress.getByName(value);
                    yield ip.isLoopbackAddress() ? 0 : ip.isSiteLocalAddress() || ip.isLinkLocalAddress() ? 1 : 2;
                } catch (UnknownHostException e) {
                    throw new IllegalArgumentException(e);
                }
            }
            default -> 3;
        };
    }

    private static Libp2pException failure(
            PeerId peer, List<Multiaddr> addresses, Map<Multiaddr, IOException> failures) {
        Kind kind = failures.values().stream()
                .map(e -> e instanceof Libp2pException known ? known.kind() : Kind.UNREACHABLE)
                .filter(k -> k != Kind.UNREACHABLE)
                .findFirst()
                .orElse(Kind.UNREACHABLE);
        var text = new StringBuilder("No connection to " + peer + ":");
        for (Multiaddr address : addresses) {
            IOException why = failures.get(address);
            text.append(' ').append(address).append(": ");
            text.append(why == null ? "no answer in time" : why.getMessage()).append(';');
        }
        text.setLength(text.length() - 1);
        var failure = new Libp2pException(kind, text.toString());
        failures.values().forEach(failure::addSuppressed);
        return failure;
    }
}
