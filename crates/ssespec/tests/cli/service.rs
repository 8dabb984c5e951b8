//! A test service by LaunchDarkly's contract: what passes through it, and how each way in which it
//! can go wrong is told. The service is a Python script, as `python3` is wherever this is built.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::place::{Place, Ran, finish};
use crate::processes::signal;

const SERVICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ssespec-testkit/service/service.py");

/// Two cases; the first is over long before the second.
const CASES: &str = r"
[[case]]
id = 'demo/two-events'
rule = 'dispatch.blank'
title = 'Two events are two events'
stream = ['data: a\n\n', 'event: b\ndata: b\n\n']
expect = [{ event = { data = 'a' } }, { event = { type = 'b', data = 'b' } }]

[[case]]
id = 'demo/restart'
rule = 'restart.reconnects'
title = 'A restart leads to a new connection'
connection = [
  { steps = [{ send = 'data: a\n\n' }, { await = { events = 1 } }, { client = { restart = {} } }, { hold = {} }] },
  { steps = [{ send = 'data: b\n\n' }, { sentinel = {} }, { hold = {} }] },
]
expect = [{ event = { data = 'a' } }, { event = { data = 'b' } }]
";

/// A case that is never over.
const STUCK: &str = r"
[[case]]
id = 'demo/stuck'
rule = 'dispatch.blank'
title = 'An event that never comes'
connection = [{ steps = [{ pause = '30s' }, { sentinel = {} }, { hold = {} }] }]
";

/// A running service, which ends with this.
struct Service {
    child: Child,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl Service {
    fn start(options: &[&str]) -> Self {
        let mut child = Command::new("python3")
            .arg(SERVICE)
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        stdout.read_line(&mut url).unwrap();
        Self { child, stdout, url: url.trim().to_owned() }
    }

    fn with_fault(fault: &str) -> Self {
        Self::start(&["--fault", fault])
    }

    /// What it prints until it ends, by itself or by force.
    fn log(mut self, kill: bool) -> String {
        if kill {
            self.child.kill().unwrap();
        }
        let mut log = String::new();
        self.stdout.read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs [`CASES`] through a service.
fn run(service: &Service, more: &[&str]) -> Ran {
    let place = Place::new();
    place.write("cases.toml", CASES);
    let args = ["test", "client", "--service", &service.url, "--scenarios", "cases.toml"];
    place.run(&[&args, more].concat())
}

#[test]
fn a_whole_suite_passes_through_a_service() {
    let service = Service::start(&[]);
    let place = Place::new();
    let args = ["test", "client", "--service", &service.url, "--format", "json"];
    let result = place.run(&args).exits(0).json();
    let cases = result["cases"].as_array().unwrap();
    let judged = cases.iter().filter(|case| case["verdict"] == "pass").count();
    assert!(judged > 300, "{}", result["summary"]);
    // Nothing is left out for another reason than the channel's.
    for case in cases.iter().filter(|case| case["verdict"] == "n/a") {
        let reason = &case["reason"];
        let of_the_channel = reason["kind"] == "contract"
            || reason["kind"] == "coding"
            || ["h2", "h2c", "tls", "feed", "retry", "reconnect-delay", "cors"]
                .iter()
                .any(|name| reason["message"].as_str().unwrap().contains(&format!("`{name}`")))
            || case["route"] == "h2"
            || case["route"] == "h2c";
        assert!(of_the_channel, "{case}");
    }
}

#[test]
fn a_service_that_wants_types_registered_is_told_before_the_body_comes() {
    let service = Service::start(&["--listeners"]);
    run(&service, &["--repeat", "20"]).exits(0).says("PASSED");
}

#[test]
fn an_absolute_location_is_taken_as_it_is() {
    let service = Service::start(&["--absolute"]);
    run(&service, &[]).exits(0).says("PASSED");
}

#[test]
fn callbacks_are_put_in_order_by_their_numbers() {
    let service = Service::with_fault("callbacks-swapped");
    let pattern = ["--run", "demo/two-events"];
    run(&service, &pattern).exits(0).says("PASSED");
}

#[test]
fn a_capability_that_is_not_claimed_makes_cases_not_applicable() {
    let service = Service::start(&["--without", "restart"]);
    let ran = run(&service, &["--format", "json"]).exits(0);
    let result = ran.json();
    let case = &result["cases"][1];
    assert_eq!(case["verdict"], "n/a", "{case}");
    assert_eq!(case["reason"]["message"], "the subject does not claim `restart`");
}

#[test]
fn a_client_that_is_wrong_fails() {
    let service = Service::with_fault("data-trimmed");
    let args =
        ["test", "client", "--service", &service.url, "--run", "field/blanks-at-the-end-stay"];
    Place::new().run(&args).exits(1).says("--service 'http://127.0.0.1:");
}

#[test]
fn each_fault_of_a_service_is_told_with_its_mend() {
    let faults = [
        "status-500",
        "status-no-json",
        "create-500",
        "no-location",
        "command-500",
        "callback-missing",
        "callback-repeated",
        "callback-no-number",
        "callback-no-json",
        "callback-unknown-kind",
    ];
    let mut told = String::new();
    for fault in faults {
        let service = Service::with_fault(fault);
        let case = if fault == "command-500" { "demo/restart" } else { "demo/two-events" };
        let ran = run(&service, &["--run", case, "--format", "json"]);
        let result = ran.json();
        let errors = result["errors"].as_array().unwrap().iter();
        let reasons = result["cases"].as_array().unwrap().iter().map(|case| &case["reason"]);
        for what in errors.chain(reasons) {
            let port = service.url.rsplit(':').next().unwrap();
            let said = format!("{}\nhelp: {}\n", text(&what["message"]), text(&what["help"]));
            let said = without_secrets(&said.replace(port, "PORT"));
            told.push_str(&format!("--fault {fault}: exit code {}\n{said}\n", ran.code.unwrap()));
        }
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("../golden");
    settings.bind(|| insta::assert_snapshot!("service", told));
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Puts dots for runs of 16 and more hexadecimal digits, and for the numbers of streams.
fn without_secrets(said: &str) -> String {
    let mut before = "";
    let words = said.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).map(|word| {
        let plain = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let is_number = !plain.is_empty() && plain.chars().all(|c| c.is_ascii_digit());
        let is_token = plain.len() >= 16 && plain.chars().all(|c| c.is_ascii_hexdigit());
        let is_secret = is_token || is_number && before == "streams/";
        before = word;
        if is_secret { word.replace(plain, "…") } else { word.to_owned() }
    });
    words.collect()
}

#[test]
fn a_service_that_dies_halfway_is_said_to_be_gone() {
    let service = Service::with_fault("dies");
    run(&service, &["--repeat", "5", "-j", "1"])
        .exits(3)
        .says(&format!("the service at `{}` is gone", service.url))
        .says("see the log of the service for why it ended; it must outlast the run");
}

#[test]
fn a_service_that_does_not_answer_a_delete_is_an_error() {
    let service = Service::with_fault("delete-hangs");
    let more = ["--run", "demo/two-events", "--time-scale", "0.5"];
    run(&service, &more).exits(3).says("the service did not answer the DELETE of a stream");
}

#[test]
fn nobody_at_the_address_is_an_error_of_the_subject() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let args = ["test", "client", "--service", &url, "--time-scale", "0.1"];
    Place::new()
        .run(&args)
        .exits(3)
        .says(&format!("no test service answers at `{url}`"))
        .says("start the service first, and give its address as `--service http://HOST:PORT`");
}

#[test]
fn what_is_no_address_is_an_error_of_usage() {
    for (url, why) in [
        ("localhost:8000", "is no absolute HTTP URL"),
        ("https://localhost:8000", "is not in cleartext, and the contract is plain HTTP"),
    ] {
        Place::new()
            .run(&["test", "client", "--service", url])
            .exits(2)
            .says(why)
            .says("give the address of the service as `--service http://HOST:PORT`");
    }
}

#[test]
fn an_interrupt_closes_the_streams_of_the_service() {
    let service = Service::start(&["--log"]);
    let place = Place::new();
    place.write("cases.toml", STUCK);
    let args = ["test", "client", "--service", &service.url, "--scenarios", "cases.toml"];
    let child = place.ssespec(&args).spawn().unwrap();
    wait_for_stream(&service.url);
    assert!(signal(child.id(), "INT"));
    finish(child).exits(130);
    assert!(service.log(true).contains("closed /streams/"));
}

/// Waits until a stream is open: it takes commands then, and refuses one that it does not know.
fn wait_for_stream(url: &str) {
    use std::io::Write as _;
    let began = std::time::Instant::now();
    let authority = url.trim_start_matches("http://");
    loop {
        let mut tcp = std::net::TcpStream::connect(authority).unwrap();
        let head = "POST /streams/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\
                    Connection: close\r\n\r\n{}";
        tcp.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        tcp.read_to_string(&mut answer).unwrap();
        if answer.starts_with("HTTP/1.1 400") {
            return;
        }
        assert!(began.elapsed() < crate::place::LIMIT, "no stream was opened: {answer}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn a_service_ends_with_the_run_where_that_is_wished_for() {
    let service = Service::start(&["--log"]);
    run(&service, &["--stop-service-at-end"]).exits(0);
    // It ends by itself; else this would wait for ever.
    assert!(service.log(false).contains("closed /streams/1"));
}
