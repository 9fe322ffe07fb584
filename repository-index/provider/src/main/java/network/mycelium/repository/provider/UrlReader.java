package network.mycelium.repository.provider;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// Opens `file:`, `http:` and `https:` addresses with limits on connecting, on each read and on the pace of the
/// whole: a server that sends a byte now and then holds nobody up.
final class UrlReader {
    private final Duration timeout;
    private final long minimumBytesPerSecond;

    /// @param timeout for connecting and for each read
    /// @param minimumBytesPerSecond the slowest transfer accepted, averaged from the first `timeout` on
    UrlReader(Duration timeout, long minimumBytesPerSecond) {
        this.timeout = timeout;
        this.minimumBytesPerSecond = minimumBytesPerSecond;
    }

    InputStream open(URI location) throws IOException {
        return switch (String.valueOf(location.getScheme())) {
            case "file" -> Files.newInputStream(Path.of(location));
            case "http", "https" -> web(location);
            default -> throw new IOException("no way to open " + location + ": only file, http and https are known");
        };
    }

    private InputStream web(URI location) throws IOException {
        var connection = (HttpURLConnection) location.toURL().openConnection();
        connection.setConnectTimeout((int) timeout.toMillis());
        connection.setReadTimeout((int) timeout.toMillis());
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        int status = connection.getResponseCode();
        if (status != HttpURLConnection.HTTP_OK) {
            connection.disconnect();
            throw new IOException(location + " answered " + status);
        }
        return new Paced(connection.getInputStream(), location);
    }

    private final class Paced extends FilterInputStream {
        private final URI location;
        private final long start = System.nanoTime();
        private long received;

        Paced(InputStream in, URI location) {
            super(in);
            this.location = location;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = super.read(buffer, offset, length);
            received += Math.max(n, 0);
            double seconds = (System.nanoTime() - start) / 1e9;
            if (n >= 0 && seconds > timeout.toSeconds() && received < seconds * minimumBytesPerSecond) {
                throw new IOException("%s is too slow: %d bytes in %.0f s".formatted(location, received, seconds));
            }
            return n;
        }
    }
}
