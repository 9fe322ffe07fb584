package network.mycelium.repository.provider;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import network.mycelium.files.Sha256;
import network.mycelium.repository.BundleRef;

/// The bytes of a bundle, checked as they are read: instead of its end whoever reads it gets an exception if they are
/// not those that the index names. So the bytes that were checked are the bytes that were read, whatever happened to
/// the file meanwhile.
final class VerifiedStream extends InputStream {
    private final InputStream in;
    private final BundleRef bundle;
    private final MessageDigest digest = Sha256.start();
    private long count;
    private boolean verified;

    VerifiedStream(InputStream in, BundleRef bundle) {
        this.in = in;
        this.bundle = bundle;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = in.read(buffer, offset, length);
        if (n < 0) {
            verify();
            return n;
        }
        digest.update(buffer, offset, n);
        count += n;
        if (count > bundle.size()) {
            throw new IOException("it is longer than the %d bytes that the index says".formatted(bundle.size()));
        }
        return n;
    }

    private void verify() throws IOException {
        if (verified) {
            return;
        }
        if (count < bundle.size()) {
            throw new IOException("it ended after %d of %d bytes".formatted(count, bundle.size()));
        }
        if (!Sha256.finish(digest).equals(bundle.sha256())) {
            throw new IOException("its digest is not the one in the index");
        }
        verified = true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
