//! The page of a load run, and that of several.

mod figures;
mod groups;

use minijinja::value::Serde;
use minijinja::{Environment, Value as View, context};
use serde::Serialize;

use super::template::{self, HtmlError};
use crate::load::{COMPARED, Run, meaning, verdict};
use crate::model::Tool;
use crate::quantity::{Bytes, Count, Microseconds};

const STYLE: &str = concat!(include_str!("../base.css"), include_str!("load.css"));

/// Makes the page of a load run from the JSON that `ssespec load --report json=PATH` writes. The
/// page needs nothing beside it, and shows nothing that the JSON lacks; metrics that this crate does
/// not know are shown as the others are.
///
/// # Errors
///
/// When the JSON is refused; see [`Run::read`].
pub fn load_to_html(json: &str) -> Result<String, HtmlError> {
    let run = Run::read("", json)?;
    let environment = environment(include_str!("run.html"))?;
    let (word, class) = verdict(&run.json);
    let page = environment.get_template("page")?.render(context! {
        run => View::from(Serde(&run.json)),
        verdict => word,
        class => class,
        groups => View::from(Serde(groups::of_run(&run))),
        metrics => groups::metrics(std::slice::from_ref(&run)),
        style => template::trusted(STYLE),
    })?;
    Ok(page)
}

/// Makes a page that compares load runs.
///
/// # Errors
///
/// When there are none, or more than [`COMPARED`].
pub fn loads_to_html(tool: &Tool, runs: &[Run]) -> Result<String, HtmlError> {
    if runs.is_empty() || runs.len() > COMPARED {
        return Err(HtmlError::Runs { found: runs.len() });
    }
    let environment = environment(include_str!("comparison.html"))?;
    let page = environment.get_template("page")?.render(context! {
        tool => View::from(Serde(tool)),
        runs => View::from(Serde(runs.iter().map(Compared::of).collect::<Vec<_>>())),
        groups => View::from(Serde(groups::of_comparison(runs))),
        metrics => groups::metrics(runs),
        style => template::trusted(STYLE),
    })?;
    Ok(page)
}

/// One run of several.
#[derive(Debug, Serialize)]
struct Compared<'r> {
    name: &'r str,
    verdict: &'static str,
    class: &'static str,
    run: &'r serde_json::Value,
}

impl<'r> Compared<'r> {
    fn of(run: &'r Run) -> Self {
        let (verdict, class) = verdict(&run.json);
        Self { name: run.name(), verdict, class, run: &run.json }
    }
}

pub(super) fn environment(page: &'static str) -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = template::environment(page)?;
    environment.add_template("figures", include_str!("figures.html"))?;
    environment.add_filter("meaning", meaning);
    environment.add_filter("time", |us: f64| Microseconds(us).to_string());
    environment.add_filter("count", |count: u64| Count(count).to_string());
    environment.add_filter("bytes", |bytes: u64| Bytes(bytes).to_string());
    environment.add_filter("seconds", seconds);
    environment.add_filter("label", |key: &str| {
        let plain = ["_ms", "_us", "_bytes"].iter().find_map(|unit| key.strip_suffix(unit));
        plain.unwrap_or(key).replace('_', " ")
    });
    environment.add_filter("quantity", quantity);
    Ok(environment)
}

/// A time in milliseconds, as people say it.
fn seconds(ms: u64) -> String {
    if ms.is_multiple_of(1000) {
        format!("{} s", Count(ms / 1000))
    } else {
        format!("{:.1} s", ms as f64 / 1000.0)
    }
}

/// A value with the unit that its key ends in.
#[expect(clippy::needless_pass_by_value, reason = "filters are given values")]
fn quantity(value: View, key: &str) -> String {
    let number = u64::try_from(value.clone()).ok();
    match number {
        Some(us) if key.ends_with("_us") => Microseconds(us as f64).to_string(),
        Some(ms) if key.ends_with("_ms") => seconds(ms),
        Some(bytes) if key.ends_with("_bytes") => Bytes(bytes).to_string(),
        Some(count) => Count(count).to_string(),
        None => value.to_string(),
    }
}
