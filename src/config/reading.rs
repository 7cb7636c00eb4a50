//! Reads typed settings out of a tree, with serde. What goes wrong comes back as a [`Fault`]: what it is, and the path to it.
//!
//! Why not toml's own deserializer: it loses the place of what a list element's own type refuses, and its errors are
//! sentences that would have to be taken apart again.

use super::tree::{Node, Step, Value, opened};
use serde::{
    Deserializer,
    de::{self, DeserializeSeed, Expected, IntoDeserializer, Unexpected, Visitor, value::StrDeserializer},
    forward_to_deserialize_any,
};
use std::fmt;

/// What serde did not like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    pub what: What,
    /// From the inside out while it travels; in order once [`read`] returns it.
    pub path: Vec<Step>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum What {
    Unknown {
        key: String,
        known: &'static [&'static str],
    },
    Missing(&'static str),
    /// Not the type, or not in the range, that is wanted. The value itself may be a secret.
    Unfit {
        kind: &'static str,
        value: Option<String>,
        wanted: String,
    },
    Variant {
        value: String,
        known: &'static [&'static str],
    },
    /// In the words of the type itself; may contain the value.
    Refused(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.what)
    }
}

impl std::error::Error for Fault {}

impl From<What> for Fault {
    fn from(what: What) -> Self {
        Fault { what, path: Vec::new() }
    }
}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        What::Refused(message.to_string()).into()
    }

    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        let (kind, value) = describe(found);
        What::Unfit { kind, value, wanted: wanted.to_string() }.into()
    }

    fn invalid_value(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::invalid_type(found, wanted)
    }

    fn unknown_variant(value: &str, known: &'static [&'static str]) -> Self {
        What::Variant { value: value.to_owned(), known }.into()
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        What::Unknown { key: key.to_owned(), known }.into()
    }

    fn missing_field(key: &'static str) -> Self {
        What::Missing(key).into()
    }
}

fn describe(found: Unexpected<'_>) -> (&'static str, Option<String>) {
    match found {
        Unexpected::Bool(yes) => ("true or false", Some(yes.to_string())),
        Unexpected::Signed(number) => ("a number", Some(number.to_string())),
        Unexpected::Unsigned(number) => ("a number", Some(number.to_string())),
        Unexpected::Float(number) if number.is_finite() => ("a number", Some(number.to_string())),
        Unexpected::Float(_) => ("a number", None),
        Unexpected::Str(text) => ("a text", Some(format!("\"{text}\""))),
        Unexpected::Seq => ("a list", None),
        Unexpected::Map | Unexpected::StructVariant | Unexpected::NewtypeVariant => ("a table", None),
        _ => ("something else", None),
    }
}

/// Reads a `T`; the fault's path leads from `node` to where it happened.
pub(super) fn read<T: de::DeserializeOwned>(node: &Node) -> Result<T, Fault> {
    T::deserialize(Reader(node)).map_err(|mut fault| {
        fault.path.reverse();
        fault
    })
}

#[derive(Clone, Copy)]
struct Reader<'a>(&'a Node);

/// What a stand-in tries to be where a text is wanted, one after the other.
pub(super) const STAND_INS: [&str; 7] = ["stand-in", "1s", "127.0.0.1:0", "00:00-01:00", "2000-01-01", "UTC", "implicit"];

fn stand_in(number: u8) -> &'static str {
    STAND_INS.get(usize::from(number)).copied().unwrap_or("")
}

macro_rules! numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match &self.0.value {
                Value::StandIn(_) => visitor.visit_i64(1),
                Value::Loose(text) => match text.trim().parse::<i64>() {
                    Ok(number) => visitor.visit_i64(number),
                    Err(_) => visitor.visit_str(text),
                },
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Text(text) | Value::Loose(text) | Value::Moment(text) => visitor.visit_str(text),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Boolean(yes) => visitor.visit_bool(*yes),
            Value::List(items) => visitor.visit_seq(Items { items: items.iter(), index: 0 }),
            Value::Table(entries) => visitor.visit_map(Entries { entries: entries.iter(), current: None }),
            Value::StandIn(number) => visitor.visit_str(stand_in(*number)),
        }
    }

    numbers! { deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::StandIn(_) => visitor.visit_bool(false),
            Value::Loose(text) => match text.trim().parse() {
                Ok(yes) => visitor.visit_bool(yes),
                Err(_) => visitor.visit_str(text),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::StandIn(_) => visitor.visit_f64(1.0),
            Value::Loose(text) => match text.trim().parse() {
                Ok(number) => visitor.visit_f64(number),
                Err(_) => visitor.visit_str(text),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.0.is_stand_in() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::StandIn(_) => visitor.visit_seq(Items { items: [].iter(), index: 0 }),
            Value::Loose(text) => match opened(self.0.place, text) {
                Some(Node { value: Value::List(items), .. }) => visitor.visit_seq(Items { items: items.iter(), index: 0 }),
                _ => visitor.visit_str(text),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::StandIn(_) => visitor.visit_map(Entries { entries: [].iter(), current: None }),
            Value::Loose(text) => match opened(self.0.place, text) {
                Some(Node { value: Value::Table(entries), .. }) => visitor.visit_map(Entries { entries: entries.iter(), current: None }),
                _ => visitor.visit_str(text),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::StandIn(_) => visitor.visit_map(StandIns { fields: fields.iter(), node: self.0 }),
            // A struct is always read from a table, never from a list of its fields.
            Value::List(_) => Err(What::Unfit { kind: "a list", value: None, wanted: "a table".to_owned() }.into()),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, variants: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        let text: StrDeserializer<'_, Fault> = match &self.0.value {
            Value::Text(text) | Value::Loose(text) | Value::Moment(text) => text.as_str().into_deserializer(),
            Value::StandIn(_) => variants.first().copied().unwrap_or("").into_deserializer(),
            _ => return Err(self.deserialize_any(Wanted("a text")).err().unwrap_or_else(|| de::Error::custom("not a text"))),
        };
        visitor.visit_enum(text)
    }

    forward_to_deserialize_any! {
        i128 u128 f32 char str string bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// A visitor that takes nothing, to have the right words for what was found.
struct Wanted(&'static str);

impl Visitor<'_> for Wanted {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

struct Items<'a> {
    items: std::slice::Iter<'a, Node>,
    index: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(node) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Reader(node)).map(Some).map_err(|mut fault| {
            fault.path.push(Step::Index(index));
            fault
        })
    }
}

struct Entries<'a> {
    entries: std::slice::Iter<'a, super::tree::Entry>,
    current: Option<&'a super::tree::Entry>,
}

impl<'de> de::MapAccess<'de> for Entries<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.current = self.entries.next();
        let Some(entry) = self.current else { return Ok(None) };
        let key: StrDeserializer<'_, Fault> = entry.key.as_str().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let Some(entry) = self.current.take() else { return Err(de::Error::custom("a value without a key")) };
        seed.deserialize(Reader(&entry.node)).map_err(|mut fault| {
            fault.path.push(Step::Key(entry.key.clone()));
            fault
        })
    }
}

/// Every field of a struct that a stand-in is to become.
struct StandIns<'a> {
    fields: std::slice::Iter<'static, &'static str>,
    node: &'a Node,
}

impl<'de> de::MapAccess<'de> for StandIns<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some(field) = self.fields.next() else { return Ok(None) };
        let key: StrDeserializer<'_, Fault> = (*field).into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(Reader(self.node))
    }
}
