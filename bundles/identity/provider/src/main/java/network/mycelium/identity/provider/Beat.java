package network.mycelium.identity.provider;

import java.util.ArrayList;
import java.util.List;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// What a member tells of itself, as sent.
///
/// @param age tells it from those before it
/// @param addresses where it says that it can be reached
/// @param head the signed head of its audit log, see [AuditHeads]; empty if it has none
/// @param clock what it takes for the time, in milliseconds
record Beat(Age age, List<Multiaddr> addresses, byte[] report, byte[] head, long clock) {
    private static final int MAX_ADDRESSES = 16;
    private static final int MAX_HEAD = 512;
    /// The longest message that can be one.
    static final int MAX_SIZE = Presence.MAX_REPORT + MAX_HEAD + MAX_ADDRESSES * 256 + 64;

    /// @param booted which of the sender's runs it is of: a later one has a higher number
    /// @param count the how manieth of that run
    record Age(long booted, long count) {
        boolean isAfter(Age other) {
            return booted > other.booted || booted == other.booted && count > other.count;
        }
    }

    byte[] toBytes() {
        var out = new ProtoWriter().varint(1, age.booted).varint(2, age.count);
        addresses.stream().limit(MAX_ADDRESSES).forEach(address -> out.bytes(3, address.bytes()));
        return out.bytes(4, report).bytes(5, head).varint(6, clock).toBytes();
    }

    /// @throws IllegalArgumentException if it is none
    static Beat parse(byte[] message) {
        if (message.length > MAX_SIZE) {
            throw new IllegalArgumentException("A beat of " + message.length + " bytes");
        }
        var in = new ProtoReader(message);
        long booted = 0;
        long count = 0;
        List<Multiaddr> addresses = new ArrayList<>();
        byte[] report = new byte[0];
        byte[] head = new byte[0];
        long clock = 0;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> booted = in.varint();
                case 2 -> count = in.varint();
                case 3 -> {
                    if (addresses.size() < MAX_ADDRESSES) {
                        addresses.add(Multiaddr.parse(in.bytes()));
                    }
                }
                case 4 -> report = in.bytes();
                case 5 -> head = in.bytes();
                case 6 -> clock = in.varint();
                default -> {}
            }
        }
        if (report.length > Presence.MAX_REPORT || head.length > MAX_HEAD) {
            throw new IllegalArgumentException(
                    "A report of %d bytes, an audit head of %d".formatted(report.length, head.length));
        }
        return new Beat(new Age(booted, count), List.copyOf(addresses), report, head, clock);
    }

    /// Reads no more than is needed to tell whether it is news.
    ///
    /// @throws IllegalArgumentException if it is none
    static Age age(byte[] message) {
        if (message.length > MAX_SIZE) {
            throw new IllegalArgumentException("A beat of " + message.length + " bytes");
        }
        var in = new ProtoReader(message);
        long booted = 0;
        long count = 0;
        for (int field; (field = in.next()) != 0 && field <= 2; ) {
            if (field == 1) {
                booted = in.varint();
            } else {
                count = in.varint();
            }
        }
        return new Age(booted, count);
    }
}
