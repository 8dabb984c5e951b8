//! A process per case: its stdout lines are events, its exit is `closed`.

use std::collections::HashMap;
use std::sync::Arc;

use ssespec_scenario::Feature;
use tokio::sync::{mpsc, oneshot, watch};

use crate::instance::{Death, Identity, Instance, Router};
use crate::process::{Lines, spawn};
use crate::protocol::{Command, EventId, Hello, Line, PROTOCOL_VERSION, Report, read_line};
use crate::words::Words;

/// Makes an instance that starts the command for each stream.
///
/// # Errors
/// When the command has no `{url}`.
pub(crate) fn start(
    command: &str,
    features: &[Feature],
    environment: Vec<(String, String)>,
) -> Result<Instance, Death> {
    if !command.contains("{url}") {
        return Err(Death {
            message: format!("`{command}` has no `{{url}}`"),
            help: "put `{url}` where the command takes the stream's URL".to_owned(),
        });
    }
    let (commands, mut received) = mpsc::unbounded_channel();
    let (died, death) = watch::channel(None);
    let router = Arc::new(Router::default());
    let (template, owner) = (command.to_owned(), Arc::clone(&router));
    let task = tokio::spawn(async move {
        let mut streams: HashMap<u64, oneshot::Sender<()>> = HashMap::new();
        while let Some(command) = received.recv().await {
            match command {
                Command::Open(open) => {
                    let command = filled_in(&template, &open.url);
                    let (close, closed) = oneshot::channel();
                    streams.retain(|_, close| !close.is_closed());
                    streams.insert(open.stream, close);
                    let process = Process { stream: open.stream, router: Arc::clone(&owner) };
                    tokio::spawn(process.run(command, environment.clone(), closed));
                }
                Command::Close { stream } => drop(streams.remove(&stream)),
                Command::Exit => break,
                Command::Feed { .. } | Command::End { .. } | Command::Restart { .. } => {}
            }
        }
        drop(streams);
        died.send_replace(Some(Death {
            message: "the run is over".to_owned(),
            help: String::new(),
        }));
    });
    let name = command.split_whitespace().next().unwrap_or(command);
    let mut features = features.to_vec();
    features.push(Feature::Open);
    let hello = Hello {
        protocol: PROTOCOL_VERSION,
        name: name.to_owned(),
        features: features.iter().map(|feature| feature.name().to_owned()).collect(),
        event_id: EventId::Sticky,
        ..Hello::default()
    };
    let identity = Identity { hello, features, lives_on: true, words: Words::default() };
    Ok(Instance::new(identity, commands, router, death, task))
}

/// The process of one stream.
struct Process {
    stream: u64,
    router: Arc<Router>,
}

impl Process {
    async fn run(
        self,
        command: String,
        environment: Vec<(String, String)>,
        mut close: oneshot::Receiver<()>,
    ) {
        let mut spawned = match spawn(&command, &environment) {
            Ok(spawned) => spawned,
            Err(death) => return self.die(death),
        };
        drop(spawned.stdin.take());
        let mut lines = Lines::new(spawned.stdout);
        let mut reported = false;
        loop {
            let line = tokio::select! {
                line = lines.next() => line,
                // Told to close, or the run is over.
                _ = &mut close => break,
            };
            match line {
                Ok(Some(line)) => {
                    let delivered = read_event(&line, self.stream)
                        .and_then(|(report, note)| self.router.deliver(self.stream, report, note));
                    if let Err(death) = delivered {
                        spawned.child.kill().await;
                        return self.die(death);
                    }
                    reported = true;
                }
                Ok(None) => {
                    let status = spawned.child.wait().await;
                    if !reported && status.is_ok_and(|status| status.code() == Some(127)) {
                        return self.die(Death {
                            message: format!(
                                "`{command}` could not be found{}",
                                spawned.stderr.at_end().await
                            ),
                            help: "check the path and the PATH of the command".to_owned(),
                        });
                    }
                    break;
                }
                Err(death) => {
                    spawned.child.kill().await;
                    return self.die(death);
                }
            }
        }
        spawned.child.kill().await;
        let _ = self.router.deliver(self.stream, Report::Closed, None);
    }

    fn die(&self, death: Death) {
        self.router.fail(self.stream, death);
    }
}

/// Puts the URL in place of `{url}`, in quotes unless it stands in quotes already: the `&` of a query
/// is no operator of the shell.
fn filled_in(template: &str, url: &str) -> String {
    let mut command = String::with_capacity(template.len() + url.len());
    let (mut rest, mut quote) = (template, None);
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        if let Some(after) = rest.strip_prefix("{url}") {
            match quote {
                Some(_) => command.push_str(url),
                None => command.push_str(&format!("'{url}'")),
            }
            rest = after;
            continue;
        }
        match (c, quote) {
            ('\\', None | Some('"')) => {
                length += rest.chars().nth(1).map_or(0, char::len_utf8);
            }
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            _ => {}
        }
        let (taken, after) = rest.split_at(length);
        command.push_str(taken);
        rest = after;
    }
    command
}

/// Reads a line in which `op` and `stream` may be left out.
fn read_event(line: &str, stream: u64) -> Result<(Report, Option<&'static str>), Death> {
    let wrong = |message: String| Death {
        message: format!("the command broke the protocol: {message}"),
        help: "print one JSON object a line, as {\"type\":\"message\",\"data\":\"…\",\"id\":\"…\"}"
            .to_owned(),
    };
    let full = match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line) {
        Ok(mut fields) => {
            fields.entry("op").or_insert_with(|| "event".into());
            fields.insert("stream".to_owned(), stream.into());
            serde_json::Value::Object(fields).to_string()
        }
        // A lone surrogate is read, and noted, where the fields are written out.
        Err(_) => line.to_owned(),
    };
    match read_line(&full) {
        Ok(Line::Report { report, note, .. }) => Ok((report, note)),
        Ok(Line::Hello(_)) => Err(wrong("`hello` is for --exec".to_owned())),
        Err(bad) => Err(wrong(bad.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_is_quoted_once() {
        for (template, expected) in [
            ("get {url}", "get 'u?a&b'"),
            ("get '{url}'", "get 'u?a&b'"),
            ("get \"{url}\" {url}", "get \"u?a&b\" 'u?a&b'"),
            ("it\\'s {url}", "it\\'s 'u?a&b'"),
            ("\"\\\"'\" {url}", "\"\\\"'\" 'u?a&b'"),
            ("sh -c 'get \"{url}\"'", "sh -c 'get \"u?a&b\"'"),
            ("ü {url} {other}", "ü 'u?a&b' {other}"),
        ] {
            assert_eq!(filled_in(template, "u?a&b"), expected);
        }
    }
}
