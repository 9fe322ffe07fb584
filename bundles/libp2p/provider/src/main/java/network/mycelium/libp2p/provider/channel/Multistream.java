package network.mycelium.libp2p.provider.channel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.multiformats.Varint;

/// multistream-select 1.0: agrees on a protocol by name. Each message is its length as a varint, text, and a line feed.
public final class Multistream {
    private static final String HEADER = "/multistream/1.0.0";
    private static final String NOT_AVAILABLE = "na";
    private static final int MAX_MESSAGE = 1024;
    private static final int MAX_PROPOSALS = 64;

    private Multistream() {}

    /// The first messages of one who knows what the other side offers.
    public static byte[] proposal(String protocol) {
        return join(HEADER, protocol);
    }

    private static byte[] join(String... messages) {
        var out = new ByteArrayOutputStream(64);
        for (String message : messages) {
            byte[] text = (message + "\n").getBytes(StandardCharsets.UTF_8);
            Varint.write(text.length, out);
            out.writeBytes(text);
        }
        return out.toByteArray();
    }

    private static void send(Wire wire, String... messages) throws IOException {
        byte[] bytes = join(messages);
        wire.write(bytes, 0, bytes.length);
    }

    /// Proposes protocols, best first, until the other side takes one.
    ///
    /// @throws Libp2pException UNSUPPORTED if it takes none
    public static String select(Wire wire, List<String> protocols) throws IOException {
        send(wire, HEADER, protocols.getFirst());
        expectHeader(wire);
        for (int i = 0; ; i++) {
            if (accepted(wire, protocols.get(i))) {
                return protocols.get(i);
            }
            if (i + 1 == protocols.size()) {
                throw unsupported(protocols);
            }
            send(wire, protocols.get(i + 1));
        }
    }

    /// Reads the answer to [#proposal(String)].
    ///
    /// @throws Libp2pException UNSUPPORTED if it was refused
    public static void confirm(Wire wire, String protocol) throws IOException {
        expectHeader(wire);
        if (!accepted(wire, protocol)) {
            throw unsupported(List.of(protocol));
        }
    }

    private static Libp2pException unsupported(List<String> protocols) {
        return new Libp2pException(Kind.UNSUPPORTED, "The peer does not offer " + String.join(" or ", protocols));
    }

    private static boolean accepted(Wire wire, String protocol) throws IOException {
        String answer = receive(wire);
        if (answer.equals(protocol)) {
            return true;
        }
        if (answer.equals(NOT_AVAILABLE)) {
            return false;
        }
        throw new Libp2pException(Kind.INVALID, "The peer answered \"" + answer + "\" to " + protocol);
    }

    private static void expectHeader(Wire wire) throws IOException {
        String header = receive(wire);
        if (!header.equals(HEADER)) {
            throw new Libp2pException(Kind.INVALID, "The peer does not speak " + HEADER + " but \"" + header + '"');
        }
    }

    /// Answers proposals until one can be taken.
    ///
    /// @return empty if the other side gave up
    public static Optional<String> answer(Wire wire, Predicate<String> offered) throws IOException {
        expectHeader(wire);
        // If the proposal came with the header, both are answered in one packet.
        boolean greeted = !wire.readable();
        if (greeted) {
            send(wire, HEADER);
        }
        for (int i = 0; i < MAX_PROPOSALS; i++) {
            String proposal = receive(wire);
            if (proposal.isEmpty()) {
                return Optional.empty();
            }
            boolean taken = offered.test(proposal);
            String answer = taken ? proposal : NOT_AVAILABLE;
            if (greeted) {
                send(wire, answer);
            } else {
                send(wire, HEADER, answer);
                greeted = true;
            }
            if (taken) {
                return Optional.of(proposal);
            }
        }
        throw new Libp2pException(Kind.INVALID, "The peer proposed more than " + MAX_PROPOSALS + " protocols");
    }

    /// @return empty text at the end of the stream
    private static String receive(Wire wire) throws IOException {
        int length = 0;
        byte[] one = new byte[1];
        for (int shift = 0; ; shift += 7) {
            if (wire.read(one, 0, 1) < 0) {
                if (shift == 0) {
                    return "";
                }
                throw new Libp2pException(Kind.INVALID, "The peer closed inside a multistream message");
            }
            length |= (one[0] & 0x7f) << shift;
            if (one[0] >= 0) {
                break;
            }
            if (shift > 7) {
                throw new Libp2pException(Kind.INVALID, "The peer sent a multistream message that is too long");
            }
        }
        if (length == 0 || length > MAX_MESSAGE) {
            throw new Libp2pException(Kind.INVALID, "The peer sent a multistream message of " + length + " bytes");
        }
        byte[] text = new byte[length];
        wire.readFully(text, 0, length);
        if (text[length - 1] != '\n') {
            throw new Libp2pException(Kind.INVALID, "The peer sent a multistream message without a line feed");
        }
        return new String(text, 0, length - 1, StandardCharsets.UTF_8);
    }
}
