//! Reads scenario files: each table is decoded by itself, so that one run finds all errors.

use std::ops::Range;
use std::path::Path;
use std::{fs, io};

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::{Case, Diagnostic, Rule};

/// A file's text under the name that diagnostics use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The name, as the user gave it.
    pub name: String,
    /// The text.
    pub text: String,
}

/// What one file holds, as far as it could be read.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// Cases with the span of their table.
    pub(crate) cases: Vec<(Case, CaseSpans)>,
    /// Rules with the span of their id.
    pub(crate) rules: Vec<(Rule, Range<usize>)>,
}

/// Where the parts of a case stand, for the lint.
#[derive(Debug, Clone)]
pub(crate) struct CaseSpans {
    value: Spanned<DeValue<'static>>,
}

impl CaseSpans {
    /// The span of the value under this path of keys and indices, or of the nearest one above it.
    pub(crate) fn of(&self, path: &[Key<'_>]) -> Range<usize> {
        let mut span = self.value.span();
        let mut value = self.value.get_ref();
        for key in path {
            let next = match key {
                Key::Name(name) => value.as_table().and_then(|table| table.get(*name)),
                Key::Index(index) => value.as_array().and_then(|array| array.get(*index)),
            };
            let Some(next) = next else { return span };
            span = next.span();
            value = next.get_ref();
        }
        span
    }

    /// Whether the path is written in the file.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.value
            .get_ref()
            .as_table()
            .is_some_and(|table| table.contains_key(name))
    }
}

/// One step into a TOML value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key<'k> {
    /// A key of a table.
    Name(&'k str),
    /// An index of an array.
    Index(usize),
}

/// Reads one file: its cases and rules, and all that is wrong with its form.
pub(crate) fn load_source_with_spans(source: &SourceFile) -> (Loaded, Vec<Diagnostic>) {
    let mut loaded = Loaded::default();
    let mut diagnostics = Vec::new();
    let (mut document, errors) = DeTable::parse_recoverable(&source.text);
    for error in errors {
        diagnostics.push(diagnose(&source.name, &error, None));
    }
    if !diagnostics.is_empty() {
        return (loaded, diagnostics);
    }
    document.get_mut().make_owned();
    for (key, value) in document.into_inner() {
        match key.get_ref().as_ref() {
            "case" => each(
                &source.name,
                value,
                &mut diagnostics,
                |value, diagnostics| {
                    let spans = CaseSpans {
                        value: owned(value.clone()),
                    };
                    match Case::deserialize(ValueDeserializer::from(value)) {
                        Ok(case) => loaded.cases.push((case, spans)),
                        Err(error) => {
                            diagnostics.push(diagnose(&source.name, &error, Some(spans.of(&[]))));
                        }
                    }
                },
            ),
            "rule" => each(
                &source.name,
                value,
                &mut diagnostics,
                |value, diagnostics| {
                    let span = value.span();
                    match Rule::deserialize(ValueDeserializer::from(value)) {
                        Ok(rule) => loaded.rules.push((rule, span)),
                        Err(error) => diagnostics.push(diagnose(&source.name, &error, Some(span))),
                    }
                },
            ),
            other => diagnostics.push(with_suggestion(
                Diagnostic::error(&source.name, format!("unknown table `{other}`")).at(
                    key.span(),
                    "a scenario file holds `[[case]]` and `[[rule]]` tables",
                ),
                other,
                &["case", "rule"],
            )),
        }
    }
    (loaded, diagnostics)
}

/// Reads one file: its cases and rules, and all that is wrong with it by itself.
pub fn load_source(source: &SourceFile) -> (Vec<Case>, Vec<Rule>, Vec<Diagnostic>) {
    let (loaded, diagnostics) = load_source_with_spans(source);
    let cases = loaded.cases.into_iter().map(|(case, _)| case).collect();
    let rules = loaded.rules.into_iter().map(|(rule, _)| rule).collect();
    (cases, rules, diagnostics)
}

/// Reads all `.toml` files below a directory, or the one file that is named, by name.
///
/// # Errors
/// The first file or directory that cannot be read, with its path.
pub fn read_directory(path: &Path) -> Result<Vec<SourceFile>, (String, io::Error)> {
    let named = |error| (path.display().to_string(), error);
    let mut sources = Vec::new();
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(named)?;
        let mut paths: Vec<_> = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(named)?;
        paths.sort();
        for entry in paths {
            if entry.is_dir()
                || entry
                    .extension()
                    .is_some_and(|extension| extension == "toml")
            {
                sources.append(&mut read_directory(&entry)?);
            }
        }
    } else {
        let text = fs::read_to_string(path).map_err(named)?;
        sources.push(SourceFile {
            name: path.display().to_string(),
            text,
        });
    }
    Ok(sources)
}

fn owned(mut value: Spanned<DeValue<'_>>) -> Spanned<DeValue<'static>> {
    value.get_mut().make_owned();
    let span = value.span();
    Spanned::new(span, into_static(value.into_inner()))
}

/// `make_owned` makes the text owned but cannot change the type; this rebuilds the value.
fn into_static(value: DeValue<'_>) -> DeValue<'static> {
    use std::borrow::Cow;
    match value {
        DeValue::String(text) => DeValue::String(Cow::Owned(text.into_owned())),
        DeValue::Boolean(boolean) => DeValue::Boolean(boolean),
        DeValue::Datetime(datetime) => DeValue::Datetime(datetime),
        // Numbers are never looked at through spans; only their place is.
        DeValue::Integer(_) | DeValue::Float(_) => DeValue::Boolean(true),
        DeValue::Array(array) => DeValue::Array(
            array
                .into_iter()
                .map(|item| Spanned::new(item.span(), into_static(item.into_inner())))
                .collect(),
        ),
        DeValue::Table(table) => DeValue::Table(
            table
                .into_iter()
                .map(|(key, item)| {
                    let key = Spanned::new(key.span(), Cow::Owned(key.into_inner().into_owned()));
                    (
                        key,
                        Spanned::new(item.span(), into_static(item.into_inner())),
                    )
                })
                .collect(),
        ),
    }
}

fn each<'v>(
    file: &str,
    value: Spanned<DeValue<'v>>,
    diagnostics: &mut Vec<Diagnostic>,
    mut decode: impl FnMut(Spanned<DeValue<'v>>, &mut Vec<Diagnostic>),
) {
    let span = value.span();
    match value.into_inner() {
        DeValue::Array(items) => {
            for item in items {
                decode(item, diagnostics);
            }
        }
        _ => diagnostics.push(
            Diagnostic::error(file, "expected a list of tables")
                .at(span, "write `[[case]]` or `[[rule]]`, with two brackets"),
        ),
    }
}

/// Turns serde's and the TOML reader's words into a finding with a suggestion.
fn diagnose(file: &str, error: &toml::de::Error, fallback: Option<Range<usize>>) -> Diagnostic {
    let message = error.message().trim().replace('\n', "; ");
    let span = error.span().filter(|span| !span.is_empty()).or(fallback);
    let mut ticked = message.split('`').skip(1).step_by(2);
    let unknown = message
        .starts_with("unknown ")
        .then(|| ticked.next())
        .flatten();
    let known: Vec<&str> = ticked.collect();
    let mut diagnostic = match unknown {
        Some(name) => {
            let what = if message.starts_with("unknown variant") {
                "verb or value"
            } else {
                "field"
            };
            Diagnostic::error(file, format!("unknown {what} `{name}`"))
        }
        None => Diagnostic::error(file, &message),
    };
    if let Some(span) = span {
        diagnostic = diagnostic.at(span, "");
    }
    match unknown {
        Some(name) => with_suggestion(diagnostic, name, &known),
        None => diagnostic,
    }
}

/// Adds "did you mean", or the list of what would have been right.
pub(crate) fn with_suggestion(diagnostic: Diagnostic, name: &str, known: &[&str]) -> Diagnostic {
    let near = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((_, candidate)) => diagnostic.help(format!("did you mean `{candidate}`?")),
        None if known.is_empty() => diagnostic,
        None => {
            let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            diagnostic.help(format!("expected one of {}", list.join(", ")))
        }
    }
}
