package network.mycelium.shell.provider;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.ComponentStatus;
import network.mycelium.component.Roles;
import network.mycelium.component.Tasks;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PubSub;
import network.mycelium.node.command.Access;
import network.mycelium.repository.RepositoryIndex;
import network.mycelium.shell.Orders;
import network.mycelium.shell.provider.settings.DescribedSetting;
import network.mycelium.shell.provider.settings.Settings;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/// What there is on this node of a kind that commands take, for who types one.
final class Names {
    /// More are of no use to anybody who types.
    private static final int MAX = 200;

    private final BundleContext context;

    Names(BundleContext context) {
        this.context = context;
    }

    /// @param kind as the usage of a command calls it
    /// @param command `scope:name`
    /// @param before the words before it
    List<String> of(String kind, String command, List<String> before) {
        Stream<String> all = switch (kind) {
            case "COMPONENT" -> components();
            case "NAME" -> command.startsWith("component:") ? components() : Stream.empty();
            case "NODE", "MEMBER" -> members().map(Member::name);
            case "PEER" -> peers();
            case "PID" -> from(Settings.class, s -> s.described().keySet());
            case "KEY" ->
                command.equals("node:config") && !before.isEmpty() ? settings(before.getFirst()) : Stream.empty();
            case "ROLE" -> roles();
            case "TASK" -> from(Tasks.class, t -> t.rules().keySet());
            case "ORDER" ->
                from(
                        Orders.class,
                        o -> o.orders().stream().map(Orders.Order::id).toList());
            case "TOPIC" ->
                from(PubSub.class, p -> p.topics().stream().map(t -> t.name()).toList());
            case "URL" -> command.equals("repo:remove") ? sources() : Stream.empty();
            case "SCOPE" -> new Commands(context).all().values().stream().map(KnownCommand::scope);
            default -> Stream.empty();
        };
        return limited(all);
    }

    /// What the value of an option may be.
    List<String> ofOption(String option) {
        return limited(
                switch (option) {
                    case "--nodes" -> members().map(Member::name);
                    case "--roles" -> roles();
                    case "--access" -> Stream.of(Access.values()).map(Access::text);
                    case "--level" -> Stream.of("error", "warning", "info", "debug");
                    case "--on" -> Stream.of("all", "none", "demand");
                    default -> Stream.empty();
                });
    }

    private static List<String> limited(Stream<String> all) {
        return all.filter(name -> !name.isEmpty())
                .distinct()
                .sorted()
                .limit(MAX)
                .toList();
    }

    private Stream<String> components() {
        Set<String> names = new TreeSet<>();
        from(ComponentManager.class, ComponentManager::components)
                .map(ComponentStatus::name)
                .forEach(names::add);
        from(
                        RepositoryIndex.class,
                        i -> i.search("").stream()
                                .flatMap(ref -> i.componentOf(ref).stream())
                                .toList())
                .forEach(names::add);
        return names.stream();
    }

    private Stream<Member> members() {
        return from(NetworkIdentity.class, NetworkIdentity::members).filter(member -> !member.revoked());
    }

    private Stream<String> peers() {
        return Stream.concat(
                members().map(member -> member.peer().toString()),
                from(
                        Host.class,
                        h -> h.peers().stream().map(p -> p.id().toString()).toList()));
    }

    private Stream<String> roles() {
        return Stream.concat(
                from(Roles.class, r -> r.roles().stream().map(Roles.Role::name).toList()),
                members().flatMap(member -> member.roles().stream()));
    }

    private Stream<String> sources() {
        return from(
                RepositoryIndex.class,
                i -> i.sources().stream().map(s -> s.location().toString()).toList());
    }

    /// They end with the sign after which the value stands.
    private Stream<String> settings(String pid) {
        return from(Settings.class, s -> DescribedSetting.of(pid, s.described()).orElse(List.of()))
                .map(setting -> setting.name() + "=");
    }

    /// Nothing where there is no such service, or it fails: who types is not to be disturbed.
    private <S, T> Stream<T> from(Class<S> type, Function<S, Collection<T>> names) {
        ServiceReference<S> reference = context.getServiceReference(type);
        S service = reference == null ? null : context.getService(reference);
        if (service == null) {
            return Stream.empty();
        }
        try {
            return List.copyOf(names.apply(service)).stream();
        } catch (RuntimeException e) {
            System.getLogger(Names.class.getName())
                    .log(
                            System.Logger.Level.DEBUG,
                            "no names of " + type.getSimpleName().toLowerCase(Locale.ROOT),
                            e);
            return Stream.empty();
        } finally {
            context.ungetService(reference);
        }
    }
}
