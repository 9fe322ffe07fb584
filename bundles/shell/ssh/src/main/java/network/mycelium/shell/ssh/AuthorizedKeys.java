package network.mycelium.shell.ssh;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.server.auth.pubkey.PublickeyAuthenticator;
import org.apache.sshd.server.session.ServerSession;

/// Who may log in: the keys in `authorized_keys`, in OpenSSH's format. The file is read anew at each login, so a key
/// that is taken out is out at once. A file that others could write, itself or by its folder, lets nobody in; a line
/// that is not understood lets that key not in. Why is told in the log, once for each state of the file.
final class AuthorizedKeys implements PublickeyAuthenticator {
    private static final Logger LOG = System.getLogger(AuthorizedKeys.class.getName());
    private static final long MAX_FILE = 1 << 20;
    /// What the key of a session may do.
    static final AttributeKey<Grant> GRANT = new AttributeKey<>();

    /// A key that is accepted.
    ///
    /// @param name its comment, or the fingerprint
    record Grant(String name, String fingerprint, KeyOptions options) {}

    private record Entry(PublicKey key, Grant grant) {}

    private final Path file;
    private List<String> told = List.of();

    AuthorizedKeys(Path file) {
        this.file = file;
    }

    /// Called for keys that are only asked about too, before those that are proved: the last one counts.
    @Override
    public boolean authenticate(String username, PublicKey key, ServerSession session) {
        InetAddress from = session.getIoSession().getRemoteAddress() instanceof InetSocketAddress socket
                ? socket.getAddress()
                : null;
        Optional<Grant> grant = find(key, from, Instant.now());
        session.removeAttribute(GRANT);
        grant.ifPresent(found -> session.setAttribute(GRANT, found));
        return grant.isPresent();
    }

    /// @param from where the key's owner is; null if that is not known
    Optional<Grant> find(PublicKey key, InetAddress from, Instant now) {
        return entries().stream()
                .filter(entry -> KeyUtils.compareKeys(entry.key, key))
                .map(Entry::grant)
                .filter(grant -> now.isBefore(grant.options.expires()))
                .filter(grant -> grant.options
                        .from()
                        .map(patterns -> from != null && patterns.match(from))
                        .orElse(true))
                .findFirst();
    }

    private List<Entry> entries() {
        List<String> problems = new ArrayList<>();
        List<Entry> entries = read(problems);
        tell(problems);
        return entries;
    }

    private synchronized void tell(List<String> problems) {
        if (!problems.equals(told)) {
            problems.forEach(problem -> LOG.log(Level.WARNING, problem));
            told = List.copyOf(problems);
        }
    }

    private List<Entry> read(List<String> problems) {
        List<Entry> entries = new ArrayList<>();
        try {
            if (!Files.exists(file)) {
                return entries;
            }
            Path real = file.toRealPath();
            checkPrivate(real);
            checkPrivate(real.getParent());
            checkPrivate(file.toAbsolutePath().getParent());
            if (Files.size(real) > MAX_FILE) {
                throw new IOException("it is larger than %d bytes".formatted(MAX_FILE));
            }
            List<String> lines = Files.readAllLines(real, StandardCharsets.UTF_8);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).strip();
                if (!line.isEmpty() && !line.startsWith("#")) {
                    add(line, i + 1, entries, problems);
                }
            }
        } catch (IOException e) {
            problems.add("Nobody gets in over SSH by %s: %s".formatted(file, e.getMessage()));
            entries.clear();
        }
        return entries;
    }

    private void add(String line, int number, List<Entry> entries, List<String> problems) {
        try {
            KeyLine parts = KeyLine.parse(line);
            KeyOptions options = KeyOptions.parse(parts.options(), ZoneId.systemDefault());
            PublicKey key = PublicKeyEntry.parsePublicKeyEntry(parts.key())
                    .resolvePublicKey(null, null, PublicKeyEntryResolver.FAILING);
            String fingerprint = KeyUtils.getFingerPrint(key);
            String name = parts.comment().isEmpty() ? fingerprint : parts.comment();
            entries.add(new Entry(key, new Grant(name, fingerprint, options)));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            problems.add("The key in line %d of %s is not accepted: %s".formatted(number, file, e.getMessage()));
        }
    }

    private static void checkPrivate(Path path) throws IOException {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class);
        if (attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
                || attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException(
                    "others may write %s; take that from them with `chmod go-w %s`".formatted(path, path));
        }
    }
}
