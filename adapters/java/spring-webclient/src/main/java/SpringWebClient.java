import java.net.URI;
import java.time.Duration;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import ssespec.Protocol;
import ssespec.Trust;

/** ssespec adapter for the {@code WebClient} of Spring WebFlux, on Reactor Netty. */
final class SpringWebClient {
  private static final String FEATURES =
      "open headers post redirect event-types comments retry tls http2 read-timeout";

  private static final ParameterizedTypeReference<ServerSentEvent<String>> EVENTS =
      new ParameterizedTypeReference<>() {};

  public static void main(String[] arguments) throws Exception {
    Trust trust = Trust.ofTheRun();
    // Reactor Netty lets no more than 500 connections to one host live, and a stream holds its own.
    ConnectionProvider connections = ConnectionProvider.create("streams", Integer.MAX_VALUE);
    HttpClient plain = HttpClient.create(connections).followRedirect(true);
    HttpClient secure =
        plain
            .protocol(HttpProtocol.HTTP11, HttpProtocol.H2)
            .secure(
                tls ->
                    tls.sslContext(
                        Http2SslContextSpec.forClient()
                            .configure(context -> context.trustManager(trust.manager()))));
    Protocol.serve(
        "spring-webflux",
        WebClient.class.getPackage().getImplementationVersion(),
        "per-event",
        FEATURES,
        (open, stream) -> open(open.url().startsWith("https:") ? secure : plain, open, stream));
  }

  private static Runnable open(HttpClient http, Protocol.Command open, Protocol.Stream stream) {
    if (open.readTimeoutMs() != null) {
      http = http.responseTimeout(Duration.ofMillis(open.readTimeoutMs()));
    }
    var request =
        WebClient.builder()
            .clientConnector(new ReactorClientHttpConnector(http))
            .build()
            .method(HttpMethod.valueOf(open.method()))
            .uri(URI.create(open.url()))
            .headers(headers -> open.headers().forEach(headers::set));
    if (open.body() != null) {
      request.bodyValue(open.body());
    }
    return request
        .retrieve()
        .toEntityFlux(EVENTS)
        .doOnNext(response -> stream.opened())
        .flatMapMany(response -> response.getBody())
        .doFinally(end -> stream.closed())
        .subscribe(event -> show(event, stream), failure -> stream.failed(failure, true))
        ::dispose;
  }

  /** A block without data is no event: the package shows such blocks for what else is in them. */
  private static void show(ServerSentEvent<String> block, Protocol.Stream stream) {
    if (block.comment() != null) {
      stream.comment(block.comment());
    }
    if (block.retry() != null) {
      stream.retry(block.retry().toMillis());
    }
    if (block.data() != null) {
      stream.event(block.event(), block.data(), block.id());
    }
  }
}
