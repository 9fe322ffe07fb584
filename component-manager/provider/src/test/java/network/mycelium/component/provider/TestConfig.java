package network.mycelium.component.provider;

import java.lang.reflect.Proxy;

/// The settings as they are unless somebody sets them.
final class TestConfig {
    private TestConfig() {}

    static ManagerConfig defaults() {
        return (ManagerConfig) Proxy.newProxyInstance(
                ManagerConfig.class.getClassLoader(),
                new Class<?>[] {ManagerConfig.class},
                (proxy, method, arguments) -> method.getDefaultValue());
    }
}
