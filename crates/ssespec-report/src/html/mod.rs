//! One self-contained HTML page for one run. It is rendered from the JSON result itself, so that it
//! shows nothing that the JSON lacks.

mod reference;
mod sequence;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value as View, context};
use serde::Serialize;

use crate::json::{ReadError, from_json};
use crate::model::{CaseResult, Summary, TimelineEntry, Verdict};

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HtmlError {
    /// The JSON is not that of a result.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The template failed, which is a bug of ours.
    #[error("failed to render the page")]
    Template(#[from] minijinja::Error),
}

/// Makes the page of a result from the JSON that [`crate::json::to_json`] writes. The page needs
/// nothing beside it, and what subjects and scenarios say in it stays text.
///
/// # Errors
///
/// When the JSON is refused; see [`from_json`].
pub fn to_html(json: &str) -> Result<String, HtmlError> {
    let result = from_json(json)?;
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_template("run", include_str!("run.html"))?;
    environment.add_filter("reference_url", |text: &str| reference::url(text));
    environment.add_filter("sequence", |timeline: Serde<Vec<TimelineEntry>>| {
        View::from(Serde(sequence::rows(&timeline)))
    });
    let page = environment.get_template("run")?.render(context! {
        themes => View::from(Serde(themes(&result.cases))),
        verdicts => Verdict::ALL.map(Verdict::name).to_vec(),
        result => View::from(Serde(&result)),
        style => View::from_safe_string(include_str!("style.css").to_owned()),
        script => View::from_safe_string(include_str!("script.js").to_owned()),
    })?;
    Ok(page)
}

/// The cases whose ids begin with the same word.
#[derive(Debug, Serialize)]
struct Theme<'r> {
    name: &'r str,
    cases: Vec<&'r CaseResult>,
    counts: Summary,
}

/// The themes, in the order of the result.
fn themes(cases: &[CaseResult]) -> Vec<Theme<'_>> {
    let mut themes: Vec<Theme<'_>> = Vec::new();
    for case in cases {
        let name = case.id.split('/').next().unwrap_or_default();
        match themes.iter_mut().find(|theme| theme.name == name) {
            Some(theme) => theme.cases.push(case),
            None => themes.push(Theme { name, cases: vec![case], counts: Summary::default() }),
        }
    }
    for theme in &mut themes {
        theme.counts = Summary::of(theme.cases.iter().copied());
    }
    themes
}
