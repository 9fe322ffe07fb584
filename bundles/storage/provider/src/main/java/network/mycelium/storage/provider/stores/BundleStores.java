package network.mycelium.storage.provider.stores;

import network.mycelium.storage.Blocks;
import network.mycelium.storage.Log;
import network.mycelium.storage.StoreAdmin;
import network.mycelium.storage.Stores;
import org.osgi.framework.Bundle;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;

/// The stores of one bundle: the framework makes one of these for each bundle that asks, and takes it away when
/// that one stops.
@Component(scope = ServiceScope.BUNDLE)
public final class BundleStores implements Stores {
    private final StoreRegistry registry;
    private final String bundle;
    private final String title;

    @Activate
    public BundleStores(ComponentContext context, @Reference(target = StoreRegistry.IT) StoreAdmin registry) {
        this((StoreRegistry) registry, context.getUsingBundle());
    }

    private BundleStores(StoreRegistry registry, Bundle using) {
        this(registry, using.getSymbolicName(), using.getSymbolicName() + " " + using.getVersion());
    }

    BundleStores(StoreRegistry registry, String bundle, String title) {
        this.registry = registry;
        this.bundle = bundle;
        this.title = title;
    }

    @Deactivate
    void deactivate() {
        registry.closeAll(this);
    }

    @Override
    public Log log(String name, Log.Options options) {
        OpenStore store = registry.log(this, bundle, title, name, options.quota());
        return ((OpenStore.OfRecords) store).log();
    }

    @Override
    public Blocks blocks(String name, Blocks.Options options) {
        OpenStore store = registry.blocks(this, bundle, title, name, options.quota());
        return ((OpenStore.OfBlocks) store).blocks();
    }

    @Override
    public boolean close(String name) {
        return registry.close(this, bundle, name);
    }

    @Override
    public boolean remove(String name) {
        return registry.remove(this, bundle, name);
    }
}
