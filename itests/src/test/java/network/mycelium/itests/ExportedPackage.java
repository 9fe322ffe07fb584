package network.mycelium.itests;

import aQute.bnd.differ.DiffPluginImpl;
import aQute.bnd.osgi.Jar;
import aQute.bnd.service.diff.Delta;
import aQute.bnd.service.diff.Diff;
import aQute.bnd.service.diff.Tree;
import aQute.bnd.service.diff.Type;
import aQute.bnd.version.Version;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;

/// An exported package, as text that people can compare: bnd's tree of it, an element a line. Each tells what adding it
/// (`+`) and removing it (`-`) would be: `MAJOR`, `MINOR` or `MICRO`.
record ExportedPackage(String name, Version version, Tree.Data tree) {
    private static final int INDENT = 2;

    static List<ExportedPackage> of(Path jar) throws Exception {
        List<ExportedPackage> packages = new ArrayList<>();
        try (var opened = new Jar(jar.toFile())) {
            var exports = opened.getManifest().getMainAttributes().getValue("Export-Package");
            var parameters = new aQute.bnd.header.Parameters(exports);
            Tree api = new DiffPluginImpl().tree(opened).get("<api>");
            for (Tree child : api.getChildren()) {
                if (child.getType() != Type.PACKAGE) {
                    continue;
                }
                Version version =
                        Version.parseVersion(parameters.get(child.getName()).getVersion());
                packages.add(new ExportedPackage(child.getName(), version, child.serialize()));
            }
        }
        return packages;
    }

    static ExportedPackage parse(String text) {
        List<String> lines = text.lines().toList();
        String[] head = lines.getFirst().split(" ");
        Iterator<Line> rest = lines.stream().skip(1).map(Line::parse).iterator();
        Tree.Data root = children(rest.next(), new Lines(rest));
        return new ExportedPackage(head[1], Version.parseVersion(head[2]), root);
    }

    String text() {
        var text = new StringBuilder("package %s %s%n".formatted(name, version));
        write(tree, 0, text);
        return text.toString();
    }

    /// What is wrong with this package if the other is what others were compiled against; empty if nothing is.
    String complaint(ExportedPackage before) throws Exception {
        var differ = new DiffPluginImpl();
        Diff diff = differ.deserialize(tree).diff(differ.deserialize(before.tree));
        Version least = switch (diff.getDelta()) {
            case MAJOR, REMOVED -> new Version(before.version.getMajor() + 1, 0, 0);
            case MINOR, ADDED -> new Version(before.version.getMajor(), before.version.getMinor() + 1, 0);
            default -> before.version;
        };
        if (version.compareTo(least) >= 0) {
            return "";
        }
        List<String> changes = new ArrayList<>();
        changes(diff, "", changes);
        return "%s %s is a %s change, version %s at least: %s"
                .formatted(name, version, diff.getDelta(), least, String.join("; ", changes));
    }

    private static void changes(Diff diff, String path, List<String> changes) {
        if (diff.getDelta() == Delta.UNCHANGED || diff.getDelta() == Delta.IGNORED) {
            return;
        }
        String here = path + "/" + diff.getName();
        if (diff.getChildren().isEmpty() || diff.getDelta() == Delta.ADDED || diff.getDelta() == Delta.REMOVED) {
            changes.add("%s %s %s".formatted(diff.getDelta(), diff.getType(), here));
        }
        diff.getChildren().forEach(child -> changes(child, here, changes));
    }

    private static void write(Tree.Data node, int depth, StringBuilder text) {
        text.append(" ".repeat(depth * INDENT))
                .append("%s %s +%s -%s%n".formatted(node.type, node.name, node.add, node.rem));
        if (node.children != null) {
            for (Tree.Data child : node.children) {
                write(child, depth + 1, text);
            }
        }
    }

    /// A node and how deep it stands.
    private record Line(int depth, Tree.Data node) {
        static Line parse(String line) {
            String text = line.strip();
            List<String> words = List.of(text.split(" "));
            var node = new Tree.Data();
            node.type = Type.valueOf(words.getFirst());
            node.name = words.subList(1, words.size() - 2).stream().collect(Collectors.joining(" "));
            node.add = Delta.valueOf(words.get(words.size() - 2).substring(1));
            node.rem = Delta.valueOf(words.getLast().substring(1));
            return new Line(line.indexOf(text) / INDENT, node);
        }
    }

    /// With one line to look ahead.
    private static final class Lines {
        private final Iterator<Line> rest;
        private Line next;

        Lines(Iterator<Line> rest) {
            this.rest = rest;
            advance();
        }

        private void advance() {
            next = rest.hasNext() ? rest.next() : null;
        }
    }

    private static Tree.Data children(Line parent, Lines lines) {
        List<Tree.Data> children = new ArrayList<>();
        while (lines.next != null && lines.next.depth() > parent.depth()) {
            Line child = lines.next;
            lines.advance();
            children.add(children(child, lines));
        }
        parent.node().children = children.toArray(Tree.Data[]::new);
        return parent.node();
    }
}
