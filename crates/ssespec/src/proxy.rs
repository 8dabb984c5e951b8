//! `ssespec test proxy`: where the two ends of the proxy are.

use ssespec_harness::{ProxySubject, TargetError};
use ssespec_net::Trust;

use crate::error::CliError;
use crate::proxy_args::ProxyArgs;

pub(crate) fn subject(args: &ProxyArgs) -> Result<ProxySubject, CliError> {
    let usage =
        |error: TargetError| CliError::Usage { help: error.help(), message: error.to_string() };
    let mut subject = ProxySubject::new(&args.via, args.origin).map_err(usage)?;
    if args.origin.port() == 0 && args.start.is_none() {
        return Err(CliError::Usage {
            message: "a proxy that runs already cannot know a port that is still to be chosen"
                .to_owned(),
            help: "give the port that it forwards to: `--origin 127.0.0.1:9000`".to_owned(),
        });
    }
    subject.start.clone_from(&args.start);
    subject.idle = args.idle;
    if args.insecure {
        subject.trust = Trust::Anyone;
    }
    if let Some(path) = &args.cacert {
        let named = |source| CliError::Read { path: path.display().to_string(), source };
        subject.trust = Trust::Roots(std::fs::read(path).map_err(named)?);
    }
    Ok(subject)
}
