//! `report merge` and `report diff`: what they write, what they refuse, and their exit codes.

use crate::place::Place;

/// Two results of a decoder, one right and one wrong.
fn two() -> Place {
    let place = Place::new();
    place.decoder("a");
    place.test_adapter(&["--report", "json=good.json"]).exits(0);
    place.decoder("b");
    place.test_adapter(&["--report", "json=bad.json"]).exits(1);
    place
}

#[test]
fn results_are_merged() {
    let place = two();
    let reports =
        ["--report", "json=out/m.json", "--report", "html=out/m.html", "--report", "markdown=m.md"];
    let ran = place.run(&[&["report", "merge", "good.json", "bad.json"][..], &reports].concat());
    ran.exits(0).says("report: out/m.html").says("merged 2 clients, 1 case");
    let matrix = place.json("out/m.json");
    assert_eq!(matrix["kind"], "matrix");
    assert_eq!(matrix["subjects"][0]["source"], "good.json");
    assert_eq!(matrix["cases"][0]["id"], "demo/one-event");
    // Both are of one name: their files tell them apart.
    assert!(place.read("m.md").contains("| `good` "));
    // A matrix can be rendered again, into the same.
    place.run(&["report", "render", "out/m.json", "--report", "html=again.html"]).exits(0);
    assert_eq!(place.read("again.html"), place.read("out/m.html"));
    place
        .run(&["report", "render", "out/m.json", "--report", "junit=x.xml"])
        .exits(2)
        .says("a matrix is over many runs");
}

#[test]
fn kinds_that_a_matrix_does_not_have_are_a_usage_error() {
    let place = two();
    let merge = |target| place.run(&["report", "merge", "good.json", "--report", target]).exits(2);
    merge("junit=x.xml").says("`junit` cannot be written here; there are `html`");
    merge("pdf=x").says("`pdf` is no kind of report; there are `html`");
    place.run(&["report", "merge", "good.json"]).exits(2).says("--report");
    place
        .run(&["report", "diff", "good.json", "bad.json", "--report", "html=x"])
        .exits(2)
        .says("`html` cannot be written here; there is `markdown`");
}

#[test]
fn a_diff_tells_regressions_by_its_exit_code() {
    let place = two();
    let diff = |old, new| place.run(&["report", "diff", old, new]);
    diff("good.json", "bad.json")
        .exits(1)
        .says("1 regressed")
        .says("demo/one-event@feed  pass → fail")
        .says("REGRESSED (exit code 1): 1 regressed");
    diff("bad.json", "good.json").exits(0).says("1 fixed");
    let same = diff("good.json", "good.json").exits(0).says("1 of 1 common cases are as before");
    assert_eq!(same.stdout, "");

    let none = place.read("good.json").replace("demo/one-event", "demo/other");
    place.write("other.json", &none);
    diff("good.json", "other.json").exits(4).says("the two runs have no case in common");
    let lost =
        place.read("good.json").replace("\"verdict\": \"pass\"", "\"verdict\": \"inconclusive\"");
    place.write("lost.json", &lost);
    diff("good.json", "lost.json").exits(6).says("1 lost: now inconclusive");
}

#[test]
fn a_diff_is_written_as_markdown() {
    let place = two();
    let args = ["report", "diff", "good.json", "bad.json", "--report", "markdown=out/diff.md"];
    place.run(&args).exits(1);
    assert!(place.read("out/diff.md").contains("| `demo/one-event@feed` | pass → fail |"));
}

#[test]
fn what_is_no_result_is_refused_by_all() {
    let place = two();
    let good = place.read("good.json");
    place.write("cut.json", &good[..good.len() / 2]);
    place.write("empty.json", "");
    place.write("newer.json", &good.replacen("\"schema_version\": 1", "\"schema_version\": 2", 1));
    place.write("older.json", &good.replacen("\"schema_version\": 1", "\"schema_version\": 0", 1));
    place.write("load.json", r#"{"schema_version": 1, "workload": {"streams": 1}}"#);
    place.write("list.json", "[1]");
    place.write("text.json", "data: a\n\n");
    std::fs::write(place.path("binary.json"), [0xff, 0xfe, 0]).unwrap();
    place.run(&["report", "merge", "good.json", "--report", "json=matrix.json"]).exits(0);
    for (file, says) in [
        ("cut.json", "the result is cut off at line"),
        ("empty.json", "the result is empty"),
        ("newer.json", "schema version `2`, this tool reads `1`"),
        ("older.json", "schema version `0`, this tool reads `1`"),
        ("list.json", "is not a result"),
        ("text.json", "the result is not JSON"),
        ("binary.json", "byte 0 is not UTF-8, so it is not JSON"),
        ("missing.json", "failed to read `missing.json`"),
        (".", "failed to read `.`"),
    ] {
        place.run(&["report", "render", file, "--report", "html=x.html"]).exits(2).says(says);
        let merge = ["report", "merge", "good.json", file, "--report", "html=x.html"];
        place.run(&merge).exits(2).says(says);
        place.run(&["report", "diff", "good.json", file]).exits(2).says(says);
        place.run(&["report", "diff", file, "good.json"]).exits(2).says(says);
    }
    let refused = "the file is a load result, not the result of one run";
    let merge = ["report", "merge", "good.json", "load.json", "--report", "html=x.html"];
    place.run(&merge).exits(2).says(refused);
    place.run(&["report", "diff", "good.json", "load.json"]).exits(2).says(refused);
    let render = ["report", "render", "load.json", "--report", "html=x.html"];
    place.run(&render).exits(2).says("the result does not match its schema: missing field `url`");
    let refused = "the file is a matrix, not the result of one run";
    let merge = ["report", "merge", "good.json", "matrix.json", "--report", "html=x.html"];
    place.run(&merge).exits(2).says(refused);
    place.run(&["report", "diff", "good.json", "matrix.json"]).exits(2).says(refused);
    assert!(!place.path("x.html").exists());
}

#[test]
fn clients_and_servers_are_not_merged() {
    let place = two();
    let server = place.read("good.json").replace("\"role\": \"client\"", "\"role\": \"server\"");
    place.write("server.json", &server);
    place
        .run(&["report", "merge", "good.json", "server.json", "--report", "json=x.json"])
        .exits(2)
        .says("`good.json` is the result of a client, `server.json` that of a server");
}
