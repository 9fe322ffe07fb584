package network.mycelium.libp2p.provider;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/// Locks a key with what its owner knows: AES-256-GCM under a key by PBKDF2 (RFC 8018, HMAC-SHA-256), so that a copy of
/// the file alone is of no use. The locked form is [#MAGIC], salt, nonce, and what the cipher made.
final class Passphrase {
    /// Where the passphrase is: a file whose first line it is, such as a credential of the service manager's.
    static final String VARIABLE = "MYCELIUM_KEY_PASSPHRASE_FILE";

    private static final byte[] MAGIC = "mycelium-locked-key-1\n".getBytes(StandardCharsets.US_ASCII);
    /// As OWASP's Password Storage Cheat Sheet asks for with this hash: about half a second.
    private static final int ITERATIONS = 600_000;

    private static final int SALT = 16;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final int KEY_BITS = 256;

    private final char[] characters;

    Passphrase(String text) {
        this.characters = text.toCharArray();
    }

    /// @param file from [#VARIABLE]; null or empty: there is no passphrase
    static Optional<Passphrase> read(String file) throws IOException {
        if (file == null || file.isEmpty()) {
            return Optional.empty();
        }
        String text = Files.readString(Path.of(file)).lines().findFirst().orElse("");
        if (text.isEmpty()) {
            throw new IOException("%s, which %s names, has no passphrase on its first line".formatted(file, VARIABLE));
        }
        return Optional.of(new Passphrase(text));
    }

    static boolean isLocked(byte[] file) {
        return file.length > MAGIC.length && Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    byte[] lock(byte[] key) {
        byte[] salt = new byte[SALT];
        byte[] nonce = new byte[NONCE];
        var random = new SecureRandom();
        random.nextBytes(salt);
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, salt, nonce).doFinal(key);
            return ByteBuffer.allocate(MAGIC.length + SALT + NONCE + sealed.length)
                    .put(MAGIC)
                    .put(salt)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has AES-GCM and PBKDF2", e);
        }
    }

    /// @throws IOException if the passphrase is wrong or the file was changed
    byte[] unlock(byte[] file) throws IOException {
        var in = ByteBuffer.wrap(file).position(MAGIC.length);
        byte[] salt = new byte[SALT];
        byte[] nonce = new byte[NONCE];
        if (in.remaining() <= SALT + NONCE) {
            throw new IOException("it is cut off");
        }
        in.get(salt).get(nonce);
        byte[] sealed = new byte[in.remaining()];
        in.get(sealed);
        try {
            return cipher(Cipher.DECRYPT_MODE, salt, nonce).doFinal(sealed);
        } catch (AEADBadTagException e) {
            throw new IOException("the passphrase is wrong, or the file was changed", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has AES-GCM and PBKDF2", e);
        }
    }

    private Cipher cipher(int mode, byte[] salt, byte[] nonce) throws GeneralSecurityException {
        byte[] derived = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(new PBEKeySpec(characters, salt, ITERATIONS, KEY_BITS))
                .getEncoded();
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(derived, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(MAGIC);
        return cipher;
    }
}
