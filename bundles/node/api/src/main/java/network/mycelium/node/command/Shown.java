package network.mycelium.node.command;

/// A value that people read otherwise than programs.
///
/// @param text for people
/// @param data for JSON, as [Json] takes it
public record Shown(String text, Object data) {
    @Override
    public String toString() {
        return text;
    }
}
