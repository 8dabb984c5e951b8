//! Says in the words of the scenario language what serde and the TOML reader have to say.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeValue, Error};

use crate::Diagnostic;
use crate::decode::{is_empty_enum, missing_field};
use crate::load::SourceFile;
use crate::suggestion::with_suggestion;

/// The syntax errors of a file, without those that follow from others.
///
/// After a string without its end the reader complains of each line up to the next table, and only
/// the first word is worth reading. A bad escape harms nothing but itself.
pub fn syntax_errors(source: &SourceFile, errors: &[Error]) -> Vec<Diagnostic> {
    let start = |error: &Error| error.span().map_or(0, |span| span.start);
    let mut errors: Vec<&Error> = errors.iter().collect();
    errors.sort_by_key(|error| start(error));
    let mut diagnostics = Vec::new();
    let mut confused_since = None;
    for error in errors {
        let since = confused_since.map(|since| source.text.get(since..start(error)));
        if since.is_none_or(|text| text.unwrap_or_default().contains("\n[[")) {
            diagnostics.push(syntax_error(source, error));
            confused_since = (!is_escape_error(error.message())).then(|| start(error));
        }
    }
    diagnostics
}

fn is_escape_error(message: &str) -> bool {
    message.contains("escape") || message.contains("unicode")
}

fn syntax_error(source: &SourceFile, error: &Error) -> Diagnostic {
    let message = error.message().trim().replace('\n', " ");
    let (what, expected) = match message.split_once(", expected ") {
        Some((what, expected)) => (what, format!("expected {expected}")),
        None => (message.as_str(), String::new()),
    };
    let span = error.span().map(|span| on_one_line(&source.text, span));
    let pointed_at = span.clone().and_then(|span| source.text.get(span));
    let is_string = what.ends_with("string") || what == "string values must be quoted";
    let (what, expected, help) = if is_escape_error(what) {
        let help = "TOML reads the backslashes in \"…\" by itself; write wire strings in single \
                    quotes: '…\\n'";
        (what, expected, Some(help))
    } else if is_string && pointed_at.is_some_and(|text| text.trim().is_empty()) {
        if what == "string values must be quoted" {
            ("the value is missing", "expected a value".to_owned(), None)
        } else {
            let help = "wire strings stand in single quotes on one line: 'data: a\\n\\n'";
            ("the string has no end", expected, Some(help))
        }
    } else if what == "string values must be quoted" {
        let help = "wire strings stand in single quotes: 'data: a\\n\\n'";
        (what, "expected a value".to_owned(), Some(help))
    } else if what == "duplicate key" {
        let help = "keep one of the two; each new case starts with a `[[case]]` line of its own";
        (what, expected, Some(help))
    } else {
        (what, expected, None)
    };
    let mut diagnostic = Diagnostic::error(&source.name, what);
    if let Some(span) = span {
        diagnostic = diagnostic.at(span, expected);
    }
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// An error of serde, in a table of the kind `what` (`case` or `rule`).
pub(crate) fn decode_error(
    source: &SourceFile,
    error: &Error,
    table: &Spanned<DeValue<'_>>,
    what: &str,
) -> Diagnostic {
    let span = error.span().unwrap_or_else(|| table.span());
    let mut path = Vec::new();
    find(table, &span, &mut path);
    let context = Context { source, span, path, what };
    let message = error.message().trim();
    if let Some(name) = missing_field(error) {
        return context.missing(name);
    }
    if is_empty_enum(message) {
        return context.none_named();
    }
    if message.starts_with("wanted exactly 1 element") {
        return context.several_named();
    }
    if let Some((name, known)) = unknown(message) {
        return if message.starts_with("unknown variant") {
            context.unknown_name(&name, &known)
        } else {
            context.unknown_field(&name, &known)
        };
    }
    if let Some(rest) = message.strip_prefix("invalid type: ") {
        return context.wrong_type(rest);
    }
    if let Some(rest) = message.strip_prefix("invalid value: ") {
        return context.wrong_type(rest);
    }
    if message == "wanted string or table" {
        return context
            .error(format!("expected {} in a table of its own", context.noun()))
            .help(context.example());
    }
    context.other(message)
}

/// Where an error stands.
struct Context<'c> {
    source: &'c SourceFile,
    span: Range<usize>,
    /// The keys that lead to it.
    path: Vec<String>,
    what: &'c str,
}

impl Context<'_> {
    fn error(&self, message: impl Into<String>) -> Diagnostic {
        self.labelled(message, "")
    }

    fn labelled(&self, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::error(&self.source.name, message).at(self.span.clone(), label)
    }

    /// The key that holds the value, or that holds the list in which it stands.
    fn key(&self) -> &str {
        self.path.last().map_or(self.what, String::as_str)
    }

    /// The table in which the key stands.
    fn holder(&self) -> &str {
        match self.path.as_slice() {
            [.., holder, _] => holder,
            _ => self.what,
        }
    }

    /// What is named in a list that the path runs through, the innermost first.
    fn noun(&self) -> &'static str {
        for key in self.path.iter().rev() {
            return match key.as_str() {
                "steps" | "before" => "a verb",
                "expect" => "a kind of report",
                "stream" | "send" | "withhold" | "data" => "a piece",
                "needs" => "a feature",
                "routes" => "a route",
                "levels" => "a profile",
                "check" => "a check",
                "free-of" => "a breach",
                "client" => "a command",
                _ => continue,
            };
        }
        "a value"
    }

    fn example(&self) -> &'static str {
        match self.noun() {
            "a verb" => {
                "each step is a table with one verb: \
                 `steps = [{ send = 'data: a\\n\\n' }, { hold = {} }]`"
            }
            "a kind of report" => {
                "each report is a table with its kind: \
                 `expect = [{ event = { data = 'a' } }, { closed = {} }]`"
            }
            "a piece" => {
                "a piece is a table with its kind: `{ repeat = { bytes = 'x', times = 100 } }`"
            }
            "a command" => "write `{ client = { close = {} } }`",
            "a check" => "write `endpoint = { check = { media-type = {} } }`",
            _ => "see docs/scenarios.md",
        }
    }

    fn missing(&self, name: &str) -> Diagnostic {
        let holder = if self.path.is_empty() {
            format!("this {}", self.what)
        } else {
            format!("`{}`", self.key())
        };
        let help = match (self.what, self.path.is_empty(), name) {
            ("case", true, "id") => {
                "add `id = \"theme/what-it-is\"`: lower-case words joined by `-`, for good"
            }
            ("case", true, "rule") => {
                "add `rule = \"…\"`: the id of the rule in rules.toml that a failure breaks"
            }
            (_, true, "title") => {
                "add `title = \"…\"`: what a conforming subject does, as a statement"
            }
            (_, true, "level") => "add `level = \"must\"`, \"should\" or \"info\"",
            (_, true, "text") => "add `text = \"…\"`: what the rule says, in a sentence or two",
            (_, _, "code") => "add `code = \"…\"`: an error code such as \"INTERNAL_ERROR\"",
            (_, _, "times") => "add `times = …`: how often",
            _ => "",
        };
        let diagnostic = self.labelled(format!("{holder} has no `{name}`"), "");
        if help.is_empty() {
            diagnostic.help(format!("add `{name} = …`"))
        } else {
            diagnostic.help(help)
        }
    }

    fn unknown_field(&self, name: &str, known: &[String]) -> Diagnostic {
        let holder = self.holder();
        let diagnostic = self.labelled(
            format!("unknown field `{name}`"),
            match holder {
                "case" => "not a field of a case".to_owned(),
                "rule" => "not a field of a rule".to_owned(),
                holder => format!("not a field of `{holder}`"),
            },
        );
        if known.is_empty() {
            return diagnostic.help(format!("write `{holder} = {{}}`: it has no fields"));
        }
        let home = (holder == "case")
            .then(|| MISPLACED.iter().find(|(field, _)| *field == name))
            .flatten();
        match home {
            Some((_, home)) => diagnostic.help(format!("`{name}` belongs in {home}")),
            None => offer(diagnostic, name, known),
        }
    }

    fn unknown_name(&self, name: &str, known: &[String]) -> Diagnostic {
        let noun = match self.key() {
            // The name is the value of a field of its own.
            key @ ("framing" | "version" | "splits" | "finish" | "level" | "coding" | "origin"
            | "last-origin") => {
                let message = format!("`{name}` is not a value of `{key}`");
                return offer(self.error(message), name, known);
            }
            "steps" | "before" if !is_scalar(name) => {
                let example = format!("write `{{ send = {} }}`", shorten(self.text()));
                let message = "expected a table with a verb, found a string";
                return self.error(message).help(example);
            }
            _ => self.noun(),
        };
        let plain = noun.trim_start_matches("a ");
        offer(self.error(format!("unknown {plain} `{name}`")), name, known)
    }

    fn wrong_type(&self, rest: &str) -> Diagnostic {
        let (found, expected) = rest.split_once(", expected ").unwrap_or((rest, "another"));
        if found == "unit variant" {
            let word = self.text().trim_matches(['"', '\'']).to_owned();
            let message = format!("expected a table with {}, found a bare word", self.noun());
            let fields = if expected.contains("struct") { "{}" } else { "…" };
            return self.labelled(message, "").help(format!("write `{{ {word} = {fields} }}`"));
        }
        let found = found_in_words(found);
        let expected = expected_in_words(expected);
        let message = format!("expected {expected}, found {found}");
        let diagnostic = self.error(message);
        let text = self.text();
        let key = self.key();
        if expected == "a list" {
            diagnostic.help(format!("put it in brackets: `{key} = [{}]`", shorten(text)))
        } else if expected.contains("string") && is_scalar(text) {
            diagnostic.help(format!("write it in quotes: `\"{text}\"`"))
        } else if expected == "a table" {
            diagnostic.help(match key {
                "steps" | "before" | "expect" => self.example().to_owned(),
                "event" => format!("write `event = {{ data = {} }}`", shorten(text)),
                _ => format!("write `{key} = {{ … }}`"),
            })
        } else if text.starts_with(['"', '\'']) {
            diagnostic.help(match expected.as_str() {
                "`true` or `false`" => "write the word without quotes",
                _ => "write the number without quotes",
            })
        } else {
            diagnostic
        }
    }

    fn none_named(&self) -> Diagnostic {
        let noun = self.noun().trim_start_matches("a ");
        let message = format!("the table names no {noun}");
        self.error(message).help(self.example())
    }

    fn several_named(&self) -> Diagnostic {
        let noun = self.noun().replacen("a ", "one ", 1);
        let message = format!("more than {noun} in one table");
        self.error(message).help(self.example())
    }

    /// Words of our own; a bad escape is shown where it stands in the string.
    fn other(&self, message: &str) -> Diagnostic {
        let (message, help) = match message.split_once("; ") {
            Some((message, help)) => (message, Some(help)),
            None => (message, None),
        };
        let mut diagnostic = self.error(message);
        if let Some(escape) = bad_escape(self.text()) {
            let start = self.span.start + escape.start;
            diagnostic = diagnostic.at(start..self.span.start + escape.end, "");
        }
        match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    /// The text of the file that the error points at.
    fn text(&self) -> &str {
        self.source.text.get(self.span.clone()).unwrap_or_default()
    }
}

/// Fields that are often looked for one level too high.
const MISPLACED: &[(&str, &str)] = &[
    ("steps", "`connection = [{ steps = […] }]`"),
    ("before", "`connection = [{ before = […] }]`"),
    ("respond", "`connection = [{ respond = {…}, steps = […] }]`"),
    ("request", "`connection = [{ request = {…}, steps = […] }]`"),
    ("status", "`connection = [{ respond = { status = … } }]`"),
    ("header", "`connection = [{ respond = { header = {…} } }]`"),
    ("content-type", "`connection = [{ respond = { content-type = … } }]`"),
    ("method", "`open = { method = … }`"),
    ("headers", "`open = { headers = {…} }`"),
    ("body", "`open = { body = … }`"),
    ("last-event-id", "`open = { last-event-id = … }`"),
    ("listen", "`open = { listen = […] }`"),
    ("reconnect-ms", "`open = { reconnect-ms = … }`"),
    ("read-timeout-ms", "`open = { read-timeout-ms = … }`"),
    ("event", "`expect = [{ event = {…} }]`"),
    ("error", "`expect = [{ error = {} }]`"),
    ("closed", "`expect = [{ closed = {} }]`"),
];

/// The keys that lead to the value or key at `span`; leaves `path` alone where there is none.
fn find(value: &Spanned<DeValue<'_>>, span: &Range<usize>, path: &mut Vec<String>) -> bool {
    match value.get_ref() {
        DeValue::Table(table) => table.iter().any(|(key, value)| {
            path.push(key.get_ref().to_string());
            let found = key.span() == *span || value.span() == *span || find(value, span, path);
            if !found {
                path.pop();
            }
            found
        }),
        DeValue::Array(array) => {
            array.iter().any(|item| item.span() == *span || find(item, span, path))
        }
        _ => false,
    }
}

/// The name that serde does not know, and the names that it knows.
fn unknown(message: &str) -> Option<(String, Vec<String>)> {
    if let Some(rest) = message.strip_prefix("unexpected keys in table: ") {
        let (names, known) = rest.split_once(", available keys:")?;
        let name = names.split(", ").next()?.to_owned();
        let known = known.split(',').map(str::trim).filter(|name| !name.is_empty());
        return Some((name, known.map(str::to_owned).collect()));
    }
    if !message.starts_with("unknown field") && !message.starts_with("unknown variant") {
        return None;
    }
    let mut ticked = message.split('`').skip(1).step_by(2).map(str::to_owned);
    Some((ticked.next()?, ticked.collect()))
}

/// Adds "did you mean", or the list of what would have been right.
fn offer(diagnostic: Diagnostic, name: &str, known: &[String]) -> Diagnostic {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    with_suggestion(diagnostic, name, &known)
}

fn found_in_words(found: &str) -> String {
    match found {
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => match found.split_once(' ') {
            Some(("integer", number)) => format!("the number {number}"),
            Some(("floating", rest)) => format!("the number {}", rest.replace("point ", "")),
            Some(("string", _)) => "a string".to_owned(),
            Some(("boolean", text)) => text.to_owned(),
            _ => found.to_owned(),
        },
    }
}

fn expected_in_words(expected: &str) -> String {
    let number = |most: String| format!("a whole number from 0 to {most}");
    match expected {
        "u16" => number(u16::MAX.to_string()),
        "u32" => number(u32::MAX.to_string()),
        "u64" => "a whole number, 0 or more".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        _ if expected.starts_with("struct") || expected == "a map" => "a table".to_owned(),
        _ => expected.to_owned(),
    }
}

/// Whether the text is one word, so that quotes around it make it a string.
fn is_scalar(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+_:".contains(&b))
}

fn shorten(text: &str) -> &str {
    if text.len() <= 60 && !text.contains('\n') { text } else { "…" }
}

/// What runs into the next line is drawn as a box over both, where a caret is meant.
fn on_one_line(text: &str, span: Range<usize>) -> Range<usize> {
    let length = text.get(span.clone()).and_then(|part| part.find('\n')).unwrap_or(span.len());
    span.start..span.start + length
}

/// Where the first bad escape of a literal string stands, counted from its opening quote.
fn bad_escape(literal: &str) -> Option<Range<usize>> {
    let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    let mut at = 0;
    while let Some(found) = inner.get(at..)?.find('\\') {
        let start = at + found;
        let rest = inner.get(start + 1..)?;
        let length = match rest.chars().next() {
            Some('x') => 3,
            Some('u') => rest.find('}').map_or(1, |end| end + 1),
            Some(c) => c.len_utf8(),
            None => 0,
        };
        let end = inner.floor_char_boundary((start + 1 + length).min(inner.len()));
        if crate::unescape(inner.get(start..end)?).is_err() {
            return Some(start + 1..end + 1);
        }
        at = end;
    }
    None
}
