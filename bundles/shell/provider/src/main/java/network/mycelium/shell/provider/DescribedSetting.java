package network.mycelium.shell.provider;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.osgi.framework.Bundle;

/// A setting as its bundle describes it (OSGi Metatype, chapter 105).
///
/// @param type `String`, `Integer`, `Long`, `Boolean` and so on
/// @param several whether it takes values divided by commas
/// @param standard its value where none is set, maybe empty
record DescribedSetting(String name, String type, boolean several, String standard, String meaning) {
    private static final Logger LOG = System.getLogger(DescribedSetting.class.getName());
    private static final String FOLDER = "OSGI-INF/metatype";

    /// What settings these bundles describe, by pid. What cannot be read is told in the log and left out, so that one
    /// bundle does not stand before the settings of all others.
    static Map<String, List<DescribedSetting>> of(Bundle... bundles) {
        Map<String, List<DescribedSetting>> found = new TreeMap<>();
        for (Bundle bundle : bundles) {
            var files = bundle.findEntries(FOLDER, "*.xml", false);
            for (URL file : files == null ? List.<URL>of() : Collections.list(files)) {
                try (InputStream in = file.openStream()) {
                    found.putAll(read(in));
                } catch (IOException | XMLStreamException e) {
                    LOG.log(
                            Level.WARNING,
                            "the settings that %s describes cannot be read: %s".formatted(bundle, file),
                            e);
                }
            }
        }
        return found;
    }

    /// @param in a document of Metatype: object classes, and the pids that each is for
    static Map<String, List<DescribedSetting>> read(InputStream in) throws XMLStreamException {
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        XMLStreamReader xml = factory.createXMLStreamReader(in);
        Map<String, List<DescribedSetting>> classes = new HashMap<>();
        Map<String, String> classOfPid = new HashMap<>();
        String current = "";
        String pid = "";
        while (xml.hasNext()) {
            if (xml.next() == XMLStreamConstants.START_ELEMENT) {
                switch (xml.getLocalName()) {
                    case "OCD" -> current = text(xml, "id");
                    case "AD" ->
                        classes.computeIfAbsent(current, id -> new ArrayList<>())
                                .add(setting(xml));
                    case "Designate" -> pid = text(xml, "pid");
                    case "Object" -> classOfPid.put(pid, text(xml, "ocdref"));
                    default -> {}
                }
            }
        }
        // Those of factories have none.
        classOfPid.remove("");
        Map<String, List<DescribedSetting>> found = new HashMap<>();
        classOfPid.forEach((name, id) -> found.put(name, classes.getOrDefault(id, List.of())));
        return found;
    }

    private static DescribedSetting setting(XMLStreamReader xml) {
        String cardinality = text(xml, "cardinality");
        return new DescribedSetting(
                text(xml, "id"),
                text(xml, "type"),
                !cardinality.isEmpty() && !cardinality.equals("0"),
                text(xml, "default"),
                text(xml, "description"));
    }

    private static String text(XMLStreamReader xml, String attribute) {
        String value = xml.getAttributeValue(null, attribute);
        return value == null ? "" : value;
    }

    /// @throws IllegalArgumentException if the value is not of its type
    void check(String value) {
        for (String one : several ? value.split(",") : new String[] {value}) {
            try {
                switch (type) {
                    case "Integer" -> Integer.parseInt(one.strip());
                    case "Long" -> Long.parseLong(one.strip());
                    case "Boolean" -> {
                        if (!one.strip().equalsIgnoreCase("true")
                                && !one.strip().equalsIgnoreCase("false")) {
                            throw new IllegalArgumentException();
                        }
                    }
                    default -> {}
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("%s takes %s, not %s.".formatted(name, wanted(), one), e);
            }
        }
    }

    private String wanted() {
        return switch (type) {
            case "Boolean" -> "true or false";
            case "Integer" -> "a whole number up to " + Integer.MAX_VALUE;
            case "Long" -> "a whole number";
            default -> "text";
        };
    }
}
