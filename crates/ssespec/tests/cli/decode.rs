//! `decode`: the reference parser on the command line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use crate::place::{Place, finish};

#[test]
fn an_event_is_printed_while_stdin_stays_open() {
    let place = Place::new();
    let mut command = place.ssespec(&["decode", "--format", "json"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for number in 0..3 {
        write!(stdin, "id: {number}\nda").unwrap();
        stdin.flush().unwrap();
        write!(stdin, "ta: hi\n\n").unwrap();
        stdin.flush().unwrap();
        // Were it kept back, this would wait for ever.
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["event"]["data"], "hi");
        assert_eq!(value["event"]["id"], number.to_string());
    }
    drop(stdin);
    finish(child).exits(0);
}

#[test]
fn a_bare_cr_is_acted_on_at_once() {
    let place = Place::new();
    let mut child = place.ssespec(&["decode"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"data: hi\r\r").unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "event message\n");
    drop(stdin);
    finish(child).exits(0);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let place = Place::new();
    let mut child = place.ssespec(&["decode"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    drop(child.stdout.take());
    // Until it has noticed.
    while stdin.write_all(b"data: a\n\n").is_ok() {}
    let ran = finish(child).exits(0);
    assert_eq!(ran.stderr, "");
}

#[test]
fn files_that_cannot_be_read_are_an_error() {
    let place = Place::new();
    place
        .run(&["decode", "missing.txt"])
        .exits(2)
        .says("error: failed to read `missing.txt`: No such file or directory (os error 2)")
        .says("help: check the path and its permissions");
    place.run(&["decode", "."]).exits(2).says("failed to read `.`: Is a directory");
}

#[test]
fn an_event_of_8_mebibytes_is_decoded() {
    let place = Place::new();
    let data = "x".repeat(8 << 20);
    let ran = place.run_with(&["decode"], format!("data: {data}\n\n").into_bytes()).exits(0);
    assert_eq!(ran.stdout.len(), "event message\n  \n".len() + data.len());
    let ran = place.run_with(
        &["decode", "--format", "json"],
        format!("data: {data}\n\ndata: b\n\n").into_bytes(),
    );
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 2);
    let value: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(value["event"]["data"].as_str().unwrap().len(), 8 << 20);
}

#[test]
fn a_line_beyond_the_limit_is_a_failure_after_what_came_before_it() {
    let place = Place::new();
    let mut stream = b"data: a\n\n".to_vec();
    stream.resize(stream.len() + (64 << 20) + 1, b'x');
    let ran = place
        .run_with(&["decode"], stream)
        .exits(1)
        .says("error: the line at byte 9 is longer than 67108864 bytes");
    assert_eq!(ran.stdout, "event message\n  a\n");
}

#[test]
fn an_event_beyond_the_limit_is_a_failure() {
    let place = Place::new();
    let line = format!("data: {}\n", "x".repeat(1 << 20));
    place
        .run_with(&["decode"], line.repeat(65).into_bytes())
        .exits(1)
        .says("the data of one event grows past 67108864 bytes");
}

#[test]
fn whatever_the_bytes_they_are_no_error() {
    let place = Place::new();
    let mut bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    bytes.extend(b"\n\ndata: end\n\n");
    let ran = place.run_with(&["decode", "--explain"], bytes).exits(0);
    assert!(ran.stdout.ends_with("event message\n  end\n"), "{ran}");
    assert!(!ran.stdout.contains('\x1b'), "what steers a terminal is escaped");
    place.run_with(&["decode"], Vec::new()).exits(0);
}
