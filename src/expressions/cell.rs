//! Values of an expression for some rows: each is a value, null, or the reason why there is none.
//!
//! A row that cannot be computed is no error yet: a `CASE` or an `AND` may not ask for it. Does not live here: computing.

use std::borrow::Cow;

use super::types::Class;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Bool(bool),
    /// Whole numbers, decimals without their point, days, and nanoseconds.
    Exact(i128),
    Float(f64),
    Text(Cow<'a, str>),
}

/// Why a row cannot be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Fault {
    TooLarge,
    TooManyDigits,
    DivisionByZero,
    NotCast,
    OutOfRange,
    NegativeLength,
}

const FAULTS: [Fault; 6] = [
    Fault::TooLarge,
    Fault::TooManyDigits,
    Fault::DivisionByZero,
    Fault::NotCast,
    Fault::OutOfRange,
    Fault::NegativeLength,
];

impl Fault {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::TooLarge => "overflow: the result is out of range of 64-bit integers",
            Self::TooManyDigits => "overflow: the result has more than 38 digits",
            Self::DivisionByZero => "division by zero",
            Self::NotCast => "a value cannot be read as the type that it is cast to",
            Self::OutOfRange => "a value is out of range of the type that it is cast to",
            Self::NegativeLength => "a length below zero",
        }
    }
}

/// What a row holds: [`VALUE`], [`NULL`], or else a fault and where it is.
pub(super) type State = u32;
pub(super) const VALUE: State = 0;
pub(super) const NULL: State = 1;
/// States of faults at one place.
const PER_PLACE: u32 = 8;

/// The state of a row with a fault at the place with this number.
pub(super) const fn state_of(fault: Fault, at: u32) -> State {
    (at + 1) * PER_PLACE + fault as u32
}

/// The fault of a state and its place; none of values and nulls.
pub(super) fn fault_of(state: State) -> Option<(Fault, usize)> {
    let place = (state / PER_PLACE).checked_sub(1)?;
    Some((FAULTS.get((state % PER_PLACE) as usize).copied()?, place as usize))
}

/// The state of what is computed of two values: a fault of either, else null where either is.
#[inline]
pub(super) const fn joined(left: State, right: State) -> State {
    if left | right == VALUE {
        VALUE
    } else if left > NULL {
        left
    } else if right > NULL {
        right
    } else {
        NULL
    }
}

/// The values of some rows; without meaning where the state of a row is none.
#[derive(Debug, Clone)]
pub(super) enum Values<'a> {
    Bool(Vec<bool>),
    Exact(Vec<i128>),
    Float(Vec<f64>),
    Text(Vec<Cow<'a, str>>),
}

/// The values of some rows, and what each row holds.
#[derive(Debug, Clone)]
pub(super) struct Vector<'a> {
    pub(super) values: Values<'a>,
    pub(super) states: Vec<State>,
}

impl<'a> Vector<'a> {
    pub(super) fn new(class: Class, rows: usize) -> Self {
        let values = match class {
            Class::Bool => Values::Bool(Vec::with_capacity(rows)),
            Class::Exact => Values::Exact(Vec::with_capacity(rows)),
            Class::Float => Values::Float(Vec::with_capacity(rows)),
            Class::Text => Values::Text(Vec::with_capacity(rows)),
        };
        Self { values, states: Vec::with_capacity(rows) }
    }

    /// The rows of `make`, one after the other.
    pub(super) fn of(class: Class, rows: usize, mut make: impl FnMut(usize) -> Result<Cell<'a>, State>) -> Self {
        let mut vector = Self::new(class, rows);
        (0..rows).for_each(|row| vector.push(make(row)));
        vector
    }

    /// Adds a row. A cell of another class than that of the vector is null: the binder lets none through.
    pub(super) fn push(&mut self, cell: Result<Cell<'a>, State>) {
        let (cell, state) = match cell {
            Ok(Cell::Null) => (Cell::Null, NULL),
            Ok(cell) => (cell, VALUE),
            Err(state) => (Cell::Null, state),
        };
        let mut state = state;
        match (&mut self.values, cell) {
            (Values::Bool(values), Cell::Bool(value)) => values.push(value),
            (Values::Exact(values), Cell::Exact(value)) => values.push(value),
            (Values::Float(values), Cell::Float(value)) => values.push(value),
            (Values::Text(values), Cell::Text(value)) => values.push(value),
            (values, _) => {
                state = state.max(NULL);
                match values {
                    Values::Bool(values) => values.push(false),
                    Values::Exact(values) => values.push(0),
                    Values::Float(values) => values.push(0.0),
                    Values::Text(values) => values.push(Cow::Borrowed("")),
                }
            }
        }
        self.states.push(state);
    }

    pub(super) fn cell(&self, row: usize) -> Result<Cell<'a>, State> {
        match self.states[row] {
            VALUE => Ok(match &self.values {
                Values::Bool(values) => Cell::Bool(values[row]),
                Values::Exact(values) => Cell::Exact(values[row]),
                Values::Float(values) => Cell::Float(values[row]),
                Values::Text(values) => Cell::Text(values[row].clone()),
            }),
            NULL => Ok(Cell::Null),
            state => Err(state),
        }
    }

    /// True or false, unknown as none; a fault as its state.
    #[inline]
    pub(super) fn truth(&self, row: usize) -> Result<Option<bool>, State> {
        match (self.states[row], &self.values) {
            (VALUE, Values::Bool(values)) => Ok(Some(values[row])),
            (VALUE | NULL, _) => Ok(None),
            (state, _) => Err(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_found_again_by_its_state() {
        for fault in FAULTS {
            assert_eq!(fault_of(state_of(fault, 70)), Some((fault, 70)));
        }
        assert_eq!((fault_of(VALUE), fault_of(NULL)), (None, None));
    }

    #[test]
    fn faults_come_before_nulls_and_nulls_before_values() {
        let fault = state_of(Fault::TooLarge, 0);
        assert_eq!(joined(VALUE, VALUE), VALUE);
        assert_eq!(joined(VALUE, NULL), NULL);
        assert_eq!(joined(NULL, fault), fault);
        assert_eq!(joined(fault, VALUE), fault);
    }
}
