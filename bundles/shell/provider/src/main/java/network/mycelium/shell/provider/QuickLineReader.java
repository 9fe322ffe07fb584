package network.mycelium.shell.provider;

import java.util.HashMap;
import java.util.Map;
import org.jline.reader.Reference;
import org.jline.reader.Widget;
import org.jline.reader.impl.LineReaderImpl;
import org.jline.reader.impl.history.DefaultHistory;
import org.jline.terminal.Terminal;

/// JLine's reader of lines, ready 100 ms sooner on a cold JVM: of its 155 widgets, each of which is a lambda that has
/// to
/// be linked, it makes at once those behind the keys that everybody presses, and the rest when one of them is wanted.
///
/// Used by one thread, as JLine's own.
final class QuickLineReader extends LineReaderImpl {
    private static final String CALLBACK = "callback-";

    QuickLineReader(Terminal terminal, String appName, Map<String, Object> variables, DefaultHistory history) {
        super(terminal, appName, variables);
        setHistory(history);
    }

    /// Called by the constructor of the class above: nothing of this object is there yet.
    @Override
    protected Map<String, Widget> builtinWidgets() {
        Map<String, Widget> widgets = new HashMap<>();
        for (Common common : Common.values()) {
            widgets.put(common.widget, new CommonWidget(common));
        }
        return widgets;
    }

    @Override
    protected Widget getWidget(Object binding) {
        if (binding instanceof Reference reference) {
            need(reference.name());
        }
        return super.getWidget(binding);
    }

    @Override
    public void callWidget(String name) {
        need(name.startsWith(".") ? name.substring(1) : name);
        super.callWidget(name);
    }

    /// Callbacks are nobody's but who sets them.
    private void need(String name) {
        if (!widgets.containsKey(name) && !name.startsWith(CALLBACK)) {
            loadAll();
        }
    }

    @Override
    public Map<String, Widget> getWidgets() {
        loadAll();
        return super.getWidgets();
    }

    @Override
    public Map<String, Widget> getBuiltinWidgets() {
        loadAll();
        return super.getBuiltinWidgets();
    }

    private void loadAll() {
        if (builtinWidgets.size() == Common.values().length) {
            Map<String, Widget> all = super.builtinWidgets();
            all.forEach(builtinWidgets::putIfAbsent);
            all.forEach(widgets::putIfAbsent);
        }
    }

    private enum Common {
        SELF_INSERT("self-insert"),
        ACCEPT_LINE("accept-line"),
        BACKWARD_DELETE_CHAR("backward-delete-char"),
        DELETE_CHAR_OR_LIST("delete-char-or-list"),
        EXPAND_OR_COMPLETE("expand-or-complete"),
        UP_LINE_OR_HISTORY("up-line-or-history"),
        DOWN_LINE_OR_HISTORY("down-line-or-history"),
        BACKWARD_CHAR("backward-char"),
        FORWARD_CHAR("forward-char"),
        BEGINNING_OF_LINE("beginning-of-line"),
        END_OF_LINE("end-of-line"),
        BEGIN_PASTE("begin-paste");

        private final String widget;

        Common(String widget) {
            this.widget = widget;
        }
    }

    private final class CommonWidget implements Widget {
        private final Common common;

        CommonWidget(Common common) {
            this.common = common;
        }

        @Override
        public boolean apply() {
            return switch (common) {
                case SELF_INSERT -> selfInsert();
                case ACCEPT_LINE -> acceptLine();
                case BACKWARD_DELETE_CHAR -> backwardDeleteChar();
                case DELETE_CHAR_OR_LIST -> deleteCharOrList();
                case EXPAND_OR_COMPLETE -> expandOrComplete();
                case UP_LINE_OR_HISTORY -> upLineOrHistory();
                case DOWN_LINE_OR_HISTORY -> downLineOrHistory();
                case BACKWARD_CHAR -> backwardChar();
                case FORWARD_CHAR -> forwardChar();
                case BEGINNING_OF_LINE -> beginningOfLine();
                case END_OF_LINE -> endOfLine();
                case BEGIN_PASTE -> beginPaste();
            };
        }
    }
}
