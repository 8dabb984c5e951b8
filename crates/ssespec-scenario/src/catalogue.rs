//! All cases and rules of a run, in a fixed order.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::lint::lint;
use crate::load::{LoadedRule, load_tables};
use crate::{Case, Diagnostic, Role, Rule, Severity, SourceFile, embedded, render};

/// Cases by id and the rules they cite.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    cases: Vec<Arc<Case>>,
    index: BTreeMap<String, usize>,
    rules: BTreeMap<String, Rule>,
}

/// Scenario files that were refused, with all that is wrong with them.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{} in the scenario files", plural(diagnostics.len(), "error"))]
pub struct LoadFailure {
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The files, for rendering.
    pub sources: Vec<SourceFile>,
}

impl LoadFailure {
    /// The findings as text, each with its place in the file.
    pub fn render(&self, colour: bool) -> String {
        let source = |name: &str| {
            self.sources
                .iter()
                .find(|source| source.name == name)
                .map(|source| source.text.as_str())
        };
        render(&self.diagnostics, source, colour)
    }
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

impl Catalogue {
    /// The scenarios that the binary carries.
    ///
    /// # Panics
    /// Never in a released binary: a test loads the same files.
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Catalogue> = LazyLock::new(|| {
            Catalogue::from_sources(&Catalogue::builtin_sources())
                .unwrap_or_else(|failure| panic!("{}", failure.render(false)))
        });
        &BUILTIN
    }

    /// The text of the scenario files that the binary carries.
    pub fn builtin_sources() -> Vec<SourceFile> {
        embedded::scenarios()
            .map(|(name, text)| SourceFile { name: (*name).to_owned(), text: (*text).to_owned() })
            .collect()
    }

    /// Reads files; the built-in rules can be cited beside those that the files hold.
    ///
    /// # Errors
    /// All that is wrong with the files.
    pub fn from_sources(sources: &[SourceFile]) -> Result<Self, LoadFailure> {
        let (catalogue, diagnostics) = Self::check(sources);
        if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            return Err(LoadFailure { diagnostics, sources: sources.to_vec() });
        }
        Ok(catalogue)
    }

    /// Reads files and says all that is wrong with them; the catalogue holds what could be read.
    pub fn check(sources: &[SourceFile]) -> (Self, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let mut files = Vec::new();
        let mut rules = builtin_rules();
        for source in sources {
            let (loaded, mut found) = load_tables(source);
            diagnostics.append(&mut found);
            for LoadedRule { rule, .. } in &loaded.rules {
                rules.insert(rule.id.clone(), rule.clone());
            }
            files.push((source.name.clone(), loaded));
        }
        diagnostics.append(&mut lint(&files, &rules));
        sort(&mut diagnostics, sources);
        let mut catalogue = Self { rules, ..Self::default() };
        let cases = files.into_iter().flat_map(|(_, loaded)| loaded.cases);
        for case in cases.filter(|it| it.is_whole).map(|it| it.case) {
            for id in std::iter::once(&case.id).chain(&case.aliases) {
                catalogue.index.insert(id.clone(), catalogue.cases.len());
            }
            catalogue.cases.push(Arc::new(case));
        }
        (catalogue, diagnostics)
    }

    /// The same without the cases that judge somebody else.
    pub fn only(&self, role: Role) -> Self {
        let mut only = Self { rules: self.rules.clone(), ..Self::default() };
        for case in self.cases.iter().filter(|case| case.role() == role) {
            for id in std::iter::once(&case.id).chain(&case.aliases) {
                only.index.insert(id.clone(), only.cases.len());
            }
            only.cases.push(Arc::clone(case));
        }
        only
    }

    /// The cases, in the order of their files.
    pub fn cases(&self) -> &[Arc<Case>] {
        &self.cases
    }

    /// The case with this id, or with this one among its former ids.
    pub fn case(&self, id: &str) -> Option<&Arc<Case>> {
        self.index.get(id).and_then(|&index| self.cases.get(index))
    }

    /// The rule with this id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.get(id)
    }

    /// All rules, by id.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }
}

/// Puts findings in the order in which the files were named, and each file's from top to bottom.
fn sort(diagnostics: &mut [Diagnostic], sources: &[SourceFile]) {
    diagnostics.sort_by_key(|diagnostic| {
        let file = sources.iter().position(|source| source.name == diagnostic.file);
        let start = diagnostic.label.as_ref().map(|label| label.span.start);
        (file, start)
    });
}

/// The built-in rules alone, so that a user's scenarios can cite them.
fn builtin_rules() -> BTreeMap<String, Rule> {
    let mut rules = BTreeMap::new();
    for (name, text) in embedded::scenarios().filter(|(name, _)| name.ends_with("rules.toml")) {
        let source = SourceFile { name: (*name).to_owned(), text: (*text).to_owned() };
        for LoadedRule { rule, .. } in load_tables(&source).0.rules {
            rules.insert(rule.id.clone(), rule);
        }
    }
    rules
}
