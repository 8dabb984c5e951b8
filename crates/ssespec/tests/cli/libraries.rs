//! `test server --exec`: adapters of server libraries that cannot be used, and how that is mended.

use crate::place::{Place, Ran};

/// Runs with an adapter that prints this line, and then waits for its stdin to end.
fn adapter(hello: &str) -> Ran {
    let command = format!("echo '{hello}'; cat > /dev/null");
    Place::new().run(&["test", "server", "--exec", &command, "--run", "library/data"])
}

fn hello(more: &str) -> String {
    format!(r#"{{"op":"hello","protocol":1,"role":"server","name":"toy",{more}}}"#)
}

#[test]
fn a_command_that_does_not_exist_is_named() {
    Place::new()
        .run(&["test", "server", "--exec", "no-such-adapter"])
        .exits(3)
        .says("could not be found")
        .says("check the path");
}

#[test]
fn a_first_line_that_is_no_hello_is_shown() {
    adapter("listening on 8080").exits(3).says("`listening on 8080`").says("\"role\":\"server\"");
    adapter(&hello(r#""features":[]"#)).exits(3).says("missing field `url`");
}

#[test]
fn an_adapter_of_a_client_is_sent_to_the_other_command() {
    let line =
        r#"{"op":"hello","protocol":1,"role":"client","name":"toy","url":"http://127.0.0.1:9/"}"#;
    adapter(line).exits(3).says("ssespec test client --exec");
}

#[test]
fn an_unknown_feature_is_mended() {
    adapter(&hello(r#""url":"http://127.0.0.1:9/emit","features":["hartbeat"]"#))
        .exits(3)
        .says("did you mean `heartbeat`?");
}

#[test]
fn an_adapter_that_ends_in_the_middle_is_named() {
    let line = hello(r#""url":"http://127.0.0.1:9/emit","features":[]"#);
    let command = format!("echo '{line}'; echo broken >&2; exit 9");
    Place::new()
        .run(&["test", "server", "--exec", &command])
        .exits(3)
        .says("in the middle of the run")
        .says("broken");
}

#[test]
fn an_adapter_that_does_not_listen_is_an_error() {
    adapter(&hello(r#""url":"http://127.0.0.1:9/emit","features":[]"#))
        .exits(3)
        .says("gives no answer");
}

#[test]
fn options_for_urls_are_refused_beside_an_adapter() {
    Place::new()
        .run(&["test", "server", "--exec", "true", "--http2"])
        .exits(2)
        .says("cannot be used with");
}
