package network.mycelium.shell.provider;

/// Is there once the commands of the core are.
public interface CoreCommands {}
