// Java's own HttpClient, as it comes: it offers HTTP/2 by Upgrade without TLS, by ALPN with it.
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

class Client {
    static String base;
    static HttpClient client;
    static volatile boolean isOver;

    static HttpRequest request(String method, String path, byte[] body) {
        var publisher = body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body);
        return HttpRequest.newBuilder(URI.create(base + path)).method(method, publisher).build();
    }

    static String status(String method, String path, byte[] body) throws InterruptedException {
        try {
            return "" + client.send(request(method, path, body), BodyHandlers.ofByteArray()).statusCode();
        } catch (IOException error) {
            return error.toString();
        }
    }

    static List<Double> arrivals() throws Exception {
        var began = System.nanoTime();
        var path = "/sequence?count=3&delay=400ms&format=text";
        var times = new ArrayList<Double>();
        try (InputStream body = client.send(request("GET", path, null), BodyHandlers.ofInputStream()).body()) {
            var piece = new byte[65536];
            while (body.read(piece) > 0)
                times.add((System.nanoTime() - began) / 1e9);
        }
        return times;
    }

    static int large() throws Exception {
        var path = "/parallel?count=1000&delay=1ms&timeline=true";
        var body = client.send(request("GET", path, null), BodyHandlers.ofString()).body();
        var output = body.substring(body.indexOf("\"output\": [") + 11);
        return output.substring(0, output.indexOf(']')).split(",").length;
    }

    static String quoted(List<String> words) {
        return words.stream().map(word -> '"' + word.replace('"', '\'') + '"').collect(Collectors.toList()).toString();
    }

    static String ask() throws Exception {
        var statuses = new ArrayList<String>();
        for (int i = 0; i < 10; i++) {
            statuses.add(status("GET", "/hi?delay=0", null));
            statuses.add(status("POST", "/hi", "hi".getBytes()));
            statuses.add(status("HEAD", "/hi?delay=0", null));
        }
        return "{\"statuses\": %s, \"large\": %d, \"arrivals\": %s}"
                .formatted(quoted(statuses), large(), arrivals());
    }

    static String upload() throws InterruptedException {
        var statuses = new ArrayList<String>();
        for (int i = 0; i < 10; i++)
            statuses.add(status("POST", "/hi", new byte[1000000]));
        return "{\"statuses\": %s}".formatted(quoted(statuses));
    }

    static String load() throws Exception {
        Map<String, Integer> outcomes = new TreeMap<>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 8; i++) {
            threads.add(new Thread(() -> {
                try {
                    for (int nth = 0; !isOver; nth++) {
                        var outcome = nth % 2 == 0 ? status("GET", "/hi?delay=5ms", null)
                                : status("POST", "/hi", "hi".getBytes());
                        synchronized (outcomes) {
                            outcomes.merge(outcome, 1, Integer::sum);
                        }
                    }
                } catch (InterruptedException error) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        threads.forEach(Thread::start);
        System.in.readAllBytes();
        isOver = true;
        for (var thread : threads)
            thread.join();
        return "{\"outcomes\": {" + outcomes.entrySet().stream()
                .map(entry -> quoted(List.of(entry.getKey())).replaceAll("^\\[|\\]$", "") + ": " + entry.getValue())
                .collect(Collectors.joining(", ")) + "}}";
    }

    static SSLContext trusting(String file) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (var stream = new FileInputStream(file)) {
            store.setCertificateEntry("awaitd", CertificateFactory.getInstance("X.509").generateCertificate(stream));
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    public static void main(String[] arguments) throws Exception {
        base = arguments[1];
        client = HttpClient.newBuilder().sslContext(trusting("cert.pem")).build();
        System.out.println(switch (arguments[0]) {
            case "ask" -> ask();
            case "upload" -> upload();
            default -> load();
        });
        System.exit(0);
    }
}
