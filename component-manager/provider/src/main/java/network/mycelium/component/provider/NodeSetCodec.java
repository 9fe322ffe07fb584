package network.mycelium.component.provider;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import network.mycelium.component.provider.NodeSet.ComponentRecord;
import network.mycelium.component.provider.NodeSet.Rejected;
import network.mycelium.repository.BundleRef;
import org.osgi.framework.Version;

/// Bytes of a [NodeSet]; the format is in docs/formats.md. Reading accepts exactly what writing gives and bounds
/// every count by what is left to read.
final class NodeSetCodec {
    private static final int FORMAT = 2;

    private NodeSetCodec() {}

    /// The content is intact and of a format that this version does not know.
    static final class UnknownFormatException extends IOException {
        private static final long serialVersionUID = 1;

        UnknownFormatException(int format) {
            super("format " + format + " of a set, where this version knows " + FORMAT);
        }
    }

    /// @throws IOException if a text is longer than the 65,535 bytes that the format has room for
    static byte[] encode(NodeSet set) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeLong(set.generation());
            out.writeInt(set.components().size());
            for (ComponentRecord c : set.components().values()) {
                out.writeUTF(c.name());
                out.writeUTF(c.version());
                out.writeUTF(c.root());
                writeList(out, c.bundles());
                writeList(out, c.wishes());
                out.writeBoolean(c.pinned());
                out.writeBoolean(c.quarantined());
                out.writeUTF(c.previousVersion());
                writeList(out, c.previousBundles());
            }
            out.writeInt(set.bundles().size());
            for (BundleRef b : set.bundles().values()) {
                out.writeUTF(b.symbolicName());
                out.writeUTF(b.version());
                out.writeUTF(b.sha256());
                out.writeLong(b.size());
                out.writeUTF(b.location().toString());
                out.writeUTF(b.publisher().orElse(""));
                out.writeUTF(b.signature());
                out.writeUTF(b.licence());
            }
            out.writeInt(set.rejected().size());
            for (Rejected r : set.rejected().values()) {
                out.writeUTF(r.component());
                out.writeUTF(r.version());
                out.writeUTF(r.sha256());
                out.writeUTF(r.problem());
                out.writeLong(r.atMillis());
            }
        } catch (UTFDataFormatException e) {
            throw new IOException("a name, location or licence in the set is longer than 65,535 bytes", e);
        }
        return bytes.toByteArray();
    }

    private static void writeList(DataOutputStream out, List<String> list) throws IOException {
        out.writeInt(list.size());
        for (String item : list) {
            out.writeUTF(item);
        }
    }

    static NodeSet decode(byte[] bytes) throws IOException {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readUnsignedByte();
            if (format != FORMAT) {
                throw new UnknownFormatException(format);
            }
            long generation = in.readLong();
            Map<String, ComponentRecord> components = new TreeMap<>();
            for (int i = count(in); i > 0; i--) {
                var c = new ComponentRecord(
                        in.readUTF(),
                        in.readUTF(),
                        in.readUTF(),
                        readList(in),
                        readList(in),
                        in.readBoolean(),
                        in.readBoolean(),
                        in.readUTF(),
                        readList(in));
                Version.parseVersion(c.version());
                components.put(c.key(), c);
            }
            Map<String, BundleRef> bundles = new TreeMap<>();
            for (int i = count(in); i > 0; i--) {
                var b = new BundleRef(
                        in.readUTF(),
                        in.readUTF(),
                        in.readUTF(),
                        in.readLong(),
                        URI.create(in.readUTF()),
                        Optional.of(in.readUTF()).filter(p -> !p.isEmpty()),
                        in.readUTF(),
                        in.readUTF(),
                        // Only what is fetched is checked by chunks, and that is named by an index.
                        List.of());
                bundles.put(b.sha256(), b);
            }
            Map<String, Rejected> rejected = new TreeMap<>();
            for (int i = count(in); i > 0; i--) {
                var r = new Rejected(in.readUTF(), in.readUTF(), in.readUTF(), in.readUTF(), in.readLong());
                Version.parseVersion(r.version());
                rejected.put(r.sha256(), r);
            }
            if (in.available() > 0) {
                throw new IOException("bytes after the end");
            }
            return new NodeSet(generation, components, bundles, rejected);
        } catch (IllegalArgumentException e) {
            throw new IOException("a location is no URI, or a version none: " + e.getMessage(), e);
        }
    }

    private static List<String> readList(DataInputStream in) throws IOException {
        int size = count(in);
        List<String> list = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            list.add(in.readUTF());
        }
        return List.copyOf(list);
    }

    /// Every item takes at least two bytes, so a larger count is a lie.
    private static int count(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > in.available() / 2) {
            throw new IOException("a count of " + count + " does not fit the record");
        }
        return count;
    }
}
