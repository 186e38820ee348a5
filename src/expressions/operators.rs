//! The operators of expressions: logic, comparison, arithmetic, dates, lists.
//!
//! Does not live here: computing them (`evaluate`, `numbers`).

use std::collections::HashSet;
use std::sync::Arc;

use sqlparser::ast::{BinaryOperator, Expr};

use super::binder::{Binder, Refused};
use super::casts::MICROSECONDS;
use super::cell::Cell;
use super::functions::NO_PATTERNS;
use super::intervals::interval_of;
use super::numbers::power_of_ten;
use super::tree::{Arithmetic, Comparison, Constants, Conversion, DatePart, Function, Interval, Node, Typed};
use super::types::{FLOAT, MOST_DIGITS, Type};

impl Binder<'_> {
    pub(super) fn binary(
        &mut self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        text: &str,
    ) -> Result<Typed, Refused> {
        if let Some(moved) = self.moved(left, operator, right, text) {
            return moved;
        }
        let comparison = match operator {
            BinaryOperator::Eq => Some(Comparison::Equal),
            BinaryOperator::NotEq => Some(Comparison::NotEqual),
            BinaryOperator::Lt => Some(Comparison::Less),
            BinaryOperator::LtEq => Some(Comparison::LessOrEqual),
            BinaryOperator::Gt => Some(Comparison::Greater),
            BinaryOperator::GtEq => Some(Comparison::GreaterOrEqual),
            _ => None,
        };
        if matches!(operator, BinaryOperator::And | BinaryOperator::Or) {
            return self.chain(left, operator, right, text);
        }
        let (left, right) = (self.bind(left)?, self.bind(right)?);
        if let Some(comparison) = comparison {
            return self.compared(comparison, left, right, text);
        }
        let arithmetic = match operator {
            BinaryOperator::StringConcat => {
                let (left, right) = (self.spelled(left)?, self.spelled(right)?);
                return Ok(self.call(Function::Join, vec![left, right], Type::Text, text));
            }
            BinaryOperator::Plus => Arithmetic::Add,
            BinaryOperator::Minus => Arithmetic::Subtract,
            BinaryOperator::Multiply => Arithmetic::Multiply,
            BinaryOperator::Divide => Arithmetic::Divide,
            BinaryOperator::DuckIntegerDivide | BinaryOperator::MyIntegerDivide => Arithmetic::DivideWhole,
            BinaryOperator::Modulo => Arithmetic::Remainder,
            BinaryOperator::PGRegexMatch
            | BinaryOperator::PGRegexIMatch
            | BinaryOperator::PGRegexNotMatch
            | BinaryOperator::PGRegexNotIMatch => {
                return Err(format!("the operator `{operator}` is not known: {NO_PATTERNS}"));
            }
            other => return Err(format!("the operator `{other}` is not known")),
        };
        self.arithmetic(arithmetic, left, right, text)
    }

    /// `a OR b OR c ..` as one part: long ones are not nested.
    fn chain(&mut self, left: &Expr, operator: &BinaryOperator, right: &Expr, text: &str) -> Result<Typed, Refused> {
        let mut written = vec![right];
        let mut rest = left;
        while let Expr::BinaryOp { left, op, right } = rest
            && op == operator
        {
            written.push(right);
            rest = left;
        }
        written.push(rest);
        let mut all = Vec::with_capacity(written.len());
        for part in written.into_iter().rev() {
            let part = self.bind(part)?;
            all.push(self.condition(part)?);
        }
        let node = if *operator == BinaryOperator::And { Node::And(all) } else { Node::Or(all) };
        Ok(self.part(node, Type::Bool, text))
    }

    /// A date or moment and a span; none where no span is written.
    fn moved(
        &mut self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        text: &str,
    ) -> Option<Result<Typed, Refused>> {
        let plain = |mut part: &Expr| loop {
            match part {
                Expr::Nested(inner) => part = inner,
                part => break part.clone(),
            }
        };
        let (of, interval) = match (plain(left), operator, plain(right)) {
            (_, BinaryOperator::Plus, Expr::Interval(written)) => (left, interval_of(&written)),
            (_, BinaryOperator::Minus, Expr::Interval(written)) => {
                let back = |interval: Interval| interval.negated().ok_or_else(|| format!("`{written}` is too long"));
                (left, interval_of(&written).and_then(back))
            }
            (Expr::Interval(written), BinaryOperator::Plus, _) => (right, interval_of(&written)),
            _ => return None,
        };
        Some(self.bind(of).and_then(|of| {
            let kind = match of.kind {
                Type::Date => Type::Moment { instant: false, digits: MICROSECONDS },
                moment @ Type::Moment { .. } => moment,
                Type::Null => return self.widened(of, Type::Moment { instant: false, digits: MICROSECONDS }),
                other => {
                    return Err(format!("`{}` is {other}: a span of time is added to dates and timestamps", of.text));
                }
            };
            let function = Function::AddInterval { interval: interval?, of: of.kind };
            Ok(self.call(function, vec![of], kind, text))
        }))
    }

    pub(super) fn arithmetic(
        &mut self,
        operation: Arithmetic,
        left: Typed,
        right: Typed,
        text: &str,
    ) -> Result<Typed, Refused> {
        let (left, right) = self.numbers_beside(left, right)?;
        if left.kind.is_time() || right.kind.is_time() {
            return self.arithmetic_of_days(operation, left, right, text);
        }
        for part in [&left, &right] {
            if !part.kind.is_number() {
                return Err(format!("`{}` is {}, and no number: `{text}`", part.text, part.kind));
            }
        }
        if !(left.kind.is_exact() && right.kind.is_exact()) {
            return self.of_floats(operation, left, right, text);
        }
        let is_whole = left.kind == Type::Int && right.kind == Type::Int;
        let scale = left.kind.scale().max(right.kind.scale());
        let number = |scale| if is_whole { Type::Int } else { Type::Decimal { scale } };
        let kind = match operation {
            Arithmetic::Divide => return self.divided(left, right, text),
            Arithmetic::Multiply => {
                let scale = left.kind.scale() + right.kind.scale();
                if scale > MOST_DIGITS {
                    return Err(format!(
                        "`{text}` would have {scale} decimals, and at most 38 can be held: round before"
                    ));
                }
                return Ok(self.part(
                    Node::Arithmetic(operation, Box::new(left), Box::new(right)),
                    number(scale),
                    text,
                ));
            }
            Arithmetic::DivideWhole => number(0),
            _ => number(scale),
        };
        let (left, right) = (self.widened(left, number(scale))?, self.widened(right, number(scale))?);
        Ok(self.part(Node::Arithmetic(operation, Box::new(left), Box::new(right)), kind, text))
    }

    /// Literal texts and nulls as the numbers or dates that they stand beside.
    fn numbers_beside(&mut self, left: Typed, right: Typed) -> Result<(Typed, Typed), Refused> {
        let is_literal = |part: &Typed| part.kind == Type::Text && part.constant().is_some();
        let (left, right) = match (left.kind, right.kind) {
            (Type::Null, Type::Null) => (self.widened(left, Type::Int)?, self.widened(right, Type::Int)?),
            (Type::Null, kind) if kind.is_time() => (left, right),
            (kind, Type::Null) if kind.is_time() => (left, self.widened(right, Type::Int)?),
            (Type::Null, kind) => (self.widened(left, kind)?, right),
            (kind, Type::Null) => (left, self.widened(right, kind)?),
            _ => (left, right),
        };
        Ok(if is_literal(&left) && (right.kind.is_number() || right.kind.is_time()) {
            (self.read(left, right.kind)?, right)
        } else if is_literal(&right) && (left.kind.is_number() || left.kind.is_time()) {
            let right = self.read(right, left.kind)?;
            (left, right)
        } else {
            (left, right)
        })
    }

    fn of_floats(&mut self, operation: Arithmetic, left: Typed, right: Typed, text: &str) -> Result<Typed, Refused> {
        if operation == Arithmetic::DivideWhole {
            return Err(format!("`{text}`: `//` divides whole numbers and decimals; of floats write `trunc(a / b)`"));
        }
        let (left, right) = (self.widened(left, FLOAT)?, self.widened(right, FLOAT)?);
        Ok(self.part(Node::Arithmetic(operation, Box::new(left), Box::new(right)), FLOAT, text))
    }

    /// By a power of ten the digits stay; else as floats.
    fn divided(&mut self, left: Typed, right: Typed, text: &str) -> Result<Typed, Refused> {
        let divisor = match right.constant() {
            Some(Cell::Exact(value)) => Some(*value),
            _ => None,
        };
        let power = divisor.and_then(|divisor| (0..MOST_DIGITS).find(|power| power_of_ten(*power) == Some(divisor)));
        let scale = power.and_then(|power| (left.kind.scale() + power).checked_sub(right.kind.scale()));
        match scale.filter(|scale| *scale <= MOST_DIGITS) {
            Some(scale) if scale == left.kind.scale() => Ok(Typed { text: text.to_owned(), ..left }),
            Some(scale) => Ok(self.part(Node::Shifted(Box::new(left)), Type::Decimal { scale }, text)),
            None => self.of_floats(Arithmetic::Divide, left, right, text),
        }
    }

    /// A day so many days later or earlier, and the days between two days.
    fn arithmetic_of_days(
        &mut self,
        operation: Arithmetic,
        left: Typed,
        right: Typed,
        text: &str,
    ) -> Result<Typed, Refused> {
        match (operation, left.kind, right.kind) {
            (Arithmetic::Add | Arithmetic::Subtract, Type::Date, Type::Int)
            | (Arithmetic::Add, Type::Int, Type::Date) => {
                let sum = self.part(Node::Arithmetic(operation, Box::new(left), Box::new(right)), Type::Int, text);
                Ok(Typed { kind: Type::Date, ..sum })
            }
            (Arithmetic::Subtract, Type::Date, Type::Date) => {
                Ok(self.part(Node::Arithmetic(operation, Box::new(left), Box::new(right)), Type::Int, text))
            }
            (Arithmetic::Subtract, a, b) if a.is_time() && b.is_time() => Err(format!(
                "`{text}` is a span of time, which has no number: write `date_diff('day', {}, {})`",
                right.text, left.text
            )),
            (_, a, b) => Err(format!(
                "`{text}`: {a} and {b} cannot be computed with each other; spans are written as `INTERVAL '7' DAY`"
            )),
        }
    }

    /// Both as the common type, for the boundaries between them.
    pub(super) fn boundaries(&mut self, part: DatePart, from: Typed, to: Typed, text: &str) -> Result<Typed, Refused> {
        let (from, to) = self.comparable(from, to)?;
        let is_known = !matches!(
            part,
            DatePart::Week
                | DatePart::DayOfWeek
                | DatePart::IsoDayOfWeek
                | DatePart::DayOfYear
                | DatePart::IsoYear
                | DatePart::Epoch
        );
        if !is_known {
            return Err(format!(
                "`{text}`: boundaries of years, quarters, months, days, hours, minutes and seconds are counted; of weeks \
                                write `date_diff('day', ..) // 7`"
            ));
        }
        if !from.kind.is_time() {
            return Err(format!("`{}` is {}, and no date", from.text, from.kind));
        }
        let of = from.kind;
        Ok(self.call(Function::Difference { part, of }, vec![from, to], Type::Int, text))
    }

    /// `IN`: one of a list.
    pub(super) fn among(&mut self, inner: &Expr, list: &[Expr], text: &str) -> Result<Typed, Refused> {
        let part = self.bind(inner)?;
        let mut pairs = Vec::with_capacity(list.len());
        for item in list {
            let item = self.bind(item)?;
            pairs.push(self.comparable(part.clone(), item)?);
        }
        if let Some(constants) = constants(&part, &pairs) {
            return Ok(self.part(Node::Among(Box::new(part), Arc::new(constants)), Type::Bool, text));
        }
        let mut equal = Vec::with_capacity(pairs.len());
        for (part, item) in pairs {
            equal.push(self.part(Node::Compare(Comparison::Equal, Box::new(part), Box::new(item)), Type::Bool, text));
        }
        Ok(self.part(Node::Or(equal), Type::Bool, text))
    }

    /// `AT TIME ZONE`: the reading of a zone's clock, or the instant of such a reading.
    pub(super) fn at_zone(&mut self, of: Typed, zone: &Typed, text: &str) -> Result<Typed, Refused> {
        let named = match zone.constant() {
            Some(Cell::Text(name)) => crate::clean::zone::Zone::named(name).map(Arc::new),
            _ => None,
        };
        let Some(named) = named else {
            return Err(format!("{} is no name of a time zone, such as 'Europe/Berlin'", zone.text));
        };
        let Type::Moment { instant, digits } = of.kind else {
            return Err(format!("`{}` is {}, and AT TIME ZONE takes timestamps", of.text, of.kind));
        };
        let conversion = if instant { Conversion::ToClock(Some(named)) } else { Conversion::ToInstant(Some(named)) };
        Ok(self.part(Node::Convert(Box::new(of), conversion), Type::Moment { instant: !instant, digits }, text))
    }
}

/// The items where all are constants of one exact type or texts, as the part holds its values; none else.
fn constants(part: &Typed, pairs: &[(Typed, Typed)]) -> Option<Constants> {
    let mut found = Constants { exact: HashSet::new(), texts: HashSet::new(), has_null: false };
    for (own, item) in pairs {
        if own.kind != part.kind || matches!(own.kind, Type::Float { .. } | Type::Bool | Type::Null) {
            return None;
        }
        match item.constant()? {
            Cell::Null => found.has_null = true,
            Cell::Text(text) => {
                found.texts.insert(text.clone().into_owned());
            }
            Cell::Exact(value) => found.exact.extend(at_scale(*value, item.kind.scale(), part.kind.scale())),
            Cell::Bool(_) | Cell::Float(_) => return None,
        }
    }
    Some(found)
}

/// The number with these digits after the point; none where it has more, and so is equal to no such number.
pub(super) fn at_scale(value: i128, from: u32, to: u32) -> Option<i128> {
    if from <= to {
        return value.checked_mul(power_of_ten(to - from)?);
    }
    let factor = power_of_ten(from - to)?;
    (value % factor == 0).then_some(value / factor)
}
