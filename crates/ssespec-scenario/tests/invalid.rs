//! Each broken file under `scenarios/invalid/` is refused, in words that are kept as golden files.

use std::path::Path;

use ssespec_scenario::{Catalogue, LoadFailure, Severity, SourceFile, read_directory};

fn files() -> Vec<SourceFile> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/invalid");
    let mut files = read_directory(&directory).expect("the directory of broken files");
    for file in &mut files {
        let stem = Path::new(&file.name).file_name().expect("a file name");
        file.name = format!("scenarios/invalid/{}", stem.to_string_lossy());
    }
    files
}

#[test]
fn each_broken_file_is_refused_in_these_words() {
    let files = files();
    assert!(files.len() >= 24, "only {} broken files", files.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("invalid");
    let _guard = settings.bind_to_scope();
    for file in files {
        let stem = file.name.trim_end_matches(".toml").replace('/', "_");
        let name = stem.trim_start_matches("scenarios_invalid_").to_owned();
        let sources = vec![file];
        let (_, diagnostics) = Catalogue::check(&sources);
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
        assert!(errors.count() > 0, "{name} is not refused");
        let failure = LoadFailure { diagnostics, sources };
        insta::assert_snapshot!(name, failure.render(false));
    }
}

#[test]
fn each_finding_points_at_a_place() {
    for file in files() {
        let sources = [file];
        for diagnostic in Catalogue::check(&sources).1 {
            let label = diagnostic.label.as_ref();
            assert!(label.is_some(), "no place: {diagnostic:?}");
        }
    }
}

#[test]
fn one_run_finds_what_is_wrong_in_all_files() {
    let files = files();
    let (_, together) = Catalogue::check(&files);
    for file in &files {
        let alone = Catalogue::check(std::slice::from_ref(file)).1.len();
        let found = together.iter().filter(|it| it.file == file.name).count();
        assert!(found >= alone, "{}: {found} of {alone}", file.name);
    }
}

#[test]
fn an_id_that_is_taken_in_another_file_is_shown_in_both() {
    let source = |name: &str| SourceFile {
        name: name.to_owned(),
        text: "[[case]]\nid = 'a/b'\nrule = 'line.crlf-split'\ntitle = 'it'\nstream = [':\\n']\n"
            .to_owned(),
    };
    let sources = vec![source("one.toml"), source("two.toml")];
    let (_, diagnostics) = Catalogue::check(&sources);
    let failure = LoadFailure { diagnostics, sources };
    insta::assert_snapshot!(failure.render(false), @r"
    error: the id `a/b` is taken
     --> two.toml:2:6
      |
    2 | id = 'a/b'
      |      ^^^^^ used a second time
      |
     ::: one.toml:2:6
      |
    2 | id = 'a/b'
      |      ----- first used here
      |
    help: an id names one thing for good; say in words what is different here
    ");
}
