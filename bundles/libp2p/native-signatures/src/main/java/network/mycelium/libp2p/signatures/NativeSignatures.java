package network.mycelium.libp2p.signatures;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.Provider;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/// Offers the node's keys the Ed25519 of AWS-LC, which takes less than half the time of BouncyCastle's.
///
/// Its native code, with one thread, stays in the process when this bundle goes: the JVM does not let go of it.
@Component(
        service = {},
        immediate = true)
public final class NativeSignatures {
    private static final String SETTINGS = "com.amazon.corretto.crypto.provider.";

    private final ServiceRegistration<Provider> registration;

    /// @throws IllegalStateException if the native code cannot be loaded here, or fails its own tests
    @Activate
    public NativeSignatures(BundleContext context) {
        // The framework finds the native code for this machine, by Bundle-NativeCode.
        System.setProperty(SETTINGS + "useExternalLib", "true");
        registration = context.registerService(
                Provider.class, provider(), FrameworkUtil.asDictionary(Map.of("signatures", "Ed25519")));
    }

    /// @throws IllegalStateException if the native code cannot be loaded here, or fails its own tests
    public static Provider provider() {
        System.setProperty(SETTINGS + "registerEdKeyFactory", "true");
        AmazonCorrettoCryptoProvider provider = AmazonCorrettoCryptoProvider.INSTANCE;
        try {
            provider.assertHealthy();
        } catch (RuntimeException e) {
            throw new IllegalStateException("AWS-LC cannot be used on this machine: " + e.getMessage(), e);
        }
        return provider;
    }

    @Deactivate
    void deactivate() {
        registration.unregister();
    }
}
