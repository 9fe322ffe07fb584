package network.mycelium.libp2p.provider.channel;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.PublicKey;
import network.mycelium.libp2p.core.tls.TlsIdentity;

/// TLS 1.3 over a socket, as libp2p/specs tls says: both sides show a self-signed certificate that their identity
/// signed, and the muxer is agreed on by ALPN.
public final class TlsWire implements SecureWire {
    public static final String PROTOCOL = "/tls/1.0.0";
    private static final String NO_MUXER = "libp2p";
    private static final char[] NO_PASSWORD = {};

    private final Socket tcp;
    private final SSLSocket socket;
    private final PublicKey remote;
    private final Optional<String> muxer;
    private final InputStream in;
    private final OutputStream out;

    private TlsWire(Socket tcp, SSLSocket socket, PublicKey remote, Optional<String> muxer) throws IOException {
        this.tcp = tcp;
        this.socket = socket;
        this.remote = remote;
        this.muxer = muxer;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    /// The TLS settings of a node, made once.
    public static SSLContext context(TlsIdentity identity) {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("node", identity.key(), NO_PASSWORD, new X509Certificate[] {identity.certificate()});
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, NO_PASSWORD);
            var context = SSLContext.getInstance("TLSv1.3");
            context.init(keys.getKeyManagers(), new TrustManager[] {new CheckedLater()}, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("This Java cannot do TLS 1.3", e);
        }
    }

    /// Runs the handshake.
    ///
    /// @param expected who the other side must be; empty to take anybody
    /// @throws Libp2pException INVALID if the other side is not who it should be
    public static TlsWire handshake(
            SocketWire plain, boolean initiator, SSLContext context, Optional<PeerId> expected, List<String> muxers)
            throws IOException {
        Socket tcp = plain.socket();
        SSLSocket socket = over(plain, initiator, context.getSocketFactory());
        socket.setUseClientMode(initiator);
        var parameters = socket.getSSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3"});
        parameters.setNeedClientAuth(!initiator);
        List<String> alpn = new java.util.ArrayList<>(muxers);
        alpn.add(NO_MUXER);
        parameters.setApplicationProtocols(alpn.toArray(String[]::new));
        // No name belongs to a peer, so none is sent.
        parameters.setServerNames(List.of());
        socket.setSSLParameters(parameters);
        try {
            NamelessCertificates.allowed(socket::startHandshake);
            var chain = socket.getSession().getPeerCertificates();
            if (chain.length != 1) {
                throw new IllegalArgumentException("it shows " + chain.length + " certificates");
            }
            PublicKey remote = TlsIdentity.verify((X509Certificate) chain[0], Instant.now());
            if (expected.isPresent() && !expected.get().equals(remote.peerId())) {
                throw new IllegalArgumentException("it is %s, not %s".formatted(remote, expected.get()));
            }
            String agreed = socket.getApplicationProtocol();
            return new TlsWire(
                    tcp,
                    socket,
                    remote,
                    agreed.isEmpty() || agreed.equals(NO_MUXER) ? Optional.empty() : Optional.of(agreed));
        } catch (IllegalArgumentException e) {
            throw new Libp2pException(Kind.INVALID, "The other side's identity is refused: " + e.getMessage(), e);
        } catch (SSLException e) {
            throw new Libp2pException(Kind.INVALID, "TLS failed: " + e.getMessage(), e);
        }
    }

    /// One who dials and offers nothing else may begin with TLS in the packet of the proposal.
    private static SSLSocket over(SocketWire plain, boolean initiator, SSLSocketFactory factory) throws IOException {
        Socket tcp = plain.socket();
        if (!initiator) {
            return (SSLSocket) factory.createSocket(tcp, new ByteArrayInputStream(plain.takeBuffered()), true);
        }
        if (plain.buffered()) {
            throw new Libp2pException(Kind.INVALID, "The peer sent TLS before it was asked");
        }
        var address = (InetSocketAddress) tcp.getRemoteSocketAddress();
        return (SSLSocket) factory.createSocket(tcp, address.getAddress().getHostAddress(), address.getPort(), true);
    }

    /// Lets any certificate through TLS, which proves that the other side holds its key; whose it is, is
    /// checked when the handshake is done and before anything else is read or written.
    private static final class CheckedLater extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Override
    public String protocol() {
        return PROTOCOL;
    }

    @Override
    public PublicKey remote() {
        return remote;
    }

    /// By RFC 9266, tls-exporter.
    @Override
    public byte[] binding() {
        try {
            return ((ExtendedSSLSession) socket.getSession())
                    .exportKeyingMaterialData("EXPORTER-Channel-Binding", new byte[0], 32);
        } catch (SSLException e) {
            throw new IllegalStateException("This connection has no keying material", e);
        }
    }

    @Override
    public Optional<String> muxer() {
        return muxer;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        return in.read(buffer, offset, length);
    }

    @Override
    public boolean readable() throws IOException {
        return in.available() > 0;
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
        out.write(buffer, offset, length);
    }

    /// At once, with no farewell of TLS: that one would wait for a writer whose peer does not read. That
    /// nothing more comes was said by the muxer.
    @Override
    public void close() throws IOException {
        tcp.close();
    }
}
