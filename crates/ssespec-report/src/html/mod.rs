//! Self-contained HTML pages. They are rendered from the JSON itself, so that they show nothing that
//! the JSON lacks, and need nothing beside them: no network, no framework.

mod index;
mod load;
mod matrix;
mod reference;
mod run;
mod sequence;
mod template;

pub use index::{IndexLinks, IndexLoad, IndexSection, index_to_html};
pub use load::{load_to_html, loads_to_html};
pub use matrix::matrix_to_html;
pub use run::to_html;
pub use template::HtmlError;

pub(crate) use template::web_url;
