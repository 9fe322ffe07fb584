package network.mycelium.shell.provider.settings;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Dictionary;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/// The settings of this node's components: files `config/PID.conf` of the home, which people may edit at any time. They
/// hold from this bundle's start on, before any component that has settings starts, and from some two seconds after a
/// change on. What Configuration Admin knows of them is a copy in memory.
///
/// A line that is wrong is told in the log and by [#problems], and counts as not written; no file is ever changed for
/// it. Threads: all methods may be called by any.
@Component(service = Settings.class, immediate = true)
public final class Settings {
    private static final Logger LOG = System.getLogger(Settings.class.getName());
    private static final long POLL_MILLIS = 1_000;

    private final BundleContext context;
    private final ConfigurationAdmin configurations;
    private final SettingsFolder folder;
    private final SynchronousBundleListener bundles = this::changed;
    private final CountDownLatch end = new CountDownLatch(1);
    private final ReentrantLock lock = new ReentrantLock();

    // All guarded by the lock.
    private final Map<String, Map<String, Object>> applied = new TreeMap<>();
    private Map<String, String> seen = Map.of();
    private Map<String, String> done = Map.of();
    private Set<SettingProblem> told = Set.of();

    /// Read by bundle events too, which must not wait.
    private volatile List<SettingProblem> problems = List.of();

    @Activate
    public Settings(BundleContext context, @Reference ConfigurationAdmin configurations) {
        this.context = context;
        this.configurations = configurations;
        this.folder = new SettingsFolder(Path.of(context.getProperty("mycelium.home"), "config"));
        apply();
        context.addBundleListener(bundles);
        Thread.ofVirtual().name("settings").start(this::watch);
    }

    @Deactivate
    void deactivate() {
        end.countDown();
        context.removeBundleListener(bundles);
    }

    /// What holds, by pid.
    public Map<String, Map<String, Object>> all() {
        lock.lock();
        try {
            return new TreeMap<>(applied);
        } finally {
            lock.unlock();
        }
    }

    /// The mistakes in the files as they are now.
    public List<SettingProblem> problems() {
        apply();
        return problems;
    }

    /// Which settings the installed bundles have, by pid.
    public Map<String, List<DescribedSetting>> described() {
        return DescribedSetting.of(context.getBundles());
    }

    /// Changes the file of a pid, and has the change hold when this returns.
    ///
    /// @param changes by key; empty takes a setting away
    /// @throws IllegalArgumentException if one is unknown or wrong: then none is made
    public void change(String pid, Map<String, Optional<String>> changes) throws IOException {
        DescribedSetting.of(pid, described())
                .ifPresent(known -> changes.forEach((key, value) ->
                        value.ifPresent(text -> find(pid, key, known).value(text))));
        UnaryOperator<SettingsFile> edit = file -> {
            SettingsFile changed = file;
            for (var change : changes.entrySet()) {
                changed = change.getValue().isPresent()
                        ? changed.with(change.getKey(), change.getValue().get())
                        : changed.without(change.getKey());
            }
            return changed;
        };
        lock.lock();
        try {
            folder.edit(pid, edit);
            apply();
        } finally {
            lock.unlock();
        }
    }

    private static DescribedSetting find(String pid, String key, List<DescribedSetting> known) {
        try {
            return DescribedSetting.find(key, known);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("In " + SettingsFolder.name(pid) + " " + e.getMessage(), e);
        }
    }

    private void watch() {
        try {
            while (!end.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                try {
                    poll();
                } catch (IOException | RuntimeException e) {
                    LOG.log(Level.WARNING, "the settings in config/ cannot be read", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// A file that somebody is still writing is read when it has not changed for a whole look.
    void poll() throws IOException {
        lock.lock();
        try {
            Map<String, String> now = folder.stamps();
            if (now.equals(seen) && !now.equals(done)) {
                apply();
                done = now;
            }
            seen = now;
            tell();
        } finally {
            lock.unlock();
        }
    }

    private void apply() {
        lock.lock();
        try {
            List<SettingProblem> found = new ArrayList<>();
            Map<String, SettingsFile> files = folder.read(found);
            // Reading the descriptions of all bundles takes time, which a boot without files does not spend.
            Map<String, List<DescribedSetting>> described = files.isEmpty() ? Map.of() : described();
            files.forEach((pid, file) -> {
                var known = DescribedSetting.of(pid, described);
                CheckedSettings checked = CheckedSettings.of(file, known);
                if (known.isEmpty()) {
                    found.add(new SettingProblem(
                            pid,
                            SettingsFolder.name(pid),
                            0,
                            "no component that is loaded has such settings; load it, or rename the file to one of: "
                                    + String.join(", ", described.keySet()),
                            true));
                }
                checked.mistakes()
                        .forEach(m -> found.add(new SettingProblem(
                                pid,
                                SettingsFolder.name(pid),
                                m.line(),
                                m.problem() + (m.line() > 0 ? " (this line is ignored)" : ""),
                                false)));
                hold(pid, checked.values());
            });
            for (String pid : List.copyOf(applied.keySet())) {
                // One that cannot be read just now goes on as it was.
                boolean unreadable = found.stream()
                        .anyMatch(p ->
                                p.line() == 0 && (p.pid().equals(pid) || p.pid().isEmpty()));
                if (!files.containsKey(pid) && !unreadable) {
                    forget(pid);
                }
            }
            problems = List.copyOf(found);
        } finally {
            lock.unlock();
        }
    }

    private void hold(String pid, Map<String, Object> values) {
        if (values.equals(applied.get(pid)) || (values.isEmpty() && !applied.containsKey(pid))) {
            return;
        }
        Dictionary<String, Object> properties = new Hashtable<>();
        values.forEach((key, value) -> properties.put(key, value instanceof Collection<?> list ? array(list) : value));
        try {
            configuration(pid).update(properties);
            applied.put(pid, values);
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.ERROR, SettingsFolder.name(pid) + " could not be taken over", e);
        }
    }

    private void forget(String pid) {
        try {
            configuration(pid).delete();
            applied.remove(pid);
        } catch (IOException e) {
            LOG.log(Level.ERROR, SettingsFolder.name(pid) + " is gone, and its settings hold on", e);
        }
    }

    private static Object array(Collection<?> list) {
        Class<?> type = list.isEmpty() ? String.class : list.iterator().next().getClass();
        return list.toArray((Object[]) Array.newInstance(type, 0));
    }

    private Configuration configuration(String pid) throws IOException {
        int tilde = pid.indexOf('~');
        return tilde > 0
                ? configurations.getFactoryConfiguration(pid.substring(0, tilde), pid.substring(tilde + 1), "?")
                : configurations.getConfiguration(pid, "?");
    }

    /// A bundle that comes may have settings that nobody knew: its components start with those, checked.
    private void changed(BundleEvent event) {
        if (event.getType() != BundleEvent.RESOLVED) {
            return;
        }
        Set<String> unknown = new HashSet<>();
        problems.stream()
                .filter(SettingProblem::unknownPid)
                .forEach(p -> unknown.add(p.pid().split("~", 2)[0]));
        if (!unknown.isEmpty() && describes(event.getBundle(), unknown)) {
            apply();
        }
    }

    private static boolean describes(Bundle bundle, Set<String> pids) {
        return DescribedSetting.of(bundle).keySet().stream().anyMatch(pids::contains);
    }

    /// Each mistake once. While the node boots, components may come that know what nobody knew.
    private void tell() {
        boolean booted = isBooted();
        Set<SettingProblem> now = new HashSet<>();
        for (SettingProblem problem : problems) {
            if (told.contains(problem) || booted || !problem.unknownPid()) {
                now.add(problem);
                if (!told.contains(problem)) {
                    LOG.log(Level.WARNING, "{0}", problem.text());
                }
            }
        }
        told = now;
    }

    private boolean isBooted() {
        String beginning =
                Objects.requireNonNullElse(context.getProperty("org.osgi.framework.startlevel.beginning"), "1");
        return context.getBundle(0).adapt(FrameworkStartLevel.class).getStartLevel() >= Integer.parseInt(beginning);
    }
}
