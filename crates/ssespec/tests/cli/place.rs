//! A directory for one test, and the command run in it.

use std::io::{Read, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Far longer than anything here takes; only a hang reaches it.
pub(crate) const LIMIT: Duration = Duration::from_mins(10);

/// One case that a decoder can answer from a script: the data is `a`.
pub(crate) const ONE_CASE: &str = r"
[[case]]
id = 'demo/one-event'
rule = 'dispatch.blank'
title = 'One event is one event'
stream = ['data: a\n\n']
expect = [{ event = { data = 'a' } }]
";

/// A case of a rule whose level depends on the profile.
pub(crate) const LEVELS: &str = r"
[[rule]]
id = 'demo.level'
level = 'must'
levels = { decoder = 'should', resilient = 'info' }
text = 'An event is reported.'
fragment = 'event-stream-interpretation'

[[case]]
id = 'demo/level'
rule = 'demo.level'
title = 'One event is one event'
stream = ['data: a\n\n']
expect = [{ event = { data = 'a' } }]
";

/// The first line of an adapter that only decodes.
pub(crate) const HELLO: &str =
    r#"echo '{"op":"hello","protocol":1,"name":"fake","features":["feed"]}'"#;

/// A directory that is removed at the end.
pub(crate) struct Place(TempDir);

impl Place {
    /// A directory with [`ONE_CASE`] in `one.toml`.
    pub(crate) fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.write("one.toml", ONE_CASE);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// Writes `adapter.sh`: `hello`, then these lines.
    pub(crate) fn adapter(&self, lines: &str) {
        self.write("adapter.sh", &format!("{HELLO}\n{lines}\n"));
    }

    /// Writes `adapter.sh`: a decoder that reports this data for whatever it is fed, and does
    /// everything else right.
    pub(crate) fn decoder(&self, data: &str) {
        self.adapter(&decoder_lines(
            data,
            "echo \"{\\\"op\\\":\\\"closed\\\",\\\"stream\\\":$n}\"",
        ));
    }

    /// The command, in this directory and without what the environment says of colours and CI.
    pub(crate) fn ssespec(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssespec"));
        command
            .args(args)
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let of_terminals = ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"];
        let of_ci = ["GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"];
        for name in of_terminals.into_iter().chain(of_ci) {
            command.env_remove(name);
        }
        command
    }

    /// Runs the command to its end.
    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        finish(self.ssespec(args).spawn().unwrap())
    }

    /// Runs the command to its end, with this on its stdin.
    #[track_caller]
    pub(crate) fn run_with(&self, args: &[&str], stdin: Vec<u8>) -> Ran {
        let mut child = self.ssespec(args).stdin(Stdio::piped()).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || {
            // The command may end before it has read everything.
            let _ = pipe.write_all(&stdin);
        });
        let ran = finish(child);
        writer.join().unwrap();
        ran
    }

    /// Runs `test client` on `adapter.sh` and `one.toml`.
    #[track_caller]
    pub(crate) fn test_adapter(&self, more: &[&str]) -> Ran {
        let args = ["test", "client", "--exec", "sh adapter.sh", "--scenarios", "one.toml"];
        self.run(&[&args, more].concat())
    }
}

/// The command loop of a decoder, with what it does when told to end or to close stream `$n`.
pub(crate) fn decoder_lines(data: &str, when_closed: &str) -> String {
    // The base64 text is the sentinel that decoders are given.
    format!(
        r#"while read -r line; do
  n=${{line#*'"stream":'}}; n=${{n%%[!0-9]*}}
  event="{{\"op\":\"event\",\"stream\":$n,\"data\":"
  case $line in
    *ZGF0YTogc3Nlc3BlYy1zZW50aW5lbAoK*) echo "$event\"ssespec-sentinel\"}}" ;;
    *'"op":"feed"'*) echo fed >> fed.log; echo "$event\"{data}\"}}" ;;
    *'"op":"end"'*|*'"op":"close"'*) {when_closed} ;;
    *'"op":"exit"'*) exit 0 ;;
  esac
done"#
    )
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Checks the exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Checks that stderr holds this text, however it is wrapped.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(plain(&self.stderr).contains(&plain(text)), "expected `{text}` in\n{self}");
        self
    }

    /// The result on stdout.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in\n{self}"))
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shorten = |text: &str| text.chars().take(20_000).collect::<String>();
        write!(
            f,
            "exit code {:?}\nstdout:\n{}\nstderr:\n{}",
            self.code,
            shorten(&self.stdout),
            shorten(&self.stderr)
        )
    }
}

/// Waits for the end of a command and collects what it prints.
#[track_caller]
pub(crate) fn finish(mut child: Child) -> Ran {
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if began.elapsed() > LIMIT {
            let _ = child.kill();
            let _ = child.wait();
            panic!("no end within {LIMIT:?}; stderr:\n{}", stderr.join().unwrap());
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    Ran { code: status.code(), stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes).unwrap();
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
