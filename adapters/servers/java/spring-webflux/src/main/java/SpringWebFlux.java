import java.time.Duration;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import ssespec.Protocol;

/** ssespec adapter for the {@code ServerSentEvent} of Spring WebFlux, on Reactor Netty. */
@EnableAutoConfiguration
@RestController
class SpringWebFlux {
  private static final String FEATURES =
      "event id retry comment data-less http2 disconnect throw";

  public static void main(String[] arguments) throws Exception {
    Protocol.logToStderr();
    SpringApplication application = new SpringApplication(SpringWebFlux.class);
    application.setDefaultProperties(
        Map.of(
            "server.address", "127.0.0.1",
            "server.port", 0,
            "server.http2.enabled", true,
            "spring.http.codecs.max-in-memory-size", "1GB", // of a request's body
            "spring.main.banner-mode", "off"));
    var context = (ReactiveWebServerApplicationContext) application.run(arguments);
    Protocol.serve(
        "spring-webflux",
        ServerSentEvent.class.getPackage().getImplementationVersion(),
        FEATURES,
        context.getWebServer().getPort());
  }

  @PostMapping("/emit")
  Flux<ServerSentEvent<String>> emit(@RequestBody String body) {
    var play = new Protocol.Play(body);
    return Flux.range(0, play.steps.size())
        .takeUntil(at -> play.steps.get(at).end())
        .concatMap(at -> play(play, at))
        .doOnCancel(play::left);
  }

  @ExceptionHandler
  ResponseEntity<String> refused(Protocol.BadRequest refused) {
    return ResponseEntity.badRequest()
        .contentType(MediaType.TEXT_PLAIN)
        .body(refused.getMessage());
  }

  private static Flux<ServerSentEvent<String>> play(Protocol.Play play, int at) {
    Protocol.Step step = play.steps.get(at);
    try {
      if (step.event() != null) {
        return send(play, Flux.just(build(step.event())));
      } else if (step.comment() != null) {
        var event = ServerSentEvent.<String>builder().comment(step.comment()).build();
        return send(play, Flux.just(event));
      } else if (step.repeat() != null) {
        var event = build(step.repeat().event());
        return send(play, Flux.range(0, step.repeat().count()).map(i -> event));
      } else if (step.sleepMs() != null) {
        return Mono.delay(Duration.ofMillis(step.sleepMs())).thenMany(Flux.empty());
      } else if (step.hold()) {
        return Flux.never();
      } else if (step.fails()) {
        return Flux.error(new Protocol.Failure());
      }
    } catch (RuntimeException refusal) {
      play.refused(at, refusal);
    }
    return Flux.empty();
  }

  private static Flux<ServerSentEvent<String>> send(
      Protocol.Play play, Flux<ServerSentEvent<String>> events) {
    play.sent();
    return events;
  }

  private static ServerSentEvent<String> build(Protocol.Event event) {
    var builder = ServerSentEvent.<String>builder();
    if (event.id() != null) {
      builder.id(event.id());
    }
    if (event.type() != null) {
      builder.event(event.type());
    }
    if (event.retry() != null) {
      builder.retry(Duration.ofMillis(event.retryMs()));
    }
    if (event.data() != null) {
      builder.data(event.data());
    }
    return builder.build();
  }
}
