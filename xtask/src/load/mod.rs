//! `cargo xtask load`: real servers and real clients under load, and the tables over the results.

mod clients;
mod facts;
mod page;
pub(crate) mod process;
mod servers;

use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use crate::generate::Generated;
use crate::interop::adapter::InstallCommand;
use crate::{reports, workspace};

/// Where the results are.
const DIRECTORY: &str = "reports/load";
/// The exit code of a run that the generator itself does not trust.
const UNTRUSTED: i32 = 6;
/// How often a run is made until it can be trusted.
const ATTEMPTS: usize = 3;

/// Puts the named servers and clients under load, or all, and writes their results and the pages
/// over all results; with another build of ssespec where one is named.
pub(crate) fn write(program: Option<&Path>, names: &[&str]) -> Result<(), String> {
    if program.is_none() && cfg!(debug_assertions) {
        return Err("this is a debug build, whose generator is slow\n\
                    help: cargo run --release --package xtask -- load, or `--with` a release build"
            .to_owned());
    }
    ssespec_net::allow_open_files();
    let asked = |name: &str| names.is_empty() || names.contains(&name);
    let known: Vec<&str> =
        servers::SERVERS.iter().map(|it| it.name).chain(clients::names()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        return Err(format!("there is no `{name}`\nhelp: there are {}", known.join(", ")));
    }
    let mut installed: Vec<InstallCommand> = Vec::new();
    for server in servers::SERVERS.iter().filter(|it| asked(it.name)) {
        server.measure(program, &mut installed)?;
    }
    for client in clients::names().filter(|name| asked(name)) {
        clients::measure(client, program, &mut installed)?;
    }
    reports::write()
}

/// The pages over the results.
pub(crate) fn generate() -> Result<Vec<Generated>, String> {
    page::generate()
}

/// The result of one run, from the root of the workspace.
fn path(group: &str, name: &str) -> PathBuf {
    Path::new(DIRECTORY).join(group).join(format!("{name}.json"))
}

/// Runs `ssespec load` with these options, and again where the result is not to be trusted; the
/// result goes to `path`. `carry_out` starts the command and returns its exit code.
fn run(
    program: Option<&Path>,
    options: &[String],
    path: &Path,
    carry_out: &mut dyn FnMut(&mut Command) -> Result<i32, String>,
) -> Result<(), String> {
    let root = workspace::root();
    let fresh = root.join("target/load/result.json");
    workspace::write(&fresh, b"")?;
    let mut code = UNTRUSTED;
    for _ in 0..ATTEMPTS {
        println!("\nssespec load {}", options.join(" "));
        let mut command = ssespec(program)?;
        command.arg("load").args(options).arg("--no-live").current_dir(&root);
        command.arg("--report").arg(format!("json={}", fresh.display()));
        code = carry_out(&mut command)?;
        if code != UNTRUSTED {
            break;
        }
    }
    // What a server loses is a result; a run that came to nothing is not.
    if ![0, 1, UNTRUSTED].contains(&code) {
        return Err(format!("the run ended with code {code}"));
    }
    let result = workspace::read(&fresh)?.ok_or("the run left no result")?;
    workspace::write(&root.join(path), &result)?;
    println!("wrote {}", path.display());
    Ok(())
}

/// Starts the command.
fn spawn(command: &mut Command) -> Result<Child, String> {
    command.spawn().map_err(|error| format!("failed to start ssespec: {error}"))
}

/// The command: another build of it, or this program again.
fn ssespec(program: Option<&Path>) -> Result<Command, String> {
    if let Some(program) = program {
        return Ok(Command::new(program));
    }
    let this = std::env::current_exe().map_err(|error| format!("no program: {error}"))?;
    let mut command = Command::new(this);
    command.arg("ssespec");
    Ok(command)
}
