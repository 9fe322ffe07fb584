package network.mycelium.libp2p.core.keys;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/// A peer's public key, as in libp2p/specs peer-ids.
///
/// @param data raw 32 bytes for Ed25519, 33 for secp256k1, DER SubjectPublicKeyInfo for ECDSA and RSA; not copied
public record PublicKey(KeyType type, byte[] data) {
    private static final int MAX_DATA = 4096;
    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 8192;

    public PublicKey {
        boolean fits = switch (type) {
            case ED25519 -> data.length == Ed25519.PUBLIC_KEY_SIZE;
            case SECP256K1 -> data.length == 33;
            default -> data.length > 0 && data.length <= MAX_DATA;
        };
        if (!fits) {
            throw new IllegalArgumentException("A key of type %s has %d bytes".formatted(type, data.length));
        }
    }

    /// @param message the protobuf message PublicKey
    /// @throws IllegalArgumentException if it is none
    public static PublicKey parse(byte[] message) {
        var in = new ProtoReader(message);
        long type = -1;
        byte[] data = null;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> type = in.varint();
                case 2 -> data = in.bytes();
                default -> {}
            }
        }
        if (type < 0 || type >= KeyType.values().length || data == null) {
            throw new IllegalArgumentException("A public key has no known type or no data");
        }
        return new PublicKey(KeyType.values()[(int) type], data);
    }

    /// The protobuf message PublicKey in its deterministic form.
    public byte[] message() {
        return new ProtoWriter().varint(1, type.ordinal()).bytes(2, data).toBytes();
    }

    public PeerId peerId() {
        return PeerId.ofPublicKey(message());
    }

    /// Whether the signature is this key's, over exactly these bytes. A key that cannot be read verifies nothing.
    public boolean verify(byte[] message, byte[] signature) {
        return switch (type) {
            case ED25519 -> Ed25519Signatures.verify(data, message, signature);
            case SECP256K1 -> Secp256k1.verify(data, message, signature);
            case ECDSA -> verifyByJdk("EC", "SHA256withECDSA", message, signature);
            case RSA -> verifyByJdk("RSA", "SHA256withRSA", message, signature);
        };
    }

    private boolean verifyByJdk(String keys, String algorithm, byte[] message, byte[] signature) {
        try {
            var key = KeyFactory.getInstance(keys).generatePublic(new X509EncodedKeySpec(data));
            if (key instanceof RSAPublicKey rsa
                    && (rsa.getModulus().bitLength() < MIN_RSA_BITS
                            || rsa.getModulus().bitLength() > MAX_RSA_BITS)) {
                return false;
            }
            var verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            // A key or a signature of a stranger that is no proper one: it does not verify.
            return false;
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PublicKey that && type == that.type && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return peerId().toString();
    }
}
