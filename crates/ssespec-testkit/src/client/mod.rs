//! A plain EventSource client, written from the rules apart from the reference client, whose
//! defects can be switched on one at a time.

mod address;
mod fetch;
mod framing;
mod head;
mod http1;
mod http2;
mod last_event_id;
mod loss;
mod media;
mod reporter;
mod request;
mod status;
mod stream;
mod tap;
mod trouble;

use std::rc::Rc;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::defect::{Defect, Switch};
pub(crate) use reporter::Reporter;
pub(crate) use request::Open;
use stream::{Phase, Shared, Stream};

/// What follows when the user closes the stream (`close.aborts`).
enum AfterClose {
    /// Nothing: all is let go.
    Stop,
    /// The same, but the `close` is not answered.
    StopSilently,
    /// An unfinished block is dispatched.
    DispatchPending,
    /// Events go on to the end of the connection.
    Deliver,
    /// Nothing is reported, but lost connections are replaced.
    Reconnect,
    /// Nothing is reported, and the connection is kept until it ends.
    Keep,
    /// All goes on.
    GoOn,
}

/// Runs a stream until it has failed for good, or a `close` comes.
pub(crate) async fn run(open: Open, switch: Switch, mut closes: UnboundedReceiver<()>) {
    let reporter = Rc::new(Reporter::new(open.stream, switch));
    let shared = Rc::new(Shared::default());
    let mut stream = match Stream::new(open, switch, Rc::clone(&reporter), Rc::clone(&shared)) {
        Ok(stream) => stream,
        Err(message) => {
            reporter.failed(&message);
            reporter.closed();
            return;
        }
    };
    let mut life = Box::pin(stream.live());
    tokio::select! {
        biased;
        _ = closes.recv() => {}
        () = &mut life => return,
    }
    match after_close(switch, &shared) {
        AfterClose::Stop => {
            drop(life);
            reporter.closed();
        }
        AfterClose::StopSilently => {
            drop(life);
            closes.recv().await;
            reporter.closed();
        }
        AfterClose::DispatchPending => {
            drop(life);
            reporter.closed();
            let pending = shared.decoder.borrow_mut().take();
            reporter.found(pending.map(|mut it| it.dispatch_pending()).unwrap_or_default());
        }
        AfterClose::Deliver => {
            reporter.closed();
            shared.ends_with_connection.set(true);
            life.await;
        }
        AfterClose::Reconnect => {
            reporter.closed();
            reporter.mute();
            life.await;
        }
        AfterClose::Keep => {
            reporter.closed();
            reporter.mute();
            shared.ends_with_connection.set(true);
            life.await;
        }
        AfterClose::GoOn => {
            reporter.closed();
            life.await;
        }
    }
}

fn after_close(switch: Switch, shared: &Shared) -> AfterClose {
    let phase = shared.phase.get();
    match switch.0 {
        Some(Defect::CloseGoesOnDelivering) => AfterClose::Deliver,
        Some(Defect::CloseDispatchesPending) => AfterClose::DispatchPending,
        Some(Defect::CloseGoesOnReconnecting) => AfterClose::Reconnect,
        Some(Defect::CloseKeepsTheConnection) => AfterClose::Keep,
        Some(Defect::CloseNotAcknowledged) => AfterClose::StopSilently,
        Some(Defect::CloseWhileConnectingForgotten) if phase == Phase::Connecting => {
            AfterClose::GoOn
        }
        Some(Defect::CloseLeavesTheTimerRunning) if phase == Phase::Waiting => AfterClose::GoOn,
        Some(Defect::CloseReachesFirstConnectionOnly) if shared.losses.get() > 0 => {
            AfterClose::GoOn
        }
        _ => AfterClose::Stop,
    }
}
