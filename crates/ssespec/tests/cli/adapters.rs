//! Adapters that misbehave: each is named for what it did, none hangs us or fills our memory.

use crate::place::{Place, decoder_lines};

#[test]
fn an_adapter_that_is_not_there_is_said_to_be_not_found() {
    let place = Place::new();
    let args = ["test", "client", "--scenarios", "one.toml", "--exec", "no-such-program --flag"];
    place
        .run(&args)
        .exits(3)
        .says("the adapter could not be found; its stderr ends with:")
        .says("help: check the path and the PATH of the command")
        .says("NOT PASSED (exit code 3): 1 subject error; no case was scored");
}

#[test]
fn an_adapter_that_exits_at_once_is_quoted() {
    let place = Place::new();
    place.write("adapter.sh", "echo 'cannot import eventsource' >&2; exit 7");
    place
        .test_adapter(&["--report", "json=r.json"])
        .exits(3)
        .says("the adapter ended (exit status: 7) before its `hello`; its stderr ends with:")
        .says("cannot import eventsource")
        .says("help: run the command by hand to see why");
    let result = place.json("r.json");
    assert_eq!(result["errors"][0]["kind"], "subject");
    assert_eq!(result["cases"].as_array().unwrap().len(), 0);
}

#[test]
fn an_adapter_without_a_hello_is_given_up() {
    let place = Place::new();
    place.write("adapter.sh", "echo 'still loading' >&2; exec sleep 1000");
    place
        .test_adapter(&["--time-scale", "0.1"])
        .exits(3)
        .says("`sh adapter.sh` said no `hello` within 6 s; its stderr ends with: still loading")
        .says("help: print the `hello` line first, and flush stdout after each line");
}

#[test]
fn an_adapter_that_closes_its_stdout_before_its_hello_is_not_waited_for() {
    let place = Place::new();
    let args = ["test", "client", "--scenarios", "one.toml"];
    place
        .run(&[&args[..], &["--exec", "exec >&-; exec sleep 1000"]].concat())
        .exits(3)
        .says("the adapter closed its stdout before its `hello`");
}

#[test]
fn another_version_of_the_protocol_is_refused() {
    let place = Place::new();
    place.write("adapter.sh", r#"echo '{"op":"hello","protocol":2,"name":"future"}'; cat"#);
    place
        .test_adapter(&[])
        .exits(3)
        .says("the adapter speaks version 2 of the protocol, ssespec speaks 1")
        .says("help: say \"protocol\":1 in the `hello`, or use a matching ssespec");
}

#[test]
fn an_unknown_feature_is_refused_with_the_one_that_was_meant() {
    let place = Place::new();
    let hello = r#"{"op":"hello","protocol":1,"name":"x","features":["open","recconect"]}"#;
    place.write("adapter.sh", &format!("echo '{hello}'; cat"));
    place
        .test_adapter(&[])
        .exits(3)
        .says("`recconect` is no feature; did you mean `reconnect`?")
        .says("docs/adapter-protocol.md lists the features");
}

#[test]
fn a_first_line_that_is_no_hello_is_shown() {
    let place = Place::new();
    place.write("adapter.sh", "echo 'Debugger listening on ws://127.0.0.1'; cat");
    place
        .test_adapter(&[])
        .exits(3)
        .says("the adapter's first line is no `hello`")
        .says("in the line `Debugger listening on ws://127.0.0.1`")
        .says("the first line must be {\"op\":\"hello\",\"protocol\":1,");
    place.write("adapter.sh", r#"echo '{"op":"opened","stream":1}'; cat"#);
    place.test_adapter(&[]).exits(3).says("the adapter reported before its `hello`");
}

#[test]
fn a_report_about_an_unknown_stream_is_an_error() {
    let place = Place::new();
    place.adapter(r#"read -r line; echo '{"op":"closed","stream":77}'; cat >&2"#);
    place
        .test_adapter(&[])
        .exits(3)
        .says("error demo/one-event@feed the adapter reported about stream 77")
        .says("the adapter reported about stream 77, which was never opened")
        .says("help: repeat the `stream` number of the command that opened the stream")
        .says("1 case in error; no case was scored");
}

#[test]
fn invalid_json_in_the_middle_is_shown_with_its_place() {
    let place = Place::new();
    place.adapter(r#"read -r line; echo '{"op":"event",'; cat >&2"#);
    place
        .test_adapter(&[])
        .exits(3)
        .says("the adapter broke the protocol:")
        .says("at line 1 column 14 in the line `{\"op\":\"event\",`")
        .says("help: stdout takes protocol lines only; print logs to stderr");
}

#[test]
fn a_line_that_is_not_utf8_is_an_error() {
    let place = Place::new();
    place.adapter(r#"read -r line; printf '{"op":"\377\376"}\n'; cat >&2"#);
    place
        .test_adapter(&[])
        .exits(3)
        .says("the adapter printed a line that is not UTF-8")
        .says("help: print JSON in UTF-8, or escape everything beyond ASCII");
}

#[test]
fn a_second_hello_is_an_error() {
    let place = Place::new();
    place.adapter("read -r line; sed -n 1p adapter.sh | sh; cat >&2");
    place.test_adapter(&[]).exits(3).says("the adapter said `hello` twice");
}

#[test]
fn an_adapter_that_crashes_on_its_first_command_is_quoted() {
    let place = Place::new();
    place.adapter("read -r line; echo 'TypeError: undefined' >&2; exit 4");
    place
        .test_adapter(&["--report", "junit=r.xml"])
        .exits(3)
        .says("the adapter ended (exit status: 4) in the middle of the run")
        .says("its stderr ends with: TypeError: undefined");
    assert!(place.read("r.xml").contains("TypeError: undefined"));
}

#[test]
fn an_adapter_that_crashes_now_and_then_fails_only_where_it_does() {
    let place = Place::new();
    // Its first process dies of its first command, the others do everything right.
    let lines = decoder_lines("a", "echo \"{\\\"op\\\":\\\"closed\\\",\\\"stream\\\":$n}\"");
    place.adapter(&format!("[ -e died ] || {{ : > died; read -r line; exit 1; }}\n{lines}"));
    place.test_adapter(&["--report", "json=r.json"]).exits(0);
    assert_eq!(place.json("r.json")["cases"][0]["verdict"], "pass");
}

#[test]
fn an_adapter_that_does_not_answer_close_is_in_error() {
    let place = Place::new();
    place.adapter(&decoder_lines("a", ":"));
    place
        .test_adapter(&[])
        .exits(3)
        .says("the adapter did not answer `close` with `closed`")
        .says("print {\"op\":\"closed\",\"stream\":…} when a stream was closed");
}

#[test]
fn an_adapter_that_ignores_exit_is_killed() {
    let place = Place::new();
    let closed = "echo \"{\\\"op\\\":\\\"closed\\\",\\\"stream\\\":$n}\"";
    let lines = decoder_lines("a", closed).replace("exit 0", ":");
    place.adapter(&format!("echo $$ > pid\ntrap '' TERM HUP\n{lines}\nwhile :; do sleep 1; done"));
    place.test_adapter(&[]).exits(0);
    crate::processes::wait_for_end_of(crate::processes::pid_in(&place.path("pid")));
}

#[test]
fn a_line_of_100_megabytes_is_refused_in_bounded_memory() {
    let place = Place::new();
    place.adapter("read -r line; head -c 100000000 /dev/zero | tr '\\0' x; cat >&2");
    let args = "test client --exec 'sh adapter.sh' --scenarios one.toml";
    // Twice the longest line and the command itself fit; 100 MB and their copies do not.
    place
        .run_limited(args, 1_500_000)
        .exits(3)
        .says("the adapter printed a line of more than 67108864 bytes")
        .says("help: print one JSON object a line, and a newline after each");
}

#[test]
fn a_flood_of_reports_is_stopped_in_bounded_memory() {
    let place = Place::new();
    place.adapter(r#"read -r line; exec yes '{"op":"event","stream":1,"data":"flood"}'"#);
    let args = "test client --exec 'sh adapter.sh' --scenarios one.toml";
    place
        .run_limited(args, 2_500_000)
        .exits(3)
        .says("the adapter floods stream 1 with reports")
        .says("help: report each event once, and only what the client delivers");
}

#[test]
fn a_flood_of_log_lines_is_an_error_at_once() {
    let place = Place::new();
    place.adapter("read -r line; exec yes 'INFO connected'");
    place.test_adapter(&[]).exits(3).says("in the line `INFO connected`");
}

#[test]
fn stderr_may_be_flooded() {
    let place = Place::new();
    let closed = "echo \"{\\\"op\\\":\\\"closed\\\",\\\"stream\\\":$n}\"";
    let lines = decoder_lines("a", closed);
    place.adapter(&format!("head -c 3000000 /dev/zero >&2\nyes log | head -n 200000 >&2\n{lines}"));
    place.test_adapter(&[]).exits(0);
}

impl Place {
    /// Runs the command with so much address space, in KiB, where the shell can limit it.
    #[track_caller]
    fn run_limited(&self, args: &str, address_space_kib: u32) -> crate::place::Ran {
        let program = env!("CARGO_BIN_EXE_ssespec");
        // Only Linux keeps this limit; elsewhere the test still shows that it ends.
        let limit = if cfg!(target_os = "linux") {
            format!("ulimit -v {address_space_kib};")
        } else {
            String::new()
        };
        let mut command = std::process::Command::new("sh");
        command
            .args(["-c", &format!("{limit} exec '{program}' {args}")])
            .current_dir(self.path(""))
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        crate::place::finish(command.spawn().unwrap())
    }
}
