package network.mycelium.shell.provider;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import network.mycelium.node.command.TerminalText;
import network.mycelium.shell.Shell.User;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.osgi.framework.BundleContext;

/// Ends words at the prompt: commands that the user may give, and of each what its usage says: its options, and the
/// names of components, members, settings and the like that there are.
final class CommandCompleter implements Completer {
    private final Commands commands;
    private final Names names;
    private final User user;

    CommandCompleter(BundleContext context, User user) {
        this.commands = new Commands(context);
        this.names = new Names(context);
        this.user = user;
    }

    @Override
    public void complete(LineReader ignored, ParsedLine line, List<Candidate> candidates) {
        List<String> before = line.words().subList(0, line.wordIndex());
        Map<String, KnownCommand> all = commands.all();
        if (before.isEmpty()) {
            begin(all, line.word(), candidates);
            return;
        }
        String first = before.getFirst();
        if (before.size() == 1 && !first.contains(":")) {
            ofScope(all, first).forEach(c -> add(c.name().substring(first.length() + 1), candidates));
        }
        Commands.find(all, before)
                .filter(called -> mayGive(called.command()) && called.command().ours())
                .ifPresent(called -> word(called, candidates));
    }

    private boolean mayGive(KnownCommand command) {
        return user.access().compareTo(command.access()) >= 0;
    }

    private List<KnownCommand> ofScope(Map<String, KnownCommand> all, String scope) {
        return all.values().stream()
                .filter(command -> command.scope().equals(scope) && mayGive(command))
                .toList();
    }

    /// Scopes, or where one was written with its colon the commands of it.
    private void begin(Map<String, KnownCommand> all, String word, List<Candidate> candidates) {
        if (word.contains(":")) {
            all.values().stream().filter(this::mayGive).forEach(c -> add(c.name(), candidates));
            return;
        }
        all.values().stream()
                .filter(this::mayGive)
                .map(KnownCommand::scope)
                .distinct()
                .forEach(s -> add(s, candidates));
        ofScope(all, "shell").forEach(c -> add(c.name().substring("shell:".length()), candidates));
    }

    private void word(Commands.Called called, List<Candidate> candidates) {
        String command = called.command().name();
        Usage usage = Usage.parse(called.command().usage());
        List<String> before = new ArrayList<>();
        String option = "";
        for (String word : called.arguments()) {
            if (!option.isEmpty()) {
                option = "";
            } else if (!word.startsWith("--")) {
                before.add(word);
            } else if (!usage.options().getOrDefault(word, "").isEmpty()) {
                option = word;
            }
        }
        if (!option.isEmpty()) {
            addAll(names.ofOption(option), candidates);
            return;
        }
        Usage.Next next = usage.next(before);
        addAll(next.words(), candidates);
        next.kinds().forEach(kind -> addAll(names.of(kind, command, before), candidates));
        usage.options().keySet().stream()
                .filter(name -> !called.arguments().contains(name))
                .forEach(name -> add(name, candidates));
        addAll(List.of("--json", "--help"), candidates);
    }

    private static void addAll(Collection<String> words, List<Candidate> candidates) {
        words.forEach(word -> add(word, candidates));
    }

    /// Names are told by others: what would steer a terminal is left out.
    private static void add(String word, List<Candidate> candidates) {
        if (TerminalText.line(word).equals(word)) {
            candidates.add(new Candidate(word, word, null, null, null, null, !word.endsWith("=")));
        }
    }
}
