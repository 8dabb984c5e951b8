//! The directory that a browser lives in: its profile, its home, and all that it leaves behind.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

/// A fresh directory, removed when this is dropped.
#[derive(Debug)]
pub(super) struct Profile(TempDir);

impl Profile {
    pub(super) fn make() -> std::io::Result<Self> {
        tempfile::Builder::new().prefix("ssespec-browser-").tempdir().map(Self)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Variables that keep the browser in here, and away from the session of whoever runs us.
    pub(super) fn environment(&self) -> Vec<(String, String)> {
        let here = self.0.path().display().to_string();
        let places = [
            "HOME",
            "TMPDIR",
            "XDG_CONFIG_HOME",
            "XDG_CACHE_HOME",
            "XDG_DATA_HOME",
            "XDG_RUNTIME_DIR",
        ];
        let settings = [
            ("DBUS_SESSION_BUS_ADDRESS", "disabled:"),
            ("NO_AT_BRIDGE", "1"),
            ("GDK_BACKEND", "x11"),
            // WebKit's sandbox starts neither as root nor in most containers.
            ("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1"),
        ];
        let places = places.map(|name| (name.to_owned(), here.clone()));
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        places.into_iter().chain(settings).collect()
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // Processes that were killed a moment ago may still be writing.
        for _ in 0..20 {
            if std::fs::remove_dir_all(self.0.path()).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
