//! A worker: a reactor that is told what to do and says what it has seen.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::client::Driver;
use crate::plan::Plan;
use crate::protocol::{FromWorker, PROTOCOL, ToWorker, read_message, write_message};
use crate::reactor::{Reactor, Sink, Stopper};
use crate::tally::Tally;

/// Serves as a worker over these pipes, until the run is over or the input ends.
///
/// # Errors
/// When the pipes break or the reactor cannot be made; the other side is told where it can be.
pub fn work<R, W>(input: R, mut output: W) -> io::Result<()>
where
    R: Read + Send + 'static,
    W: Write + Send + 'static,
{
    ssespec_net::allow_open_files();
    let mut input = BufReader::new(input);
    let Some(message) = read_message(&mut input)? else {
        return Ok(());
    };
    let ToWorker::Plan { plan } = message else {
        return Err(io::Error::other("the plan did not come first"));
    };
    if !plan.is_sound() {
        let message = "the plan has no share for this worker, or no target".to_owned();
        return write_message(&mut output, &FromWorker::Failed { message });
    }
    let (stopper, task) = match task(*plan) {
        Ok(task) => task,
        Err(message) => return write_message(&mut output, &FromWorker::Failed { message }),
    };
    let ready = FromWorker::Ready { protocol: PROTOCOL, pid: std::process::id() };
    write_message(&mut output, &ready)?;
    let (go, started) = channel();
    let told = stopper.clone();
    thread::scope(|scope| {
        // It owns the sender, so that an input that ends before the start ends the wait for it.
        scope.spawn(move || listen(&mut input, &go, &told));
        let Ok(at_ns) = started.recv() else {
            return Ok(());
        };
        report(stopper, task, at_ns, &mut output)
    })
}

/// What a worker does from an instant on; why it broke off, in words.
type Task = Box<dyn FnOnce(u64, &mut dyn Sink) -> Result<(), String>>;

/// Gets ready to hold streams, or to drive a client that does.
fn task(mut plan: Plan) -> Result<(Stopper, Task), String> {
    if let Some(client) = plan.client.take() {
        let driver = Driver::start(plan, client)?;
        let stopper = driver.stopper();
        return Ok((stopper, Box::new(move |at_ns, sink| driver.run(at_ns, sink))));
    }
    let reactor = Reactor::new(plan).map_err(|error| format!("failed to start: {error}"))?;
    let stopper = reactor.stopper();
    let run = move |at_ns, sink: &mut dyn Sink| {
        reactor.run(at_ns, sink).map_err(|error| format!("failed to poll: {error}"))
    };
    Ok((stopper, Box::new(run)))
}

/// Hears what a worker is told, until its input ends.
fn listen(input: &mut impl BufRead, go: &Sender<u64>, stopper: &Stopper) {
    loop {
        match read_message(input) {
            Ok(Some(ToWorker::Go { at_ns })) => {
                // Nobody waits where it has begun.
                let _ = go.send(at_ns);
            }
            Ok(Some(ToWorker::Stop)) => stopper.stop(),
            Ok(Some(ToWorker::Pause { paused })) => stopper.pause(paused),
            Ok(Some(ToWorker::Plan { .. })) => {}
            Ok(None) | Err(_) => break,
        }
    }
    stopper.stop();
}

/// Does it and writes what it hands over, in a thread of its own: the encoding of
/// histograms must not hold up the loop.
fn report(
    stopper: Stopper,
    task: Task,
    at_ns: u64,
    output: &mut (impl Write + Send),
) -> io::Result<()> {
    let (reports, to_write) = channel();
    let (give_back, spares) = channel();
    // One is filled while the other is written.
    let _ = give_back.send(Box::new(Tally::resident()));
    thread::scope(|scope| {
        let writer = scope.spawn(move || {
            let written = write_all(&to_write, &give_back, output);
            if written.is_err() {
                // Nobody listens any more.
                stopper.stop();
            }
            (written, output)
        });
        let ran = task(at_ns, &mut Reports { reports, spares });
        let (written, output) =
            writer.join().map_err(|_| io::Error::other("the writer has failed"))?;
        written?;
        let last = match ran {
            Ok(()) => FromWorker::Done,
            Err(message) => FromWorker::Failed { message },
        };
        write_message(output, &last)
    })
}

struct Report {
    index: u64,
    open: u64,
    tally: Box<Tally>,
}

struct Reports {
    reports: Sender<Report>,
    spares: Receiver<Box<Tally>>,
}

impl Sink for Reports {
    fn interval(&mut self, index: u64, open: u64, tally: &mut Box<Tally>) {
        let spare = self.spares.try_recv().unwrap_or_default();
        let tally = std::mem::replace(tally, spare);
        // A writer that has gone has stopped the reactor.
        let _ = self.reports.send(Report { index, open, tally });
    }
}

fn write_all(
    reports: &Receiver<Report>,
    spares: &Sender<Box<Tally>>,
    output: &mut impl Write,
) -> io::Result<()> {
    for Report { index, open, tally } in reports {
        let message = FromWorker::Interval { index, open, tally };
        write_message(output, &message)?;
        if let FromWorker::Interval { mut tally, .. } = message {
            tally.clear();
            // The reactor may have ended.
            let _ = spares.send(tally);
        }
    }
    Ok(())
}
