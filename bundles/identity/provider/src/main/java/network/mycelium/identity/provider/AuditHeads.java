package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import network.mycelium.files.AtomicFiles;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// The heads of the members' audit logs: how long each is and the hash of its last entry, signed by who keeps it and
/// told with its beats. So a log that was rewritten or cut does not agree with what the others heard. Safe from any
/// thread.
final class AuditHeads {
    private static final Logger LOG = System.getLogger(AuditHeads.class.getName());
    private static final String DOMAIN = "mycelium-audit-head";
    private static final byte[] TYPE = {};
    /// At the bound every second one between the first and the last is forgotten.
    static final int MAX_EACH = 8;
    /// At the bound the one that was not heard for longest is forgotten.
    static final int MAX_MEMBERS = 5_000;

    /// @param envelope as it was signed
    record Head(long number, String hash, byte[] envelope) {}

    private final AuditLog log;
    private final Envelopes envelopes;
    private final Path file;
    /// Guarded by this.
    private final Map<PeerId, List<Head>> heard = new LinkedHashMap<>();

    private Head own = new Head(0, "", new byte[0]);
    private boolean changed;

    AuditHeads(AuditLog log, Envelopes envelopes, Path file) {
        this.log = log;
        this.envelopes = envelopes;
        this.file = file;
        try {
            if (Files.exists(file)) {
                load(new ProtoReader(Files.readAllBytes(file)));
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.WARNING, "{0} is damaged, what it held is forgotten: {1}", file, e.getMessage());
        }
    }

    private void load(ProtoReader in) {
        for (int field; (field = in.next()) != 0; ) {
            if (field == 1) {
                byte[] envelope = in.bytes();
                Envelopes.Opened opened = envelopes.open(DOMAIN, envelope);
                add(opened.signer(), head(opened.payload(), envelope));
            }
        }
    }

    private static Head head(byte[] payload, byte[] envelope) {
        var in = new ProtoReader(payload);
        long number = 0;
        byte[] hash = new byte[0];
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> number = in.varint();
                case 2 -> hash = in.bytes();
                default -> {}
            }
        }
        if (number < 1 || hash.length != 32) {
            throw new IllegalArgumentException("The head of an audit log has a number and a hash");
        }
        return new Head(number, HexFormat.of().formatHex(hash), envelope);
    }

    /// This node's, signed; empty while its log is.
    synchronized byte[] own() {
        AuditLog.Head head = log.head();
        if (head.number() == 0) {
            return new byte[0];
        }
        if (head.number() != own.number || !head.hash().equals(own.hash)) {
            byte[] payload = new ProtoWriter()
                    .varint(1, head.number())
                    .bytes(2, HexFormat.of().parseHex(head.hash()))
                    .toBytes();
            own = new Head(head.number(), head.hash(), envelopes.seal(DOMAIN, TYPE, payload));
        }
        return own.envelope.clone();
    }

    /// Takes what a member told; what it did not sign is dropped.
    void heard(PeerId from, byte[] envelope) {
        if (envelope.length == 0 || isLast(from, envelope)) {
            return;
        }
        try {
            Envelopes.Opened opened = envelopes.open(DOMAIN, envelope);
            if (opened.signer().equals(from)) {
                add(from, head(opened.payload(), envelope));
            }
        } catch (IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "the audit head of {0} is dropped: {1}", from, e.getMessage());
        }
    }

    private synchronized boolean isLast(PeerId from, byte[] envelope) {
        List<Head> known = heard.get(from);
        return known != null && Arrays.equals(known.getLast().envelope, envelope);
    }

    private synchronized void add(PeerId from, Head head) {
        List<Head> known = heard.remove(from);
        if (known == null) {
            known = new ArrayList<>();
        }
        heard.put(from, known);
        if (heard.size() > MAX_MEMBERS) {
            heard.remove(heard.keySet().iterator().next());
        }
        if (known.contains(head)
                || known.stream()
                        .anyMatch(k -> k.number == head.number && k.hash().equals(head.hash()))) {
            return;
        }
        if (!known.isEmpty() && head.number <= known.getLast().number) {
            LOG.log(
                    Level.WARNING,
                    "the audit log of {0} was rewritten: it had {1} entries, now it has {2}; `network audit --check`"
                            + " there tells more",
                    from,
                    known.getLast().number,
                    head.number);
        }
        known.add(head);
        changed = true;
        if (known.size() > MAX_EACH) {
            for (int i = known.size() - 2; i > 0; i -= 2) {
                known.remove(i);
            }
        }
    }

    /// What was heard of a member, oldest first.
    synchronized List<byte[]> of(PeerId member) {
        return heard.getOrDefault(member, List.of()).stream()
                .map(Head::envelope)
                .toList();
    }

    /// Reads a head that this node, or one of its former keys, is said to have signed.
    ///
    /// @throws IllegalArgumentException if none of them did
    Head read(List<PeerId> keys, byte[] envelope) {
        Envelopes.Opened opened = envelopes.open(DOMAIN, envelope);
        if (!keys.contains(opened.signer())) {
            throw new IllegalArgumentException("It was signed by " + opened.signer());
        }
        return head(opened.payload(), envelope);
    }

    synchronized void save() {
        if (!changed) {
            return;
        }
        var out = new ProtoWriter();
        heard.values().forEach(all -> all.forEach(head -> out.bytes(1, head.envelope)));
        try {
            AtomicFiles.writePrivate(file, out.toBytes());
            changed = false;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0} cannot be written: {1}", file, e.getMessage());
        }
    }
}
