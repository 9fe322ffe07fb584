package network.mycelium.identity.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import network.mycelium.identity.Charters;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.member.Renewal;
import network.mycelium.identity.core.wire.Fields;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.Topic;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.libp2p.multiformats.Varint;
import network.mycelium.libp2p.provider.NodeEnvelopes;

/// A member of a network of real nodes that lives in the test: it tells them what no honest node says, by keys
/// that it stole.
public final class HostileMember implements AutoCloseable {
    private static final byte[] BODY = {1};
    private static final int LIMIT = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final TestNode node;
    private final List<Stream> streams = new ArrayList<>();
    private Topic topic;
    private Forger forger;

    /// @param folder of its own
    public HostileMember(Path folder) throws IOException {
        this.node = new TestNode(folder);
    }

    public void join(String ticket, String name) throws IdentityException {
        String network = node.identity.join(ticket, name).id();
        forger = new Forger(network);
        topic = node.gossip.join("/mycelium/%s/statements".formatted(network));
    }

    /// A key that lies on the disk of a node.
    public static Envelopes stolen(Path file) throws IOException {
        return new NodeEnvelopes(NodeKey.parse(Files.readAllBytes(file)));
    }

    /// The same key each time.
    public static Envelopes key(int number) {
        return Keys.envelopes(number);
    }

    public PeerId id() {
        return node.swarm.id();
    }

    public Charters charters() {
        return node.charters;
    }

    public boolean hears(PeerId peer) {
        return topic.peers().contains(peer);
    }

    public void connect(PeerId peer, Multiaddr address) throws IOException {
        node.swarm.connect(peer, List.of(address));
    }

    /// A second successor of a key that its owner has replaced.
    public void rotateAgain(PeerId member, Envelopes old, Envelopes next) {
        topic.publish(forger.rotation(member.toString(), 1, old, next, old, next));
    }

    /// A rotation that one of its keys signed alone.
    public void rotateHalf(PeerId member, Envelopes old, Envelopes next) {
        topic.publish(forger.rotation(member.toString(), 1, old, next, next));
    }

    /// A directive under a charter of one's choice, of the last sequence.
    public void direct(String component, Charters.Charter under, Envelopes by) {
        topic.publish(forger.statement(new Register("directive", component), under, Fields.MAX_UINT32, 1, BODY, by));
    }

    public void junk(String component, int signatures) {
        byte[] item = forger.statement(
                new Register("directive", component), node.charters.present(), 1, 1, BODY, node.envelopes);
        topic.publish(Forger.junk(item, signatures));
    }

    /// A certificate under a charter of one's choice.
    public void certify(PeerId who, String name, Charters.Charter under, Envelopes by) {
        byte[] certificate = new Terms(network.mycelium.node.command.Access.FULL, List.of(), Map.of())
                .certificate(1, NodeSigner.key(who), name)
                .toBytes();
        topic.publish(forger.statement(Register.member(who.toString()), under, Fields.MAX_UINT32, 1, certificate, by));
    }

    public void renew(PeerId who, long until, Charters.Charter under, Envelopes by) {
        topic.publish(forger.statement(
                Register.renewal(who.toString()), under, Fields.MAX_UINT32, 1, new Renewal(1, until).toBytes(), by));
    }

    /// Begins comparisons of statements, says in each that very many follow, and ends none.
    ///
    /// @param size of what is told in each, in bytes
    /// @return how many were answered
    public int compareAtOnce(PeerId with, int comparisons, int size) throws IOException {
        byte[] tip = Hash.parse(node.charters.present().hash()).bytes();
        int answered = 0;
        for (int i = 0; i < comparisons; i++) {
            try {
                Stream stream = node.swarm.connection(with).orElseThrow().open(StatementExchange.PROTOCOL);
                streams.add(stream);
                stream.timeout(PATIENCE);
                Delimited.write(
                        stream, new ProtoWriter().bytes(1, tip).varint(2, 1).toBytes());
                Delimited.read(stream.input(), LIMIT);
                answered++;
                var begin = new ByteArrayOutputStream();
                Varint.write(size + 1, begin);
                begin.writeBytes(new byte[size]);
                stream.write(begin.toByteArray(), 0, begin.size());
            } catch (IOException e) {
                System.out.println("refused: " + e.getMessage());
            }
        }
        return answered;
    }

    @Override
    public void close() {
        streams.forEach(Stream::close);
        node.close();
    }
}
