package network.mycelium.shell.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.UsageException;

/// What the commands of scope `network` have in common in their words.
final class NetworkArguments {
    private NetworkArguments() {}

    static <T> T needed(T service) {
        if (service == null) {
            throw new IllegalArgumentException(
                    "This node belongs to no network; `network init` makes one, `network join` joins one.");
        }
        return service;
    }

    /// The recovery codes that a command is given: each line of the file of `--code`, or one of the standard input.
    /// Never as an argument, where others on the machine see it.
    static List<String> codes(Arguments arguments) throws IOException {
        String from = arguments.option("--code", "");
        if (from.isEmpty()) {
            return List.of();
        }
        if (from.equals("-")) {
            return List.of(arguments.firstLineOf(from));
        }
        return Files.readAllLines(Path.of(from)).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }

    /// A member by its name or peer id, one that it had before too, and revoked ones.
    static Member anyMember(NetworkIdentity identity, String nameOrPeer) {
        return one(
                identity,
                nameOrPeer,
                m -> m.name().equals(nameOrPeer)
                        || m.keys().map(PeerId::toString).anyMatch(nameOrPeer::equals));
    }

    /// A member by its name or peer id.
    static PeerId member(NetworkIdentity identity, String nameOrPeer) {
        return one(
                        identity,
                        nameOrPeer,
                        m -> !m.revoked()
                                && (m.name().equals(nameOrPeer)
                                        || m.peer().toString().equals(nameOrPeer)))
                .peer();
    }

    private static Member one(NetworkIdentity identity, String called, Predicate<Member> which) {
        List<Member> found = identity.members().stream().filter(which).toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException(
                    found.isEmpty()
                            ? "There is no member %s; `network members` shows them.".formatted(called)
                            : "%d members are called %s; say which by the peer id.".formatted(found.size(), called));
        }
        return found.getFirst();
    }

    /// Who signed something: a member by its name, or any peer id, for who is no member any more.
    static PeerId signer(NetworkIdentity identity, String nameOrPeer) {
        try {
            return PeerId.parse(nameOrPeer);
        } catch (IllegalArgumentException e) {
            return anyMember(identity, nameOrPeer).peer();
        }
    }

    static List<String> list(String text) {
        return Stream.of(text.split(","))
                .map(String::strip)
                .filter(t -> !t.isEmpty())
                .toList();
    }

    static Map<String, String> labels(String text) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String label : list(text)) {
            String[] parts = label.split("=", 2);
            if (parts.length < 2) {
                throw new UsageException("A label is KEY=VALUE, not " + label);
            }
            labels.put(parts[0], parts[1]);
        }
        return labels;
    }

    /// What to tell of something that was just said: whether it holds, or waits for more signatures.
    static String said(Statements statements, String kind, String key) {
        return waits(statements, kind, key)
                ? "Proposed; other operators sign it with `network approve %s %s`.".formatted(kind, key)
                : "Signed; it holds now.";
    }

    /// Whether what was said last about something lacks signatures.
    static boolean waits(Statements statements, String kind, String key) {
        return needed(statements).proposals().stream()
                .anyMatch(s -> s.kind().equals(kind) && s.key().equals(key));
    }

    /// A new file that its owner alone reads.
    static Path ownersFile(Path file) throws IOException {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                : Files.createFile(file);
    }
}
