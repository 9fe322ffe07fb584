package network.mycelium.identity.provider;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// The tickets that this node gave out and how often each may still be used, in a file. Safe from any thread.
final class Tickets {
    static final int MAX_SIZE = 8 * 1024;
    private static final String PREFIX = "mycelium1-";
    private static final String DOMAIN = "mycelium-ticket";
    private static final byte[] TYPE = {};
    private static final int MAX_TICKETS = 1000;
    private static final int MAX_ADDRESSES = 16;

    /// What is written on a ticket.
    ///
    /// @param issuer the node that it is shown to
    /// @param terms the body of the certificate that it is good for, whose name the joining node chooses
    record Ticket(String network, String id, PeerId issuer, List<Multiaddr> addresses, Instant expires, byte[] terms) {}

    private final Path file;
    private final Envelopes envelopes;
    /// Uses that are left, by ticket.
    private final Map<String, Integer> left = new LinkedHashMap<>();

    Tickets(Path file, Envelopes envelopes) throws IOException {
        this.file = file;
        this.envelopes = envelopes;
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                String[] parts = line.split(" ");
                left.put(parts[0], Integer.parseInt(parts[1]));
            }
        }
    }

    synchronized String make(String network, List<Multiaddr> addresses, Instant expires, int uses, byte[] terms)
            throws IdentityException {
        if (left.size() >= MAX_TICKETS) {
            throw new IdentityException(
                    Kind.STATE,
                    "There are %d tickets already; delete %s to void them all.".formatted(MAX_TICKETS, file));
        }
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String id = HexFormat.of().formatHex(random);
        var out = new ProtoWriter().text(1, network).text(2, id).varint(3, expires.toEpochMilli());
        addresses.stream().limit(MAX_ADDRESSES).forEach(address -> out.text(4, address.toString()));
        out.bytes(5, terms);
        left.put(id, uses);
        save();
        return PREFIX
                + Base64.getUrlEncoder().withoutPadding().encodeToString(envelopes.seal(DOMAIN, TYPE, out.toBytes()));
    }

    /// Reads a ticket, whoever made it.
    ///
    /// @throws IdentityException INVALID if it is damaged or forged
    static Ticket read(Envelopes envelopes, String text) throws IdentityException {
        if (!text.startsWith(PREFIX) || text.length() > MAX_SIZE) {
            throw new IdentityException(
                    Kind.INVALID, "That is no ticket: one begins with %s. Was it copied whole?".formatted(PREFIX));
        }
        try {
            var opened = envelopes.open(DOMAIN, Base64.getUrlDecoder().decode(text.substring(PREFIX.length())));
            var in = new ProtoReader(opened.payload());
            String network = "";
            String id = "";
            long expires = 0;
            List<Multiaddr> addresses = new ArrayList<>();
            byte[] terms = new byte[0];
            for (int field; (field = in.next()) != 0; ) {
                switch (field) {
                    case 1 -> network = in.text();
                    case 2 -> id = in.text();
                    case 3 -> expires = in.varint();
                    case 4 -> addresses.add(Multiaddr.parse(in.text()));
                    case 5 -> terms = in.bytes();
                    default -> {}
                }
            }
            return new Ticket(network, id, opened.signer(), addresses, Instant.ofEpochMilli(expires), terms);
        } catch (IllegalArgumentException e) {
            throw new IdentityException(
                    Kind.INVALID,
                    "The ticket is damaged or forged: %s. Was it copied whole?".formatted(e.getMessage()),
                    e);
        }
    }

    /// Takes one use of a ticket that this node made.
    ///
    /// @throws IdentityException DENIED if it is not this node's, has expired or is used up
    synchronized void use(Ticket ticket, String network, Instant now) throws IdentityException {
        if (!ticket.issuer().equals(envelopes.self()) || !ticket.network().equals(network)) {
            throw new IdentityException(Kind.DENIED, "The ticket was made by another node or for another network");
        }
        if (ticket.expires().isBefore(now)) {
            throw new IdentityException(
                    Kind.DENIED, "The ticket expired at %s; ask for a new one".formatted(ticket.expires()));
        }
        Integer uses = left.get(ticket.id());
        if (uses == null || uses <= 0) {
            throw new IdentityException(Kind.DENIED, "The ticket is used up; ask for a new one");
        }
        left.put(ticket.id(), uses - 1);
        save();
    }

    private void save() throws IdentityException {
        var lines = new StringBuilder();
        left.forEach((id, uses) -> lines.append(id).append(' ').append(uses).append('\n'));
        try {
            StatementFile.replace(file, lines.toString().getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new IdentityException(Kind.STORAGE, "The tickets cannot be kept in %s: %s".formatted(file, e), e);
        }
    }
}
