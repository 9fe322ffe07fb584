package network.mycelium.repository.provider;

/// Bounds on what a foreign index or bundle may make this node do. Documented in docs/formats.md.
final class IndexLimits {
    /// Bytes of `index.xml`.
    static final int INDEX_BYTES = 32 << 20;
    /// Bundles of one index.
    static final int RESOURCES = 100_000;
    /// Capabilities and requirements of one bundle.
    static final int CLAUSES = 20_000;
    /// Characters of one attribute or directive.
    static final int VALUE_CHARS = 256 << 10;
    /// Bytes of one bundle.
    static final long BUNDLE_BYTES = 48L << 20;
    /// Bytes of one bundle when unpacked.
    static final long UNPACKED_BYTES = 512L << 20;
    /// Files of one bundle.
    static final int BUNDLE_FILES = 65_535;
    /// Bytes of one manifest.
    static final int MANIFEST_BYTES = 1 << 20;

    private IndexLimits() {}
}
