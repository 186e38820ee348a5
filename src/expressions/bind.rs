//! What each piece of SQL syntax means on columns of known types.
//!
//! Does not live here: functions by their names (`functions`), operators (`operators`), casts (`casts`).

use std::borrow::Cow;

use sqlparser::ast::{
    CaseWhen, CastKind, CeilFloorKind, DataType, DateTimeField, Expr, Function as Called, FunctionArg, FunctionArgExpr,
    FunctionArguments, TrimWhereField, TypedString, UnaryOperator, Value,
};

use super::binder::{Binder, Refused, number_of};
use super::calendar::read_moment;
use super::casts::{MICROSECONDS, target};
use super::cell::Cell;
use super::intervals::part_named;
use super::numbers::read_decimal;
use super::parse::name_of;
use super::tree::{Arithmetic, Comparison, Function, Likeness, Node, Typed};
use super::types::{FLOAT, Type};

/// What is said of syntax that is none of ours.
fn unknown(syntax: &Expr) -> Refused {
    format!("`{syntax}` is not known in expressions")
}

/// Whether it reads as something that is true or false.
fn is_condition(syntax: &Expr) -> bool {
    use sqlparser::ast::BinaryOperator as Operator;
    match syntax {
        Expr::BinaryOp { op, .. } => !matches!(
            op,
            Operator::Plus
                | Operator::Minus
                | Operator::Multiply
                | Operator::Divide
                | Operator::Modulo
                | Operator::StringConcat
                | Operator::DuckIntegerDivide
        ),
        Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotUnknown(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::InList { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. } => true,
        _ => false,
    }
}

impl Binder<'_> {
    /// The meaning of an expression.
    pub(super) fn bind(&mut self, syntax: &Expr) -> Result<Typed, Refused> {
        if let Some(name) = name_of(syntax) {
            return self.column(&name);
        }
        let text = syntax.to_string();
        match syntax {
            Expr::Nested(inner) => self.bind(inner),
            Expr::Value(value) => self.literal(&value.value, &text),
            Expr::TypedString(literal) => self.typed_literal(literal, &text),
            Expr::UnaryOp { op, expr } => self.unary(*op, expr, &text),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right, &text),
            Expr::IsNull(_) | Expr::IsNotNull(_) | Expr::IsUnknown(_) | Expr::IsNotUnknown(_) => {
                self.is_null(syntax, &text)
            }
            Expr::IsTrue(inner) => self.is(inner, true, false, &text),
            Expr::IsNotTrue(inner) => self.is(inner, true, true, &text),
            Expr::IsFalse(inner) => self.is(inner, false, false, &text),
            Expr::IsNotFalse(inner) => self.is(inner, false, true, &text),
            Expr::IsDistinctFrom(left, right) => self.same(left, right, true, &text),
            Expr::IsNotDistinctFrom(left, right) => self.same(left, right, false, &text),
            Expr::InList { expr, list, negated } => {
                let among = self.among(expr, list, &text)?;
                Ok(self.negated_if(*negated, among, &text))
            }
            Expr::Between { expr, negated, low, high } => {
                let between = self.between(expr, low, high, &text)?;
                Ok(self.negated_if(*negated, between, &text))
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                let like = self.like(expr, pattern, escape_char.as_ref().map(|escape| &escape.value), false)?;
                Ok(self.negated_if(*negated, like, &text))
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char } => {
                let like = self.like(expr, pattern, escape_char.as_ref().map(|escape| &escape.value), true)?;
                Ok(self.negated_if(*negated, like, &text))
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), &text)
            }
            Expr::Cast { kind, expr, data_type, array: false, format: None } => {
                let part = self.bind(expr)?;
                let or_null = matches!(kind, CastKind::TryCast | CastKind::SafeCast);
                self.cast(part, target(data_type)?, or_null, &text)
            }
            _ => self.bind_function(syntax, &text),
        }
    }

    /// Syntax that is a function, with or without a form of its own.
    fn bind_function(&mut self, syntax: &Expr, text: &str) -> Result<Typed, Refused> {
        match syntax {
            Expr::Function(called) => self.called(called, text),
            Expr::Extract { field, expr, .. } => {
                let of = self.bind(expr)?;
                let part = part_named(&field.to_string());
                self.part_of_date(part, &field.to_string(), of, text)
            }
            Expr::Ceil { expr, field } | Expr::Floor { expr, field } => {
                if !matches!(field, CeilFloorKind::DateTimeField(DateTimeField::NoDateTime)) {
                    return Err(unknown(syntax));
                }
                let argument = self.bind(expr)?;
                let name = if matches!(syntax, Expr::Ceil { .. }) { "ceil" } else { "floor" };
                self.function(name, vec![argument], text)
            }
            Expr::Position { expr, r#in } => {
                let (part, of) = (self.bind(expr)?, self.bind(r#in)?);
                self.function("strpos", vec![of, part], text)
            }
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                let of = self.bind(expr)?;
                let from = match substring_from {
                    Some(from) => self.bind(from)?,
                    None => self.constant(Cell::Exact(1), Type::Int, "1"),
                };
                let mut arguments = vec![of, from];
                if let Some(length) = substring_for {
                    arguments.push(self.bind(length)?);
                }
                self.function("substring", arguments, text)
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                let name = match trim_where {
                    Some(TrimWhereField::Leading) => "ltrim",
                    Some(TrimWhereField::Trailing) => "rtrim",
                    Some(TrimWhereField::Both) | None => "trim",
                };
                let mut arguments = vec![self.bind(expr)?];
                for characters in trim_what.as_deref().into_iter().chain(trim_characters.iter().flatten()) {
                    arguments.push(self.bind(characters)?);
                }
                self.function(name, arguments, text)
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                let (of, zone) = (self.bind(timestamp)?, self.bind(time_zone)?);
                self.at_zone(of, &zone, text)
            }
            _ => Err(unknown(syntax)),
        }
    }

    fn literal(&mut self, value: &Value, text: &str) -> Result<Typed, Refused> {
        Ok(match value {
            Value::Number(digits, false) => return self.number(digits),
            Value::SingleQuotedString(text_of) | Value::EscapedStringLiteral(text_of) => {
                self.constant(Cell::Text(Cow::Owned(text_of.clone())), Type::Text, text)
            }
            Value::Boolean(value) => self.constant(Cell::Bool(*value), Type::Bool, text),
            Value::Null => self.constant(Cell::Null, Type::Null, text),
            _ => return Err(format!("the literal `{text}` is not known")),
        })
    }

    fn number(&mut self, digits: &str) -> Result<Typed, Refused> {
        let too_long = || format!("the number {digits} has more than 38 digits");
        if digits.contains(['e', 'E']) {
            let value: f64 = digits.parse().map_err(|_| too_long())?;
            return Ok(self.constant(Cell::Float(value), FLOAT, digits));
        }
        let (value, scale) = read_decimal(digits).ok_or_else(too_long)?;
        Ok(self.constant(Cell::Exact(value), number_of(value, scale), digits))
    }

    /// `DATE '2024-01-31'`.
    fn typed_literal(&mut self, literal: &TypedString, text: &str) -> Result<Typed, Refused> {
        let Value::SingleQuotedString(written) = &literal.value.value else {
            return Err(format!("the literal `{text}` is not known"));
        };
        let wanted = target(&literal.data_type)?;
        let part = self.constant(Cell::Text(Cow::Owned(written.clone())), Type::Text, text);
        // A timestamp with an offset is an instant, whatever it is called: the offset must not be lost.
        let is_timestamp = matches!(literal.data_type, DataType::Timestamp(..) | DataType::Datetime(_));
        if is_timestamp && let Some((nanos, true)) = read_moment(written) {
            return Ok(self.constant(Cell::Exact(nanos), Type::Moment { instant: true, digits: MICROSECONDS }, text));
        }
        let read = self.cast(part, wanted, false, text)?;
        if read.constant().is_none() {
            return Err(format!(
                "`{text}` cannot be read; dates are written as `DATE '2026-10-31'`, and moments as \
                                `TIMESTAMP '2026-10-31 12:00:00'`"
            ));
        }
        Ok(read)
    }

    fn unary(&mut self, operator: UnaryOperator, inner: &Expr, text: &str) -> Result<Typed, Refused> {
        match (operator, inner) {
            (UnaryOperator::Minus, Expr::Value(value)) if matches!(value.value, Value::Number(_, false)) => {
                self.number(text)
            }
            (UnaryOperator::Minus, _) => {
                let part = self.bind(inner)?;
                let zero = self.constant(Cell::Exact(0), Type::Int, "0");
                self.arithmetic(Arithmetic::Subtract, zero, part, text)
            }
            (UnaryOperator::Plus, _) => {
                let part = self.bind(inner)?;
                if part.kind.is_number() {
                    Ok(part)
                } else {
                    Err(format!("`{}` is {}, and no number", part.text, part.kind))
                }
            }
            (UnaryOperator::Not, _) => {
                let part = self.bind(inner)?;
                let part = self.condition(part)?;
                Ok(self.part(Node::Not(Box::new(part)), Type::Bool, text))
            }
            _ => Err(format!("the operator `{operator}` is not known")),
        }
    }

    pub(super) fn negated_if(&mut self, is_negated: bool, part: Typed, text: &str) -> Typed {
        if is_negated { self.part(Node::Not(Box::new(part)), Type::Bool, text) } else { part }
    }

    fn is_null(&mut self, syntax: &Expr, text: &str) -> Result<Typed, Refused> {
        let (inner, is_negated, is_condition) = match syntax {
            Expr::IsNull(inner) => (inner, false, false),
            Expr::IsNotNull(inner) => (inner, true, false),
            Expr::IsUnknown(inner) => (inner, false, true),
            Expr::IsNotUnknown(inner) => (inner, true, true),
            _ => return Err(unknown(syntax)),
        };
        let part = self.bind(inner)?;
        let part = if is_condition { self.condition(part)? } else { part };
        let null = self.part(Node::IsNull(Box::new(part)), Type::Bool, text);
        Ok(self.negated_if(is_negated, null, text))
    }

    fn is(&mut self, inner: &Expr, wanted: bool, is_negated: bool, text: &str) -> Result<Typed, Refused> {
        let part = self.bind(inner)?;
        let part = self.condition(part)?;
        let is = self.part(Node::Is(wanted, Box::new(part)), Type::Bool, text);
        Ok(self.negated_if(is_negated, is, text))
    }

    fn same(&mut self, left: &Expr, right: &Expr, is_negated: bool, text: &str) -> Result<Typed, Refused> {
        // The parser takes all that follows for the right side.
        if !matches!(right, Expr::Nested(_)) && is_condition(right) {
            return Err(format!(
                "`{text}`: what belongs to the right side is unclear; write parentheses, as `(a IS DISTINCT FROM b) AND c`"
            ));
        }
        let (left, right) = (self.bind(left)?, self.bind(right)?);
        let (left, right) = self.comparable(left, right)?;
        let same = self.part(Node::Same(Box::new(left), Box::new(right)), Type::Bool, text);
        Ok(self.negated_if(is_negated, same, text))
    }

    fn between(&mut self, inner: &Expr, low: &Expr, high: &Expr, text: &str) -> Result<Typed, Refused> {
        let (part, low, high) = (self.bind(inner)?, self.bind(low)?, self.bind(high)?);
        let least = self.compared(Comparison::GreaterOrEqual, part.clone(), low, text)?;
        let most = self.compared(Comparison::LessOrEqual, part, high, text)?;
        Ok(self.part(Node::And(vec![least, most]), Type::Bool, text))
    }

    fn like(&mut self, of: &Expr, pattern: &Expr, escape: Option<&Value>, any_case: bool) -> Result<Typed, Refused> {
        let (of, pattern) = (self.bind(of)?, self.bind(pattern)?);
        let of = self.text_argument(of, "LIKE")?;
        let pattern = self.text_argument(pattern, "LIKE")?;
        let escape = match escape {
            None => None,
            Some(Value::SingleQuotedString(text)) if text.is_empty() => None,
            Some(Value::SingleQuotedString(text)) if text.chars().count() == 1 => text.chars().next(),
            Some(other) => return Err(format!("ESCAPE takes one character, and not {other}")),
        };
        let text = format!("{} LIKE {}", of.text, pattern.text);
        let likeness = Likeness { escape, any_case };
        Ok(self.part(Node::Like(Box::new(of), Box::new(pattern), likeness), Type::Bool, text))
    }

    fn case(
        &mut self,
        operand: Option<&Expr>,
        branches: &[CaseWhen],
        otherwise: Option<&Expr>,
        text: &str,
    ) -> Result<Typed, Refused> {
        let operand = operand.map(|operand| self.bind(operand)).transpose()?;
        let mut conditions = Vec::new();
        let mut results = Vec::new();
        for branch in branches {
            let condition = self.bind(&branch.condition)?;
            conditions.push(match &operand {
                Some(operand) => {
                    let text = condition.text.clone();
                    self.compared(Comparison::Equal, operand.clone(), condition, &text)?
                }
                None => self.condition(condition)?,
            });
            results.push(self.bind(&branch.result)?);
        }
        results.push(match otherwise {
            Some(otherwise) => self.bind(otherwise)?,
            None => self.constant(Cell::Null, Type::Null, "NULL"),
        });
        let (mut results, kind) = self.alike(results, "`CASE`")?;
        let otherwise = results.pop().ok_or("`CASE` without a result")?;
        let branches = conditions.into_iter().zip(results).collect();
        Ok(self.part(Node::Case(branches, Box::new(otherwise)), kind, text))
    }

    /// A function as `name(arguments)`.
    fn called(&mut self, called: &Called, text: &str) -> Result<Typed, Refused> {
        let name = called.name.to_string().to_lowercase();
        let list = match &called.args {
            FunctionArguments::List(list) if list.duplicate_treatment.is_none() && list.clauses.is_empty() => {
                &list.args[..]
            }
            FunctionArguments::None => &[],
            _ => return Err(format!("`{text}` is not known in expressions")),
        };
        let mut arguments = Vec::new();
        for argument in list {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) = argument else {
                return Err(format!("`{text}` is not known in expressions"));
            };
            arguments.push(self.bind(argument)?);
        }
        self.function(&name, arguments, text)
    }

    /// A call, of whose arguments the types are right.
    pub(super) fn call(&mut self, function: Function, arguments: Vec<Typed>, kind: Type, text: &str) -> Typed {
        self.part(Node::Call(function, arguments), kind, text)
    }
}
