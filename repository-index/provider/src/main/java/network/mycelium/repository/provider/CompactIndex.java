package network.mycelium.repository.provider;

import java.net.URI;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleRef.Chunk;
import org.apache.felix.utils.resource.CapabilityImpl;
import org.apache.felix.utils.resource.RequirementImpl;
import org.osgi.framework.Version;

/// A verified index in the form that a node works with: one array of bytes in which bundles are found by what they
/// offer, and read when they are asked for. A node that boots with the index of yesterday parses no XML, and of a large
/// index only those bundles take memory that something looked at.
///
/// Made by [CompactIndexWriter], which describes the form. Immutable; safe from any thread.
final class CompactIndex {
    static final long MAGIC = 0x4d59_494e_4458_0001L;
    /// Magic and checksum.
    static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;

    static final int SHA256_BYTES = 32;

    static final int CAPABILITY = 0;
    static final int REQUIREMENT = 1;
    static final int STRING = 0;
    static final int VERSION = 1;
    static final int LONG = 2;
    static final int DOUBLE = 3;
    static final int LIST = 4;

    private final ByteBuffer bytes;
    private final byte[] sha256 = new byte[SHA256_BYTES];
    private final String base;
    private final String publisher;
    private final long sequence;
    private final int keys;
    private final int keyHashes;
    private final int keyBundles;
    private final int bundlePositions;
    private final int stringEnds;
    private final int stringBytes;
    /// Filled as they are asked for; which thread wins does not matter, for strings are immutable.
    private final String[] strings;
    /// Filled as they are asked for, once each: their identity is that of the object. Guarded by itself.
    private final IndexedResource[] bundles;

    private CompactIndex(ByteBuffer bytes) {
        this.bytes = bytes;
        bytes.position(HEADER_BYTES);
        bytes.get(sha256);
        sequence = bytes.getLong();
        bundles = new IndexedResource[count()];
        keys = count();
        strings = new String[count()];
        int baseString = bytes.getInt();
        int publisherString = bytes.getInt();
        bundlePositions = bytes.position();
        keyHashes = bundlePositions + bundles.length * Integer.BYTES;
        keyBundles = keyHashes + keys * Integer.BYTES;
        stringEnds = keyBundles + keys * Integer.BYTES;
        stringBytes = stringEnds + strings.length * Integer.BYTES;
        base = string(baseString);
        publisher = string(publisherString);
    }

    private int count() {
        int count = bytes.getInt();
        if (count < 0 || count > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        return count;
    }

    /// @return empty if this is not an intact compact index of this version; then it is made anew from the XML
    static Optional<CompactIndex> open(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        if (bytes.length < HEADER_BYTES || buffer.getLong() != MAGIC || buffer.getInt() != checksum(bytes)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new CompactIndex(buffer));
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    static int checksum(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES);
        return (int) crc.getValue();
    }

    static int hash(String namespace, String value) {
        return 31 * namespace.hashCode() + value.hashCode();
    }

    /// Whether it was made of this very document, read from this place for this publisher.
    boolean isOf(TrustedSource source, String documentSha256) {
        return HexFormat.of().formatHex(sha256).equals(documentSha256)
                && base.equals(source.location().toString())
                && publisher.equals(source.publisher().orElse(""));
    }

    long sequence() {
        return sequence;
    }

    /// Number of bundles.
    int size() {
        return bundles.length;
    }

    /// The bundles that may have a capability of this namespace with this value in the attribute named like it, or
    /// with any if the value is empty; a few too many may be among them. By name, then newest first.
    List<IndexedResource> offering(String namespace, String value) {
        int hash = hash(namespace, value);
        int from = 0;
        for (int to = keys; from < to; ) {
            int middle = (from + to) >>> 1;
            if (bytes.getInt(keyHashes + middle * Integer.BYTES) < hash) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        List<IndexedResource> found = new ArrayList<>();
        for (int i = from; i < keys && bytes.getInt(keyHashes + i * Integer.BYTES) == hash; i++) {
            found.add(bundle(bytes.getInt(keyBundles + i * Integer.BYTES)));
        }
        return found;
    }

    /// The bundles whose symbolic name or component name contains the text.
    List<IndexedResource> search(String text) {
        List<IndexedResource> found = new ArrayList<>();
        for (int i = 0; i < bundles.length; i++) {
            var in = new Cursor(i);
            String name = in.string();
            String component = in.string();
            if (name.contains(text) || component.contains(text)) {
                found.add(bundle(i));
            }
        }
        return found;
    }

    private IndexedResource bundle(int i) {
        synchronized (bundles) {
            if (bundles[i] == null) {
                bundles[i] = new Cursor(i).bundle();
            }
            return bundles[i];
        }
    }

    // The buffer wraps a whole array.
    @SuppressWarnings("ByteBufferBackingArray")
    private String string(int i) {
        String known = strings[i];
        if (known == null) {
            int from = i == 0 ? 0 : bytes.getInt(stringEnds + (i - 1) * Integer.BYTES);
            int to = bytes.getInt(stringEnds + i * Integer.BYTES);
            known = new String(bytes.array(), stringBytes + from, to - from, StandardCharsets.UTF_8);
            strings[i] = known;
        }
        return known;
    }

    /// Reads the record of one bundle.
    private final class Cursor {
        private final ByteBuffer in;

        Cursor(int bundle) {
            in = bytes.duplicate().position(bytes.getInt(bundlePositions + bundle * Integer.BYTES));
        }

        String string() {
            return CompactIndex.this.string(in.getInt());
        }

        IndexedResource bundle() {
            var resource = new IndexedResource();
            String name = string();
            // The component, which is here for searching alone.
            string();
            resource.ref(new BundleRef(
                    name,
                    string(),
                    string(),
                    in.getLong(),
                    URI.create(string()),
                    Optional.of(publisher).filter(key -> !key.isEmpty()),
                    string(),
                    string(),
                    chunks()));
            for (int clauses = in.getInt(); clauses > 0; clauses--) {
                int kind = in.get();
                String namespace = string();
                Map<String, Object> attributes = new HashMap<>();
                for (int n = in.getInt(); n > 0; n--) {
                    attributes.put(string(), value());
                }
                Map<String, String> directives = new HashMap<>();
                for (int n = in.getInt(); n > 0; n--) {
                    directives.put(string(), string());
                }
                if (kind == CAPABILITY) {
                    resource.addCapability(new CapabilityImpl(resource, namespace, directives, attributes));
                } else {
                    resource.addRequirement(new RequirementImpl(resource, namespace, directives, attributes));
                }
            }
            return resource;
        }

        private List<Chunk> chunks() {
            Chunk[] chunks = new Chunk[in.getInt()];
            Arrays.setAll(chunks, i -> new Chunk(string(), in.getInt()));
            return List.of(chunks);
        }

        private Object value() {
            int type = in.get();
            return switch (type) {
                case STRING -> string();
                case VERSION -> Version.parseVersion(string());
                case LONG -> in.getLong();
                case DOUBLE -> in.getDouble();
                case LIST -> {
                    List<Object> list = new ArrayList<>();
                    for (int n = in.getInt(); n > 0; n--) {
                        list.add(value());
                    }
                    yield list;
                }
                default -> throw new IllegalStateException("A compact index holds a value of unknown type " + type);
            };
        }
    }
}
