package network.mycelium.libp2p.provider.yamux;

import java.io.IOException;

/// The other side broke the yamux protocol: the session ends.
final class YamuxException extends IOException {
    private static final long serialVersionUID = 1L;

    YamuxException(String message) {
        super(message);
    }
}
