package network.mycelium.libp2p.core.keys;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/// Ed25519 by a provider of the Java Cryptography Architecture. Safe from any thread.
final class ProviderEd25519 implements Ed25519Algorithm {
    private static final String ALGORITHM = "Ed25519";
    private static final int KEY_SIZE = 32;
    /// What stands before the 32 bytes of a key in its encoding (RFC 8410).
    private static final byte[] PUBLIC_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final byte[] PRIVATE_PREFIX = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private final Provider provider;
    private final KeyFactory keys;
    private final RecentKeys<PublicKey> publicKeys = new RecentKeys<>(this::publicKey);
    private final RecentKeys<PrivateKey> privateKeys = new RecentKeys<>(this::privateKey);

    /// @throws GeneralSecurityException if the provider has no Ed25519
    ProviderEd25519(Provider provider) throws GeneralSecurityException {
        this.provider = provider;
        this.keys = KeyFactory.getInstance(ALGORITHM, provider);
        Signature.getInstance(ALGORITHM, provider);
    }

    private PublicKey publicKey(byte[] key) {
        if (key.length != KEY_SIZE) {
            return null;
        }
        try {
            return keys.generatePublic(new X509EncodedKeySpec(encoded(PUBLIC_PREFIX, key)));
        } catch (InvalidKeySpecException e) {
            // Bytes of a stranger that are no point of the curve.
            return null;
        }
    }

    private PrivateKey privateKey(byte[] seed) {
        try {
            return keys.generatePrivate(new PKCS8EncodedKeySpec(encoded(PRIVATE_PREFIX, seed)));
        } catch (InvalidKeySpecException e) {
            throw new IllegalStateException(provider.getName() + " does not take a seed of Ed25519", e);
        }
    }

    private static byte[] encoded(byte[] prefix, byte[] key) {
        byte[] encoded = Arrays.copyOf(prefix, prefix.length + key.length);
        System.arraycopy(key, 0, encoded, prefix.length, key.length);
        return encoded;
    }

    @Override
    public byte[] sign(byte[] seed, byte[] publicKey, byte[] message) {
        try {
            Signature signer = Signature.getInstance(ALGORITHM, provider);
            signer.initSign(privateKeys.get(seed));
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(provider.getName() + " does not sign", e);
        }
    }

    @Override
    public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        try {
            PublicKey key = publicKeys.get(publicKey);
            if (key == null) {
                return false;
            }
            Signature verifier = Signature.getInstance(ALGORITHM, provider);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (InvalidKeyException | SignatureException e) {
            // A key or a signature of a stranger that is no proper one: it does not verify.
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(provider.getName() + " does not verify", e);
        }
    }
}
