//! A plain EventSource client, written from the rules apart from the reference client, whose
//! defects can be switched on one at a time.

mod address;
mod coding;
mod connection;
mod fetch;
mod framing;
mod head;
mod http1;
mod http2;
mod last_event_id;
mod loss;
mod media;
mod page;
mod reporter;
mod request;
mod status;
mod stream;
mod tap;
mod trouble;
mod trust;

use std::rc::Rc;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::defect::{Defect, Switch};
use page::Page;
pub(crate) use reporter::Reporter;
pub(crate) use request::Open;
use stream::{Phase, Shared, Stream};
pub use trust::Trust;

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

/// What the user asks of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// To connect again.
    Restart,
    /// To end.
    Close,
}

/// Waits for a `close`; what else is asked meanwhile is passed on.
async fn closing(asks: &mut UnboundedReceiver<Ask>, shared: &Shared, switch: Switch) {
    while asks.recv().await == Some(Ask::Restart) {
        if !switch.has(Defect::RestartIgnored) {
            shared.restart.notify_one();
        }
    }
}

/// Runs a stream until it has failed for good, or a `close` comes.
pub(crate) async fn run(
    open: Open,
    page: Option<String>,
    switch: Switch,
    mut asks: UnboundedReceiver<Ask>,
) {
    let reporter = Rc::new(Reporter::new(open.stream, switch));
    let shared = Rc::new(Shared::default());
    let page = Page::new(page, open.with_credentials, switch);
    let mut stream = match Stream::new(open, page, switch, Rc::clone(&reporter), Rc::clone(&shared))
    {
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
        () = closing(&mut asks, &shared, switch) => {}
        () = &mut life => return,
    }
    match after_close(switch, &shared) {
        AfterClose::Stop => {
            drop(life);
            reporter.closed();
        }
        AfterClose::StopSilently => {
            drop(life);
            closing(&mut asks, &shared, switch).await;
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
