//! A worker: a reactor that is told what to do and says what it has seen.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

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
    let reactor = match Reactor::new(*plan) {
        Ok(reactor) => reactor,
        Err(error) => {
            let message = format!("failed to start: {error}");
            return write_message(&mut output, &FromWorker::Failed { message });
        }
    };
    let ready = FromWorker::Ready { protocol: PROTOCOL, pid: std::process::id() };
    write_message(&mut output, &ready)?;
    let stopper = reactor.stopper();
    let (go, started) = channel();
    thread::scope(|scope| {
        // It owns the sender, so that an input that ends before the start ends the wait for it.
        scope.spawn(move || listen(&mut input, &go, &stopper));
        let Ok(at_ns) = started.recv() else {
            return Ok(());
        };
        report(reactor, at_ns, &mut output)
    })
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
            Ok(Some(ToWorker::Plan { .. })) => {}
            Ok(None) | Err(_) => break,
        }
    }
    stopper.stop();
}

/// Runs a reactor and writes what it hands over, in a thread of its own: the encoding of
/// histograms must not hold up the loop.
fn report(reactor: Reactor, at_ns: u64, output: &mut (impl Write + Send)) -> io::Result<()> {
    let stopper = reactor.stopper();
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
        let ran = reactor.run(at_ns, &mut Reports { reports, spares });
        let (written, output) =
            writer.join().map_err(|_| io::Error::other("the writer has failed"))?;
        written?;
        let last = match ran {
            Ok(()) => FromWorker::Done,
            Err(error) => FromWorker::Failed { message: format!("failed to poll: {error}") },
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
