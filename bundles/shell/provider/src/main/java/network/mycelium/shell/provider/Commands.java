package network.mycelium.shell.provider;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import network.mycelium.node.command.UsageException;
import org.apache.felix.service.command.CommandProcessor;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/// The commands that there are, of whatever bundle, and which of them some words call.
final class Commands {
    private static final String FILTER =
            "(&(" + CommandProcessor.COMMAND_SCOPE + "=*)(" + CommandProcessor.COMMAND_FUNCTION + "=*))";

    /// The scope of what concerns the network that a node belongs to.
    static final String NETWORK = "network";

    private static final String HELP_SCOPE = "shell:";

    /// @param arguments the words after its name
    record Called(KnownCommand command, List<String> arguments) {}

    private final BundleContext context;

    Commands(BundleContext context) {
        this.context = context;
    }

    /// By name. Gogo does not tell upper case from lower case.
    Map<String, KnownCommand> all() {
        Map<String, KnownCommand> all = new TreeMap<>();
        for (ServiceReference<?> service : services()) {
            Object scope = service.getProperty(CommandProcessor.COMMAND_SCOPE);
            for (String function : names(service)) {
                String name = (scope + ":" + function).toLowerCase(Locale.ROOT);
                all.merge(name, KnownCommand.of(name, service), KnownCommand::and);
            }
        }
        return all;
    }

    private List<ServiceReference<?>> services() {
        try {
            ServiceReference<?>[] all = context.getAllServiceReferences(null, FILTER);
            return all == null ? List.of() : List.of(all);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> names(ServiceReference<?> service) {
        Object names = service.getProperty(CommandProcessor.COMMAND_FUNCTION);
        return names instanceof String[] several ? List.of(several) : List.of(String.valueOf(names));
    }

    /// `component list` and `component:list` mean the same, and `help` is `shell:help`; no words mean that, too, and a
    /// scope alone means help on its commands.
    Optional<Called> find(List<String> words) {
        return find(all(), words);
    }

    static Optional<Called> find(Map<String, KnownCommand> all, List<String> words) {
        if (words.isEmpty()) {
            return find(all, List.of("help"));
        }
        String first = words.getFirst().toLowerCase(Locale.ROOT);
        if (words.size() > 1 && !first.contains(":")) {
            String name = first + ":" + words.get(1).toLowerCase(Locale.ROOT);
            if (all.containsKey(name)) {
                return Optional.of(new Called(all.get(name), rest(words, 2)));
            }
        }
        KnownCommand one = all.get(first.contains(":") ? first : HELP_SCOPE + first);
        if (one != null) {
            return Optional.of(new Called(one, rest(words, 1)));
        }
        return isScope(all, first) ? ofScope(all, first, rest(words, 1)) : Optional.empty();
    }

    private static boolean isScope(Map<String, KnownCommand> all, String word) {
        return all.values().stream().anyMatch(command -> command.scope().equals(word));
    }

    /// With options at most, of which `--help` says no more.
    private static Optional<Called> ofScope(Map<String, KnownCommand> all, String scope, List<String> options) {
        if (!options.stream().allMatch(option -> option.startsWith("--"))) {
            return Optional.empty();
        }
        List<String> words = new ArrayList<>(List.of("help", scope));
        options.stream().filter(option -> !option.equals("--help")).forEach(words::add);
        return find(all, words).filter(called -> called.command().name().equals(HELP_SCOPE + "help"));
    }

    private static List<String> rest(List<String> words, int from) {
        return new ArrayList<>(words.subList(from, words.size()));
    }

    /// Whether they name a command of scope `network`, be it there or not.
    boolean isOfNetwork(List<String> words) {
        String first = words.isEmpty() ? "" : words.getFirst().toLowerCase(Locale.ROOT);
        return first.equals(NETWORK) && words.size() > 1 || first.startsWith(NETWORK + ":");
    }

    /// Whether the commands about membership are there.
    boolean areOfNetwork() {
        return all().containsKey(NETWORK + ":init");
    }

    /// @throws UsageException if there is none
    Called get(List<String> words) {
        Map<String, KnownCommand> all = all();
        return find(all, words).orElseThrow(() -> {
            String scope = words.getFirst().toLowerCase(Locale.ROOT);
            return new UsageException(
                    "There is no command %s; `%s` lists %s, and `node health` tells if some are missing."
                            .formatted(
                                    String.join(" ", words.subList(0, Math.min(2, words.size()))),
                                    isScope(all, scope) ? "help " + scope : "help",
                                    isScope(all, scope) ? "those of " + scope : "them"));
        });
    }

    /// Whether it says that there is no such command.
    static boolean isUnknown(Exception e) {
        return String.valueOf(e.getMessage()).startsWith("Command not found");
    }

    /// What went wrong, for people: no class names where a message was written for them.
    static String message(Throwable e) {
        Throwable cause = e;
        while (cause instanceof InvocationTargetException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String text = String.valueOf(cause.getMessage());
        if (text.startsWith("Command not found")) {
            return text + "; `help` lists the commands.";
        }
        if (cause instanceof FileSystemException file) {
            return message(file);
        }
        boolean written = cause.getClass().getName().startsWith("network.mycelium.")
                || cause instanceof IllegalArgumentException
                || cause instanceof IllegalStateException
                || cause.getClass() == IOException.class;
        return written ? text : cause.toString();
    }

    private static String message(FileSystemException e) {
        return switch (e) {
            case NoSuchFileException _ ->
                e.getFile() + ": there is no such file on the machine of the node. Give its whole path.";
            case AccessDeniedException _ -> e.getFile() + ": the user that the node runs as may not use it.";
            case FileAlreadyExistsException _ ->
                e.getFile() + " is there already. Name another file, or move that one.";
            default -> e.toString();
        };
    }
}
