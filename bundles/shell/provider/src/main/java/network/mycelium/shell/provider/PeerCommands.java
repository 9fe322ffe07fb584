package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.util.List;
import network.mycelium.identity.Member.Access;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PubSub;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// `p2p:` this node among its peers. They are there in a node that is not on the network too, and tell why it is not.
@Component(service = PeerCommands.class, immediate = true)
public final class PeerCommands {
    private final Beginning beginning;
    private final CommandGroup group;

    // Both come when the node is on the network, and go when it leaves it.
    private volatile Host host;
    private volatile PubSub pubSub;
    private volatile boolean left;

    @Activate
    public PeerCommands(BundleContext context) {
        this.beginning = new Beginning(context);
        this.group = new CommandGroup(
                        "p2p",
                        this::run,
                        List.of(
                                ShellCommand.of("peers", "[--all]", "Connected peers, or all that are known", 0, 0)
                                        .flags("--all"),
                                ShellCommand.of("peer", "PEER", "What is known of a peer", 1, 1),
                                ShellCommand.of("connect", "ADDRESS/p2p/PEER | PEER", "Connect to a peer", 1, 1),
                                ShellCommand.of("disconnect", "PEER", "Close the connections to a peer", 1, 1),
                                ShellCommand.of("ping", "PEER [--count N]", "Measure round trips", 1, 1)
                                        .valued("--count"),
                                ShellCommand.of("protocols", "[PEER]", "What this node, or a peer, offers", 0, 1),
                                ShellCommand.of("addresses", "", "Where this node listens", 0, 0),
                                ShellCommand.of("bandwidth", "", "Bytes of each connection", 0, 0),
                                ShellCommand.of("limits", "", "What is used of each limit", 0, 0),
                                ShellCommand.of("topics", "", "Topics that this node follows", 0, 0),
                                ShellCommand.of("scores", "", "How peers behave in gossip", 0, 0),
                                ShellCommand.of("publish", "TOPIC TEXT", "Publish a text on a topic", 2, 2),
                                ShellCommand.of(
                                                "follow",
                                                "TOPIC [--seconds N] [--count N]",
                                                "Print a topic's messages",
                                                1,
                                                1)
                                        .valued("--seconds", "--count")))
                .allow(
                        Access.READ_ONLY,
                        "peers",
                        "peer",
                        "protocols",
                        "addresses",
                        "bandwidth",
                        "limits",
                        "topics",
                        "scores")
                .allow(Access.LIMITED, "ping", "follow")
                .allow(Access.STANDARD, "connect")
                .usesKey("publish")
                .register(context);
    }

    private Object run(String command, Arguments a, PrintStream out) throws Exception {
        beginning.await(() -> left || host != null && pubSub != null);
        Host there = host;
        PubSub gossip = pubSub;
        if (there == null || gossip == null) {
            throw beginning.notOnTheNetwork();
        }
        return new Peers(there, gossip).run(command, a, out);
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bind(Host come) {
        left = false;
        host = come;
    }

    void unbind(Host gone) {
        if (host == gone) {
            host = null;
            left = true;
        }
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bindPubSub(PubSub come) {
        pubSub = come;
    }

    void unbindPubSub(PubSub gone) {
        if (pubSub == gone) {
            pubSub = null;
        }
    }

    @Deactivate
    void deactivate() {
        group.close();
    }
}
