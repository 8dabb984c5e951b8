//! Text that stays text in Markdown.

use crate::console::{clip_middle, visible};
use crate::html::web_url;

/// What is kept of one piece of text.
const CHARACTERS: usize = 300;

/// Text as code, on one line; fit for tables too, where a bar would end the cell.
pub fn code(text: &str) -> String {
    // A bar cannot be written in code so that it reads alike inside and outside of tables.
    let text = visible(&clip_middle(text, CHARACTERS)).replace('|', "¦");
    if text.trim().is_empty() {
        return if text.is_empty() {
            String::new()
        } else {
            format!("`{}`", text.replace(' ', "·"))
        };
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let needs_space = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let space = if needs_space { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Prose on one line, with all that Markdown would make something of escaped. What stands in
/// backticks stays code.
pub fn plain(text: &str) -> String {
    let text = clip_middle(text, CHARACTERS * 2);
    let text = visible(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut parts = text.split('`');
    let mut out = escape(parts.next().unwrap_or_default());
    while let Some(part) = parts.next() {
        match parts.next() {
            Some(after) if !part.is_empty() => {
                out.push_str(&code(part));
                out.push_str(&escape(after));
            }
            Some(after) => {
                out.push_str("\\`\\`");
                out.push_str(&escape(after));
            }
            None => {
                out.push_str("\\`");
                out.push_str(&escape(part));
            }
        }
    }
    out
}

/// A link around what is Markdown already, or that alone where the address is not of the web.
pub(super) fn link(markdown: &str, url: &str) -> String {
    match web_url(url).filter(|url| !url.contains(['<', '>', '|', '\\'])) {
        Some(url) => format!("[{markdown}](<{url}>)"),
        None => markdown.to_owned(),
    }
}

/// A block of code.
pub(super) fn block(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(visible).collect();
    let text = lines.join("\n");
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{fence}sh\n{text}\n{fence}\n")
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // At the start of a line these would be headings and lists; before a number, `#` is an
            // issue; and `@` calls somebody.
            '#' | '+' | '-' if at == 0 => {
                out.push('\\');
                out.push(c);
            }
            '#' | '@' => {
                out.push(c);
                out.push_str("&#8203;");
            }
            c => out.push(c),
        }
    }
    out
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stays_code() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a``"), "``` `a`` ```");
        assert_eq!(code("a|b\n\u{202e}"), "`a¦b\\n\\u{202e}`");
        assert_eq!(code(""), "");
        assert_eq!(code("  "), "`··`");
    }

    #[test]
    fn prose_stays_prose() {
        assert_eq!(plain("a <b> *c* [d](e) | f_g"), "a &lt;b&gt; \\*c\\* \\[d\\](e) \\| f\\_g");
        assert_eq!(plain("@someone, #1"), "@&#8203;someone, #&#8203;1");
        assert_eq!(plain("# a\n- b"), "\\# a - b");
        assert_eq!(plain("sent `<a>` and `b"), "sent `<a>` and \\`b");
        assert_eq!(plain("``"), "\\`\\`");
    }

    #[test]
    fn only_the_web_is_linked() {
        assert_eq!(link("a", "https://example.org/a_(b)"), "[a](<https://example.org/a_(b)>)");
        assert_eq!(link("a", "javascript:alert(1)"), "a");
        assert_eq!(link("a", "https://a>)"), "a");
    }
}
