package network.mycelium.shell.provider;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/// Is there while the commands of the core are.
@Component(service = CoreCommands.class)
public final class CoreCommands {
    @Activate
    public CoreCommands(
            @Reference ComponentCommands components,
            @Reference RepositoryCommands repositories,
            @Reference NodeCommands node,
            @Reference MembershipCommands membership,
            @Reference HealthCommands health,
            @Reference Help help) {}
}
