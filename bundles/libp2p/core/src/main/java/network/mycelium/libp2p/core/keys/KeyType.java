package network.mycelium.libp2p.core.keys;

/// The key types of libp2p/specs peer-ids, by their numbers in the message PublicKey.
public enum KeyType {
    RSA,
    ED25519,
    SECP256K1,
    ECDSA
}
