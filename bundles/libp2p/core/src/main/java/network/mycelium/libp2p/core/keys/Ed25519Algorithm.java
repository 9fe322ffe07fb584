package network.mycelium.libp2p.core.keys;

/// Signs and verifies by Ed25519 (RFC 8032). Safe from any thread.
interface Ed25519Algorithm {
    /// @param publicKey what belongs to the seed: whoever calls has proved that
    byte[] sign(byte[] seed, byte[] publicKey, byte[] message);

    /// @return false as well for what is no key or no signature at all
    boolean verify(byte[] publicKey, byte[] message, byte[] signature);
}
