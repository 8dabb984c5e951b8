//! What the frames load, on each origin of the mock.

use std::fs;
use std::path::{Component, Path, PathBuf};

use ssespec_mock::{Page, Pages};

use super::{BrowserSubject, Worker};

/// Where the frames' pages lie.
const ROOT: &str = "/ssespec/";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The path of the frame, with what it is to run in.
pub(super) fn frame(worker: Option<Worker>) -> String {
    let query = worker.map(|worker| format!("?worker={}", worker.name())).unwrap_or_default();
    format!("{ROOT}frame.html{query}")
}

/// The pages for a subject.
pub(crate) fn pages(subject: &BrowserSubject) -> Pages {
    let module = subject.module.clone();
    Pages::new(move |path| {
        let (content_type, body) = match path.strip_prefix(ROOT)? {
            "frame.html" => {
                ("text/html; charset=utf-8", include_str!("page/frame.html").to_owned())
            }
            "streams.js" => (SCRIPT, include_str!("page/streams.js").to_owned()),
            "worker.js" => (SCRIPT, include_str!("page/worker.js").to_owned()),
            "where.js" => (SCRIPT, include_str!("page/where.js").to_owned()),
            "client.js" => (SCRIPT, client(module.as_deref())),
            other => {
                let path = inside(module.as_deref()?.parent()?, other.strip_prefix("module/")?)?;
                let is_json = path.extension().is_some_and(|extension| extension == "json");
                let content_type = if is_json { "application/json" } else { SCRIPT };
                (content_type, fs::read_to_string(path).ok()?)
            }
        };
        Some(Page { status: 200, content_type, body })
    })
}

/// The module that opens streams: the browser's own client, or the user's module.
fn client(module: Option<&Path>) -> String {
    match module.and_then(Path::file_name) {
        None => include_str!("page/native.js").to_owned(),
        Some(name) => format!("export * from './module/{}';\n", name.to_string_lossy()),
    }
}

/// A file below a directory; nothing that lies elsewhere. Packages that are written for bundlers
/// leave the ending of their modules out.
fn inside(directory: &Path, below: &str) -> Option<PathBuf> {
    let plain = Path::new(below).components().all(|part| matches!(part, Component::Normal(_)));
    let tried = [directory.join(below), directory.join(format!("{below}.js"))];
    tried.into_iter().find(|path| plain && path.is_file())
}
