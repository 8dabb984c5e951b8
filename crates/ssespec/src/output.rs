//! Where text goes: stdout is for machines and for what was asked for, stderr for people.

use std::io::IsTerminal as _;
use std::io::Write as _;

use anstream::AutoStream;
use ssespec_report::console::Style;

use crate::error::CliError;

/// Whether stderr takes colours; `NO_COLOR` and its like are honoured.
pub(crate) fn colour() -> bool {
    AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}

/// The style for stderr.
pub(crate) fn style() -> Style {
    if colour() { Style::coloured() } else { Style::plain() }
}

/// Whether people watch.
pub(crate) fn is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Prints an error with its mend.
pub(crate) fn error(error: &CliError) {
    let mut text = format!("error: {error}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(&format!(": {cause_text}"));
        }
        source = cause.source();
    }
    let help = error.help();
    if !help.is_empty() {
        text.push_str(&format!("\nhelp: {help}"));
    }
    say(&text);
}

/// Prints a line, or several, for people. Whether anybody reads them changes no result: stderr may
/// be closed, as by `2>&1 | head`, where `eprintln!` would panic.
pub(crate) fn say(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{text}");
}

/// Prints what was asked for. A reader that has gone, as `head` does, ends the command quietly.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CliError::Write { path: "stdout".into(), source: error })
        }
        _ => Ok(()),
    }
}
