// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AuthProvider;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * What a practice software in Java does with the card, through SunPKCS11 and
 * the configuration cps.cfg in the current folder.
 *
 * <pre>
 * CardClient login PIN PORT ROOTS.pem       fetches https://localhost:PORT/, or the path of the property "path",
 *                                           by the version of HTTP of the property "http" (HTTP_2)
 * CardClient sign PIN ALIAS FILE SIGNATURE  SHA256withRSA
 * CardClient serve PIN PORT ROOTS.pem       logs in, then does what the lines of standard input say:
 *                                           "sign", "fetch", "load", which logs in again, "logout", or
 *                                           "halt", which ends the JVM at once
 * </pre>
 */
public class CardClient {
    private static final String AUTHENTICATION = "Certificat d'Authentification CPS";
    private static final String SIGNATURE = "Certificat de Signature CPS";

    public static void main(String[] arguments) throws Exception {
        Provider provider = Security.getProvider("SunPKCS11").configure("cps.cfg");
        Security.addProvider(provider);
        char[] pin = arguments[1].isEmpty() ? null : arguments[1].toCharArray();
        KeyStore card = KeyStore.getInstance("PKCS11", provider);
        card.load(null, pin);
        switch (arguments[0]) {
            case "login" -> login(card, Integer.parseInt(arguments[2]), Path.of(arguments[3]));
            case "serve" -> serve(card, provider, pin, Integer.parseInt(arguments[2]), Path.of(arguments[3]));
            case "sign" -> sign(card, provider, arguments[2], Path.of(arguments[3]), Path.of(arguments[4]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void sign(KeyStore card, Provider provider, String alias, Path file, Path target) throws Exception {
        PrivateKey key = (PrivateKey) card.getKey(alias, null);
        Files.write(target, sign(card, provider, alias, key, Files.readAllBytes(file)));
    }

    private static byte[] sign(KeyStore card, Provider provider, String alias, PrivateKey key, byte[] data)
            throws Exception {
        Signature signature = Signature.getInstance("SHA256withRSA", provider);
        signature.initSign(key);
        signature.update(data);
        byte[] value = signature.sign();

        Signature verification = Signature.getInstance("SHA256withRSA", "SunRsaSign");
        verification.initVerify(card.getCertificate(alias));
        verification.update(data);
        if (!verification.verify(value)) throw new IllegalStateException("the signature does not verify");
        return value;
    }

    private static void login(KeyStore card, int port, Path roots) throws Exception {
        System.out.print(fetch(context(card, roots), port));
    }

    /** A program that runs all day: the key and the TLS context are those of its start. */
    private static void serve(KeyStore card, Provider provider, char[] pin, int port, Path roots) throws Exception {
        PrivateKey key = (PrivateKey) card.getKey(SIGNATURE, null);
        SSLContext context = context(card, roots);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            try {
                switch (line) {
                    case "sign" -> sign(card, provider, SIGNATURE, key, new byte[] {1});
                    case "fetch" -> fetch(context, port);
                    case "load" -> card.load(null, pin);
                    case "logout" -> ((AuthProvider) provider).logout();
                    case "halt" -> Runtime.getRuntime().halt(0);
                    default -> throw new IllegalArgumentException(line);
                }
                System.out.println("done");
            } catch (Exception failure) {
                System.out.println(chain(failure));
            }
        }
    }

    private static String chain(Throwable failure) {
        StringBuilder text = new StringBuilder("failed");
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) text.append(": ").append(cause);
        return text.toString().replace('\n', ' ');
    }

    private static SSLContext context(KeyStore card, Path roots) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(card, null);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted(roots));
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManager manager = new AuthenticationOnly((X509ExtendedKeyManager) keys.getKeyManagers()[0]);
        context.init(new KeyManager[] {manager}, trust.getTrustManagers(), null);
        return context;
    }

    private static String fetch(SSLContext context, int port) throws Exception {
        HttpClient.Version version = HttpClient.Version.valueOf(System.getProperty("http", "HTTP_1_1"));
        HttpClient client = HttpClient.newBuilder().sslContext(context).version(version).build();
        URI address = URI.create("https://localhost:" + port + System.getProperty("path", "/"));
        HttpRequest request = HttpRequest.newBuilder(address).build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) throw new IllegalStateException("HTTP " + response.statusCode());
        if (version != HttpClient.Version.HTTP_1_1) System.out.println(response.version());
        return response.body();
    }

    private static KeyStore trusted(Path file) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream input = Files.newInputStream(file)) {
            int number = 0;
            for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(input)) {
                store.setCertificateEntry("root" + number++, root);
            }
        }
        return store;
    }

    /** Both certificates of a card carry the same name: the alias tells which one opens sessions. */
    private static final class AuthenticationOnly extends X509ExtendedKeyManager {
        private final X509ExtendedKeyManager keys;

        AuthenticationOnly(X509ExtendedKeyManager keys) {
            this.keys = keys;
        }

        @Override
        public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
            return choose(keyTypes);
        }

        @Override
        public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, javax.net.ssl.SSLEngine engine) {
            return choose(keyTypes);
        }

        private String choose(String[] keyTypes) {
            return java.util.Arrays.asList(keyTypes).contains("RSA") ? AUTHENTICATION : null;
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return new String[] {AUTHENTICATION};
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return null;
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
