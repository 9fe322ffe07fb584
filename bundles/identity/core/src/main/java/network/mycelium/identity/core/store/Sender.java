package network.mycelium.identity.core.store;

/// Who offers something: signature checks are counted by it.
///
/// @param peer a name for it, such as its peer id; one budget for each
/// @param member whether it proved to be a member of this network
/// @param trusted this node itself, or its disk: signatures are taken unchecked
public record Sender(String peer, boolean member, boolean trusted) {
    /// What lies on this node's disk, checked when it was first taken.
    public static final Sender DISK = new Sender("the disk", true, true);

    public static Sender member(String peer) {
        return new Sender(peer, true, false);
    }

    public static Sender stranger(String peer) {
        return new Sender(peer, false, false);
    }
}
