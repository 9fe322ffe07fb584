/// The operator shell as a service, for whatever brings people to it: the terminal, the control socket, SSH.
@Export
@Version("2.0.0")
package network.mycelium.shell;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
