package network.mycelium.libp2p.core.record;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Where a peer says that it can be reached, signed by itself (libp2p RFC 0003).
///
/// @param sequence the higher one is newer
public record PeerRecord(PeerId peer, long sequence, List<Multiaddr> addresses) {
    private static final String DOMAIN = "libp2p-peer-record";
    /// The multicodec 0x0301, as two bytes and not as a varint: that is what all implementations send.
    private static final byte[] TYPE = {0x03, 0x01};
    private static final int MAX_ADDRESSES = 64;

    /// @return the protobuf message Envelope
    public byte[] seal(NodeKey key) {
        var record = new ProtoWriter().bytes(1, peer.bytes()).varint(2, sequence);
        addresses.forEach(a -> record.message(3, new ProtoWriter().bytes(1, a.bytes())));
        return Envelope.seal(key, DOMAIN, TYPE, record.toBytes());
    }

    /// @throws IllegalArgumentException if it is no record, or not signed by the peer that it is about
    public static PeerRecord open(byte[] envelope) {
        Envelope opened = Envelope.open(DOMAIN, envelope);
        if (!Arrays.equals(opened.payloadType(), TYPE)) {
            throw new IllegalArgumentException("An envelope holds no peer record");
        }
        var in = new ProtoReader(opened.payload());
        PeerId peer = null;
        long sequence = 0;
        List<Multiaddr> addresses = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> peer = PeerId.parse(in.bytes());
                case 2 -> sequence = in.varint();
                case 3 -> address(in.message(), addresses);
                default -> {}
            }
        }
        if (peer == null || !peer.equals(opened.signer().peerId())) {
            throw new IllegalArgumentException(
                    "A peer record about %s is signed by %s".formatted(peer, opened.signer()));
        }
        return new PeerRecord(peer, sequence, List.copyOf(addresses));
    }

    private static void address(ProtoReader in, List<Multiaddr> addresses) {
        for (int field; (field = in.next()) != 0; ) {
            if (field == 1 && addresses.size() < MAX_ADDRESSES) {
                understood(in.bytes(), addresses);
            }
        }
    }

    /// Adds an address of protocols that this node knows; others are of no use to it, and no fault of the peer's.
    public static void understood(byte[] address, List<Multiaddr> addresses) {
        try {
            addresses.add(Multiaddr.parse(address));
        } catch (IllegalArgumentException e) {
            System.getLogger(PeerRecord.class.getName()).log(System.Logger.Level.TRACE, e.getMessage());
        }
    }
}
