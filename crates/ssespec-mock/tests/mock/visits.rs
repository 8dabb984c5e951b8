//! The mock for people with curl: a list, and each case by its id.

use std::sync::Arc;

use ssespec_mock::{Mock, MockConfig};
use ssespec_scenario::{Catalogue, SourceFile};

use crate::fixture::{HEAD, answer, connection, get, read_exactly};

const CASES: &str = r"
[[case]]
id = 'demo/chunks'
rule = 'dispatch.blank'
title = 'Chunks are kept apart'
stream = ['data: A\r', '\ndata: B\r\n\r\n']
expect = [{ event = { data = 'A\nB' } }]

[[case]]
id = 'demo/ends'
rule = 'dispatch.blank'
title = 'The body ends'
finish = 'end'
stream = ['data: a\n\n']
expect = [{ event = { data = 'a' } }]

[[case]]
id = 'demo/raw'
rule = 'dispatch.blank'
title = 'Two connections'
needs = ['reconnect']
connection = [
  { respond = { status = 503, content-type = 'text/plain', framing = 'length' }, steps = [{ send = 'wait' }] },
  { respond = { framing = 'close', version = '1.0' }, steps = [{ send = 'data: b\n\n' }, { sentinel = {} }] },
]
expect = [{ event = { data = 'b' } }]
";

async fn mock() -> Mock {
    let source = SourceFile { name: "cases.toml".to_owned(), text: CASES.to_owned() };
    let catalogue = Catalogue::from_sources(&[source])
        .unwrap_or_else(|failure| panic!("{}", failure.render(false)));
    let visits: Vec<Arc<_>> = catalogue.cases().to_vec();
    Mock::start(MockConfig { visits, ..MockConfig::default() }).await.unwrap()
}

#[tokio::test]
async fn the_root_lists_the_cases() {
    let text = answer(&mock().await, &get("/")).await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\n"));
    assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
    assert_eq!(
        body,
        "ssespec mock: GET /case/ID plays a case; the nth request gets its nth connection.\n\n\
         /case/demo/chunks  Chunks are kept apart\n\
         /case/demo/ends    The body ends\n\
         /case/demo/raw     Two connections\n"
    );
}

#[tokio::test]
async fn a_case_is_played_byte_for_byte() {
    let mock = mock().await;
    let text = answer(&mock, &get("/case/demo/ends")).await;
    assert_eq!(text, format!("{HEAD}9\r\ndata: a\n\n\r\n0\r\n\r\n"));
    let mut stream = connection(&mock, &get("/case/demo/chunks")).await;
    let chunks = "8\r\ndata: A\r\r\nc\r\n\ndata: B\r\n\r\n\r\n";
    let sentinel = "20\r\ndata: ssespec: end of the case\n\n\r\n";
    read_exactly(&mut stream, &format!("{HEAD}{chunks}{sentinel}")).await;
}

#[tokio::test]
async fn the_nth_request_gets_the_nth_connection_and_then_the_first_again() {
    let mock = mock().await;
    let first = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\n\
        cache-control: no-store\r\ncontent-length: 4\r\n\r\nwait";
    let second = "HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\n\
        connection: close\r\n\r\ndata: b\n\ndata: ssespec: end of the case\n\n";
    for expected in [first, second, first, second] {
        // A query is the client's own business.
        assert_eq!(answer(&mock, &get("/case/demo/raw?x=1")).await, expected);
    }
}

#[tokio::test]
async fn an_unknown_case_is_not_found_with_the_one_that_was_meant() {
    let mock = mock().await;
    let text = answer(&mock, &get("/case/demo/chunk")).await;
    assert!(text.starts_with("HTTP/1.1 404 Not Found\r\n"), "{text}");
    assert!(
        text.ends_with(
            "Nothing at /case/demo/chunk.\nDid you mean /case/demo/chunks ?\nGET / lists the cases.\n"
        ),
        "{text}"
    );
    for target in ["/case/", "/case/zzz", "/favicon.ico", "/c/0123456789abcdef/s/stream"] {
        let text = answer(&mock, &get(target)).await;
        assert!(text.starts_with("HTTP/1.1 404 "), "{text}");
        assert!(!text.contains("Did you mean"), "{text}");
    }
}

#[tokio::test]
async fn an_address_in_use_is_an_error_that_names_it() {
    let mock = mock().await;
    let config = MockConfig { listen: mock.address(), ..MockConfig::default() };
    let error = Mock::start(config).await.unwrap_err();
    assert!(error.to_string().contains(&mock.address().to_string()), "{error}");
}
