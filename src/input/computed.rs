//! Roles that are expressions on columns, and names in expressions that the input does not have.
//!
//! A column whose name is the whole text of a role wins. Does not live here: the language (`expressions`), and the columns of plain names
//! (`source::contract`).

use std::collections::BTreeSet;

use crate::error::{Error, Problems};
use crate::expressions::{Expression, Parsed, Zones};
use crate::nearest::nearest;
use crate::source::contract::needs::refusal;
use crate::source::contract::{Agreed, Contract, Need, Role, named_roles};
use crate::source::footers::{FileFooter, same_name};
use crate::source::options::{ColumnOptions, Grain, OrderKey};
use crate::source::scan::filter::{input_column, kind_of, misfit};

/// So many names are listed where none is near.
const NAMES_SHOWN: usize = 12;

/// The names of an input: of columns, and of keys of directories.
pub(super) struct Names<'f>(BTreeSet<&'f str>);

impl<'f> Names<'f> {
    pub(super) fn of(footers: &'f [FileFooter]) -> Self {
        let columns = footers.iter().flat_map(|footer| footer.columns.iter()).map(|column| column.name.as_str());
        let keys = footers.iter().flat_map(|footer| footer.partitions.iter()).map(|partition| partition.key.as_str());
        Self(columns.chain(keys).collect())
    }

    fn have(&self, name: &str) -> bool {
        self.0.contains(name) || self.0.iter().filter(|known| same_name(known, name)).count() == 1
    }

    /// The name that a misspelt one most likely means.
    fn near(&self, name: &str) -> Option<&'f str> {
        let of_other_case = self.0.iter().find(|known| known.eq_ignore_ascii_case(name)).copied();
        of_other_case.or_else(|| nearest(name, self.0.iter().copied()))
    }

    /// The error for names of an expression that the input does not have; none where it has all.
    pub(super) fn missing(&self, key: &str, parsed: &Parsed) -> Option<Error> {
        let missing: Vec<String> = parsed.columns().into_iter().filter(|name| !self.have(name)).collect();
        if missing.is_empty() {
            return None;
        }
        let causes = missing.iter().map(|name| match self.near(name) {
            Some(near) => format!("`{name}` is no column of the input; did you mean `{near}`?"),
            None => format!("`{name}` is no column of the input; the columns there: {}", self.listed()),
        });
        let is_role = key.starts_with("columns.");
        let as_expression =
            is_role.then(|| format!("no column is called `{}`, so that it is read as an expression", parsed.text()));
        let error = Error::source(format!("`{key}` names what the input does not have: `{}`", parsed.text()));
        Some(error.causes(as_expression).causes(causes).hint(
            "a text stands in single quotes, as 'paid'; a name without quotes or, with blanks in it, in double ones, as \"Order Date\"",
        ))
    }

    fn listed(&self) -> String {
        let shown: Vec<String> = self.0.iter().take(NAMES_SHOWN).map(|name| format!("`{name}`")).collect();
        let more = self.0.len().saturating_sub(NAMES_SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{more}", shown.join(", "))
    }
}

/// The roles that are expressions.
pub(super) struct Computed {
    roles: Vec<(Role, &'static str, Parsed)>,
    /// Roles whose text is wrong: they are no plain names either.
    wrong: Vec<Role>,
}

impl Computed {
    /// Those of the settings. Names and expressions that cannot be used are noted.
    pub(super) fn of(columns: &ColumnOptions, grain: Grain, names: &Names<'_>, problems: &mut Problems) -> Self {
        let mut found = Self { roles: Vec::new(), wrong: Vec::new() };
        // A role whose name was not set is looked for by its default alone.
        let named = named_roles(columns, grain).into_iter().filter(|named| !named.optional);
        let roles = named.map(|named| (named.role, named.key, named.name));
        let parts = columns.order_id.iter().filter(|_| grain == Grain::Transactions).flat_map(OrderKey::names);
        let parts = parts.map(|part| (Role::OrderId, "columns.order_id", part.as_str()));
        for (role, key, text) in roles.chain(parts) {
            // A whole input can be of one currency.
            let constant = (role == Role::Currency).then(|| constant_in(text, names)).flatten();
            let parsed = constant.map_or_else(|| expression_in(key, text, names), |constant| Ok(Some(constant)));
            let parsed = parsed.and_then(|parsed| match parsed {
                Some(parsed) => names.missing(key, &parsed).map_or(Ok(Some(parsed)), Err),
                None => Ok(None),
            });
            match parsed {
                Ok(None) => {}
                Ok(Some(parsed)) => found.roles.push((role, key, parsed)),
                Err(error) => {
                    problems.extend([error]);
                    found.wrong.push(role);
                }
            }
        }
        found
    }

    /// The columns that they read.
    pub(super) fn columns(&self) -> Vec<String> {
        self.roles.iter().flat_map(|(.., parsed)| parsed.columns()).collect()
    }

    /// The needs of plain columns: without these roles, and with the columns that they read.
    pub(super) fn plain(&self, mut needs: Vec<Need>, asked: &[String]) -> Vec<Need> {
        // An order key may have other parts, which are plain.
        let is = |need: &Need, role: Role, parsed: &Parsed| {
            role == need.role && (role != Role::OrderId || parsed.text() == need.name)
        };
        let is_computed = |need: &Need| self.roles.iter().any(|(role, _, parsed)| is(need, *role, parsed));
        needs.retain(|need| !is_computed(need) && !self.wrong.contains(&need.role));
        let read = self.columns();
        let is_only_read =
            |need: &Need| need.role == Role::Filter && read.contains(&need.name) && !asked.contains(&need.name);
        for need in needs.iter_mut().filter(|need| is_only_read(need)) {
            need.role = Role::Expression;
        }
        needs
    }

    /// Binds them to the columns that the files agree on, and adds them to these. `needs` are those of all roles.
    pub(super) fn add_to(&self, contract: &mut Contract, needs: &[Need], zones: &Zones, problems: &mut Problems) {
        for (place, (role, key, parsed)) in self.roles.iter().enumerate() {
            let bound = Expression::bind(parsed, key, &|name| input_column(contract, name), zones);
            let bound = bound.map_err(|what| misfit(key, parsed, contract, what));
            let Some(expression) = problems.note(bound) else { continue };
            let kind = kind_of(expression.kind());
            let need = needs.iter().find(|need| need.role == *role);
            if let Some((what, _)) = need.and_then(|need| refusal(need, &kind)) {
                problems.extend([misfit(key, parsed, contract, what)]);
                continue;
            }
            let name = parsed.text().to_owned();
            let agreed =
                Agreed { role: *role, name, kind, nullable: true, from_partition: false, expression: Some(expression) };
            contract.columns.insert(place.min(contract.columns.len()), agreed);
        }
    }
}

/// The text in single quotes that a role is; none where it is anything else, or the name of a column.
fn constant_in(text: &str, names: &Names<'_>) -> Option<Parsed> {
    let is_quoted = text.starts_with('\'') && text.ends_with('\'');
    Parsed::new(text).ok().filter(|parsed| is_quoted && parsed.is_constant() && !names.have(text))
}

/// The expression that the text of a role is; none where it is the name of a column, or most likely a misspelt one.
fn expression_in(key: &str, text: &str, names: &Names<'_>) -> Result<Option<Parsed>, Error> {
    if names.have(text) {
        return Ok(None);
    }
    let is_near_a_name = names.near(text).is_some();
    match Parsed::new(text) {
        Ok(parsed) if parsed.is_name() || parsed.is_constant() => Ok(None),
        Ok(parsed) => {
            let knows_a_name = parsed.columns().iter().any(|name| names.have(name));
            Ok((knows_a_name || !is_near_a_name).then_some(parsed))
        }
        // Whoever calls a function or compares does not mean a name.
        Err(what) if text.contains(['(', '\'']) && !is_near_a_name => {
            Err(Error::config(format!("`{key}` is no column of the input, and no SQL expression: `{text}`"))
                .cause(what)
                .hint("write the name of a column, or an expression on columns such as `total_price - refund_total`"))
        }
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_expression(text: &str, columns: &[&str]) -> Option<bool> {
        let names = Names(columns.iter().copied().collect());
        expression_in("columns.amount", text, &names).ok().map(|found| found.is_some())
    }

    #[test]
    fn a_name_is_no_expression_even_where_it_reads_as_one() {
        for (text, columns) in [
            ("a - b", &["a - b", "a", "b"][..]),
            ("amuont", &["amount"]),
            ("order.total", &["order.totl"]),
            ("customer-id", &["customer_id"]),
            ("Amount (EURO)", &["Amount (EUR)"]),
            ("Order Date", &["Date"]),
            ("1", &["a"]),
        ] {
            assert_eq!(is_expression(text, columns), Some(false), "{text}");
        }
    }

    #[test]
    fn what_computes_with_columns_is_an_expression() {
        for (text, columns) in [
            ("total - refund", &["total", "refund"][..]),
            ("total - refnd", &["total", "refund"]),
            ("lower(email)", &["email"]),
            ("amount / 100", &["amount", "amount_100"]),
            ("coalesce(a, b)", &["x"]),
        ] {
            assert_eq!(is_expression(text, columns), Some(true), "{text}");
        }
        assert_eq!(is_expression("lower(email", &["email"]), None, "refused");
    }

    #[test]
    fn a_missing_name_has_the_nearest_one_beside_it() {
        let names = Names(["status", "Amount"].into());
        let told =
            |text: &str| names.missing("input.filter", &Parsed::new(text).unwrap()).map(|error| error.to_string());
        assert_eq!(told("status = 'x'"), None);
        let told = told("statsu = \"paid\" AND amount > 1").unwrap();
        for part in
            ["`statsu` is no column of the input; did you mean `status`?", "`amount` is no", "`Amount`", "'paid'"]
        {
            assert!(told.contains(part), "{told}");
        }
    }
}
