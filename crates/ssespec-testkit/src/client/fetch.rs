//! A request, what redirects make of it, and the response (`response.redirect`).

use super::connection::Connection;
use super::head::Head;
use super::request::Request;
use super::trouble::Trouble;
use super::{http1, http2};
use crate::defect::{Defect, Switch};

/// How many redirects are followed.
const MAX_REDIRECTS: u32 = 20;

/// A response whose body is still to come.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) head: Head,
    pub(super) body: Body,
}

/// A body, on either HTTP version.
#[derive(Debug)]
pub(super) enum Body {
    Http1(http1::Body),
    Http2(http2::Body),
}

/// What one read brings of a body.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    /// The body ends here, and cleanly.
    pub(super) is_last: bool,
}

impl Body {
    /// What the next read brings. Cancel safe.
    pub(super) async fn piece(&mut self) -> Result<Piece, Trouble> {
        match self {
            Self::Http1(body) => body.piece().await,
            Self::Http2(body) => body.piece().await,
        }
    }

    /// The connection, if it can carry another request.
    pub(super) fn into_idle(self) -> Option<Connection> {
        match self {
            Self::Http1(body) => body.into_idle(),
            Self::Http2(_) => None,
        }
    }
}

/// Sends a request, without following redirects.
pub(super) async fn send(
    request: &Request,
    idle: Option<Connection>,
    switch: Switch,
) -> Result<Response, Trouble> {
    if request.is_http2 {
        http2::send(request, switch).await
    } else {
        http1::send(request, idle, switch).await
    }
}

/// Where a response redirects to: `None` if it is none that is followed, an error if it cannot be.
pub(super) fn redirection(
    head: &Head,
    request: &Request,
    first: &Request,
    hops: u32,
    switch: Switch,
) -> Result<Option<super::address::Address>, Trouble> {
    let status = head.status;
    let followed = match switch.0 {
        Some(Defect::RedirectsNotFollowed) => false,
        Some(Defect::Redirect303NotFollowed) if status == 303 => false,
        Some(Defect::Redirect307NotFollowed) if status == 307 => false,
        Some(Defect::Redirect308NotFollowed) if status == 308 => false,
        Some(Defect::Redirect300Followed) if status == 300 => true,
        _ => matches!(status, 301 | 302 | 303 | 307 | 308),
    };
    let locations = head.values("location", switch);
    let Some(location) = locations.first().filter(|_| followed) else {
        return Ok(None);
    };
    if location.is_empty() && switch.has(Defect::EmptyLocationNotFollowed) {
        return Ok(None);
    }
    let limit = match switch.0 {
        Some(Defect::RedirectLimitOfOne) => 1,
        Some(Defect::RedirectLimitOfTen) => 10,
        _ => MAX_REDIRECTS,
    };
    if hops >= limit {
        return Err(Trouble::Failed(format!("more than {limit} redirects")));
    }
    match request.address.follow(location, &first.address, switch) {
        Some(next)
            if next.authority != request.address.authority
                && switch.has(Defect::RedirectToAnotherOriginRefused) =>
        {
            Err(Trouble::Failed(format!("`{location}` is on another origin")))
        }
        Some(next) => Ok(Some(next)),
        None => Err(Trouble::Failed(format!("cannot follow `{location}`"))),
    }
}
