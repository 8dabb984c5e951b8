//! Reports, stdout and stderr: pure, complete, and there even where the run could not begin.

use crate::place::Place;

#[test]
fn unknown_kinds_of_report_are_a_usage_error() {
    let place = Place::new();
    let with = |target| place.run(&["test", "client", "--builtin", "--report", target]).exits(2);
    with("pdf=x").says("`pdf` is no kind of report; there are");
    with("json").says("write it as KIND=PATH, such as `junit=reports/junit.xml`");
    with("json=").says("the path is empty");
}

#[test]
fn what_cannot_be_written_is_found_before_the_run() {
    let place = Place::new();
    place.decoder("a");
    place.write("file", "mine");
    std::fs::create_dir(place.path("directory")).unwrap();
    place.write("kept.json", "yesterday's");
    for (option, value) in [
        ("--report", "json=file/r.json"),
        ("--report", "junit=directory"),
        ("--write-known", "file/known.toml"),
        ("--write-known", "directory"),
        ("--traces", "file"),
    ] {
        let path = value.split('=').next_back().unwrap();
        let more = [option, value, "--report", "json=kept.json"];
        place
            .test_adapter(&more)
            .exits(2)
            .says(&format!("error: failed to write `{path}`:"))
            .says("help: create the directory, or give a path that can be written");
        assert!(!place.path("fed.log").exists(), "the adapter was started");
        assert_eq!(place.read("file"), "mine");
        // The report that can be written tells what happened.
        assert_eq!(place.json("kept.json")["errors"][0]["kind"], "report");
    }
}

#[test]
fn directories_of_reports_are_made() {
    let place = Place::new();
    place.decoder("a");
    place.test_adapter(&["--report", "json=a/b/r.json", "--report", "junit=a/c/r.xml"]).exits(0);
    assert_eq!(place.json("a/b/r.json")["summary"]["pass"], 1);
    assert!(place.read("a/c/r.xml").trim_end().ends_with("</testsuites>"));
}

#[test]
fn reports_are_written_where_the_run_could_not_begin() {
    let place = Place::new();
    place.decoder("a");
    for (more, kind, code) in [
        (&["--run", "nope/nope"][..], "usage", 2),
        (&["--known", "missing.toml"], "usage", 2),
        (&["--scenarios", "broken.toml"], "scenario", 2),
    ] {
        place.write("broken.toml", "[[case]]\n");
        let mut args = vec!["test", "client", "--exec", "sh adapter.sh"];
        args.extend(["--report", "json=r.json", "--report", "junit=r.xml", "--format", "json"]);
        args.extend(more);
        let ran = place.run(&args).exits(code);
        assert_eq!(ran.json()["errors"][0]["kind"], kind);
        assert_eq!(place.json("r.json")["errors"][0]["kind"], kind);
        let junit = place.read("r.xml");
        assert!(junit.contains(&format!("type=\"{kind}\"")), "{junit}");
    }
}

#[test]
fn machine_output_is_pure() {
    let place = Place::new();
    place.decoder("b");
    let ran = place.test_adapter(&["--format", "json"]).exits(1);
    let result = ran.json();
    assert_eq!(result["schema_version"], 1);
    assert_eq!(result["cases"][0]["verdict"], "fail");
    assert!(ran.stderr.contains("FAILED (exit code 1)"), "{ran}");
    // People's output leaves stdout empty.
    let ran = place.test_adapter(&[]).exits(1);
    assert_eq!(ran.stdout, "");
    for args in [&["list", "--format", "json"][..], &["list", "--rules", "--format", "json"]] {
        let ran = place.run(args).exits(0);
        assert!(ran.stdout.lines().count() > 50);
        for line in ran.stdout.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(value["id"].is_string(), "{line}");
        }
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn traces_are_written_for_what_did_not_pass() {
    let place = Place::new();
    place.decoder("b");
    place.test_adapter(&["--traces", "traces/deep"]).exits(1);
    let trace = place.json("traces/deep/demo_one-event@feed.json");
    assert_eq!(trace["verdict"], "fail");
    assert!(!trace["evidence"]["timeline"].as_array().unwrap().is_empty(), "{trace}");
}

#[test]
fn a_pipe_takes_a_report() {
    let place = Place::new();
    place.decoder("a");
    let ran = place.test_adapter(&["--report", "json=/dev/stdout"]).exits(0);
    assert_eq!(ran.json()["summary"]["pass"], 1);
    // A pipe with a name is not opened before there is something to write.
    assert!(
        std::process::Command::new("mkfifo").arg(place.path("pipe")).status().unwrap().success()
    );
    let path = place.path("pipe");
    let reader = std::thread::spawn(move || std::fs::read_to_string(path).unwrap());
    place.test_adapter(&["--report", "json=pipe"]).exits(0);
    let result: serde_json::Value = serde_json::from_str(&reader.join().unwrap()).unwrap();
    assert_eq!(result["summary"]["pass"], 1);
}

#[test]
fn a_link_is_written_through() {
    let place = Place::new();
    place.decoder("a");
    std::os::unix::fs::symlink("real.json", place.path("link.json")).unwrap();
    place.test_adapter(&["--report", "json=link.json"]).exits(0);
    assert_eq!(place.json("real.json")["summary"]["pass"], 1);
    assert!(place.path("link.json").symlink_metadata().unwrap().is_symlink());
}

#[test]
fn there_are_no_colours_in_a_pipe() {
    let place = Place::new();
    place.decoder("b");
    let args = ["test", "client", "--exec", "sh adapter.sh", "--scenarios", "one.toml"];
    let stderr = |variables: &[(&str, &str)]| {
        let mut command = place.ssespec(&args);
        command.envs(variables.iter().copied());
        crate::place::finish(command.spawn().unwrap()).exits(1).stderr
    };
    assert!(!stderr(&[]).contains('\x1b'));
    assert!(stderr(&[("CLICOLOR_FORCE", "1")]).contains('\x1b'));
    assert!(!stderr(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains('\x1b'));
}

#[test]
fn a_result_is_rendered_as_other_reports() {
    let place = Place::new();
    place.decoder("a");
    place.test_adapter(&["--report", "json=r.json", "--report", "html=first.html"]).exits(0);
    let reports = ["--report", "html=second.html", "--report", "junit=r.xml"];
    place.run(&[&["report", "render", "r.json"][..], &reports].concat()).exits(0);
    assert_eq!(place.read("first.html"), place.read("second.html"));
    assert!(place.read("r.xml").contains("<testsuites"));
}

#[test]
fn what_is_no_result_is_not_rendered() {
    let place = Place::new();
    place.write("cut.json", "{\"schema_version\": 1, \"tool\"");
    place.write("other.json", "{\"schema_version\": 99}");
    let render = |file| place.run(&["report", "render", file, "--report", "html=x.html"]).exits(2);
    render("cut.json").says("failed to read `cut.json`: the result is cut off at line 1");
    render("other.json").says("schema version `99`, this tool reads `1`");
    render("missing.json").says("failed to read `missing.json`");
    assert!(!place.path("x.html").exists());
}
