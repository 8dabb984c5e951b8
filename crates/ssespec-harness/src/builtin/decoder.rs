//! The reference parser behind `feed` and `end`.

use base64::Engine as _;
use ssespec_parser::{Item, Parser};

use super::Reporter;
use crate::protocol::Report;

/// One decoded body.
pub(crate) struct Decoder {
    parser: Parser,
    reporter: Reporter,
}

impl Decoder {
    pub(crate) fn new(reporter: Reporter) -> Self {
        Self { parser: Parser::new(), reporter }
    }

    pub(crate) fn feed(&mut self, base64: &str) {
        let bytes = base64::engine::general_purpose::STANDARD.decode(base64);
        let reporter = &self.reporter;
        let fed = bytes.map_err(|error| error.to_string()).and_then(|bytes| {
            self.parser.feed(&bytes, |item| report(reporter, &item)).map_err(|e| e.to_string())
        });
        if let Err(message) = fed {
            reporter.report(Report::Error { fatal: true, message });
        }
    }

    pub(crate) fn end(mut self) {
        let reporter = &self.reporter;
        if let Err(error) = self.parser.finish(|item| report(reporter, &item)) {
            reporter.report(Report::Error { fatal: true, message: error.to_string() });
        }
        self.close();
    }

    pub(crate) fn close(self) {
        self.reporter.report(Report::Closed);
    }
}

/// Reports what the parser found.
pub(super) fn report(reporter: &Reporter, item: &Item<'_>) {
    match item {
        Item::Event(event) => reporter.report(Report::Event {
            event_type: event.event_type.to_owned(),
            data: event.data.to_owned(),
            id: Some(event.last_event_id.to_owned()),
            origin: None,
        }),
        Item::Comment(text) => reporter.report(Report::Comment((*text).to_owned())),
        Item::Retry(retry) => reporter.report(Report::Retry(retry.milliseconds as f64)),
        _ => {}
    }
}
