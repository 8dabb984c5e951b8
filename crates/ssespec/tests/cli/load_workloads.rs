//! `ssespec load`: what can be asked for: arrivals, answers, workload files, requests, publishers.
//!
//! Nothing here is decided by how long something takes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use crate::load::{TWENTY, load};
use crate::place::Place;

#[test]
fn streams_arrive_at_a_rate() {
    let place = Place::new();
    let args = ["load", TWENTY, "--duration", "1s", "--loop-lag-limit", "1h"];
    let arriving = ["--rate", "50/s", "--arrivals", "poisson", "--lifetime", "uniform:10ms..20ms"];
    place
        .run(&[&args[..], &arriving].concat())
        .exits(0)
        .says("50/s, Poisson, 1 s, at most")
        .says("each for uniform:0.01s..0.02s");
    place
        .run(&["load", TWENTY, "--stage", "5@0s", "--stage", "5/s@1s"])
        .exits(2)
        .says("some stages are numbers of streams and some are rates");
    place.run(&["load", TWENTY, "--arrivals", "poisson"]).exits(2).says("give a `--rate`");
    place.run(&["load", TWENTY, "--lifetime", "norm:5s"]).exits(2).says("`exp:10s`");
}

#[test]
fn answers_come_token_by_token() {
    let place = Place::new();
    let target = "--builtin=/load/llm?tokens=3&ttft=1ms&itl=1ms";
    // Each asks once: an arrival that is over is not replaced.
    let asked = ["load", target, "--rate", "100/s", "--duration", "1s", "--loop-lag-limit", "1h"];
    let reading = ["--until", "[DONE]", "--sequence", "/seq", "--slo", "ttft < 1h", "--body", "{}"];
    place
        .run(&[&asked[..], &reading, &["--fail", "good < 1"]].concat())
        .exits(0)
        .says("% good by `ttft < 1h`")
        .says("ttft.raw");
    place
        .run(&[&asked[..], &reading, &["--timestamp", "/sent"]].concat())
        .exits(1)
        .says("timestamp.missing")
        .says("there is nothing at `/sent`");
    place.run(&["load", target, "--slo", "ttft.p99 < 1s"]).exits(2).says("there is no `ttft.p99`");
    place.run(&["load", target, "--timestamp", "sent"]).exits(2).says("no JSON pointer");
}

#[test]
fn a_workload_holds_options_and_the_command_line_comes_before_them() {
    let place = Place::new();
    place.write(
        "w.toml",
        "title = 'five'\nbuiltin = '/load/stream?rate=1000&count=20'\nstreams = 5\nramp = '0s'\n\
         loop-lag-limit = '1h'\nduration = '10m'\nfail = ['events < 1', 'lost > 0']\n",
    );
    place
        .run(&["load", "--workload", "w.toml"])
        .exits(0)
        .says("5 streams, ramp 0 s, held 600 s")
        .says("events < 1");
    place
        .run(&["load", "--workload", "w.toml", "-c", "3", "--builtin=/load/llm?tokens=3&itl=1ms"])
        .exits(0)
        .says("builtin/load/llm?tokens=3&itl=1ms: 3 streams");
    place.write("none.toml", "streams = 5\n");
    place.run(&["load", "--workload", "none.toml"]).exits(2).says("there is no server to load");
    // All built-in ones can be read; what is wrong with the command line shows after that.
    for name in ["llm", "churn", "storm", "stages", "fan-out"] {
        let args = ["load", "--workload", name, "--body", "@missing"];
        place.run(&args).exits(2).says("failed to read `missing`");
    }
}

#[test]
fn each_stream_has_a_request_of_its_own() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/t/{{stream%2}}", listener.local_addr().unwrap());
    let requests = std::thread::spawn(move || {
        let mut requests = Vec::new();
        for socket in listener.incoming() {
            let mut socket = BufReader::new(socket.unwrap());
            let mut request = String::new();
            while socket.read_line(&mut request).is_ok_and(|len| len > 2) {}
            if request.is_empty() {
                continue;
            }
            requests.push(request);
            let answer = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: a\n\n";
            socket.into_inner().write_all(answer.as_bytes()).unwrap();
            if requests.len() == 4 {
                return requests;
            }
        }
        requests
    });
    place.write("keys", "key-a\nkey-b\nkey-c\n");
    let credentials = ["--credentials", "keys", "-H", "Authorization: Bearer {credential}"];
    place.run(&[&["load", &url, "-c", "4", "--ramp", "0s"], &credentials[..]].concat()).exits(0);
    let mut requests: Vec<String> = requests
        .join()
        .unwrap()
        .iter()
        .map(|request| {
            let target = request.split(' ').nth(1).unwrap_or_default();
            let key = request.split("Bearer ").nth(1).and_then(|it| it.lines().next());
            format!("{target} {}", key.unwrap_or_default())
        })
        .collect();
    requests.sort();
    assert_eq!(requests, ["/t/0 key-a", "/t/0 key-c", "/t/1 key-a", "/t/1 key-b"]);
    for (args, says) in [
        (&["http://localhost:1/{strem}"][..], "no variable `{strem}` in the URL, at its byte 20"),
        (&["http://localhost:1/", "-H", "A: {x}"], "no variable `{x}` in the header `A`"),
        (&["http://localhost:1/", "--body", "{x}"], "no variable `{x}` in the body"),
        (&["http://localhost:1/{credential}"], "`{credential}` has nothing to stand for"),
        (&["http://localhost:1/", "--credentials", "keys"], "nothing takes them"),
    ] {
        place.run(&[&["load"], args].concat()).exits(2).says(says);
    }
}

#[test]
fn messages_are_published_and_come_back() {
    let place = Place::new();
    let asked = [
        "load",
        "--builtin=/load/broadcast?rate=0",
        "-c",
        "5",
        "--ramp",
        "0s",
        "--duration",
        "2s",
        "--loop-lag-limit",
        "1h",
    ];
    let publish = ["--publish", "POST /load/broadcast", "--publish-rate", "100/s"];
    let more = ["--fail", "e2e.p50 > 1h", "--fail", "published < 1", "--fail", "lost > 0"];
    place.run(&[&asked[..], &publish, &more].concat()).exits(0).says("published, 0 failed");
    for (wrong, says) in [
        ("POST /load/x{topic}", "no variable `{topic}`"),
        ("P<>ST /x", "`P<>ST` is no method"),
        ("POST localhost", "`localhost` is no URL"),
    ] {
        place.run(&[&asked[..], &["--publish", wrong]].concat()).exits(2).says(says);
    }
}

#[test]
fn slow_consumers_and_spread_losses() {
    let place = Place::new();
    let slow = ["--slow", "50%:pause=10ms", "--receive-buffer", "4096"];
    let storm = ["--reconnect=10ms", "--drop", "50%@10ms~20ms"];
    load(&place, &[&[TWENTY][..], &slow, &storm].concat())
        .exits(0)
        .says("read slowly; they are in no latency");
    load(&place, &[TWENTY, "--slow", "10%:fast"]).exits(2).says("`10%:pause=5s`");
    load(&place, &[TWENTY, "--reconnect", "--drop", "20"]).exits(2).says("`20%@30s`");
}
