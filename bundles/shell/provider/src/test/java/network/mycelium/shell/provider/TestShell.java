package network.mycelium.shell.provider;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.shell.Shell;
import network.mycelium.shell.Shell.Origin;
import network.mycelium.shell.Shell.User;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandProcessor;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/// The shell with Gogo as it is, in a framework that holds only its commands.
final class TestShell {
    static final User OPERATOR = new User("operator", "somebody", Access.FULL, Origin.TERMINAL);

    /// What a command answered.
    record Answer(int exit, String out, String err) {}

    private final Path home;
    /// There is one for the process.
    private static final ThreadIOImpl THREADS = new ThreadIOImpl();

    static {
        THREADS.start();
    }

    private final CommandProcessorImpl gogo;
    private final List<ServiceReference<?>> commands = new CopyOnWriteArrayList<>();
    private final Map<Object, ServiceReference<?>> services = new ConcurrentHashMap<>();
    /// What was put on record.
    final List<String> record = new CopyOnWriteArrayList<>();

    final BundleContext context;
    final GogoShell shell;
    final CommandGroups groups;
    private long lastService;

    TestShell(Path home) {
        this.home = home;
        this.gogo = new CommandProcessorImpl(THREADS);
        this.context = context();
        this.groups = new CommandGroups(context);
        this.shell = new GogoShell(context, gogo, THREADS, new BootGate(context));
        identity(Fakes.of(NetworkIdentity.class, Map.of("note", Fakes.doing(a -> record.add(a.toString())))));
    }

    void identity(NetworkIdentity identity) {
        shell.identity(identity);
    }

    <T> void service(Class<T> type, T service) {
        services.put(type, Fakes.of(ServiceReference.class, Map.of("getProperty", a -> service)));
    }

    static User member(Access access) {
        return new User("member", "12D3KooWmember", access, Origin.MEMBER);
    }

    private BundleContext context() {
        var level = Fakes.of(FrameworkStartLevel.class, Map.of("getStartLevel", a -> 1));
        var system = Fakes.of(Bundle.class, Map.of("adapt", a -> level));
        return Fakes.of(
                BundleContext.class,
                Map.of(
                        "getBundle", a -> system,
                        "addFrameworkListener", a -> null,
                        "getProperty", a -> a.getFirst().equals("mycelium.home") ? home.toString() : null,
                        "getAllServiceReferences", a -> commands.toArray(ServiceReference<?>[]::new),
                        "getServiceReference", a -> services.get(a.getFirst()),
                        "getService", a -> ((ServiceReference<?>) a.getFirst()).getProperty("service"),
                        "ungetService", a -> true,
                        "registerService", a -> register(a.get(1), (Dictionary<?, ?>) a.get(2))));
    }

    private ServiceRegistration<?> register(Object target, Dictionary<?, ?> properties) {
        if (properties == null) {
            // No command.
            return Fakes.of(ServiceRegistration.class, Map.of("unregister", a -> null));
        }
        ServiceReference<?> reference =
                Fakes.of(ServiceReference.class, Map.of("getProperty", a -> properties.get(a.getFirst())));
        commands.add(reference);
        String scope = properties.get(CommandProcessor.COMMAND_SCOPE).toString();
        String name = properties.get(CommandProcessor.COMMAND_FUNCTION).toString();
        gogo.addCommand(scope, target, name);
        return Fakes.of(ServiceRegistration.class, Map.of("unregister", Fakes.doing(a -> {
            commands.remove(reference);
            gogo.removeCommand(scope, name, target);
        })));
    }

    /// Brings commands.
    ///
    /// @return the number of its service
    long add(CommandGroup group) {
        groups.bind(group, Map.of(Constants.SERVICE_ID, ++lastService));
        return lastService;
    }

    /// A command of another bundle: it says nothing of itself.
    void foreign(String scope, String name, Object target) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(CommandProcessor.COMMAND_SCOPE, scope);
        properties.put(CommandProcessor.COMMAND_FUNCTION, name);
        register(target, properties);
    }

    Answer run(User user, String... words) {
        var out = new ByteArrayOutputStream();
        var error = new ByteArrayOutputStream();
        int exit = shell.execute(Arrays.asList(words), out, error, user);
        return new Answer(exit, out.toString(StandardCharsets.UTF_8), error.toString(StandardCharsets.UTF_8));
    }

    Shell.Call begin(User user, String... words) {
        return shell.begin(
                new ArrayList<>(Arrays.asList(words)),
                InputStream.nullInputStream(),
                new ByteArrayOutputStream(),
                new ByteArrayOutputStream(),
                user);
    }
}
