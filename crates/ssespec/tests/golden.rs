//! What people read, word for word. `TRYCMD=overwrite INSTA_UPDATE=always cargo test --test golden`
//! writes it anew.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ssespec");

#[test]
fn helps_lists_and_errors() {
    trycmd::TestCases::new()
        .register_bin("ssespec", Path::new(PROGRAM))
        .env("COLUMNS", "100")
        .case("tests/golden/*.trycmd");
}

// What holds escapes is kept apart: trycmd takes each backslash for a separator of paths.

#[test]
fn lint() {
    check(
        "lint",
        &[
            &["lint", "demo.toml"],
            &["lint", "broken.toml"],
            &["lint", "demo.toml", "syntax.toml"],
            &["lint", "missing.toml"],
            &["list", "--scenarios", "broken.toml"],
        ],
    );
}

#[test]
fn explain() {
    let ids = [
        "line/crlf-between-chunks",
        "reconnect/after-a-reset@h1",
        "line.cr",
        "line/crlf-between-chunk",
        "nothing-like-it",
    ];
    let commands = ids.map(|id| ["explain", "--scenarios", "demo.toml", id]);
    check("explain", &commands.each_ref().map(<[_; 4]>::as_slice));
}

#[test]
fn decode() {
    check(
        "decode",
        &[
            &["decode", "stream.txt"],
            &["decode", "--format", "json", "stream.txt"],
            &["decode", "--explain", "stream.txt"],
            &["decode", "--explain", "--format", "json", "stream.txt"],
            &["decode"],
            &["decode", "--format", "json", "-"],
            &["decode", "missing.txt"],
        ],
    );
}

#[test]
fn broken_workloads() {
    let broken = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/load/invalid");
    let mut names: Vec<String> = std::fs::read_dir(&broken)
        .expect("the broken workloads")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 4);
    let mut commands: Vec<[&str; 3]> =
        names.iter().map(|name| ["load", "--workload", name.as_str()]).collect();
    commands.push(["load", "--workload", "lm"]);
    commands.push(["load", "--workload", "missing.toml"]);
    let commands: Vec<&[&str]> = commands.iter().map(<[_; 3]>::as_slice).collect();
    check_in(&broken, "workloads", &commands);
}

/// Runs these commands where their files are, each with the same short stream on stdin.
fn check(name: &str, commands: &[&[&str]]) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/files");
    check_in(&directory, name, commands);
}

fn check_in(directory: &Path, name: &str, commands: &[&[&str]]) {
    let console: String = commands.iter().map(|args| run(directory, args)).collect();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("golden");
    settings.bind(|| insta::assert_snapshot!(name, console));
}

fn run(directory: &Path, args: &[&str]) -> String {
    let mut child = Command::new(PROGRAM)
        .args(args)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("its stdin");
    // Most commands do not read it.
    let _ = stdin.write_all(b"data: from stdin\n\n");
    drop(stdin);
    let output = child.wait_with_output().expect("the command ends");
    format!(
        "$ ssespec {}\n{}{}? {}\n\n",
        args.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        output.status.code().expect("an exit code")
    )
}
