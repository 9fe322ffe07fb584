package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.util.List;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;

/// Commands that a test makes.
final class TestGroup implements CommandGroup {
    /// What they do.
    interface Runner {
        Object run(String command, Arguments arguments, PrintStream out) throws Exception;
    }

    private final Runner runner;
    private CommandList list;

    TestGroup(String scope, Runner runner, List<Command> commands) {
        this.runner = runner;
        this.list = CommandList.of(scope, commands);
    }

    TestGroup allow(Access level, String... names) {
        list = list.allow(level, names);
        return this;
    }

    TestGroup usesKey(String... names) {
        list = list.usesKey(names);
        return this;
    }

    TestGroup localOnly(String... names) {
        list = list.localOnly(names);
        return this;
    }

    TestGroup register(TestShell shell) {
        shell.add(this);
        return this;
    }

    @Override
    public CommandList commands() {
        return list;
    }

    @Override
    public Object run(String command, Arguments arguments, PrintStream out) throws Exception {
        return runner.run(command, arguments, out);
    }
}
