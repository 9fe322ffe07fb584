package network.mycelium.greeter.provider;

import network.mycelium.greeter.Greeter;
import org.osgi.service.component.annotations.Component;

/// Greets as a service, and in the shell as `greeter:greet NAME`.
@Component(property = {"osgi.command.scope=greeter", "osgi.command.function=greet", "mycelium.summary=Greet somebody"})
public final class FriendlyGreeter implements Greeter {
    @Override
    public String greet(String name) {
        return "Hello, " + name + "!";
    }
}
