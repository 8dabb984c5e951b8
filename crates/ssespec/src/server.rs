//! `ssespec test server`: which endpoint, and how it is asked.

use ssespec_harness::{HttpChoice, ServerSubject, Target, TargetError};
use ssespec_net::Trust;

use crate::cli::ServerArgs;
use crate::error::CliError;

/// What stands for a URL that the reference server is to give.
const OWN_URL: &str = "http://localhost/";

pub(crate) fn subject(args: &ServerArgs) -> Result<ServerSubject, CliError> {
    if let Some(command) = &args.exec {
        return Ok(ServerSubject::Exec(command.clone()));
    }
    let usage =
        |error: TargetError| CliError::Usage { help: error.help(), message: error.to_string() };
    let mut target = Target::new(args.url.as_deref().unwrap_or(OWN_URL)).map_err(usage)?;
    for line in &args.headers {
        target.header(line).map_err(usage)?;
    }
    target.body = args.body.as_deref().map(body).transpose()?;
    let method = args.method.as_deref().or(target.body.as_ref().map(|_| "POST"));
    if let Some(method) = method {
        target.method(method).map_err(usage)?;
    }
    if args.insecure {
        target.trust = Trust::Anyone;
    }
    if let Some(path) = &args.cacert {
        let named = |source| CliError::Read { path: path.display().to_string(), source };
        target.trust = Trust::Roots(std::fs::read(path).map_err(named)?);
    }
    target.http = match (args.http1, args.http2) {
        (true, _) => Some(HttpChoice::Http1),
        (_, true) => Some(HttpChoice::Http2),
        _ => None,
    };
    target.watch = args.watch;
    target.min_events = args.min_events;
    target.trigger = args.trigger.as_deref().map(str::parse).transpose().map_err(usage)?;
    target.gauge = args.gauge.as_deref().map(str::parse).transpose().map_err(usage)?;
    let target = Box::new(target);
    Ok(if args.builtin { ServerSubject::Builtin(target) } else { ServerSubject::Url(target) })
}

/// The body itself, or that of a file.
pub(crate) fn body(text: &str) -> Result<String, CliError> {
    let Some(path) = text.strip_prefix('@') else {
        return Ok(text.to_owned());
    };
    std::fs::read_to_string(path).map_err(|source| CliError::Read { path: path.to_owned(), source })
}
