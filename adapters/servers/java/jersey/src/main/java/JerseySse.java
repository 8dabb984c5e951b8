import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.io.IOException;
import java.net.URI;
import java.util.Properties;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.jersey.grizzly2.httpserver.GrizzlyHttpServerFactory;
import org.glassfish.jersey.media.sse.SseFeature;
import org.glassfish.jersey.server.ResourceConfig;
import ssespec.Protocol;

/** ssespec adapter for the {@code SseEventSink} of Jersey, on Grizzly. */
@Path("/emit")
public final class JerseySse {
  private static final ExecutorService THREADS = Executors.newCachedThreadPool();

  public static void main(String[] arguments) throws Exception {
    HttpServer server =
        GrizzlyHttpServerFactory.createHttpServer(
            URI.create("http://127.0.0.1:0/"), new ResourceConfig(JerseySse.class));
    Protocol.serve(
        "jersey-media-sse",
        version(),
        "event id retry comment",
        server.getListener("grizzly").getPort());
  }

  /** The manifest of the package does not say. */
  private static String version() throws IOException {
    var properties = new Properties();
    properties.load(
        SseFeature.class.getResourceAsStream(
            "/META-INF/maven/org.glassfish.jersey.media/jersey-media-sse/pom.properties"));
    return properties.getProperty("version");
  }

  @POST
  @Produces(MediaType.SERVER_SENT_EVENTS)
  public void emit(String body, @Context SseEventSink sink, @Context Sse sse) {
    var play = new Protocol.Play(body);
    play.sent(); // the head, when this method returns
    THREADS.execute(
        () -> {
          play.run(new Events(sink, sse));
          close(sink);
        });
  }

  private static void close(SseEventSink sink) {
    try {
      sink.close();
    } catch (IOException failure) {
      System.err.println(failure);
    }
  }

  private record Events(SseEventSink sink, Sse sse) implements Protocol.Library {
    @Override
    public void event(Protocol.Event event) throws IOException {
      var builder = sse.newEventBuilder();
      if (event.id() != null) {
        builder.id(event.id());
      }
      if (event.type() != null) {
        builder.name(event.type());
      }
      if (event.retry() != null) {
        builder.reconnectDelay(event.retryMs());
      }
      if (event.data() != null) {
        builder.data(event.data());
      }
      send(builder.build());
    }

    @Override
    public void comment(String text) throws IOException {
      send(sse.newEventBuilder().comment(text).build());
    }

    private void send(OutboundSseEvent event) throws IOException {
      try {
        sink.send(event).toCompletableFuture().join();
      } catch (CompletionException failure) {
        throw new IOException(failure.getCause());
      }
    }
  }
}
