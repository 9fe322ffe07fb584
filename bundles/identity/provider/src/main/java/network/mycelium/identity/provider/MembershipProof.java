package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.libp2p.Admission;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Both ends of a connection prove that they are members of this network, before anything else happens on it.
///
/// Each sends a nonce and a keyed hash over it, its side and the connection's binding, whose key is the network's id.
/// That tells nothing to somebody who does not know the id, and nobody can make one without it: not by sending back
/// what
/// it got, for each side's differs, nor by handing on a member's, for each connection's does. If the other side's is
/// right, both come to the same charters ([CharterExchange]), so that a removal takes effect at the first peer
/// that knows it. Then each sends its certificate with renewals and rotations, what it knows of the other's, which
/// may have expired, and a signature over both nonces, both peers and the binding: it is good for this connection
/// and no other.
final class MembershipProof implements Admission, ProtocolHandler {
    private static final Logger LOG = System.getLogger(MembershipProof.class.getName());
    static final String PROTOCOL = "/mycelium/membership/2.0.0";
    private static final String DOMAIN = "mycelium-membership";
    private static final byte[] TYPE = {};
    private static final String HELLO = "HmacSHA256";
    private static final int NONCE = 32;
    private static final int MAX_HELLO = 256;
    private static final int MAX_PROOF = 256 << 10;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final byte[] network;
    private final Envelopes envelopes;
    private final NetworkDocuments documents;
    private final SecureRandom random = new SecureRandom();
    private final AtomicLong agreements = new AtomicLong();
    /// Connections whose other side dialled, and what came of its proof; forgotten with the connection.
    private final Map<Connection, CompletableFuture<Void>> incoming = Collections.synchronizedMap(new WeakHashMap<>());

    MembershipProof(Envelopes envelopes, NetworkDocuments documents) {
        this.network = documents.genesis().hash().bytes();
        this.envelopes = envelopes;
        this.documents = documents;
    }

    @Override
    public Set<String> protocols() {
        return Set.of(PROTOCOL, JoinProtocol.PROTOCOL);
    }

    @Override
    public void admit(Connection connection) throws IOException {
        if (connection.outbound()) {
            try (Stream stream = connection.open(PROTOCOL)) {
                prove(stream);
            } catch (IOException e) {
                throw new Libp2pException(Kind.REFUSED, whyRefused(connection, e), e);
            }
            return;
        }
        try {
            waiting(connection).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new Libp2pException(Kind.REFUSED, connection.peer() + " did not prove that it is a member", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Libp2pException(Kind.CLOSED, "The thread was interrupted", e);
        } finally {
            incoming.remove(connection);
        }
    }

    private static String whyRefused(Connection connection, IOException e) {
        if (!(e instanceof Libp2pException known)) {
            return "%s did not prove that it is a member: %s".formatted(connection.peer(), e.getMessage());
        }
        return switch (known.kind()) {
            case UNSUPPORTED -> connection.peer() + " belongs to no network, this node does";
            case RESET, CLOSED ->
                connection.peer() + " refused this node: it is of another network, or takes this node for no member";
            default -> e.getMessage();
        };
    }

    /// How often this node and another one found that they follow the same charters.
    long agreements() {
        return agreements.get();
    }

    private CompletableFuture<Void> waiting(Connection connection) {
        return incoming.computeIfAbsent(connection, c -> new CompletableFuture<>());
    }

    @Override
    public void handle(Stream stream) throws IOException {
        CompletableFuture<Void> result = waiting(stream.connection());
        try {
            prove(stream);
            result.complete(null);
        } catch (IOException | RuntimeException e) {
            result.completeExceptionally(e);
            throw e;
        }
    }

    /// The connection of somebody who only came to join.
    void isOver(Connection connection) {
        waiting(connection).completeExceptionally(new IOException("It came to join"));
    }

    private void prove(Stream stream) throws IOException {
        stream.timeout(PATIENCE);
        boolean first = stream.connection().outbound();
        byte[] mine = new byte[NONCE];
        random.nextBytes(mine);
        byte[] theirs;
        if (first) {
            Delimited.write(stream, hello(stream, mine));
        }
        theirs = nonce(stream, Delimited.read(stream.input(), MAX_HELLO));
        if (theirs == null) {
            throw refused(stream, "it is a member of another network");
        }
        if (!first) {
            Delimited.write(stream, hello(stream, mine));
        }
        Sender from = Sender.stranger(stream.peer().toString());
        if (CharterExchange.run(stream, documents, from, first)) {
            agreements.incrementAndGet();
        } else {
            LOG.log(Level.WARNING, "{0} follows another charter of this network", stream.peer());
        }
        byte[] proof = proof(stream, mine, theirs);
        if (first) {
            Delimited.write(stream, proof);
            check(stream, Delimited.read(stream.input(), MAX_PROOF), theirs, mine);
        } else {
            check(stream, Delimited.read(stream.input(), MAX_PROOF), theirs, mine);
            Delimited.write(stream, proof);
        }
    }

    private byte[] hello(Stream stream, byte[] nonce) {
        return new ProtoWriter()
                .bytes(1, nonce)
                .bytes(2, salted(stream, stream.connection().outbound(), nonce))
                .toBytes();
    }

    /// @param dialler whose it is
    private byte[] salted(Stream stream, boolean dialler, byte[] nonce) {
        try {
            Mac mac = Mac.getInstance(HELLO);
            mac.init(new SecretKeySpec(network, HELLO));
            mac.update((byte) (dialler ? 1 : 2));
            mac.update(nonce);
            return mac.doFinal(stream.connection().binding());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has " + HELLO, e);
        }
    }

    /// @return null if the other side is of another network
    private byte[] nonce(Stream stream, byte[] hello) throws IOException {
        try {
            var in = new ProtoReader(hello);
            byte[] nonce = new byte[0];
            byte[] salted = new byte[0];
            for (int field; (field = in.next()) != 0; ) {
                switch (field) {
                    case 1 -> nonce = in.bytes();
                    case 2 -> salted = in.bytes();
                    default -> {}
                }
            }
            boolean dialler = !stream.connection().outbound();
            return nonce.length == NONCE && MessageDigest.isEqual(salted, salted(stream, dialler, nonce))
                    ? nonce
                    : null;
        } catch (IllegalArgumentException e) {
            throw new IOException("The peer greets in a way that is not understood", e);
        }
    }

    private byte[] proof(Stream stream, byte[] mine, byte[] theirs) throws IOException {
        var out = new ProtoWriter()
                .bytes(
                        1,
                        envelopes.seal(
                                DOMAIN, TYPE, signed(stream, envelopes.self().bytes(), mine, theirs)));
        documents.credentials(envelopes.self()).forEach(item -> out.bytes(2, item));
        documents.credentials(stream.peer()).forEach(item -> out.bytes(2, item));
        return out.toBytes();
    }

    private static byte[] signed(Stream stream, byte[] signer, byte[] signersNonce, byte[] othersNonce) {
        return new ProtoWriter()
                .bytes(1, signer)
                .bytes(2, signersNonce)
                .bytes(3, othersNonce)
                .bytes(4, stream.connection().binding())
                .toBytes();
    }

    private void check(Stream stream, byte[] proof, byte[] theirs, byte[] mine) throws IOException {
        try {
            var in = new ProtoReader(proof);
            Envelopes.Opened opened = null;
            List<byte[]> credentials = new ArrayList<>();
            for (int field; (field = in.next()) != 0; ) {
                switch (field) {
                    case 1 -> opened = envelopes.open(DOMAIN, in.bytes());
                    case 2 -> credentials.add(in.bytes());
                    default -> {}
                }
            }
            byte[] expected = signed(stream, stream.peer().bytes(), theirs, mine);
            if (opened == null
                    || !opened.signer().equals(stream.peer())
                    || !MessageDigest.isEqual(opened.payload(), expected)) {
                throw refused(stream, "its proof is not for this connection");
            }
            documents.takeAll(credentials, Sender.stranger(stream.peer().toString()));
        } catch (IllegalArgumentException e) {
            throw refused(stream, "its proof is not understood: " + e.getMessage());
        }
        if (!documents.view(view -> view.isMember(stream.peer()))) {
            throw refused(stream, "it is no member, or not any more");
        }
    }

    private static Libp2pException refused(Stream stream, String why) {
        return new Libp2pException(Kind.REFUSED, "%s is refused: %s".formatted(stream.peer(), why));
    }
}
