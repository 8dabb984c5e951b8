//! One self-contained HTML page for one run. It is rendered from the JSON result itself, so that it
//! shows nothing that the JSON lacks.

mod reference;
mod sequence;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value as View, context};
use serde_json::Value;

use crate::json::{ReadError, from_json};
use crate::model::{TimelineEntry, Verdict};

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
    from_json(json)?;
    let result: Value = serde_json::from_str(json)
        .map_err(|source| HtmlError::Read(ReadError::NotJson { source }))?;
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_template("run", include_str!("run.html"))?;
    environment.add_filter("reference_url", |text: &str| reference::url(text));
    environment.add_filter("sequence", |timeline: Serde<Vec<TimelineEntry>>| {
        View::from(Serde(sequence::rows(&timeline)))
    });
    let page = environment.get_template("run")?.render(context! {
        themes => View::from(Serde(themes(&result))),
        verdicts => Verdict::ALL.map(Verdict::name).to_vec(),
        result => View::from(Serde(&result)),
        style => View::from_safe_string(include_str!("style.css").to_owned()),
        script => View::from_safe_string(include_str!("script.js").to_owned()),
    })?;
    Ok(page)
}

/// The cases by the first word of their id, in the order of the result, with their counts.
fn themes(result: &Value) -> Vec<Value> {
    let mut themes: Vec<(String, Vec<&Value>)> = Vec::new();
    for case in result["cases"].as_array().into_iter().flatten() {
        let id = case["id"].as_str().unwrap_or_default();
        let name = id.split('/').next().unwrap_or_default();
        match themes.iter_mut().find(|(theme, _)| theme == name) {
            Some((_, cases)) => cases.push(case),
            None => themes.push((name.to_owned(), vec![case])),
        }
    }
    let counted = themes.into_iter().map(|(name, cases)| {
        let counts: serde_json::Map<String, Value> = Verdict::ALL
            .into_iter()
            .map(|verdict| {
                let count = cases.iter().filter(|case| case["verdict"] == verdict.name()).count();
                (verdict.name().to_owned(), count.into())
            })
            .collect();
        serde_json::json!({ "name": name, "cases": cases, "counts": counts })
    });
    counted.collect()
}
