//! The adapter: protocol version 1 over stdin and stdout, around the decoder and the client.

use std::collections::HashMap;
use std::io::{self, BufRead as _, Write as _};
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::client::{self, Ask, Open, Reporter, Trust};
use crate::decode::{BodyEnd, Decoder, Encoding};
use crate::defect::{Defect, Switch};

/// What the harness commands.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
enum Command {
    Open(Open),
    Feed { stream: u64, bytes: String },
    End { stream: u64 },
    Restart { stream: u64 },
    Close { stream: u64 },
    Exit,
}

/// Tells the harness something: one line of JSON, at once.
pub(crate) fn say(report: &serde_json::Value) {
    let mut out = io::stdout().lock();
    // A harness that is gone ends the process by closing stdin.
    let _ = writeln!(out, "{report}").and_then(|()| out.flush());
}

/// A stream whose bytes are fed by the harness.
struct Fed {
    decoder: Decoder,
    reporter: Reporter,
}

/// Speaks the protocol until stdin ends or `exit` comes. With the origin of a page the client is a
/// browser, as far as an EventSource shows it. Without certificates to trust it has no TLS.
///
/// # Errors
/// Those of starting the runtime. What is wrong with single lines goes to `complain`.
pub fn serve(
    switch: Switch,
    page: Option<String>,
    trust: Option<Trust>,
    complain: impl Fn(&str),
) -> io::Result<()> {
    say(&hello(switch, page.as_deref(), trust.is_some()));
    let (sender, mut lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async move {
        let mut adapter = Adapter {
            switch,
            page,
            trust: trust.unwrap_or_default(),
            slots: Rc::new(Semaphore::new(100)),
            open: HashMap::new(),
            fed: HashMap::new(),
        };
        while let Some(line) = lines.recv().await {
            match serde_json::from_str(&line) {
                Ok(Command::Exit) => return,
                Ok(command) => adapter.obey(command),
                Err(error) => complain(&format!("`{line}` is no command: {error}")),
            }
        }
    });
    Ok(())
}

fn hello(switch: Switch, page: Option<&str>, has_tls: bool) -> serde_json::Value {
    let mut features = vec![
        "open",
        "reconnect",
        "reconnect-delay",
        "last-event-id",
        "headers",
        "post",
        "report",
        "redirect",
        "comments",
        "retry",
        "event-types",
        "h2c",
        "read-timeout",
        "restart",
        "feed",
    ];
    if has_tls {
        features.push("tls");
    }
    if page.is_some() {
        features.extend(["credentials", "cors", "user-agent"]);
    }
    json!({
        "op": "hello",
        "protocol": 1,
        "name": switch.0.map_or("ssespec-mutant", crate::Defect::name),
        "version": env!("CARGO_PKG_VERSION"),
        "language": "Rust",
        "runtime": "",
        "features": features,
        "page_origin": page,
    })
}

/// A stream, from the command to the end of its client.
async fn live(
    open: Open,
    page: Option<String>,
    switch: Switch,
    mut asks: UnboundedReceiver<Ask>,
    slots: Rc<Semaphore>,
) {
    let mut slot = None;
    if switch.has(Defect::HundredStreamsAtMost) {
        tokio::select! {
            taken = slots.acquire() => slot = taken.ok(),
            _ = asks.recv() => return Reporter::new(open.stream, switch).closed(),
        }
    }
    client::run(open, page, switch, asks).await;
    drop(slot);
}

struct Adapter {
    switch: Switch,
    page: Option<String>,
    trust: Trust,
    /// The streams that may be open at once, where that is limited.
    slots: Rc<Semaphore>,
    open: HashMap<u64, UnboundedSender<Ask>>,
    fed: HashMap<u64, Fed>,
}

impl Adapter {
    fn obey(&mut self, command: Command) {
        match command {
            Command::Open(mut open) => {
                open.trust = self.trust.clone();
                let (sender, asks) = mpsc::unbounded_channel();
                self.open.insert(open.stream, sender);
                let (page, slots) = (self.page.clone(), Rc::clone(&self.slots));
                tokio::task::spawn_local(live(open, page, self.switch, asks, slots));
            }
            Command::Feed { stream, bytes } => self.feed(stream, &bytes),
            Command::End { stream } => {
                if let Some(mut fed) = self.fed.remove(&stream) {
                    if let Some(why) = fed.reporter.found(fed.decoder.end(BodyEnd::Clean)) {
                        fed.reporter.failed(why);
                    }
                    fed.reporter.closed();
                }
            }
            Command::Restart { stream } => {
                if let Some(open) = self.open.get(&stream) {
                    // A stream that has failed has nothing to restart.
                    let _ = open.send(Ask::Restart);
                }
            }
            Command::Close { stream } => {
                if let Some(fed) = self.fed.remove(&stream) {
                    fed.reporter.closed();
                }
                if let Some(open) = self.open.get(&stream) {
                    // A stream that has failed is closed already.
                    let _ = open.send(Ask::Close);
                }
            }
            Command::Exit => {}
        }
    }

    fn feed(&mut self, stream: u64, bytes: &str) {
        let switch = self.switch;
        let fed = self.fed.entry(stream).or_insert_with(|| Fed {
            decoder: Decoder::new(switch, "", Encoding::Utf8),
            reporter: Reporter::new(stream, switch),
        });
        let bytes = STANDARD.decode(bytes).unwrap_or_default();
        if let Some(why) = fed.reporter.found(fed.decoder.read(&bytes)) {
            fed.reporter.failed(why);
            fed.reporter.closed();
        }
    }
}
