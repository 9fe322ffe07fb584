package network.mycelium.repository.provider;

import static javax.xml.stream.XMLStreamConstants.DTD;
import static javax.xml.stream.XMLStreamConstants.END_ELEMENT;
import static javax.xml.stream.XMLStreamConstants.ENTITY_REFERENCE;
import static javax.xml.stream.XMLStreamConstants.START_ELEMENT;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleRef.Chunk;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryException.Kind;
import org.apache.felix.utils.resource.CapabilityImpl;
import org.apache.felix.utils.resource.RequirementImpl;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.resource.Capability;

/// Reads the repository XML of OSGi Compendium 132.5, within [IndexLimits]. Document types and entities are
/// refused, so is a bundle whose content would lie outside the repository.
final class IndexReader {
    private static final Pattern SYMBOLIC_NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern CHUNK = Pattern.compile("([0-9a-f]{64}):([0-9]{1,7})");

    private final URI base;
    private final Optional<String> publisher;
    private final XMLStreamReader xml;
    private final Set<String> identities = new HashSet<>();

    private IndexReader(URI base, Optional<String> publisher, XMLStreamReader xml) {
        this.base = base;
        this.publisher = publisher;
        this.xml = xml;
    }

    /// @param base the repository's folder or URL, ending in a slash
    /// @param publisher the key that signed the index; each bundle must then carry a signature of the same key
    static IndexDocument read(URI base, byte[] document, Optional<String> publisher) throws RepositoryException {
        if (document.length > IndexLimits.INDEX_BYTES) {
            throw invalid(base, "it is larger than " + IndexLimits.INDEX_BYTES + " bytes");
        }
        try {
            var factory = XMLInputFactory.newDefaultFactory();
            factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
            factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
            factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
            var xml = factory.createXMLStreamReader(new ByteArrayInputStream(document), "UTF-8");
            return new IndexReader(base, publisher, xml).repository();
        } catch (XMLStreamException e) {
            throw invalid(
                    base,
                    "line " + (e.getLocation() == null ? "?" : e.getLocation().getLineNumber()) + ": "
                            + firstLine(e.getMessage()));
        } catch (RuntimeException e) {
            // The XML parser and the OSGi value classes report bad input by unchecked exceptions too.
            throw invalid(base, String.valueOf(e.getMessage()));
        }
    }

    private static String firstLine(String message) {
        return String.valueOf(message).replaceAll("\\s+", " ");
    }

    private static RepositoryException invalid(URI base, String why) {
        return new RepositoryException(
                Kind.INVALID,
                "The index %s%s is not valid: %s. Nothing of it is used; tell its publisher."
                        .formatted(base, IndexDocument.FILE, why));
    }

    private IndexDocument repository() throws XMLStreamException, RepositoryException {
        if (!nextElement() || !xml.getLocalName().equals("repository")) {
            throw invalid(base, "it does not begin with <repository>");
        }
        String name = attribute("name", "");
        long sequence = Long.parseLong(attribute("increment", "0"));
        if (sequence < 0) {
            throw invalid(base, "its increment is negative");
        }
        List<IndexedResource> resources = new ArrayList<>();
        while (nextElement()) {
            switch (xml.getLocalName()) {
                case "resource" -> {
                    IndexedResource resource = resource();
                    if (resource != null) {
                        resources.add(resource);
                    }
                }
                // A referral would let one index speak for another: each is added by itself.
                case "referral" -> skipElement();
                default -> throw invalid(base, "unknown element <" + xml.getLocalName() + ">");
            }
            if (resources.size() > IndexLimits.RESOURCES) {
                throw invalid(base, "it lists more than " + IndexLimits.RESOURCES + " bundles");
            }
        }
        xml.close();
        return new IndexDocument(name, sequence, List.copyOf(resources));
    }

    /// @return null for a resource that is no bundle, which an OSGi index may hold
    private IndexedResource resource() throws XMLStreamException, RepositoryException {
        var resource = new IndexedResource();
        int clauses = 0;
        while (nextElement()) {
            String kind = xml.getLocalName();
            String namespace = attribute("namespace", "");
            if (namespace.isEmpty() || ++clauses > IndexLimits.CLAUSES) {
                throw invalid(base, "a <" + kind + "> has no namespace, or a bundle has too many");
            }
            Map<String, Object> attributes = new HashMap<>();
            Map<String, String> directives = new HashMap<>();
            clause(attributes, directives);
            switch (kind) {
                case "capability" ->
                    resource.addCapability(new CapabilityImpl(resource, namespace, directives, attributes));
                case "requirement" ->
                    resource.addRequirement(new RequirementImpl(resource, namespace, directives, attributes));
                default -> throw invalid(base, "unknown element <" + kind + ">");
            }
        }
        BundleRef ref = reference(resource);
        resource.ref(ref);
        return ref == null ? null : resource;
    }

    private void clause(Map<String, Object> attributes, Map<String, String> directives)
            throws XMLStreamException, RepositoryException {
        while (nextElement()) {
            String name = attribute("name", "");
            String value = attribute("value", "");
            if (name.isEmpty() || value.length() > IndexLimits.VALUE_CHARS) {
                throw invalid(base, "an attribute has no name, or is longer than " + IndexLimits.VALUE_CHARS);
            }
            switch (xml.getLocalName()) {
                case "attribute" -> attributes.put(name, typed(attribute("type", "String"), value));
                case "directive" -> directives.put(name, value);
                default -> throw invalid(base, "unknown element <" + xml.getLocalName() + ">");
            }
            skipElement();
        }
    }

    private Object typed(String type, String value) throws RepositoryException {
        return switch (type) {
            case "String" -> value;
            case "Version" -> Version.parseVersion(value);
            case "Long" -> Long.valueOf(value.strip());
            case "Double" -> Double.valueOf(value.strip());
            default -> {
                if (!type.startsWith("List")) {
                    throw invalid(base, "unknown attribute type " + type);
                }
                String element = type.equals("List") ? "String" : type.substring(5, type.length() - 1);
                List<Object> list = new ArrayList<>();
                for (String item : value.split("(?<!\\\\),")) {
                    list.add(typed(element, item.strip().replace("\\,", ",")));
                }
                yield list;
            }
        };
    }

    private BundleRef reference(IndexedResource resource) throws RepositoryException {
        Capability identity = only(resource, IdentityNamespace.IDENTITY_NAMESPACE);
        String type = String.valueOf(
                identity.getAttributes().getOrDefault(IdentityNamespace.CAPABILITY_TYPE_ATTRIBUTE, "osgi.bundle"));
        if (!type.equals(IdentityNamespace.TYPE_BUNDLE) && !type.equals(IdentityNamespace.TYPE_FRAGMENT)) {
            return null;
        }
        String name = String.valueOf(identity.getAttributes().get(IdentityNamespace.IDENTITY_NAMESPACE));
        if (!SYMBOLIC_NAME.matcher(name).matches() || name.length() > 255) {
            throw invalid(base, "a bundle has no proper symbolic name");
        }
        if (!(identity.getAttributes().get("version") instanceof Version version)) {
            throw invalid(base, name + " has no version");
        }
        Capability content = only(resource, IndexDocument.CONTENT_NAMESPACE);
        String sha256 = String.valueOf(content.getAttributes().get(IndexDocument.CONTENT_NAMESPACE));
        if (!SHA256.matcher(sha256).matches()) {
            throw invalid(base, name + " has no SHA-256 digest");
        }
        if (!(content.getAttributes().get("size") instanceof Long size)
                || size <= 0
                || size > IndexLimits.BUNDLE_BYTES) {
            throw invalid(base, name + " has no size between 1 and " + IndexLimits.BUNDLE_BYTES);
        }
        if (!identities.add(name + " " + version)) {
            throw invalid(base, name + " " + version + " is listed twice");
        }
        return new BundleRef(
                name,
                version.toString(),
                sha256,
                size,
                location(name, String.valueOf(content.getAttributes().get("url"))),
                publisher,
                publisher.isPresent() ? signature(resource, name) : "",
                String.valueOf(identity.getAttributes().getOrDefault("license", "")),
                chunks(name, size, content.getAttributes().get(IndexDocument.CHUNKS)));
    }

    private List<Chunk> chunks(String name, long size, Object attribute) throws RepositoryException {
        if (attribute == null) {
            return List.of();
        }
        List<Chunk> chunks = new ArrayList<>();
        long sum = 0;
        for (String text : attribute.toString().split(" ")) {
            Matcher chunk = CHUNK.matcher(text);
            if (!chunk.matches()) {
                throw invalid(base, name + " has a chunk that is not named as digest:size");
            }
            chunks.add(new Chunk(chunk.group(1), Integer.parseInt(chunk.group(2))));
            sum += chunks.getLast().size();
        }
        if (sum != size || chunks.stream().anyMatch(c -> c.size() < 1 || c.size() > BundleRef.MAX_CHUNK)) {
            throw invalid(base, name + " has chunks that do not fit its size");
        }
        return List.copyOf(chunks);
    }

    private Capability only(IndexedResource resource, String namespace) throws RepositoryException {
        List<Capability> all = resource.getCapabilities(namespace);
        if (all.size() != 1) {
            throw invalid(
                    base, resource + ": a bundle needs exactly one capability " + namespace + ", not " + all.size());
        }
        return all.get(0);
    }

    private String signature(IndexedResource resource, String name) throws RepositoryException {
        Map<String, Object> attributes =
                only(resource, IndexDocument.SIGNATURE_NAMESPACE).getAttributes();
        if (!publisher.get().equals(attributes.get("publisher"))) {
            throw invalid(base, name + " is signed by another key than the index");
        }
        return String.valueOf(attributes.get("signature"));
    }

    private URI location(String name, String url) throws RepositoryException {
        URI uri = base.resolve(URI.create(url)).normalize();
        if (uri.getScheme() == null || uri.getPath() == null) {
            throw invalid(base, name + " has no proper location: " + url);
        }
        boolean inside = uri.getScheme().equals(base.getScheme())
                && Objects.equals(uri.getAuthority(), base.getAuthority())
                && uri.getPath().startsWith(base.getPath())
                && !uri.getPath().contains("..");
        boolean web = uri.getScheme().equals("https")
                || (uri.getScheme().equals("http") && base.getScheme().equals("http"));
        if (!inside && !web) {
            throw invalid(base, name + " lies outside the repository, at " + uri);
        }
        return uri;
    }

    private String attribute(String name, String otherwise) {
        String value = xml.getAttributeValue(null, name);
        return value == null ? otherwise : value;
    }

    /// Moves to the next child element.
    ///
    /// @return false at the end of the current element
    private boolean nextElement() throws XMLStreamException, RepositoryException {
        while (xml.hasNext()) {
            switch (xml.next()) {
                case START_ELEMENT -> {
                    return true;
                }
                case END_ELEMENT -> {
                    return false;
                }
                case DTD, ENTITY_REFERENCE -> throw invalid(base, "document types and entities are not allowed");
                default -> {}
            }
        }
        return false;
    }

    private void skipElement() throws XMLStreamException, RepositoryException {
        for (int depth = 1; depth > 0; ) {
            depth += nextElement() ? 1 : -1;
        }
    }
}
