//! A case in plain words, for the terminal: what is sent, what must be reported, and why.

use std::fmt::Display;

use crate::{
    AwaitCounts, Case, Chunk, ClientCommand, Connection, EventExpectation, Expectation, Finish,
    Framing, HttpVersion, Level, Open, Origin, Outcome, Piece, Profile, RequestMatch, Respond,
    Rule, Span, Splits, Step, Text, escape,
};

/// All there is to know about a case, as text with lines of at most 100 columns, where its own
/// words allow it.
///
/// Bytes are shown as wire strings. A chunk of more than 200 bytes is shown by its pieces, cut
/// short, with its length.
pub fn explain(case: &Case, rule: &Rule) -> String {
    let mut page = Page::default();
    page.line(0, &case.id);
    page.line(2, &case.title);
    page.blank();
    page.words("rule", &format!("{}, {}", rule.id, levels(rule)));
    page.words("", &rule.text);
    page.words("", &rule.url());
    if let Some(note) = &case.note {
        page.words("note", note);
    }
    page.blank();
    open(&case.open, &mut page);
    if case.streams > 1 {
        page.words("streams", &format!("{} at once, each as follows", case.streams));
    }
    if let Some(endpoint) = &case.endpoint {
        asked(endpoint.ask.differences(), &mut page);
    } else if case.is_stream() {
        stream(case, &mut page);
    } else {
        if let Some(passage) = &case.proxy {
            asked(passage.ask.differences(), &mut page);
        }
        for (n, connection) in case.connection.iter().enumerate() {
            self::connection(n + 1, connection, &mut page);
        }
    }
    page.blank();
    if let Some(endpoint) = &case.endpoint {
        page.words("expected", &endpoint.check.expectation());
    } else if let Some(passage) = &case.proxy {
        page.words("expected", &passage.check.expectation());
    } else {
        expected(case, rule.level == Level::Info, &mut page);
    }
    page.blank();
    list("routes", case.routes().iter().map(|it| it.name()), &mut page);
    list("needs", case.needs().iter().map(|it| it.name()), &mut page);
    list("depends", &case.depends, &mut page);
    list("evidence", &case.evidence, &mut page);
    list("covers", &case.covers, &mut page);
    list("kills", &case.kills, &mut page);
    list("aliases", &case.aliases, &mut page);
    page.text
}

/// Text in two columns: a heading, and what belongs to it.
#[derive(Default)]
struct Page {
    text: String,
}

/// Where the second column starts.
const INDENT: usize = 12;

impl Page {
    fn line(&mut self, indent: usize, text: impl Display) {
        self.text.push_str(&format!("{:indent$}{text}\n", ""));
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A heading and one line that is not wrapped, because its bytes count.
    fn entry(&mut self, heading: &str, text: impl Display) {
        let width = INDENT - 2;
        self.line(2, format_args!("{heading:<width$}{text}"));
    }

    /// A heading and words, wrapped.
    fn words(&mut self, heading: &str, text: &str) {
        let mut heading = heading;
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && INDENT + line.chars().count() + word.chars().count() >= 100 {
                self.entry(heading, &line);
                heading = "";
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.entry(heading, &line);
    }
}

fn levels(rule: &Rule) -> String {
    let mut text = rule.level.name().to_uppercase();
    let others: Vec<(&Profile, &Level)> =
        rule.levels.iter().filter(|(_, level)| **level != rule.level).collect();
    for (profile, level) in others {
        let level = level.name().to_uppercase();
        text.push_str(&format!("; profile {}: {level}", profile.name()));
    }
    text
}

fn open(open: &Open, page: &mut Page) {
    if *open == Open::default() {
        return;
    }
    let mut told = Vec::new();
    told.extend(open.method.as_ref().map(|it| format!("method {it}")));
    told.extend(open.target.as_ref().map(|it| format!("URL ends with {it}")));
    let headers = open.headers.iter();
    told.extend(headers.map(|(name, value)| format!("header {name}: {}", shown(value))));
    told.extend(open.body.as_ref().map(|it| format!("body {}", quoted(it))));
    let last_id = open.last_event_id.as_ref();
    told.extend(last_id.map(|it| format!("last event id {}", quoted(it))));
    let listen = open.listen.iter();
    told.extend(listen.map(|it| format!("listen to events of type {}", quoted(it))));
    if open.cross_origin {
        told.push("the stream is on another origin than the page".to_owned());
    }
    if open.with_credentials {
        told.push("with credentials".to_owned());
    }
    let timeout = open.read_timeout_ms;
    told.extend(timeout.map(|ms| format!("give up after {ms} ms of silence")));
    let delay = open.reconnect_ms;
    told.extend(delay.map(|ms| format!("reconnect after {ms} ms at first")));
    rows("told", told, page);
}

fn asked(mut asked: Vec<String>, page: &mut Page) {
    if asked.is_empty() {
        asked.push("the plain request".to_owned());
    }
    rows("asked", asked, page);
}

fn stream(case: &Case, page: &mut Page) {
    let mut writes: Vec<String> = case.stream.iter().map(chunk).collect();
    if case.prompt {
        writes.push("(withheld until all that is expected has been reported)".to_owned());
    }
    writes.push(match case.finish {
        Finish::Sentinel => "(the sentinel event, and the stream stays open)".to_owned(),
        Finish::End => "(end of the body; a reconnection gets the sentinel event)".to_owned(),
    });
    rows("sent", writes, page);
    if case.splits == Splits::Every {
        page.words("", "also cut in two at each byte, and sent byte by byte");
    }
}

fn connection(number: usize, connection: &Connection, page: &mut Page) {
    page.line(2, format_args!("connection {number}"));
    rows("  request", request(&connection.request), page);
    rows("  before", connection.before.iter().map(step), page);
    if !connection.before.iter().any(Step::is_final) {
        rows("  answer", respond(&connection.respond), page);
        let mut steps: Vec<String> = connection.steps.iter().map(step).collect();
        if !connection.steps.last().is_some_and(Step::is_final) {
            steps.push("end of the body".to_owned());
        }
        rows("  steps", steps, page);
    }
}

fn request(request: &RequestMatch) -> Vec<String> {
    let mut wanted = Vec::new();
    let RequestMatch { origin, method, target, header, contains, without, body, not_before } =
        request;
    wanted.extend(origin.map(|it| format!("comes to {}", origin_name(it))));
    wanted.extend(method.as_ref().map(|it| format!("method is {it}")));
    wanted.extend(target.as_ref().map(|it| format!("URL ends with {it}")));
    let header = header.iter();
    wanted.extend(header.map(|(name, value)| format!("header {name} is {}", quoted(value))));
    let contains = contains.iter();
    wanted
        .extend(contains.map(|(name, value)| format!("header {name} contains {}", quoted(value))));
    wanted.extend(without.iter().map(|name| format!("no header {name}")));
    wanted.extend(body.as_ref().map(|it| format!("body is {}", quoted(it))));
    let not_before = not_before.as_ref();
    wanted.extend(not_before.map(|it| {
        let after = duration(*it);
        format!("comes no sooner than {after} after the connection before it ended")
    }));
    wanted
}

fn respond(head: &Respond) -> Vec<String> {
    if let Some(raw) = &head.raw {
        return vec![format!("as bytes: {}", escape(&raw.0))];
    }
    let version = match head.version {
        HttpVersion::Http11 => "",
        HttpVersion::Http10 => ", HTTP/1.0",
    };
    let framing = match (head.framing, head.content_length) {
        (Framing::Chunked, _) => String::new(),
        (Framing::Length, None) => ", delimited by its length".to_owned(),
        (Framing::Length, Some(length)) => format!(", Content-Length {length}"),
        (Framing::Close, _) => ", delimited by the end of the connection".to_owned(),
    };
    let content_type = match head.content_type.0.as_str() {
        "" => "no Content-Type".to_owned(),
        _ => shown(&head.content_type),
    };
    let mut lines = vec![format!("{}, {content_type}{framing}{version}", head.status)];
    let headers = head.header.iter();
    lines.extend(headers.map(|(name, value)| format!("header {name}: {}", shown(value))));
    if let Some(coding) = head.coding {
        lines.push(format!("coded as {}, where the request asks for it", coding.name()));
    }
    if !head.cuts.is_empty() {
        let cuts: Vec<String> = head.cuts.iter().map(u64::to_string).collect();
        lines.push(format!("the coded body is cut after {} bytes", cuts.join(", ")));
    }
    lines
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Own => "the stream's own origin",
        Origin::Other => "the other origin",
    }
}

fn step(step: &Step) -> String {
    match step {
        Step::Send(it) => format!("send {}", chunk(it)),
        Step::Withhold(it) => format!("give to the encoder, without a flush, {}", chunk(it)),
        Step::Raw(wire) => format!("send below the body {}", cut_short(&wire.0)),
        Step::Sentinel {} => "send the sentinel event and wait for its report".to_owned(),
        Step::Pause(span) => format!("pause {}", duration(*span)),
        Step::Await(counts) => format!("wait for: {}", awaited(*counts)),
        Step::Gather {} => "wait until each of the streams has come this far".to_owned(),
        Step::Client(ClientCommand::Close {}) => "tell the client to close".to_owned(),
        Step::Client(ClientCommand::Restart {}) => "tell the client to connect again".to_owned(),
        Step::End { trailers, unfinished } => {
            let mut text = "end of the body".to_owned();
            if let Some(lines) = trailers {
                text.push_str(&format!(", with trailers {}", escape(&lines.0)));
            }
            if *unfinished {
                text.push_str(", the coding without its end");
            }
            text
        }
        Step::Truncate {} => "cut the body short (FIN)".to_owned(),
        Step::Reset {} => "reset the connection (RST)".to_owned(),
        Step::H2Reset { code } => format!("reset the stream ({code})"),
        Step::Goaway { code } => format!("send GOAWAY ({code}) and close the connection"),
        Step::Hold {} => "keep the connection open".to_owned(),
    }
}

fn awaited(counts: AwaitCounts) -> String {
    let kinds = [
        (counts.events, "event", "events"),
        (counts.opened, "opened", "opened"),
        (counts.errors, "error", "errors"),
        (counts.comments, "comment", "comments"),
        (counts.retries, "retry", "retries"),
        (counts.left, "response let go", "responses let go"),
    ];
    let kinds: Vec<String> = kinds
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
    kinds.join(", ")
}

fn expected(case: &Case, is_open: bool, page: &mut Page) {
    if case.outcomes.is_empty() {
        if case.expect.is_empty() {
            page.entry("expected", "no event");
        } else {
            rows("expected", case.expect.iter().map(report), page);
        }
        return;
    }
    page.entry(if is_open { "observed" } else { "expected" }, "one of");
    for outcome in &case.outcomes {
        let Outcome { name, expect, last_header, last_without, last_target, last_origin } = outcome;
        let mut told: Vec<String> = expect.iter().map(report).collect();
        told.extend(last_origin.map(|it| format!("last request: comes to {}", origin_name(it))));
        let target = last_target.as_ref();
        told.extend(target.map(|it| format!("last request: URL ends with {it}")));
        let headers = last_header.iter();
        told.extend(headers.map(|(header, value)| {
            let value = quoted(value);
            format!("last request: header {header} is {value}")
        }));
        let without = last_without.iter();
        told.extend(without.map(|header| format!("last request: no header {header}")));
        if told.is_empty() {
            told.push("no event".to_owned());
        }
        page.line(INDENT, format_args!("{name}:"));
        for line in told {
            page.line(INDENT + 2, line);
        }
    }
}

fn report(report: &Expectation) -> String {
    match report {
        Expectation::Event(EventExpectation { event_type, data, id, origin }) => {
            let mut text = "event".to_owned();
            if let Some(event_type) = event_type {
                text.push_str(&format!(" of type {}", quoted(event_type)));
            }
            text.push_str(&format!(", data {}", quoted_chunk(data)));
            if let Some(id) = id {
                text.push_str(&format!(", last event id {}", quoted(id)));
            }
            if let Some(origin) = origin {
                text.push_str(&format!(", origin: {}", origin_name(*origin)));
            }
            text
        }
        Expectation::Events { prefix, times } => {
            let last = times.saturating_sub(1);
            format!("{times} events, data {} and a number, 0 to {last}", quoted(prefix))
        }
        Expectation::Opened {} => "opened".to_owned(),
        Expectation::Error { fatal: None } => "error".to_owned(),
        Expectation::Error { fatal: Some(true) } => "error, fatal".to_owned(),
        Expectation::Error { fatal: Some(false) } => "error, not fatal".to_owned(),
        Expectation::Comment(text) => format!("comment {}", quoted(text)),
        Expectation::Retry(ms) => format!("reconnection time {ms} ms"),
        Expectation::Closed {} => "closed".to_owned(),
    }
}

fn rows(heading: &str, rows: impl IntoIterator<Item = String>, page: &mut Page) {
    let mut heading = heading;
    for row in rows {
        page.entry(heading, row);
        heading = "";
    }
}

fn list<T: AsRef<str>>(heading: &str, items: impl IntoIterator<Item = T>, page: &mut Page) {
    let items: Vec<String> = items.into_iter().map(|it| it.as_ref().to_owned()).collect();
    if !items.is_empty() {
        page.words(heading, &items.join(", "));
    }
}

/// Most bytes of a chunk that are shown as they are.
const MAX_SHOWN_BYTES: usize = 200;

fn chunk(chunk: &Chunk) -> String {
    if chunk.len() <= MAX_SHOWN_BYTES as u64 {
        return escape(&chunk.to_bytes());
    }
    let pieces: Vec<String> = chunk.0.iter().map(piece).collect();
    format!("{} ({} bytes)", pieces.join(" + "), chunk.len())
}

/// Inside a sentence the data needs quotes; pieces have their own.
fn quoted_chunk(data: &Chunk) -> String {
    if data.len() <= MAX_SHOWN_BYTES as u64 { format!("'{}'", chunk(data)) } else { chunk(data) }
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Bytes(wire) => format!("'{}'", cut_short(&wire.0)),
        Piece::Repeat { bytes, times } => format!("'{}' × {times}", cut_short(&bytes.0)),
        Piece::Generate { seed, bytes, times } => {
            let again = if *times == 1 { String::new() } else { format!(" × {times}") };
            format!("base64 of {bytes} random bytes (seed {seed}){again}")
        }
        Piece::Count { prefix, suffix, times } => {
            let (prefix, suffix) = (cut_short(&prefix.0), cut_short(&suffix.0));
            format!("'{prefix}N{suffix}' for N from 0 to {}", times.saturating_sub(1))
        }
    }
}

fn cut_short(bytes: &[u8]) -> String {
    match bytes.get(..MAX_SHOWN_BYTES) {
        Some(start) if bytes.len() > MAX_SHOWN_BYTES => format!("{}…", escape(start)),
        _ => escape(bytes),
    }
}

fn duration(span: Span) -> String {
    format!("{:?}", span.0)
}

fn shown(text: &Text) -> String {
    escape(text.0.as_bytes())
}

fn quoted(text: &Text) -> String {
    format!("'{}'", cut_short(text.0.as_bytes()))
}
