package network.mycelium.libp2p.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.GeneralSecurityException;
import java.security.Provider;
import network.mycelium.libp2p.core.keys.Ed25519Signatures;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/// Has this node sign and verify by a provider of the Java Cryptography Architecture that somebody registers as a
/// service with the property `signatures=Ed25519`, as long as it is there. Connections and messages go on meanwhile.
@Component(
        service = {},
        immediate = true)
public final class OfferedSignatures {
    private static final Logger LOG = System.getLogger(OfferedSignatures.class.getName());

    @Activate
    public OfferedSignatures(@Reference(target = "(signatures=Ed25519)") Provider provider) {
        try {
            Ed25519Signatures.use(provider);
            LOG.log(Level.INFO, "Ed25519 signatures by {0}", provider);
        } catch (GeneralSecurityException | IllegalStateException e) {
            LOG.log(Level.WARNING, "Ed25519 signatures not by " + provider + ": " + e.getMessage(), e);
        }
    }

    @Deactivate
    void deactivate() {
        Ed25519Signatures.useDefault();
        LOG.log(Level.INFO, "Ed25519 signatures by BouncyCastle again");
    }
}
