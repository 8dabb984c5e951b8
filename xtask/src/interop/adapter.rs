//! The adapters: how each is installed, and how it is run.

use std::path::Path;
use std::process::Command;

use crate::workspace;

/// The adapter of a real client. Its commands run in the root of the workspace.
#[derive(Debug)]
pub(crate) struct Adapter {
    /// The name of its results.
    pub(crate) name: &'static str,
    /// Commands that install what it needs.
    install: &'static [InstallCommand],
    /// The shell command that starts it.
    run: &'static str,
}

/// A program and its arguments.
pub(crate) type InstallCommand = &'static [&'static str];

const NPM: &[InstallCommand] =
    &[&["npm", "ci", "--prefix", "adapters/node", "--no-audit", "--no-fund"]];

/// All adapters of `adapters/`.
pub(crate) const ADAPTERS: &[Adapter] = &[
    Adapter { name: "eventsource", install: NPM, run: "node adapters/node/eventsource.mjs" },
    Adapter {
        name: "eventsource-parser",
        install: NPM,
        run: "node adapters/node/eventsource-parser.mjs",
    },
    Adapter {
        name: "httpx-sse",
        install: &[
            &["python3", "-m", "venv", ".venv"],
            &[".venv/bin/pip", "install", "--quiet", "-r", "adapters/python/requirements.txt"],
        ],
        run: ".venv/bin/python adapters/python/httpx-sse.py",
    },
    Adapter {
        name: "eventsource-stream",
        install: &[&[
            "cargo",
            "build",
            "--release",
            "--locked",
            "--manifest-path",
            "adapters/rust/Cargo.toml",
            "--target-dir",
            "adapters/rust/target",
        ]],
        run: "adapters/rust/target/release/ssespec-adapter-eventsource-stream",
    },
];

impl Adapter {
    /// Installs what it needs, but for what is in `done` already.
    pub(crate) fn install(&self, done: &mut Vec<InstallCommand>) -> Result<(), String> {
        for command in self.install {
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

    /// Tests the client with `ssespec` and returns its exit code.
    pub(crate) fn test(&self, report: &Path, known: Option<&Path>) -> Result<i32, String> {
        let failed = |error: std::io::Error| format!("failed to start ssespec: {error}");
        // This program again: it holds the command, so nothing else has to be built.
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command
            .args(["ssespec", "test", "client", "--exec", self.run, "--report"])
            .arg(format!("json={}", report.display()))
            .current_dir(workspace::root());
        if let Some(known) = known {
            command.arg("--known").arg(known);
        }
        println!("\n{}: ssespec test client --exec '{}'", self.name, self.run);
        let status = command.status().map_err(failed)?;
        status.code().ok_or_else(|| format!("ssespec was ended: {status}"))
    }
}
