package network.mycelium.shell.provider;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import network.mycelium.component.ComponentManager;
import network.mycelium.identity.Member.Access;
import network.mycelium.repository.RepositoryIndex;
import network.mycelium.shell.Shell.User;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/// Ends words at the prompt: commands that the user may give, and names of components for who may see them.
final class CommandCompleter implements Completer {
    private static final Set<String> WITH_COMPONENT =
            Set.of("info", "load", "unload", "update", "rollback", "why", "history", "pin", "unpin", "plan");

    private final BundleContext context;
    private final User user;

    CommandCompleter(BundleContext context, User user) {
        this.context = context;
        this.user = user;
    }

    @Override
    public void complete(LineReader ignored, ParsedLine line, List<Candidate> candidates) {
        if (line.wordIndex() == 0) {
            commands().forEach(c -> candidates.add(new Candidate(c)));
            return;
        }
        String command = line.words().get(0);
        int at = command.indexOf(':');
        if (at < 0 && line.wordIndex() == 1) {
            commands().stream()
                    .filter(c -> c.startsWith(command + ":"))
                    .forEach(c -> candidates.add(new Candidate(c.substring(command.length() + 1))));
            return;
        }
        String name = at < 0 ? line.words().get(1) : command.substring(at + 1);
        if (command.startsWith("component")
                && WITH_COMPONENT.contains(name)
                && user.access().compareTo(Access.READ_ONLY) >= 0) {
            componentNames().forEach(c -> candidates.add(new Candidate(c)));
        }
        List.of("--json", "--help").forEach(o -> candidates.add(new Candidate(o)));
    }

    private List<String> commands() {
        return new Commands(context)
                .all().values().stream()
                        .filter(c -> user.access().compareTo(c.access()) >= 0)
                        .map(Command::name)
                        .toList();
    }

    private Set<String> componentNames() {
        Set<String> names = new TreeSet<>();
        with(ComponentManager.class, m -> m.components().forEach(c -> names.add(c.name())));
        with(
                RepositoryIndex.class,
                i -> i.search("").forEach(ref -> i.componentOf(ref).ifPresent(names::add)));
        return names;
    }

    private <T> void with(Class<T> type, Consumer<T> use) {
        ServiceReference<T> reference = context.getServiceReference(type);
        T service = reference == null ? null : context.getService(reference);
        if (service != null) {
            use.accept(service);
            context.ungetService(reference);
        }
    }
}
