//! Runs in threads, and servers that answer from a script.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use ssespec_load::origin::Stall;
use ssespec_load::{Address, Launcher, LoadResult, Machine, Run, Subject, Workload};

/// The head of an event stream that ends with the connection.
pub(crate) const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
/// The same, in chunks.
pub(crate) const CHUNKED: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
    transfer-encoding: chunked\r\n\r\n";

/// A few streams, until all of them are over.
pub(crate) fn workload(subject: Subject, streams: u64) -> Workload {
    Workload {
        streams,
        ramp: Duration::ZERO,
        hold: Duration::from_mins(5),
        loop_lag_limit: Duration::from_hours(1),
        ..Workload::new(subject)
    }
}

/// Streams of the built-in server.
pub(crate) fn builtin(target: &str, stalls: Vec<Stall>) -> Subject {
    Subject::Builtin { target: target.to_owned(), stalls }
}

/// Runs it to its end.
#[track_caller]
pub(crate) fn run(workload: Workload) -> LoadResult {
    let run = Run::prepare(workload, Machine::this()).unwrap();
    run.run(&Launcher::Threads, &mut |_| {}).result
}

/// Runs it until so many events have come or streams have failed, however long that takes.
#[track_caller]
pub(crate) fn run_until(
    workload: Workload,
    enough: impl Fn(&ssespec_load::Progress) -> bool,
) -> LoadResult {
    let run = Run::prepare(workload, Machine::this()).unwrap();
    let interrupter = run.interrupter();
    let mut asked = false;
    run.run(&Launcher::Threads, &mut |progress| {
        if !asked && enough(progress) {
            asked = true;
            interrupter.interrupt();
        }
    })
    .result
}

/// A server that reads each request and answers it with these bytes.
pub(crate) struct Server {
    address: SocketAddr,
}

/// What a server does when it has written its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    Close,
    Reset,
    /// Until the client leaves.
    Hold,
}

impl Server {
    /// Listens, until the tests end.
    pub(crate) fn answering(answer: &str, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answer = answer.to_owned();
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let answer = answer.clone();
                let socket = socket.unwrap();
                std::thread::spawn(move || serve(socket, &answer, then));
            }
        });
        Self { address }
    }

    pub(crate) fn subject(&self) -> Subject {
        Subject::Url(Address::parse(&format!("http://{}/events", self.address)).unwrap())
    }
}

fn serve(mut socket: TcpStream, answer: &str, then: Then) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        match socket.read(&mut buffer) {
            // The connection that shows whether anybody is there asks for nothing.
            Ok(0) | Err(_) => return,
            Ok(len) => request.extend_from_slice(&buffer[..len]),
        }
    }
    // A client that has seen enough may leave first.
    let _ = socket.write_all(answer.as_bytes());
    match then {
        Then::Close => {}
        Then::Reset => {
            // The client is to have the bytes before the reset overtakes them.
            wait_until_taken(&socket);
            let socket = socket2::Socket::from(socket);
            socket.set_linger(Some(Duration::ZERO)).unwrap();
        }
        Then::Hold => while socket.read(&mut buffer).is_ok_and(|len| len > 0) {},
    }
}

fn wait_until_taken(socket: &TcpStream) {
    let (local, peer) = (socket.local_addr().unwrap(), socket.peer_addr().unwrap());
    let intake = ssespec_net::Intake::new();
    while intake.taken(local, peer, 1) == ssespec_net::Taken::No {
        std::thread::yield_now();
    }
}
