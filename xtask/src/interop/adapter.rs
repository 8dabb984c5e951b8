//! An adapter: how it is installed, and how it is run.

use std::path::Path;
use std::process::Command;

use crate::workspace;

/// The adapter of a real client or server. Its commands run in the root of the workspace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Adapter {
    /// The name of its results.
    pub(crate) name: &'static str,
    /// Commands that install what it needs.
    pub(super) install: &'static [InstallCommand],
    /// The options of `ssespec test` that attach it.
    pub(super) subject: &'static [&'static str],
}

/// A program and its arguments.
pub(crate) type InstallCommand = &'static [&'static str];

/// Runs the commands of an installation, but for those in `done`.
pub(crate) fn install(
    commands: &[InstallCommand],
    done: &mut Vec<InstallCommand>,
) -> Result<(), String> {
    for command in commands {
        let Some((program, arguments)) = command.split_first() else {
            continue;
        };
        if done.contains(command) {
            continue;
        }
        done.push(command);
        let shown = command.join(" ");
        let status = Command::new(program)
            .args(arguments)
            .current_dir(workspace::root())
            .status()
            .map_err(|error| format!("failed to start `{shown}`: {error}"))?;
        if !status.success() {
            return Err(format!("`{shown}` failed: {status}"));
        }
    }
    Ok(())
}

impl Adapter {
    /// The client that is built in.
    pub(crate) const BUILTIN: Self =
        Self { name: "built-in", install: &[], subject: &["--builtin"] };

    /// Installs what it needs, but for what is in `done` already.
    pub(crate) fn install(&self, done: &mut Vec<InstallCommand>) -> Result<(), String> {
        install(self.install, done)
    }

    /// The shell command that starts it, unless it is attached in another way.
    pub(crate) fn command(&self) -> Option<&'static str> {
        let at = self.subject.iter().position(|option| *option == "--exec")?;
        self.subject.get(at + 1).copied()
    }

    /// Tests it with `ssespec` in this role, without the cases that match a pattern of `skip`, and
    /// returns the exit code.
    pub(crate) fn test(
        &self,
        role: &str,
        skip: &[&str],
        report: &Path,
        known: Option<&Path>,
    ) -> Result<i32, String> {
        let failed = |error: std::io::Error| format!("failed to start ssespec: {error}");
        // This program again: it holds the command, so nothing else has to be built.
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command
            .args(["ssespec", "test", role])
            .args(self.subject)
            .args(skip.iter().flat_map(|pattern| ["--skip", pattern]))
            .arg("--report")
            .arg(format!("json={}", report.display()))
            .current_dir(workspace::root());
        if let Some(known) = known {
            command.arg("--known").arg(known);
        }
        println!("\n{}: ssespec test {role} {}", self.name, self.subject.join(" "));
        let status = command.status().map_err(failed)?;
        status.code().ok_or_else(|| format!("ssespec was ended: {status}"))
    }
}
