//! The index over the pages of several matrices.

use minijinja::value::Serde;
use minijinja::{Value as View, context};
use serde::Serialize;

use super::load;
use super::template::{self, HtmlError};
use crate::load::{Run, verdict};
use crate::matrix::Matrix;
use crate::model::Tool;

/// One matrix of an index.
#[derive(Debug, Serialize)]
pub struct IndexSection<'m> {
    /// What was tested: `Clients`.
    pub title: String,
    /// Where the page of the matrix is, from the index.
    pub page: String,
    /// Where the results are, from the index, with a slash at the end.
    pub results: String,
    /// The matrix.
    pub matrix: &'m Matrix,
}

/// One load run of an index.
#[derive(Debug)]
pub struct IndexLoad {
    /// Where its page is, from the index.
    pub page: String,
    /// Where its result is, from the index.
    pub result: String,
    /// The run.
    pub run: Run,
}

/// The same, as the template takes it.
#[derive(Debug, Serialize)]
struct Load<'r> {
    page: &'r str,
    result: &'r str,
    name: &'r str,
    verdict: &'static str,
    class: &'static str,
    run: &'r serde_json::Value,
}

impl<'r> Load<'r> {
    fn of(it: &'r IndexLoad) -> Self {
        let (verdict, class) = verdict(&it.run.json);
        let IndexLoad { page, result, run } = it;
        Self { page, result, name: run.name(), verdict, class, run: &run.json }
    }
}

/// What else an index leads to; where each is, from the index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexLinks<'l> {
    /// The report on the reference client.
    pub reference: Option<&'l str>,
    /// The tables over the load runs.
    pub load_tables: Option<&'l str>,
}

/// Makes an index: for each matrix its implementations with their counts, linked to its page; a row
/// for each load run; and links to what else there is. What there is none of is not mentioned.
///
/// # Errors
///
/// When the template fails, which is a bug of ours.
pub fn index_to_html(
    tool: &Tool,
    sections: &[IndexSection<'_>],
    loads: &[IndexLoad],
    links: IndexLinks<'_>,
) -> Result<String, HtmlError> {
    let environment = load::environment(include_str!("index.html"))?;
    let page = environment.get_template("page")?.render(context! {
        tool => View::from(Serde(tool)),
        sections => View::from(Serde(sections)),
        loads => View::from(Serde(loads.iter().map(Load::of).collect::<Vec<_>>())),
        reference => links.reference,
        load_tables => links.load_tables,
        style => template::trusted(concat!(include_str!("base.css"), include_str!("index.css"))),
    })?;
    Ok(page)
}
