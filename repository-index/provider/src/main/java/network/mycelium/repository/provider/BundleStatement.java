package network.mycelium.repository.provider;

import java.nio.charset.StandardCharsets;

/// What a publisher signs of a bundle: name, version, size and digest. The digest binds the bytes, the rest keeps
/// a genuine bundle from being offered under another name or version.
final class BundleStatement {
    static final String CONTEXT = "mycelium-bundle-v1\n";

    private BundleStatement() {}

    static byte[] of(String symbolicName, String version, long size, String sha256) {
        return (symbolicName + "\n" + version + "\n" + size + "\n" + sha256 + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
