package network.mycelium.shell.provider.health;

import java.io.IOException;
import network.mycelium.node.health.HealthCheck;
import network.mycelium.shell.provider.settings.SettingProblem;
import network.mycelium.shell.provider.settings.Settings;

/// Whether the files of settings are right.
public final class SettingsCheck implements HealthCheck {
    private final Settings settings;

    public SettingsCheck(Settings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return "settings";
    }

    @Override
    public Finding look() throws IOException {
        return new Finding(
                settings.all().size() + " files hold",
                settings.problems().stream().map(SettingsCheck::problem).toList());
    }

    private static Problem problem(SettingProblem wrong) {
        return new Problem(
                wrong.text(), "correct or remove that; `node config " + wrong.pid() + "` shows what is allowed");
    }
}
