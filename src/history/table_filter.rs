//! A SQL condition on the columns of a published table.
//!
//! It means what filters of an input mean. Does not live here: the language (`expressions`).

use polars::prelude::*;

use super::published_table::PublishedTable;
use crate::clean::zone::Zone;
use crate::error::{Error, Result};
use crate::expressions::{Expression, InputColumn, Parsed, Zones, failure};
use crate::nearest::nearest;
use crate::source::quoted;
use crate::source::scan::filter::type_of;

/// The condition.
#[derive(Debug, Clone)]
pub struct TableFilter {
    expression: Expression,
    key: &'static str,
}

impl TableFilter {
    /// Binds the text of the setting or flag `key` to the columns of a table.
    ///
    /// # Errors
    /// A config error where it is no condition, names a column that the table does not have, or does not fit the columns.
    pub fn new(key: &'static str, text: &str, table: &PublishedTable) -> Result<Self> {
        let wrong = |cause: String| {
            Error::config(format!("`{key}` is no SQL condition on {}: `{text}`", quoted(table.path())))
                .cause(cause)
                .hint("write a condition on its columns, such as `segment = 'at_risk' AND revenue >= 100`")
        };
        let parsed = Parsed::new(text).map_err(wrong)?;
        table.refuse_unknown(key, &parsed.columns())?;
        let find = |name: &str| {
            let kind = table.kind(name)?;
            Some(InputColumn { name: name.to_owned(), kind: type_of(kind), is_key: false })
        };
        let zones = Zones { business: Zone::utc(), source: None };
        let expression = Expression::bind_condition(&parsed, key, &find, &zones).map_err(wrong)?;
        Ok(Self { expression, key })
    }

    /// The columns that it reads.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.expression.columns()
    }

    /// Whether it holds, row by row; what is unknown does not hold.
    ///
    /// # Errors
    /// A config error for rows that it cannot be computed for.
    pub fn holds(&self, rows: &DataFrame) -> Result<Vec<bool>> {
        self.expression.holds(rows).map_err(|error| {
            let message = error.to_string();
            let (headline, cause) =
                failure(&message).unwrap_or_else(|| (format!("`{}` cannot be computed", self.key), message));
            Error::config(headline).cause(cause).hint("TRY_CAST gives null where a value cannot be cast")
        })
    }
}

impl PublishedTable {
    /// Refuses columns that it does not have, on behalf of a setting or flag.
    ///
    /// # Errors
    /// A config error that names them all.
    pub fn refuse_unknown(&self, key: &str, names: &[String]) -> Result<()> {
        let unknown = names.iter().filter(|name| !self.has(name));
        let cause = |name: &String| {
            let meant = nearest(name, self.names());
            let meant = meant.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            format!("there is no column `{name}`{meant}")
        };
        let causes: Vec<String> = unknown.map(cause).collect();
        if causes.is_empty() {
            return Ok(());
        }
        let columns: Vec<&str> = self.names().collect();
        Err(Error::config(format!("`{key}` names columns that {} does not have", quoted(self.path())))
            .causes(causes)
            .hint(format!("the columns there: {}", columns.join(", "))))
    }
}
