//! The functions of expressions, one row at a time.
//!
//! Does not live here: their names and the types that they take (`functions`).

use std::borrow::Cow;
use std::cmp::Ordering;

use super::calendar;
use super::cell::{Cell, Fault};
use super::convert::clock;
use super::numbers;
use super::texts;
use super::tree::{DatePart, Function, Interval};
use super::types::Type;
use crate::clean::zone::Zone;

/// The result for the arguments of one row.
pub(super) fn call<'a>(function: Function, arguments: Vec<Cell<'a>>, zone: &Zone) -> Result<Cell<'a>, Fault> {
    match function {
        Function::Concat => return Ok(concatenated(&arguments)),
        Function::Greatest => return Ok(extreme(arguments, Ordering::Greater)),
        Function::Least => return Ok(extreme(arguments, Ordering::Less)),
        _ => {}
    }
    if arguments.contains(&Cell::Null) {
        return Ok(Cell::Null);
    }
    let mut arguments = arguments.into_iter();
    match arguments.next() {
        Some(Cell::Text(text)) => of_text(function, text, &arguments.collect::<Vec<_>>()),
        Some(Cell::Exact(value)) => of_exact(function, value, arguments.next().as_ref(), zone),
        Some(Cell::Float(value)) => Ok(Cell::Float(of_float(function, value))),
        _ => Ok(Cell::Null),
    }
}

fn concatenated<'a>(arguments: &[Cell<'_>]) -> Cell<'a> {
    let mut all = String::new();
    for argument in arguments {
        if let Cell::Text(text) = argument {
            all.push_str(text);
        }
    }
    Cell::Text(Cow::Owned(all))
}

/// The order of two values of one type.
pub(super) fn order(left: &Cell<'_>, right: &Cell<'_>) -> Ordering {
    match (left, right) {
        (Cell::Exact(left), Cell::Exact(right)) => left.cmp(right),
        (Cell::Float(left), Cell::Float(right)) => numbers::float_order(*left, *right),
        (Cell::Text(left), Cell::Text(right)) => left.cmp(right),
        (Cell::Bool(left), Cell::Bool(right)) => left.cmp(right),
        _ => Ordering::Equal,
    }
}

/// The greatest or least that is not null.
fn extreme<'a>(arguments: Vec<Cell<'a>>, wanted: Ordering) -> Cell<'a> {
    let known = arguments.into_iter().filter(|argument| *argument != Cell::Null);
    let better = |best: Cell<'a>, next: Cell<'a>| if order(&next, &best) == wanted { next } else { best };
    known.reduce(better).unwrap_or(Cell::Null)
}

/// A part of the text, borrowed where the text is.
fn part_of(text: Cow<'_, str>, part: impl Fn(&str) -> Result<&str, Fault>) -> Result<Cell<'_>, Fault> {
    Ok(Cell::Text(match text {
        Cow::Borrowed(text) => Cow::Borrowed(part(text)?),
        Cow::Owned(text) => Cow::Owned(part(&text)?.to_owned()),
    }))
}

fn of_text<'a>(function: Function, text: Cow<'a, str>, others: &[Cell<'a>]) -> Result<Cell<'a>, Fault> {
    let other = |index: usize| match others.get(index) {
        Some(Cell::Text(text)) => text.as_ref(),
        _ => "",
    };
    let number = |index: usize| match others.get(index) {
        Some(Cell::Exact(value)) => Some(*value),
        _ => None,
    };
    let owned = |text: String| Ok(Cell::Text(Cow::Owned(text)));
    match function {
        Function::Lower => owned(text.to_lowercase()),
        Function::Upper => owned(text.to_uppercase()),
        Function::Trim { start, end } => {
            let set: Vec<char> = if others.is_empty() { vec![' '] } else { other(0).chars().collect() };
            let is_cut = |c: char| set.contains(&c);
            part_of(text, |text| {
                let text = if start { text.trim_start_matches(is_cut) } else { text };
                Ok(if end { text.trim_end_matches(is_cut) } else { text })
            })
        }
        Function::Length => Ok(Cell::Exact(text.chars().count() as i128)),
        Function::Substring => part_of(text, |text| texts::substring(text, number(0).unwrap_or(1), number(1))),
        Function::Left => part_of(text, |text| Ok(texts::left(text, number(0).unwrap_or(0)))),
        Function::Right => part_of(text, |text| Ok(texts::right(text, number(0).unwrap_or(0)))),
        Function::SplitPart => owned(texts::part(&text, other(0), number(1).unwrap_or(1)).to_owned()),
        Function::Join => owned(format!("{text}{}", other(0))),
        Function::Replace if other(0).is_empty() => Ok(Cell::Text(text)),
        Function::Replace => owned(text.replace(other(0), other(1))),
        Function::StartsWith => Ok(Cell::Bool(text.starts_with(other(0)))),
        Function::EndsWith => Ok(Cell::Bool(text.ends_with(other(0)))),
        Function::Contains => Ok(Cell::Bool(text.contains(other(0)))),
        Function::Position => Ok(Cell::Exact(texts::position(&text, other(0)))),
        _ => Ok(Cell::Null),
    }
}

fn of_float(function: Function, value: f64) -> f64 {
    match function {
        Function::Abs => value.abs(),
        Function::Sign if value == 0.0 || value.is_nan() => value,
        Function::Sign => value.signum(),
        Function::FloorFloat => value.floor(),
        Function::CeilFloat => value.ceil(),
        Function::TruncateFloat => value.trunc(),
        Function::RoundFloat(digits) => {
            let factor = 10_f64.powi(digits);
            let rounded = (value * factor).round() / factor;
            if rounded.is_finite() { rounded } else { value }
        }
        _ => value,
    }
}

fn of_exact<'a>(function: Function, value: i128, other: Option<&Cell<'_>>, zone: &Zone) -> Result<Cell<'a>, Fault> {
    let whole = |value| numbers::fitting(Some(value), true);
    let nanos = |value: i128, of: Type| match of {
        Type::Moment { instant, .. } => clock(value, instant, zone),
        _ => calendar::midnight(value),
    };
    let result = match function {
        Function::Abs => numbers::fitting(value.checked_abs(), false)?,
        Function::Sign => value.signum(),
        Function::Round { from, to } => numbers::rescaled(value, from, to)?,
        Function::Floor { scale } => numbers::rounded_to_whole(value, scale, Some(false)),
        Function::Ceil { scale } => numbers::rounded_to_whole(value, scale, Some(true)),
        Function::Truncate { scale } => numbers::rounded_to_whole(value, scale, None),
        Function::Part { part, of } => calendar::part_of(part, nanos(value, of)).and_then(|found| match part {
            // The epoch has nine decimals.
            DatePart::Epoch => Ok(epoch(value, of)),
            _ => whole(found),
        })?,
        Function::TruncateTime { to, of } => {
            let start = calendar::truncated(to, nanos(value, of))?;
            match of {
                Type::Moment { instant: true, .. } => calendar::to_instant(start, zone),
                Type::Date => calendar::day_of_clock(start),
                _ => start,
            }
        }
        Function::Difference { part, of } => match other {
            Some(Cell::Exact(to)) => whole(calendar::difference(part, nanos(value, of), nanos(*to, of))?)?,
            _ => return Ok(Cell::Null),
        },
        Function::AddInterval { interval, of } => later(value, interval, of, zone)?,
        _ => return Ok(Cell::Null),
    };
    Ok(Cell::Exact(result))
}

/// Nanoseconds since 1970-01-01; of an instant those that have passed, whatever a clock reads.
fn epoch(value: i128, of: Type) -> i128 {
    if of == Type::Date { calendar::midnight(value) } else { value }
}

/// Months and days on the clock of the business, and the rest as it passes.
fn later(value: i128, interval: Interval, of: Type, zone: &Zone) -> Result<i128, Fault> {
    let moved = match of {
        Type::Moment { instant: true, .. } if interval.months != 0 || interval.days != 0 => {
            calendar::to_instant(calendar::later(calendar::to_clock(value, zone), interval)?, zone)
        }
        Type::Moment { instant: true, .. } => value,
        Type::Moment { .. } => calendar::later(value, interval)?,
        _ => calendar::later(calendar::midnight(value), interval)?,
    };
    Ok(moved + interval.nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(function: Function, arguments: &[Cell<'static>]) -> Result<Cell<'static>, Fault> {
        call(function, arguments.to_vec(), &Zone::utc())
    }

    fn text(text: &'static str) -> Cell<'static> {
        Cell::Text(Cow::Borrowed(text))
    }

    #[test]
    fn nulls_make_null_but_where_they_are_left_out() {
        assert_eq!(of(Function::Join, &[text("a"), Cell::Null]), Ok(Cell::Null));
        assert_eq!(of(Function::Concat, &[text("a"), Cell::Null, text("b")]), Ok(text("ab")));
        assert_eq!(of(Function::Greatest, &[Cell::Exact(1), Cell::Null, Cell::Exact(2)]), Ok(Cell::Exact(2)));
        assert_eq!(of(Function::Least, &[Cell::Null]), Ok(Cell::Null));
        assert_eq!(of(Function::Lower, &[Cell::Null]), Ok(Cell::Null));
    }

    #[test]
    fn texts_are_trimmed_of_blanks_or_of_given_characters() {
        let both = Function::Trim { start: true, end: true };
        assert_eq!(of(both, &[text(" a ")]), Ok(text("a")));
        assert_eq!(of(both, &[text("xyaxy"), text("yx")]), Ok(text("a")));
        assert_eq!(of(Function::Trim { start: true, end: false }, &[text(" a ")]), Ok(text("a ")));
    }

    #[test]
    fn numbers_are_rounded_half_away_from_zero() {
        assert_eq!(of(Function::Round { from: 3, to: 2 }, &[Cell::Exact(-2_345)]), Ok(Cell::Exact(-235)));
        assert_eq!(of(Function::RoundFloat(0), &[Cell::Float(2.5)]), Ok(Cell::Float(3.0)));
        assert_eq!(of(Function::Ceil { scale: 1 }, &[Cell::Exact(-25)]), Ok(Cell::Exact(-2)));
    }

    /// Berlin's clock was moved on in the night to 31 March 2024: a day later is 23 hours later.
    #[test]
    fn a_day_later_is_the_same_time_on_the_clock() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let noon = calendar::read_moment("2024-03-30 12:00+01").unwrap().0;
        let instant = Type::Moment { instant: true, digits: 6 };
        let day = Interval { days: 1, ..Interval::default() };
        let moved = |interval| {
            let Ok(Cell::Exact(moved)) =
                call(Function::AddInterval { interval, of: instant }, vec![Cell::Exact(noon)], &berlin)
            else {
                panic!("no moment")
            };
            (moved - noon) / (3_600 * calendar::NANOS)
        };
        assert_eq!(moved(day), 23);
        assert_eq!(moved(Interval { nanoseconds: 24 * 3_600 * calendar::NANOS, ..Interval::default() }), 24);
    }
}
