package network.mycelium.libp2p.core.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.Principal;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Date;
import java.util.Set;
import network.mycelium.libp2p.core.tls.Der.Reader;

/// A certificate whose issuer and subject are empty, as js-libp2p makes them. RFC 5280 (4.1.2.4) does not allow that
/// and
/// Java refuses to read one; to libp2p names mean nothing. It is read with names put in and, where it matters, which is
/// the
/// signature, is what came.
public final class NamelessCertificate extends X509Certificate {
    private static final byte[] NO_NAME = Der.sequence();

    private final byte[] encoded;
    private final byte[] toBeSigned;
    private final transient X509Certificate named;

    private NamelessCertificate(byte[] encoded, byte[] toBeSigned, X509Certificate named) {
        this.encoded = encoded;
        this.toBeSigned = toBeSigned;
        this.named = named;
    }

    /// @param java what reads certificates with names
    /// @throws CertificateException if it is no certificate, or one with names
    public static NamelessCertificate read(byte[] encoded, CertificateFactory java) throws CertificateException {
        try {
            var outer = new Reader(encoded);
            var certificate = outer.next(0x30);
            byte[] toBeSigned = certificate.whole();
            byte[] rest = certificate.content();
            var fields = new Reader(toBeSigned).next(0x30);
            byte[] version = fields.whole();
            byte[] serial = fields.whole();
            byte[] algorithm = fields.whole();
            byte[] issuer = fields.whole();
            byte[] validity = fields.whole();
            byte[] subject = fields.whole();
            if (!outer.isEmpty() || !Arrays.equals(issuer, NO_NAME)) {
                throw new CertificateException("not a certificate without an issuer");
            }
            byte[] named = Der.sequence(
                    Der.sequence(
                            version,
                            serial,
                            algorithm,
                            TlsIdentity.NAME,
                            validity,
                            Arrays.equals(subject, NO_NAME) ? TlsIdentity.NAME : subject,
                            fields.content()),
                    rest);
            return new NamelessCertificate(encoded.clone(), toBeSigned, (X509Certificate)
                    java.generateCertificate(new ByteArrayInputStream(named)));
        } catch (IllegalArgumentException e) {
            throw new CertificateException(e.getMessage(), e);
        }
    }

    @Override
    public byte[] getEncoded() {
        return encoded.clone();
    }

    @Override
    public byte[] getTBSCertificate() {
        return toBeSigned.clone();
    }

    @Override
    public void verify(PublicKey key)
            throws CertificateException, NoSuchAlgorithmException, InvalidKeyException, NoSuchProviderException,
                    SignatureException {
        verify(key, Signature.getInstance(getSigAlgName()));
    }

    @Override
    public void verify(PublicKey key, String provider)
            throws CertificateException, NoSuchAlgorithmException, InvalidKeyException, NoSuchProviderException,
                    SignatureException {
        verify(key, Signature.getInstance(getSigAlgName(), provider));
    }

    @Override
    public void verify(PublicKey key, Provider provider)
            throws CertificateException, NoSuchAlgorithmException, InvalidKeyException, SignatureException {
        verify(key, Signature.getInstance(getSigAlgName(), provider));
    }

    private void verify(PublicKey key, Signature signature)
            throws CertificateException, InvalidKeyException, SignatureException {
        try {
            if (getSigAlgName().equals("RSASSA-PSS")) {
                var parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
                parameters.init(getSigAlgParams());
                signature.setParameter(parameters.getParameterSpec(PSSParameterSpec.class));
            }
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new CertificateException("The parameters of its signature cannot be read: " + e.getMessage(), e);
        }
        signature.initVerify(key);
        signature.update(toBeSigned);
        if (!signature.verify(getSignature())) {
            throw new SignatureException("its signature does not match");
        }
    }

    @Override
    public void checkValidity() throws CertificateExpiredException, CertificateNotYetValidException {
        named.checkValidity();
    }

    @Override
    public void checkValidity(Date date) throws CertificateExpiredException, CertificateNotYetValidException {
        named.checkValidity(date);
    }

    @Override
    public int getVersion() {
        return named.getVersion();
    }

    @Override
    public BigInteger getSerialNumber() {
        return named.getSerialNumber();
    }

    @Override
    @SuppressWarnings("deprecation")
    public Principal getIssuerDN() {
        return named.getIssuerDN();
    }

    @Override
    @SuppressWarnings("deprecation")
    public Principal getSubjectDN() {
        return named.getSubjectDN();
    }

    @Override
    public Date getNotBefore() {
        return named.getNotBefore();
    }

    @Override
    public Date getNotAfter() {
        return named.getNotAfter();
    }

    @Override
    public byte[] getSignature() {
        return named.getSignature();
    }

    @Override
    public String getSigAlgName() {
        return named.getSigAlgName();
    }

    @Override
    public String getSigAlgOID() {
        return named.getSigAlgOID();
    }

    @Override
    public byte[] getSigAlgParams() {
        return named.getSigAlgParams();
    }

    @Override
    public boolean[] getIssuerUniqueID() {
        return named.getIssuerUniqueID();
    }

    @Override
    public boolean[] getSubjectUniqueID() {
        return named.getSubjectUniqueID();
    }

    @Override
    public boolean[] getKeyUsage() {
        return named.getKeyUsage();
    }

    @Override
    public int getBasicConstraints() {
        return named.getBasicConstraints();
    }

    @Override
    public PublicKey getPublicKey() {
        return named.getPublicKey();
    }

    @Override
    public boolean hasUnsupportedCriticalExtension() {
        return named.hasUnsupportedCriticalExtension();
    }

    @Override
    public Set<String> getCriticalExtensionOIDs() {
        return named.getCriticalExtensionOIDs();
    }

    @Override
    public Set<String> getNonCriticalExtensionOIDs() {
        return named.getNonCriticalExtensionOIDs();
    }

    @Override
    public byte[] getExtensionValue(String oid) {
        return named.getExtensionValue(oid);
    }

    @Override
    public String toString() {
        return "a certificate without names of " + getPublicKey().getAlgorithm() + " key";
    }
}
