package network.mycelium.libp2p.core.noise;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// One direction's ChaCha20-Poly1305 key and counter (Noise specification, revision 34, sections 5.1 and 12.3). The
/// counter is the nonce, so a message that is lost, repeated or out of order does not decrypt. One thread at a time.
public final class CipherState {
    /// Bytes that a sealed message is longer than its content.
    public static final int TAG = 16;

    private final SecretKeySpec key;
    private final Cipher cipher;
    private final byte[] iv = new byte[12];
    private long counter;

    CipherState(byte[] key, long counter) {
        this.key = new SecretKeySpec(key, "ChaCha20");
        this.counter = counter;
        try {
            this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no ChaCha20-Poly1305", e);
        }
    }

    /// @return bytes written: `length` and the tag
    /// @throws NoiseException when the last nonce has been used: the connection must end
    public int seal(byte[] ad, byte[] in, int offset, int length, byte[] out, int to) throws NoiseException {
        return run(Cipher.ENCRYPT_MODE, ad, in, offset, length, out, to);
    }

    /// @return bytes written: `length` without the tag
    /// @throws NoiseException if it was not sealed by the other side's same key and counter
    public int open(byte[] ad, byte[] in, int offset, int length, byte[] out, int to) throws NoiseException {
        return run(Cipher.DECRYPT_MODE, ad, in, offset, length, out, to);
    }

    private int run(int mode, byte[] ad, byte[] in, int offset, int length, byte[] out, int to) throws NoiseException {
        if (counter == -1) {
            throw new NoiseException("All nonces of a connection are used up");
        }
        for (int i = 0; i < 8; i++) {
            iv[4 + i] = (byte) (counter >>> 8 * i);
        }
        try {
            cipher.init(mode, key, new IvParameterSpec(iv));
            if (ad.length > 0) {
                cipher.updateAAD(ad);
            }
            int written = cipher.doFinal(in, offset, length, out, to);
            counter++;
            return written;
        } catch (GeneralSecurityException e) {
            throw new NoiseException("A message was changed, repeated or lost on its way", e);
        }
    }
}
