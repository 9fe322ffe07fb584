package network.mycelium.shell.provider;

import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Services of which a test needs a method or two.
public final class Fakes {
    private Fakes() {}

    /// What a method does.
    public interface Method {
        Object call(List<Object> arguments) throws Throwable;
    }

    /// A method that gives nothing back.
    public static Method doing(Consumer<List<Object>> action) {
        return arguments -> {
            action.accept(arguments);
            return null;
        };
    }

    /// @param methods by name; all others must not be called
    public static <T> T of(Class<T> type, Map<String, Method> methods) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> switch (method.getName()) {
                    case "hashCode" -> System.identityHashCode(self);
                    case "equals" -> self == arguments[0];
                    case "toString" -> type.getSimpleName();
                    default -> {
                        Method does = methods.get(method.getName());
                        if (does == null) {
                            throw new UnsupportedOperationException(method.toString());
                        }
                        yield does.call(arguments == null ? List.of() : Arrays.asList(arguments));
                    }
                }));
    }
}
