//! Which cases are run: globs over case ids, with or without the route.

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
    run: Vec<GlobMatcher>,
    skip: Vec<GlobMatcher>,
}

impl Selection {
    /// Compiles the patterns; each must match a case of the catalogue.
    ///
    /// # Errors
    /// The first pattern that is no glob or matches nothing.
    pub fn new(
        run: &[String],
        skip: &[String],
        catalogue: &Catalogue,
    ) -> Result<Self, SelectionError> {
        let compile = |patterns: &[String]| {
            patterns.iter().map(|pattern| matcher(pattern, catalogue)).collect::<Result<_, _>>()
        };
        Ok(Self { run: compile(run)?, skip: compile(skip)? })
    }

    /// Whether a case on a route is run.
    pub fn selects(&self, id: &str, route: Route) -> bool {
        let matches = |globs: &[GlobMatcher]| globs.iter().any(|glob| fits(glob, id, route));
        (self.run.is_empty() || matches(&self.run)) && !matches(&self.skip)
    }
}

fn fits(glob: &GlobMatcher, id: &str, route: Route) -> bool {
    glob.is_match(id) || glob.is_match(format!("{id}@{}", route.name()))
}

fn matcher(pattern: &str, catalogue: &Catalogue) -> Result<GlobMatcher, SelectionError> {
    let glob = Glob::new(pattern).map_err(|error| SelectionError::Glob {
        pattern: pattern.to_owned(),
        message: error.kind().to_string(),
    })?;
    let glob = glob.compile_matcher();
    let known = catalogue.cases().iter().any(|case| {
        std::iter::once(&case.id)
            .chain(&case.aliases)
            .any(|id| case.routes().into_iter().any(|route| fits(&glob, id, route)))
    });
    if known {
        return Ok(glob);
    }
    let ids: Vec<&str> = catalogue.cases().iter().map(|case| case.id.as_str()).collect();
    let bare = pattern.split('@').next().unwrap_or(pattern);
    Err(SelectionError::NoMatch { pattern: pattern.to_owned(), near: suggest(bare, &ids) })
}
