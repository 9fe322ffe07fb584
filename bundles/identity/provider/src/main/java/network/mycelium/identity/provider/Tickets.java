package network.mycelium.identity.provider;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import network.mycelium.files.AtomicFiles;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.core.store.Pin;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// The tickets that this node gave out and how often each may still be used, in a file. Safe from any thread.
final class Tickets {
    static final int MAX_SIZE = 8 * 1024;
    private static final String PREFIX = "mycelium2-";
    private static final String DOMAIN = "mycelium-ticket";
    private static final byte[] TYPE = {};
    private static final int MAX_TICKETS = 1000;
    private static final int MAX_ADDRESSES = 16;

    /// What is written on a ticket.
    ///
    /// @param name of the network
    /// @param network the hash of its genesis document
    /// @param tip the last charter that its issuer knew
    /// @param id what makes it one of the issuer's
    /// @param issuer the node that it is shown to
    /// @param terms the certificate that it is good for, whose name the joining node chooses
    record Ticket(
            String name,
            Hash network,
            Pin tip,
            String id,
            PeerId issuer,
            List<Multiaddr> addresses,
            Instant expires,
            Terms terms) {}

    private final Path file;
    private final Envelopes envelopes;
    /// Uses that are left, by ticket.
    private final Map<String, Left> left = new LinkedHashMap<>();

    private record Left(int uses, long expires) {}

    Tickets(Path file, Envelopes envelopes) throws IOException {
        this.file = file;
        this.envelopes = envelopes;
        if (Files.exists(file)) {
            // Bytes that are no text void their lines alone.
            new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().forEach(this::read);
        }
    }

    /// A damaged line voids that ticket alone.
    private void read(String line) {
        String[] parts = line.split(" ");
        try {
            if (parts.length == 3) {
                left.put(parts[0], new Left(Integer.parseInt(parts[1]), Long.parseLong(parts[2])));
            }
        } catch (NumberFormatException e) {
            System.getLogger(Tickets.class.getName())
                    .log(System.Logger.Level.WARNING, "a line of {0} is dropped: {1}", file, e.getMessage());
        }
    }

    /// @param name of the network
    synchronized String make(
            String name,
            Hash network,
            Pin tip,
            List<Multiaddr> addresses,
            Instant now,
            Duration life,
            int uses,
            Terms terms)
            throws IdentityException {
        forgetExpired(now);
        if (left.size() >= MAX_TICKETS) {
            throw new IdentityException(
                    Kind.STATE,
                    "There are %d tickets already; delete %s to void them all.".formatted(MAX_TICKETS, file));
        }
        Instant expires = now.plus(life);
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String id = HexFormat.of().formatHex(random);
        var out = new ProtoWriter()
                .text(1, name)
                .bytes(2, network.bytes())
                .varint(3, tip.version())
                .bytes(4, tip.charter().bytes())
                .text(5, id)
                .varint(6, expires.toEpochMilli());
        addresses.stream().limit(MAX_ADDRESSES).forEach(address -> out.text(7, address.toString()));
        out.message(8, terms.write());
        left.put(id, new Left(uses, expires.toEpochMilli()));
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
            return parse(new ProtoReader(opened.payload()), opened.signer());
        } catch (IllegalArgumentException e) {
            throw new IdentityException(
                    Kind.INVALID,
                    "The ticket is damaged or forged: %s. Was it copied whole?".formatted(e.getMessage()),
                    e);
        }
    }

    private static Ticket parse(ProtoReader in, PeerId issuer) {
        String name = "";
        byte[] network = {};
        int version = 0;
        byte[] charter = {};
        String id = "";
        long expires = 0;
        List<Multiaddr> addresses = new ArrayList<>();
        Terms terms = Terms.NONE;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> name = in.text();
                case 2 -> network = in.bytes();
                case 3 -> version = (int) in.varint();
                case 4 -> charter = in.bytes();
                case 5 -> id = in.text();
                case 6 -> expires = in.varint();
                case 7 -> {
                    if (addresses.size() < MAX_ADDRESSES) {
                        addresses.add(Multiaddr.parse(in.text()));
                    }
                }
                case 8 -> terms = Terms.read(in.message());
                default -> {}
            }
        }
        if (!MemberNames.isPrintable(name)) {
            throw new IllegalArgumentException("it names a network that cannot be shown");
        }
        return new Ticket(
                name,
                Hash.of(network),
                new Pin(version, Hash.of(charter)),
                id,
                issuer,
                addresses,
                Instant.ofEpochMilli(expires),
                terms);
    }

    /// @throws IdentityException DENIED if it is not this node's, has expired or is used up
    synchronized void check(Ticket ticket, Hash network, Instant now) throws IdentityException {
        if (!ticket.issuer().equals(envelopes.self()) || !ticket.network().equals(network)) {
            throw new IdentityException(Kind.DENIED, "The ticket was made by another node or for another network");
        }
        if (ticket.expires().isBefore(now)) {
            throw new IdentityException(
                    Kind.DENIED, "The ticket expired at %s; ask for a new one".formatted(ticket.expires()));
        }
        Left uses = left.get(ticket.id());
        if (uses == null || uses.uses <= 0) {
            throw new IdentityException(Kind.DENIED, "The ticket is used up; ask for a new one");
        }
    }

    /// Takes one use of a ticket that this node made.
    ///
    /// @throws IdentityException DENIED as by [#check]
    synchronized void use(Ticket ticket, Hash network, Instant now) throws IdentityException {
        check(ticket, network, now);
        Left uses = left.get(ticket.id());
        left.put(ticket.id(), new Left(uses.uses - 1, uses.expires));
        save();
    }

    private void forgetExpired(Instant now) {
        left.values().removeIf(each -> each.uses <= 0 || each.expires < now.toEpochMilli());
    }

    private void save() throws IdentityException {
        var lines = new StringBuilder();
        left.forEach((id, each) -> lines.append(id)
                .append(' ')
                .append(each.uses)
                .append(' ')
                .append(each.expires)
                .append('\n'));
        try {
            AtomicFiles.writePrivate(file, lines.toString().getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new IdentityException(Kind.STORAGE, "The tickets cannot be kept in %s: %s".formatted(file, e), e);
        }
    }
}
