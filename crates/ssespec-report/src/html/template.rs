//! The template engine, set up so that whatever a subject says stays text.

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, HtmlEscape, Value as View, escape_formatter};

use super::reference;
use crate::console::is_invisible;
use crate::json::ReadError;
use crate::quantity::plural;

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HtmlError {
    /// The JSON is not that of a result.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There are no runs to compare, or more than one chart can show.
    #[error("{found} load runs cannot be compared; from 1 to {} can", crate::load::COMPARED)]
    Runs {
        /// How many there are.
        found: usize,
    },
    /// The template failed, which is a bug of ours.
    #[error("failed to render the page")]
    Template(#[from] minijinja::Error),
}

/// An environment with one template, `page`.
pub(super) fn environment(page: &'static str) -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() && text.contains(steers) => {
            escape_formatter(out, state, &View::from(inert(text)))
        }
        _ => escape_formatter(out, state, value),
    });
    environment.add_filter("reference_url", |text: &str| reference::url(text));
    environment.add_filter("prose", |text: &str| View::from_safe_string(prose(text)));
    environment.add_filter("plural", |noun: &str| plural(noun));
    environment.add_filter("web_url", |text: &str| web_url(text).map(str::to_owned));
    // In a class, a slash would have to be escaped.
    environment.add_filter("class", |verdict: &str| verdict.replace('/', ""));
    environment.add_template("page", page)?;
    Ok(environment)
}

/// A part of a page that is ours.
pub(super) fn trusted(text: &str) -> View {
    View::from_safe_string(text.to_owned())
}

/// A web address; nothing for what a click should not follow, such as `javascript:`.
pub(crate) fn web_url(text: &str) -> Option<&str> {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    (is_web && !text.contains(|c: char| c.is_whitespace() || is_invisible(c))).then_some(text)
}

/// Prose as HTML, with what stands in backticks as code.
fn prose(text: &str) -> String {
    let escaped = HtmlEscape(&inert(text)).to_string();
    let parts: Vec<&str> = escaped.split('`').collect();
    // A backtick without another one is a backtick.
    if parts.len().is_multiple_of(2) {
        return escaped;
    }
    let part = |(number, part): (usize, &&str)| match number % 2 {
        0 => (*part).to_owned(),
        _ => format!("<code>{part}</code>"),
    };
    parts.iter().enumerate().map(part).collect()
}

/// The text with what would reorder or hide the text around it written out.
fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if steers(c) {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

fn steers(c: char) -> bool {
    is_invisible(c) && !matches!(c, '\n' | '\t')
}

#[cfg(test)]
mod tests {
    use super::{inert, prose, web_url};

    #[test]
    fn only_web_addresses_are_followed() {
        for (text, is_web) in [
            ("https://example.org/a#b", true),
            ("http://localhost/", true),
            ("javascript:alert(1)", false),
            ("https://example.org/\u{202e}gpj", false),
            ("data:text/html,a", false),
            ("", false),
        ] {
            assert_eq!(web_url(text).is_some(), is_web, "{text}");
        }
    }

    #[test]
    fn backticks_make_code_of_text_alone() {
        assert_eq!(prose("a `b<c>` d"), "a <code>b&lt;c&gt;</code> d");
        assert_eq!(prose("a ` <b>"), "a ` &lt;b&gt;");
        assert_eq!(prose("`\u{202e}`"), "<code>\\u{202e}</code>");
    }

    #[test]
    fn what_reorders_text_is_written_out() {
        assert_eq!(inert("a\u{202e}b\0\nשלום"), "a\\u{202e}b\\u{0}\nשלום");
    }
}
