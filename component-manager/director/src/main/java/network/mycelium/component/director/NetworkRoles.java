package network.mycelium.component.director;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import network.mycelium.component.Director.RefusedException;
import network.mycelium.component.Roles;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Presence;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.PeerId;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/// Roles from certificates, signed decisions and rules. Who is entitled to a role every node sees alike; whether it
/// has one that asks for components, or one by rule, the member itself says in its [NodeState].
@Component(service = {Roles.class, NetworkRoles.class})
public final class NetworkRoles implements Roles {
    private static final Logger LOG = System.getLogger(NetworkRoles.class.getName());

    private final NetworkIdentity identity;
    private final Statements statements;
    private final Presence presence;

    @Activate
    public NetworkRoles(
            @Reference NetworkIdentity identity, @Reference Statements statements, @Reference Presence presence) {
        this.identity = identity;
        this.statements = statements;
        this.presence = presence;
    }

    @Override
    public void define(Role role) throws RefusedException {
        Signing.publish(statements, RoleCodec.ROLE, role.name(), () -> RoleCodec.body(role), Signing.FOREVER);
    }

    @Override
    public List<Role> roles() {
        List<Role> all = new ArrayList<>();
        for (Statement statement : statements.of(RoleCodec.ROLE)) {
            try {
                all.add(RoleCodec.role(statement));
            } catch (IllegalArgumentException | ArithmeticException e) {
                LOG.log(Level.DEBUG, "the role {0} is not understood: {1}", statement.key(), e.getMessage());
            }
        }
        return all;
    }

    @Override
    public void decide(String peer, String role, Decision decision) throws RefusedException {
        Map<String, Decision> all = new HashMap<>(decisions(peer));
        if (decision == Decision.LEAVE) {
            all.remove(role);
        } else {
            all.put(role, decision);
        }
        Signing.publish(statements, RoleCodec.DECISIONS, peer, () -> RoleCodec.body(all), Signing.FOREVER);
    }

    private Map<String, Decision> decisions(String peer) {
        return identity.member(PeerId.parse(peer)).map(this::decisions).orElse(Map.of());
    }

    /// What was decided last, by whichever key the member had then.
    private Map<String, Decision> decisions(Member member) {
        try {
            return member.keys()
                    .flatMap(key -> statements.find(RoleCodec.DECISIONS, key.toString()).stream())
                    .findFirst()
                    .map(RoleCodec::decisions)
                    .orElse(Map.of());
        } catch (IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "what was decided for {0} is not understood: {1}", member.peer(), e.getMessage());
            return Map.of();
        }
    }

    /// The roles that a member should have.
    ///
    /// @param byRule whether a rule gives it a role
    Set<String> entitled(Member member, Collection<Role> defined, Predicate<Role> byRule) {
        Set<String> entitled = new TreeSet<>(member.roles());
        defined.stream().filter(byRule).map(Role::name).forEach(entitled::add);
        decisions(member).forEach((role, decision) -> {
            if (decision == Decision.PROMOTE) {
                entitled.add(role);
            } else {
                entitled.remove(role);
            }
        });
        return entitled;
    }

    @Override
    public Set<String> of(String peer) {
        return identity.member(PeerId.parse(peer)).map(view()::of).orElse(Set.of());
    }

    /// What is known now, for questions about many members.
    View view() {
        Map<String, Role> defined = new HashMap<>();
        roles().forEach(role -> defined.put(role.name(), role));
        Map<PeerId, Set<String>> said = new HashMap<>();
        presence.present()
                .forEach(present ->
                        said.put(present.peer(), NodeState.of(present).roles()));
        return new View(defined, said);
    }

    final class View {
        private final Map<String, Role> defined;
        private final Map<PeerId, Set<String>> said;

        private View(Map<String, Role> defined, Map<PeerId, Set<String>> said) {
            this.defined = defined;
            this.said = said;
        }

        Set<String> of(Member member) {
            // A rule's roles it may claim as far as it is trusted; that much of the rule others can see.
            Set<String> has = entitled(
                    member,
                    defined.values(),
                    role -> role.rule()
                            .filter(rule -> member.access().compareTo(rule.access()) >= 0)
                            .isPresent());
            Set<String> says = said.getOrDefault(member.peer(), Set.of());
            has.removeIf(name -> {
                Role role = defined.get(name);
                boolean mustSay = role != null && (!role.components().isEmpty() || !isSigned(member, name));
                return mustSay && !says.contains(name);
            });
            return has;
        }
    }

    private boolean isSigned(Member member, String role) {
        return member.roles().contains(role) || decisions(member).get(role) == Decision.PROMOTE;
    }
}
