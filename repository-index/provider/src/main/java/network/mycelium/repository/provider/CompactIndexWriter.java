package network.mycelium.repository.provider;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.mycelium.repository.BundleRef;
import org.osgi.framework.Version;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;

/// Writes a [CompactIndex]. All numbers are big-endian; a string is the number of one in the list of strings, which
/// holds each once.
///
/// ```
/// long    magic, with the version of this form
/// int     CRC-32C of all that follows
/// byte    SHA-256 of the XML document [32]
/// long    sequence
/// int     bundles, keys, strings: how many
/// string  base, publisher (empty if there is none)
/// int     position of each bundle's record [bundles]
/// int     hash of namespace and value of a capability, in ascending order [keys]; also with the value empty
/// int     number of the bundle that has it [keys]
/// int     end of each string, from the first one's beginning [strings]
/// byte    the strings in UTF-8
///         the bundles' records, by name, then newest first
/// ```
final class CompactIndexWriter {
    private record Key(int hash, int bundle) {}

    private final Map<String, Integer> strings = new LinkedHashMap<>();

    private CompactIndexWriter() {}

    /// @param sha256 of the XML document
    static byte[] write(IndexDocument document, TrustedSource source, String sha256) {
        try {
            return new CompactIndexWriter().index(document, source, sha256);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory cannot fail", e);
        }
    }

    private byte[] index(IndexDocument document, TrustedSource source, String sha256) throws IOException {
        List<IndexedResource> bundles =
                document.resources().stream().sorted(IndexedResource.ORDER).toList();
        var records = new ByteArrayOutputStream();
        List<Integer> positions = new ArrayList<>();
        Set<Key> keys = new LinkedHashSet<>();
        for (IndexedResource bundle : bundles) {
            int number = positions.size();
            positions.add(records.size());
            record(bundle, new DataOutputStream(records));
            for (Capability capability : bundle.getCapabilities(null)) {
                String namespace = capability.getNamespace();
                keys.add(new Key(CompactIndex.hash(namespace, ""), number));
                if (capability.getAttributes().get(namespace) instanceof String value) {
                    keys.add(new Key(CompactIndex.hash(namespace, value), number));
                }
            }
        }
        int base = string(source.location().toString());
        int publisher = string(source.publisher().orElse(""));

        var text = new ByteArrayOutputStream();
        List<Integer> ends = new ArrayList<>();
        for (String string : strings.keySet()) {
            text.writeBytes(string.getBytes(StandardCharsets.UTF_8));
            ends.add(text.size());
        }
        List<Key> sorted = keys.stream()
                .sorted((a, b) -> a.hash() != b.hash()
                        ? Integer.compare(a.hash(), b.hash())
                        : Integer.compare(a.bundle(), b.bundle()))
                .toList();
        var whole = new ByteArrayOutputStream();
        var out = new DataOutputStream(whole);
        out.writeLong(CompactIndex.MAGIC);
        out.writeInt(0);
        out.write(HexFormat.of().parseHex(sha256));
        out.writeLong(document.sequence());
        out.writeInt(bundles.size());
        out.writeInt(sorted.size());
        out.writeInt(strings.size());
        out.writeInt(base);
        out.writeInt(publisher);
        int recordsAt =
                whole.size() + Integer.BYTES * (bundles.size() + 2 * sorted.size() + strings.size()) + text.size();
        ints(out, positions.stream().map(position -> recordsAt + position).toList());
        ints(out, sorted.stream().map(Key::hash).toList());
        ints(out, sorted.stream().map(Key::bundle).toList());
        ints(out, ends);
        text.writeTo(out);
        records.writeTo(out);

        byte[] bytes = whole.toByteArray();
        ByteBuffer.wrap(bytes).putInt(Long.BYTES, CompactIndex.checksum(bytes));
        return bytes;
    }

    private static void ints(DataOutputStream out, Collection<Integer> values) throws IOException {
        for (int value : values) {
            out.writeInt(value);
        }
    }

    private int string(String text) {
        return strings.computeIfAbsent(text, t -> strings.size());
    }

    private void record(IndexedResource bundle, DataOutputStream out) throws IOException {
        BundleRef ref = bundle.ref();
        out.writeInt(string(ref.symbolicName()));
        out.writeInt(string(bundle.component().orElse("")));
        out.writeInt(string(ref.version()));
        out.writeInt(string(ref.sha256()));
        out.writeLong(ref.size());
        out.writeInt(string(ref.location().toString()));
        out.writeInt(string(ref.signature()));
        out.writeInt(string(ref.licence()));
        out.writeInt(ref.chunks().size());
        for (BundleRef.Chunk chunk : ref.chunks()) {
            out.writeInt(string(chunk.sha256()));
            out.writeInt(chunk.size());
        }
        List<Capability> capabilities = bundle.getCapabilities(null);
        List<Requirement> requirements = bundle.getRequirements(null);
        out.writeInt(capabilities.size() + requirements.size());
        for (Capability c : capabilities) {
            clause(out, CompactIndex.CAPABILITY, c.getNamespace(), c.getAttributes(), c.getDirectives());
        }
        for (Requirement r : requirements) {
            clause(out, CompactIndex.REQUIREMENT, r.getNamespace(), r.getAttributes(), r.getDirectives());
        }
    }

    private void clause(
            DataOutputStream out,
            int kind,
            String namespace,
            Map<String, Object> attributes,
            Map<String, String> directives)
            throws IOException {
        out.writeByte(kind);
        out.writeInt(string(namespace));
        out.writeInt(attributes.size());
        for (var attribute : attributes.entrySet()) {
            out.writeInt(string(attribute.getKey()));
            value(out, attribute.getValue());
        }
        out.writeInt(directives.size());
        for (var directive : directives.entrySet()) {
            out.writeInt(string(directive.getKey()));
            out.writeInt(string(directive.getValue()));
        }
    }

    private void value(DataOutputStream out, Object value) throws IOException {
        switch (value) {
            case String text -> {
                out.writeByte(CompactIndex.STRING);
                out.writeInt(string(text));
            }
            case Version version -> {
                out.writeByte(CompactIndex.VERSION);
                out.writeInt(string(version.toString()));
            }
            case Long number -> {
                out.writeByte(CompactIndex.LONG);
                out.writeLong(number);
            }
            case Double number -> {
                out.writeByte(CompactIndex.DOUBLE);
                out.writeDouble(number);
            }
            case List<?> list -> {
                out.writeByte(CompactIndex.LIST);
                out.writeInt(list.size());
                for (Object element : list) {
                    value(out, element);
                }
            }
            default -> throw new IllegalArgumentException("an index has no values of " + value.getClass());
        }
    }
}
