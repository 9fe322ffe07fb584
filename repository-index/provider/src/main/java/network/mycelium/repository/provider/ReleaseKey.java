package network.mycelium.repository.provider;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;

/// A publisher's key as a plain signer, for the build that signs a distribution's core.
public final class ReleaseKey {
    private final Ed25519.Signer signer;

    private ReleaseKey(Ed25519.Signer signer) {
        this.signer = signer;
    }

    public static ReleaseKey read(Path file) throws GeneralSecurityException, IOException {
        return new ReleaseKey(Ed25519.read(file));
    }

    public byte[] sign(byte[] content) throws GeneralSecurityException {
        return signer.sign("", content);
    }

    public PublicKey publicKey() {
        return signer.publicKey();
    }
}
