//! What metrics and verdicts are called.

use serde_json::Value;

/// What a metric measures, as `docs/load.md` defines it; nothing for one that is not known here.
pub(crate) fn meaning(metric: &str) -> &'static str {
    match metric {
        "connect" => "from the instant at which the plan wanted the stream to a writable socket",
        "connect.raw" => "from the call to connect to a writable socket",
        "headers" => "from the written request to the complete head",
        "ttfe" => "from the instant at which the plan wanted the stream to its first event",
        "ttfe.raw" => "from the start of the attempt to its first event",
        "gap" => "from one event to the next on the same stream",
        "lag" => "from the instant at which an event was due to its dispatch",
        "reconnect" => "from the loss of a stream to the first event of its successor",
        "loop-lag" => "how late the generator came to what it had to do",
        "start-lag" => "how much later than planned streams were started",
        "emission" => "how late the built-in server wrote, by its own schedule",
        _ => "",
    }
}

/// Whether a metric is about the generator and the built-in server, not about the subject.
pub(crate) fn of_generator(metric: &str) -> bool {
    matches!(metric, "loop-lag" | "start-lag" | "emission")
}

/// Whether a metric counts from the actual start, where its namesake counts from the planned one.
pub(crate) fn is_raw(metric: &str) -> bool {
    family(metric) != metric
}

/// The metric without the word that it is not corrected.
pub(crate) fn family(metric: &str) -> &str {
    metric.strip_suffix(".raw").unwrap_or(metric)
}

/// How a run ended, in a word, and the class of that word.
pub(crate) fn verdict(run: &Value) -> (&'static str, &'static str) {
    match run.pointer("/outcome/exit_code").and_then(Value::as_u64) {
        Some(0) => ("passed", "pass"),
        Some(1) => ("failed", "fail"),
        Some(6) => ("not to be trusted", "warn"),
        Some(130) => ("interrupted", "warn"),
        _ => ("did not run", "error"),
    }
}
