package network.mycelium.repository.provider;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.zip.ZipInputStream;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryException.Kind;
import org.apache.felix.utils.resource.CapabilityImpl;
import org.apache.felix.utils.resource.ResourceBuilder;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;

/// Reads a bundle as an enemy might have made them: every file is unpacked once, to nowhere, within
/// [IndexLimits], and no file may have an absolute or climbing path or stand there twice.
final class BundleInspector {
    private BundleInspector() {}

    /// Checks the whole archive.
    ///
    /// @return the main headers of the manifest
    static Map<String, String> inspect(String name, InputStream in) throws RepositoryException {
        Map<String, String> headers = null;
        long unpacked = 0;
        Set<String> names = new HashSet<>();
        byte[] buffer = new byte[16 << 10];
        try (var zip = new ZipInputStream(new BufferedInputStream(in))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                checkName(name, entry.getName(), names);
                if (entry.getName().equals("META-INF/MANIFEST.MF")) {
                    byte[] manifest = zip.readNBytes(IndexLimits.MANIFEST_BYTES + 1);
                    if (manifest.length > IndexLimits.MANIFEST_BYTES) {
                        throw invalid(
                                name, "its manifest is larger than " + IndexLimits.MANIFEST_BYTES + " bytes", null);
                    }
                    headers = headers(manifest);
                    unpacked += manifest.length;
                } else {
                    for (int n = zip.read(buffer); n >= 0; n = zip.read(buffer)) {
                        unpacked += n;
                        if (unpacked > IndexLimits.UNPACKED_BYTES) {
                            throw invalid(
                                    name, "it unpacks to more than " + IndexLimits.UNPACKED_BYTES + " bytes", null);
                        }
                    }
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw invalid(name, "it cannot be unpacked: " + e.getMessage(), e);
        }
        if (headers == null || headers.get(Constants.BUNDLE_SYMBOLICNAME) == null) {
            throw invalid(name, "it is no OSGi bundle: its manifest has no Bundle-SymbolicName", null);
        }
        return headers;
    }

    private static void checkName(String bundle, String file, Set<String> names) throws RepositoryException {
        if (file.startsWith("/") || file.contains("\\") || ("/" + file + "/").contains("/../")) {
            throw invalid(bundle, "a file in it has the path " + file, null);
        }
        if (!names.add(file)) {
            throw invalid(bundle, "it holds " + file + " twice", null);
        }
        if (names.size() > IndexLimits.BUNDLE_FILES) {
            throw invalid(bundle, "it holds more than " + IndexLimits.BUNDLE_FILES + " files", null);
        }
    }

    private static Map<String, String> headers(byte[] manifest) throws IOException {
        Attributes main = new Manifest(new ByteArrayInputStream(manifest)).getMainAttributes();
        Map<String, String> headers = new HashMap<>();
        main.forEach((key, value) -> headers.put(key.toString(), value.toString()));
        return headers;
    }

    /// The bundle's capabilities and requirements, as its manifest declares them.
    static IndexedResource resource(String name, Map<String, String> headers) throws RepositoryException {
        try {
            var parsed = ResourceBuilder.build(null, headers);
            var resource = new IndexedResource();
            for (Capability c : parsed.getCapabilities(null)) {
                var attributes = new HashMap<>(c.getAttributes());
                var directives = new HashMap<>(c.getDirectives());
                if (c.getNamespace().equals(IdentityNamespace.IDENTITY_NAMESPACE)) {
                    attributes.put("license", headers.getOrDefault(Constants.BUNDLE_LICENSE, ""));
                    // Felix's builder leaves out what Core 10.3 says of it.
                    if (isSingleton(headers.get(Constants.BUNDLE_SYMBOLICNAME))) {
                        directives.put(IdentityNamespace.CAPABILITY_SINGLETON_DIRECTIVE, "true");
                    }
                }
                if (!c.getNamespace().equals(IndexDocument.CONTENT_NAMESPACE)) {
                    resource.addCapability(new CapabilityImpl(resource, c.getNamespace(), directives, attributes));
                }
            }
            for (Requirement r : parsed.getRequirements(null)) {
                resource.addRequirement(new org.apache.felix.utils.resource.RequirementImpl(resource, r));
            }
            return resource;
        } catch (BundleException | RuntimeException e) {
            throw invalid(name, "its manifest is malformed: " + e.getMessage(), e);
        }
    }

    private static boolean isSingleton(String symbolicName) {
        return Arrays.stream(symbolicName.split(";"))
                .map(part -> part.replaceAll("[\\s\"]", ""))
                .anyMatch((Constants.SINGLETON_DIRECTIVE + ":=true")::equals);
    }

    /// At most `limit` bytes; more is an error.
    static byte[] readBounded(InputStream in, long limit, String what) throws IOException {
        byte[] bytes = in.readNBytes((int) Math.min(limit + 1, Integer.MAX_VALUE - 8));
        if (bytes.length > limit) {
            throw new IOException(what + " is larger than " + limit + " bytes");
        }
        return bytes;
    }

    private static RepositoryException invalid(String name, String why, Throwable cause) {
        return new RepositoryException(Kind.INVALID, "The bundle %s is refused: %s.".formatted(name, why), cause);
    }
}
