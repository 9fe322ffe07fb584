package network.mycelium.libp2p.core.keys;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;

/// Which Ed25519 the keys of this process use: BouncyCastle's, or that of a provider of the Java Cryptography
/// Architecture that somebody offers because it is quicker. Safe from any thread.
public final class Ed25519Signatures {
    private static final Ed25519Algorithm DEFAULT = new BouncyCastleEd25519();
    private static volatile Ed25519Algorithm used = DEFAULT;

    private Ed25519Signatures() {}

    /// From now on all keys sign and verify by this provider.
    ///
    /// @throws GeneralSecurityException if it has no Ed25519 or a wrong one: then nothing changes
    public static void use(Provider provider) throws GeneralSecurityException {
        var algorithm = new ProviderEd25519(provider);
        prove(algorithm);
        used = algorithm;
    }

    /// From now on all keys sign and verify by BouncyCastle again.
    public static void useDefault() {
        used = DEFAULT;
    }

    /// Signatures of Ed25519 leave nothing to choice, so that two implementations make the same ones.
    private static void prove(Ed25519Algorithm algorithm) throws GeneralSecurityException {
        byte[] seed = new byte[NodeKey.SEED_SIZE];
        Arrays.fill(seed, (byte) 7);
        byte[] publicKey = new NodeKey(seed).publicKey().data();
        byte[] message = {1, 2, 3};
        byte[] signature = DEFAULT.sign(seed, publicKey, message);
        byte[] forged = signature.clone();
        forged[40] ^= 1;
        if (!Arrays.equals(signature, algorithm.sign(seed, publicKey, message))
                || !algorithm.verify(publicKey, message, signature)
                || algorithm.verify(publicKey, message, forged)) {
            throw new GeneralSecurityException("its Ed25519 is not that of RFC 8032");
        }
    }

    static byte[] sign(byte[] seed, byte[] publicKey, byte[] message) {
        return used.sign(seed, publicKey, message);
    }

    static boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        return used.verify(publicKey, message, signature);
    }
}
