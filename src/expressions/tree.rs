//! An expression whose names and types are known.
//!
//! Does not live here: making it (`bind`), and computing it (`evaluate`).

use std::collections::HashSet;
use std::sync::Arc;

use super::cell::Cell;
use super::types::Type;
use crate::clean::zone::Zone;

/// A part of an expression.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) node: Node,
    pub(super) kind: Type,
    /// As the user wrote it.
    pub(super) text: String,
    /// Its number among the parts, by which a fault names it.
    pub(super) at: u32,
}

/// A column that an expression reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputColumn {
    /// Its name in the input.
    pub name: String,
    /// The type of its values.
    pub kind: Type,
    /// Whether its values are the names of directories, and come as texts.
    pub is_key: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Constant(Cell<'static>),
    /// The index among the columns of the expression.
    Column(usize),
    /// A key of directories as the text that it is.
    KeyText(usize),
    Arithmetic(Arithmetic, Box<Typed>, Box<Typed>),
    Compare(Comparison, Box<Typed>, Box<Typed>),
    /// Equal, where two nulls are equal (`IS NOT DISTINCT FROM`).
    Same(Box<Typed>, Box<Typed>),
    And(Vec<Typed>),
    Or(Vec<Typed>),
    Not(Box<Typed>),
    IsNull(Box<Typed>),
    /// `IS TRUE`, `IS FALSE`: never null.
    Is(bool, Box<Typed>),
    /// One of many constants, which have the scale of the first part.
    Among(Box<Typed>, Arc<Constants>),
    Like(Box<Typed>, Box<Typed>, Likeness),
    /// Conditions with their results, and the result of none.
    Case(Vec<(Typed, Typed)>, Box<Typed>),
    Coalesce(Vec<Typed>),
    Convert(Box<Typed>, Conversion),
    /// As the child, and null where that cannot be computed (`TRY_CAST`).
    OrNull(Box<Typed>),
    /// The same digits with a point further left: a division by a power of ten.
    Shifted(Box<Typed>),
    Call(Function, Vec<Typed>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    /// Of floats.
    Divide,
    /// Of whole numbers and decimals, towards zero.
    DivideWhole,
    /// With the sign of the dividend.
    Remainder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(super) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    /// With its sides swapped.
    pub(super) const fn swapped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }
}

/// The constants of a list, and whether one of them is null.
#[derive(Debug, Clone)]
pub(super) struct Constants {
    pub(super) exact: HashSet<i128>,
    pub(super) texts: HashSet<String>,
    pub(super) has_null: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Likeness {
    pub(super) escape: Option<char>,
    pub(super) any_case: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Conversion {
    ToFloat {
        scale: u32,
    },
    ToShort,
    /// Digits after the point before and after; half away from zero.
    Rescale {
        from: u32,
        to: u32,
    },
    FloatToExact {
        scale: u32,
    },
    /// The values that fit: of so many bits, or of so many digits.
    Fit {
        least: i128,
        most: i128,
    },
    TextToExact {
        scale: u32,
    },
    TextToFloat,
    TextToBool,
    TextToDate,
    TextToMoment {
        instant: bool,
    },
    ExactToText {
        scale: u32,
    },
    BoolToText,
    DateToText,
    MomentToText {
        instant: bool,
    },
    BoolToExact,
    ExactToBool,
    /// Midnight.
    DateToMoment {
        instant: bool,
    },
    MomentToDate {
        instant: bool,
    },
    /// The reading of a clock as the point in time; of the business zone where none is given.
    ToInstant(Option<Arc<Zone>>),
    /// Seconds, or parts of them, since 1970 as a moment: nanoseconds of one, and digits after the point.
    EpochToMoment {
        nanos: i128,
        scale: u32,
    },
    /// A point in time as the reading of a clock.
    ToClock(Option<Arc<Zone>>),
}

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DatePart {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    DayOfWeek,
    IsoDayOfWeek,
    DayOfYear,
    IsoYear,
    Epoch,
}

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Interval {
    pub(super) months: i32,
    pub(super) days: i32,
    pub(super) nanoseconds: i128,
}

/// What is computed of one row's arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Lower,
    Upper,
    Trim {
        start: bool,
        end: bool,
    },
    Length,
    Substring,
    Left,
    Right,
    /// Of texts; nulls are left out.
    Concat,
    /// `||`: null where either is.
    Join,
    Replace,
    StartsWith,
    EndsWith,
    Contains,
    Position,
    SplitPart,
    Abs,
    Sign,
    /// Digits after the point of the argument, and of the result.
    Round {
        from: u32,
        to: u32,
    },
    RoundFloat(i32),
    Floor {
        scale: u32,
    },
    Ceil {
        scale: u32,
    },
    Truncate {
        scale: u32,
    },
    FloorFloat,
    CeilFloat,
    TruncateFloat,
    Greatest,
    Least,
    Part {
        part: DatePart,
        of: Type,
    },
    TruncateTime {
        to: DatePart,
        of: Type,
    },
    /// Boundaries between two days or moments.
    Difference {
        part: DatePart,
        of: Type,
    },
    AddInterval {
        interval: Interval,
        of: Type,
    },
}

impl Typed {
    /// The value, where it is the same for all rows.
    pub(super) const fn constant(&self) -> Option<&Cell<'static>> {
        match &self.node {
            Node::Constant(cell) => Some(cell),
            _ => None,
        }
    }

    /// The parts that it is made of.
    pub(super) fn children(&self) -> Vec<&Self> {
        match &self.node {
            Node::Constant(_) | Node::Column(_) | Node::KeyText(_) => Vec::new(),
            Node::Arithmetic(_, a, b) | Node::Compare(_, a, b) | Node::Same(a, b) | Node::Like(a, b, _) => vec![a, b],
            Node::And(all) | Node::Or(all) | Node::Coalesce(all) | Node::Call(_, all) => all.iter().collect(),
            Node::Not(a)
            | Node::IsNull(a)
            | Node::Is(_, a)
            | Node::Among(a, _)
            | Node::Convert(a, _)
            | Node::OrNull(a)
            | Node::Shifted(a) => vec![a],
            Node::Case(branches, otherwise) => {
                let branches = branches.iter().flat_map(|(condition, result)| [condition, result]);
                branches.chain([otherwise.as_ref()]).collect()
            }
        }
    }

    /// The columns that it reads, by their index.
    pub(super) fn columns(&self) -> HashSet<usize> {
        match self.node {
            Node::Column(index) | Node::KeyText(index) => HashSet::from([index]),
            _ => self.children().into_iter().flat_map(Self::columns).collect(),
        }
    }

    /// Whether it may fail on a row.
    pub(super) fn may_fail(&self) -> bool {
        let itself = match &self.node {
            Node::Arithmetic(..) => true,
            Node::Convert(_, conversion) => !matches!(
                conversion,
                Conversion::ToFloat { .. }
                    | Conversion::ToShort
                    | Conversion::ExactToText { .. }
                    | Conversion::BoolToText
                    | Conversion::BoolToExact
                    | Conversion::ExactToBool
            ),
            Node::Call(function, _) => !matches!(
                function,
                Function::Lower
                    | Function::Upper
                    | Function::Trim { .. }
                    | Function::Length
                    | Function::Concat
                    | Function::Join
                    | Function::StartsWith
                    | Function::EndsWith
                    | Function::Contains
            ),
            _ => false,
        };
        itself || self.children().into_iter().any(Self::may_fail)
    }

    /// Its conditions that all must hold.
    pub(super) fn conditions(&self) -> Vec<&Self> {
        match &self.node {
            Node::And(all) => all.iter().flat_map(Self::conditions).collect(),
            _ => vec![self],
        }
    }
}
