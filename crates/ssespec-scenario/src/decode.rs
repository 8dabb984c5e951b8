//! Decodes one table to the end, although serde stops at the first error.
//!
//! After each error the part that it points at is taken out of a copy and the copy is decoded
//! again, so that one run finds all that is wrong with a case.

use std::borrow::Cow;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Error, ValueDeserializer};

use crate::suggest;

/// A table that has been decoded, and what had to be left out for that.
#[derive(Debug)]
pub(crate) struct Decoded<T> {
    /// What could be read; with errors only its id and its rule are to be trusted.
    pub(crate) value: Option<T>,
    /// What is wrong.
    pub(crate) errors: Vec<Error>,
}

/// Errors reported of one table; whoever has more has a file of another kind.
const MAX_ERRORS: usize = 32;

/// Decodes a table; fields that must be there are filled in by `stand_in` after the error.
pub(crate) fn decode<'s, T: Deserialize<'s>>(
    table: &Spanned<DeValue<'s>>,
    stand_in: impl Fn(&str) -> &'static str,
) -> Decoded<T> {
    let mut errors: Vec<Error> = Vec::new();
    let mut rest = table.clone();
    let mut taken_out: Vec<Removed> = Vec::new();
    loop {
        let error = match T::deserialize(ValueDeserializer::from(rest.clone())) {
            Ok(value) => {
                let value = Some(value);
                return Decoded { value, errors };
            }
            Err(error) => error,
        };
        let span = error.span().unwrap_or_else(|| table.span());
        let mended = match missing_field(&error) {
            Some(name) if span == rest.span() => fill_in(&mut rest, name, stand_in(name)),
            _ => false,
        };
        let removed = (!mended).then(|| remove(&mut rest, &span)).flatten();
        let goes_on = mended || removed.is_some();
        if !taken_out.iter().any(|it| it.led_to(&error, &span)) {
            errors.push(error);
        }
        taken_out.extend(removed);
        if !goes_on || errors.len() >= MAX_ERRORS {
            let value = None;
            return Decoded { value, errors };
        }
    }
}

/// A part that was taken out.
#[derive(Debug)]
struct Removed {
    parent: Range<usize>,
    key: String,
}

impl Removed {
    /// Whether an error says no more than that the part is missing, under the name that it has or
    /// under the one that it should have had.
    fn led_to(&self, error: &Error, span: &Range<usize>) -> bool {
        let leaves_nothing = is_empty_enum(error.message());
        let missing = missing_field(error);
        *span == self.parent
            && (leaves_nothing || missing.is_some_and(|name| suggest(&self.key, &[name]).is_some()))
    }
}

/// Whether a table should name a verb or the like, and is empty.
pub(crate) fn is_empty_enum(message: &str) -> bool {
    message.contains("found 0 elements") || message == "invalid type: map, expected enum"
}

/// The field that an error misses.
pub(crate) fn missing_field(error: &Error) -> Option<&str> {
    error.message().strip_prefix("missing field `")?.strip_suffix('`')
}

fn fill_in(table: &mut Spanned<DeValue<'_>>, name: &str, value: &'static str) -> bool {
    let span = table.span();
    let DeValue::Table(table) = table.get_mut() else {
        return false;
    };
    let key = Spanned::new(span.clone(), Cow::Owned(name.to_owned()));
    let value = Spanned::new(span, DeValue::String(Cow::Borrowed(value)));
    table.insert(key, value).is_none()
}

/// Takes out the entry or the item whose key or value has exactly this span.
fn remove(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<Removed> {
    let parent = value.span();
    match value.get_mut() {
        DeValue::Table(table) => remove_entry(table, parent, span),
        DeValue::Array(array) => {
            if array.iter().any(|item| item.span() == *span) {
                let items = std::mem::replace(array, DeArray::new());
                *array = items.into_iter().filter(|item| item.span() != *span).collect();
                let key = String::new();
                return Some(Removed { parent, key });
            }
            array.iter_mut().find_map(|item| remove(item, span))
        }
        _ => None,
    }
}

fn remove_entry(
    table: &mut DeTable<'_>,
    parent: Range<usize>,
    span: &Range<usize>,
) -> Option<Removed> {
    let found = table
        .iter()
        .find(|(key, value)| key.span() == *span || value.span() == *span)
        .map(|(key, _)| key.get_ref().to_string());
    if let Some(key) = found {
        table.remove(key.as_str());
        return Some(Removed { parent, key });
    }
    table.iter_mut().find_map(|(_, value)| remove(value, span))
}
