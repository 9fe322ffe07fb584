package network.mycelium.libp2p.provider.yamux;

/// @param maxStreams open streams of one session
/// @param maxWindow bytes that a stream's receive window may grow to, from 256 KiB on
/// @param maxControl bytes of answers that may wait for a peer that does not read; beyond, the session ends
public record YamuxConfig(int maxStreams, int maxWindow, int maxControl) {
    public static final YamuxConfig DEFAULT = new YamuxConfig(1024, 16 << 20, 64 << 10);
}
