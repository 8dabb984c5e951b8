//! What a well-formed scenario can still get wrong.

use std::collections::BTreeMap;

use crate::load::{CaseSpans, Key, Loaded, with_suggestion};
use crate::wire::MAX_CHUNK_BYTES;
use crate::{Case, Diagnostic, Finish, Rule, Step};

/// Checks the cases of all files together against the rules.
pub(crate) fn lint(files: &[(String, Loaded)], rules: &BTreeMap<String, Rule>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    for (file, loaded) in files {
        for (case, spans) in &loaded.cases {
            for id in std::iter::once(&case.id).chain(&case.aliases) {
                if let Some(first) = ids.insert(id, file) {
                    diagnostics.push(
                        Diagnostic::error(file, format!("the id `{id}` is taken")).at(
                            spans.of(&[Key::Name("id")]),
                            format!("first used in {first}"),
                        ),
                    );
                }
            }
            lint_case(file, case, spans, rules, &mut diagnostics);
        }
    }
    diagnostics
}

fn lint_case(
    file: &str,
    case: &Case,
    spans: &CaseSpans,
    rules: &BTreeMap<String, Rule>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let whole = || spans.of(&[Key::Name("id")]);
    let mut error = |message: String, span, label: &str| {
        diagnostics.push(Diagnostic::error(file, message).at(span, label));
    };
    let word = |part: &str| {
        !part.is_empty()
            && part.split('-').all(|word| {
                !word.is_empty()
                    && word
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            })
    };
    if !case.id.contains('/') || !case.id.split('/').all(word) {
        error(
            format!("`{}` is not a case id", case.id),
            whole(),
            "write `theme/what-it-is`: lower-case words joined by `-`",
        );
    }
    if case.stream.is_empty() == case.connection.is_empty() {
        let message = if case.stream.is_empty() {
            "the case sends nothing"
        } else {
            "the case has both `stream` and `connection`"
        };
        error(
            message.to_owned(),
            whole(),
            "a case has either `stream` or `connection`",
        );
    }
    if case.expect.is_empty()
        && case.outcomes.is_empty()
        && !case.is_stream()
        && !case.has_sentinel()
    {
        error(
            "the case expects nothing".to_owned(),
            whole(),
            "add `expect`, `outcomes` or a `sentinel` step",
        );
    }
    if !case.expect.is_empty() && !case.outcomes.is_empty() {
        error(
            "the case has both `expect` and `outcomes`".to_owned(),
            spans.of(&[Key::Name("outcomes")]),
            "`outcomes` is for what the standard leaves open",
        );
    }
    if !case.is_stream() {
        for name in ["splits", "prompt", "finish"] {
            if spans.has(name) {
                error(
                    format!("`{name}` goes with `stream`"),
                    spans.of(&[Key::Name(name)]),
                    "this case is written by connections",
                );
            }
        }
        let ends_closed = case
            .expectations()
            .any(|e| matches!(e, crate::Expectation::Closed {}));
        let closes = case
            .connection
            .iter()
            .flat_map(|c| &c.steps)
            .any(|step| matches!(step, Step::Client(_)));
        if !case.has_sentinel() && !ends_closed && !closes {
            error(
                "nothing proves that this case is over".to_owned(),
                whole(),
                "add a `sentinel = {}` step, expect `closed = {}`, or close the client",
            );
        }
    }
    if case.prompt && case.finish == Finish::End {
        error(
            "`prompt` has no sentinel to withhold here".to_owned(),
            spans.of(&[Key::Name("prompt")]),
            "the body ends without one",
        );
    }
    let chunk_bytes: u64 = case.stream.iter().map(crate::Chunk::len).sum();
    if chunk_bytes > MAX_CHUNK_BYTES {
        error(
            format!("the stream has {chunk_bytes} bytes"),
            spans.of(&[Key::Name("stream")]),
            "at most 64 MiB",
        );
    }
    for (c, connection) in case.connection.iter().enumerate() {
        for (list, steps) in [("before", &connection.before), ("steps", &connection.steps)] {
            for (s, step) in steps.iter().enumerate() {
                let span = spans.of(&[
                    Key::Name("connection"),
                    Key::Index(c),
                    Key::Name(list),
                    Key::Index(s),
                ]);
                if step.is_final() && s + 1 < steps.len() {
                    error(
                        format!("nothing can follow `{}`", step.verb()),
                        span.clone(),
                        "make it the last step",
                    );
                }
                if list == "before"
                    && !matches!(
                        step,
                        Step::Pause(_)
                            | Step::Raw(_)
                            | Step::Reset {}
                            | Step::Truncate {}
                            | Step::Hold {}
                            | Step::Client(_)
                    )
                {
                    error(
                        format!("`{}` needs a response to go with", step.verb()),
                        span.clone(),
                        "`before` takes `pause`, `raw`, `client`, `reset`, `truncate` and `hold`",
                    );
                }
                if let Step::Send(chunk) = step
                    && chunk.len() > MAX_CHUNK_BYTES
                {
                    error(
                        format!("the chunk has {} bytes", chunk.len()),
                        span,
                        "at most 64 MiB",
                    );
                }
            }
        }
    }
    if !rules.contains_key(&case.rule) {
        let known: Vec<&str> = rules.keys().map(String::as_str).collect();
        let diagnostic = Diagnostic::error(file, format!("unknown rule `{}`", case.rule))
            .at(spans.of(&[Key::Name("rule")]), "no such rule in rules.toml");
        diagnostics.push(with_suggestion(diagnostic, &case.rule, &known));
    }
}
