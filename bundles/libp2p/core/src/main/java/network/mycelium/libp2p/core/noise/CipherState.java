package network.mycelium.libp2p.core.noise;

import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import javax.crypto.Cipher;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// One direction's ChaCha20-Poly1305 key and counter (Noise specification, revision 34, sections 5.1 and 12.3). The
/// counter is the nonce, so a message that is lost, repeated or out of order does not decrypt. One thread at a time.
public final class CipherState {
    /// Bytes that a sealed message is longer than its content.
    public static final int TAG = 16;

    /// Of the process, for the JDK's needs two kilobytes and is set up anew for each message: as many as work at once.
    /// Each kind has its own, for the JDK refuses what it did last, and both ends may live in one process.
    private static final Deque<Cipher> SEALING = new ConcurrentLinkedDeque<>();

    private static final Deque<Cipher> OPENING = new ConcurrentLinkedDeque<>();

    private final SecretKeySpec key;
    private final byte[] iv = new byte[12];
    private long counter;

    CipherState(byte[] key, long counter) {
        this.key = new SecretKeySpec(key, "ChaCha20");
        this.counter = counter;
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
        Deque<Cipher> idle = mode == Cipher.ENCRYPT_MODE ? SEALING : OPENING;
        try {
            Cipher cipher = idle.pollFirst();
            if (cipher == null) {
                cipher = Cipher.getInstance("ChaCha20-Poly1305");
            }
            cipher.init(mode, key, new IvParameterSpec(iv));
            if (ad.length > 0) {
                cipher.updateAAD(ad);
            }
            int written = cipher.doFinal(in, offset, length, out, to);
            // One that failed is not used again: it may be in the middle of something.
            idle.addFirst(cipher);
            counter++;
            return written;
        } catch (NoSuchAlgorithmException | NoSuchPaddingException e) {
            throw new IllegalStateException("This Java has no ChaCha20-Poly1305", e);
        } catch (GeneralSecurityException e) {
            throw new NoiseException("A message was changed, repeated or lost on its way", e);
        }
    }
}
