//! What is run: patterns, scenario files, and what is said where they are wrong.

use crate::place::Place;

const ALIASED: &str = r"
[[case]]
id = 'demo/new-name'
aliases = ['demo/old-name']
rule = 'dispatch.blank'
title = 'One event is one event'
stream = ['data: a\n\n']
expect = [{ event = { data = 'a' } }]
";

#[test]
fn an_unknown_case_is_an_error_with_the_one_that_was_meant() {
    let place = Place::new();
    for option in ["--run", "--skip"] {
        place
            .run(&["test", "client", "--builtin", option, "line/crlf-split-across-chunk"])
            .exits(2)
            .says("error: no case matches `line/crlf-split-across-chunk`; did you mean")
            .says("`line/crlf-split-across-chunks`?")
            .says("help: `ssespec list` shows all cases");
    }
    place
        .run(&["explain", "line/crlf-splitt-across-chunks"])
        .exits(2)
        .says("`line/crlf-splitt-across-chunks` is neither a case nor a rule")
        .says("help: did you mean `line/crlf-split-across-chunks`?");
}

#[test]
fn a_pattern_that_matches_nothing_is_an_error_with_the_theme_that_was_meant() {
    let place = Place::new();
    place
        .run(&["test", "client", "--builtin", "--run", "lines/*"])
        .exits(2)
        .says("error: no case matches `lines/*`; did you mean `line/*`?");
    place.run(&["list", "zzz*"]).exits(2).says("error: no case matches `zzz*`\n");
    place.run(&["mock", "--case", "line/[a"]).exits(2).says("error: `line/[a` is not a glob:");
}

#[test]
fn an_unknown_route_is_no_match() {
    Place::new()
        .run(&["test", "client", "--builtin", "--run", "line/crlf-split-across-chunks@h3"])
        .exits(2)
        .says("no case matches `line/crlf-split-across-chunks@h3`");
}

#[test]
fn what_leaves_nothing_to_run_is_never_green() {
    let place = Place::new();
    place
        .run(&["test", "client", "--builtin", "--skip", "*", "--report", "json=r.json"])
        .exits(4)
        .says("error (selection): `--run` and `--skip` leave no case to run")
        .says("NOT PASSED (exit code 4)");
    assert_eq!(place.json("r.json")["errors"][0]["kind"], "selection");
}

#[test]
fn what_the_subject_cannot_do_is_never_green() {
    let place = Place::new();
    place.write("adapter.sh", r#"echo '{"op":"hello","protocol":1,"name":"x"}'; cat >&2"#);
    place
        .test_adapter(&[])
        .exits(4)
        .says("0 pass, 0 fail, 1 n/a")
        .says("NOT PASSED (exit code 4): no case was scored");
}

#[test]
fn routes_and_globs_select() {
    let place = Place::new();
    let ran = |patterns: &[&str]| {
        let args = ["test", "client", "--builtin", "--scenarios", "one.toml", "--format", "json"];
        let result = place.run(&[&args, patterns].concat()).exits(0).json();
        let cases = result["cases"].as_array().unwrap().iter();
        cases.map(|case| case["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = ["demo/one-event@feed", "demo/one-event@h1", "demo/one-event@h2c"];
    assert_eq!(ran(&[])[..3], all);
    assert_eq!(ran(&["--run", "demo/*@h1"]), ["demo/one-event@h1"]);
    assert_eq!(ran(&["--run", "*@h1", "--run", "*@feed"]), all[..2]);
    assert_eq!(ran(&["--run", "demo/one-event", "--skip", "*@h*"]), all[..1]);
    place.write("patterns.txt", "# routes\n*@h1   # in cleartext\n\n*@feed\n");
    assert_eq!(ran(&["--run", "@patterns.txt"]), all[..2]);
    place.write("skips.txt", "*@h2*\n*@h1\n");
    assert_eq!(ran(&["--skip", "@skips.txt"]), all[..1]);
}

#[test]
fn a_pattern_file_that_is_wrong_is_an_error() {
    let place = Place::new();
    place
        .run(&["test", "client", "--builtin", "--run", "@missing.txt"])
        .exits(2)
        .says("error: failed to read `missing.txt`: No such file or directory");
    place.write("patterns.txt", "line/*\nnope/nope\n");
    place
        .run(&["test", "client", "--builtin", "--run", "@patterns.txt"])
        .exits(2)
        .says("no case matches `nope/nope`");
}

#[test]
fn former_ids_work_wherever_ids_do() {
    let place = Place::new();
    place.write("one.toml", ALIASED);
    let args = ["test", "client", "--builtin", "--scenarios", "one.toml", "--format", "json"];
    let result = place.run(&[&args[..], &["--run", "demo/old-name@feed"]].concat()).exits(0).json();
    assert_eq!(result["cases"][0]["id"], "demo/new-name@feed");
    assert_eq!(result["cases"].as_array().unwrap().len(), 1);
    place.run(&[&args[..], &["--skip", "demo/old-name"]].concat()).exits(4);
    let ran = place.run(&["explain", "demo/old-name", "--scenarios", "one.toml"]).exits(0);
    assert!(ran.stdout.contains("demo/new-name"), "{ran}");
    let ran = place.run(&["list", "demo/old-name", "--scenarios", "one.toml"]).exits(0);
    assert!(ran.stdout.starts_with("demo/new-name"), "{ran}");
}

#[test]
fn scenarios_that_cannot_be_read_are_an_error_in_every_command() {
    let place = Place::new();
    std::fs::create_dir(place.path("empty")).unwrap();
    place.write("latin1.toml", "");
    std::fs::write(place.path("latin1.toml"), b"# caf\xe9\n").unwrap();
    for command in [&["test", "client", "--builtin"][..], &["list"], &["explain", "x"], &["mock"]] {
        let with = |path| [command, &["--scenarios", path]].concat();
        place
            .run(&with("missing"))
            .exits(2)
            .says("error: failed to read `missing`: No such file or directory (os error 2)")
            .says("help: check the path and its permissions");
        place.run(&with("empty")).exits(2).says("error: `empty` holds no scenario files");
        place.run(&with("latin1.toml")).exits(2).says("failed to read `latin1.toml`");
    }
    place.run(&["lint", "missing"]).exits(2).says("failed to read `missing`");
}

#[test]
fn all_that_is_wrong_with_scenarios_is_said_at_once() {
    let place = Place::new();
    place.write(
        "one.toml",
        r#"
[[case]]
id = "demo/first"
rule = "no.such-rule"
title = "One"
stream = ["data: a"]
expect = [{ evnt = { data = 'a' } }]

[[case]]
id = "demo/second"
ruel = "line.cr"
title = "Two"
stream = ['\q']
"#,
    );
    let ran = place.run(&["test", "client", "--builtin", "--scenarios", "one.toml"]).exits(2);
    for text in ["no.such-rule", "evnt", "ruel", r"\q", "one.toml:"] {
        assert!(ran.stderr.contains(text), "{text} in {ran}");
    }
    ran.says("in the scenario files").says("docs/scenarios.md tells how scenarios are written");
}

#[test]
fn the_command_line_itself_is_checked() {
    let place = Place::new();
    place.run(&["test", "client"]).exits(2).says("<--exec <CMD>|--each <CMD>|");
    place
        .run(&["test", "client", "--builtin", "--exec", "x"])
        .exits(2)
        .says("error: the argument '--builtin' cannot be used with '--exec <CMD>'");
    for scale in ["0", "0.05", "1000", "x", "nan"] {
        place
            .run(&["test", "client", "--builtin", "--time-scale", scale])
            .exits(2)
            .says("a number from 0.1 to 100");
    }
    place.run(&["test", "client", "--builtin", "--repeat", "0"]).exits(2);
    place.run(&["test", "client", "--builtin", "-j", "0"]).exits(2);
    place.run(&["tset"]).exits(2).says("a similar subcommand exists: 'test'");
    place.run(&[]).exits(2).says("Usage: ssespec <COMMAND>");
}
