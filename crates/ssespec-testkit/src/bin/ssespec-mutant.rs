//! An adapter around a client with one defect, or with none.

use std::io::{self, Write as _};
use std::process::ExitCode;

use ssespec_testkit::{
    Defect, MutantRelay, MutantServer, RelayDefect, ServerDefect, Switch, Trust, adapter, table,
};

const USAGE: &str = "usage: ssespec-mutant [--defect NAME] | --server NAME|none | --proxy NAME|none | --list | --table\n";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] | ["--defect", "none"] => serve(None),
        ["--defect", name] => match Defect::named(name) {
            Some(defect) => serve(Some(defect)),
            None => return usage(&format!("there is no defect `{name}`; see --list\n")),
        },
        ["--server", "none"] => serve_streams(None),
        ["--server", name] => match ServerDefect::named(name) {
            Some(defect) => serve_streams(Some(defect)),
            None => return usage(&format!("there is no defect `{name}`; see docs/mutants.md\n")),
        },
        ["--proxy", "none"] => forward(None),
        ["--proxy", name] => match RelayDefect::named(name) {
            Some(defect) => forward(Some(defect)),
            None => return usage(&format!("there is no defect `{name}`; see docs/mutants.md\n")),
        },
        ["--list"] => Defect::ALL.iter().try_for_each(|defect| {
            writeln!(io::stdout(), "{}: {}", defect.name(), defect.description())
        }),
        ["--table"] => io::stdout().write_all(table().as_bytes()),
        _ => return usage(USAGE),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => usage(&format!("{error}\n")),
    }
}

fn serve(defect: Option<Defect>) -> io::Result<()> {
    // A harness says where its mock is, which may as well serve a page.
    let page = std::env::var("SSESPEC_ORIGIN").ok();
    // A page on one origin is not that of streams over TLS.
    let trust = match std::env::var_os("SSESPEC_CA_FILE").filter(|_| page.is_none()) {
        Some(file) => {
            Some(Trust::in_file(file.as_ref(), Switch(defect)).map_err(io::Error::other)?)
        }
        None => None,
    };
    adapter::serve(Switch(defect), page, trust, |complaint| {
        // Where stderr is closed there is nobody to complain to.
        let _ = writeln!(io::stderr(), "{complaint}");
    })
}

/// Serves until it is killed.
fn serve_streams(defect: Option<ServerDefect>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = MutantServer::start(defect)?;
        writeln!(io::stdout(), "{}\n{}", server.url(), server.finite_url())?;
        std::future::pending().await
    })
}

/// Forwards until it is killed.
fn forward(defect: Option<RelayDefect>) -> io::Result<()> {
    let address = |name: &str| {
        let text = std::env::var(name).map_err(|_| io::Error::other(format!("{name} is not set")));
        text?.parse().map_err(|error| io::Error::other(format!("{name}: {error}")))
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (via, origin) = (address("SSESPEC_VIA")?, address("SSESPEC_ORIGIN")?);
        let _relay = MutantRelay::start(defect, via, origin).await?;
        let name = defect.map_or("a proxy without a defect", RelayDefect::name);
        writeln!(io::stdout(), r#"{{"op":"hello","name":"{name}"}}"#)?;
        std::future::pending().await
    })
}

fn usage(message: &str) -> ExitCode {
    let _ = io::stderr().write_all(message.as_bytes());
    ExitCode::from(2)
}
