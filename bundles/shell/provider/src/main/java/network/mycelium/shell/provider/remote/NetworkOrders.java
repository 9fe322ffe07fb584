package network.mycelium.shell.provider.remote;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Access;
import network.mycelium.shell.Orders;
import network.mycelium.shell.Shell;
import network.mycelium.shell.provider.Secrets;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/// Does what the network orders, one order after the other, and keeps what became of each in [Outcomes]: one that was
/// done is not done again, not even after a restart, nor when the clock is put back. A node that dies within an
/// order tries it once more, so orders are for commands of which twice is as good as once.
@Component(service = Orders.class)
public final class NetworkOrders implements Orders {
    private static final Logger LOG = System.getLogger(NetworkOrders.class.getName());
    private static final Duration PERIOD = Duration.ofSeconds(5);
    private static final int ID = 8;
    private static final String CLOSED = "the node follows no orders any more";
    private static final int MAX_TRIES = 2;
    private static final Duration MAX_RUN = Duration.ofMinutes(10);

    private final Host host;
    private final NetworkIdentity identity;
    private final Statements statements;
    private final Shell shell;
    private final Outcomes outcomes;
    private AutoCloseable listening = () -> {};
    private final Thread thread;
    private final SecureRandom random = new SecureRandom();
    private volatile boolean closed;
    private volatile Shell.Call running;

    @Activate
    public NetworkOrders(
            BundleContext context,
            @Reference Host host,
            @Reference NetworkIdentity identity,
            @Reference Statements statements,
            @Reference Shell shell) {
        this.host = host;
        this.identity = identity;
        this.statements = statements;
        this.shell = shell;
        this.outcomes = new Outcomes(Path.of(context.getProperty("mycelium.home"), "state", "network", "orders"));
        this.thread = Thread.ofVirtual().name("orders").unstarted(this::run);
    }

    @Activate
    void activate() {
        listening = statements.listen(statement -> {
            if (statement.kind().equals(OrderCodec.KIND)) {
                LockSupport.unpark(thread);
            }
        });
        thread.start();
    }

    @Deactivate
    void deactivate() throws Exception {
        closed = true;
        listening.close();
        Shell.Call call = running;
        if (call != null) {
            call.cancel(CLOSED);
        }
        LockSupport.unpark(thread);
    }

    private void run() {
        while (!closed) {
            try {
                for (Order order : orders()) {
                    // Those before may have taken long: what its signers lost the say in meanwhile is not done.
                    if (!closed
                            && concernsThisNode(order)
                            && !outcomes.isDone(order.id())
                            && orders().stream().anyMatch(o -> o.id().equals(order.id()))) {
                        carryOut(order);
                    }
                }
                outcomes.prune(Instant.now());
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "orders could not be followed; it is tried again", e);
            }
            if (!closed) {
                LockSupport.parkNanos(PERIOD.toNanos());
            }
        }
    }

    private void carryOut(Order order) throws IOException {
        LOG.log(Level.INFO, "order {0}: {1}", order.id(), Secrets.hide(order.command()));
        if (outcomes.begin(order.id()) > MAX_TRIES) {
            outcomes.put(order.id(), new Outcome(Instant.now(), 1, "The node ended within it, each time."));
            return;
        }
        var out = new ByteArrayOutputStream();
        String signers = order.signers().stream().map(PeerId::toString).collect(Collectors.joining(", "));
        var user = new Shell.User("order " + order.id(), signers, Access.FULL, Shell.Origin.ORDER);
        Shell.Call call = shell.begin(order.command(), InputStream.nullInputStream(), out, out, user);
        running = call;
        if (closed) {
            call.cancel(CLOSED);
        }
        int exit = call.await(MAX_RUN);
        running = null;
        String output = Outcomes.end(out.toByteArray());
        outcomes.put(
                order.id(),
                new Outcome(
                        Instant.now(),
                        exit,
                        exit == Shell.CANCELLED
                                ? output + "Cancelled: an order may run for %d seconds.".formatted(MAX_RUN.toSeconds())
                                : output));
    }

    @Override
    public Order give(
            List<String> command, List<PeerId> nodes, List<String> roles, Map<String, String> labels, Duration life)
            throws IdentityException {
        if (!life.isPositive()) {
            throw new IdentityException(
                    IdentityException.Kind.INVALID, "An order has its deadline in the future: --seconds 1 or more.");
        }
        byte[] id = new byte[ID];
        random.nextBytes(id);
        return OrderCodec.order(statements.publish(
                OrderCodec.KIND, HexFormat.of().formatHex(id), OrderCodec.body(command, nodes, roles, labels), life));
    }

    @Override
    public List<Order> orders() {
        List<Order> all = new ArrayList<>();
        Instant now = Instant.now();
        for (Statement statement : statements.of(OrderCodec.KIND)) {
            // What the network holds it shows two hours longer, for clocks may be wrong by that; a deadline is nearer.
            if (!statement.expires().isAfter(now)) {
                continue;
            }
            try {
                all.add(OrderCodec.order(statement));
            } catch (IllegalArgumentException e) {
                LOG.log(Level.DEBUG, "the order {0} is not understood: {1}", statement.key(), e.getMessage());
            }
        }
        all.sort(Comparator.comparing(Order::given).thenComparing(Order::id));
        return all;
    }

    private boolean concernsThisNode(Order order) {
        return identity.member(host.id())
                .filter(member -> selects(order, member))
                .isPresent();
    }

    private static boolean selects(Order order, Member member) {
        return (order.nodes().isEmpty() || member.keys().anyMatch(order.nodes()::contains))
                && (order.roles().isEmpty() || order.roles().stream().anyMatch(member.roles()::contains))
                && member.labels().entrySet().containsAll(order.labels().entrySet());
    }

    @Override
    public List<PeerId> concerned(Order order) {
        return identity.members().stream()
                .filter(member -> !member.revoked() && selects(order, member))
                .map(Member::peer)
                .toList();
    }

    @Override
    public Optional<Outcome> outcome(String id) {
        return outcomes.get(id);
    }
}
