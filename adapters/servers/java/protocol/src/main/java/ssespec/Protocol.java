package ssespec;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.annotations.SerializedName;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The adapter protocol for server libraries: JSON on stdout, and streams that are asked for. */
public final class Protocol {
  private static final Gson JSON =
      new GsonBuilder().setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES).create();
  /** Stdout without a buffer, so that each line is out when it is written. */
  private static final OutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private static final AtomicLong REQUESTS = new AtomicLong();

  private Protocol() {}

  /** Keeps what a framework logs on stdout out of the protocol. */
  public static void logToStderr() {
    System.setOut(System.err);
  }

  /** What the application gives to the library. A field that is null is not given. */
  public record Event(String type, String data, String id, String retry) {
    /** For a library that takes the reconnection time as a number of milliseconds. */
    public long retryMs() {
      try {
        return new BigDecimal(retry).longValueExact();
      } catch (ArithmeticException failure) {
        throw new IllegalArgumentException(retry + " is no long", failure);
      }
    }
  }

  /** So many events like one. */
  public record Repeat(int count, Event event) {}

  /** A step; one field says which. */
  public record Step(
      Event event,
      String comment,
      Long sleepMs,
      Long heartbeatMs,
      Repeat repeat,
      boolean hold,
      @SerializedName("throw") boolean fails,
      boolean end) {}

  private record Request(List<Step> steps) {}

  /** What a handler that may block does with the steps. An unchecked exception is a refusal. */
  public interface Library {
    void event(Event event) throws IOException;

    default void comment(String text) throws IOException {}
  }

  /** How the application's handler fails. */
  public static final class Failure extends RuntimeException {
    public Failure() {
      super("the application's handler fails here");
    }
  }

  /** A refusal before anything has been sent, to be answered with status 400 and the message. */
  public static final class BadRequest extends RuntimeException {
    private BadRequest(RuntimeException refusal) {
      super(refusal);
    }
  }

  /** One request. */
  public static final class Play {
    public final List<Step> steps;
    private final long number = REQUESTS.incrementAndGet();
    private final CountDownLatch departure = new CountDownLatch(1);
    private boolean sent;
    private boolean ended;

    public Play(String body) {
      steps = JSON.fromJson(body, Request.class).steps();
    }

    /**
     * Plays all steps.
     *
     * @return false if the client has left before
     * @throws Failure at a step that says so
     * @throws BadRequest as long as nothing has been sent
     */
    public boolean run(Library library) {
      try {
        for (int at = 0; at < steps.size() && !steps.get(at).end(); at++) {
          if (departure.getCount() == 0) {
            return false;
          }
          try {
            run(library, steps.get(at));
          } catch (Failure failure) {
            end();
            throw failure;
          } catch (IllegalStateException failure) {
            // What libraries throw when their stream is over.
            throw new IOException(failure);
          } catch (RuntimeException refusal) {
            refused(at, refusal);
          }
        }
      } catch (IOException | InterruptedException failure) {
        System.err.println(failure);
        return false;
      }
      end();
      return true;
    }

    private void run(Library library, Step step) throws IOException, InterruptedException {
      if (step.event() != null) {
        library.event(step.event());
        sent();
      } else if (step.comment() != null) {
        library.comment(step.comment());
        sent();
      } else if (step.repeat() != null) {
        for (int i = 0; i < step.repeat().count() && departure.getCount() > 0; i++) {
          library.event(step.repeat().event());
          sent();
        }
      } else if (step.sleepMs() != null) {
        departure.await(step.sleepMs(), TimeUnit.MILLISECONDS);
      } else if (step.hold()) {
        departure.await();
      } else if (step.fails()) {
        throw new Failure();
      }
    }

    /** Something has been sent, and be it the head alone. */
    public void sent() {
      sent = true;
    }

    /** Reports that the library has refused the values of a step. */
    public void refused(int step, RuntimeException refusal) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("op", "refused");
      line.put("step", step);
      line.put("message", refusal.getMessage());
      write(line);
      if (!sent) {
        end();
        throw new BadRequest(refusal);
      }
    }

    /** The application ends the response: what the library tells from here on is no departure. */
    private synchronized void end() {
      ended = true;
    }

    /** The library says that the client has left. */
    public synchronized void left() {
      if (!ended) {
        ended = true;
        write(Map.of("op", "disconnected", "request", number));
      }
      departure.countDown();
    }
  }

  /** Says hello. Does not return: the process ends when stdin does. */
  public static void serve(String name, String version, String features, int port)
      throws IOException {
    Map<String, Object> hello = new LinkedHashMap<>();
    hello.put("op", "hello");
    hello.put("protocol", 1);
    hello.put("role", "server");
    hello.put("name", name);
    hello.put("version", version);
    hello.put("language", "Java");
    hello.put("runtime", "Java " + Runtime.version());
    hello.put("url", "http://127.0.0.1:" + port + "/emit");
    hello.put("features", List.of(features.split(" ")));
    write(hello);

    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (JSON.fromJson(line, JsonObject.class).get("op").getAsString().equals("exit")) {
        break;
      }
    }
    // Without the hooks of a framework that would wait for open streams.
    Runtime.getRuntime().halt(0);
  }

  private static synchronized void write(Map<String, Object> line) {
    try {
      OUT.write((JSON.toJson(line) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
