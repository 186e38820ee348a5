//! An expression on the columns of an input: bound once, and computed by the engine's scan.
//!
//! Does not live here: its parts (`bind`), how they are computed (`evaluate`), and what it is used for.

use std::collections::HashSet;
use std::sync::Arc;

use polars::prelude::*;
use rayon::prelude::*;

use super::binder::{Binder, Zones};
use super::cell::{State, fault_of};
use super::evaluate::evaluate;
use super::frame::{Block, Collected, Source, read_key, type_of};
use super::native::Native;
use super::parse::Parsed;
use super::tree::{InputColumn, Typed};
use super::types::Type;
use crate::clean::zone::Zone;

/// Rows that are computed together: few enough for a processor's cache.
const BLOCK_ROWS: usize = 2_048;
/// Rows of a frame that one thread computes at once.
const SHARE_ROWS: usize = 1 << 16;
/// What the message of a row that cannot be computed begins and ends with, for whom the engine hands it to.
const BEGIN: &str = "\u{2}rfmetrics ";
/// What is between the headline and the cause.
const BETWEEN: char = '\u{4}';
const END: char = '\u{3}';

/// An expression whose names and types are known.
#[derive(Debug, Clone)]
pub struct Expression {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: Typed,
    columns: Vec<InputColumn>,
    /// The text of every part.
    texts: Vec<String>,
    zone: Zone,
    /// The setting that it comes from, and its text there.
    key: String,
    text: String,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.inner.key == other.inner.key
            && self.inner.text == other.inner.text
            && self.inner.columns == other.inner.columns
    }
}

impl Eq for Expression {}

impl Expression {
    /// Binds an expression of the setting `key` to the columns that `find` knows.
    ///
    /// # Errors
    /// What does not fit, as a text.
    pub fn bind(
        parsed: &Parsed,
        key: &str,
        find: &dyn Fn(&str) -> Option<InputColumn>,
        zones: &Zones,
    ) -> Result<Self, String> {
        let mut binder = Binder::new(find, zones);
        let root = binder.bind(&parsed.syntax)?;
        Ok(Self::of(root, binder.columns, binder.texts, &zones.business, (key, parsed.text())))
    }

    /// As [`Self::bind`], of what must be true or false.
    ///
    /// # Errors
    /// As [`Self::bind`].
    pub fn bind_condition(
        parsed: &Parsed,
        key: &str,
        find: &dyn Fn(&str) -> Option<InputColumn>,
        zones: &Zones,
    ) -> Result<Self, String> {
        let mut binder = Binder::new(find, zones);
        let root = binder.bind(&parsed.syntax)?;
        let root = binder.condition(root)?;
        Ok(Self::of(root, binder.columns, binder.texts, &zones.business, (key, parsed.text())))
    }

    fn of(root: Typed, columns: Vec<InputColumn>, texts: Vec<String>, zone: &Zone, (key, text): (&str, &str)) -> Self {
        let (key, text, zone) = (key.to_owned(), text.to_owned(), zone.clone());
        Self { inner: Arc::new(Inner { root, columns, texts, zone, key, text }) }
    }

    /// The type of its values.
    #[must_use]
    pub fn kind(&self) -> Type {
        self.inner.root.kind
    }

    /// The setting that it comes from.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.inner.key
    }

    /// As the user wrote it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// The columns that it reads.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.inner.columns.iter().map(|column| column.name.as_str())
    }

    /// The values as an expression of the engine.
    pub fn values(&self) -> Expr {
        if self.inner.root.columns().is_empty() { self.constant() } else { self.computed(self.inner.root.clone()) }
    }

    /// The condition as an expression of the engine, on columns of these types: as many of its parts as the engine understands in its
    /// own terms, and the others computed here.
    pub fn condition(&self, schema: &Schema) -> Expr {
        let native = Native { columns: &self.inner.columns, schema };
        let root = &self.inner.root;
        if root.columns().is_empty() {
            return self.constant();
        }
        let parts = root.conditions();
        let (mut plain, mut others) = (Vec::new(), Vec::new());
        for part in parts {
            match native.condition(part) {
                Some(condition) => plain.push(condition),
                None => others.push(part.clone()),
            }
        }
        // A part that can fail is asked with all others, which may keep it from rows that it fails on.
        let rest = if others.iter().any(Typed::may_fail) {
            Some(root.clone())
        } else {
            let kind = Type::Bool;
            match others.len() {
                0 => None,
                1 => others.pop(),
                _ => Some(Typed { node: super::tree::Node::And(others), kind, text: root.text.clone(), at: root.at }),
            }
        };
        let rest = rest.map(|rest| self.computed(rest));
        plain.into_iter().chain(rest).reduce(Expr::and).unwrap_or_else(|| lit(true))
    }

    /// An expression without columns.
    fn constant(&self) -> Expr {
        let column = compute(&self.inner, &self.inner.root, &[], 1);
        match column.map(|column| column.get(0).map(|value| Scalar::new(type_of(self.kind()), value.into_static()))) {
            Ok(Ok(value)) => lit(value),
            // It fails: for every row.
            _ => self.computed(self.inner.root.clone()),
        }
    }

    /// Whether the condition holds for each row of a frame that has its columns; null counts as no. Rows are computed on every thread.
    ///
    /// # Errors
    /// The error of [`failure`] for a row that it cannot be computed for; that of the engine where a column is missing.
    pub fn holds(&self, frame: &DataFrame) -> PolarsResult<Vec<bool>> {
        let inner = &self.inner;
        let columns: PolarsResult<Vec<&Column>> =
            inner.columns.iter().map(|column| frame.column(&column.name)).collect();
        let columns = columns?;
        let starts: Vec<usize> = (0..frame.height()).step_by(SHARE_ROWS).collect();
        let of = |start: &usize| -> PolarsResult<Vec<bool>> {
            let rows = SHARE_ROWS.min(frame.height() - start);
            let share: Vec<Column> =
                columns.iter().map(|column| column.slice(i64::try_from(*start).unwrap_or(i64::MAX), rows)).collect();
            let held = compute(inner, &inner.root, &share, rows)?;
            Ok(held.bool()?.iter().map(|held| held == Some(true)).collect())
        };
        let held: PolarsResult<Vec<Vec<bool>>> = starts.par_iter().map(of).collect();
        Ok(held?.concat())
    }

    fn computed(&self, part: Typed) -> Expr {
        let kind = part.kind;
        let inner = Arc::clone(&self.inner);
        let mut inputs: Vec<Expr> = inner.columns.iter().map(|column| col(column.name.as_str())).collect();
        if inputs.is_empty() {
            inputs.push(lit(true));
        }
        let function = move |columns: &mut [Column]| {
            let rows = columns.iter().map(Column::len).max().unwrap_or(0);
            compute(&inner, &part, columns, rows)
        };
        let mut computed = map_multiple(function, inputs, move |_: &Schema, fields: &[Field]| {
            let name = fields.first().map_or(PlSmallStr::EMPTY, |field| field.name.clone());
            Ok(Field::new(name, type_of(kind)))
        });
        // What plans call it.
        if let Expr::AnonymousFunction { fmt_str, .. } = &mut computed {
            **fmt_str = PlSmallStr::from_static("sql");
        }
        computed
    }

    /// The files that a condition may hold for, judged by the names of directories alone: its parts that read only keys, joined by `AND`,
    /// must hold. `value` gives the name of a key for the file with an index.
    #[must_use]
    pub fn files_left(&self, files: usize, value: &dyn Fn(usize, &str) -> Option<String>) -> HashSet<usize> {
        let inner = &self.inner;
        let reads_keys = |part: &&Typed| {
            let columns = part.columns();
            !columns.is_empty() && columns.iter().all(|index| inner.columns[*index].is_key)
        };
        let parts: Vec<&Typed> = inner.root.conditions().into_iter().filter(reads_keys).collect();
        if parts.is_empty() {
            return (0..files).collect();
        }
        let texts = |column: &InputColumn| -> Column {
            let values: Vec<Option<String>> =
                (0..files).map(|file| if column.is_key { value(file, &column.name) } else { None }).collect();
            Column::new(column.name.as_str().into(), values)
        };
        let columns: Vec<Column> = inner.columns.iter().map(texts).collect();
        let mut left: HashSet<usize> = (0..files).collect();
        for part in parts {
            // What cannot be computed of names is asked of the rows.
            let Ok(held) = compute(inner, part, &columns, files) else { continue };
            let Ok(held) = held.bool() else { continue };
            left.retain(|file| held.get(*file) == Some(true));
        }
        left
    }
}

/// Computes a part for all rows of some columns.
fn compute(inner: &Inner, part: &Typed, columns: &[Column], rows: usize) -> PolarsResult<Column> {
    let stored: PolarsResult<Vec<Source>> =
        columns.iter().zip(&inner.columns).map(|(column, wanted)| Source::new(column, wanted)).collect();
    let sources = stored?;
    let mut collected = Collected::new(part.kind, rows);
    let mut start = 0;
    while start < rows {
        let count = BLOCK_ROWS.min(rows - start);
        let block = Block { sources: &sources, kinds: &inner.columns, start, count };
        collected.add(&evaluate(part, &block, &inner.zone)).map_err(|state| failed(inner, state))?;
        start += count;
    }
    let name = columns.first().map_or(PlSmallStr::EMPTY, |column| column.name().clone());
    collected.into_column(name)
}

/// The engine's error for a row that cannot be computed: its text carries what is to be said.
fn failed(inner: &Inner, state: State) -> PolarsError {
    let (fault, part) = match fault_of(state) {
        Some((fault, at)) => (fault.text(), inner.texts.get(at).map_or("", String::as_str)),
        None => ("it cannot be computed", ""),
    };
    polars_err!(ComputeError: "{BEGIN}`{}` fails on some of the rows: `{}`{BETWEEN}`{part}`: {fault}{END}", inner.key, inner.text)
}

/// The headline and the cause, where the engine's message is that of a row that an expression cannot be computed for.
#[must_use]
pub fn failure(message: &str) -> Option<(String, String)> {
    let (_, told) = message.split_once(BEGIN)?;
    let (told, _) = told.split_once(END)?;
    told.split_once(BETWEEN).map(|(headline, cause)| (headline.to_owned(), cause.to_owned()))
}

/// The type of a key of directories with these names: a whole number or a date where every one is, else a text.
#[must_use]
pub fn type_of_key(values: &[&str]) -> Type {
    let all = |kind| !values.is_empty() && values.iter().all(|value| read_key(value, kind).is_some());
    if all(Type::Int) {
        Type::Int
    } else if all(Type::Date) {
        Type::Date
    } else {
        Type::Text
    }
}
