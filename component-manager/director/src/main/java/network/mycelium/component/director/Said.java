package network.mycelium.component.director;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import network.mycelium.component.Directive;
import network.mycelium.component.Director.Ignored;
import network.mycelium.component.Roles.Decision;
import network.mycelium.component.Roles.Role;
import network.mycelium.identity.Member;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;

/// What the network said about directives, roles and tasks. A statement that makes no sense is left out, with
/// why; it keeps nothing from what the others say.
final class Said {
    /// The most that are named.
    static final int MAX_IGNORED = 256;

    private final Statements statements;

    Said(Statements statements) {
        this.statements = statements;
    }

    /// @param given those that can be followed
    /// @param withdrawn components of which nothing is directed any more
    /// @param ignored those that cannot be followed
    record Directives(List<Directive> given, Set<String> withdrawn, List<Ignored> ignored) {}

    Directives directives() {
        List<Directive> given = new ArrayList<>();
        Set<String> withdrawn = new TreeSet<>();
        List<Ignored> ignored = new ArrayList<>();
        for (Statement statement : statements.of(DirectiveCodec.KIND)) {
            read(statement, DirectiveCodec::directive, ignored).ifPresent(read -> {
                read.ifPresent(given::add);
                if (read.isEmpty()) {
                    withdrawn.add(statement.key());
                }
            });
        }
        return new Directives(given, withdrawn, ignored);
    }

    List<Role> roles() {
        return roles(new ArrayList<>());
    }

    private List<Role> roles(List<Ignored> ignored) {
        return statements.of(RoleCodec.ROLE).stream()
                .flatMap(s -> read(s, RoleCodec::role, ignored).stream())
                .toList();
    }

    /// Components by task.
    Map<String, List<String>> tasks() {
        return tasks(new ArrayList<>());
    }

    private Map<String, List<String>> tasks(List<Ignored> ignored) {
        Map<String, List<String>> all = new TreeMap<>();
        for (Statement statement : statements.of(RoleCodec.TASK)) {
            read(statement, RoleCodec::components, ignored)
                    .filter(components -> !components.isEmpty())
                    .ifPresent(components -> all.put(statement.key(), components));
        }
        return all;
    }

    /// What was decided last for a member, by whichever key it had then.
    Map<String, Decision> decisions(Member member) {
        return member.keys()
                .flatMap(key -> statements.find(RoleCodec.DECISIONS, key.toString()).stream())
                .findFirst()
                .flatMap(statement -> read(statement, RoleCodec::decisions, new ArrayList<>()))
                .orElse(Map.of());
    }

    /// All statements of these kinds that are not followed.
    List<Ignored> ignored() {
        List<Ignored> ignored = directives().ignored();
        roles(ignored);
        tasks(ignored);
        statements.of(RoleCodec.DECISIONS).forEach(s -> read(s, RoleCodec::decisions, ignored));
        return ignored;
    }

    /// The keys of directives that cannot be followed: what runs of those stays as it is.
    static Set<String> unreadable(Directives directives) {
        Set<String> keys = new HashSet<>();
        directives.ignored().forEach(one -> keys.add(one.key()));
        return keys;
    }

    private static <T> Optional<T> read(Statement statement, Function<Statement, T> parser, List<Ignored> ignored) {
        try {
            return Optional.of(parser.apply(statement));
        } catch (IllegalArgumentException e) {
            if (ignored.size() < MAX_IGNORED) {
                ignored.add(new Ignored(
                        statement.kind(),
                        Texts.shown(statement.key(), 128),
                        statement.signers().stream().map(Object::toString).toList(),
                        e.getMessage()));
            }
            return Optional.empty();
        }
    }
}
