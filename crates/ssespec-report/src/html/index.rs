//! The index over the pages of several matrices.

use minijinja::value::Serde;
use minijinja::{Value as View, context};
use serde::Serialize;

use super::template::{self, HtmlError};
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

/// Makes an index: for each matrix its implementations with their counts, linked to its page.
///
/// # Errors
///
/// When the template fails, which is a bug of ours.
pub fn index_to_html(tool: &Tool, sections: &[IndexSection<'_>]) -> Result<String, HtmlError> {
    let environment = template::environment(include_str!("index.html"))?;
    let page = environment.get_template("page")?.render(context! {
        tool => View::from(Serde(tool)),
        sections => View::from(Serde(sections)),
        style => template::trusted(concat!(include_str!("base.css"), include_str!("index.css"))),
    })?;
    Ok(page)
}
