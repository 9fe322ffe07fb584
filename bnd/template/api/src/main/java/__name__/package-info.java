/// What others may use of __name__.
@Export
@Version("1.0.0")
package __name__;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
