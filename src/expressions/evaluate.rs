//! Computes an expression for a block of rows, part by part.
//!
//! Logic has three values. A row that cannot be computed stays what it is until a `CASE`, an `AND` or an `OR` does not need it.
//! Does not live here: where columns come from (`frame`), one value (`numbers`, `texts`, `convert`, `call`).

use std::borrow::Cow;
use std::cmp::Ordering;

use super::call::call;
use super::cell::{Cell, Fault, NULL, State, VALUE, Values, Vector, joined, state_of};
use super::convert::convert;
use super::numbers;
use super::texts;
use super::tree::{Arithmetic, Comparison, Constants, Conversion, Likeness, Node, Typed};
use super::types::{Class, Type};
use crate::clean::zone::Zone;

/// The values of columns for some rows.
pub(super) trait Rows<'a> {
    /// How many rows.
    fn count(&self) -> usize;
    /// A column, by its index; as text where that is asked for.
    fn column(&self, index: usize, as_text: bool) -> Vector<'a>;
}

/// The values of an expression for the rows.
pub(super) fn evaluate<'a>(typed: &'a Typed, rows: &dyn Rows<'a>, zone: &Zone) -> Vector<'a> {
    let count = rows.count();
    let of = |child: &'a Typed| evaluate(child, rows, zone);
    let class = typed.kind.class();
    let fault = |fault: Fault| state_of(fault, typed.at);
    match &typed.node {
        Node::Constant(cell) => constant(cell, class, count),
        Node::Column(index) => rows.column(*index, false),
        Node::KeyText(index) => rows.column(*index, true),
        Node::Arithmetic(operation, left, right) => arithmetic(*operation, &of(left), &of(right), typed),
        Node::Compare(comparison, left, right) => {
            compare(*comparison, &of(left), &of(right), (left.kind.scale(), right.kind.scale()))
        }
        Node::Same(left, right) => same(&of(left), &of(right), (left.kind.scale(), right.kind.scale())),
        Node::And(all) => all_or_any(all.iter().map(of), false, count),
        Node::Or(all) => all_or_any(all.iter().map(of), true, count),
        Node::Not(child) => {
            let child = of(child);
            truths(count, |row| Ok(child.truth(row)?.map(|truth| !truth)))
        }
        Node::IsNull(child) => {
            let child = of(child);
            truths(count, |row| match child.states[row] {
                state @ (VALUE | NULL) => Ok(Some(state == NULL)),
                state => Err(state),
            })
        }
        Node::Is(wanted, child) => {
            let child = of(child);
            truths(count, |row| Ok(Some(child.truth(row)? == Some(*wanted))))
        }
        Node::Among(child, list) => among(&of(child), list),
        Node::Like(child, pattern, likeness) => like(&of(child), pattern, &of(pattern), *likeness),
        Node::Case(branches, otherwise) => {
            let branches: Vec<_> = branches.iter().map(|(condition, result)| (of(condition), of(result))).collect();
            case(&branches, &of(otherwise), class, count)
        }
        Node::Coalesce(all) => {
            let all: Vec<Vector<'a>> = all.iter().map(of).collect();
            Vector::of(class, count, |row| {
                let cells = all.iter().map(|vector| vector.cell(row));
                cells.into_iter().find(|cell| *cell != Ok(Cell::Null)).unwrap_or(Ok(Cell::Null))
            })
        }
        Node::Convert(child, conversion) => converted(of(child), conversion, typed, zone),
        Node::OrNull(child) => {
            let mut child = of(child);
            child.states.iter_mut().for_each(|state| *state = (*state).min(NULL));
            child
        }
        Node::Shifted(child) => of(child),
        Node::Call(function, arguments) => {
            let arguments: Vec<Vector<'a>> = arguments.iter().map(of).collect();
            Vector::of(class, count, |row| {
                let cells: Result<Vec<Cell<'a>>, State> = arguments.iter().map(|vector| vector.cell(row)).collect();
                call(*function, cells?, zone).map_err(fault)
            })
        }
    }
}

fn constant<'a>(cell: &'a Cell<'static>, class: Class, count: usize) -> Vector<'a> {
    let values = match (cell, class) {
        (Cell::Exact(value), _) => Values::Exact(vec![*value; count]),
        (Cell::Float(value), _) => Values::Float(vec![*value; count]),
        (Cell::Bool(value), _) => Values::Bool(vec![*value; count]),
        (Cell::Text(text), _) => Values::Text(vec![Cow::Borrowed(text.as_ref()); count]),
        (Cell::Null, class) => return Vector::of(class, count, |_| Ok(Cell::Null)),
    };
    Vector { values, states: vec![VALUE; count] }
}

/// True or false or unknown, by row.
fn truths<'a>(count: usize, truth: impl Fn(usize) -> Result<Option<bool>, State>) -> Vector<'a> {
    let mut values = Vec::with_capacity(count);
    let mut states = Vec::with_capacity(count);
    for row in 0..count {
        let (value, state) = match truth(row) {
            Ok(Some(value)) => (value, VALUE),
            Ok(None) => (false, NULL),
            Err(state) => (false, state),
        };
        values.push(value);
        states.push(state);
    }
    Vector { values: Values::Bool(values), states }
}

fn arithmetic<'a>(operation: Arithmetic, left: &Vector<'_>, right: &Vector<'_>, typed: &Typed) -> Vector<'a> {
    let mut states: Vec<State> = left.states.iter().zip(&right.states).map(|(a, b)| joined(*a, *b)).collect();
    let values = match (&left.values, &right.values) {
        (Values::Exact(left), Values::Exact(right)) => {
            let is_whole = typed.kind == Type::Int;
            let pairs = left.iter().zip(right).zip(&mut states);
            Values::Exact(
                pairs
                    .map(|((left, right), state)| {
                        if *state != VALUE {
                            return 0;
                        }
                        numbers::exact(operation, *left, *right, is_whole).unwrap_or_else(|fault| {
                            *state = state_of(fault, typed.at);
                            0
                        })
                    })
                    .collect(),
            )
        }
        (Values::Float(left), Values::Float(right)) => {
            let pairs = left.iter().zip(right).zip(&mut states);
            Values::Float(
                pairs
                    .map(|((left, right), state)| {
                        if *state != VALUE {
                            return 0.0;
                        }
                        numbers::float(operation, *left, *right).unwrap_or_else(|fault| {
                            *state = state_of(fault, typed.at);
                            0.0
                        })
                    })
                    .collect(),
            )
        }
        _ => return Vector::of(typed.kind.class(), states.len(), |row| Err(states[row].max(NULL))),
    };
    Vector { values, states }
}

/// The order of two values of one row.
fn ordered(left: &Values<'_>, right: &Values<'_>, row: usize, scales: (u32, u32)) -> Ordering {
    match (left, right) {
        (Values::Exact(left), Values::Exact(right)) => numbers::order(left[row], scales.0, right[row], scales.1),
        (Values::Float(left), Values::Float(right)) => numbers::float_order(left[row], right[row]),
        (Values::Text(left), Values::Text(right)) => left[row].cmp(&right[row]),
        (Values::Bool(left), Values::Bool(right)) => left[row].cmp(&right[row]),
        _ => Ordering::Equal,
    }
}

fn compare<'a>(comparison: Comparison, left: &Vector<'_>, right: &Vector<'_>, scales: (u32, u32)) -> Vector<'a> {
    truths(left.states.len(), |row| match joined(left.states[row], right.states[row]) {
        VALUE => Ok(Some(comparison.holds(ordered(&left.values, &right.values, row, scales)))),
        NULL => Ok(None),
        state => Err(state),
    })
}

fn same<'a>(left: &Vector<'_>, right: &Vector<'_>, scales: (u32, u32)) -> Vector<'a> {
    truths(left.states.len(), |row| match (left.states[row], right.states[row]) {
        (VALUE, VALUE) => Ok(Some(ordered(&left.values, &right.values, row, scales).is_eq())),
        (a @ (VALUE | NULL), b @ (VALUE | NULL)) => Ok(Some(a == b)),
        (a, b) => Err(a.max(b)),
    })
}

/// `OR` where `deciding` is true, else `AND`: one deciding part decides, whatever the others are.
fn all_or_any<'a>(parts: impl Iterator<Item = Vector<'a>>, deciding: bool, count: usize) -> Vector<'a> {
    let mut values = vec![!deciding; count];
    let mut states = vec![VALUE; count];
    for part in parts {
        for row in 0..count {
            let is_decided = states[row] == VALUE && values[row] == deciding;
            if is_decided {
                continue;
            }
            match part.truth(row) {
                Ok(Some(truth)) if truth == deciding => (values[row], states[row]) = (deciding, VALUE),
                Ok(None) => states[row] = states[row].max(NULL),
                Err(state) if states[row] <= NULL => states[row] = state,
                Ok(Some(_)) | Err(_) => {}
            }
        }
    }
    Vector { values: Values::Bool(values), states }
}

fn among<'a>(child: &Vector<'_>, list: &Constants) -> Vector<'a> {
    truths(child.states.len(), |row| {
        let is_in = match (child.states[row], &child.values) {
            (VALUE, Values::Exact(values)) => list.exact.contains(&values[row]),
            (VALUE, Values::Text(values)) => list.texts.contains(values[row].as_ref()),
            (VALUE | NULL, _) => return Ok(None),
            (state, _) => return Err(state),
        };
        Ok(if is_in || !list.has_null { Some(is_in) } else { None })
    })
}

fn like<'a>(child: &Vector<'_>, pattern: &Typed, patterns: &Vector<'_>, likeness: Likeness) -> Vector<'a> {
    let folded = |text: &str| if likeness.any_case { text.to_lowercase() } else { text.to_owned() };
    let pieces = |text: &str| texts::pieces(&folded(text), likeness.escape);
    // Of a constant once.
    let constant = match pattern.constant() {
        Some(Cell::Text(text)) => pieces(text),
        _ => None,
    };
    truths(child.states.len(), |row| {
        let (texts, patterns) = match (joined(child.states[row], patterns.states[row]), &child.values, &patterns.values)
        {
            (VALUE, Values::Text(texts), Values::Text(patterns)) => (texts, patterns),
            (VALUE | NULL, ..) => return Ok(None),
            (state, ..) => return Err(state),
        };
        let own = if constant.is_none() { pieces(&patterns[row]) } else { None };
        let Some(pieces) = constant.as_ref().or(own.as_ref()) else {
            return Err(state_of(Fault::NotCast, pattern.at));
        };
        let text = texts[row].as_ref();
        Ok(Some(if likeness.any_case { texts::is_like(&folded(text), pieces) } else { texts::is_like(text, pieces) }))
    })
}

fn case<'a>(branches: &[(Vector<'a>, Vector<'a>)], otherwise: &Vector<'a>, class: Class, count: usize) -> Vector<'a> {
    Vector::of(class, count, |row| {
        for (condition, result) in branches {
            if condition.truth(row)? == Some(true) {
                return result.cell(row);
            }
        }
        otherwise.cell(row)
    })
}

fn converted<'a>(child: Vector<'a>, conversion: &Conversion, typed: &Typed, zone: &Zone) -> Vector<'a> {
    // The common one, without a detour.
    if let (Values::Exact(values), Conversion::ToFloat { scale }) = (&child.values, conversion) {
        let values = values.iter().map(|value| numbers::to_float(*value, *scale)).collect();
        return Vector { values: Values::Float(values), states: child.states };
    }
    Vector::of(typed.kind.class(), child.states.len(), |row| {
        convert(child.cell(row)?, conversion, zone).map_err(|fault| state_of(fault, typed.at))
    })
}

/// The value of an expression without columns; none where it fails.
pub(super) fn constant_of(typed: &Typed, zone: &Zone) -> Option<Cell<'static>> {
    let cell = evaluate(typed, &NoRows, zone).cell(0).ok()?;
    Some(match cell {
        Cell::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
        Cell::Null => Cell::Null,
        Cell::Bool(value) => Cell::Bool(value),
        Cell::Exact(value) => Cell::Exact(value),
        Cell::Float(value) => Cell::Float(value),
    })
}

/// One row of an expression that reads no columns.
struct NoRows;

impl<'a> Rows<'a> for NoRows {
    fn count(&self) -> usize {
        1
    }

    fn column(&self, _: usize, _: bool) -> Vector<'a> {
        Vector { values: Values::Bool(vec![false]), states: vec![NULL] }
    }
}
