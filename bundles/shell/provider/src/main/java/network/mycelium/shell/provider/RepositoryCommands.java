package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import network.mycelium.node.command.Table;
import network.mycelium.node.command.UsageException;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.Publisher;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryIndex;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/// `repo:` the indexes that this node trusts, and the publisher's tools.
@Component(service = CommandGroup.class)
public final class RepositoryCommands implements CommandGroup {
    private final RepositoryIndex index;
    private final Publisher publisher;

    @Activate
    public RepositoryCommands(@Reference RepositoryIndex index, @Reference Publisher publisher) {
        this.index = index;
        this.publisher = publisher;
    }

    @Override
    public CommandList commands() {
        return CommandList.of(
                        "repo",
                        List.of(
                                Command.of("list", "", "Trusted indexes", 0, 0),
                                Command.of("refresh", "", "Fetch all indexes anew", 0, 0),
                                Command.of("add", "URL-or-folder --key PUBLISHER | --unsigned", "Trust an index", 1, 1)
                                        .flags("--unsigned")
                                        .valued("--key"),
                                Command.of("remove", "URL-or-folder", "Forget an index", 1, 1),
                                Command.of("search", "[TEXT]", "Bundles and components in the indexes", 0, 1),
                                Command.of("keygen", "FILE", "Make a publisher's key", 1, 1),
                                Command.of(
                                                "publish",
                                                "FOLDER [JAR...] --key FILE",
                                                "Sign bundles and add them to a repository; without any, sign its index for 90 more days",
                                                1,
                                                10_000)
                                        .valued("--key"),
                                Command.of(
                                                "verify",
                                                "FOLDER --key PUBLISHER",
                                                "Check every signature and digest of a repository",
                                                1,
                                                1)
                                        .valued("--key"),
                                Command.of(
                                                "export",
                                                "FOLDER ARCHIVE --key PUBLISHER",
                                                "Write a repository into one file",
                                                2,
                                                2)
                                        .valued("--key"),
                                Command.of(
                                                "import",
                                                "ARCHIVE --key PUBLISHER",
                                                "Verify an archive and trust its index",
                                                1,
                                                1)
                                        .valued("--key")))
                .allow(Access.READ_ONLY, "list", "search")
                .allow(Access.LIMITED, "refresh")
                .localOnly("add", "remove", "keygen", "publish", "export", "import");
    }

    @Override
    public Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "list" -> sources(index.sources());
            case "refresh" -> sources(index.refresh());
            case "add" -> add(a);
            case "remove" -> remove(a.word(0, RepositoryCommands::location));
            case "search" -> search(a.word(0, ""));
            case "keygen" -> publisher.generateKey(Path.of(a.word(0)));
            case "publish" -> publish(a);
            case "verify" -> verify(a);
            case "export" -> export(a);
            case "import" -> importArchive(a);
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    private static Table sources(List<RepositoryIndex.Source> sources) {
        Table table = Table.of("location", "publisher", "sequence", "bundles", "problem");
        sources.forEach(
                s -> table.row(s.location(), s.publisher().orElse("UNSIGNED"), s.sequence(), s.bundles(), s.problem()));
        return table;
    }

    private static String key(Arguments arguments, String what) {
        if (!arguments.has("--key")) {
            throw new UsageException("Say " + what + " with --key.");
        }
        return arguments.option("--key", "");
    }

    private Object add(Arguments arguments) throws RepositoryException {
        URI location = arguments.word(0, RepositoryCommands::location);
        Optional<String> key = arguments.has("--unsigned")
                ? Optional.empty()
                : Optional.of(key(arguments, "whose index it is (or accept it --unsigned)"));
        return sources(List.of(index.add(location, key)));
    }

    private static URI location(String text) {
        return text.matches("[a-z]+:.*")
                ? URI.create(text)
                : Path.of(text).toAbsolutePath().toUri();
    }

    private Object remove(URI location) throws RepositoryException {
        index.remove(location);
        return sources(index.sources());
    }

    private Object search(String text) {
        Table table = Table.of("component", "bundle", "version", "bytes", "publisher", "licence");
        for (BundleRef ref : index.search(text)) {
            table.row(
                    index.componentOf(ref).orElse(""),
                    ref.symbolicName(),
                    ref.version(),
                    ref.size(),
                    ref.publisher().orElse("UNSIGNED"),
                    ref.licence());
        }
        return table;
    }

    private Object publish(Arguments arguments) throws RepositoryException {
        List<Path> jars = arguments.words().subList(1, arguments.words().size()).stream()
                .map(Path::of)
                .toList();
        Table table = Table.of("bundle", "version", "sha256");
        publisher
                .publish(Path.of(arguments.word(0)), Path.of(key(arguments, "which private key signs")), jars)
                .forEach(ref -> table.row(ref.symbolicName(), ref.version(), ref.sha256()));
        index.refresh();
        return table;
    }

    private Object verify(Arguments arguments) throws RepositoryException {
        Table table = Table.of("bundle", "version", "verdict");
        publisher
                .verify(Path.of(arguments.word(0)), key(arguments, "which publisher signed it"))
                .forEach(c -> table.row(
                        c.bundle().symbolicName(),
                        c.bundle().version(),
                        c.problem().isEmpty() ? "good" : c.problem()));
        return table;
    }

    private Object export(Arguments arguments) throws RepositoryException {
        publisher.exportArchive(
                Path.of(arguments.word(0)), key(arguments, "which publisher signed it"), Path.of(arguments.word(1)));
        return "Written to " + arguments.word(1) + ".";
    }

    private Object importArchive(Arguments arguments) throws RepositoryException {
        String key = key(arguments, "which publisher signed it");
        Path folder = publisher.importArchive(Path.of(arguments.word(0)), key);
        return sources(List.of(index.add(folder.toUri(), Optional.of(key))));
    }
}
