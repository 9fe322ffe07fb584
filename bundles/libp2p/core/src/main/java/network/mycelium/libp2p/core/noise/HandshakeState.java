package network.mycelium.libp2p.core.noise;

import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.math.ec.rfc7748.X25519;

/// Noise_XX_25519_ChaChaPoly_SHA256: three messages, after which each side knows the other's static key (Noise
/// specification, revision 34). One thread; an instance is good for one handshake.
///
/// ```
/// -> e
/// <- e, ee, s, es
/// -> s, se
/// ```
final class HandshakeState {
    private static final byte[] NAME =
            "Noise_XX_25519_ChaChaPoly_SHA256".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final byte[] NONE = {};
    private static final int KEY = 32;

    private final boolean initiator;
    private final MessageDigest sha256;
    private final Mac hmac;
    private final byte[] staticSecret;
    private final byte[] staticPoint;
    private final byte[] ephemeralSecret;
    private byte[] remoteStatic;
    private byte[] remoteEphemeral;
    private byte[] chainingKey = NAME;
    private byte[] hash = NAME;
    private CipherState cipher;
    private int step;

    /// @param staticSecret 32 random bytes
    /// @param ephemeralSecret 32 random bytes, used once
    HandshakeState(boolean initiator, byte[] staticSecret, byte[] staticPoint, byte[] ephemeralSecret) {
        this.initiator = initiator;
        this.staticSecret = staticSecret;
        this.staticPoint = staticPoint;
        this.ephemeralSecret = ephemeralSecret;
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
            this.hmac = Mac.getInstance("HmacSHA256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256", e);
        }
        // The name is exactly 32 bytes, so it is the first hash itself; the prologue is empty.
        mixHash(NONE, 0, 0);
    }

    static byte[] publicKey(byte[] secret) {
        byte[] point = new byte[KEY];
        X25519.generatePublicKey(secret, 0, point, 0);
        return point;
    }

    /// The other side's static key; known after its message that carries it was read.
    byte[] remoteStatic() {
        return remoteStatic;
    }

    /// Makes this side's next message.
    byte[] write(byte[] payload) throws NoiseException {
        byte[] out = new byte[2 * KEY + 2 * CipherState.TAG + payload.length];
        int at = 0;
        switch (step++) {
            case 0 -> at = writeEphemeral(out, at);
            case 1 -> {
                at = writeEphemeral(out, at);
                mixKey(agree(ephemeralSecret, remoteEphemeral));
                at = writeStatic(out, at);
                mixKey(agree(staticSecret, remoteEphemeral));
            }
            case 2 -> {
                at = writeStatic(out, at);
                mixKey(agree(staticSecret, remoteEphemeral));
            }
            default -> throw new IllegalStateException("A handshake has three messages");
        }
        return Arrays.copyOf(out, at + seal(payload, out, at));
    }

    /// Reads the other side's next message.
    ///
    /// @return its payload
    byte[] read(byte[] message) throws NoiseException {
        int at = 0;
        switch (step++) {
            case 0 -> at = readEphemeral(message, at);
            case 1 -> {
                at = readEphemeral(message, at);
                mixKey(agree(ephemeralSecret, remoteEphemeral));
                at = readStatic(message, at);
                mixKey(agree(ephemeralSecret, remoteStatic));
            }
            case 2 -> {
                at = readStatic(message, at);
                mixKey(agree(ephemeralSecret, remoteStatic));
            }
            default -> throw new IllegalStateException("A handshake has three messages");
        }
        return open(message, at, message.length - at);
    }

    /// Of everything that was said so far.
    byte[] hash() {
        return hash.clone();
    }

    /// The keys of both directions: this side's sending key first.
    CipherState[] split() throws NoiseException {
        byte[][] keys = hkdf(NONE);
        var first = new CipherState(keys[0], 0);
        var second = new CipherState(keys[1], 0);
        return initiator ? new CipherState[] {first, second} : new CipherState[] {second, first};
    }

    private int writeEphemeral(byte[] out, int at) {
        byte[] point = publicKey(ephemeralSecret);
        System.arraycopy(point, 0, out, at, KEY);
        mixHash(out, at, KEY);
        return at + KEY;
    }

    private int writeStatic(byte[] out, int at) throws NoiseException {
        return at + seal(staticPoint, out, at);
    }

    private int readEphemeral(byte[] message, int at) throws NoiseException {
        need(message, at, KEY);
        remoteEphemeral = Arrays.copyOfRange(message, at, at + KEY);
        mixHash(message, at, KEY);
        return at + KEY;
    }

    private int readStatic(byte[] message, int at) throws NoiseException {
        need(message, at, KEY + CipherState.TAG);
        remoteStatic = open(message, at, KEY + CipherState.TAG);
        return at + KEY + CipherState.TAG;
    }

    private static void need(byte[] message, int at, int length) throws NoiseException {
        if (message.length - at < length) {
            throw new NoiseException("A handshake message is too short");
        }
    }

    private int seal(byte[] content, byte[] out, int at) throws NoiseException {
        int length = content.length;
        if (cipher == null) {
            System.arraycopy(content, 0, out, at, length);
        } else {
            length = cipher.seal(hash, content, 0, length, out, at);
        }
        mixHash(out, at, length);
        return length;
    }

    private byte[] open(byte[] message, int at, int length) throws NoiseException {
        byte[] content;
        if (cipher == null) {
            content = Arrays.copyOfRange(message, at, at + length);
        } else {
            need(message, at, CipherState.TAG);
            content = new byte[length - CipherState.TAG];
            cipher.open(hash, message, at, length, content, 0);
        }
        mixHash(message, at, length);
        return content;
    }

    private void mixHash(byte[] data, int offset, int length) {
        sha256.update(hash);
        sha256.update(data, offset, length);
        hash = sha256.digest();
    }

    private void mixKey(byte[] secret) throws NoiseException {
        byte[][] keys = hkdf(secret);
        chainingKey = keys[0];
        cipher = new CipherState(keys[1], 0);
    }

    private byte[][] hkdf(byte[] material) throws NoiseException {
        byte[] first = mac(mac(chainingKey, material), new byte[] {1});
        byte[] block = Arrays.copyOf(first, KEY + 1);
        block[KEY] = 2;
        return new byte[][] {first, mac(mac(chainingKey, material), block)};
    }

    private byte[] mac(byte[] key, byte[] data) throws NoiseException {
        try {
            hmac.init(new SecretKeySpec(key, "HmacSHA256"));
            return hmac.doFinal(data);
        } catch (InvalidKeyException e) {
            throw new NoiseException("A key was refused", e);
        }
    }

    private static byte[] agree(byte[] secret, byte[] point) throws NoiseException {
        byte[] shared = new byte[KEY];
        if (!X25519.calculateAgreement(secret, 0, point, 0, shared, 0)) {
            throw new NoiseException("The other side sent a key of low order");
        }
        return shared;
    }
}
