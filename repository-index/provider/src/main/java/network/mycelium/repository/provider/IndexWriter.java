package network.mycelium.repository.provider;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.osgi.framework.Version;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;

/// Writes the repository XML of OSGi Compendium 132.5, one bundle a paragraph, names sorted: the same bundles
/// give the same bytes.
final class IndexWriter {
    private final XMLStreamWriter xml;

    private IndexWriter(XMLStreamWriter xml) {
        this.xml = xml;
    }

    static byte[] write(String name, long sequence, List<IndexedResource> resources) {
        var out = new ByteArrayOutputStream();
        try {
            var xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out, StandardCharsets.UTF_8.name());
            new IndexWriter(xml).repository(name, sequence, resources);
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("writing XML to memory failed", e);
        }
        return out.toByteArray();
    }

    private void repository(String name, long sequence, List<IndexedResource> resources) throws XMLStreamException {
        xml.writeStartDocument("UTF-8", "1.0");
        xml.writeCharacters("\n");
        xml.writeStartElement("repository");
        xml.writeDefaultNamespace(IndexDocument.XML_NAMESPACE);
        xml.writeAttribute("name", name);
        xml.writeAttribute("increment", Long.toString(sequence));
        for (IndexedResource resource : resources) {
            xml.writeCharacters("\n");
            xml.writeStartElement("resource");
            for (Capability c : resource.getCapabilities(null)) {
                clause("capability", c.getNamespace(), c.getAttributes(), c.getDirectives());
            }
            for (Requirement r : resource.getRequirements(null)) {
                clause("requirement", r.getNamespace(), r.getAttributes(), r.getDirectives());
            }
            xml.writeCharacters("\n");
            xml.writeEndElement();
        }
        xml.writeCharacters("\n");
        xml.writeEndElement();
        // The signature has a line of its own.
        xml.writeCharacters("\n");
        xml.writeEndDocument();
    }

    private void clause(String kind, String namespace, Map<String, ?> attributes, Map<String, String> directives)
            throws XMLStreamException {
        xml.writeCharacters("\n  ");
        xml.writeStartElement(kind);
        xml.writeAttribute("namespace", namespace);
        for (var attribute : new TreeMap<>(attributes).entrySet()) {
            xml.writeEmptyElement("attribute");
            xml.writeAttribute("name", attribute.getKey());
            String type = type(attribute.getValue());
            if (!type.equals("String")) {
                xml.writeAttribute("type", type);
            }
            xml.writeAttribute("value", text(attribute.getValue()));
        }
        for (var directive : new TreeMap<>(directives).entrySet()) {
            xml.writeEmptyElement("directive");
            xml.writeAttribute("name", directive.getKey());
            xml.writeAttribute("value", directive.getValue());
        }
        xml.writeEndElement();
    }

    private static String type(Object value) {
        return switch (value) {
            case Version v -> "Version";
            case Long l -> "Long";
            case Double d -> "Double";
            case Collection<?> c ->
                c.isEmpty() ? "List" : "List<" + type(c.iterator().next()) + ">";
            default -> "String";
        };
    }

    private static String text(Object value) {
        return value instanceof Collection<?> list
                ? list.stream().map(item -> item.toString().replace(",", "\\,")).collect(Collectors.joining(","))
                : value.toString();
    }
}
