package network.mycelium.identity.core.document;

import java.util.List;
import java.util.Optional;

/// What a charter owes to the one before it.
public final class Amendment {
    private Amendment() {}

    /// Why it cannot follow the parent, whoever signs it.
    public static Optional<String> objection(
            Document<Charter> next, Document<Charter> parent, Document<Genesis> genesis) {
        Charter child = next.content();
        Charter before = parent.content();
        return first(List.of(
                objection(child.network().equals(Optional.of(genesis.hash())), "it is of another network"),
                objection(child.parent().equals(Optional.of(parent.hash())), "it names another parent"),
                objection(child.version() == before.version() + 1, "its version is not the parent's + 1"),
                objection(child.made() >= before.made(), "it was made before its parent"),
                objection(
                        child.operators().stream().allMatch(o -> o.since() == since(o, child, before)),
                        "an operator is not since the version that it should be"),
                objection(
                        child.validatorsSince() == child.version()
                                || child.validatorsSince() == before.validatorsSince()
                                        && child.validators().equals(before.validators()),
                        "its validators are another set than since the version that it names"),
                objection(
                        child.floor() == before.floor() || child.floor() == child.version(),
                        "its floor is neither the parent's nor its own version")));
    }

    private static int since(Operator operator, Charter child, Charter before) {
        return before.operator(operator.key()).map(Operator::since).orElse(child.version());
    }

    private static Optional<String> objection(boolean holds, String otherwise) {
        return holds ? Optional.empty() : Optional.of(otherwise);
    }

    private static Optional<String> first(List<Optional<String>> objections) {
        return objections.stream().flatMap(Optional::stream).findFirst();
    }
}
