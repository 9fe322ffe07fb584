package network.mycelium.libp2p.provider.channel;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.Provider;
import java.security.Security;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.CertPath;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateFactorySpi;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import network.mycelium.libp2p.core.tls.NamelessCertificate;

/// Lets Java's TLS read a [NamelessCertificate] of a peer. TLS asks the first provider of security for certificates,
/// and
/// nothing else can be told it; so this is one, and stands first. It does what the one after it does, but while
/// [#allowed] runs on a thread.
///
/// Safe from any thread.
public final class NamelessCertificates {
    private static final ScopedValue<Boolean> ALLOWED = ScopedValue.newInstance();
    private static final String TYPE = "X.509";

    private static AsProvider provider;

    private NamelessCertificates() {}

    /// Something that talks to a peer.
    @FunctionalInterface
    interface Handshake {
        void run() throws IOException;
    }

    /// Runs it on this thread; meanwhile such certificates are read.
    static void allowed(Handshake handshake) throws IOException {
        install();
        ScopedValue.where(ALLOWED, true).call(() -> {
            handshake.run();
            return null;
        });
    }

    private static synchronized void install() {
        if (provider == null) {
            try {
                provider = new AsProvider(CertificateFactory.getInstance(TYPE));
            } catch (CertificateException e) {
                throw new IllegalStateException("This Java cannot read certificates", e);
            }
            Security.insertProviderAt(provider, 1);
        }
    }

    /// Takes it away again, for when this code goes.
    public static synchronized void uninstall() {
        if (provider != null) {
            Security.removeProvider(provider.getName());
            provider = null;
        }
    }

    private static final class AsProvider extends Provider {
        private static final long serialVersionUID = 1;

        AsProvider(CertificateFactory java) {
            super("MyceliumCertificates", "1", "Certificates of libp2p peers, also without names");
            putService(new Service(this, "CertificateFactory", TYPE, Reading.class.getName(), List.of("X509"), null) {
                @Override
                public Object newInstance(Object parameter) {
                    return new Reading(java);
                }
            });
        }
    }

    private static final class Reading extends CertificateFactorySpi {
        private final CertificateFactory java;

        Reading(CertificateFactory java) {
            this.java = java;
        }

        @Override
        public Certificate engineGenerateCertificate(InputStream in) throws CertificateException {
            if (!ALLOWED.isBound()) {
                return java.generateCertificate(in);
            }
            byte[] encoded;
            try {
                encoded = in.readAllBytes();
            } catch (IOException e) {
                throw new CertificateException(e);
            }
            try {
                return java.generateCertificate(new ByteArrayInputStream(encoded));
            } catch (CertificateException e) {
                try {
                    return NamelessCertificate.read(encoded, java);
                } catch (CertificateException alsoRefused) {
                    e.addSuppressed(alsoRefused);
                    throw e;
                }
            }
        }

        @Override
        public Collection<? extends Certificate> engineGenerateCertificates(InputStream in)
                throws CertificateException {
            return java.generateCertificates(in);
        }

        @Override
        public CRL engineGenerateCRL(InputStream in) throws CRLException {
            return java.generateCRL(in);
        }

        @Override
        public Collection<? extends CRL> engineGenerateCRLs(InputStream in) throws CRLException {
            return java.generateCRLs(in);
        }

        @Override
        public Iterator<String> engineGetCertPathEncodings() {
            return java.getCertPathEncodings();
        }

        @Override
        public CertPath engineGenerateCertPath(InputStream in) throws CertificateException {
            return java.generateCertPath(in);
        }

        @Override
        public CertPath engineGenerateCertPath(InputStream in, String encoding) throws CertificateException {
            return java.generateCertPath(in, encoding);
        }

        @Override
        public CertPath engineGenerateCertPath(List<? extends Certificate> certificates) throws CertificateException {
            return java.generateCertPath(certificates);
        }
    }
}
