//! Reads scenario files: each table is decoded by itself, so that one run finds all errors.

use std::path::Path;
use std::{fs, io};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::decode::{Decoded, decode};
use crate::suggestion::with_suggestion;
use crate::wording::{decode_error, syntax_errors};
use crate::{Case, Diagnostic, Rule};

/// A file's text under the name that diagnostics use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The name, as the user gave it.
    pub name: String,
    /// The text.
    pub text: String,
}

/// Reads one file: its cases and rules, and all that is wrong with it by itself.
pub fn load_source(source: &SourceFile) -> (Vec<Case>, Vec<Rule>, Vec<Diagnostic>) {
    let (loaded, diagnostics) = load_tables(source);
    let cases = loaded.cases.into_iter().filter(|it| it.is_whole);
    let rules = loaded.rules.into_iter().filter(|it| it.is_whole);
    let cases = cases.map(|it| it.case).collect();
    let rules = rules.map(|it| it.rule).collect();
    (cases, rules, diagnostics)
}

/// Reads all `.toml` files below a directory, but for folders named `invalid` or `load` in it, or the one file that is named, by name.
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
            // Files that are wrong on purpose, and workloads, which hold no cases, are read only
            // where somebody asks for them.
            let is_other = entry.ends_with("invalid") || entry.ends_with("load");
            let is_collection = entry.is_dir() && !is_other;
            if is_collection || entry.extension().is_some_and(|extension| extension == "toml") {
                sources.append(&mut read_directory(&entry)?);
            }
        }
    } else {
        let text = fs::read_to_string(path).map_err(named)?;
        sources.push(SourceFile { name: path.display().to_string(), text });
    }
    Ok(sources)
}

/// What one file holds, as far as it could be read.
#[derive(Debug, Default)]
pub(crate) struct Loaded<'s> {
    /// Its cases.
    pub(crate) cases: Vec<LoadedCase<'s>>,
    /// Its rules.
    pub(crate) rules: Vec<LoadedRule<'s>>,
}

/// A case and its table.
#[derive(Debug)]
pub(crate) struct LoadedCase<'s> {
    /// The case; of one that is not whole only the id and the rule mean anything.
    pub(crate) case: Case,
    /// Whether it was read without errors.
    pub(crate) is_whole: bool,
    /// Its table, for the places of its parts.
    pub(crate) table: Spanned<DeValue<'s>>,
}

/// A rule and its table.
#[derive(Debug)]
pub(crate) struct LoadedRule<'s> {
    /// The rule; of one that is not whole only the id means anything.
    pub(crate) rule: Rule,
    /// Whether it was read without errors.
    pub(crate) is_whole: bool,
    /// Its table, for the places of its parts.
    pub(crate) table: Spanned<DeValue<'s>>,
}

/// Reads one file: its cases and rules, and all that is wrong with its form.
pub(crate) fn load_tables(source: &SourceFile) -> (Loaded<'_>, Vec<Diagnostic>) {
    let mut loaded = Loaded::default();
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    let mut diagnostics = syntax_errors(source, &errors);
    let readable = diagnostics.is_empty();
    for (key, value) in document.into_inner() {
        match key.get_ref().as_ref() {
            "case" => {
                for table in tables(source, "case", value, &mut diagnostics) {
                    loaded.add_case(source, table, readable, &mut diagnostics);
                }
            }
            "rule" => {
                for table in tables(source, "rule", value, &mut diagnostics) {
                    loaded.add_rule(source, table, readable, &mut diagnostics);
                }
            }
            _ if !readable => {}
            other => diagnostics.push(with_suggestion(
                Diagnostic::error(&source.name, format!("unknown table `{other}`"))
                    .at(key.span(), "a scenario file holds `[[case]]` and `[[rule]]` tables"),
                other,
                &["case", "rule"],
            )),
        }
    }
    if readable && diagnostics.is_empty() && loaded.cases.is_empty() && loaded.rules.is_empty() {
        diagnostics.push(
            Diagnostic::warning(&source.name, "the file holds no case")
                .help("a case starts with a line `[[case]]`"),
        );
    }
    (loaded, diagnostics)
}

impl<'s> Loaded<'s> {
    /// Decodes a case. In a file that is not even TOML only ids are taken, so that the errors of
    /// other files do not follow from that one.
    fn add_case(
        &mut self,
        source: &SourceFile,
        table: Spanned<DeValue<'s>>,
        readable: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let Decoded { value, errors } = decode::<Case>(&table, |_| "");
        if readable {
            diagnostics
                .extend(errors.iter().map(|error| decode_error(source, error, &table, "case")));
        }
        if let Some(case) = value {
            self.cases.push(LoadedCase { case, is_whole: readable && errors.is_empty(), table });
        }
    }

    fn add_rule(
        &mut self,
        source: &SourceFile,
        table: Spanned<DeValue<'s>>,
        readable: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let stand_in = |name: &str| if name == "level" { "info" } else { "" };
        let Decoded { value, errors } = decode::<Rule>(&table, stand_in);
        if readable {
            diagnostics
                .extend(errors.iter().map(|error| decode_error(source, error, &table, "rule")));
        }
        if let Some(rule) = value {
            self.rules.push(LoadedRule { rule, is_whole: readable && errors.is_empty(), table });
        }
    }
}

/// The tables of a `[[case]]` or `[[rule]]` list.
fn tables<'s>(
    source: &SourceFile,
    name: &str,
    value: Spanned<DeValue<'s>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Spanned<DeValue<'s>>> {
    let span = value.span();
    if let DeValue::Array(items) = value.into_inner() {
        return items.into_iter().collect();
    }
    diagnostics.push(
        Diagnostic::error(&source.name, format!("`{name}` is not a list of tables"))
            .at(span, "one bracket is missing on each side")
            .help(format!("start each {name} with a line `[[{name}]]`")),
    );
    Vec::new()
}
