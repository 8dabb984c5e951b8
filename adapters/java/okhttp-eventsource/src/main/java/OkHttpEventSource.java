import com.launchdarkly.eventsource.CommentEvent;
import com.launchdarkly.eventsource.ConnectStrategy;
import com.launchdarkly.eventsource.ErrorStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.FaultEvent;
import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.RetryDelayStrategy;
import com.launchdarkly.eventsource.StartedEvent;
import com.launchdarkly.eventsource.StreamEvent;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import okhttp3.Headers;
import okhttp3.RequestBody;
import ssespec.Protocol;
import ssespec.Trust;

/** ssespec adapter for LaunchDarkly's {@code okhttp-eventsource}. */
final class OkHttpEventSource {
  private static final String FEATURES =
      "open reconnect reconnect-delay last-event-id headers post redirect event-types comments"
          + " tls http2 read-timeout";

  public static void main(String[] arguments) throws Exception {
    Trust trust = Trust.ofTheRun();
    String version = EventSource.class.getPackage().getImplementationVersion();
    Protocol.serve(
        "okhttp-eventsource",
        version,
        "sticky",
        FEATURES,
        (open, stream) -> {
          EventSource source = source(trust, open);
          new Thread(() -> read(source, stream)).start();
          return source::close;
        });
  }

  private static EventSource source(Trust trust, Protocol.Command open) {
    // The package's own 5 seconds are too short for a stream that may be silent: 0 is no timeout.
    long silenceMs = open.readTimeoutMs() == null ? 0 : open.readTimeoutMs();
    RequestBody body =
        open.body() == null
            ? null
            : RequestBody.create(open.body().getBytes(StandardCharsets.UTF_8));
    var http =
        ConnectStrategy.http(URI.create(open.url()))
            .clientBuilderActions(
                client -> client.sslSocketFactory(trust.sockets(), trust.manager()))
            .readTimeout(silenceMs, TimeUnit.MILLISECONDS)
            .headers(Headers.of(open.headers()))
            .methodAndBody(open.method(), body);
    // By default an error is thrown and ends the stream; with this strategy the package goes on.
    // Neither growth nor chance is in the delay, so that it is the one asked for.
    long reconnectMs =
        open.reconnectMs() == null
            ? EventSource.DEFAULT_RETRY_DELAY_MILLIS
            : open.reconnectMs();
    return new EventSource.Builder(http)
        .errorStrategy(ErrorStrategy.alwaysContinue())
        .retryDelay(reconnectMs, TimeUnit.MILLISECONDS)
        .retryDelayStrategy(
            RetryDelayStrategy.defaultStrategy().backoffMultiplier(1).jitterMultiplier(0))
        .lastEventId(open.lastEventId())
        .build();
  }

  private static void read(EventSource source, Protocol.Stream stream) {
    try (source) {
      for (StreamEvent event : source.anyEvents()) {
        if (event instanceof StartedEvent) {
          stream.opened();
        } else if (event instanceof MessageEvent message) {
          stream.event(message.getEventName(), message.getData(), message.getLastEventId());
        } else if (event instanceof CommentEvent comment) {
          stream.comment(comment.getText());
        } else if (event instanceof FaultEvent fault) {
          stream.failed(fault.getCause(), false);
        }
      }
    } catch (RuntimeException failure) {
      stream.failed(failure, true);
    }
    stream.closed();
  }
}
