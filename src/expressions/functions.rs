//! The functions of expressions by their names, and the types that they take.
//!
//! Does not live here: computing them (`call`).

use super::binder::{Binder, Refused};
use super::calendar::NANOS;
use super::casts::{MICROSECONDS, target};
use super::cell::Cell;
use super::intervals::{PARTS, part_named};
use super::tree::{Comparison, Conversion, DatePart, Function, Node, Typed};
use super::types::{FLOAT, Type};

/// The functions, without their second names.
const FUNCTIONS: &[&str] = &[
    "abs",
    "ceil",
    "coalesce",
    "concat",
    "contains",
    "date",
    "date_diff",
    "date_part",
    "date_trunc",
    "day",
    "ends_with",
    "epoch_ms",
    "floor",
    "greatest",
    "hour",
    "ifnull",
    "least",
    "left",
    "length",
    "lower",
    "ltrim",
    "minute",
    "mod",
    "month",
    "nullif",
    "quarter",
    "replace",
    "right",
    "round",
    "rtrim",
    "second",
    "sign",
    "split_part",
    "starts_with",
    "strpos",
    "substring",
    "to_timestamp",
    "trim",
    "trunc",
    "upper",
    "week",
    "year",
];

impl Binder<'_> {
    /// The function with this name in lower case.
    pub(super) fn function(&mut self, name: &str, arguments: Vec<Typed>, text: &str) -> Result<Typed, Refused> {
        let count = |least: usize, most: usize| {
            if (least..=most).contains(&arguments.len()) {
                return Ok(());
            }
            let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
            Err(format!("`{name}` takes {wanted} arguments, and not {}: `{text}`", arguments.len()))
        };
        match name {
            "lower" | "lcase" | "upper" | "ucase" | "length" | "len" | "char_length" | "character_length" | "trim"
            | "ltrim" | "rtrim" | "starts_with" | "prefix" | "ends_with" | "suffix" | "contains" | "strpos"
            | "instr" | "position" | "replace" | "substring" | "substr" | "left" | "right" | "split_part" => {
                let (least, most) = arity(name);
                count(least, most)?;
                self.text_function(name, arguments, text)
            }
            "concat" => {
                count(1, usize::MAX)?;
                let texts: Result<Vec<Typed>, Refused> = arguments.into_iter().map(|part| self.spelled(part)).collect();
                Ok(self.call(Function::Concat, texts?, Type::Text, text))
            }
            "abs" | "sign" | "floor" | "ceil" | "ceiling" | "trunc" => {
                count(1, 1)?;
                self.number_function(name, arguments, text)
            }
            "round" => {
                count(1, 2)?;
                self.round(arguments, text)
            }
            "mod" => {
                count(2, 2)?;
                let [left, right] = two(arguments)?;
                self.arithmetic(super::tree::Arithmetic::Remainder, left, right, text)
            }
            "coalesce" | "ifnull" | "nvl" | "greatest" | "least" => {
                let (least, most) = if matches!(name, "ifnull" | "nvl") { (2, 2) } else { (1, usize::MAX) };
                count(least, most)?;
                let (parts, kind) = self.alike(arguments, &format!("`{name}`"))?;
                Ok(match name {
                    "greatest" => self.call(Function::Greatest, parts, kind, text),
                    "least" => self.call(Function::Least, parts, kind, text),
                    _ => self.part(Node::Coalesce(parts), kind, text),
                })
            }
            "nullif" => {
                count(2, 2)?;
                self.null_if(arguments, text)
            }
            "date" | "year" | "quarter" | "month" | "week" | "day" | "hour" | "minute" | "second" | "date_part"
            | "datepart" | "date_trunc" | "datetrunc" | "date_diff" | "datediff" => {
                self.date_function(name, arguments, text)
            }
            "to_timestamp" => self.instant_of(1, MICROSECONDS, arguments, text),
            "epoch_ms" => self.instant_of(1_000, 3, arguments, text),
            _ => Err(unknown(name)),
        }
    }

    /// An argument that must be a text.
    pub(super) fn text_argument(&mut self, part: Typed, name: &str) -> Result<Typed, Refused> {
        let part = self.as_text(part);
        match part.kind {
            Type::Text => Ok(part),
            Type::Null => self.widened(part, Type::Text),
            kind => Err(format!(
                "`{name}` takes texts, and `{}` is {kind}: write `CAST({} AS VARCHAR)`",
                part.text, part.text
            )),
        }
    }

    /// A part of texts that are put together: other types as they are written.
    pub(super) fn spelled(&mut self, part: Typed) -> Result<Typed, Refused> {
        let part = self.as_text(part);
        let text = part.text.clone();
        self.cast(part, target(&sqlparser::ast::DataType::Text)?, false, &text)
    }

    fn whole_argument(&mut self, part: Typed, name: &str) -> Result<Typed, Refused> {
        match part.kind {
            Type::Int => Ok(part),
            Type::Null => self.widened(part, Type::Int),
            kind => Err(format!("`{name}` takes a whole number, and `{}` is {kind}", part.text)),
        }
    }

    fn text_function(&mut self, name: &str, arguments: Vec<Typed>, text: &str) -> Result<Typed, Refused> {
        let both = |start, end| Function::Trim { start, end };
        let (function, kind) = match name {
            "lower" | "lcase" => (Function::Lower, Type::Text),
            "upper" | "ucase" => (Function::Upper, Type::Text),
            "trim" => (both(true, true), Type::Text),
            "ltrim" => (both(true, false), Type::Text),
            "rtrim" => (both(false, true), Type::Text),
            "starts_with" | "prefix" => (Function::StartsWith, Type::Bool),
            "ends_with" | "suffix" => (Function::EndsWith, Type::Bool),
            "contains" => (Function::Contains, Type::Bool),
            "strpos" | "instr" | "position" => (Function::Position, Type::Int),
            "replace" => (Function::Replace, Type::Text),
            "substring" | "substr" => (Function::Substring, Type::Text),
            "left" => (Function::Left, Type::Text),
            "right" => (Function::Right, Type::Text),
            "split_part" => (Function::SplitPart, Type::Text),
            _ => (Function::Length, Type::Int),
        };
        // Which arguments are whole numbers.
        let is_whole = |place: usize| match function {
            Function::Substring => place >= 1,
            Function::Left | Function::Right => place == 1,
            Function::SplitPart => place == 2,
            _ => false,
        };
        let mut fitting = Vec::with_capacity(arguments.len());
        for (place, argument) in arguments.into_iter().enumerate() {
            fitting.push(if is_whole(place) {
                self.whole_argument(argument, name)?
            } else {
                self.text_argument(argument, name)?
            });
        }
        Ok(self.call(function, fitting, kind, text))
    }

    fn number_argument(&mut self, part: Typed, name: &str) -> Result<Typed, Refused> {
        match part.kind {
            Type::Null => self.widened(part, Type::Int),
            kind if kind.is_number() => Ok(part),
            kind => Err(format!("`{name}` takes a number, and `{}` is {kind}", part.text)),
        }
    }

    fn number_function(&mut self, name: &str, arguments: Vec<Typed>, text: &str) -> Result<Typed, Refused> {
        let [argument] = one(arguments)?;
        let argument = self.number_argument(argument, name)?;
        let (kind, scale) = (argument.kind, argument.kind.scale());
        let whole = if kind == Type::Int { Type::Int } else { Type::Decimal { scale: 0 } };
        let (function, kind) = match (name, kind) {
            ("abs", Type::Int) => {
                // The distance to zero of the least number does not fit: as a difference it is refused.
                let zero = self.constant(Cell::Exact(0), Type::Int, "0");
                let is_below = self.compared(Comparison::Less, argument.clone(), zero.clone(), text)?;
                let turned = self.arithmetic(super::tree::Arithmetic::Subtract, zero, argument.clone(), text)?;
                return Ok(self.part(Node::Case(vec![(is_below, turned)], Box::new(argument)), Type::Int, text));
            }
            ("abs", kind) => (Function::Abs, if kind.is_exact() { kind } else { FLOAT }),
            ("sign", Type::Float { .. }) => (Function::Sign, FLOAT),
            ("sign", _) => (Function::Sign, Type::Int),
            ("floor", Type::Float { .. }) => (Function::FloorFloat, FLOAT),
            ("ceil" | "ceiling", Type::Float { .. }) => (Function::CeilFloat, FLOAT),
            (_, Type::Float { .. }) => (Function::TruncateFloat, FLOAT),
            ("floor", _) => (Function::Floor { scale }, whole),
            ("ceil" | "ceiling", _) => (Function::Ceil { scale }, whole),
            _ => (Function::Truncate { scale }, whole),
        };
        Ok(self.call(function, vec![argument], kind, text))
    }

    fn round(&mut self, mut arguments: Vec<Typed>, text: &str) -> Result<Typed, Refused> {
        let digits = match arguments.get(1).map(Typed::constant) {
            None => 0,
            Some(Some(Cell::Exact(digits))) => i32::try_from(*digits).unwrap_or(i32::MAX),
            _ => return Err(format!("`{text}`: the number of decimals must be a whole number that is written there")),
        };
        if !(0..=15).contains(&digits) {
            return Err(format!("`{text}`: 0 to 15 decimals are known"));
        }
        arguments.truncate(1);
        let [argument] = one(arguments)?;
        let argument = self.number_argument(argument, "round")?;
        let to = digits.unsigned_abs();
        Ok(match argument.kind {
            Type::Float { .. } => self.call(Function::RoundFloat(digits), vec![argument], FLOAT, text),
            Type::Decimal { scale } if scale > to => {
                self.call(Function::Round { from: scale, to }, vec![argument], Type::Decimal { scale: to }, text)
            }
            _ => argument,
        })
    }

    /// `NULLIF(a, b)`: null where they are equal, else a.
    fn null_if(&mut self, arguments: Vec<Typed>, text: &str) -> Result<Typed, Refused> {
        let [value, other] = two(arguments)?;
        let is_equal = self.compared(Comparison::Equal, value.clone(), other, text)?;
        let null = self.constant(Cell::Null, value.kind, "NULL");
        let kind = value.kind;
        Ok(self.part(Node::Case(vec![(is_equal, null)], Box::new(value)), kind, text))
    }

    fn date_function(&mut self, name: &str, arguments: Vec<Typed>, text: &str) -> Result<Typed, Refused> {
        match name {
            "date" => {
                let [of] = one(arguments)?;
                self.cast(of, target(&sqlparser::ast::DataType::Date)?, false, text)
            }
            "date_part" | "datepart" | "date_trunc" | "datetrunc" => {
                let [part, of] = two(arguments)?;
                let named = named_part(&part)?;
                if name.ends_with("part") {
                    return self.part_of_date(Some(named), "", of, text);
                }
                if matches!(
                    named,
                    DatePart::DayOfWeek
                        | DatePart::IsoDayOfWeek
                        | DatePart::DayOfYear
                        | DatePart::IsoYear
                        | DatePart::Epoch
                ) {
                    return Err(format!(
                        "`{text}`: dates are cut to a year, quarter, month, week, day, hour, minute or second"
                    ));
                }
                let of = self.time_argument(of, name)?;
                let kind = of.kind;
                Ok(self.call(Function::TruncateTime { to: named, of: kind }, vec![of], kind, text))
            }
            "date_diff" | "datediff" => {
                let [part, from, to]: [Typed; 3] =
                    arguments.try_into().map_err(|_| format!("`{text}`: write `date_diff('day', from, to)`"))?;
                self.boundaries(named_part(&part)?, from, to, text)
            }
            _ => {
                let [of] = one(arguments)?;
                self.part_of_date(part_named(name), name, of, text)
            }
        }
    }

    fn time_argument(&mut self, part: Typed, name: &str) -> Result<Typed, Refused> {
        match part.kind {
            Type::Date | Type::Moment { .. } => Ok(part),
            Type::Null => self.widened(part, Type::Date),
            Type::Text if part.constant().is_some() => self.read(part, Type::Date),
            kind => Err(format!("`{name}` takes a date or timestamp, and `{}` is {kind}", part.text)),
        }
    }

    /// An instant from the seconds since 1970, or from so many parts of a second.
    fn instant_of(
        &mut self,
        per_second: i128,
        digits: u32,
        arguments: Vec<Typed>,
        text: &str,
    ) -> Result<Typed, Refused> {
        let [seconds] = one(arguments)?;
        let seconds = self.number_argument(seconds, "to_timestamp")?;
        let exact = match seconds.kind {
            Type::Float { .. } => self.part(
                Node::Convert(Box::new(seconds), Conversion::FloatToExact { scale: 9 }),
                Type::Decimal { scale: 9 },
                text,
            ),
            _ => seconds,
        };
        let conversion = Conversion::EpochToMoment { nanos: NANOS / per_second, scale: exact.kind.scale() };
        Ok(self.part(Node::Convert(Box::new(exact), conversion), Type::Moment { instant: true, digits }, text))
    }

    /// A part of a date; of an instant as the clock of the business reads it.
    pub(super) fn part_of_date(
        &mut self,
        part: Option<DatePart>,
        name: &str,
        of: Typed,
        text: &str,
    ) -> Result<Typed, Refused> {
        let part = part.ok_or_else(|| format!("the part `{name}` is not known: {PARTS}"))?;
        let of = self.time_argument(of, text)?;
        let kind = if part == DatePart::Epoch { Type::Decimal { scale: 9 } } else { Type::Int };
        let function = Function::Part { part, of: of.kind };
        Ok(self.call(function, vec![of], kind, text))
    }
}

/// The fewest and the most arguments of a function of texts.
fn arity(name: &str) -> (usize, usize) {
    match name {
        "lower" | "lcase" | "upper" | "ucase" | "length" | "len" | "char_length" | "character_length" => (1, 1),
        "trim" | "ltrim" | "rtrim" => (1, 2),
        "replace" | "split_part" => (3, 3),
        "substring" | "substr" => (2, 3),
        _ => (2, 2),
    }
}

fn one(arguments: Vec<Typed>) -> Result<[Typed; 1], Refused> {
    arguments.try_into().map_err(|all: Vec<Typed>| format!("one argument is needed, and not {}", all.len()))
}

fn two(arguments: Vec<Typed>) -> Result<[Typed; 2], Refused> {
    arguments.try_into().map_err(|all: Vec<Typed>| format!("two arguments are needed, and not {}", all.len()))
}

/// The part of a date that a literal names.
fn named_part(part: &Typed) -> Result<DatePart, Refused> {
    let named = match part.constant() {
        Some(Cell::Text(name)) => part_named(name),
        _ => None,
    };
    named.ok_or_else(|| format!("{} is no part of a date: {PARTS}", part.text))
}

/// What is said where a regular expression is asked for.
pub(super) const NO_PATTERNS: &str = "there are no regular expressions; `LIKE`, `ILIKE`, `starts_with`, `ends_with`, \
                                      `contains` and `split_part` look into texts";

/// What is said of a function that is none of ours.
fn unknown(name: &str) -> Refused {
    if ["now", "current_date", "current_timestamp", "today", "localtimestamp", "current_time"].contains(&name) {
        return format!(
            "`{name}` would make a run depend on when it runs: write the date, or set the analysis date (`--as-of`)"
        );
    }
    let name = name.to_lowercase();
    if name.contains("regex") {
        return format!("the function `{name}` is not known: {NO_PATTERNS}");
    }
    if ["strptime", "try_strptime", "to_date", "to_timestamp", "parse_date", "str_to_date"].contains(&name.as_str()) {
        return format!(
            "the function `{name}` is not known: texts of the form 2026-10-31 are read by `CAST(column AS DATE)`, and the \
             dates of orders in another form by `dates.format`"
        );
    }
    format!("the function `{name}` is not known; known are {}", FUNCTIONS.join(", "))
}
