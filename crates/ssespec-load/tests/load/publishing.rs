//! Messages that the tool publishes itself, and their way to all who listen.

use ssespec_load::latency::Metric;
use ssespec_load::{Address, Publish, Reading, Request, Subject, Workload};

use crate::place::{HEAD, Server, Then, builtin, run_until, workload};

fn publish(path: &str, address: Option<Address>) -> Publish {
    let mut request = Request::of_publisher();
    request.body("{\"sent\":{now_ns},\"seq\":{seq}}".to_owned()).unwrap();
    Publish { address, path: path.to_owned(), request, rate_milli: 200_000, publishers: 2 }
}

#[test]
fn each_message_reaches_all_who_listen_to_its_topic() {
    let asked = Workload {
        publish: Some(publish("/load/broadcast?topic={seq%2}", None)),
        reading: Reading { timestamp: Some("/sent:ns".parse().unwrap()), ..Reading::default() },
        workers: Some(1),
        ..workload(builtin("/load/broadcast?rate=0&topic={stream%2}", Vec::new()), 4)
    };
    let result = run_until(asked, |progress| progress.total_events >= 100);
    assert!(result.errors.0.is_empty(), "{:?}", result.errors);
    let publishing = result.publishing.unwrap();
    assert_eq!(publishing.failed, 0);
    // Two of four listen to each.
    assert!(result.traffic.events <= publishing.published * 2 + 4, "{publishing:?}");
    let count = |metric| result.times(metric).unwrap().count;
    assert_eq!(count(Metric::E2e), result.traffic.events);
    assert_eq!(count(Metric::Publish), publishing.published);
    assert!(result.payload_faults.0.is_empty(), "{:?}", result.payload_faults);
    // The ids are those of the topic.
    let delivery = &result.delivery;
    assert_eq!((delivery.lost, delivery.duplicated, delivery.reordered), (0, 0, 0));
    assert_eq!(delivery.numbered, result.traffic.events);
}

#[test]
fn messages_that_are_not_taken_are_counted_by_cause() {
    let listen = Server::answering(&format!("{HEAD}data: a\n\n"), Then::Hold);
    let busy = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n";
    let busy = Server::answering(busy, Then::Close);
    let Subject::Url(address) = busy.subject() else { panic!() };
    let asked =
        Workload { publish: Some(publish("", Some(address))), ..workload(listen.subject(), 1) };
    let result = run_until(asked, |progress| progress.total_events >= 1);
    let publishing = result.publishing.unwrap();
    assert_eq!(publishing.published, 0);
    let failed = result.errors.0.get("publish.status.503").map_or(0, |it| it.count);
    assert_eq!(failed, publishing.failed);
}
