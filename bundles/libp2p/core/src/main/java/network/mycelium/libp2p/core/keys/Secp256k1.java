package network.mycelium.libp2p.core.keys;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.custom.sec.SecP256K1Curve;

/// ECDSA over secp256k1 (SEC 2), verification only. The JDK has the curve no longer.
final class Secp256k1 {
    private static final SecP256K1Curve CURVE = new SecP256K1Curve();
    private static final ECPoint BASE = CURVE.createPoint(
            new BigInteger("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", 16),
            new BigInteger("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8", 16));

    private Secp256k1() {}

    /// @param signature DER SEQUENCE of r and s
    static boolean verify(byte[] compressedKey, byte[] message, byte[] signature) {
        try {
            BigInteger[] rs = integers(signature);
            BigInteger n = CURVE.getOrder();
            if (rs[0].signum() <= 0 || rs[0].compareTo(n) >= 0 || rs[1].signum() <= 0 || rs[1].compareTo(n) >= 0) {
                return false;
            }
            ECPoint key = CURVE.decodePoint(compressedKey);
            var hash = new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(message));
            BigInteger w = rs[1].modInverse(n);
            ECPoint point = ECAlgorithms.sumOfTwoMultiplies(
                            BASE,
                            hash.multiply(w).mod(n),
                            key,
                            rs[0].multiply(w).mod(n))
                    .normalize();
            return !key.isInfinity()
                    && !point.isInfinity()
                    && point.getAffineXCoord().toBigInteger().mod(n).equals(rs[0]);
        } catch (IllegalArgumentException | ArithmeticException e) {
            // No point of the curve, or no proper signature: it does not verify.
            return false;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256", e);
        }
    }

    private static BigInteger[] integers(byte[] der) {
        if (der.length < 8 || der.length > 72 || der[0] != 0x30 || der[1] != der.length - 2) {
            throw new IllegalArgumentException("no DER sequence");
        }
        var found = new BigInteger[2];
        int at = 2;
        for (int i = 0; i < 2; i++) {
            if (at + 2 > der.length || der[at] != 2 || der[at + 1] <= 0 || at + 2 + der[at + 1] > der.length) {
                throw new IllegalArgumentException("no DER integer");
            }
            found[i] = new BigInteger(der, at + 2, der[at + 1]);
            at += 2 + der[at + 1];
        }
        if (at != der.length) {
            throw new IllegalArgumentException("bytes follow the DER integers");
        }
        return found;
    }
}
