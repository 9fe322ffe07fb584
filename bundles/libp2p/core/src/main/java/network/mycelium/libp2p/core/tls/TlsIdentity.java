package network.mycelium.libp2p.core.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.keys.PublicKey;

/// A self-signed certificate of a key made for it, in which the node's identity signs that key (libp2p/specs tls).
public record TlsIdentity(PrivateKey key, X509Certificate certificate) {
    private static final String EXTENSION = "1.3.6.1.4.1.53594.1.1";
    private static final byte[] SIGNED = "libp2p-tls-handshake:".getBytes(StandardCharsets.US_ASCII);
    /// CN=libp2p.
    static final byte[] NAME = Der.sequence(Der.set(Der.sequence(Der.oid("2.5.4.3"), Der.text("libp2p"))));

    private static final Duration VALID = Duration.ofDays(365 * 100);
    private static final Duration CLOCK_SKEW = Duration.ofHours(1);

    /// Makes one.
    public static TlsIdentity of(NodeKey node, SecureRandom random, Instant now) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            byte[] certificate = certificate(node, pair, NAME, random, now);
            return new TlsIdentity(pair.getPrivate(), (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java cannot make an EC certificate", e);
        }
    }

    static byte[] certificate(NodeKey node, KeyPair pair, byte[] name, SecureRandom random, Instant now)
            throws GeneralSecurityException {
        byte[] algorithm = Der.sequence(Der.oid("1.2.840.10045.4.3.2")); // ecdsa-with-SHA256
        byte[] spki = pair.getPublic().getEncoded();
        byte[] signedKey = Der.sequence(Der.octets(node.publicKey().message()), Der.octets(node.sign(signed(spki))));
        byte[] toSign = Der.sequence(
                Der.tagged(0xa0, Der.integer(BigInteger.TWO)), // version 3
                Der.integer(new BigInteger(63, random).add(BigInteger.ONE)),
                algorithm,
                name,
                Der.sequence(Der.time(now.minus(CLOCK_SKEW)), Der.time(now.plus(VALID))),
                name,
                spki,
                Der.tagged(0xa3, Der.sequence(Der.sequence(Der.oid(EXTENSION), Der.octets(signedKey)))));
        var signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate(), random);
        signature.update(toSign);
        return Der.sequence(toSign, algorithm, Der.bits(signature.sign()));
    }

    private static byte[] signed(byte[] spki) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(SIGNED);
        out.writeBytes(spki);
        return out.toByteArray();
    }

    /// Who is behind a certificate, that TLS has found its bearer to hold the key of.
    ///
    /// @throws IllegalArgumentException with what is wrong with it
    public static PublicKey verify(X509Certificate certificate, Instant now) {
        try {
            certificate.checkValidity(java.util.Date.from(now));
            certificate.verify(certificate.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("its certificate is not valid: " + e.getMessage(), e);
        }
        byte[] extension = certificate.getExtensionValue(EXTENSION);
        if (extension == null) {
            throw new IllegalArgumentException("its certificate has no libp2p extension");
        }
        for (String critical : certificate.getCriticalExtensionOIDs() == null
                ? java.util.Set.<String>of()
                : certificate.getCriticalExtensionOIDs()) {
            if (!critical.equals(EXTENSION)) {
                throw new IllegalArgumentException("its certificate has the unknown critical extension " + critical);
            }
        }
        var parts = new Der.Reader(new Der.Reader(extension).next(4).content()).next(0x30);
        PublicKey key = PublicKey.parse(parts.next(4).content());
        byte[] signature = parts.next(4).content();
        if (!parts.isEmpty() || !key.verify(signed(certificate.getPublicKey().getEncoded()), signature)) {
            throw new IllegalArgumentException("%s did not sign the key of its certificate".formatted(key));
        }
        return key;
    }
}
