//! `ssespec decode`: the reference parser on the command line, streaming.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};

use serde_json::json;
use ssespec_parser::{Item, Parser};
use ssespec_report::outcome::ExitCode;

use crate::cli::{DecodeArgs, DecodeFormat};
use crate::error::CliError;

pub(crate) fn run(args: &DecodeArgs) -> Result<ExitCode, CliError> {
    let path = args.file.display().to_string();
    let failed = |source| CliError::Read { path: path.clone(), source };
    let mut input: Box<dyn Read> = if path == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(&args.file).map_err(failed)?)
    };
    let mut printer =
        Printer { out: BufWriter::new(io::stdout().lock()), format: args.format, failed: None };
    let mut parser = Parser::new().report_violations(args.explain);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = match input.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        let bytes = buffer.get(..count).unwrap_or_default();
        let parsed = if count == 0 {
            parser.finish(|item| printer.print(&item))
        } else {
            parser.feed(bytes, |item| printer.print(&item))
        };
        // Each piece is shown as it came, so that a pipe shows events as they arrive.
        printer.flush();
        parsed?;
        match printer.failed.take() {
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(ExitCode::Ok),
            Some(source) => {
                return Err(CliError::Write { path: "stdout".into(), source });
            }
            None if count == 0 => return Ok(ExitCode::Ok),
            None => {}
        }
    }
}

struct Printer<W: Write> {
    out: W,
    format: DecodeFormat,
    failed: Option<io::Error>,
}

impl<W: Write> Printer<W> {
    fn print(&mut self, item: &Item<'_>) {
        let text = match self.format {
            DecodeFormat::Json => as_json(item),
            DecodeFormat::Text => as_text(item),
        };
        if let (Some(text), None) = (text, &self.failed)
            && let Err(error) = writeln!(self.out, "{text}")
        {
            self.failed = Some(error);
        }
    }

    fn flush(&mut self) {
        if let (Err(error), None) = (self.out.flush(), &self.failed) {
            self.failed = Some(error);
        }
    }
}

fn as_json(item: &Item<'_>) -> Option<String> {
    let value = match item {
        Item::Event(event) => json!({"event": {
            "type": event.event_type, "data": event.data, "id": event.last_event_id,
        }}),
        Item::Comment(text) => json!({ "comment": text }),
        Item::Retry(retry) => json!({ "retry": retry.milliseconds }),
        Item::Violation(violation) => json!({"violation": {
            "rule": violation.rule,
            "offset_bytes": violation.offset,
            "message": violation.kind.to_string(),
        }}),
        _ => return None,
    };
    Some(value.to_string())
}

fn as_text(item: &Item<'_>) -> Option<String> {
    Some(match item {
        Item::Event(event) => {
            let mut text = format!("event {}", shown(event.event_type));
            if !event.last_event_id.is_empty() {
                text.push_str(&format!("  id {}", shown(event.last_event_id)));
            }
            for line in event.data.split('\n') {
                text.push_str(&format!("\n  {}", shown(line)));
            }
            text
        }
        Item::Comment(text) => format!(
            "comment{}",
            if text.is_empty() { String::new() } else { format!(" {}", shown(text)) }
        ),
        Item::Retry(retry) => format!("retry {} ms", retry.milliseconds),
        Item::Violation(violation) => {
            format!("! byte {}: {} ({})", violation.offset, violation.kind, violation.rule)
        }
        _ => return None,
    })
}

/// Text without what would steer a terminal.
fn shown(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() })
        .collect()
}
