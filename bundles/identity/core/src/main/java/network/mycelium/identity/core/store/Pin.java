package network.mycelium.identity.core.store;

import network.mycelium.identity.core.wire.Hash;

/// A charter by version and hash: a tip, or one that must be on the path.
public record Pin(int version, Hash charter) {}
