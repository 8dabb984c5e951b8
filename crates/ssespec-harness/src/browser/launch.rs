//! How browsers are found and started, each with a fresh profile.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use std::{env, fs, io};

use tokio::process::Command;

use crate::instance::Death;
use crate::process::quoted;

/// How long a browser may take to say its version, and `certutil` to do its work.
const ASIDE_LIMIT: Duration = Duration::from_mins(1);

/// What a browser is made of, which decides on its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    Chromium,
    Firefox,
    WebKit,
    /// Takes a URL, as far as we know.
    Unknown,
}

/// A browser by its name.
struct Named {
    name: &'static str,
    engine: Engine,
    /// The programs that it may be, the best first.
    programs: &'static [&'static str],
    /// The Debian packages that bring the first one.
    packages: &'static str,
}

const NAMED: [Named; 3] = [
    Named {
        name: "chromium",
        engine: Engine::Chromium,
        programs: &["chromium", "chromium-browser", "google-chrome"],
        packages: "chromium",
    },
    Named {
        name: "firefox",
        engine: Engine::Firefox,
        programs: &["firefox-esr", "firefox"],
        packages: "firefox-esr",
    },
    Named {
        name: "webkit",
        engine: Engine::WebKit,
        programs: &["MiniBrowser", "epiphany-browser", "epiphany"],
        packages: "libwebkit2gtk-4.1-0 xvfb",
    },
];

/// Where Debian keeps the small browser that comes with WebKitGTK, below `/usr/lib/TRIPLET`.
const WEBKIT_FOLDERS: [&str; 3] = ["webkitgtk-6.0", "webkit2gtk-4.1", "webkit2gtk-4.0"];

/// Options of Chromium that keep it quiet, and let it run as root and without a screen.
const CHROMIUM: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--password-store=basic",
    // The streams are those of frames, which must not be slowed down for being out of sight.
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
];

/// Settings of Firefox that keep it from asking anybody else for anything, and let it come back
/// soon after a lost connection.
const FIREFOX: &str = include_str!("user.js");

/// A browser that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    path: PathBuf,
    engine: Engine,
}

impl Program {
    /// Finds a browser by its name, or by its path.
    ///
    /// # Errors
    /// That it is not there, and which package brings it.
    pub(super) fn find(browser: &str) -> Result<Self, Death> {
        if let Some(named) = NAMED.iter().find(|named| named.name == browser) {
            let found = named.programs.iter().find_map(|program| installed(program));
            return found.map(|path| Self { path, engine: named.engine }).ok_or_else(|| Death {
                message: format!("the browser `{browser}` is not installed"),
                help: format!(
                    "install it (on Debian `apt-get install {}`), or give the path of a browser",
                    named.packages
                ),
            });
        }
        let path = PathBuf::from(browser);
        if !path.is_file() {
            let names = NAMED.map(|named| format!("`{}`", named.name)).join(", ");
            return Err(Death {
                message: format!("there is no browser `{browser}`"),
                help: format!("give {names}, or the path of a browser"),
            });
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        let engine = if has(&["firefox"]) {
            Engine::Firefox
        } else if has(&["chrom", "edge", "brave", "opera", "vivaldi"]) {
            Engine::Chromium
        } else if has(&["epiphany", "minibrowser"]) {
            Engine::WebKit
        } else {
            Engine::Unknown
        };
        // What is started may have another directory to look from.
        let path = fs::canonicalize(&path).unwrap_or(path);
        Ok(Self { path, engine })
    }

    /// Writes the settings that are files of the profile.
    pub(super) fn settle(&self, profile: &Path) -> io::Result<()> {
        match self.engine {
            Engine::Firefox => fs::write(profile.join("user.js"), FIREFOX),
            _ => Ok(()),
        }
    }

    /// Makes the browser trust a CA; whether that could be done.
    pub(super) async fn trust(&self, profile: &Path, ca_file: &Path) -> bool {
        let folder = match self.engine {
            Engine::Chromium => profile.join(".pki/nssdb"),
            Engine::Firefox => profile.to_owned(),
            Engine::WebKit | Engine::Unknown => return false,
        };
        if fs::create_dir_all(&folder).is_err() {
            return false;
        }
        let Some(certutil) = installed("certutil") else {
            return false;
        };
        let database = format!("sql:{}", folder.display());
        let ca_file = ca_file.display().to_string();
        let new = ["-N", "-d", &database, "--empty-password"];
        let add =
            ["-A", "-d", &database, "-n", "ssespec run CA", "-t", "C,,", "-i", ca_file.as_str()];
        said(&certutil, &new).await.is_some() && said(&certutil, &add).await.is_some()
    }

    /// What the program says of its version.
    pub(super) async fn version(&self) -> Option<String> {
        match self.engine {
            Engine::Chromium | Engine::Firefox => {}
            // WebKit's browsers want a display even for this; others may do anything.
            Engine::WebKit | Engine::Unknown => return None,
        }
        let said = said(&self.path, &["--version"]).await?;
        let is_version = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
        said.split_whitespace().find(is_version).map(str::to_owned)
    }

    /// The shell command that opens a page.
    pub(super) fn command_line(&self, profile: &Path, url: &str) -> String {
        let program = self.path.display().to_string();
        let profile = profile.display();
        let owned = |words: &[&str]| -> Vec<String> {
            words.iter().map(|word| (*word).to_owned()).collect()
        };
        let mut words: Vec<String> = match self.engine {
            Engine::Chromium => {
                let mut words: Vec<String> = owned(&[&program]);
                words.extend(CHROMIUM.iter().map(|option| (*option).to_owned()));
                words.push(format!("--user-data-dir={profile}"));
                words
            }
            Engine::Firefox => {
                let profile = profile.to_string();
                owned(&[&program, "--headless", "--no-remote", "--profile", &profile])
            }
            Engine::WebKit if program.contains("epiphany") => {
                let profile = format!("--profile={profile}/epiphany");
                let bus = ["dbus-run-session", "--", "xvfb-run", "--auto-servernum"];
                owned(&[&bus[..], &[&program, "--private-instance", &profile]].concat())
            }
            Engine::WebKit => owned(&["xvfb-run", "--auto-servernum", &program]),
            Engine::Unknown => owned(&[&program]),
        };
        words.push(url.to_owned());
        let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        // Whatever it prints is a log.
        format!("exec {} </dev/null >&2", quoted.join(" "))
    }
}

/// Runs a program on the side; what it printed, if it went well.
async fn said(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(ASIDE_LIMIT, output).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Where a program is.
fn installed(program: &str) -> Option<PathBuf> {
    if program == "MiniBrowser" {
        return minibrowser();
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(program)).find(|it| it.is_file())
}

/// The browser that comes with WebKitGTK is in nobody's path.
fn minibrowser() -> Option<PathBuf> {
    let libraries = fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = libraries
        .flat_map(|library| WEBKIT_FOLDERS.map(|folder| library.join(folder).join("MiniBrowser")))
        .filter(|program| program.is_file())
        .collect();
    found.sort();
    found.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_quoted() {
        let program = Program { path: PathBuf::from("/opt/it's"), engine: Engine::Unknown };
        let line = program.command_line(Path::new("/tmp/p"), "http://127.0.0.1:1/x/");
        assert_eq!(line, r"exec '/opt/it'\''s' 'http://127.0.0.1:1/x/' </dev/null >&2");
    }

    #[test]
    fn a_browser_that_is_not_there_is_told_with_what_is_known() {
        let death = Program::find("netscape").expect_err("no such browser");
        assert!(death.message.contains("`netscape`"), "{}", death.message);
        assert!(death.help.contains("`chromium`, `firefox`, `webkit`"), "{}", death.help);
    }
}
