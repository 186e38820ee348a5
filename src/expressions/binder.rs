//! The parts of an expression while it is bound: numbered, folded where constant, and given the types they need beside others.
//!
//! Does not live here: what each piece of syntax means (`bind`, `functions`, `casts`).

use std::borrow::Cow;
use std::sync::Arc;

use super::calendar;
use super::cell::Cell;
use super::convert::convert;
use super::evaluate::constant_of;
use super::numbers;
use super::tree::{Comparison, Conversion, InputColumn, Node, Typed};
use super::types::{FLOAT, Type};
use crate::clean::zone::Zone;

/// The clocks that days and times are read on.
#[derive(Debug, Clone)]
pub struct Zones {
    /// That of the business.
    pub business: Zone,
    /// That of timestamps without a zone; none where they are readings of the clock of the business.
    pub source: Option<Arc<Zone>>,
}

/// What is wrong with an expression, as a text.
pub(super) type Refused = String;

/// Names of the input, and the parts that were made so far.
pub(super) struct Binder<'b> {
    /// A column by its name, without its name.
    find: &'b dyn Fn(&str) -> Option<InputColumn>,
    pub(super) columns: Vec<InputColumn>,
    /// The text of every part, by its number.
    pub(super) texts: Vec<String>,
    /// The zone of the business.
    pub(super) zone: &'b Zone,
    /// The zone of timestamps that carry none, where it is set.
    source: Option<&'b Arc<Zone>>,
}

impl<'b> Binder<'b> {
    pub(super) fn new(find: &'b dyn Fn(&str) -> Option<InputColumn>, zones: &'b Zones) -> Self {
        let (zone, source) = (&zones.business, zones.source.as_ref());
        Self { find, columns: Vec::new(), texts: Vec::new(), zone, source }
    }

    /// A part; its value, where that is the same for all rows.
    pub(super) fn part(&mut self, node: Node, kind: Type, text: impl Into<String>) -> Typed {
        let text = text.into();
        let at = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.clone());
        let mut part = Typed { node, kind, text, at };
        let children = part.children();
        let is_constant = !children.is_empty() && children.iter().all(|child| child.constant().is_some());
        if is_constant && let Some(value) = constant_of(&part, self.zone) {
            part.node = Node::Constant(value);
        }
        part
    }

    pub(super) fn constant(&mut self, value: Cell<'static>, kind: Type, text: impl Into<String>) -> Typed {
        self.part(Node::Constant(value), kind, text)
    }

    pub(super) fn column(&mut self, name: &str) -> Result<Typed, Refused> {
        let known = self.columns.iter().position(|column| column.name == name);
        let index = if let Some(index) = known {
            index
        } else {
            let unknown = || format!("`{name}` is of a type that expressions do not know");
            self.columns.push((self.find)(name).ok_or_else(unknown)?);
            self.columns.len() - 1
        };
        let kind = self.columns[index].kind;
        let column = self.part(Node::Column(index), kind, name);
        Ok(match (kind, self.source) {
            (Type::Moment { instant: false, digits }, Some(source)) => {
                let conversion = Conversion::ToInstant(Some(Arc::clone(source)));
                self.converted(column, conversion, Type::Moment { instant: true, digits })
            }
            _ => column,
        })
    }

    pub(super) fn converted(&mut self, child: Typed, conversion: Conversion, kind: Type) -> Typed {
        let text = child.text.clone();
        self.part(Node::Convert(Box::new(child), conversion), kind, text)
    }

    /// The part with a type that holds all its values.
    pub(super) fn widened(&mut self, part: Typed, kind: Type) -> Result<Typed, Refused> {
        let relabelled = |part: Typed| Typed { kind, ..part };
        Ok(match (part.kind, kind) {
            (from, to) if from == to => part,
            (Type::Null, _) => relabelled(part),
            (Type::Text, _) if part.constant().is_some() => self.read(part, kind)?,
            (from, Type::Decimal { scale }) if from.is_exact() => {
                self.converted(part, Conversion::Rescale { from: from.scale(), to: scale }, kind)
            }
            (from, Type::Float { .. }) if from.is_exact() => {
                self.converted(part, Conversion::ToFloat { scale: from.scale() }, kind)
            }
            (Type::Float { .. }, Type::Float { .. }) => relabelled(part),
            (Type::Date, Type::Moment { instant, .. }) => {
                self.converted(part, Conversion::DateToMoment { instant }, kind)
            }
            (Type::Moment { instant: false, .. }, Type::Moment { instant: true, .. }) => {
                self.converted(part, Conversion::ToInstant(None), kind)
            }
            (Type::Moment { instant: a, .. }, Type::Moment { instant: b, .. }) if a == b => relabelled(part),
            (from, to) => return Err(format!("`{}` is {from}, expected {to}", part.text)),
        })
    }

    /// A literal text as the type of what it stands beside.
    pub(super) fn read(&mut self, literal: Typed, kind: Type) -> Result<Typed, Refused> {
        let Some(Cell::Text(text)) = literal.constant() else { return Ok(literal) };
        let text = text.clone().into_owned();
        let wrong = || format!("{} cannot be read as {kind}", literal.text);
        let utc = |instant| Conversion::TextToMoment { instant };
        let (value, kind) = match kind {
            Type::Int | Type::Decimal { .. } | Type::Float { .. } => {
                let (value, scale) = numbers::read_decimal(&text).ok_or_else(wrong)?;
                (Cell::Exact(value), number_of(value, scale))
            }
            Type::Bool => (
                convert(Cell::Text(Cow::Borrowed(&text)), &Conversion::TextToBool, self.zone).map_err(|_| wrong())?,
                kind,
            ),
            // A text with a time of day is a moment, and a date beside it one, too.
            Type::Date => match calendar::read_date(&text) {
                Some(day) => (Cell::Exact(day), Type::Date),
                None => return self.read(literal, Type::Moment { instant: false, digits: 9 }),
            },
            Type::Moment { instant, .. } => {
                (convert(Cell::Text(Cow::Borrowed(&text)), &utc(instant), self.zone).map_err(|_| wrong())?, kind)
            }
            Type::Text | Type::Null | Type::Other => return Ok(literal),
        };
        let value = match value {
            Cell::Exact(value) => Cell::Exact(value),
            Cell::Bool(value) => Cell::Bool(value),
            _ => return Err(wrong()),
        };
        Ok(self.constant(value, kind, literal.text))
    }

    /// A key of directories as the text that it is; anything else as it is.
    pub(super) fn as_text(&mut self, part: Typed) -> Typed {
        match part.node {
            Node::Column(index) if self.columns[index].is_key && part.kind != Type::Text => {
                self.part(Node::KeyText(index), Type::Text, part.text)
            }
            _ => part,
        }
    }

    /// Two parts that can be compared with each other.
    pub(super) fn comparable(&mut self, left: Typed, right: Typed) -> Result<(Typed, Typed), Refused> {
        let is_literal = |part: &Typed| part.kind == Type::Text && part.constant().is_some();
        let (mut left, mut right) = (left, right);
        if is_literal(&left) && right.kind != Type::Text {
            left = self.read(left, right.kind)?;
        } else if is_literal(&right) && left.kind != Type::Text {
            right = self.read(right, left.kind)?;
        } else if left.kind == Type::Text || right.kind == Type::Text {
            (left, right) = (self.as_text(left), self.as_text(right));
        }
        if left.kind.is_exact() && right.kind.is_exact() {
            return Ok((left, right));
        }
        if left.kind.is_number() && right.kind.is_number() {
            return Ok((self.float_beside(left.clone(), &right)?, self.float_beside(right, &left)?));
        }
        let Some(kind) = left.kind.common(right.kind) else {
            return Err(format!(
                "`{}` is {} and `{}` is {}: they cannot be compared",
                left.text, left.kind, right.text, right.kind
            ));
        };
        Ok((self.widened(left, kind)?, self.widened(right, kind)?))
    }

    /// A number as a float; a constant beside floats of single precision as the nearest one of these, so that 0.1 finds 0.1.
    fn float_beside(&mut self, part: Typed, other: &Typed) -> Result<Typed, Refused> {
        let is_short = other.kind == Type::Float { short: true } && part.constant().is_some();
        let float = self.widened(part, FLOAT)?;
        Ok(if is_short { self.converted(float, Conversion::ToShort, FLOAT) } else { float })
    }

    pub(super) fn compared(
        &mut self,
        comparison: Comparison,
        left: Typed,
        right: Typed,
        text: &str,
    ) -> Result<Typed, Refused> {
        let (left, right) = self.comparable(left, right)?;
        Ok(self.part(Node::Compare(comparison, Box::new(left), Box::new(right)), Type::Bool, text))
    }

    /// Parts that become one value, with the one type that holds them all.
    pub(super) fn alike(&mut self, parts: Vec<Typed>, what: &str) -> Result<(Vec<Typed>, Type), Refused> {
        let is_literal = |part: &Typed| part.kind == Type::Text && part.constant().is_some();
        let mut kind = Type::Null;
        for part in parts.iter().filter(|part| !is_literal(part)) {
            let Some(common) = kind.common(part.kind) else {
                return Err(format!(
                    "{what} gives {kind} and, with `{}`, {}: one type is needed",
                    part.text, part.kind
                ));
            };
            kind = common;
        }
        if kind == Type::Null && parts.iter().any(is_literal) {
            kind = Type::Text;
        }
        let literals = parts.iter().filter(|part| is_literal(part) && kind != Type::Text).cloned().collect::<Vec<_>>();
        for literal in literals {
            let read = self.read(literal, kind)?.kind;
            kind = kind.common(read).unwrap_or(kind);
        }
        let parts: Result<Vec<Typed>, Refused> =
            parts.into_iter().map(|part| self.widened_literal(part, kind)).collect();
        Ok((parts?, kind))
    }

    fn widened_literal(&mut self, part: Typed, kind: Type) -> Result<Typed, Refused> {
        let part = if part.kind == Type::Text && part.constant().is_some() { self.read(part, kind)? } else { part };
        self.widened(part, kind)
    }

    /// A part that is true or false.
    pub(super) fn condition(&mut self, part: Typed) -> Result<Typed, Refused> {
        match part.kind {
            Type::Bool => Ok(part),
            Type::Null => self.widened(part, Type::Bool),
            kind => Err(format!("`{}` is {kind}, and no condition", part.text)),
        }
    }
}

/// The type of a number as it is written.
pub(super) fn number_of(value: i128, scale: u32) -> Type {
    if scale == 0 && i64::try_from(value).is_ok() { Type::Int } else { Type::Decimal { scale } }
}
