package network.mycelium.libp2p.core.noise;

import java.io.IOException;

/// The other side broke the Noise protocol, or is not who it should be: the connection must end.
public final class NoiseException extends IOException {
    private static final long serialVersionUID = 1L;

    public NoiseException(String message) {
        super(message);
    }

    public NoiseException(String message, Throwable cause) {
        super(message, cause);
    }
}
