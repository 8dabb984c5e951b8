import io.javalin.Javalin;
import io.javalin.http.sse.SseClient;
import io.javalin.http.sse.SseHandler;
import ssespec.Protocol;

/** ssespec adapter for the {@code SseClient} of Javalin, on Jetty. */
final class JavalinSse {
  public static void main(String[] arguments) throws Exception {
    Javalin server =
        Javalin.create(
            config -> {
              config.startup.showJavalinBanner = false;
              config.http.maxRequestSize = Long.MAX_VALUE;
              // What `sse` does for GET.
              config.routes.post("/emit", new SseHandler(JavalinSse::emit));
            });
    server.start("127.0.0.1", 0);
    Protocol.serve(
        "javalin",
        Javalin.class.getPackage().getImplementationVersion(),
        "event id comment throw",
        server.port());
  }

  private static void emit(SseClient client) {
    var play = new Protocol.Play(client.ctx().body());
    play.sent(); // the head, before the client is there
    client.onClose(play::left);
    play.run(new Events(client));
    client.close();
  }

  private record Events(SseClient client) implements Protocol.Library {
    @Override
    public void event(Protocol.Event event) {
      if (event.type() == null) {
        client.sendData(event.data(), event.id());
      } else {
        client.sendEvent(event.type(), event.data(), event.id());
      }
    }

    @Override
    public void comment(String text) {
      client.sendComment(text);
    }
  }
}
