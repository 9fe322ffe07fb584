package network.mycelium.identity.provider;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// How a stranger becomes a member: it shows a ticket and its name to the node that made the ticket, and gets the
/// genesis document, the charters, its certificate and all that was said, or a refusal.
final class JoinProtocol {
    static final String PROTOCOL = "/mycelium/join/2.0.0";
    private static final int MAX_REQUEST = Tickets.MAX_SIZE + 1024;
    private static final int MAX_ANSWER = 64 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// What a ticket is exchanged for.
    ///
    /// @param documents all that the issuer keeps, in the order in which they can be judged
    record Welcome(byte[] genesis, List<byte[]> documents) {}

    /// The side that made the ticket.
    interface Issuer {
        Welcome welcome(Tickets.Ticket ticket, Stream from, String name) throws IdentityException;

        Tickets.Ticket read(String ticket) throws IdentityException;
    }

    private JoinProtocol() {}

    static void answer(Stream stream, Issuer issuer) throws IOException {
        stream.timeout(PATIENCE);
        var out = new ProtoWriter();
        try {
            var in = new ProtoReader(Delimited.read(stream.input(), MAX_REQUEST));
            String ticket = "";
            String name = "";
            for (int field; (field = in.next()) != 0; ) {
                switch (field) {
                    case 1 -> ticket = in.text();
                    case 2 -> name = in.text();
                    default -> {}
                }
            }
            Welcome welcome = issuer.welcome(issuer.read(ticket), stream, name);
            out.bytes(2, welcome.genesis());
            welcome.documents().forEach(document -> out.bytes(3, document));
        } catch (IdentityException | IllegalArgumentException e) {
            out.text(1, String.valueOf(e.getMessage()));
        }
        Delimited.write(stream, out.toBytes());
        // The other side hangs up when it has read that.
        stream.input().read();
    }

    static Welcome ask(Connection connection, String ticket, String name) throws IdentityException {
        try (Stream stream = connection.open(PROTOCOL)) {
            stream.timeout(PATIENCE);
            Delimited.write(
                    stream, new ProtoWriter().text(1, ticket).text(2, name).toBytes());
            var in = new ProtoReader(Delimited.read(stream.input(), MAX_ANSWER));
            byte[] genesis = new byte[0];
            List<byte[]> documents = new ArrayList<>();
            for (int field; (field = in.next()) != 0; ) {
                switch (field) {
                    case 1 ->
                        throw new IdentityException(Kind.DENIED, "The ticket is refused: %s.".formatted(in.text()));
                    case 2 -> genesis = in.bytes();
                    case 3 -> documents.add(in.bytes());
                    default -> {}
                }
            }
            return new Welcome(genesis, documents);
        } catch (IOException | IllegalArgumentException e) {
            throw new IdentityException(
                    Kind.UNREACHABLE,
                    "%s did not answer to the ticket: %s. Try again.".formatted(connection.peer(), e.getMessage()),
                    e);
        }
    }
}
