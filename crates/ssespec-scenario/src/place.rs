//! Where the parts of a table stand in its file.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

/// A value of a scenario file, and its key; followed downwards as far as the file goes.
///
/// The lint asks for places by the names of the model. Where a part is left out in the file, the
/// place of what would have held it is the best there is to point at.
#[derive(Debug, Clone)]
pub(crate) struct Place<'s> {
    value: Option<&'s Spanned<DeValue<'s>>>,
    key_span: Range<usize>,
    span: Range<usize>,
}

impl<'s> Place<'s> {
    /// The place of a whole table.
    pub(crate) fn of(value: &'s Spanned<DeValue<'s>>) -> Self {
        Self { value: Some(value), key_span: value.span(), span: value.span() }
    }

    /// The value under a key.
    pub(crate) fn key(&self, name: &str) -> Self {
        let entry = self
            .value
            .and_then(|value| value.get_ref().as_table())
            .and_then(|table| table.get_key_value(name));
        match entry {
            Some((key, value)) => {
                Self { value: Some(value), key_span: key.span(), span: value.span() }
            }
            None => self.missing(),
        }
    }

    /// The item of a list.
    pub(crate) fn item(&self, index: usize) -> Self {
        let item = self
            .value
            .and_then(|value| value.get_ref().as_array())
            .and_then(|array| array.get(index));
        item.map_or_else(|| self.missing(), Self::of)
    }

    fn missing(&self) -> Self {
        Self { value: None, ..self.clone() }
    }

    /// Whether it is written in the file.
    pub(crate) fn is_written(&self) -> bool {
        self.value.is_some()
    }

    /// The bytes of the value, or of the nearest one above it that is written.
    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The bytes of the key, for findings about the key itself.
    pub(crate) fn key_span(&self) -> Range<usize> {
        self.key_span.clone()
    }
}
