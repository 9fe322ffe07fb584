package network.mycelium.shell.provider.settings;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.math.BigDecimal;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
/// @param least the smallest value that it takes, empty without bound; `most` alike
/// @param options the only values that it takes; empty if it takes all of its type
public record DescribedSetting(
        String name,
        String type,
        boolean several,
        String standard,
        String meaning,
        String least,
        String most,
        List<String> options) {
    private static final Logger LOG = System.getLogger(DescribedSetting.class.getName());
    private static final int MAX_SHOWN = 80;
    private static final String FOLDER = "OSGI-INF/metatype";

    /// What settings these bundles describe, by pid. What cannot be read is told in the log and left out, so that one
    /// bundle does not stand before the settings of all others.
    ///
    /// Works at any state of a bundle, and resolves none.
    public static Map<String, List<DescribedSetting>> of(Bundle... bundles) {
        Map<String, List<DescribedSetting>> found = new TreeMap<>();
        for (Bundle bundle : bundles) {
            try {
                found.putAll(read(bundle));
            } catch (IllegalStateException e) {
                LOG.log(Level.DEBUG, "{0} was uninstalled meanwhile: {1}", bundle, e.getMessage());
            }
        }
        return found;
    }

    private static Map<String, List<DescribedSetting>> read(Bundle bundle) {
        Map<String, List<DescribedSetting>> found = new TreeMap<>();
        var paths = bundle.getEntryPaths(FOLDER);
        for (String file : paths == null ? List.<String>of() : Collections.list(paths)) {
            URL entry = file.endsWith(".xml") ? bundle.getEntry(file) : null;
            if (entry == null) {
                continue;
            }
            try (InputStream in = entry.openStream()) {
                found.putAll(read(in));
            } catch (IOException | XMLStreamException e) {
                LOG.log(Level.WARNING, "the settings that %s describes cannot be read: %s".formatted(bundle, file), e);
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
                    case "Option" -> {
                        List<DescribedSetting> made = classes.getOrDefault(current, List.of());
                        if (!made.isEmpty()) {
                            made.set(made.size() - 1, made.getLast().or(text(xml, "value")));
                        }
                    }
                    case "Designate" -> pid = text(xml, "pid").isEmpty() ? text(xml, "factoryPid") : text(xml, "pid");
                    case "Object" -> classOfPid.put(pid, text(xml, "ocdref"));
                    default -> {}
                }
            }
        }
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
                text(xml, "description"),
                text(xml, "min"),
                text(xml, "max"),
                List.of());
    }

    private DescribedSetting or(String option) {
        List<String> more = new ArrayList<>(options);
        more.add(option);
        return new DescribedSetting(name, type, several, standard, meaning, least, most, List.copyOf(more));
    }

    private static String text(XMLStreamReader xml, String attribute) {
        String value = xml.getAttributeValue(null, attribute);
        return value == null ? "" : value;
    }

    /// The settings of a pid; `PID~NAME` has those of its factory `PID`.
    public static Optional<List<DescribedSetting>> of(String pid, Map<String, List<DescribedSetting>> all) {
        return Optional.ofNullable(all.get(pid.split("~", 2)[0]));
    }

    /// @throws IllegalArgumentException if there is none of that name
    static DescribedSetting find(String name, List<DescribedSetting> known) {
        return known.stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no setting %s. There are: %s."
                        .formatted(
                                name, known.stream().map(DescribedSetting::name).collect(Collectors.joining(", ")))));
    }

    /// A value of its type, or a list of them if it takes several.
    ///
    /// @throws IllegalArgumentException if the text is no such value, with what is allowed
    public Object value(String text) {
        if (!several) {
            return one(text);
        }
        return text.isBlank()
                ? List.of()
                : Stream.of(text.split(",")).map(String::strip).map(this::one).toList();
    }

    private Object one(String text) {
        try {
            Object value = switch (type) {
                case "Integer" -> Integer.valueOf(text.strip());
                case "Long" -> Long.valueOf(text.strip());
                case "Short" -> Short.valueOf(text.strip());
                case "Byte" -> Byte.valueOf(text.strip());
                case "Double" -> Double.valueOf(text.strip());
                case "Float" -> Float.valueOf(text.strip());
                case "Boolean" -> bool(text.strip());
                default -> text;
            };
            boolean below = value instanceof Number
                    && !least.isEmpty()
                    && decimal(value).compareTo(decimal(least)) < 0;
            boolean above =
                    value instanceof Number && !most.isEmpty() && decimal(value).compareTo(decimal(most)) > 0;
            if (below || above || (!options.isEmpty() && !options.contains(text.strip()))) {
                throw new IllegalArgumentException();
            }
            return value;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s takes %s, not %s.".formatted(name, wanted(), shown(text)), e);
        }
    }

    private static BigDecimal decimal(Object number) {
        return new BigDecimal(number.toString());
    }

    private static Boolean bool(String text) {
        if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
            throw new IllegalArgumentException();
        }
        return Boolean.valueOf(text);
    }

    private static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN) + "...";
    }

    private String wanted() {
        if (!options.isEmpty()) {
            return String.join(" or ", options);
        }
        return switch (type) {
            case "Boolean" -> "true or false";
            case "Integer" -> "a whole number" + bounds(Integer.toString(Integer.MAX_VALUE));
            case "Long" -> "a whole number" + bounds("");
            case "Short" -> "a whole number" + bounds(Short.toString(Short.MAX_VALUE));
            case "Byte" -> "a whole number" + bounds(Byte.toString(Byte.MAX_VALUE));
            case "Double", "Float" -> "a number" + bounds("");
            default -> "text";
        };
    }

    private String bounds(String highest) {
        String to = most.isEmpty() ? highest : most;
        return (least.isEmpty() ? "" : " from " + least)
                + (to.isEmpty() ? "" : (least.isEmpty() ? " up to " : " to ") + to);
    }
}
