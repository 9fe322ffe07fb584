package network.mycelium.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A fenced block of a page that shows commands, each after `$ `, and below each what it prints. Its first line is
/// "```console run", maybe with `exit=N`, or "```console not run: WHY".
///
/// @param line of the page where it begins
/// @param why it is not run; empty if it is
/// @param exit that each command ends with
record ConsoleBlock(String page, String heading, int line, String why, int exit, List<Step> steps) {
    private static final Pattern RUN = Pattern.compile("run(?: exit=(\\d+))?");
    private static final Pattern NOT_RUN = Pattern.compile("not run: (.+)");

    /// A command, and what is shown below it.
    record Step(String command, List<String> output) {}

    boolean isRun() {
        return why.isEmpty();
    }

    /// In the order of the page.
    ///
    /// @throws IllegalArgumentException if one does not say whether it is run
    static List<ConsoleBlock> of(Path page) throws IOException {
        return of(page.getFileName().toString(), Files.readAllLines(page));
    }

    static List<ConsoleBlock> of(String page, List<String> lines) {
        List<ConsoleBlock> blocks = new ArrayList<>();
        String heading = page;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("#")) {
                heading = line.replaceFirst("^#+ *", "");
            } else if (line.startsWith("```")) {
                int begin = i++;
                List<String> inside = new ArrayList<>();
                while (i < lines.size() && !lines.get(i).startsWith("```")) {
                    inside.add(lines.get(i++));
                }
                if (line.startsWith("```console")) {
                    blocks.add(block(
                            page,
                            heading,
                            begin + 1,
                            line.substring("```console".length()).strip(),
                            inside));
                }
            }
        }
        return blocks;
    }

    private static ConsoleBlock block(String page, String heading, int line, String info, List<String> inside) {
        Matcher run = RUN.matcher(info);
        Matcher not = NOT_RUN.matcher(info);
        if (!run.matches() && !not.matches()) {
            throw new IllegalArgumentException("%s line %d: say \"console run\" or \"console not run: WHY\", not \"%s\""
                    .formatted(page, line, info));
        }
        List<Step> steps = new ArrayList<>();
        for (String text : inside) {
            if (text.startsWith("$ ")) {
                steps.add(new Step(text.substring(2), new ArrayList<>()));
            } else if (steps.isEmpty()) {
                throw new IllegalArgumentException(
                        "%s line %d: output before a command: %s".formatted(page, line, text));
            } else {
                steps.getLast().output().add(text);
            }
        }
        return new ConsoleBlock(
                page,
                heading,
                line,
                not.matches() ? not.group(1) : "",
                run.matches() && run.group(1) != null ? Integer.parseInt(run.group(1)) : 0,
                steps);
    }
}
