//! Commands for people to run again.

use std::ffi::OsString;

/// For a shell, in quotes where it needs them.
pub(crate) fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=@%,:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// The command of these arguments, the program first, as it goes into a result: without the reports
/// that it writes, which are files of one machine, and without what grants access.
pub(crate) fn again(args: &[OsString]) -> String {
    let mut words = vec!["ssespec".to_owned()];
    let mut rest = args.iter().skip(1).map(|arg| arg.to_string_lossy().into_owned());
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--report" | "--format" => drop(rest.next()),
            "-H" | "--header" => {
                words.push(word);
                words.extend(rest.next().map(|line| quoted(&without_secret(&line))));
            }
            _ if word.starts_with("--report=") || word.starts_with("--format=") => {}
            _ => {
                let line = word.strip_prefix("--header=").or_else(|| word.strip_prefix("-H"));
                words.push(match line {
                    Some(line) => format!("-H {}", quoted(&without_secret(line))),
                    None => quoted(&word),
                });
            }
        }
    }
    words.join(" ")
}

/// A header line, without its value where that grants access.
fn without_secret(line: &str) -> String {
    let (name, _) = line.split_once(':').unwrap_or((line, ""));
    let lower = name.to_ascii_lowercase();
    let grants = ["auth", "cookie", "token", "key", "secret", "session"];
    if grants.iter().any(|word| lower.contains(word)) {
        format!("{name}: …")
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(args: &[&str]) -> String {
        again(&args.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn a_command_is_told_without_reports_and_secrets() {
        let args = ["/a/ssespec", "load", "http://a/?b=c&d", "--report", "json=x", "-c", "5"];
        assert_eq!(of(&args), "ssespec load 'http://a/?b=c&d' -c 5");
        let args =
            ["ssespec", "load", "--builtin=/load/stream", "--report=json=x", "--format=json"];
        assert_eq!(of(&args), "ssespec load --builtin=/load/stream");
        for headers in [
            &["-H", "Authorization: Bearer x"][..],
            &["-HAuthorization: Bearer x"],
            &["--header=Authorization: Bearer x"],
        ] {
            let text = of(&[&["ssespec", "load"], headers].concat());
            assert_eq!(text, "ssespec load -H 'Authorization: …'");
        }
        assert_eq!(of(&["ssespec", "-H", "Accept: it's"]), r"ssespec -H 'Accept: it'\''s'");
    }
}
