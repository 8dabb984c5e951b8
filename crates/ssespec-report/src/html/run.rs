//! The page of one run.

use minijinja::value::Serde;
use minijinja::{Value as View, context};
use serde::Serialize;

use super::sequence;
use super::template::{self, HtmlError};
use crate::json::from_json;
use crate::model::{CaseResult, Summary, TimelineEntry, Verdict};

const STYLE: [&str; 3] =
    [include_str!("base.css"), include_str!("evidence.css"), include_str!("run.css")];

/// The levels, in the order in which they are shown; a level that is none of them comes last.
const LEVELS: [&str; 3] = ["must", "should", "info"];

/// Makes the page of a result from the JSON that [`crate::json::to_json`] writes. The page needs
/// nothing beside it, and what subjects and scenarios say in it stays text.
///
/// # Errors
///
/// When the JSON is refused; see [`from_json`].
pub fn to_html(json: &str) -> Result<String, HtmlError> {
    let result = from_json(json)?;
    let mut environment = template::environment(include_str!("run.html"))?;
    let role = result.subject.role.clone();
    environment.add_filter("sequence", move |timeline: Serde<Vec<TimelineEntry>>| {
        View::from(Serde(sequence::rows(&timeline, &role)))
    });
    let themes = groups(&result.cases, |case| case.id.split('/').next().unwrap_or_default());
    let mut levels = groups(&result.cases, |case| &case.level);
    let rank = |name: &str| LEVELS.iter().position(|it| *it == name).unwrap_or(LEVELS.len());
    levels.sort_by_key(|group| rank(group.name));
    let counts = Summary::of(&result.cases);
    let seen = counts.by_verdict().into_iter().filter(|(_, count)| *count > 0);
    let page = environment.get_template("page")?.render(context! {
        themes => View::from(Serde(themes)),
        levels => View::from(Serde(levels)),
        counts => View::from(Serde(counts)),
        verdicts => Verdict::ALL.map(Verdict::name).to_vec(),
        columns => seen.map(|(verdict, _)| verdict.name()).collect::<Vec<_>>(),
        result => View::from(Serde(&result)),
        style => template::trusted(&STYLE.concat()),
        script => template::trusted(include_str!("run.js")),
    })?;
    Ok(page)
}

/// The cases that have something in common.
#[derive(Debug, Serialize)]
struct Group<'r> {
    name: &'r str,
    cases: Vec<&'r CaseResult>,
    counts: Summary,
}

/// The groups, in the order of the result.
fn groups(cases: &[CaseResult], name: impl Fn(&CaseResult) -> &str) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for case in cases {
        let name = name(case);
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.cases.push(case),
            None => groups.push(Group { name, cases: vec![case], counts: Summary::default() }),
        }
    }
    for group in &mut groups {
        group.counts = Summary::of(group.cases.iter().copied());
    }
    groups
}
