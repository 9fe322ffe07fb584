package network.mycelium.repository.provider;

import java.util.List;

/// A parsed index.
///
/// @param sequence the document's `increment`
record IndexDocument(String name, long sequence, List<IndexedResource> resources) {
    static final String FILE = "index.xml";
    static final String XML_NAMESPACE = "http://www.osgi.org/xmlns/repository/v1.0.0";
    /// Capability that carries a publisher's signature over one bundle.
    static final String SIGNATURE_NAMESPACE = "mycelium.signature";
    /// Capability of a bundle that is the root of a component.
    static final String COMPONENT_NAMESPACE = "mycelium.component";
    /// Attribute of a content: the SHA-256 and size of each chunk of it, as `digest:size`, divided by spaces.
    static final String CHUNKS = "mycelium.chunks";
    /// Content capability of OSGi Compendium 132.
    static final String CONTENT_NAMESPACE = "osgi.content";
}
