package network.mycelium.repository.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.mycelium.files.AtomicFiles;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryException.Kind;

/// Which indexes this node trusts, and the newest of each that it has seen, in the file `state/sources`: what counts is
/// on the disk before anybody uses it. A line that is no source is skipped and stays in the file for whoever mends it.
/// Safe from any thread.
final class TrustedSources {
    private static final Logger LOG = System.getLogger(TrustedSources.class.getName());

    private final Path file;
    /// The distribution's own, which is not in the file: the core manifest decides which index is the right one,
    /// and another distribution begins anew.
    private final Optional<URI> builtIn;
    private final List<String> skipped = new ArrayList<>();
    /// Why the file is not known; then it is not written over either.
    private Optional<IOException> unreadable = Optional.empty();
    /// In the order in which they were added; replaced as a whole once it is on the disk. Guarded by this.
    private Map<URI, TrustedSource> sources = new LinkedHashMap<>();

    TrustedSources(Path file, Optional<TrustedSource> builtIn) throws IOException {
        this.file = file;
        this.builtIn = builtIn.map(TrustedSource::location);
        AtomicFiles.createFolders(file.toAbsolutePath().getParent());
        if (Files.exists(file)) {
            try {
                read(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
            } catch (IOException e) {
                unreadable = Optional.of(e);
                LOG.log(
                        Level.WARNING,
                        "{0} cannot be read, so only the distribution''s own index is used: {1}. Let the node''s user read and write it, and restart the node.",
                        file,
                        e);
            }
        }
        builtIn.ifPresent(source -> sources.put(source.location(), source));
    }

    private void read(String text) {
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                TrustedSource source = TrustedSource.parse(line);
                sources.put(source.location(), source);
            } catch (IllegalArgumentException e) {
                skipped.add(line);
                LOG.log(
                        Level.WARNING,
                        "line {0} of {1} is skipped: {2}. Mend or delete it while the node is down, or add the source anew with `repo add`.",
                        number,
                        file,
                        e.getMessage());
            }
        }
    }

    synchronized List<TrustedSource> all() {
        return List.copyOf(sources.values());
    }

    synchronized Optional<TrustedSource> get(URI location) {
        return Optional.ofNullable(sources.get(location));
    }

    /// Whether there are others than the distribution's own.
    synchronized boolean hasAdded() {
        return sources.keySet().stream().anyMatch(location -> !isBuiltIn(location));
    }

    /// Refuses an index that is older than one seen before, or another one under the same number.
    ///
    /// @param seen the source with the number and digest of its index
    synchronized void check(TrustedSource seen) throws RepositoryException {
        TrustedSource known = sources.get(seen.location());
        if (known == null || seen.publisher().isEmpty() || !known.publisher().equals(seen.publisher())) {
            return;
        }
        if (seen.sequence() < known.sequence()) {
            throw new RepositoryException(
                    Kind.INVALID,
                    "The index at %s is refused: its sequence number %d is older than %d, which this node has seen. Somebody may be replaying an old index."
                            .formatted(seen.location(), seen.sequence(), known.sequence()));
        }
        if (seen.sequence() == known.sequence() && !seen.sha256().equals(known.sha256())) {
            throw new RepositoryException(
                    Kind.INVALID,
                    "The index at %s is refused: there are two contents with the sequence number %d. Its publisher must publish again."
                            .formatted(seen.location(), seen.sequence()));
        }
    }

    /// Trusts a source from now on, or remembers that its index was seen. On the disk when this returns.
    synchronized void put(TrustedSource seen) throws RepositoryException {
        check(seen);
        if (!seen.equals(sources.get(seen.location()))) {
            Map<URI, TrustedSource> next = new LinkedHashMap<>(sources);
            next.put(seen.location(), seen);
            save(next);
        }
    }

    /// @return what was trusted
    synchronized Optional<TrustedSource> remove(URI location) throws RepositoryException {
        Map<URI, TrustedSource> next = new LinkedHashMap<>(sources);
        TrustedSource removed = next.remove(location);
        if (removed != null) {
            save(next);
        }
        return Optional.ofNullable(removed);
    }

    private boolean isBuiltIn(URI location) {
        return builtIn.filter(location::equals).isPresent();
    }

    private void save(Map<URI, TrustedSource> next) throws RepositoryException {
        String before = text(sources);
        String after = text(next);
        try {
            if (!after.equals(before)) {
                if (unreadable.isPresent()) {
                    throw unreadable.get();
                }
                AtomicFiles.write(file, after);
            }
            sources = next;
        } catch (IOException e) {
            throw new RepositoryException(
                    Kind.STORAGE, "The list of sources %s cannot be written: %s.".formatted(file, e), e);
        }
    }

    private String text(Map<URI, TrustedSource> all) {
        var text = new StringBuilder();
        all.values().stream()
                .filter(source -> !isBuiltIn(source.location()))
                .forEach(source -> text.append(source.line()).append('\n'));
        skipped.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }
}
