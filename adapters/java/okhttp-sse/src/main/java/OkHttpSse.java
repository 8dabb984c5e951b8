import java.nio.charset.StandardCharsets;
import java.time.Duration;
import okhttp3.Dispatcher;
import okhttp3.Headers;
import okhttp3.OkHttp;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;
import ssespec.Protocol;
import ssespec.Trust;

/** ssespec adapter for {@code okhttp-sse}. */
final class OkHttpSse {
  private static final String FEATURES =
      "open headers post redirect event-types tls http2 read-timeout";

  public static void main(String[] arguments) throws Exception {
    Trust trust = Trust.ofTheRun();
    // OkHttp lets no more than 5 calls to one host run, and a stream is a call that does not end.
    Dispatcher dispatcher = new Dispatcher();
    dispatcher.setMaxRequests(Integer.MAX_VALUE);
    dispatcher.setMaxRequestsPerHost(Integer.MAX_VALUE);
    OkHttpClient client =
        new OkHttpClient.Builder()
            .dispatcher(dispatcher)
            .sslSocketFactory(trust.sockets(), trust.manager())
            .build();
    Protocol.serve(
        "okhttp-sse", OkHttp.VERSION, "sticky", FEATURES, (open, stream) -> open(client, open, stream));
  }

  private static Runnable open(
      OkHttpClient shared, Protocol.Command open, Protocol.Stream stream) {
    // OkHttp's own 10 seconds are too short for a stream that may be silent: 0 is no timeout.
    Duration silence = Duration.ofMillis(open.readTimeoutMs() == null ? 0 : open.readTimeoutMs());
    OkHttpClient client = shared.newBuilder().readTimeout(silence).build();
    RequestBody body =
        open.body() == null
            ? null
            : RequestBody.create(open.body().getBytes(StandardCharsets.UTF_8));
    Request request =
        new Request.Builder()
            .url(open.url())
            .headers(Headers.of(open.headers()))
            .method(open.method(), body)
            .build();
    return EventSources.createFactory(client).newEventSource(request, new Reporter(stream))::cancel;
  }

  private static final class Reporter extends EventSourceListener {
    private final Protocol.Stream stream;

    Reporter(Protocol.Stream stream) {
      this.stream = stream;
    }

    @Override
    public void onOpen(EventSource source, Response response) {
      stream.opened();
    }

    @Override
    public void onEvent(EventSource source, String id, String type, String data) {
      stream.event(type, data, id);
    }

    @Override
    public void onClosed(EventSource source) {
      stream.closed();
    }

    // A stream that its user cancels ends here as well.
    @Override
    public void onFailure(EventSource source, Throwable cause, Response response) {
      stream.failed(cause == null ? response : cause, true);
      stream.closed();
    }
  }
}
