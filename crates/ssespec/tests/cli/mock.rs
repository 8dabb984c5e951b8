//! `ssespec mock`: the mock by itself.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr};

use crate::place::{Place, finish};
use crate::processes::signal;

/// Starts the mock; gives its address as it says it.
fn start(place: &Place, args: &[&str]) -> (Child, BufReader<ChildStderr>, String) {
    let args = [&["mock", "--listen", "127.0.0.1:0"], args].concat();
    let mut child = place.ssespec(&args).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
    let address = address.unwrap_or_else(|| panic!("no address in {line}")).to_owned();
    (child, stderr, address)
}

fn ask(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn an_address_in_use_is_an_error() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    place
        .run(&["mock", "--listen", &address])
        .exits(3)
        .says(&format!("error: failed to listen on {address}: Address"))
        .says("in use")
        .says("help: give another address with `--listen`, or port 0 for a free one");
    place.run(&["mock", "--listen", "nowhere"]).exits(2).says("invalid socket address syntax");
}

#[test]
fn it_serves_until_it_is_told_to_end() {
    for name in ["INT", "TERM"] {
        let place = Place::new();
        let (child, _stderr, address) = start(&place, &["--case", "line/crlf-split-across-*"]);
        let list = ask(&address, "/");
        assert!(list.contains("\n/case/line/crlf-split-across-chunks "), "{list}");
        assert!(!list.contains("/case/bom/"), "{list}");
        assert!(signal(child.id(), name));
        finish(child).exits(0);
        // Its port is free again.
        TcpListener::bind(&*address).unwrap();
    }
}

#[test]
fn it_serves_scenarios_of_ones_own() {
    let place = Place::new();
    let (child, _stderr, address) = start(&place, &["--scenarios", "one.toml"]);
    let body = ask(&address, "/case/demo/one-evnt");
    assert!(body.starts_with("HTTP/1.1 404 "), "{body}");
    assert!(body.contains("Did you mean /case/demo/one-event ?"), "{body}");
    let mut stream = BufReader::new(TcpStream::connect(&address).unwrap());
    let request = b"GET /case/demo/one-event HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.get_mut().write_all(request).unwrap();
    let mut lines = stream.lines().map(|line| line.unwrap());
    assert_eq!(lines.next().unwrap(), "HTTP/1.1 200 OK");
    assert!(lines.any(|line| line == "data: a"));
    // A client that still reads does not keep it from ending.
    assert!(signal(child.id(), "INT"));
    finish(child).exits(0);
}

#[test]
fn its_load_endpoints_serve_streams_that_can_be_loaded() {
    let place = Place::new();
    let (child, _stderr, address) = start(&place, &["--workers", "2"]);
    let answer = ask(&address, "/load/stream?rate=100&count=3&seq=7");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("id: 9\n") && !answer.contains("id: 10\n"), "{answer}");
    // The cases are there as before.
    assert!(ask(&address, "/").contains("\n/case/"));
    let url = format!("http://{address}/load/stream?rate=20");
    let result = place
        .run(&["load", &url, "-c", "40", "--duration", "1s", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(result["streams"]["opened"], 40);
    assert_eq!(result["delivery"]["lost"], 0);
    assert!(signal(child.id(), "INT"));
    finish(child).exits(0);
}

#[test]
fn what_is_published_on_the_mock_reaches_all_who_listen() {
    let place = Place::new();
    let (child, _stderr, address) = start(&place, &["--workers", "3"]);
    let listen = |_| {
        let mut stream = TcpStream::connect(&*address).unwrap();
        write!(stream, "GET /load/broadcast?rate=0&topic=a HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line).unwrap();
        }
        stream
    };
    let listeners: Vec<_> = (0..6).map(listen).collect();
    let mut publisher = TcpStream::connect(&*address).unwrap();
    let head = "POST /load/broadcast?topic=a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
    publisher.write_all(head.as_bytes()).unwrap();
    for mut listener in listeners {
        let mut line = String::new();
        while !line.contains("hello") {
            line.clear();
            assert!(listener.read_line(&mut line).unwrap() > 0, "the stream ended");
        }
    }
    assert!(signal(child.id(), "INT"));
    finish(child).exits(0);
}
