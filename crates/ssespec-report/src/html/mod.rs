//! Self-contained HTML pages. They are rendered from the JSON itself, so that they show nothing that
//! the JSON lacks, and need nothing beside them: no network, no framework.

mod reference;
mod run;
mod sequence;
mod template;

pub use run::to_html;
pub use template::HtmlError;

pub(crate) use template::web_url;
