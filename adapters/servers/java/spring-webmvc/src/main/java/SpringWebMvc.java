import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import ssespec.Protocol;

/** ssespec adapter for the {@code SseEmitter} of Spring MVC, on Tomcat by Spring Boot. */
@EnableAutoConfiguration
@RestController
class SpringWebMvc {
  private static final String FEATURES = "event id retry comment data-less http2 throw";

  private final ExecutorService threads = Executors.newCachedThreadPool();

  public static void main(String[] arguments) throws Exception {
    Protocol.logToStderr();
    SpringApplication application = new SpringApplication(SpringWebMvc.class);
    application.setDefaultProperties(
        Map.of(
            "server.address", "127.0.0.1",
            "server.port", 0,
            "server.http2.enabled", true,
            "spring.main.banner-mode", "off"));
    var context = (ServletWebServerApplicationContext) application.run(arguments);
    Protocol.serve(
        "spring-webmvc",
        SseEmitter.class.getPackage().getImplementationVersion(),
        FEATURES,
        context.getWebServer().getPort());
  }

  @PostMapping("/emit")
  SseEmitter emit(@RequestBody String body) {
    var play = new Protocol.Play(body);
    var emitter = new SseEmitter(0L); // no timeout
    emitter.onError(failure -> play.left());
    emitter.onCompletion(play::left);
    threads.execute(() -> send(play, emitter));
    return emitter;
  }

  @ExceptionHandler
  ResponseEntity<String> refused(Protocol.BadRequest refused) {
    return ResponseEntity.badRequest()
        .contentType(MediaType.TEXT_PLAIN)
        .body(refused.getMessage());
  }

  private static void send(Protocol.Play play, SseEmitter emitter) {
    try {
      if (play.run(new Events(emitter))) {
        emitter.complete();
      }
    } catch (Protocol.Failure | Protocol.BadRequest failure) {
      emitter.completeWithError(failure);
    }
  }

  private record Events(SseEmitter emitter) implements Protocol.Library {
    @Override
    public void event(Protocol.Event event) throws IOException {
      var builder = SseEmitter.event();
      if (event.id() != null) {
        builder.id(event.id());
      }
      if (event.type() != null) {
        builder.name(event.type());
      }
      if (event.retry() != null) {
        builder.reconnectTime(event.retryMs());
      }
      if (event.data() != null) {
        builder.data(event.data());
      }
      emitter.send(builder);
    }

    @Override
    public void comment(String text) throws IOException {
      emitter.send(SseEmitter.event().comment(text));
    }
  }
}
