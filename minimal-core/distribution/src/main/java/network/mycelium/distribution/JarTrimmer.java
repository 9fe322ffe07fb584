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

    /// BouncyCastle's curves and digests other than those that libp2p has.
    private static final Predicate<String> UNUSED_OF_CURVES = name -> name.startsWith("org/bouncycastle/util/test/")
            || name.startsWith("org/bouncycastle/math/ec/custom/sec/") && !name.contains("SecP256K1")
            || name.startsWith("org/bouncycastle/crypto/digests/")
                    && !name.matches(".*/(SHA256|SHA512|General|Long|Encodable|Utils|SHAKE|Keccak).*");

    private static final Predicate<String> UNUSED = UNUSED_OF_H2.or(UNUSED_OF_CURVES);

    private JarTrimmer() {}

    static void trim(Path jar) throws IOException {
        Files.write(jar, trim(Files.readAllBytes(jar)));
    }

    private static byte[] trim(byte[] archive) throws IOException {
        var bytes = new ByteArrayOutputStream(archive.length);
        try (var in = new ZipInputStream(new ByteArrayInputStream(archive));
                var out = new ZipOutputStream(bytes)) {
            out.setLevel(9);
            for (ZipEntry entry; (entry = in.getNextEntry()) != null; ) {
                if (!UNUSED.test(entry.getName())) {
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
