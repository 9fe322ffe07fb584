package __name__.provider;

import __name__.__Name__;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/// Offers [__Name__] as a service, and in the shell as `__name__:answer QUESTION`.
@Component(property = {"osgi.command.scope=__name__", "osgi.command.function=answer", "mycelium.summary=Answer a question"})
public final class __Name__Component implements __Name__ {
    @Activate
    void activate() {
        // Get ready here: the node waits until this service is up.
    }

    @Deactivate
    void deactivate() {
        // Give everything back here: threads, sockets, files.
    }

    @Override
    public String answer(String question) {
        return "__name__ heard: " + question;
    }
}
