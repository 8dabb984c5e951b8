//! What the loss of a connection leads to (`reconnect.eof`, `reconnect.network`).

use super::trouble::LossKind;
use crate::defect::{Defect, Switch};

/// What a stream has been through.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct History {
    /// It has been open.
    pub(super) was_open: bool,
    /// Attempts in a row that got no response.
    pub(super) failures_in_a_row: u32,
    /// Connections lost, attempts without a response included.
    pub(super) losses: u32,
    /// Events of the latest connection.
    pub(super) events_here: u32,
    /// The latest connection was open.
    open_here: bool,
    /// A redirect led to it.
    redirected_here: bool,
}

impl History {
    /// A connection is open.
    pub(super) fn open(&mut self, redirected: bool) {
        self.was_open = true;
        self.failures_in_a_row = 0;
        self.events_here = 0;
        self.open_here = true;
        self.redirected_here = redirected;
    }

    /// A connection is lost.
    pub(super) fn lose(&mut self, kind: LossKind) {
        self.losses += 1;
        if matches!(kind, LossKind::NoResponse { .. }) {
            self.failures_in_a_row += 1;
            self.open_here = false;
        }
    }
}

/// Whether a client gives up after such a loss. A correct one never does.
pub(super) fn is_final(kind: LossKind, history: &History, switch: Switch) -> bool {
    match switch.0 {
        Some(Defect::CleanEndIsFinal) => kind == LossKind::Clean,
        Some(Defect::EventlessStreamIsFinal) => history.open_here && history.events_here == 0,
        Some(Defect::FirstAttemptIsTheOnlyOne) => !history.was_open,
        Some(Defect::NetworkErrorIsFinal) => kind.is_network_error(),
        Some(Defect::ResetInTheBodyIsFinal) => kind == LossKind::Reset,
        Some(Defect::HalfAHeadIsFinal) => kind == LossKind::NoResponse { begun: true },
        Some(Defect::CutBodyIsFinal) => kind == LossKind::Cut,
        Some(Defect::GivesUpAfterTwoFailures) => history.failures_in_a_row >= 2,
        Some(Defect::ReconnectsOnceOnly) => history.losses > 1,
        Some(Defect::GivesUpAfterTenLosses) => history.losses > 10,
        Some(Defect::ReadTimeoutIsFinal) => kind == LossKind::Timeout,
        Some(Defect::H2ResetIsFinal) => kind == LossKind::StreamReset,
        Some(Defect::GoawayIsFinal) => kind == LossKind::GoAway,
        Some(Defect::NoReconnectionAfterRedirect) => history.open_here && history.redirected_here,
        _ => false,
    }
}
