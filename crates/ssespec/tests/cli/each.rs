//! `--each`: a process per case.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use crate::place::Place;
use crate::processes::{pid_in, wait_for_end_of};

/// A case whose body ends, so that a client which merely reads to the end can be judged.
const ENDING: &str = r"
[[case]]
id = 'demo/ending'
rule = 'dispatch.blank'
title = 'An event is delivered before the body ends'
finish = 'end'
stream = ['data: a\n\n']
expect = [{ event = { data = 'a' } }]

[[case]]
id = 'demo/nothing'
rule = 'eof.discard'
title = 'An unfinished block is dropped'
finish = 'end'
stream = ['data: a\n']
";

fn place() -> Place {
    let place = Place::new();
    place.write("ending.toml", ENDING);
    place
}

#[track_caller]
fn each(place: &Place, command: &str, more: &[&str]) -> crate::place::Ran {
    let args = ["test", "client", "--scenarios", "ending.toml", "--each", command];
    place.run(&[&args, more].concat())
}

#[test]
fn a_command_without_the_url_is_a_usage_error() {
    each(&place(), "my-client", &[])
        .exits(2)
        .says("error: the command `my-client` has no `{url}`")
        .says("help: put `{url}` where the command takes the stream's URL");
}

#[test]
fn an_unknown_feature_is_a_usage_error() {
    each(&place(), "my-client {url}", &["--feature", "coments"])
        .exits(2)
        .says("error: `coments` is no feature")
        .says("help: did you mean `comments`?");
    place()
        .run(&["test", "client", "--builtin", "--feature", "comments"])
        .exits(2)
        .says("error: `--feature` goes with `--each` only")
        .says("help: an adapter names its features in its `hello`");
}

#[test]
fn a_command_that_is_not_there_is_said_to_be_not_found() {
    each(&place(), "no-such-client {url}", &[])
        .exits(3)
        .says("could not be found")
        .says("help: check the path and the PATH of the command")
        .says("2 cases in error; no case was scored");
}

#[test]
fn rubbish_is_shown_with_the_form_that_is_wanted() {
    each(&place(), "echo hi; : {url}", &[])
        .exits(3)
        .says("the command broke the protocol: expected value at line 1 column 1 in the line `hi`")
        .says(r#"print one JSON object a line, as {"type":"message","data":"…","id":"…"}"#);
    each(&place(), r#"echo '{"op":"hello","protocol":1,"name":"x"}'; : {url}"#, &[])
        .exits(3)
        .says("the command broke the protocol: `hello` is for --exec");
}

#[test]
fn a_process_that_fails_fails_its_own_case_alone() {
    let place = Place::new();
    let case = |name: &str, target: &str| {
        format!(
            "[[case]]\nid = 'demo/{name}'\nrule = 'dispatch.blank'\ntitle = 'One event'\n\
             finish = 'end'\nopen = {{ target = '{target}' }}\nstream = ['data: a\\n\\n']\n\
             expect = [{{ event = {{ data = 'a' }} }}]\n\n"
        )
    };
    // More than would be taken for a subject that is of no use at all.
    let bad: String = ('a'..='z').map(|letter| case(&format!("bad-{letter}"), "?bad")).collect();
    place.write("ending.toml", &format!("{bad}{}", case("good", "?good")));
    let command = format!("case {{url}} in *bad) echo rubbish; exit;; esac; {}", client());
    let result = each(&place, &command, &["--format", "json"]).exits(3).json();
    assert_eq!(result["summary"]["error"], 26);
    assert_eq!(result["summary"]["pass"], 1);
    for case in result["cases"].as_array().unwrap() {
        let message = case["reason"]["message"].as_str().unwrap_or_default();
        assert!(message.is_empty() || message.ends_with("in the line `rubbish`"), "{message}");
    }
}

#[test]
fn the_url_is_one_word_for_the_shell() {
    let place = Place::new();
    place.write(
        "ending.toml",
        &ENDING.replace("finish =", "open = { target = '?a=1&b=2' }\nfinish ="),
    );
    for command in ["printf '%s\\n' {url} > url", "printf '%s\\n' \"{url}\" > url"] {
        each(&place, command, &["--run", "demo/ending", "-j", "1"]).exits(1);
        assert!(place.read("url").ends_with("?a=1&b=2\n"), "{}", place.read("url"));
    }
}

#[test]
fn a_flood_is_stopped() {
    each(&place(), r#"yes '{"data":"a"}' # {url}"#, &["-j", "1", "--run", "demo/ending"])
        .exits(3)
        .says("with reports");
}

#[test]
fn a_client_that_reads_the_stream_passes() {
    let place = place();
    let ran = each(&place, &client(), &["--report", "json=r.json"]).exits(0);
    assert!(ran.stderr.contains("2 pass, 0 fail"), "{ran}");
    assert_eq!(place.json("r.json")["profile"], "decoder");
}

#[test]
fn a_client_that_never_asked_passes_nothing() {
    // It reports what is wanted of it, and nothing where nothing is.
    each(&place(), r#"echo '{"data":"a"}'; : {url}"#, &["--run", "demo/ending"])
        .exits(1)
        .says("the client never asked for the stream");
    each(&place(), "true {url}", &["--run", "demo/nothing"])
        .exits(1)
        .says("the client never asked for the stream");
}

#[test]
fn a_process_that_lives_on_counts_as_closed_and_is_killed_with_all_it_started() {
    let place = place();
    // The shell waits for a child of its own, so that killing the shell alone would not do.
    let tail = "sh -c 'trap \"\" TERM HUP INT; echo $$ > pid; while :; do sleep 1; done'; exit";
    let command = format!("{}; {tail}", client());
    each(&place, &command, &["--run", "demo/ending"]).exits(0);
    wait_for_end_of(pid_in(&place.path("pid")));
}

/// This very program as a client, by way of the test below. Its lines go to the command's stdout
/// past the test harness, which prints lines of its own.
fn client() -> String {
    let program = std::env::current_exe().unwrap();
    format!(
        "exec 3>&1; SSESPEC_TEST_URL={{url}} '{}' \
         --exact each::as_a_client --ignored --nocapture >/dev/null",
        program.display()
    )
}

#[test]
#[ignore = "run as a client by other tests"]
fn as_a_client() {
    let Ok(url) = std::env::var("SSESPEC_TEST_URL") else {
        return;
    };
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut reader = BufReader::new(stream);
    let mut body = String::new();
    let mut line = String::new();
    while reader.read_line(&mut line).unwrap() > 2 {
        line.clear();
    }
    // Chunk by chunk, to the last, empty one.
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let length = usize::from_str_radix(line.trim(), 16).unwrap();
        let mut chunk = vec![0; length + 2];
        reader.read_exact(&mut chunk).unwrap();
        if length == 0 {
            break;
        }
        body.push_str(std::str::from_utf8(&chunk[..length]).unwrap());
    }
    let mut out = std::fs::OpenOptions::new().write(true).open("/dev/fd/3").unwrap();
    let mut blocks: Vec<&str> = body.split("\n\n").collect();
    // What follows the last blank line is no event.
    blocks.pop();
    for block in blocks {
        let data = block.strip_prefix("data: ").unwrap();
        writeln!(out, "{}", serde_json::json!({ "data": data })).unwrap();
    }
}
