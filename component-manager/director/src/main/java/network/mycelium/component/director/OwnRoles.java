package network.mycelium.component.director;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Director.Running;
import network.mycelium.component.Roles.Role;
import network.mycelium.component.Roles.Rule;
import network.mycelium.identity.Member;

/// This node's own roles: which it should have, what it must run for them, and which it therefore has.
final class OwnRoles {
    private final NetworkRoles roles;
    private final Supplier<Optional<Member>> self;
    private final Supplier<Duration> uptime;
    private final Resources resources;

    OwnRoles(NetworkRoles roles, Supplier<Optional<Member>> self, Supplier<Duration> uptime, Resources resources) {
        this.resources = resources;
        this.roles = roles;
        this.self = self;
        this.uptime = uptime;
    }

    private Set<String> entitled() {
        return self.get()
                .map(member -> roles.entitled(
                        member,
                        roles.roles(),
                        role -> role.rule().filter(rule -> meets(rule, member)).isPresent()))
                .orElse(Set.of());
    }

    private boolean meets(Rule rule, Member member) {
        return uptime.get().compareTo(rule.uptime()) >= 0
                && resources.areAtLeast(new Resources(rule.memoryMiB(), rule.processors()))
                && member.access().compareTo(rule.access()) >= 0;
    }

    /// What must run here for its roles, but for what directives speak of.
    List<Directive> wanted(List<Directive> directed) {
        Set<String> entitled = entitled();
        List<Directive> wanted = new ArrayList<>();
        for (Role role : roles.roles()) {
            if (!entitled.contains(role.name())) {
                continue;
            }
            for (String spec : role.components()) {
                String[] parts = spec.split("@", 2);
                boolean spokenOf = directed.stream().anyMatch(d -> d.component().equals(parts[0]))
                        || wanted.stream().anyMatch(d -> d.component().equals(parts[0]));
                if (!spokenOf) {
                    wanted.add(new Directive(
                            parts[0],
                            parts.length == 2 ? parts[1] : "",
                            new Directive.Selector(List.of(role.name()), Map.of()),
                            Directive.ALL,
                            0,
                            Optional.empty(),
                            Instant.MAX,
                            0,
                            List.of()));
                }
            }
        }
        return wanted;
    }

    /// Those for which all runs that they ask for.
    Set<String> taken(List<Running> running) {
        Set<String> active = running.stream()
                .filter(r -> r.state().equals("ACTIVE"))
                .map(Running::component)
                .collect(Collectors.toSet());
        Set<String> taken = new TreeSet<>(entitled());
        for (Role role : roles.roles()) {
            if (!role.components().stream().allMatch(spec -> active.contains(spec.split("@", 2)[0]))) {
                taken.remove(role.name());
            }
        }
        return taken;
    }
}
