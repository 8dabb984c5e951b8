//! `ssespec mock`: the mock server by itself, for people with curl.

use std::sync::Arc;

use ssespec_load::origin::Threads;
use ssespec_mock::{Diversion, Mock, MockConfig};
use ssespec_report::outcome::ExitCode;
use ssespec_scenario::{Case, Role};

use crate::cli::MockArgs;
use crate::error::CliError;
use crate::{output, scenarios, signal, test};

pub(crate) fn run(args: &MockArgs) -> Result<ExitCode, CliError> {
    let catalogue = scenarios::load(args.scenarios.as_deref())?.only(Role::Client);
    let selection = test::selection(&args.case, &[], &catalogue)?;
    let selected = |case: &&Arc<Case>| {
        case.routes().into_iter().any(|route| selection.selects(&case.id, route))
    };
    let visits: Vec<Arc<Case>> = catalogue.cases().iter().filter(selected).cloned().collect();
    let count = visits.len();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Bug(format!("failed to start the runtime: {error}")))?;
    let threads = Threads::start(args.workers.into(), &args.stalls)
        .map_err(|error| CliError::Bug(format!("failed to start the load endpoints: {error}")))?;
    let threads = Arc::new(threads);
    let diversion = Diversion { prefix: "/load/", take: Arc::new(move |it| threads.take(it)) };
    runtime.block_on(async {
        let interrupted = signal::listen();
        // Two: that of `{other-url}`, and that of a page.
        let mock = Mock::start(MockConfig {
            listen: args.listen,
            visits,
            further_origins: 2,
            diversion: Some(diversion),
            ..MockConfig::default()
        })
        .await?;
        let address = mock.address();
        let noun = if count == 1 { "case" } else { "cases" };
        output::say(&format!(
            "serving {count} {noun} on http://{address}/ (Ctrl-C ends)\n\
             also HTTP/2 without TLS (prior knowledge) and https, with a certificate of this run\n\
             streams to be loaded, over HTTP/1.1, under /load/"
        ));
        interrupted.await;
        Ok::<_, CliError>(())
    })?;
    Ok(ExitCode::Ok)
}
