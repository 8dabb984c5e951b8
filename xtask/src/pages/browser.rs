//! A headless Chromium, started once for each thing that is asked of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::workspace;

/// How a page is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    WideLight,
    WideDark,
    NarrowLight,
    NarrowDark,
}

impl View {
    pub(super) const ALL: [Self; 4] =
        [Self::WideLight, Self::WideDark, Self::NarrowLight, Self::NarrowDark];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::WideLight => "1280-light",
            Self::WideDark => "1280-dark",
            Self::NarrowLight => "390-light",
            Self::NarrowDark => "390-dark",
        }
    }

    fn width(self) -> u32 {
        match self {
            Self::WideLight | Self::WideDark => 1280,
            Self::NarrowLight | Self::NarrowDark => 390,
        }
    }

    fn is_dark(self) -> bool {
        matches!(self, Self::WideDark | Self::NarrowDark)
    }
}

/// Where a browser is.
pub(super) struct Browser(PathBuf);

impl Browser {
    /// Looks for a Chromium.
    pub(super) fn find() -> Result<Self, String> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        ["chromium", "chromium-browser", "google-chrome"]
            .iter()
            .flat_map(|name| {
                std::env::split_paths(&path).map(move |directory| directory.join(name))
            })
            .find(|path| path.is_file())
            .map(Self)
            .ok_or_else(|| "there is no Chromium\nhelp: install `chromium`".to_owned())
    }

    /// The document of a page after its scripts have run. A browser has no window as narrow as a
    /// telephone, so that the page stands in a frame, and hands on what it found.
    pub(super) fn dom(&self, page: &Path, fragment: &str, view: View) -> Result<String, String> {
        let frame = frame(page, fragment, view)?;
        let output = self.run(
            view,
            1_000,
            &[
                "--dump-dom".to_owned(),
                // The frame waits for its page.
                "--timeout=60000".to_owned(),
                "--virtual-time-budget=20000".to_owned(),
                address(&frame, ""),
            ],
        )?;
        String::from_utf8(output).map_err(|_| "the document is not UTF-8".to_owned())
    }

    /// The document of a page as soon as it is there, with its clock running as clocks do.
    pub(super) fn dom_in_real_time(&self, page: &Path) -> Result<String, String> {
        let more = ["--dump-dom".to_owned(), address(page, "")];
        let output = self.run(View::WideLight, 1_000, &more)?;
        String::from_utf8(output).map_err(|_| "the document is not UTF-8".to_owned())
    }

    /// Takes a picture of a page.
    pub(super) fn shot(
        &self,
        page: &Path,
        fragment: &str,
        view: View,
        to: &Path,
    ) -> Result<(), String> {
        let frame = frame(page, fragment, view)?;
        let to = std::path::absolute(to).map_err(|error| error.to_string())?;
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(|error| error.to_string())?;
        }
        self.run(
            view,
            2_000,
            &[
                format!("--screenshot={}", to.display()),
                "--hide-scrollbars".to_owned(),
                "--virtual-time-budget=5000".to_owned(),
                address(&frame, ""),
            ],
        )?;
        println!("    {}", to.display());
        Ok(())
    }

    fn run(&self, view: View, height: u32, more: &[String]) -> Result<Vec<u8>, String> {
        let profile = workspace::root().join("target/pages/profile");
        let mut command = Command::new(&self.0);
        command
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking"])
            .args([
                "--disable-component-update",
                "--disable-sync",
                "--allow-file-access-from-files",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("--window-size={},{height}", view.width().max(500)))
            .args(view.is_dark().then_some("--force-dark-mode"))
            .args(more)
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        let output = command
            .output()
            .map_err(|error| format!("failed to start `{}`: {error}", self.0.display()))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(format!("`{}` ended with {}", self.0.display(), output.status))
    }
}

/// A page that shows another one as wide as the view is, and takes over what that found.
fn frame(page: &Path, fragment: &str, view: View) -> Result<PathBuf, String> {
    let path = page.with_extension("frame.html");
    let html = format!(
        "<!doctype html><html><head><meta name=\"color-scheme\" content=\"light dark\"><style>body{{margin:0}}iframe{{border:0;width:{}px;height:100vh;\
         display:block}}</style></head><body><script>addEventListener('message', (event) => {{\
         const it = document.createElement('pre'); it.id = 'found'; it.textContent = event.data; \
         document.body.append(it) }})</script><iframe src=\"{}\"></iframe></body></html>",
        view.width(),
        address(page, fragment).replace('&', "&amp;").replace('"', "&quot;")
    );
    workspace::write(&path, html.as_bytes())?;
    Ok(path)
}

/// The address of a file.
fn address(path: &Path, fragment: &str) -> String {
    let hash = if fragment.is_empty() { "" } else { "#" };
    format!("file://{}{hash}{fragment}", path.display())
}
