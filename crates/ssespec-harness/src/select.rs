//! Which cases are run: globs over case ids, with or without the route.

use std::collections::BTreeSet;

use globset::{Glob, GlobMatcher};
use ssespec_scenario::{Catalogue, Route, suggest};

/// Why a selection cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// The pattern is no glob.
    #[error("`{pattern}` is not a glob: {message}")]
    Glob {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
    /// The pattern fits no case.
    #[error("no case matches `{pattern}`{}", near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    NoMatch {
        /// The pattern.
        pattern: String,
        /// The id that is nearest to it.
        near: Option<String>,
    },
}

/// Patterns for cases to run and to leave out.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    run: Vec<Pattern>,
    skip: Vec<Pattern>,
}

impl Selection {
    /// Compiles the patterns; each must match a case of the catalogue, by its id or a former one.
    ///
    /// # Errors
    /// The first pattern that is no glob or matches nothing.
    pub fn new(
        run: &[String],
        skip: &[String],
        catalogue: &Catalogue,
    ) -> Result<Self, SelectionError> {
        let compile = |patterns: &[String]| {
            patterns
                .iter()
                .map(|pattern| Pattern::compile(pattern, catalogue))
                .collect::<Result<_, _>>()
        };
        Ok(Self { run: compile(run)?, skip: compile(skip)? })
    }

    /// Whether a case on a route is run.
    pub fn selects(&self, id: &str, route: Route) -> bool {
        let matches = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.fits(id, route));
        (self.run.is_empty() || matches(&self.run)) && !matches(&self.skip)
    }
}

/// A glob, and the cases that it matches by a former id.
#[derive(Debug, Clone)]
struct Pattern {
    glob: GlobMatcher,
    renamed: Vec<(String, Route)>,
}

impl Pattern {
    fn compile(pattern: &str, catalogue: &Catalogue) -> Result<Self, SelectionError> {
        let glob = Glob::new(pattern).map_err(|error| SelectionError::Glob {
            pattern: pattern.to_owned(),
            message: error.kind().to_string(),
        })?;
        let mut compiled = Self { glob: glob.compile_matcher(), renamed: Vec::new() };
        for case in catalogue.cases().iter().filter(|case| !case.aliases.is_empty()) {
            for route in case.routes() {
                if case.aliases.iter().any(|alias| compiled.matches(alias, route)) {
                    compiled.renamed.push((case.id.clone(), route));
                }
            }
        }
        let fits_any = catalogue
            .cases()
            .iter()
            .any(|case| case.routes().into_iter().any(|route| compiled.fits(&case.id, route)));
        if fits_any {
            return Ok(compiled);
        }
        Err(SelectionError::NoMatch { pattern: pattern.to_owned(), near: near(pattern, catalogue) })
    }

    fn fits(&self, id: &str, route: Route) -> bool {
        self.matches(id, route)
            || self.renamed.iter().any(|(renamed, its)| renamed == id && *its == route)
    }

    fn matches(&self, id: &str, route: Route) -> bool {
        self.glob.is_match(id) || self.glob.is_match(format!("{id}@{}", route.name()))
    }
}

/// What was meant: a case, or for a glob the theme before its first `/`.
fn near(pattern: &str, catalogue: &Catalogue) -> Option<String> {
    let ids: Vec<&str> = catalogue.cases().iter().map(|case| case.id.as_str()).collect();
    if let Some((theme, rest)) = pattern.split_once('/')
        && rest.contains(['*', '?', '[', '{'])
    {
        let themes: BTreeSet<&str> = ids.iter().filter_map(|id| id.split('/').next()).collect();
        let themes: Vec<&str> = themes.into_iter().collect();
        return suggest(theme, &themes)
            .filter(|near| near != theme)
            .map(|near| format!("{near}/*"));
    }
    suggest(pattern.split('@').next().unwrap_or(pattern), &ids)
}
