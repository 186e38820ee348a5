//! SQL expressions on the rows of an input: filters, and columns that are computed.
//!
//! They mean what the SQL standard says, as PostgreSQL and DuckDB have it: logic of three values, whole numbers of 64 bits that never wrap,
//! exact decimals, days of the business zone. What is not known is refused. [docs/expressions.md](../../docs/expressions.md) is the
//! language.
//!
//! In the order of their use: `parse` makes syntax of a text; `bind` (with `operators`, `functions`, `casts`, `intervals`) gives it
//! columns and types as a `tree`; `native` says in the engine's terms what is plain; `evaluate` computes the rest, block by block
//! (`frame`), with `numbers`, `texts`, `calendar`, `convert` and `call`. Does not live here: which settings are expressions (`source`,
//! `input`), and reading files.

mod bind;
mod binder;
mod calendar;
mod call;
mod casts;
mod cell;
mod convert;
mod evaluate;
mod expression;
mod frame;
mod functions;
mod intervals;
mod native;
mod numbers;
mod operators;
mod parse;
#[cfg(test)]
mod tests;
mod texts;
mod tree;
mod types;

pub use binder::Zones;
pub use expression::{Expression, failure, type_of_key};
pub use parse::Parsed;
pub use tree::InputColumn;
pub use types::Type;
