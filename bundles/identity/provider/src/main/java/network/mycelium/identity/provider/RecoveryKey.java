package network.mycelium.identity.provider;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import network.mycelium.identity.Charters;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.recovery.RecoveryCode;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.SigningInput;

/// A recovery key while it is used: made of a code, and forgotten after.
final class RecoveryKey {
    private static final String ALGORITHM = "Ed25519";

    private final Key key;
    private final PrivateKey secret;

    private RecoveryKey(byte[] seed) {
        try {
            var generator = KeyPairGenerator.getInstance(ALGORITHM);
            // The JDK draws the seed of the key from the random numbers that it is given, and nothing else.
            generator.initialize(NamedParameterSpec.ED25519, new Given(seed));
            KeyPair pair = generator.generateKeyPair();
            this.key = new Key(Hash.of(point((EdECPublicKey) pair.getPublic())));
            this.secret = pair.getPrivate();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has " + ALGORITHM, e);
        }
    }

    private static byte[] point(EdECPublicKey key) throws GeneralSecurityException {
        byte[] encoded = KeyFactory.getInstance(ALGORITHM)
                .getKeySpec(key, java.security.spec.X509EncodedKeySpec.class)
                .getEncoded();
        return Arrays.copyOfRange(encoded, encoded.length - Hash.SIZE, encoded.length);
    }

    /// @param code its words
    static RecoveryKey of(String code) throws IdentityException {
        try {
            return new RecoveryKey(RecoveryCode.parse(code).seed());
        } catch (IllegalArgumentException e) {
            throw new IdentityException(Kind.INVALID, "That is no recovery code: %s.".formatted(e.getMessage()), e);
        }
    }

    static RecoveryKey of(RecoveryCode code) {
        return new RecoveryKey(code.seed());
    }

    /// A new code.
    static Charters.RecoveryCode fresh() {
        byte[] chance = new byte[RecoveryCode.ENTROPY];
        new SecureRandom().nextBytes(chance);
        RecoveryCode code = RecoveryCode.of(chance);
        return new Charters.RecoveryCode(code.words(), NodeSigner.peer(of(code).key()));
    }

    Key key() {
        return key;
    }

    Signature sign(SigningInput form, Hash document) {
        try {
            var signature = java.security.Signature.getInstance(ALGORITHM);
            signature.initSign(secret);
            signature.update(form.over(document));
            return new Signature(key, signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has " + ALGORITHM, e);
        }
    }

    /// Gives the bytes that it was made of.
    private static final class Given extends SecureRandom {
        private static final long serialVersionUID = 1;
        private final byte[] bytes;

        Given(byte[] bytes) {
            this.bytes = bytes.clone();
        }

        @Override
        public void nextBytes(byte[] into) {
            if (into.length != bytes.length) {
                throw new IllegalStateException("A seed of %d bytes is asked for".formatted(into.length));
            }
            System.arraycopy(bytes, 0, into, 0, into.length);
        }
    }
}
