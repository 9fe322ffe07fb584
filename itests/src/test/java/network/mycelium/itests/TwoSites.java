package network.mycelium.itests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Hosts in network namespaces of this machine, at two sites: each site is a bridge, and one cable joins the bridges.
/// Takes root and Debian's iproute2. All that it makes is gone when it is closed.
final class TwoSites implements AutoCloseable {
    private static final Pattern DROPPED = Pattern.compile("dropped (\\d+)");

    private final String prefix = "my" + ProcessHandle.current().pid() % 100_000;
    private final List<String> hosts = new ArrayList<>();
    private final List<Integer> sites = new ArrayList<>();

    /// @param hosts how many there are at each of the two sites
    TwoSites(int... hosts) throws IOException, InterruptedException {
        ip("link add %sb0 type bridge", prefix);
        ip("link add %sb1 type bridge", prefix);
        ip("link add %sc0 type veth peer name %sc1", prefix, prefix);
        for (int site = 0; site < 2; site++) {
            ip("link set %sc%d master %sb%d", prefix, site, prefix, site);
            ip("link set %sc%d up", prefix, site);
            ip("link set %sb%d up", prefix, site);
            for (int i = 0; i < hosts[site]; i++) {
                addHost(site);
            }
        }
    }

    /// Why this machine cannot have such hosts, if it cannot.
    static Optional<String> missing() {
        try {
            ip("netns add mycheck");
            ip("netns del mycheck");
            ip("link add mycheck type bridge");
            ip("link del mycheck");
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("network namespaces take root and iproute2: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    private void addHost(int site) throws IOException, InterruptedException {
        int number = hosts.size();
        String host = prefix + "h" + number;
        ip("netns add %s", host);
        hosts.add(host);
        sites.add(site);
        ip("link add %sv%d type veth peer name eth0 netns %s", prefix, number, host);
        ip("link set %sv%d master %sb%d", prefix, number, prefix, site);
        ip("link set %sv%d up", prefix, number);
        ip("-n %s addr add %s/24 dev eth0", host, address(number));
        ip("-n %s link set eth0 up", host);
        ip("-n %s link set lo up", host);
        // As a default route would: without one nobody multicasts who does not name an interface.
        ip("-n %s route add 224.0.0.0/4 dev eth0", host);
    }

    static String address(int host) {
        return "10.77.0." + (host + 1);
    }

    /// What a command begins with that runs on that host.
    List<String> on(int host) {
        return List.of("ip", "netns", "exec", hosts.get(host));
    }

    /// Pulls the cable between the sites, or puts it back.
    void cut(boolean down) throws IOException, InterruptedException {
        ip("link set %sc0 %s", prefix, down ? "down" : "up");
    }

    /// What the second site sends to the first is lost without a word, and all else arrives; or that ends.
    void swallow(boolean on) throws IOException, InterruptedException {
        for (int from = 0; from < hosts.size(); from++) {
            for (int to = 0; to < hosts.size(); to++) {
                if (sites.get(from) == 1 && sites.get(to) == 0 && on) {
                    ip(
                            "-n %s neigh replace %s lladdr 02:00:00:00:00:99 nud permanent dev eth0",
                            hosts.get(from), address(to));
                } else if (sites.get(from) == 1 && sites.get(to) == 0) {
                    ip("-n %s neigh del %s dev eth0", hosts.get(from), address(to));
                }
            }
        }
    }

    /// Makes the cable so narrow that what does not fit a short queue is lost, or as it was.
    void narrow(boolean on) throws IOException, InterruptedException {
        for (int end = 0; end < 2; end++) {
            if (on) {
                run("tc qdisc add dev %sc%d root tbf rate 400kbit burst 3000 limit 6000".formatted(prefix, end));
            } else {
                run("tc qdisc del dev %sc%d root".formatted(prefix, end));
            }
        }
    }

    /// Packets that the narrow cable has lost.
    long lost() throws IOException, InterruptedException {
        long lost = 0;
        for (int end = 0; end < 2; end++) {
            Matcher dropped = DROPPED.matcher(run("tc -s qdisc show dev %sc%d".formatted(prefix, end)));
            while (dropped.find()) {
                lost += Long.parseLong(dropped.group(1));
            }
        }
        return lost;
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static void ip(String command, Object... arguments) throws IOException, InterruptedException {
        run("ip " + command.formatted(arguments));
    }

    private static String run(String command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(command + ": " + output.strip());
        }
        return output;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (String host : hosts) {
            ip("netns del %s", host);
        }
        ip("link del %sc0", prefix);
        ip("link del %sb0", prefix);
        ip("link del %sb1", prefix);
    }
}
