import java.io.FileInputStream;
import java.io.InputStream;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateRevokedException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** java Verify.java LEAF CA CRL EPOCH_SECONDS: prints good, revoked REASON or refused. */
public class Verify {
    public static void main(String[] words) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        X509Certificate leaf = (X509Certificate) read(factory, words[0]);
        X509Certificate ca = (X509Certificate) read(factory, words[1]);
        Object crl;
        try (InputStream in = new FileInputStream(words[2])) {
            crl = factory.generateCRL(in);
        }
        PKIXParameters parameters =
            new PKIXParameters(Set.of(new TrustAnchor(ca, null)));
        // The profile's critical policies carry a pointer to the practice statement.
        parameters.setPolicyQualifiersRejected(false);
        parameters.setDate(new Date(Long.parseLong(words[3]) * 1000));
        parameters.addCertStore(
            CertStore.getInstance(
                "Collection", new CollectionCertStoreParameters(List.of(crl))));
        CertPathValidator validator = CertPathValidator.getInstance("PKIX");
        PKIXRevocationChecker checker =
            (PKIXRevocationChecker) validator.getRevocationChecker();
        checker.setOptions(
            EnumSet.of(
                PKIXRevocationChecker.Option.PREFER_CRLS,
                PKIXRevocationChecker.Option.NO_FALLBACK));
        parameters.addCertPathChecker(checker);
        try {
            validator.validate(factory.generateCertPath(List.of(leaf)), parameters);
            System.out.println("good");
        } catch (CertPathValidatorException error) {
            Throwable cause = error.getCause();
            if (cause instanceof CertificateRevokedException revoked) {
                System.out.println("revoked " + revoked.getRevocationReason());
            } else {
                System.out.println("refused");
                System.err.println(error);
            }
        }
    }

    private static java.security.cert.Certificate read(
            CertificateFactory factory, String path) throws Exception {
        try (InputStream in = new FileInputStream(path)) {
            return factory.generateCertificate(in);
        }
    }
}
