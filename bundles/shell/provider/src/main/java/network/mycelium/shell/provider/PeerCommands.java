package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.util.List;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PubSub;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// `p2p:` this node among its peers. They are there in a node that is not on the network too, and tell why it is not.
@Component(service = CommandGroup.class)
public final class PeerCommands implements CommandGroup {
    private final Beginning beginning;

    // Both come when the node is on the network, and go when it leaves it.
    private volatile Host host;
    private volatile PubSub pubSub;
    private volatile boolean left;

    @Activate
    public PeerCommands(BundleContext context) {
        this.beginning = new Beginning(context);
    }

    @Override
    public CommandList commands() {
        return CommandList.of(
                        "p2p",
                        List.of(
                                Command.of("peers", "[--all]", "Connected peers, or all that are known", 0, 0)
                                        .flags("--all"),
                                Command.of("peer", "PEER", "What is known of a peer", 1, 1),
                                Command.of("connect", "ADDRESS/p2p/PEER | PEER", "Connect to a peer", 1, 1),
                                Command.of("disconnect", "PEER", "Close the connections to a peer", 1, 1),
                                Command.of("ping", "PEER [--count N]", "Measure round trips", 1, 1)
                                        .valued("--count"),
                                Command.of("protocols", "[PEER]", "What this node, or a peer, offers", 0, 1),
                                Command.of("addresses", "", "Where this node listens", 0, 0),
                                Command.of("bandwidth", "", "Bytes of each connection", 0, 0),
                                Command.of("limits", "", "What is used of each limit", 0, 0),
                                Command.of("topics", "", "Topics that this node follows", 0, 0),
                                Command.of("scores", "", "How peers behave in gossip", 0, 0),
                                Command.of("publish", "TOPIC TEXT", "Publish a text on a topic", 2, 2),
                                Command.of(
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
                .usesKey("publish");
    }

    @Override
    public Object run(String command, Arguments a, PrintStream out) throws Exception {
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
}
