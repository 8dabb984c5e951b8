//! What the status of a response means (`response.200`).

use super::head::Head;
use crate::defect::{Defect, Switch};

/// What the client knows when a response arrives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances {
    /// The stream has been open before.
    pub(super) was_open: bool,
    /// The attempt before got no response.
    pub(super) after_failure: bool,
    /// A redirect led here.
    pub(super) redirected: bool,
}

/// What a status leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Opens,
    Fails,
    /// A new attempt, after so many milliseconds if the server says so.
    Retries(Option<u64>),
}

/// Judges the final response.
pub(super) fn judge(head: &Head, circumstances: Circumstances, switch: Switch) -> Meaning {
    let status = head.status;
    let Circumstances { was_open, after_failure, redirected } = circumstances;
    let opens = match switch.0 {
        Some(Defect::StatusIgnored) => true,
        Some(Defect::Any2xxOpens) => (200..300).contains(&status),
        Some(Defect::StatusCheckedAtFirstOnly) => status == 200 || was_open,
        Some(Defect::StatusUncheckedAfterRedirect) => status == 200 || redirected,
        Some(Defect::ReasonPhraseDecides) => status == 200 && head.phrase == "OK",
        _ => status == 200,
    };
    if opens {
        return Meaning::Opens;
    }
    let redirect = matches!(status, 301 | 302 | 303 | 307 | 308);
    let retries = match switch.0 {
        Some(Defect::ClientErrorsRetried) => (400..500).contains(&status),
        Some(Defect::ServerErrorsRetried) => (500..600).contains(&status),
        Some(Defect::NoContentRetried) => status == 204,
        Some(Defect::ReconnectionErrorsRetried) => was_open,
        Some(Defect::RetriesAnyFailureAfterANetworkError) => after_failure,
        Some(Defect::RedirectWithoutLocationRetried) => redirect,
        Some(Defect::RetryAfterHonoured) => {
            let seconds: Option<u64> =
                head.values("retry-after", switch).first().and_then(|value| value.parse().ok());
            return seconds.map_or(Meaning::Fails, |s| Meaning::Retries(Some(s * 1000)));
        }
        _ => false,
    };
    if retries { Meaning::Retries(None) } else { Meaning::Fails }
}
