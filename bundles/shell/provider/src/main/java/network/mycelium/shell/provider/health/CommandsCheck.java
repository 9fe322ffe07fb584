package network.mycelium.shell.provider.health;

import java.util.List;
import java.util.function.Supplier;
import network.mycelium.node.health.HealthCheck;

/// Whether every command that a bundle brings can be given.
public final class CommandsCheck implements HealthCheck {
    private final Supplier<List<String>> hidden;

    /// @param hidden commands that another bundle has under the same name
    public CommandsCheck(Supplier<List<String>> hidden) {
        this.hidden = hidden;
    }

    @Override
    public String name() {
        return "commands";
    }

    @Override
    public Finding look() {
        List<Problem> problems = hidden.get().stream()
                .map(name -> new Problem(
                        "two bundles bring the command %s; the one that came first has it".formatted(name),
                        "unload one of them, or have it name its command otherwise"))
                .toList();
        return new Finding(problems.isEmpty() ? "each of its own name" : problems.size() + " hidden", problems);
    }
}
