//! `cargo xtask generate`: everything that is committed and made from something else.

use std::path::Path;

use crate::{completions, contract, coverage, interop, man, mutants, reports, schemas, workspace};

/// A generated file: its path from the root of the workspace, and what it holds.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) path: String,
    pub(crate) contents: Vec<u8>,
}

type Generator = fn() -> Result<Vec<Generated>, String>;

/// What is generated. One line a kind of file.
const GENERATORS: &[Generator] = &[
    schemas::generate,
    man::generate,
    completions::generate,
    mutants::generate,
    coverage::generate,
    contract::generate,
    interop::generate,
    reports::generate,
];

/// Directories in which everything is generated, so that a file that nobody makes any more shows.
const OWNED: &[&str] = &["schemas", "assets/man", "assets/completions"];

/// Writes what is not current, and removes what nobody makes any more.
pub(crate) fn write() -> Result<(), String> {
    let root = workspace::root();
    let generated = generated()?;
    for file in &generated {
        let path = root.join(&file.path);
        if workspace::read(&path)?.as_ref() != Some(&file.contents) {
            workspace::write(&path, &file.contents)?;
            println!("wrote {}", file.path);
        }
    }
    for path in leftovers(&root, &generated)? {
        std::fs::remove_file(root.join(&path))
            .map_err(|error| format!("failed to remove `{path}`: {error}"))?;
        println!("removed {path}");
    }
    Ok(())
}

/// Says which files are not current.
pub(crate) fn check() -> Result<(), String> {
    let root = workspace::root();
    let generated = generated()?;
    let mut stale = Vec::new();
    for file in &generated {
        match workspace::read(&root.join(&file.path))? {
            None => stale.push(format!("{} is missing", file.path)),
            Some(contents) if contents != file.contents => {
                stale.push(format!("{} is stale", file.path));
            }
            Some(_) => {}
        }
    }
    for path in leftovers(&root, &generated)? {
        stale.push(format!("{path} is not generated any more"));
    }
    if stale.is_empty() {
        println!("{} generated files are current", generated.len());
        return Ok(());
    }
    Err(format!("{}\nhelp: run `cargo xtask generate` and commit the result", stale.join("\n")))
}

fn generated() -> Result<Vec<Generated>, String> {
    let mut files = Vec::new();
    for generator in GENERATORS {
        files.extend(generator()?);
    }
    Ok(files)
}

fn leftovers(root: &Path, generated: &[Generated]) -> Result<Vec<String>, String> {
    let mut leftovers = Vec::new();
    for directory in OWNED {
        for path in workspace::files(&root.join(directory))? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let path = format!("{directory}/{name}");
            if !generated.iter().any(|file| file.path == path) {
                leftovers.push(path);
            }
        }
    }
    Ok(leftovers)
}
