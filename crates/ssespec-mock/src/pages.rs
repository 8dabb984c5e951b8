//! Pages that lie beside the streams, on each origin of the mock: what a browser loads.

use std::fmt;
use std::sync::Arc;

/// A plain answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// The status code.
    pub status: u16,
    /// The `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

/// Finds the page at a path; none is found where it holds no function.
#[derive(Clone, Default)]
pub struct Pages(Option<Arc<Find>>);

type Find = dyn Fn(&str) -> Option<Page> + Send + Sync;

impl Pages {
    /// Pages that this function finds by their path.
    pub fn new(find: impl Fn(&str) -> Option<Page> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(find)))
    }

    /// The page at a path.
    pub(crate) fn at(&self, path: &str) -> Option<Page> {
        self.0.as_ref().and_then(|find| find(path))
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Pages" } else { "no pages" })
    }
}
