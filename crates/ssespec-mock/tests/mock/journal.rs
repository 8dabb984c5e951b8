//! What happened is in the journal, with the edges of its chunks, and it did happen.

use std::io;

use ssespec_mock::{Happening, Reports, Script, Signal};
use ssespec_net::Taken;
use ssespec_scenario::{ClientCommand, Connection, Route, Step, Wire};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::fixture::{
    HEAD, get, happenings, mock, read_exactly, rest, script, send, visit, wait_for, within,
};

#[tokio::test]
async fn every_happening_is_there_in_order() {
    let mock = mock().await;
    let steps = vec![
        send(b"data: a\r"),
        send(b"\n\r\n"),
        Step::Raw(Wire(b"1\r\n:\r\n".to_vec())),
        Step::Sentinel {},
        Step::End { trailers: Some(Wire(b"X-Trailer: t\r\n".to_vec())), unfinished: false },
    ];
    let run = mock.mount(script(steps));
    let mut stream = visit(&mock, &run).await;
    let sentinel = format!("data: {}\n\n", run.sentinel());
    let body = format!("8\r\ndata: a\r\r\n3\r\n\n\r\n\r\n1\r\n:\r\n{:x}\r\n", sentinel.len());
    read_exactly(&mut stream, &format!("{HEAD}{body}{sentinel}\r\n")).await;
    let (bytes, end) = rest(&mut stream).await;
    assert_eq!(String::from_utf8_lossy(&bytes), "0\r\nX-Trailer: t\r\n\r\n");
    assert!(end.is_ok());
    let journal = run.journal();
    assert_eq!(
        happenings(&journal),
        [
            "1 GET excess=false".to_owned(),
            format!("1 head {}", HEAD.len()),
            "1 chunk data: a\r".to_owned(),
            "1 chunk \n\r\n".to_owned(),
            format!("1 {:?}", Happening::Raw(b"1\r\n:\r\n".to_vec())),
            format!("1 chunk {sentinel}"),
            "1 Sentinel".to_owned(),
            "1 End".to_owned(),
        ]
    );
    assert!(journal.is_sorted_by_key(|entry| entry.at), "{journal:?}");
    let Happening::Request { request, .. } = &journal[0].what else {
        panic!("{journal:?}");
    };
    let target = format!("/c/{}/s/stream", run.token());
    assert_eq!(request.target, target);
    assert_eq!(request.raw_head, get(&target));
    assert!(matches!(&journal[1].what, Happening::Head(bytes) if bytes == HEAD.as_bytes()));
}

#[tokio::test]
async fn a_reset_is_a_reset_and_comes_after_the_data() {
    let mock = mock().await;
    for _ in 0..20 {
        let run = mock.mount(script(vec![send(b"data: a\n\n"), Step::Reset {}]));
        let mut stream = visit(&mock, &run).await;
        let (bytes, end) = rest(&mut stream).await;
        assert_eq!(String::from_utf8_lossy(&bytes), format!("{HEAD}9\r\ndata: a\n\n\r\n"));
        assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        wait_for(&run, |what| *what == Happening::Reset).await;
    }
}

#[tokio::test]
async fn who_gets_no_answer_has_a_port_that_no_idle_connection_leads_to() {
    let mock = mock().await;
    let before = vec![Step::Truncate {}];
    let run = mock.mount(Script::new(vec![Connection { before, ..Connection::default() }]));
    let own = run.places().own;
    assert!(!mock.origins().contains(&own), "{own}");
    assert!(run.url(Route::H1).starts_with(&format!("http://{own}/")));
    let mut stream = within(TcpStream::connect(own)).await.unwrap();
    let target = format!("/c/{}/s/stream", run.token());
    within(stream.write_all(&get(&target))).await.unwrap();
    let (bytes, end) = rest(&mut stream).await;
    assert!(bytes.is_empty() && end.is_ok(), "{bytes:?} {end:?}");
    assert_eq!(happenings(&run.journal()), ["1 GET excess=false", "1 Truncated"]);
    let answered = mock.mount(script(vec![Step::Truncate {}]));
    assert!(mock.origins().contains(&answered.places().own));
}

#[tokio::test]
async fn a_reset_in_place_of_a_response() {
    let mock = mock().await;
    let before = vec![Step::Reset {}];
    let run = mock.mount(Script::new(vec![Connection { before, ..Connection::default() }]));
    let mut stream = visit(&mock, &run).await;
    let (bytes, end) = rest(&mut stream).await;
    assert!(bytes.is_empty());
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(happenings(&run.journal()), ["1 GET excess=false", "1 Reset"]);
}

#[tokio::test]
async fn a_truncation_is_a_fin_inside_a_chunk() {
    let mock = mock().await;
    let raw = Wire(b"9\r\ndata".to_vec());
    let run = mock.mount(script(vec![Step::Raw(raw), Step::Truncate {}]));
    let mut stream = visit(&mock, &run).await;
    let (bytes, end) = rest(&mut stream).await;
    assert_eq!(String::from_utf8_lossy(&bytes), format!("{HEAD}9\r\ndata"));
    assert!(end.is_ok(), "an orderly end of the connection, not {end:?}");
    assert_eq!(happenings(&run.journal())[3], "1 Truncated");
}

#[tokio::test]
async fn requests_beyond_the_script_are_told_apart() {
    let mock = mock().await;
    let mut run = mock.mount(script(vec![Step::End { trailers: None, unfinished: false }]));
    let (first, _) = rest(&mut visit(&mock, &run).await).await;
    assert_eq!(String::from_utf8_lossy(&first), format!("{HEAD}0\r\n\r\n"));
    let (second, _) = rest(&mut visit(&mock, &run).await).await;
    assert!(second.starts_with(b"HTTP/1.1 204 "), "{}", String::from_utf8_lossy(&second));
    assert_eq!(happenings(&run.journal())[3], "2 GET excess=true");
    let mut signals = Vec::new();
    while signals.last() != Some(&Signal::Excess) {
        signals.push(within(run.signal()).await.unwrap());
    }
    assert!(signals.contains(&Signal::Played), "{signals:?}");
}

#[tokio::test]
async fn a_client_that_leaves_is_seen() {
    let mock = mock().await;
    let run = mock.mount(script(vec![send(b"data: a\n\n"), Step::Hold {}]));
    let mut stream = visit(&mock, &run).await;
    read_exactly(&mut stream, HEAD).await;
    read_exactly(&mut stream, "9\r\ndata: a\n\n\r\n").await;
    drop(stream);
    wait_for(&run, |what| matches!(what, Happening::Left { how: "FIN" })).await;

    // The harness is asked to close the subject, and the mock goes on when it has.
    let close = Step::Client(ClientCommand::Close {});
    let mut run = mock.mount(script(vec![send(b":\n"), close, send(b"data: late\n\n")]));
    let mut stream = visit(&mock, &run).await;
    read_exactly(&mut stream, HEAD).await;
    read_exactly(&mut stream, "2\r\n:\n\r\n").await;
    while within(run.signal()).await.unwrap() != Signal::Close {}
    assert!(run.journal().iter().any(|entry| entry.what == Happening::CloseAsked));
    run.report(Reports { closed: true, ..Reports::default() });
    let (bytes, _) = rest(&mut stream).await;
    assert_eq!(String::from_utf8_lossy(&bytes), "c\r\ndata: late\n\n\r\n0\r\n\r\n");
    wait_for(&run, |what| *what == Happening::End).await;
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn cuts_are_proven_for_a_client_that_reads_slowly() {
    let mock = mock().await;
    let text = b"data: one byte at a time\n\n";
    let steps: Vec<Step> = text.iter().map(|byte| send(&[*byte])).collect();
    let run = mock.mount(script(steps));
    let mut stream = visit(&mock, &run).await;
    let mut bytes = Vec::new();
    let mut byte = [0];
    // One byte of the wire a turn, and a rest after each.
    while within(stream.read(&mut byte)).await.unwrap() > 0 {
        bytes.extend(byte);
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    let wire: Vec<u8> =
        text.iter().flat_map(|byte| [b"1\r\n", &[*byte][..], b"\r\n"].concat()).collect();
    assert_eq!(bytes, [HEAD.as_bytes(), &wire, b"0\r\n\r\n"].concat());
    let journal = run.journal();
    let cuts: Vec<Taken> = journal
        .iter()
        .filter_map(|entry| match entry.what {
            Happening::Chunk { before, .. } => Some(before),
            _ => None,
        })
        .collect();
    assert_eq!(cuts, [Taken::Yes; 26]);
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_cut_is_not_proven_for_a_client_that_does_not_read() {
    let mock = mock().await;
    let run = mock.mount(script(vec![send(b"data: a\n"), send(b"\n")]));
    let _stream = visit(&mock, &run).await;
    wait_for(&run, |what| matches!(what, Happening::Chunk { before: Taken::No, .. })).await;
}
