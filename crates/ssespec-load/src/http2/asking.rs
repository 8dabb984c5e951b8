//! The request of a stream in the form of HTTP/2, from that of HTTP/1.1.

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{Method, Request, Uri};
use httparse::{EMPTY_HEADER, Status};

use crate::end::End;

/// Headers that speak of a connection, which HTTP/2 does not have.
pub const OF_A_CONNECTION: [&str; 5] =
    ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/// The head and the body of a request that is written for HTTP/1.1.
pub(super) fn request(wire: &str, tls: bool) -> Result<(Request<()>, Bytes), End> {
    let wrong = |why: String| End::failed("http2.request", why);
    let mut headers = [EMPTY_HEADER; 128];
    let mut parsed = httparse::Request::new(&mut headers);
    let head = match parsed.parse(wire.as_bytes()) {
        Ok(Status::Complete(head)) => head,
        Ok(Status::Partial) => return Err(wrong("the request has no end".to_owned())),
        Err(error) => return Err(wrong(format!("the request cannot be sent: {error}"))),
    };
    let mut request = Request::new(());
    *request.method_mut() = parsed
        .method
        .unwrap_or_default()
        .parse::<Method>()
        .map_err(|error| wrong(error.to_string()))?;
    let mut authority = "";
    for header in parsed.headers.iter() {
        if header.name.eq_ignore_ascii_case("host") {
            authority = std::str::from_utf8(header.value).unwrap_or_default();
            continue;
        }
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let value = HeaderValue::from_bytes(header.value);
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(wrong(format!("the header `{}` cannot be sent", header.name)));
        };
        if !OF_A_CONNECTION.contains(&name.as_str()) {
            request.headers_mut().append(name, value);
        }
    }
    *request.uri_mut() = Uri::builder()
        .scheme(if tls { "https" } else { "http" })
        .authority(authority)
        .path_and_query(parsed.path.unwrap_or("/"))
        .build()
        .map_err(|error| wrong(format!("the URL cannot be sent: {error}")))?;
    let body = wire.as_bytes().get(head..).unwrap_or_default();
    Ok((request, Bytes::copy_from_slice(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_what_they_were() {
        let wire = "POST /a?b=c HTTP/1.1\r\nHost: localhost:8080\r\nX-One: 1\r\nX-One: 2\r\n\
            Connection: close\r\nContent-Length: 2\r\n\r\n{}";
        let (request, body) = request(wire, false).unwrap();
        assert_eq!(request.uri(), "http://localhost:8080/a?b=c");
        assert_eq!((request.method().as_str(), &body[..]), ("POST", &b"{}"[..]));
        let names: Vec<&str> = request.headers().keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["x-one", "content-length"]);
        assert_eq!(request.headers().get_all("x-one").iter().count(), 2);
    }

    #[test]
    fn what_cannot_be_sent_is_said() {
        for wire in ["GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"] {
            let End::Failed { cause, .. } = request(wire, true).unwrap_err() else { panic!() };
            assert_eq!(cause, "http2.request");
        }
    }
}
