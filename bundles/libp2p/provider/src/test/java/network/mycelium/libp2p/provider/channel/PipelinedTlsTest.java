package network.mycelium.libp2p.provider.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.tls.TlsIdentity;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Who dials and offers TLS alone begins with it at once.
@Timeout(60)
class PipelinedTlsTest {
    private static final List<String> MUXERS = List.of("/yamux/1.0.0");
    private static final SecureRandom RANDOM = new SecureRandom();

    @AfterAll
    static void leaveJavaAsItWas() {
        NamelessCertificates.uninstall();
    }

    private static SSLContext context(NodeKey key) {
        return TlsWire.context(TlsIdentity.of(key, RANDOM, Instant.now()));
    }

    private static NodeKey key() {
        byte[] seed = new byte[NodeKey.SEED_SIZE];
        RANDOM.nextBytes(seed);
        return new NodeKey(seed);
    }

    /// Puts the proposal before the first bytes, and takes its answer away from the first that come.
    private static final class Lazy extends Socket {
        private final Socket socket;
        private final int answer = Multistream.proposal(TlsWire.PROTOCOL).length;
        private boolean proposed;
        private boolean confirmed;
        /// How many bytes of the handshake go in the packet of the proposal.
        private final int together;

        private Lazy(Socket socket, int together) {
            this.socket = socket;
            this.together = together;
        }

        @Override
        public boolean isConnected() {
            return true;
        }

        @Override
        public InetAddress getInetAddress() {
            return socket.getInetAddress();
        }

        @Override
        public int getPort() {
            return socket.getPort();
        }

        @Override
        public InputStream getInputStream() {
            return new InputStream() {
                @Override
                public int read() throws java.io.IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] buffer, int offset, int length) throws java.io.IOException {
                    if (!confirmed) {
                        confirmed = true;
                        assertThat(socket.getInputStream().readNBytes(answer))
                                .isEqualTo(Multistream.proposal(TlsWire.PROTOCOL));
                    }
                    return socket.getInputStream().read(buffer, offset, length);
                }
            };
        }

        @Override
        public OutputStream getOutputStream() {
            return new OutputStream() {
                @Override
                public void write(int one) throws java.io.IOException {
                    write(new byte[] {(byte) one}, 0, 1);
                }

                @Override
                public void write(byte[] buffer, int offset, int length) throws java.io.IOException {
                    OutputStream out = socket.getOutputStream();
                    if (proposed) {
                        out.write(buffer, offset, length);
                        return;
                    }
                    proposed = true;
                    int first = Math.min(together, length);
                    var both = new ByteArrayOutputStream();
                    both.writeBytes(Multistream.proposal(TlsWire.PROTOCOL));
                    both.write(buffer, offset, first);
                    out.write(both.toByteArray());
                    out.write(buffer, offset + first, length - first);
                }
            };
        }

        @Override
        public void close() throws java.io.IOException {
            socket.close();
        }
    }

    @Test
    void a_handshake_that_begins_in_the_packet_of_the_proposal_is_taken() throws Exception {
        NodeKey client = key();
        NodeKey server = key();
        for (int together : new int[] {1, 5, 100, 10_000}) {
            try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var answered = threads.submit(() -> {
                    var wire = new SocketWire(listening.accept());
                    Multistream.answer(wire, TlsWire.PROTOCOL::equals);
                    TlsWire tls = TlsWire.handshake(wire, false, context(server), Optional.empty(), MUXERS);
                    byte[] echo = new byte[5];
                    tls.readFully(echo, 0, 5);
                    tls.write(echo, 0, 5);
                    return tls;
                });
                var tcp = new Socket(InetAddress.getLoopbackAddress(), listening.getLocalPort());
                var socket = (SSLSocket) context(client)
                        .getSocketFactory()
                        .createSocket(new Lazy(tcp, together), "127.0.0.1", listening.getLocalPort(), true);
                var parameters = socket.getSSLParameters();
                parameters.setApplicationProtocols(new String[] {"/yamux/1.0.0"});
                socket.setSSLParameters(parameters);
                NamelessCertificates.allowed(socket::startHandshake);
                socket.getOutputStream().write("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().readNBytes(5))
                        .isEqualTo("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                try (TlsWire tls = answered.get()) {
                    assertThat(tls.remote().peerId()).isEqualTo(client.peerId());
                    assertThat(tls.muxer()).contains("/yamux/1.0.0");
                }
                socket.close();
            }
        }
    }
}
