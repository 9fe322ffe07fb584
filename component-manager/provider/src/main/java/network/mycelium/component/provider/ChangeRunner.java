package network.mycelium.component.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import network.mycelium.component.ComponentEvent.Type;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentException.Kind;
import network.mycelium.component.ComponentManager.Progress;
import network.mycelium.component.StateHandOver;
import network.mycelium.component.provider.NodeSet.ComponentRecord;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleStore;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceReference;

/// Carries one draft out: everything is fetched and checked first, then installed beside what runs, started and
/// watched until it is ready; only then the journal takes the new set, and what is no longer needed goes. Until
/// the journal has it, any failure removes what was added.
///
/// Threading: one change at a time; the manager sees to it.
final class ChangeRunner {
    private static final Logger LOG = System.getLogger(ChangeRunner.class.getName());

    private final BundleContext context;
    private final BundleStore store;
    private final BundleFetcher fetcher;
    private final InstalledBundles installed;
    private final Readiness readiness;
    private final Journal journal;
    private final Events events;
    private final Supplier<Duration> readyTimeout;

    ChangeRunner(
            BundleContext context,
            BundleStore store,
            BundleFetcher fetcher,
            InstalledBundles installed,
            Readiness readiness,
            Journal journal,
            Events events,
            Supplier<Duration> readyTimeout) {
        this.context = context;
        this.store = store;
        this.fetcher = fetcher;
        this.installed = installed;
        this.readiness = readiness;
        this.journal = journal;
        this.events = events;
        this.readyTimeout = readyTimeout;
    }

    /// @return the set after the change
    NodeSet run(Draft draft, NodeSet set, Progress progress) throws ComponentException {
        if (!journal.refusal().isEmpty()) {
            throw new ComponentException(Kind.STORAGE, journal.refusal());
        }
        Map<String, BundleRef> known = new HashMap<>(set.bundles());
        draft.install().forEach(ref -> known.put(ref.sha256(), ref));
        Set<String> removed = new HashSet<>();
        draft.remove().forEach(bundle -> InstalledBundles.digest(bundle).ifPresent(removed::add));
        NodeSet next = commit(draft, set, known, progress);
        // What is in the journal counts; whatever fails from here on leaves something behind and undoes nothing.
        try {
            store.retain("components", List.copyOf(next.bundles().keySet()));
            if (!draft.replaceFirst()) {
                remove(draft, progress);
            }
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "what " + draft.plan().component() + " no longer needs was not all removed", e);
        }
        return settled(next, known, removed);
    }

    /// All up to the record in the journal, or nothing.
    private NodeSet commit(Draft draft, NodeSet set, Map<String, BundleRef> known, Progress progress)
            throws ComponentException {
        Map<String, BundleStore.Content> bytes = fetcher.loadAll(draft.install(), progress);
        List<Bundle> added = new ArrayList<>();
        Optional<HandOver> handOver = Optional.empty();
        boolean removedFirst = false;
        boolean committed = false;
        try {
            if (draft.replaceFirst()) {
                removedFirst = true;
                remove(draft, progress);
            }
            install(draft, bytes, added, progress);
            if (draft.replaced().isPresent() && draft.subject().isPresent() && !draft.replaceFirst()) {
                handOver = handOver(draft);
            }
            NodeSet next = next(draft, set, known);
            journal.append(next);
            committed = true;
            return next;
        } catch (IOException e) {
            throw new ComponentException(
                    Kind.STORAGE,
                    "The change was undone, because the journal cannot be written: " + e.getMessage() + ".",
                    e);
        } finally {
            // Also when a bundle brings about an error that nobody thought of.
            if (!committed) {
                takeBack(draft, set, handOver, added, removedFirst);
            }
        }
    }

    private void takeBack(
            Draft draft, NodeSet set, Optional<HandOver> handOver, List<Bundle> added, boolean removedFirst) {
        try {
            handOver.ifPresent(HandOver::resume);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, draft.plan().component() + " did not take its state back", e);
        }
        undo(draft, set, added, removedFirst);
    }

    private void install(Draft draft, Map<String, BundleStore.Content> bytes, List<Bundle> added, Progress progress)
            throws ComponentException {
        if (draft.install().isEmpty()) {
            return;
        }
        try {
            for (BundleRef ref : draft.install()) {
                progress.report("installing " + ref.id());
                added.add(installed.install(ref, bytes.get(ref.sha256())));
            }
            if (!installed.resolve(added)) {
                throw new ComponentException(
                        Kind.UNRESOLVABLE,
                        "The framework does not resolve %s although the index does; their manifests and the index differ. Publish them again."
                                .formatted(draft.plan().install()));
            }
            for (Bundle bundle : added) {
                progress.report("starting " + Planner.id(bundle));
                startOne(bundle);
            }
            String problem = readiness.await(added, readyTimeout.get());
            if (!problem.isEmpty()) {
                throw new ComponentException(
                        Kind.NOT_READY,
                        "%s was not ready within %s and was removed again: %s."
                                .formatted(
                                        draft.plan().component(),
                                        InstalledBundles.seconds(readyTimeout.get()),
                                        problem));
            }
        } catch (BundleException e) {
            throw new ComponentException(
                    Kind.REFUSED, "The framework refused a bundle: " + InstalledBundles.words(e) + ".", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ComponentException(Kind.NOT_READY, "Interrupted; the change was undone.", e);
        }
    }

    private void startOne(Bundle bundle) throws ComponentException {
        try {
            installed.start(bundle);
        } catch (BundleException e) {
            Throwable root = InstalledBundles.root(e);
            throw new ComponentException(
                    Kind.NOT_READY,
                    "%s did not start and was removed again: %s."
                            .formatted(
                                    Planner.id(bundle),
                                    root == e || root instanceof TimeoutException ? e.getMessage() : root.toString()),
                    e);
        }
    }

    /// The old version's promise to go on if the new one fails.
    private record HandOver(BundleContext context, ServiceReference<StateHandOver> reference, StateHandOver old) {
        void resume() {
            old.resume();
            context.ungetService(reference);
        }
    }

    private Optional<HandOver> handOver(Draft draft) throws ComponentException {
        Map<String, Bundle> all = installed.all();
        var from = service(all.get(draft.replaced().get().root()));
        var to = service(all.get(draft.subject().get().root()));
        if (from == null || to == null) {
            return Optional.empty();
        }
        StateHandOver old = context.getService(from);
        StateHandOver fresh = context.getService(to);
        if (old == null || fresh == null) {
            return Optional.empty();
        }
        var promise = new HandOver(context, from, old);
        boolean adopted = false;
        try {
            BoundedCall.run("state hand-over", readyTimeout.get(), () -> {
                fresh.adopt(old.release());
                return null;
            });
            adopted = true;
            return Optional.of(promise);
        } catch (Exception e) {
            throw new ComponentException(
                    Kind.NOT_READY,
                    "%s did not take over the state of %s and was removed again: %s."
                            .formatted(
                                    draft.subject().get().key(),
                                    draft.replaced().get().key(),
                                    e),
                    e);
        } finally {
            context.ungetService(to);
            if (!adopted) {
                promise.resume();
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static ServiceReference<StateHandOver> service(Bundle bundle) {
        ServiceReference<?>[] references = bundle == null ? null : bundle.getRegisteredServices();
        for (ServiceReference<?> reference : references == null ? new ServiceReference<?>[0] : references) {
            if (List.of((String[]) reference.getProperty("objectClass")).contains(StateHandOver.class.getName())) {
                return (ServiceReference<StateHandOver>) reference;
            }
        }
        return null;
    }

    private static NodeSet next(Draft draft, NodeSet set, Map<String, BundleRef> known) {
        Map<String, ComponentRecord> components = new HashMap<>(set.components());
        draft.replaced().ifPresent(old -> components.remove(old.key()));
        draft.subject().ifPresent(c -> components.put(c.key(), c));
        NodeSet next = set.next(components, known);
        // Whoever forced a rejected bundle in wants it judged anew.
        return draft.subject()
                .filter(c -> !c.quarantined())
                .map(c -> next.trusting(c.root()))
                .orElse(next);
    }

    /// The set with the closures as they are now: an update may have moved others to the new version's services, and a
    /// restart may have wired what ran unwired before.
    ///
    /// @param known all bundles that any closure may hold
    /// @param removed what is no longer installed because nobody needs it, and not because it could not be had
    private NodeSet settled(NodeSet next, Map<String, BundleRef> known, Set<String> removed) {
        Map<String, List<String>> actual = Closures.of(installed, next, removed);
        Map<String, ComponentRecord> components = new HashMap<>();
        boolean changed = false;
        for (ComponentRecord c : next.components().values()) {
            List<String> closure = actual.getOrDefault(c.key(), c.bundles());
            changed |= !Set.copyOf(closure).equals(Set.copyOf(c.bundles()));
            components.put(c.key(), c.withBundles(closure));
        }
        if (!changed) {
            return next;
        }
        NodeSet settled = next.next(components, known);
        try {
            journal.append(settled);
            return settled;
        } catch (IOException e) {
            // The set before is complete as well: it starts the same bundles, only grouped otherwise.
            LOG.log(Level.WARNING, "the journal cannot be written", e);
            return next;
        }
    }

    private void remove(Draft draft, Progress progress) {
        if (draft.remove().isEmpty()) {
            return;
        }
        progress.report("removing " + String.join(", ", draft.plan().stop()));
        Set<Bundle> staying = new HashSet<>(installed.all().values());
        draft.remove().forEach(staying::remove);
        var threads = new ThreadLeaks(draft.remove(), staying);
        List<String> problems = new ArrayList<>(installed.remove(draft.remove()));
        List<String> leaked = threads.find();
        if (!leaked.isEmpty()) {
            problems.add("threads still running: " + String.join(", ", leaked));
        }
        if (!problems.isEmpty()) {
            events.tell(
                    Type.LEAKED,
                    draft.plan().component(),
                    draft.replaced()
                            .map(ComponentRecord::version)
                            .orElse(draft.plan().version()),
                    draft.plan().change().holder(),
                    String.join("; ", problems));
        }
    }

    private void undo(Draft draft, NodeSet set, List<Bundle> added, boolean removedFirst) {
        List<String> problems = new ArrayList<>(installed.remove(added.reversed()));
        if (removedFirst) {
            problems.addAll(restore(set, readyTimeout.get()));
        }
        if (!problems.isEmpty()) {
            events.tell(
                    Type.LEAKED,
                    draft.plan().component(),
                    draft.plan().version(),
                    draft.plan().change().holder(),
                    String.join("; ", problems));
        }
    }

    /// Installs and starts whatever the set runs and the framework lacks, from the cache: nobody waits for a source
    /// here. One bad bundle stops no other.
    ///
    /// @param limit for fetching what turns out to be corrupt in the cache
    /// @return what went wrong, in words
    List<String> restore(NodeSet set, Duration limit) {
        List<String> problems = new ArrayList<>();
        List<Bundle> added = new ArrayList<>();
        Map<String, Bundle> there = installed.all();
        for (String digest : set.running()) {
            if (there.containsKey(digest)) {
                continue;
            }
            try {
                added.add(installBack(set, digest, limit));
            } catch (ComponentException | BundleException | RuntimeException e) {
                problems.add(set.id(digest) + ": " + InstalledBundles.words(e));
            }
        }
        installed.resolve(added);
        for (Bundle bundle : added) {
            try {
                installed.start(bundle);
            } catch (BundleException e) {
                problems.add(Planner.id(bundle) + ": " + InstalledBundles.words(e));
            }
        }
        return problems;
    }

    private Bundle installBack(NodeSet set, String digest, Duration limit) throws ComponentException, BundleException {
        BundleRef ref = set.bundles().get(digest);
        if (ref == null) {
            throw new ComponentException(
                    Kind.NOT_FOUND, "the journal does not say what it is; load the component that needs it anew");
        }
        if (!store.contains(digest)) {
            throw new ComponentException(
                    Kind.UNAVAILABLE, "it is not in the cache; it is fetched as soon as a source has it");
        }
        return installed.install(ref, fetcher.load(ref, Progress.NONE, limit).content());
    }
}
