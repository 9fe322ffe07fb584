package network.mycelium.node.health;

import java.util.List;

/// Looks at one thing that can be wrong with a node. `node health` asks all that are registered as services, from
/// several threads, and waits five seconds for each.
public interface HealthCheck {
    /// What is looked at, in a word.
    String name();

    /// Looks now. It may block for a disk or a network.
    ///
    /// @throws Exception if it cannot be found out, which is a problem too
    Finding look() throws Exception;

    /// What was found.
    ///
    /// @param detail how it stands, in a few words
    /// @param problems empty if it is well
    record Finding(String detail, List<Problem> problems) {
        /// Copies the problems.
        public Finding {
            problems = List.copyOf(problems);
        }
    }

    /// @param problem what is wrong, and where
    /// @param remedy what to do about it, as a request
    record Problem(String problem, String remedy) {}
}
