//! The clients, by the adapters that also test them, and the runs that each goes through.

use std::path::Path;

use super::servers::Scene;
use super::{path, run, spawn};
use crate::interop::adapter::InstallCommand;
use crate::interop::clients::CLIENTS;

/// One of each language.
const NAMES: &[&str] = &["eventsource", "httpx-sse", "go-sse", "sseer"];

/// Many streams with little on each: what one costs.
pub(super) const HELD: Scene = Scene {
    group: "clients",
    options: &["--builtin=/load/stream", "-c", "1000", "--ramp", "10s", "--duration", "15s"],
};
/// More events than some can read: how many they do.
pub(super) const FLOOD: Scene = Scene {
    group: "clients/flood",
    options: &["--builtin=/load/stream?rate=100", "-c", "200", "--ramp", "2s", "--duration", "10s"],
};

/// Their names, which are those of their adapters.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().copied()
}

/// Installs one and puts it through all runs.
pub(super) fn measure(
    name: &str,
    program: Option<&Path>,
    installed: &mut Vec<InstallCommand>,
) -> Result<(), String> {
    let adapter = CLIENTS.iter().find(|it| it.name == name);
    let adapter = adapter.ok_or_else(|| format!("there is no adapter `{name}`"))?;
    let command = adapter.command().ok_or_else(|| format!("`{name}` has no command"))?;
    adapter.install(installed)?;
    for scene in [HELD, FLOOD] {
        let client = ["--client", command].map(str::to_owned);
        let options = scene.options.iter().map(ToString::to_string);
        let options: Vec<String> = client.into_iter().chain(options).collect();
        run(program, &options, &path(scene.group, name), &mut |ssespec| {
            let status = spawn(ssespec)?.wait().map_err(|error| error.to_string())?;
            status.code().ok_or_else(|| format!("ssespec was ended: {status}"))
        })
        .map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}
