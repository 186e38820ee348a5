//! The list of all settings, derived from the configuration's own types, so that no setting is written down twice.
//!
//! Lives here: name, kind of value, explanation and default of each key. Does not live here: any value that a user
//! gave.

use std::fmt;
use std::sync::LazyLock;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::Config;

/// One setting.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// The dotted name, `score.recency.bins`.
    pub(super) name: String,
    /// What its value is.
    pub(super) kind: Kind,
    /// The explanation in its options struct.
    pub(super) description: String,
    /// The default; nothing for a setting that can be left unset.
    pub(super) default: Option<toml::Value>,
}

/// What the value of a setting is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// One of the given words.
    Choice(Vec<Choice>),
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Any number of values of one kind.
    List(Box<Kind>),
    /// A text, or a list of texts.
    Names,
    /// A table with its own keys, one of a list of tables.
    Table,
    /// A value of one of several kinds.
    Either(Vec<Kind>),
}

/// One word of a [`Kind::Choice`] and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) name: String,
    pub(super) description: String,
}

impl Key {
    /// `score.recency` for `score.recency.bins`.
    pub(super) fn section(&self) -> &str {
        self.name.rsplit_once('.').map_or("", |(section, _)| section)
    }

    /// `bins` for `score.recency.bins`.
    pub(super) fn short_name(&self) -> &str {
        self.name.rsplit_once('.').map_or(&self.name, |(_, name)| name)
    }

    /// The environment variable that sets it, `RFMETRICS_SCORE_RECENCY_BINS`.
    pub(super) fn variable(&self) -> String {
        format!("RFMETRICS_{}", self.name.replace('.', "_").to_ascii_uppercase())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => write!(f, "a text"),
            Self::Choice(choices) => {
                let names: Vec<String> = choices.iter().map(|choice| format!("`{}`", choice.name)).collect();
                write!(f, "one of {}", names.join(", "))
            }
            Self::Integer => write!(f, "a whole number"),
            Self::Number => write!(f, "a number"),
            Self::Boolean => write!(f, "true or false"),
            Self::List(kind) => write!(f, "a list, each {kind}"),
            Self::Names => write!(f, "a text, or a list of texts"),
            Self::Table => write!(f, "a table"),
            Self::Either(kinds) => {
                let kinds: Vec<String> = kinds.iter().map(Kind::to_string).collect();
                write!(f, "{}", kinds.join(", or "))
            }
        }
    }
}

/// Every setting, in the order of the structs; the keys of a table come before those of its sub-tables.
pub(super) fn all() -> &'static [Key] {
    static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
        let mut keys = Vec::new();
        collect(&shape_of_config(), "", &crate::config::settings_schema(), &mut keys);
        keys
    });
    &KEYS
}

/// The setting with this name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    all().iter().find(|key| key.name == name)
}

/// Whether `name` is a table of settings, as `score` or `score.recency`.
pub(super) fn is_section(name: &str) -> bool {
    all().iter().any(|key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

/// The explanation of a table of settings.
pub(super) fn section_description(section: &str) -> String {
    description_of(&schema_at(&crate::config::settings_schema(), section))
}

/// The setting or table that an unknown name most likely means: one with a similar spelling, or a setting with the same
/// last word in another table.
pub(super) fn suggestion(unknown: &str) -> Option<&'static str> {
    let last = unknown.rsplit('.').next().unwrap_or(unknown);
    let alike = || crate::config::nearest(unknown, all().iter().flat_map(|key| [key.name.as_str(), key.section()]));
    let elsewhere = || {
        let short = crate::config::nearest(last, all().iter().map(Key::short_name))?;
        all().iter().find(|key| key.short_name() == short).map(|key| key.name.as_str())
    };
    alike().or_else(elsewhere)
}

/// Adds the keys under `node`, which is the table called `name`.
fn collect(node: &Shape, name: &str, schema: &Json, keys: &mut Vec<Key>) {
    let Shape::Table(fields) = node else { return };
    let dotted = |field: &str| if name.is_empty() { field.to_owned() } else { format!("{name}.{field}") };
    for (field, shape) in fields {
        if let Shape::Leaf(default) = shape {
            let own = schema_at(schema, &dotted(field));
            keys.push(Key {
                name: dotted(field),
                kind: kind_of(schema, &own),
                description: description_of(&own),
                default: default.clone(),
            });
        }
    }
    for (field, shape) in fields {
        collect(shape, &dotted(field), schema, keys);
    }
}

/// The schema of the dotted `name`, references followed; a description next to a reference wins.
fn schema_at(root: &Json, name: &str) -> Json {
    name.split('.').filter(|part| !part.is_empty()).fold(root.clone(), |schema, part| {
        let own = schema["properties"][part].clone();
        let mut target = followed(root, &own);
        if let (Some(described), Some(target)) = (own.get("description"), target.as_object_mut()) {
            target.insert("description".to_owned(), described.clone());
        }
        target
    })
}

/// The schema that `schema` refers to, or itself.
fn followed(root: &Json, schema: &Json) -> Json {
    let target = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    target.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema).clone()
}

/// The doc comment in a schema.
fn description_of(schema: &Json) -> String {
    schema["description"].as_str().unwrap_or_default().to_owned()
}

/// The kind of value that a schema describes; `null` (unset) is skipped.
fn kind_of(root: &Json, schema: &Json) -> Kind {
    let schema = followed(root, schema);
    let any: Vec<&Json> =
        schema["anyOf"].as_array().into_iter().flatten().filter(|one| one["type"] != "null").collect();
    let has = |wanted: &str| any.iter().any(|one| one["type"] == wanted);
    match any.as_slice() {
        [] => {}
        [only] => return kind_of(root, only),
        _ if has("string") && has("array") => return Kind::Names,
        several => return Kind::Either(several.iter().map(|one| kind_of(root, one)).collect()),
    }
    let choices = choices_of(&schema);
    if !choices.is_empty() {
        return Kind::Choice(choices);
    }
    let name = match &schema["type"] {
        Json::Array(names) => names.iter().find(|name| *name != "null").and_then(Json::as_str),
        name => name.as_str(),
    };
    match name {
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::Boolean,
        Some("object") => Kind::Table,
        Some("array") => Kind::List(Box::new(kind_of(root, &schema["items"]))),
        _ => Kind::Text,
    }
}

/// The words of an enum: documented ones are a `oneOf` of constants, others an `enum`.
fn choices_of(schema: &Json) -> Vec<Choice> {
    let choice = |name: &Json, description: String| Some(Choice { name: name.as_str()?.to_owned(), description });
    let documented =
        schema["oneOf"].as_array().into_iter().flatten().filter_map(|one| choice(&one["const"], description_of(one)));
    let bare = schema["enum"].as_array().into_iter().flatten().filter_map(|name| choice(name, String::new()));
    documented.chain(bare).collect()
}

/// The default configuration as an ordered tree. JSON objects and TOML tables of these crates sort their
/// keys, and TOML leaves out what is not set, so the tree is read from JSON text into lists.
enum Shape {
    Leaf(Option<toml::Value>),
    Table(Vec<(String, Shape)>),
}

/// The tree of the defaults. A configuration that cannot be written as JSON would give no keys at all; the tests of
/// this file exclude that.
fn shape_of_config() -> Shape {
    let text = serde_json::to_string(&Config::default()).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Shape::Table(Vec::new()))
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a configuration")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Shape, E> {
        Ok(Shape::Leaf(Some(value.into())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Shape, E> {
        Ok(Shape::Leaf(Some(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Shape, E> {
        Ok(Shape::Leaf(i64::try_from(value).ok().map(Into::into)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Shape, E> {
        Ok(Shape::Leaf(Some(value.into())))
    }

    fn visit_str<E>(self, value: &str) -> Result<Shape, E> {
        Ok(Shape::Leaf(Some(value.into())))
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Leaf(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Shape>()? {
            if let Shape::Leaf(Some(value)) = item {
                list.push(value);
            }
        }
        Ok(Shape::Leaf(Some(toml::Value::Array(list))))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Shape, A::Error> {
        let mut list = Vec::new();
        while let Some(field) = fields.next_entry::<String, Shape>()? {
            list.push(field);
        }
        Ok(Shape::Table(list))
    }
}
