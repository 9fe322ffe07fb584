package network.mycelium.repository.provider;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.osgi.resource.Capability;
import org.osgi.resource.Resource;
import org.osgi.resource.Wiring;

/// What the bundles on this node offer: those that are resolved by their wirings, to which fragments add.
final class PresentCapabilities extends CapabilityLookup {
    private final Map<String, List<Capability>> byNamespace = new HashMap<>();
    private final Map<String, Map<String, List<Capability>>> byValue = new HashMap<>();

    PresentCapabilities(Collection<? extends Resource> present, Map<Resource, Wiring> wirings) {
        for (Resource resource : present) {
            Wiring wiring = wirings.get(resource);
            if (wiring == null) {
                resource.getCapabilities(null).forEach(this::add);
            } else {
                wiring.getResourceCapabilities(null).forEach(this::add);
            }
        }
    }

    private void add(Capability capability) {
        String namespace = capability.getNamespace();
        byNamespace.computeIfAbsent(namespace, n -> new ArrayList<>()).add(capability);
        if (capability.getAttributes().get(namespace) instanceof String value) {
            byValue.computeIfAbsent(namespace, n -> new HashMap<>())
                    .computeIfAbsent(value, v -> new ArrayList<>())
                    .add(capability);
        }
    }

    @Override
    List<Capability> all(String namespace) {
        return byNamespace.getOrDefault(namespace, List.of());
    }

    @Override
    List<Capability> named(String namespace, String value) {
        return byValue.getOrDefault(namespace, Map.of()).getOrDefault(value, List.of());
    }
}
