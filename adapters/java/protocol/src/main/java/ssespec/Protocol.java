package ssespec;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The wire of the adapter protocol: one JSON object a line, commands on stdin, reports on stdout. */
public final class Protocol {
  private static final Gson JSON =
      new GsonBuilder().setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES).create();
  /** Stdout without a buffer, so that each line is out when it is written. */
  private static final OutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private Protocol() {}

  /** A command; {@code close} has its stream alone, {@code exit} not even that. */
  public record Command(
      String op,
      long stream,
      String url,
      String method,
      Map<String, String> headers,
      String body,
      String lastEventId,
      Long reconnectMs,
      Long readTimeoutMs) {}

  /** The client under test. */
  public interface Client {
    /** Opens a stream without waiting for it, and returns what its user calls to close it. */
    Runnable open(Command open, Stream stream);
  }

  /** Reports what the client says of one stream. */
  public static final class Stream {
    private final long number;
    private boolean closed;

    private Stream(long number) {
      this.number = number;
    }

    public void opened() {
      report("opened", Map.of());
    }

    /** Reports an event. A null type is the standard's {@code message}, and a null id none. */
    public void event(String type, String data, String id) {
      Map<String, Object> event = new HashMap<>();
      event.put("type", type);
      event.put("data", data);
      event.put("id", id);
      report("event", event);
    }

    public void comment(String text) {
      report("comment", Map.of("text", text));
    }

    public void retry(long ms) {
      report("retry", Map.of("ms", ms));
    }

    public void failed(Object cause, boolean fatal) {
      report("error", Map.of("fatal", fatal, "message", String.valueOf(cause)));
    }

    /** Reports the end of the stream, the first time that it is called. */
    public synchronized void closed() {
      if (!closed) {
        closed = true;
        report("closed", Map.of());
      }
    }

    private void report(String op, Map<String, Object> fields) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("op", op);
      line.put("stream", number);
      line.putAll(fields);
      write(line);
    }
  }

  /** Says hello, then opens and closes the streams of {@code client} until stdin ends. */
  public static void serve(
      String name, String version, String eventId, String features, Client client)
      throws IOException {
    Map<String, Object> hello = new LinkedHashMap<>();
    hello.put("op", "hello");
    hello.put("protocol", 1);
    hello.put("name", name);
    hello.put("version", version);
    hello.put("language", "Java");
    hello.put("runtime", "Java " + Runtime.version());
    hello.put("event_id", eventId);
    hello.put("features", List.of(features.split(" ")));
    write(hello);

    Map<Long, Runnable> closers = new HashMap<>();
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Command command = JSON.fromJson(line, Command.class);
      switch (command.op()) {
        case "open" -> {
          Stream stream = new Stream(command.stream());
          try {
            closers.put(command.stream(), client.open(command, stream));
          } catch (RuntimeException failure) {
            stream.failed(failure, true);
            stream.closed();
          }
        }
        case "close" -> {
          Runnable closer = closers.remove(command.stream());
          if (closer != null) {
            closer.run();
          }
        }
        case "exit" -> System.exit(0);
        default -> {}
      }
    }
    System.exit(0);
  }

  private static synchronized void write(Map<String, Object> line) {
    try {
      OUT.write((JSON.toJson(line) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
