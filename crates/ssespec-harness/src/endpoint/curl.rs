//! Requests and cases as commands that people can run.

use super::exchange::{Asked, Version};
use super::target::{HttpChoice, Target};
use crate::builtin::Address;
use crate::process::quoted;

/// The `curl` command that sends the same request.
pub(super) fn curl(asked: &Asked) -> String {
    let mut command = String::from("curl -N -i");
    match (asked.version, asked.address.https) {
        (Version::Http10, _) => command.push_str(" --http1.0"),
        (Version::Http11, _) => command.push_str(" --http1.1"),
        (Version::Http2, true) => command.push_str(" --http2"),
        (Version::Http2, false) => command.push_str(" --http2-prior-knowledge"),
    }
    match asked.method.as_str() {
        "GET" => {}
        "HEAD" => command.push_str(" -I"),
        method => command.push_str(&format!(" -X {}", quoted(method))),
    }
    if !asked.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept")) {
        // curl asks for anything unless it is told not to.
        command.push_str(" -H 'Accept:'");
    }
    for (name, value) in &asked.headers {
        let value = if is_secret(name) { "…".into() } else { String::from_utf8_lossy(value) };
        // What has no value ends with a semicolon in curl's notation.
        let line = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        command.push_str(&format!(" -H {}", quoted(&line)));
    }
    if !asked.body.is_empty() {
        let body = String::from_utf8_lossy(&asked.body);
        command.push_str(&format!(" --data-raw {}", quoted(&body)));
    }
    format!("{command} {}", quoted(&url(&asked.address)))
}

/// How a person reproduces a case.
pub(super) fn command_line(target: &Target, named: &str, id: &str) -> String {
    let mut command = String::from("ssespec test server");
    if named.starts_with("--exec") {
        // The adapter decides the rest.
        return format!("{command} {named} --run {}", quoted(id));
    }
    if named.is_empty() {
        command.push_str(&format!(" {}", quoted(&target.url)));
    } else {
        command.push_str(&format!(" {named}"));
    }
    if target.method != "GET" {
        command.push_str(&format!(" --method {}", quoted(&target.method)));
    }
    for (name, value) in &target.headers {
        let value = if is_secret(name) { "…" } else { value };
        command.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
    }
    if let Some(body) = &target.body {
        command.push_str(&format!(" --body {}", quoted(body)));
    }
    match target.http {
        Some(HttpChoice::Http1) => command.push_str(" --http1"),
        Some(HttpChoice::Http2) => command.push_str(" --http2"),
        None => {}
    }
    command.push_str(&format!(" --run {}", quoted(id)));
    command
}

/// An address as a URL.
pub(super) fn url(address: &Address) -> String {
    let scheme = if address.https { "https" } else { "http" };
    format!("{scheme}://{}{}", address.authority, address.target)
}

/// Whether the value of a header lets its reader in: reports are shown around.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = ["authorization", "cookie", "api-key", "apikey", "token", "secret"];
    words.iter().any(|word| name.contains(word))
}
