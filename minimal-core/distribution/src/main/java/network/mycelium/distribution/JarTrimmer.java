package network.mycelium.distribution;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// Leaves out of a library what a node never uses, which would only be stored, and hashed at each boot. Everything else
/// stays as it is; the same input gives the same bytes.
final class JarTrimmer {
    /// H2's web console, its full text search, and its texts in other languages than English.
    private static final Predicate<String> UNUSED_OF_H2 = name -> name.startsWith("org/h2/server/web/")
            || name.startsWith("org/h2/fulltext/")
            || name.startsWith("org/h2/res/") && !name.equals("org/h2/res/_messages_en.prop");

    /// Resources of H2 are in an archive within the archive.
    private static final String H2_RESOURCES = "org/h2/util/data.zip";

    private JarTrimmer() {}

    static void trimH2(Path jar) throws IOException {
        Files.write(jar, trim(Files.readAllBytes(jar)));
    }

    private static byte[] trim(byte[] archive) throws IOException {
        var bytes = new ByteArrayOutputStream(archive.length);
        try (var in = new ZipInputStream(new ByteArrayInputStream(archive));
                var out = new ZipOutputStream(bytes)) {
            out.setLevel(9);
            for (ZipEntry entry; (entry = in.getNextEntry()) != null; ) {
                if (!UNUSED_OF_H2.test(entry.getName())) {
                    var kept = new ZipEntry(entry.getName());
                    kept.setTimeLocal(entry.getTimeLocal());
                    out.putNextEntry(kept);
                    out.write(content(entry.getName(), in));
                }
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] content(String name, InputStream in) throws IOException {
        byte[] content = in.readAllBytes();
        return name.equals(H2_RESOURCES) ? trim(content) : content;
    }
}
