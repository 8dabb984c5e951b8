//! What became of a connection or a stream, in the words of the h2 crate and in ours.

use std::borrow::Cow;

use h2::Reason;

use super::carrier::Account;
use crate::end::{Doing, End};

/// The server does not speak HTTP/2.
pub(super) fn unspoken(seen: &str) -> End {
    End::failed("http2.not-spoken", format!("the server does not speak HTTP/2: {seen}"))
}

/// Why a connection or a stream is over.
pub(super) fn of(error: &h2::Error, account: &Account, doing: Doing) -> End {
    if account.old.get() {
        return unspoken("it answers in HTTP/1");
    }
    let Some(reason) = error.reason() else {
        return match (account.failure.get(), doing) {
            (Some(kind), _) => End::io(doing, &kind.into()),
            (None, _) if account.closed.get() => closed(doing),
            (None, _) => End::failed("http2.other", error.to_string()),
        };
    };
    let who = match (error.is_remote(), error.is_reset()) {
        (true, true) => "rst-stream",
        (true, false) => "goaway",
        // What h2 found wrong with what came.
        (false, _) => "http2",
    };
    End::Failed { cause: Cow::Owned(format!("{who}.{}", name(reason))), message: error.to_string() }
}

/// The connection was closed, and the streams on it with it.
pub(super) fn closed(doing: Doing) -> End {
    match doing {
        Doing::Reading => {
            End::failed("closed.mid-body", "the connection was closed within the body")
        }
        Doing::Connecting | Doing::Asking => {
            End::failed("closed.before-head", "the connection was closed before the head")
        }
    }
}

/// The name of a code, as causes are written: `refused-stream`.
fn name(reason: Reason) -> String {
    match u32::from(reason) {
        0 => "no-error".to_owned(),
        1 => "protocol-error".to_owned(),
        2 => "internal-error".to_owned(),
        3 => "flow-control-error".to_owned(),
        4 => "settings-timeout".to_owned(),
        5 => "stream-closed".to_owned(),
        6 => "frame-size-error".to_owned(),
        7 => "refused-stream".to_owned(),
        8 => "cancel".to_owned(),
        9 => "compression-error".to_owned(),
        10 => "connect-error".to_owned(),
        11 => "enhance-your-calm".to_owned(),
        12 => "inadequate-security".to_owned(),
        13 => "http-1-1-required".to_owned(),
        code => code.to_string(),
    }
}
