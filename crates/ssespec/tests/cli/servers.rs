//! `test server`: endpoints that give no stream, or none that can be judged.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Mutex;

use crate::place::Place;

/// Answers each connection with these bytes, or with nothing, and closes it; ends with the test.
fn serve(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer_one(stream, answer));
        }
    });
    address
}

fn answer_one(mut stream: TcpStream, answer: &[u8]) {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    while !request.windows(4).any(|it| it == b"\r\n\r\n") {
        match stream.read(&mut piece) {
            Ok(count) if count > 0 => request.extend_from_slice(&piece[..count]),
            _ => return,
        }
    }
    let _ = stream.write_all(answer);
}

fn test(place: &Place, answer: &'static [u8], more: &[&str]) -> crate::place::Ran {
    let url = format!("http://{}/events", serve(answer));
    place.run(&[&["test", "server", &url, "--for", "1s"], more].concat())
}

#[test]
fn the_reference_server_passes() {
    let place = Place::new();
    place
        .run(&["test", "server", "--builtin", "--for", "1s", "--run", "server/media-type*"])
        .exits(0)
        .says("the reference server")
        .says("2 pass, 0 fail");
}

#[test]
fn a_url_without_scheme_is_mended() {
    let place = Place::new();
    place
        .run(&["test", "server", "localhost:8080/events"])
        .exits(2)
        .says("`localhost:8080/events` is no URL")
        .says("`http://localhost:8080/events`");
    place.run(&["test", "server"]).exits(2).says("<URL>");
    place.run(&["test", "server", "http://localhost/", "-H", "nothing"]).exits(2).says("-H 'Auth");
    place
        .run(&["test", "server", "http://localhost/", "--trigger", "http://localhost/"])
        .exits(2)
        .says("--trigger 'POST http://HOST/PATH'");
    place
        .run(&["test", "server", "http://localhost/", "--gauge", "localhost/metrics"])
        .exits(2)
        .says("--gauge 'http://HOST/metrics#NAME'");
}

/// A server that is silent until somebody posts to it, and tells how many streams it has open.
fn serve_when_told() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let streams: &'static Mutex<Vec<TcpStream>> = Box::leak(Box::default());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                let count = stream.read(&mut request).unwrap_or(0);
                let ok = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
                let head = format!("{ok}Content-Type: text/event-stream\r\n\r\n");
                let short =
                    |body: &str| format!("{ok}Content-Length: {}\r\n\r\n{body}", body.len());
                if request[..count].starts_with(b"POST") {
                    for mut open in streams.lock().unwrap().iter() {
                        let _ = open.write_all(b"data: told\n\n");
                    }
                    let _ = stream.write_all(short("").as_bytes());
                } else if request[..count].starts_with(b"GET /streams") {
                    let open = streams.lock().unwrap().len();
                    let _ = stream.write_all(short(&format!("{{\"open\":{open}}}")).as_bytes());
                } else {
                    let _ = stream.write_all(head.as_bytes());
                    streams.lock().unwrap().push(stream.try_clone().unwrap());
                    let own = stream.peer_addr().unwrap();
                    let _ = stream.read(&mut request);
                    streams.lock().unwrap().retain(|it| it.peer_addr().ok() != Some(own));
                }
            });
        }
    });
    address
}

#[test]
fn a_silent_server_is_made_to_emit() {
    let place = Place::new();
    let address = serve_when_told();
    let (url, emit) = (format!("http://{address}/events"), format!("POST http://{address}/emit"));
    let run = ["test", "server", url.as_str(), "--for", "3s", "--run", "server/events-whole"];
    place.run(&run).exits(4).says("--trigger");
    place.run(&[&run[..], &["--trigger", &emit]].concat()).exits(0).says("1 pass");
}

#[test]
fn open_streams_are_counted_where_the_server_shows_them() {
    let place = Place::new();
    let address = serve_when_told();
    let (url, gauge) = (format!("http://{address}/"), format!("http://{address}/streams#/open"));
    let run = ["test", "server", url.as_str(), "--for", "1s", "--run", "server/streams-released"];
    place.run(&run).exits(4).says("--gauge");
    place.run(&[&run[..], &["--gauge", &gauge]].concat()).exits(0).says("1 pass");
    let wrong = format!("http://{address}/streams#/closed");
    place
        .run(&[&run[..], &["--gauge", &wrong]].concat())
        .exits(6)
        .says("does not show a number at `/closed`");
}

#[test]
fn a_server_that_is_not_there_is_an_error_and_never_green() {
    let place = Place::new();
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let url = format!("http://{free}/");
    place
        .run(&["test", "server", &url, "--report", "json=result.json"])
        .exits(3)
        .says("gives no answer")
        .says("start the server");
    let result = place.json("result.json");
    assert_eq!(result["subject"]["role"], "server");
    assert_eq!(result["errors"][0]["kind"], "subject");
}

#[test]
fn what_is_no_http_or_no_answer_is_an_error() {
    let place = Place::new();
    test(&place, b"SSH-2.0-server\r\n", &[]).exits(3).says("this is no HTTP/1 response");
    test(&place, b"", &[]).exits(3).says("the connection was dropped without an answer");
    let loops = b"HTTP/1.1 302 Found\r\nLocation: /events\r\nContent-Length: 0\r\n\r\n";
    test(&place, loops, &[]).exits(3).says("more than 20 redirects");
    let url = format!("https://{}/", serve(b"HTTP/1.1 200 OK\r\n\r\n"));
    place.run(&["test", "server", &url]).exits(3).says("the TLS handshake failed");
}

#[test]
fn what_is_no_stream_fails_by_what_it_is() {
    let place = Place::new();
    let missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone";
    test(&place, missing, &[]).exits(1).says("status 404").says("blocked");
    let page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\npage";
    test(&place, page, &[]).exits(1).says("`Content-Type` is `text/html`");
    // 204 is how a server says that there is nothing: nothing is scored but the framing.
    let nothing = b"HTTP/1.1 204 No Content\r\n\r\n";
    test(&place, nothing, &["--run", "server/status-is-200"]).exits(4).says("1 observed");
}

#[test]
fn a_breach_is_shown_in_the_stream_with_the_requests_to_see_it_again() {
    let place = Place::new();
    let stream = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n\
                   data: a\n\nretry: 1s\ndata: b\n\n";
    test(&place, stream, &["--run", "server/retry-in-digits", "--fail-on", "should"])
        .exits(1)
        .says("in the stream, byte 17")
        .says("^ `retry` with other characters than digits")
        .says("curl -N -i --http1.1")
        .says("ssespec test server 'http://127.0.0.1:");
}

#[test]
fn what_lets_people_in_stands_in_no_report() {
    let place = Place::new();
    let stream = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";
    let secret = ["-H", "Authorization: Bearer hunter2", "--format", "json"];
    let result = test(&place, stream, &secret).exits(1).json().to_string();
    assert!(!result.contains("hunter2"), "{result}");
}

#[test]
fn an_empty_body_leaves_nothing_to_be_scored_of_its_events() {
    let place = Place::new();
    let empty = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    test(&place, empty, &["--run", "server/utf-8"]).exits(4).says("0 events came");
    test(&place, empty, &["--run", "server/utf-8", "--min-events", "3"]).exits(4);
}
