//! The text of an expression as a syntax tree, and the names in it.
//!
//! Does not live here: what names and functions mean (`bind`).

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, FunctionArguments, Ident, Value, visit_expressions};
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

/// Deeper ones are refused: the parser calls itself.
const DEEPEST: usize = 100;
/// With more operators an expression is refused: their nest may be as deep as they are many.
const MOST_OPERATORS: usize = 500;
/// Functions that need more than one row.
const BEYOND_THE_ROW: &[&str] = &[
    "sum",
    "count",
    "avg",
    "mean",
    "min",
    "max",
    "median",
    "stddev",
    "variance",
    "first",
    "last",
    "any_value",
    "row_number",
    "rank",
    "dense_rank",
    "lag",
    "lead",
    "ntile",
    "string_agg",
    "array_agg",
    "list",
    "quantile_cont",
    "quantile_disc",
    "mode",
];

/// Functions without parentheses that tell the time.
const CLOCKS: &[&str] = &["current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"];

/// A parsed expression, whose names and types are not yet known.
#[derive(Debug, Clone)]
pub struct Parsed {
    pub(super) syntax: Expr,
    text: String,
}

impl Parsed {
    /// Parses a SQL expression that is computed row by row.
    ///
    /// # Errors
    /// What is wrong, as a text.
    pub fn new(text: &str) -> Result<Self, String> {
        // The message of the parser begins with the name of its crate's error.
        let told = |error: sqlparser::parser::ParserError| match error {
            sqlparser::parser::ParserError::TokenizerError(what)
            | sqlparser::parser::ParserError::ParserError(what) => what,
            sqlparser::parser::ParserError::RecursionLimitExceeded => "it is nested too deeply".into(),
        };
        let tokens = Tokenizer::new(&GenericDialect, text).tokenize().map_err(|error| error.to_string())?;
        if tokens.iter().filter(|token| is_operator(token)).count() > MOST_OPERATORS {
            return Err(format!(
                "it has more than {MOST_OPERATORS} operators: write long lists of alternatives as `name IN (..)`"
            ));
        }
        let parser = Parser::new(&GenericDialect).with_recursion_limit(DEEPEST);
        let mut parser = parser.try_with_sql(text).map_err(told)?;
        let syntax = parser.parse_expr().map_err(told)?;
        let rest = parser.peek_token();
        if rest.token != Token::EOF {
            return Err(format!("found `{}` after the end of the expression", rest.token));
        }
        match visit_expressions(&syntax, |part| {
            beyond_the_row(part).map_or(ControlFlow::Continue(()), ControlFlow::Break)
        }) {
            ControlFlow::Break(what) => Err(what),
            ControlFlow::Continue(()) => Ok(Self { syntax, text: text.to_owned() }),
        }
    }

    /// As the user wrote it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns that it names, each once, in alphabetical order.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let mut names = Vec::new();
        let _: ControlFlow<()> = visit_expressions(&self.syntax, |part| {
            names.extend(name_of(part));
            ControlFlow::Continue(())
        });
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether it is the name of a column and nothing else.
    #[must_use]
    pub fn is_name(&self) -> bool {
        name_of(&self.syntax).is_some()
    }

    /// Whether it has no names.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.columns().is_empty()
    }
}

/// Whether a token joins two parts into one that can be joined again.
fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(word.keyword, Keyword::AND | Keyword::OR),
        Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::DuckIntDiv | Token::Mod | Token::StringConcat => {
            true
        }
        _ => false,
    }
}

/// The column that an expression is.
pub(super) fn name_of(syntax: &Expr) -> Option<String> {
    match syntax {
        Expr::Identifier(name) => Some(name.value.clone()),
        // A column may have a point in its name.
        Expr::CompoundIdentifier(names) => {
            Some(names.iter().map(|name: &Ident| name.value.as_str()).collect::<Vec<_>>().join("."))
        }
        // The parser knows functions without parentheses, such as `user`: events have columns of that name.
        Expr::Function(called) if called.args == FunctionArguments::None => {
            let name = called.name.to_string();
            (!CLOCKS.contains(&name.to_lowercase().as_str())).then_some(name)
        }
        _ => None,
    }
}

/// Why a part cannot be computed row by row.
fn beyond_the_row(part: &Expr) -> Option<String> {
    let looks = || Some("it looks beyond the row: sums, counts and windows are not allowed".to_owned());
    match part {
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            let asks_more = function.over.is_some() || function.filter.is_some() || !function.within_group.is_empty();
            if asks_more || BEYOND_THE_ROW.contains(&name.as_str()) {
                return looks();
            }
            matches!(function.args, FunctionArguments::Subquery(_))
                .then(|| "queries within it are not known".to_owned())
        }
        Expr::InSubquery { .. } | Expr::Exists { .. } | Expr::Subquery(_) => {
            Some("queries within it are not known".to_owned())
        }
        Expr::Value(value) => match &value.value {
            Value::Placeholder(name) => Some(format!("`{name}` stands for nothing")),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_wherever_they_stand() {
        let parsed = Parsed::new(
            "CASE WHEN lower(\"a b\") LIKE 'x%' THEN coalesce(c, d.e) ELSE CAST(f AS INT) END + EXTRACT(YEAR FROM g) > 0 AND h IN (i, 1)",
        )
        .unwrap();
        assert_eq!(parsed.columns(), ["a b", "c", "d.e", "f", "g", "h", "i"]);
        assert!(Parsed::new("a.b").unwrap().is_name() && !Parsed::new("a - b").unwrap().is_name());
    }

    #[test]
    fn words_of_sql_are_names_of_columns_too() {
        for name in [
            "date",
            "timestamp",
            "time",
            "year",
            "month",
            "day",
            "user",
            "value",
            "type",
            "status",
            "source",
            "key",
            "count",
        ] {
            let parsed = Parsed::new(&format!("{name} = '2024-01-01' AND x > 1")).unwrap();
            assert_eq!(parsed.columns(), if name < "x" { [name, "x"] } else { ["x", name] }, "{name}");
        }
        assert_eq!(Parsed::new("current_date > x").unwrap().columns(), ["x"]);
    }

    #[test]
    fn what_is_not_one_expression_of_a_row_is_refused() {
        for (text, told) in [
            ("amount >", "found: EOF"),
            ("amount > 1 amount", "after the end"),
            ("sum(amount) > 1", "beyond the row"),
            ("row_number() OVER (ORDER BY a) = 1", "beyond the row"),
            ("a IN (SELECT 1)", "queries"),
            ("", "found: EOF"),
        ] {
            let found = Parsed::new(text).unwrap_err();
            assert!(found.contains(told), "{text}: {found}");
        }
        let deep = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
        assert!(Parsed::new(&deep).unwrap_err().contains("deep"));
    }
}
