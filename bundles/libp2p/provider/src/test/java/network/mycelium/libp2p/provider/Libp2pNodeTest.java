package network.mycelium.libp2p.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import network.mycelium.libp2p.ConnectionGate;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.provider.swarm.PeerBook;
import network.mycelium.libp2p.provider.swarm.Settings;
import network.mycelium.libp2p.provider.swarm.Swarm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/// The component as Declarative Services drives it: what is there binds before it is activated.
@Timeout(60)
class Libp2pNodeTest {
    @TempDir
    Path home;

    private final CompletableFuture<Host> host = new CompletableFuture<>();
    private Libp2pNode node;

    @BeforeEach
    void make() {
        node = new Libp2pNode(context(), config());
    }

    @AfterEach
    void stop() throws Exception {
        node.deactivate();
    }

    private static Object byDefault(Object proxy, Method method, Object[] arguments) {
        return switch (method.getName()) {
            case "listen" -> new String[] {"/ip4/127.0.0.1/tcp/0"};
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy == arguments[0];
            default -> method.getDefaultValue();
        };
    }

    private static Libp2pConfig config() {
        return (Libp2pConfig) Proxy.newProxyInstance(
                Libp2pConfig.class.getClassLoader(), new Class<?>[] {Libp2pConfig.class}, Libp2pNodeTest::byDefault);
    }

    private BundleContext context() {
        return (BundleContext) Proxy.newProxyInstance(
                BundleContext.class.getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("getProperty")) {
                        return home.toString();
                    }
                    if (arguments[1] instanceof Host registered) {
                        host.complete(registered);
                    }
                    return Proxy.newProxyInstance(
                            BundleContext.class.getClassLoader(),
                            new Class<?>[] {ServiceRegistration.class},
                            (registration, called, none) -> null);
                });
    }

    private static final class Closed implements ConnectionGate {
        @Override
        public Optional<String> refusePeer(PeerId peer, Multiaddr address, boolean outbound) {
            return Optional.of("closed");
        }
    }

    private void assertClosedToEverybody() throws Exception {
        Host open = host.get();
        byte[] seed = new byte[32];
        seed[0] = 7;
        try (var peer = new Swarm(new network.mycelium.libp2p.core.keys.NodeKey(seed), Settings.DEFAULT, new PeerBook())
                .start()) {
            assertThatThrownBy(() -> {
                        peer.connect(open.id(), open.addresses());
                        peer.ping(open.id(), java.time.Duration.ofSeconds(5));
                    })
                    .isInstanceOf(IOException.class);
            await().until(() -> peer.connections().isEmpty());
            assertThat(open.connections()).isEmpty();
        }
    }

    @Test
    void what_is_bound_before_activation_counts_before_the_node_listens() throws Exception {
        var listened = new CompletableFuture<Boolean>();
        node.addGate(new Closed());
        // Asked for its protocols when it is taken into use.
        node.addHandler(stream -> {}, new AbstractMap<>() {
            @Override
            public Object get(Object key) {
                listened.complete(Files.exists(home.resolve("state/ports")));
                return "/test/1.0.0";
            }

            @Override
            public Set<Map.Entry<String, Object>> entrySet() {
                return Set.of();
            }
        });
        node.activate();
        assertThat(listened.get()).isFalse();
        assertThat(host.get().protocols()).contains("/test/1.0.0");
        assertClosedToEverybody();
    }

    @Test
    void a_service_that_cannot_be_used_keeps_no_gate_after_it_from_counting() throws Exception {
        node.addHandler(stream -> {}, null);
        node.addGate(new Closed());
        node.activate();
        host.get();
        node.addHandler(stream -> {}, null);
        assertClosedToEverybody();
    }

    @Test
    void a_gate_that_comes_after_a_service_that_cannot_be_used_counts_as_well() throws Exception {
        node.activate();
        host.get();
        node.addHandler(stream -> {}, null);
        node.addGate(new Closed());
        assertClosedToEverybody();
    }
}
