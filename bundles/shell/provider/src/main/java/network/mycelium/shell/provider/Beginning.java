package network.mycelium.shell.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import network.mycelium.component.Director;
import network.mycelium.component.Roles;
import network.mycelium.component.Tasks;
import network.mycelium.identity.Statements;
import network.mycelium.node.health.HealthCheck.Problem;
import network.mycelium.repository.NetworkRepository;
import network.mycelium.shell.Orders;
import network.mycelium.shell.RemoteShell;
import network.mycelium.shell.provider.health.ListenCheck;
import org.osgi.framework.BundleContext;

/// The moment after the boot: the shell answers, and the node is not on the network yet, or not in its place among the
/// members of its own network. Who needs that waits for it here, but not longer than [#PATIENCE] after the shell began;
/// later it is not there for another reason, which is told.
final class Beginning {
    static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofMillis(20);
    /// What a node has that took its place. The last of them come when all else is there.
    private static final List<Class<?>> OF_A_MEMBER = List.of(
            Statements.class,
            Director.class,
            Roles.class,
            Tasks.class,
            NetworkRepository.class,
            Orders.class,
            RemoteShell.class);

    private final BundleContext context;
    private final Path home;
    private final long end;

    Beginning(BundleContext context) {
        this(context, PATIENCE);
    }

    Beginning(BundleContext context, Duration patience) {
        this.context = context;
        this.home = Path.of(context.getProperty("mycelium.home"));
        this.end = System.nanoTime() + patience.toNanos();
    }

    /// @return whether it is there
    boolean await(BooleanSupplier there) throws InterruptedException {
        while (!there.getAsBoolean()) {
            if (System.nanoTime() - end >= 0) {
                return false;
            }
            Thread.sleep(LOOK);
        }
        return true;
    }

    /// Waits until a member is in its place; a node of no network does not wait.
    void awaitPlace() throws InterruptedException {
        if (isMember() && !tookPlace() && await(this::tookPlace)) {
            settle();
        }
    }

    /// Who waits for one service is told of it in the same moment as all others, in no certain order.
    void settle() throws InterruptedException {
        Thread.sleep(LOOK);
    }

    /// By the file by which everybody tells it.
    boolean isMember() {
        return Files.exists(home.resolve("state/network/genesis"));
    }

    private boolean tookPlace() {
        return OF_A_MEMBER.stream().allMatch(type -> context.getServiceReference(type) != null);
    }

    /// Why a node is not on the network, and what to do.
    IllegalStateException notOnTheNetwork() {
        try {
            Problem problem = new ListenCheck(home, () -> null, List::of)
                    .absent()
                    .problems()
                    .getFirst();
            return new IllegalStateException(sentence(problem.problem()) + "\n" + sentence(problem.remedy()));
        } catch (IOException e) {
            return new IllegalStateException("This node is not on the network, and its log cannot be read: " + e, e);
        }
    }

    private static String sentence(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + (text.endsWith(".") ? "" : ".");
    }
}
