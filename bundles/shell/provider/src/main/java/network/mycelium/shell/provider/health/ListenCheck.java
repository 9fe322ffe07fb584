package network.mycelium.shell.provider.health;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.node.health.HealthCheck;

/// Whether the node can be reached: by its key, and on each address that it shall listen on.
public final class ListenCheck implements HealthCheck {
    private static final String PID = "network.mycelium.libp2p";
    private static final int LOG_TAIL = 1 << 18;
    /// As libp2p logs it; what this check says may be in the log too.
    private static final Pattern WHY =
            Pattern.compile("network\\.mycelium\\.libp2p\\.\\S+: this node (?:is not on|leaves) the network[:,] (.*)");
    private static final Pattern PORT = Pattern.compile("/(?:tcp|udp)/([1-9][0-9]*)");

    private final Path home;
    private final Supplier<Host> host;
    private final Supplier<List<String>> listen;

    /// @param host gives null while there is none
    /// @param listen what the settings say, empty if nothing
    public ListenCheck(Path home, Supplier<Host> host, Supplier<List<String>> listen) {
        this.home = home;
        this.host = host;
        this.listen = listen;
    }

    @Override
    public String name() {
        return "listen";
    }

    @Override
    public Finding look() throws IOException {
        Host there = host.get();
        if (there == null) {
            return absent();
        }
        List<String> bound = there.addresses().stream().map(Multiaddr::toString).toList();
        List<Problem> problems = new ArrayList<>();
        for (String wanted : listen.get()) {
            problem(wanted, bound).ifPresent(problems::add);
        }
        if (bound.isEmpty() && problems.isEmpty()) {
            problems.add(new Problem(
                    "the node listens on no address, so nobody can connect to it",
                    "set one: `node config %s listen=/ip4/0.0.0.0/tcp/0`; `node log --level ERROR` names the reason"
                            .formatted(PID)));
        }
        return new Finding(bound.size() + " addresses", problems);
    }

    /// What is wrong where there is no host.
    public Finding absent() throws IOException {
        String why = reason();
        return new Finding(
                "",
                List.of(new Problem(
                        "this node is not on the network" + (why.isEmpty() ? "" : ": " + why),
                        "put the right file back in %s (without its key this node is another one), then `node restart`; `node log --level ERROR` tells more"
                                .formatted(home.resolve("state")))));
    }

    private static java.util.Optional<Problem> problem(String wanted, List<String> bound) {
        try {
            Multiaddr.parse(wanted);
        } catch (IllegalArgumentException e) {
            return java.util.Optional.of(new Problem(
                    "the node shall listen on %s, which is no address: %s".formatted(wanted, e.getMessage()),
                    "correct it: `node config %s listen=/ip4/0.0.0.0/tcp/0`".formatted(PID)));
        }
        Matcher port = PORT.matcher(wanted);
        boolean open = port.find()
                ? bound.stream().anyMatch(address -> (address + "/").contains(port.group() + "/"))
                : !bound.isEmpty();
        return open
                ? java.util.Optional.empty()
                : java.util.Optional.of(new Problem(
                        "the node does not listen on " + wanted,
                        "free the port, or `node config %s listen=...` with another; `node log --level ERROR` names the reason"
                                .formatted(PID)));
    }

    /// The last one that the log has.
    private String reason() throws IOException {
        String why = "";
        try (var log = Files.newByteChannel(home.resolve("log/node.0.log"))) {
            log.position(Math.max(0, log.size() - LOG_TAIL));
            var text = new String(
                    java.nio.channels.Channels.newInputStream(log).readNBytes(LOG_TAIL), StandardCharsets.UTF_8);
            Matcher found = WHY.matcher(text);
            while (found.find()) {
                why = found.group(1).strip();
            }
        } catch (NoSuchFileException e) {
            return "there is no log";
        }
        return why;
    }
}
