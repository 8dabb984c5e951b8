//! The servers, and the runs that each goes through.

use std::path::Path;
use std::process::Command;

use super::facts::Facts;
use super::process::Group;
use super::{path, run, spawn};
use crate::interop::adapter::{InstallCommand, install};
use crate::interop::servers::{NPM, PIP};
use crate::workspace;

/// Where all of them listen, so that the command of a result can be given again.
const PORT: u16 = 8421;

/// One of the runs: where its results are, and the options.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene {
    pub(super) group: &'static str,
    pub(super) options: &'static [&'static str],
}

/// Streams that are held.
pub(super) const HELD: Scene =
    Scene { group: "", options: &["-c", "2000", "--ramp", "5s", "--duration", "20s"] };
/// One stream in five is lost, and comes back.
pub(super) const STORM: Scene = Scene {
    group: "storm",
    options: &[
        "-c",
        "2000",
        "--ramp",
        "5s",
        "--duration",
        "20s",
        "--reconnect",
        "--drop",
        "20%@10s~2s",
    ],
};
/// Five times as many.
pub(super) const MANY: Scene =
    Scene { group: "many", options: &["-c", "10000", "--ramp", "10s", "--duration", "15s"] };

/// A server. Its commands run in the root of the workspace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Server {
    /// The name of its results.
    pub(super) name: &'static str,
    install: &'static [InstallCommand],
    /// Listens on 127.0.0.1, on the port that `PORT` says.
    command: &'static [&'static str],
    /// Prints what it is, with its version.
    about: &'static [&'static str],
    /// What events say, and who publishes them; `PORT` stands for the port.
    options: &'static [&'static str],
}

/// Events of a server that publishes them by itself.
const TICKS: &[&str] = &["--sequence", "/seq", "--timestamp", "/at"];

/// All of them.
pub(super) const SERVERS: &[Server] = &[
    Server {
        name: "node-http",
        install: &[],
        command: &["node", "adapters/load/node-http.mjs"],
        about: &["node", "-p", "'node:http of Node.js ' + process.versions.node"],
        options: TICKS,
    },
    Server {
        name: "express",
        install: NPM,
        command: &["node", "adapters/load/express.mjs"],
        about: &[
            "node",
            "-p",
            "`Express ${require('./adapters/servers/node/node_modules/express/package.json').version} \
             on Node.js ${process.versions.node}`",
        ],
        options: TICKS,
    },
    Server {
        name: "axum",
        install: &[&[
            "cargo",
            "build",
            "--release",
            "--locked",
            "--manifest-path",
            "adapters/load/axum/Cargo.toml",
            "--target-dir",
            "adapters/load/axum/target",
        ]],
        command: &["adapters/load/axum/target/release/ssespec-load-axum"],
        about: &[
            "sed",
            "-n",
            r#"s/^axum = .*"=\([0-9.]*\)".*/axum \1/p"#,
            "adapters/load/axum/Cargo.toml",
        ],
        options: TICKS,
    },
    Server {
        name: "net-http",
        install: &[&[
            "go",
            "build",
            "-o",
            "adapters/load/bin/net-http",
            "adapters/load/net-http.go",
        ]],
        command: &["adapters/load/bin/net-http"],
        about: &["sh", "-c", "echo net/http of Go $(go env GOVERSION | sed s/^go//)"],
        options: TICKS,
    },
    Server {
        name: "sse-starlette",
        install: PIP,
        command: &[".venv/bin/python", "adapters/load/sse-starlette.py"],
        about: &[
            ".venv/bin/python",
            "-c",
            "import platform; from importlib.metadata import version; \
             print('sse-starlette', version('sse-starlette'), 'on uvicorn', version('uvicorn') + ',', \
             'CPython', platform.python_version())",
        ],
        options: TICKS,
    },
    Server {
        name: "nchan",
        install: &[],
        command: &["adapters/load/nchan.sh", "target/load/nchan"],
        about: &[
            "sh",
            "-c",
            "echo nchan $(dpkg-query -f '${Version}' -W libnginx-mod-nchan | sed 's/^.*://; s/+.*//') \
             on nginx $(nginx -v 2>&1 | sed 's/.*nginx.//')",
        ],
        options: &[
            "--sequence",
            "/seq",
            "--timestamp",
            "/sent:ns",
            "--publish",
            "POST http://127.0.0.1:PORT/publish",
        ],
    },
];

impl Server {
    /// Installs it and puts it through all runs.
    pub(super) fn measure(
        &self,
        program: Option<&Path>,
        installed: &mut Vec<InstallCommand>,
    ) -> Result<(), String> {
        install(self.install, installed)?;
        let about = self.about()?;
        for scene in [HELD, STORM, MANY] {
            let url = format!("http://127.0.0.1:{PORT}/events");
            let own = self.options.iter().map(|it| it.replace("PORT", &PORT.to_string()));
            let options: Vec<String> = std::iter::once(url)
                .chain(scene.options.iter().map(ToString::to_string))
                .chain(own)
                .collect();
            let path = path(scene.group, self.name);
            let mut facts = None;
            let run = run(program, &options, &path, &mut |ssespec| {
                // Each attempt has a fresh server, which has not grown by what was before.
                let server = Group::start(self.command, PORT)?;
                let before = server.usage();
                let mut peak = before;
                let code =
                    server.watch(&mut spawn(ssespec)?, &mut |now| peak = peak.larger(now))?;
                facts = Some(Facts {
                    server: about.clone(),
                    processes: peak.processes,
                    memory_before_bytes: before.memory_bytes,
                    memory_peak_bytes: peak.memory_bytes,
                    cpu_ms: peak.cpu_ms.saturating_sub(before.cpu_ms),
                });
                Ok(code)
            });
            run.map_err(|error| format!("{}: {error}", self.name))?;
            if let Some(facts) = facts {
                facts.write(&workspace::root().join(&path))?;
            }
        }
        Ok(())
    }

    fn about(&self) -> Result<String, String> {
        let (program, arguments) = self.about.split_first().ok_or("nothing tells the version")?;
        let output = Command::new(program)
            .args(arguments)
            .current_dir(workspace::root())
            .output()
            .map_err(|error| format!("failed to start `{program}`: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("the version of {} is not to be had: {said}", self.name));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}
