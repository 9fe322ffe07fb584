package network.mycelium.component.director;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Presence;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Access;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.RepositoryIndex;
import org.osgi.framework.BundleContext;

/// What a director sees of its node, of its network and of its indexes, in memory. What a test does not need
/// there is not.
final class FakeNetwork {
    final Map<PeerId, Member> members = new ConcurrentHashMap<>();
    final Map<PeerId, byte[]> reports = new ConcurrentHashMap<>();
    final Map<String, Statement> statements = new ConcurrentHashMap<>();
    private final List<Consumer<Statement>> statementListeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> presenceListeners = new CopyOnWriteArrayList<>();
    volatile byte[] ownReport = {};
    final PeerId self;
    final FakeManager manager = new FakeManager();
    private final Path home;
    private long boots;

    FakeNetwork(Path home, int self) {
        this.home = home;
        this.self = Members.peer(self);
        members.put(this.self, Members.member(self, Access.FULL, List.of("sclerotium"), Map.of()));
    }

    NetworkDirector director() {
        BundleContext context = only(BundleContext.class, Map.of("getProperty", a -> switch ((String) a[0]) {
            case "mycelium.home" -> home.toString();
            case "mycelium.start" -> Long.toString(++boots);
            default -> null;
        }));
        DirectorConfig config = only(DirectorConfig.class, Map.of("patience_seconds", a -> 0, "alone_seconds", a -> 0));
        var roles = new NetworkRoles(identity(), spread(), presence());
        return new NetworkDirector(
                context,
                config,
                only(Host.class, Map.of("id", a -> self)),
                identity(),
                spread(),
                presence(),
                roles,
                manager,
                indexes());
    }

    /// An object of which only some methods do anything.
    private static <T> T only(Class<T> type, Map<String, Function<Object[], Object>> methods) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            Function<Object[], Object> found = methods.get(method.getName());
            if (found == null) {
                throw new UnsupportedOperationException(method.toString());
            }
            return found.apply(args);
        }));
    }

    NetworkIdentity identity() {
        return only(
                NetworkIdentity.class,
                Map.of(
                        "member", a -> Optional.ofNullable(members.get((PeerId) a[0])),
                        "members", a -> List.copyOf(members.values())));
    }

    /// Says something as if it had come from somewhere.
    void say(String kind, String key, byte[] body) {
        String id = kind + "/" + key;
        Statement before = statements.get(id);
        long sequence = before == null ? 1 : before.sequence() + 1;
        var said = new Statement(
                kind, key, sequence, Instant.now(), Instant.now().plus(Duration.ofDays(1)), body, List.of(self));
        statements.put(id, said);
        statementListeners.forEach(listener -> listener.accept(said));
    }

    Statements spread() {
        Map<String, Function<Object[], Object>> methods = new HashMap<>();
        methods.put("publish", a -> {
            say((String) a[0], (String) a[1], (byte[]) a[2]);
            return statements.get(a[0] + "/" + a[1]);
        });
        methods.put(
                "of",
                a -> new TreeMap<>(statements)
                        .values().stream().filter(s -> s.kind().equals(a[0])).toList());
        methods.put("find", a -> Optional.ofNullable(statements.get(a[0] + "/" + a[1])));
        methods.put("listen", a -> {
            @SuppressWarnings("unchecked")
            var listener = (Consumer<Statement>) a[0];
            statementListeners.add(listener);
            return (AutoCloseable) () -> statementListeners.remove(listener);
        });
        return only(Statements.class, methods);
    }

    void hear(int number, byte[] report) {
        members.putIfAbsent(Members.peer(number), Members.member(number));
        reports.put(Members.peer(number), report);
        presenceListeners.forEach(Runnable::run);
    }

    Presence presence() {
        return only(
                Presence.class,
                Map.of(
                        "present",
                                a -> {
                                    List<Presence.Present> all = new ArrayList<>();
                                    reports.forEach((peer, report) ->
                                            all.add(new Presence.Present(peer, List.of(), Duration.ZERO, report)));
                                    all.add(new Presence.Present(self, List.of(), Duration.ZERO, ownReport));
                                    return all;
                                },
                        "report",
                                a -> {
                                    ownReport = ((byte[]) a[0]).clone();
                                    presenceListeners.forEach(Runnable::run);
                                    return null;
                                },
                        "listen",
                                a -> {
                                    presenceListeners.add((Runnable) a[0]);
                                    return (AutoCloseable) () -> presenceListeners.remove((Runnable) a[0]);
                                }));
    }

    private RepositoryIndex indexes() {
        return only(
                RepositoryIndex.class,
                Map.of(
                        "sources", a -> List.of(),
                        "search",
                                a -> manager.offered.entrySet().stream()
                                        .flatMap(e -> e.getValue().stream().map(version -> ref(e.getKey(), version)))
                                        .sorted(Comparator.comparing(BundleRef::version)
                                                .reversed())
                                        .toList(),
                        "componentOf", a -> Optional.of(((BundleRef) a[0]).symbolicName())));
    }

    private static BundleRef ref(String name, org.osgi.framework.Version version) {
        return new BundleRef(
                name, version.toString(), "", 0, URI.create("bundles/" + name), Optional.empty(), "", "", List.of());
    }

    NodeState told() {
        return NodeState.parse(ownReport);
    }
}
