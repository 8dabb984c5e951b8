//! What the documents show is what there is: links lead somewhere, and shown files are the files.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The Markdown files of the top, of `docs/`, and of the adapters.
fn documents() -> Vec<PathBuf> {
    let directories = ["", "docs", "docs/decisions", "adapters", "reports", "reports/clients"];
    let mut documents = Vec::new();
    for directory in directories {
        let Ok(entries) = fs::read_dir(root().join(directory)) else {
            continue;
        };
        let paths = entries.map(|entry| entry.expect("an entry").path());
        documents.extend(paths.filter(|path| path.extension().is_some_and(|it| it == "md")));
    }
    assert!(documents.len() > 10, "the documents are where they were: {documents:?}");
    documents
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// The lines outside of code blocks.
fn prose(text: &str) -> Vec<&str> {
    let mut in_code = false;
    text.lines()
        .filter(|line| {
            let fence = line.starts_with("```");
            in_code ^= fence;
            !fence && !in_code
        })
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a document");
        let targets = prose(&text).into_iter().flat_map(|line| line.split("](").skip(1));
        for target in targets.filter_map(|rest| rest.split(')').next()) {
            // A target may stand in angle brackets.
            let bare = target.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
            let target = bare.unwrap_or(target);
            if target.contains("://") {
                continue;
            }
            let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
            let file = match path {
                "" => document.clone(),
                path => document.parent().expect("a directory").join(path),
            };
            let found = file.exists()
                && (fragment.is_empty()
                    || fs::read_to_string(&file).is_ok_and(|text| {
                        let mut headings =
                            prose(&text).into_iter().filter(|line| line.starts_with('#'));
                        headings.any(|heading| anchor(heading) == fragment)
                    }));
            if !found {
                broken.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

#[test]
fn shown_files_are_the_files() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the readme");
    let mut shown = 0;
    for part in readme.split("<!-- ").skip(1) {
        let (path, rest) = part.split_once(" -->\n").expect("a path in a comment");
        let (_, code) = rest.split_once('\n').expect("a fence");
        let (code, _) = code.split_once("\n```").expect("its end");
        let file = fs::read_to_string(root().join(path)).expect("the shown file");
        assert_eq!(code, file.trim_end(), "README.md shows `{path}` as it is");
        shown += 1;
    }
    assert_eq!(shown, 2, "the client and its adapter");
}
