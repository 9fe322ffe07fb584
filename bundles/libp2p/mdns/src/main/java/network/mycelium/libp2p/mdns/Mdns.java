package network.mycelium.libp2p.mdns;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/// Finds peers on the local network (libp2p/specs discovery/mdns.md): asks now and then, answers those who ask, and
/// connects to whom it hears of. Anybody on the link can say anything here; whether a peer may stay is for the
/// connection's own proof and the gates to say.
@Component(
        service = {},
        immediate = true,
        configurationPid = "network.mycelium.libp2p.mdns")
@Designate(ocd = MdnsConfig.class)
public final class Mdns {
    private static final Logger LOG = System.getLogger(Mdns.class.getName());
    /// A liar on the link can make this node dial so many at once, and no more than the budget.
    private static final int MAX_DIALS = 8;
    /// A record is multicast no more often on a link (RFC 6762, 6).
    private static final Duration ANSWER_INTERVAL = Duration.ofSeconds(1);

    private final Host host;
    private final List<String> interfaces;
    private final Duration interval;
    private final int port;
    private final String label = label();
    private final List<MdnsSocket> sockets = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Semaphore dials = new Semaphore(MAX_DIALS);
    /// Guarded by itself.
    private final DialBudget budget;

    private volatile boolean closed;

    @Activate
    public Mdns(@Reference Host host, MdnsConfig config) {
        this(
                host,
                List.of(config.interfaces()),
                Duration.ofSeconds(Math.max(1, config.interval_seconds())),
                config.port());
    }

    Mdns(Host host, List<String> interfaces, Duration interval, int port) {
        this.host = host;
        this.interfaces = interfaces;
        this.interval = interval;
        this.budget = new DialBudget(interval, System.nanoTime());
        this.port = port;
    }

    private static String label() {
        var random = new SecureRandom();
        return random.ints(40, 0, 36)
                .mapToObj(i -> Character.toString(Character.forDigit(i, 36)))
                .collect(Collectors.joining());
    }

    @Activate
    void activate() throws SocketException {
        for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
            if (wanted(network)) {
                try {
                    sockets.add(new MdnsSocket(network, port));
                } catch (IOException e) {
                    LOG.log(Level.WARNING, "no multicast on {0}: {1}", network.getName(), e.getMessage());
                }
            }
        }
        if (sockets.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "there is no network interface to find peers on, of {0}",
                    interfaces.isEmpty() ? "all that can multicast" : interfaces);
        }
        for (MdnsSocket socket : sockets) {
            threads.add(Thread.ofVirtual()
                    .name("mdns " + socket.network().getName())
                    .start(() -> listen(socket)));
        }
        threads.add(Thread.ofVirtual().name("mdns-ask").start(this::ask));
    }

    private boolean wanted(NetworkInterface network) throws SocketException {
        return interfaces.isEmpty()
                ? network.isUp() && network.supportsMulticast() && !network.isLoopback()
                : interfaces.contains(network.getName());
    }

    private void ask() {
        byte[] question = MdnsPacket.question();
        while (!closed) {
            sockets.forEach(socket -> send(socket, question));
            LockSupport.parkNanos(interval.toNanos());
        }
    }

    private void send(MdnsSocket socket, byte[] packet) {
        try {
            socket.send(packet);
        } catch (IOException e) {
            if (!closed) {
                // The interface may come back; the next question is tried all the same.
                LOG.log(
                        Level.DEBUG,
                        "nothing sent on {0}: {1}",
                        socket.network().getName(),
                        e.getMessage());
            }
        }
    }

    private void listen(MdnsSocket socket) {
        long answered = 0;
        while (!closed && !socket.isClosed()) {
            try {
                MdnsSocket.Received received = socket.receive();
                switch (MdnsPacket.read(received.packet())) {
                    case MdnsPacket.Question _ -> {
                        if (answered == 0 || System.nanoTime() - answered >= ANSWER_INTERVAL.toNanos()) {
                            answered = System.nanoTime();
                            answer(socket);
                        }
                    }
                    case MdnsPacket.Answer(List<Multiaddr> addresses) -> heard(socket, received.sender(), addresses);
                    case MdnsPacket.Other _ -> {}
                }
            } catch (IOException e) {
                LOG.log(Level.TRACE, "not a packet of mDNS", e);
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "a packet of mDNS could not be handled", e);
            }
        }
    }

    private void answer(MdnsSocket socket) {
        List<Multiaddr> reachable = host.addresses().stream()
                .filter(address -> isOf(address, socket.network()))
                .toList();
        if (!reachable.isEmpty()) {
            send(socket, MdnsPacket.answer(label, host.id(), reachable));
        }
    }

    /// Addresses of other interfaces would not be reached from this link.
    private static boolean isOf(Multiaddr address, NetworkInterface network) {
        return address.isTcp() && network.inetAddresses().anyMatch(MdnsPacket.ip(address)::equals);
    }

    /// Addresses beyond this link are not what a neighbour can tell: who names them would have this node dial
    /// strangers.
    private static boolean isOnLink(Multiaddr address, NetworkInterface network) {
        return address.withoutPeer().isTcp()
                && MdnsPacket.isNumber(address)
                && OnLink.test(network, MdnsPacket.ip(address));
    }

    private void heard(MdnsSocket socket, InetAddress sender, List<Multiaddr> addresses) {
        Map<PeerId, List<Multiaddr>> byPeer = addresses.stream()
                .filter(address -> isOnLink(address, socket.network()))
                .collect(Collectors.groupingBy(
                        address -> address.peer().orElseThrow(),
                        Collectors.mapping(Multiaddr::withoutPeer, Collectors.toList())));
        byPeer.forEach((peer, at) -> {
            if (!peer.equals(host.id()) && host.connection(peer).isEmpty() && dialNow(sender, peer)) {
                Thread.startVirtualThread(() -> dial(peer, at));
            }
        });
    }

    private boolean dialNow(InetAddress sender, PeerId peer) {
        if (!dials.tryAcquire()) {
            return false;
        }
        boolean taken;
        synchronized (budget) {
            taken = budget.take(sender, peer, System.nanoTime());
        }
        if (!taken) {
            dials.release();
        }
        return taken;
    }

    private void dial(PeerId peer, List<Multiaddr> addresses) {
        try {
            host.connect(peer, addresses);
            LOG.log(Level.INFO, "found {0} on the local network", peer);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "{0} was announced on the local network: {1}", peer, e.getMessage());
        } finally {
            dials.release();
        }
    }

    @Deactivate
    void deactivate() throws InterruptedException {
        closed = true;
        sockets.forEach(MdnsSocket::close);
        threads.forEach(LockSupport::unpark);
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
