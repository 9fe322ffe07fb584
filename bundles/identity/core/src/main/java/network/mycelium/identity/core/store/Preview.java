package network.mycelium.identity.core.store;

import java.util.List;

/// What would hold if a proposed charter held, against what holds.
///
/// @param falls what holds now and would not, or by another statement
/// @param comesBack what would hold then and does not now
/// @param mayBeLost how many keyholders could be lost after, and the rest could still amend: n − m
/// @param proposals statements that would have enough signatures; they are among those that come back
public record Preview(List<Held> falls, List<Held> comesBack, int mayBeLost, List<Held> proposals) {}
