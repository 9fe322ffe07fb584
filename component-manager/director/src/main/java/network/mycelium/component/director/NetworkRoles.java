package network.mycelium.component.director;

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
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.PeerId;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/// Roles from certificates, signed decisions and rules. Who is entitled to a role every node sees alike;
/// whether it has one that asks for components, or one by rule, the member itself says in its [NodeState].
@Component(service = {Roles.class, NetworkRoles.class})
public final class NetworkRoles implements Roles {
    private final NetworkIdentity identity;
    private final Statements statements;
    private final Presence presence;
    private final Said said;

    @Activate
    public NetworkRoles(
            @Reference NetworkIdentity identity, @Reference Statements statements, @Reference Presence presence) {
        this.identity = identity;
        this.statements = statements;
        this.presence = presence;
        this.said = new Said(statements);
    }

    @Override
    public void define(Role role) throws RefusedException {
        Signing.publish(statements, RoleCodec.ROLE, role.name(), () -> RoleCodec.body(role), Signing.FOREVER);
    }

    @Override
    public List<Role> roles() {
        return said.roles();
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
        return identity.member(PeerId.parse(peer)).map(said::decisions).orElse(Map.of());
    }

    /// The roles that a member should have.
    ///
    /// @param byRule whether a rule gives it a role
    Set<String> entitled(Member member, Collection<Role> defined, Predicate<Role> byRule) {
        Set<String> entitled = new TreeSet<>(member.roles());
        defined.stream().filter(byRule).map(Role::name).forEach(entitled::add);
        said.decisions(member).forEach((role, decision) -> {
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
        Map<PeerId, Set<String>> told = new HashMap<>();
        presence.present()
                .forEach(present -> told.put(
                        present.peer(), NodeState.parse(present.report()).roles()));
        return view(told);
    }

    /// @param told the roles that members say they have taken
    View view(Map<PeerId, Set<String>> told) {
        Map<String, Role> defined = new HashMap<>();
        roles().forEach(role -> defined.put(role.name(), role));
        return new View(defined, told);
    }

    final class View {
        private final Map<String, Role> defined;
        private final Map<PeerId, Set<String>> told;

        private View(Map<String, Role> defined, Map<PeerId, Set<String>> told) {
            this.defined = defined;
            this.told = told;
        }

        Set<String> of(Member member) {
            // A rule's roles it may claim as far as it is trusted; that much of the rule others can see.
            Set<String> has = entitled(
                    member,
                    defined.values(),
                    role -> role.rule()
                            .filter(rule -> member.access().compareTo(rule.access()) >= 0)
                            .isPresent());
            Set<String> says = told.getOrDefault(member.peer(), Set.of());
            has.removeIf(name -> {
                Role role = defined.get(name);
                boolean mustSay = role != null && (!role.components().isEmpty() || !isSigned(member, name));
                return mustSay && !says.contains(name);
            });
            return has;
        }
    }

    private boolean isSigned(Member member, String role) {
        return member.roles().contains(role) || said.decisions(member).get(role) == Decision.PROMOTE;
    }
}
