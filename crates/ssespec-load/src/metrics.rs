//! How a run is going, as Prometheus reads it.

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::latency::Metric;
use crate::run::Progress;
use crate::tally::Occurrences;

/// How long one who asks may take to do so, and to take the answer.
const CLIENT_LIMIT: Duration = Duration::from_secs(2);
/// A request longer than this is cut.
const LONGEST_REQUEST_BYTES: usize = 8192;
const QUANTILES: [(f64, &str); 5] =
    [(0.5, "0.5"), (0.9, "0.9"), (0.99, "0.99"), (0.999, "0.999"), (1.0, "1")];

/// How a run is going, in the text format of Prometheus, version 0.0.4: times in seconds, sizes in
/// bytes. Latencies are summaries over the whole run so far.
pub fn to_prometheus(progress: &Progress<'_>) -> String {
    let tally = progress.tally;
    let mut page = Page(String::new());
    let whole = |number: u64| number.to_string();
    page.one("run_seconds", "gauge", "Time since the start of the run.", &seconds_of(progress));
    page.one("streams_wanted", "gauge", "Streams to be held.", &whole(progress.wanted));
    page.one("streams_open", "gauge", "Streams that are open.", &whole(progress.open));
    let (streams, traffic, delivery) = (&tally.streams, &tally.traffic, &tally.delivery);
    let sockets = &tally.sockets;
    if sockets.started > 0 {
        let help = "Connections of HTTP/2 that are open.";
        page.one("sockets_open", "gauge", help, &whole(sockets.open()));
        let help = "Connections of HTTP/2 that came about.";
        page.one("sockets_opened_total", "counter", help, &whole(sockets.opened));
    }
    for (name, help, number) in [
        ("streams_started", "Attempts that were started.", streams.started),
        ("streams_opened", "Responses that were event streams.", streams.opened),
        ("streams_failed", "Attempts and streams that failed.", streams.failed),
        ("streams_ended", "Streams that the server ended in order.", streams.ended),
        ("streams_dropped", "Streams that were dropped by the plan.", streams.dropped),
        ("streams_reconnected", "Streams that came back and had an event.", streams.reconnected),
        ("events", "Events dispatched.", traffic.events),
        ("comments", "Comments, such as heartbeats.", traffic.comments),
        ("body_bytes", "Bytes of bodies.", traffic.body_bytes),
        ("events_numbered", "Events that were judged by their ids.", delivery.numbered),
        ("events_lost", "Events that never came.", delivery.lost),
        ("events_duplicated", "Events that came again.", delivery.duplicated),
        ("events_reordered", "Events that came after a later one.", delivery.reordered),
        ("generator_late_starts", "Streams started over 10 ms late.", tally.health.late_starts),
    ] {
        page.one(&format!("{name}_total"), "counter", help, &whole(number));
    }
    for (name, help, us) in [
        ("generator_cpu_seconds", "Processor time of the workers.", tally.health.cpu_us),
        ("generator_loop_seconds", "Time that the workers' loops ran.", tally.health.wall_us),
    ] {
        page.one(&format!("{name}_total"), "counter", help, &seconds(us as f64));
    }
    page.occurrences("errors_total", "Errors by cause.", "cause", &tally.errors);
    let help = "Breaches of the format by rule.";
    page.occurrences("violations_total", help, "rule", &tally.violations);
    page.latencies(progress);
    page.clients(progress);
    page.0
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP ssespec_load_{name} {help}");
        let _ = writeln!(self.0, "# TYPE ssespec_load_{name} {kind}");
    }

    fn row(&mut self, name: &str, labels: &[(&str, &str)], value: &str) {
        let _ = write!(self.0, "ssespec_load_{name}");
        for (place, (label, text)) in labels.iter().enumerate() {
            let sign = if place == 0 { '{' } else { ',' };
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{sign}{label}=\"{text}\"");
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.0, "{end} {value}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: &str) {
        self.head(name, kind, help);
        self.row(name, &[], value);
    }

    fn occurrences(&mut self, name: &str, help: &str, label: &str, all: &Occurrences) {
        self.head(name, "counter", help);
        for (what, occurrence) in &all.0 {
            self.row(name, &[(label, what)], &occurrence.count.to_string());
        }
    }

    fn latencies(&mut self, progress: &Progress<'_>) {
        self.head("latency_seconds", "summary", "Times, by metric.");
        for metric in Metric::ALL {
            let latency = progress.tally.latencies.of(metric);
            let Some(mean_us) = latency.mean_us() else {
                continue;
            };
            let name = metric.name();
            for (quantile, text) in QUANTILES {
                if let Some(us) = latency.quantile_us(quantile) {
                    let labels = [("metric", name), ("quantile", text)];
                    self.row("latency_seconds", &labels, &seconds(us as f64));
                }
            }
            let sum_us = mean_us * latency.count() as f64;
            self.row("latency_seconds_sum", &[("metric", name)], &seconds(sum_us));
            let count = latency.count().to_string();
            self.row("latency_seconds_count", &[("metric", name)], &count);
        }
    }

    fn clients(&mut self, progress: &Progress<'_>) {
        let clients = &progress.tally.clients;
        if clients.is_empty() {
            return;
        }
        self.head("client_resident_bytes", "gauge", "The most memory of a client's processes.");
        for client in clients {
            let labels = [("process", &*client.process.to_string())];
            self.row("client_resident_bytes", &labels, &client.rss_peak_bytes.to_string());
        }
        self.head("client_cpu_seconds_total", "counter", "Processor time of a client's processes.");
        for client in clients {
            let labels = [("process", &*client.process.to_string())];
            self.row("client_cpu_seconds_total", &labels, &seconds(client.cpu_us as f64));
        }
    }
}

fn seconds(us: f64) -> String {
    format!("{}", us.round() / 1e6)
}

fn seconds_of(progress: &Progress<'_>) -> String {
    format!("{:.3}", progress.elapsed.as_secs_f64())
}

/// Answers `GET /metrics` with what was published last, from a thread of its own, until it is
/// dropped.
#[derive(Debug)]
pub struct Exporter {
    address: SocketAddr,
    page: Arc<Mutex<String>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Exporter {
    /// Listens; port 0 for a free one.
    ///
    /// # Errors
    /// When it cannot listen there, or has no thread.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let (page, over) = (Arc::<Mutex<String>>::default(), Arc::<AtomicBool>::default());
        let (shown, ended) = (Arc::clone(&page), Arc::clone(&over));
        let thread = std::thread::Builder::new().spawn(move || {
            for socket in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let text = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
                // One that leaves before its answer does no harm.
                let _ = socket.and_then(|socket| answer(socket, &text));
            }
        })?;
        Ok(Self { address, page, over, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Shows this from now on.
    pub fn publish(&self, progress: &Progress<'_>) {
        *self.page.lock().unwrap_or_else(PoisonError::into_inner) = to_prometheus(progress);
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let mut own = self.address;
        if own.ip().is_unspecified() {
            own.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        // The thread waits for one to come; where none can, it ends with the process.
        if TcpStream::connect_timeout(&own, CLIENT_LIMIT).is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

fn answer(mut socket: TcpStream, page: &str) -> io::Result<()> {
    socket.set_read_timeout(Some(CLIENT_LIMIT))?;
    socket.set_write_timeout(Some(CLIENT_LIMIT))?;
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match socket.read(&mut buffer)? {
            0 => return Ok(()),
            len => request.extend_from_slice(buffer.get(..len).unwrap_or_default()),
        }
        if request.len() > LONGEST_REQUEST_BYTES {
            return Ok(());
        }
    }
    let (status, text) = if request.starts_with(b"GET /metrics") {
        ("200 OK", page)
    } else {
        ("404 Not Found", "there is /metrics here\n")
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        text.len()
    );
    socket.write_all(head.as_bytes())?;
    socket.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Tally;

    fn tally() -> Tally {
        let mut tally = Tally::default();
        tally.streams.started = 3;
        tally.traffic.events = 7;
        tally.latencies.record_ns(Metric::Lag, 2_000_000);
        tally.errors.count("gave-up: a \"b\"", String::new);
        tally
    }

    #[test]
    fn every_line_is_one_that_prometheus_reads() {
        let tally = tally();
        let page = to_prometheus(&Progress::of(&tally));
        for line in [
            "ssespec_load_streams_started_total 3",
            "ssespec_load_events_total 7",
            r#"ssespec_load_errors_total{cause="gave-up: a \"b\""} 1"#,
            r#"ssespec_load_latency_seconds{metric="lag",quantile="0.99"} 0.002"#,
            r#"ssespec_load_latency_seconds_count{metric="lag"} 1"#,
        ] {
            assert!(page.lines().any(|it| it == line), "{line}\n{page}");
        }
        let names = page.lines().filter(|line| line.starts_with("# TYPE"));
        let mut names: Vec<_> = names.map(|line| line.split(' ').nth(2)).collect();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn what_was_published_is_served() {
        let exporter = Exporter::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let tally = tally();
        exporter.publish(&Progress::of(&tally));
        let get = |path: &str| {
            let mut socket = TcpStream::connect(exporter.address()).unwrap();
            write!(socket, "GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
            let mut text = String::new();
            socket.read_to_string(&mut text).unwrap();
            text
        };
        let page = get("/metrics");
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert!(page.contains("\nssespec_load_events_total 7\n"), "{page}");
        assert!(get("/").starts_with("HTTP/1.1 404"));
        // A client that says nothing does not keep it from ending.
        let address = exporter.address();
        drop(exporter);
        assert!(TcpStream::connect(address).is_err());
    }
}
