package ssespec;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Trust in the CA of the run, which Java has no setting for that takes a PEM file. */
public record Trust(SSLSocketFactory sockets, X509TrustManager manager) {
  /** Reads the CA that the run names; without one, what Java trusts by itself is trusted. */
  public static Trust ofTheRun() throws GeneralSecurityException, IOException {
    KeyStore trusted = null;
    String path = System.getenv("SSESPEC_CA_FILE");
    if (path != null) {
      trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null);
      try (InputStream file = new FileInputStream(path)) {
        var certificate = CertificateFactory.getInstance("X.509").generateCertificate(file);
        trusted.setCertificateEntry("run", certificate);
      }
    }
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    var manager = (X509TrustManager) managers.getTrustManagers()[0];
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {manager}, null);
    return new Trust(context.getSocketFactory(), manager);
  }
}
