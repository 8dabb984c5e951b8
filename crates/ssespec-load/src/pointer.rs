//! One value of a JSON text, without a tree of all the others.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// A place in a JSON text, as RFC 6901 writes it: `/choices/0/delta`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pointer(Vec<String>);

impl FromStr for Pointer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(path) = text.strip_prefix('/') else {
            return Err(format!("`{text}` is no JSON pointer; write it as `/meta/sent`"));
        };
        let plain = |part: &str| part.replace("~1", "/").replace("~0", "~");
        Ok(Self(path.split('/').map(plain).collect()))
    }
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.to_string()
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            write!(f, "/{}", part.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

/// What lies at a place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    /// Nothing.
    Missing,
    Null,
    Bool(bool),
    Whole(u64),
    Number(f64),
    Text(String),
    /// An object or an array.
    Tree,
}

impl Found {
    /// Whether it says something: not missing, not null, not false, not empty.
    pub(crate) fn is_something(&self) -> bool {
        match self {
            Self::Missing | Self::Null | Self::Bool(false) => false,
            Self::Text(text) => !text.is_empty(),
            _ => true,
        }
    }
}

impl Pointer {
    /// Finds the value at this place.
    ///
    /// # Errors
    /// When the text is not JSON; says why.
    pub(crate) fn find(&self, json: &str) -> Result<Found, String> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let found = Seek(&self.0).deserialize(&mut deserializer);
        found
            .and_then(|found| deserializer.end().map(|()| found))
            .map_err(|error| error.to_string())
    }
}

struct Seek<'a>(&'a [String]);

impl Seek<'_> {
    fn scalar(&self, found: Found) -> Found {
        if self.0.is_empty() { found } else { Found::Missing }
    }
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Found, E> {
        Ok(self.scalar(Found::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Found, E> {
        Ok(self.scalar(Found::Bool(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Found, E> {
        Ok(self.scalar(Found::Whole(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Found, E> {
        Ok(self.scalar(Found::Number(value as f64)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Found, E> {
        Ok(self.scalar(Found::Number(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Found, E> {
        Ok(self.scalar(Found::Text(value.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let mut found = if self.0.is_empty() { Found::Tree } else { Found::Missing };
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            match self.0.split_first() {
                Some((name, rest)) if *name == *key => found = map.next_value_seed(Seek(rest))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Found, A::Error> {
        let Some((name, rest)) = self.0.split_first() else {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Found::Tree);
        };
        let index: Option<usize> = name.parse().ok();
        let mut found = Found::Missing;
        for at in 0.. {
            if Some(at) == index {
                match seq.next_element_seed(Seek(rest))? {
                    Some(value) => found = value,
                    None => break,
                }
            } else if seq.next_element::<IgnoredAny>()?.is_none() {
                break;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(pointer: &str, json: &str) -> Result<Found, String> {
        pointer.parse::<Pointer>().unwrap().find(json)
    }

    #[test]
    fn values_are_found() {
        let json = r#"{"a":{"b":[1,-2,{"c":"x"}],"~/":true},"d":null,"e":1.5,"f":{}}"#;
        for (pointer, found) in [
            ("/a/b/0", Found::Whole(1)),
            ("/a/b/1", Found::Number(-2.0)),
            ("/a/b/2/c", Found::Text("x".to_owned())),
            ("/a/b/3", Found::Missing),
            ("/a/b/x", Found::Missing),
            ("/a/~0~1", Found::Bool(true)),
            ("/d", Found::Null),
            ("/d/x", Found::Missing),
            ("/e", Found::Number(1.5)),
            ("/f", Found::Tree),
            ("/a/b", Found::Tree),
            ("/g", Found::Missing),
        ] {
            assert_eq!(find(pointer, json), Ok(found), "{pointer}");
        }
        assert!(find("/a", "[DONE]").is_err());
        assert!(find("/a", "{} x").is_err());
        assert!("a".parse::<Pointer>().is_err());
        assert_eq!("/a/~0~1".parse::<Pointer>().unwrap().to_string(), "/a/~0~1");
    }
}
