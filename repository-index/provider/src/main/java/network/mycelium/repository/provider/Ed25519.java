package network.mycelium.repository.provider;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import network.mycelium.files.AtomicFiles;

/// Ed25519 (RFC 8032) keys and signatures by the JDK. A key's id is `ed25519:` and the 32 public bytes in
/// Base64url.
///
/// Every signature covers a context string before the content, so that one made for a purpose is void for
/// another.
final class Ed25519 {
    static final String ID_PREFIX = "ed25519:";
    /// The fixed X.509 header of an Ed25519 public key (RFC 8410).
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final String PEM_HEAD = "-----BEGIN PRIVATE KEY-----";
    private static final String PEM_TAIL = "-----END PRIVATE KEY-----";

    private Ed25519() {}

    /// A private key and the id of its public half.
    record Signer(PrivateKey key, PublicKey publicKey, String id) {
        byte[] sign(String context, byte[] content) throws GeneralSecurityException {
            var signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(context.getBytes(StandardCharsets.US_ASCII));
            signature.update(content);
            return signature.sign();
        }
    }

    static boolean verify(String keyId, String context, byte[] content, byte[] signature) {
        try {
            var verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(publicKey(keyId));
            verifier.update(context.getBytes(StandardCharsets.US_ASCII));
            verifier.update(content);
            return verifier.verify(signature);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // A malformed key or signature verifies nothing.
            return false;
        }
    }

    static PublicKey publicKey(String keyId) throws GeneralSecurityException {
        if (!keyId.startsWith(ID_PREFIX)) {
            throw new GeneralSecurityException("a key id starts with " + ID_PREFIX + ", but this is " + keyId);
        }
        byte[] raw = Base64.getUrlDecoder().decode(keyId.substring(ID_PREFIX.length()));
        if (raw.length != 32) {
            throw new GeneralSecurityException(
                    "an Ed25519 public key has 32 bytes, but " + keyId + " has " + raw.length);
        }
        byte[] encoded = Arrays.copyOf(X509_PREFIX, X509_PREFIX.length + 32);
        System.arraycopy(raw, 0, encoded, X509_PREFIX.length, 32);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }

    static String id(PublicKey key) {
        byte[] encoded = key.getEncoded();
        return ID_PREFIX
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
    }

    static Signer generate(Path file) throws GeneralSecurityException, IOException {
        var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        String pem = PEM_HEAD + "\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(pair.getPrivate().getEncoded())
                + "\n" + PEM_TAIL + "\n";
        if (file.toAbsolutePath().getParent() != null) {
            Files.createDirectories(file.toAbsolutePath().getParent());
        }
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (var channel = posix
                ? FileChannel.open(
                        file,
                        options,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                : FileChannel.open(file, options)) {
            channel.write(ByteBuffer.wrap(pem.getBytes(StandardCharsets.US_ASCII)));
            channel.force(true);
        }
        AtomicFiles.sync(file.toAbsolutePath().getParent());
        return new Signer(pair.getPrivate(), pair.getPublic(), id(pair.getPublic()));
    }

    static Signer read(Path file) throws GeneralSecurityException, IOException {
        String pem = Files.readString(file).strip();
        if (!pem.startsWith(PEM_HEAD) || !pem.endsWith(PEM_TAIL)) {
            throw new GeneralSecurityException(file + " is no PKCS #8 private key in PEM");
        }
        byte[] encoded =
                Base64.getMimeDecoder().decode(pem.substring(PEM_HEAD.length(), pem.length() - PEM_TAIL.length()));
        PrivateKey key = KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(encoded));
        PublicKey publicKey = publicHalf(encoded);
        return new Signer(key, publicKey, id(publicKey));
    }

    /// The JDK derives a public key only while it generates a pair, so it is given the stored seed as its
    /// randomness.
    private static PublicKey publicHalf(byte[] pkcs8) throws GeneralSecurityException {
        byte[] seed = Arrays.copyOfRange(pkcs8, pkcs8.length - 32, pkcs8.length);
        var generator = KeyPairGenerator.getInstance("Ed25519");
        generator.initialize(NamedParameterSpec.ED25519, new SecureRandom() {
            private static final long serialVersionUID = 1;

            @Override
            public void nextBytes(byte[] bytes) {
                System.arraycopy(seed, 0, bytes, 0, bytes.length);
            }
        });
        KeyPair pair = generator.generateKeyPair();
        return pair.getPublic();
    }
}
