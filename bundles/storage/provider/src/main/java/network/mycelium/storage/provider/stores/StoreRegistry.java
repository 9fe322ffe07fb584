package network.mycelium.storage.provider.stores;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import network.mycelium.storage.StorageException;
import network.mycelium.storage.StoreAdmin;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/// All stores, in `data/stores` of the node home. Nothing is read or written before somebody asks.
@Component
public final class StoreRegistry implements StoreAdmin {
    /// Finds this one among all services of its kind.
    static final String IT = "(component.name=network.mycelium.storage.provider.stores.StoreRegistry)";

    private static final Logger LOG = System.getLogger(StoreRegistry.class.getName());
    static final long LEAST_QUOTA = 1 << 20;

    /// Who has a store open.
    ///
    /// @param owner the service object of a bundle
    /// @param title of that bundle, for messages
    private record Held(Object owner, String title, OpenStore store) {}

    private final Path root;
    private final SecureRandom random = new SecureRandom();
    /// Guarded by this, as all that opens, closes and removes.
    private final Map<String, Held> open = new TreeMap<>();

    private boolean cleaned;

    @Activate
    public StoreRegistry(BundleContext context) {
        this(Path.of(context.getProperty("mycelium.home"), "data", "stores"));
    }

    StoreRegistry(Path root) {
        this.root = root;
    }

    private static String key(StoreFolder folder) {
        return folder.bundle() + "/" + folder.name();
    }

    private interface Opening {
        OpenStore open(StoreFolder folder, long quota) throws IOException;
    }

    OpenStore log(Object owner, String bundle, String title, String name, long quota) {
        return open(
                owner,
                new StoreFolder(root, bundle, name),
                title,
                "log",
                quota,
                (folder, effective) -> OpenStore.log(folder, effective, random::nextLong));
    }

    OpenStore blocks(Object owner, String bundle, String title, String name, long quota) {
        return open(
                owner,
                new StoreFolder(root, bundle, name),
                title,
                "blocks",
                quota,
                (folder, effective) -> OpenStore.blocks(folder, effective, random::nextLong));
    }

    private synchronized OpenStore open(
            Object owner, StoreFolder folder, String title, String kind, long quota, Opening opening) {
        Held held = open.get(key(folder));
        if (held != null && held.owner() != owner) {
            throw new StorageException(
                    "%s is open by %s. One version of a bundle can have it open: it is free when that one stops, or closes it."
                            .formatted(folder.title(), held.title()),
                    null);
        }
        try {
            StoreFolder.Description before = folder.description();
            if (!before.kind().isEmpty() && !before.kind().equals(kind)) {
                throw new StorageException(
                        "%s holds %s, not %s. Use another name, or remove it first."
                                .formatted(folder.title(), before.kind(), kind),
                        null);
            }
            if (held != null) {
                return held.store();
            }
            if (!cleaned) {
                StoreFolder.clean(root);
                cleaned = true;
            }
            var described = new StoreFolder.Description(kind, quota, before.operatorQuota());
            folder.describe(described);
            OpenStore store = opening.open(folder, described.effective());
            open.put(key(folder), new Held(owner, title, store));
            return store;
        } catch (IOException e) {
            throw folder.failed("cannot be opened", e);
        } catch (StorageException e) {
            throw e;
        } catch (RuntimeException e) {
            throw folder.failed("cannot be opened", e);
        }
    }

    synchronized boolean close(Object owner, String bundle, String name) {
        StoreFolder folder = new StoreFolder(root, bundle, name);
        Held held = open.get(key(folder));
        if (held == null || held.owner() != owner) {
            return false;
        }
        open.remove(key(folder));
        held.store().close();
        return true;
    }

    /// Closes all that somebody has open.
    synchronized void closeAll(Object owner) {
        open.values().removeIf(held -> {
            if (held.owner() == owner) {
                held.store().close();
                return true;
            }
            return false;
        });
    }

    synchronized boolean remove(Object owner, String bundle, String name) {
        StoreFolder folder = new StoreFolder(root, bundle, name);
        Held held = open.get(key(folder));
        if (held != null && held.owner() == owner) {
            close(owner, bundle, name);
        } else if (held != null) {
            throw inUse(folder, held);
        }
        if (!folder.exists()) {
            return false;
        }
        erase(folder);
        return true;
    }

    private static StorageException inUse(StoreFolder folder, Held held) {
        return new StorageException(
                "%s is open by %s. Stop that bundle, or unload its component, first."
                        .formatted(folder.title(), held.title()),
                null);
    }

    private static void erase(StoreFolder folder) {
        try {
            folder.remove();
            LOG.log(Level.INFO, "removed the store {0} of {1} with its files", folder.name(), folder.bundle());
        } catch (IOException e) {
            throw folder.failed("could not be removed as a whole", e);
        }
    }

    @Deactivate
    synchronized void deactivate() {
        open.values().forEach(held -> held.store().close());
        open.clear();
    }

    @Override
    public synchronized List<Store> stores() {
        List<Store> stores = new ArrayList<>();
        try {
            for (StoreFolder folder : StoreFolder.all(root)) {
                stores.add(store(folder));
            }
        } catch (IOException e) {
            throw new StorageException("The stores in %s cannot be listed: %s".formatted(root, e), e);
        }
        return stores;
    }

    private Store store(StoreFolder folder) throws IOException {
        StoreFolder.Description description = folder.description();
        Held held = open.get(key(folder));
        return new Store(
                folder.bundle(),
                folder.name(),
                description.kind(),
                folder.bytes(),
                description.effective(),
                held != null,
                held == null ? -1 : held.store().entries(),
                held == null ? List.of() : held.store().problems());
    }

    private StoreFolder existing(String bundle, String name) {
        StoreFolder folder = new StoreFolder(root, bundle, name);
        if (!folder.exists()) {
            throw new StorageException("There is no store %s of %s.".formatted(name, bundle), null);
        }
        return folder;
    }

    private OpenStore opened(StoreFolder folder) {
        Held held = open.get(key(folder));
        if (held == null) {
            throw new StorageException(folder.title() + " is not open. Load the component that uses it first.", null);
        }
        return held.store();
    }

    @Override
    public synchronized void quota(String bundle, String name, long bytes) {
        if (bytes != 0 && bytes < LEAST_QUOTA) {
            throw new IllegalArgumentException("A quota is at least 1 MiB, or 0 for that of the bundle.");
        }
        StoreFolder folder = existing(bundle, name);
        try {
            StoreFolder.Description before = folder.description();
            var after = new StoreFolder.Description(before.kind(), before.quota(), bytes);
            folder.describe(after);
            Held held = open.get(key(folder));
            if (held != null && after.effective() > 0) {
                held.store().quota(after.effective());
            }
        } catch (IOException e) {
            throw folder.failed("takes no quota", e);
        }
    }

    @Override
    public List<String> scrub(String bundle, String name, BooleanSupplier goOn) {
        OpenStore store;
        synchronized (this) {
            store = opened(existing(bundle, name));
        }
        return store.scrub(goOn);
    }

    @Override
    public long compact(String bundle, String name) {
        OpenStore store;
        synchronized (this) {
            store = opened(existing(bundle, name));
        }
        return store.compact();
    }

    @Override
    public synchronized void remove(String bundle, String name) {
        StoreFolder folder = existing(bundle, name);
        Held held = open.get(key(folder));
        if (held != null) {
            throw inUse(folder, held);
        }
        erase(folder);
    }

    @Override
    public synchronized int removeAll(String bundle) {
        try {
            List<StoreFolder> folders = StoreFolder.all(root).stream()
                    .filter(folder -> folder.bundle().equals(bundle))
                    .toList();
            for (StoreFolder folder : folders) {
                Held held = open.get(key(folder));
                if (held != null) {
                    throw inUse(folder, held);
                }
            }
            folders.forEach(StoreRegistry::erase);
            return folders.size();
        } catch (IOException e) {
            throw new StorageException("The stores in %s cannot be listed: %s".formatted(root, e), e);
        }
    }
}
