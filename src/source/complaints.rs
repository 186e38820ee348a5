//! Complaints about files, grouped: twenty thousand equal complaints become one line.
//!
//! Lives here: counting, grouping and wording. Does not live here: what is wrong (see `contract`).

use std::collections::HashMap;
use std::path::Path;

use crate::error::{Error, Result, SHOWN};
use crate::nearest::nearest;
use crate::source::contract::needs::{Need, Role};
use crate::source::footers::{FileFooter, same_name};
use crate::source::kinds::ColumnKind;
use crate::source::options::{DEFAULT_ORDER_ID, Grain};
use crate::source::quoted;

/// This many files are named within a complaint; when there are more, they are listed on lines below it.
const FILES_WITHIN: usize = 3;
/// At most this many hints are given.
const HINTS_GIVEN: usize = 3;
/// The text before the list of column names, which is printed once per file.
const COLUMNS_THERE: &str = "; the columns there: ";
/// The list of column names is cut after this many characters.
const NAMES_CHARACTERS: usize = 160;

/// Everything that is wrong, in the order in which it was found.
pub(super) struct Complaints<'a> {
    footers: &'a [FileFooter],
    list: Vec<Complaint>,
    /// The index in `list` of the complaint with this text.
    known: HashMap<String, usize>,
    hints: Vec<&'static str>,
}

struct Complaint {
    text: String,
    /// Printed once, after the files.
    remark: String,
    files: Vec<usize>,
}

impl<'a> Complaints<'a> {
    pub(super) fn new(footers: &'a [FileFooter]) -> Self {
        Self { footers, list: Vec::new(), known: HashMap::new(), hints: Vec::new() }
    }

    /// Notes that `what` holds for `column` in the file with this index.
    pub(super) fn add(&mut self, column: &str, what: &str, file: usize) {
        self.add_remarked(column, what, file, String::new);
    }

    fn add_remarked(&mut self, column: &str, what: &str, file: usize, remark: impl FnOnce() -> String) {
        let text = format!("`{column}`: {what}");
        let at = self.known.get(&text).copied().unwrap_or_else(|| {
            self.known.insert(text.clone(), self.list.len());
            self.list.push(Complaint { text, remark: remark(), files: Vec::new() });
            self.list.len() - 1
        });
        if let Some(complaint) = self.list.get_mut(at).filter(|known| known.files.last() != Some(&file)) {
            complaint.files.push(file);
        }
    }

    /// Notes that a file has a column of another kind than most; `remark` says what the others have.
    pub(super) fn differs(&mut self, column: &str, kind: &ColumnKind, file: usize, remark: &str) {
        self.add_remarked(column, &kind.to_string(), file, || remark.into());
    }

    /// Notes that a file lacks a column, which some other file may have.
    pub(super) fn missing(&mut self, need: &Need, file: usize, is_somewhere: bool) {
        let Some(footer) = self.footers.get(file) else {
            return;
        };
        let is_key = footer.partitions.iter().any(|partition| partition.key == need.name);
        let is_first = self
            .list
            .iter()
            .all(|known| !known.remark.contains(COLUMNS_THERE) || known.files.binary_search(&file).is_err());
        self.add_remarked(&need.name, "missing", file, || columns_there(footer, &need.name, is_first));
        self.hint(if is_key {
            "`input.hive_partitions = true` reads `key=value` directory names as columns"
        } else if need.role == Role::OrderId && need.name == DEFAULT_ORDER_ID {
            "either all files have an order id or none; `clean.orders_by` can define orders without it, and \
             `input.missing_columns = \"null\"` makes rows without one orders of their own"
        } else if is_somewhere && need.role.may_be_null() {
            "`input.missing_columns = \"null\"` reads a column as null in files that lack it"
        } else {
            name_hint(need)
        });
    }

    /// `` `a.parquet` ``, or `17 files (first: `a.parquet`)`.
    pub(super) fn some_files(&self, files: &[usize]) -> String {
        let first = files.first().and_then(|file| self.footers.get(*file));
        first.map(|first| some_files(files.len(), &first.path)).unwrap_or_default()
    }

    pub(super) fn hint(&mut self, hint: &'static str) {
        if !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
    }

    /// The error of all complaints, if there is any.
    pub(super) fn into_result(self) -> Result<()> {
        let mut worded: Vec<(String, Vec<String>)> = self.list.iter().map(|complaint| self.worded(complaint)).collect();
        let error = match worded.as_mut_slice() {
            [] => return Ok(()),
            [(text, files)] if files.is_empty() => Error::source(std::mem::take(text)),
            _ => {
                let error = Error::source("the columns of the input do not fit");
                worded.into_iter().fold(error, |error, (text, files)| error.cause_at(text, files))
            }
        };
        let mut hints: Vec<_> = self.hints.into_iter().take(HINTS_GIVEN).collect();
        if self.list.iter().any(|complaint| complaint.files.len() > SHOWN) {
            hints.push("`rfmetrics check --format json` names every file");
        }
        Err(if hints.is_empty() { error } else { error.hint(hints.join("; ")) })
    }

    /// What is wrong, and the affected files where there are many.
    fn worded(&self, complaint: &Complaint) -> (String, Vec<String>) {
        let Complaint { text, remark, files } = complaint;
        let names = files.iter().filter_map(|file| self.footers.get(*file)).map(|footer| quoted(&footer.path));
        let names: Vec<String> = names.collect();
        if names.len() > FILES_WITHIN {
            return (format!("{text} in {} files{remark}", names.len()), names);
        }
        (format!("{text} in {}{remark}", names.join(", ")), Vec::new())
    }
}

/// How to say that a column has another name.
fn name_hint(need: &Need) -> &'static str {
    match need.role {
        Role::OrderTs if need.grain == Grain::Customers => {
            "say which column is the date of the last order with `--column last_order_date=THEIR_NAME`, or which has the days \
             since with `--column recency_days=THEIR_NAME`"
        }
        Role::Amount if need.grain == Grain::Customers => {
            "if the column has another name, say so with `--column revenue=THEIR_NAME`; if the table has no amounts, with \
             `--column revenue=none`"
        }
        Role::RecencyDays => "if the column has another name, say so with `--column recency_days=THEIR_NAME`",
        Role::Orders => "if the column has another name, say so with `--column orders=THEIR_NAME`",
        Role::FirstOrderDate | Role::PurchaseDays | Role::Transactions | Role::LargestOrder => {
            "name the column as it is called, or leave out its setting where the table has none"
        }
        Role::CustomerId => "if the column has another name, say so with `--column customer_id=THEIR_NAME`",
        Role::OrderId => "if the column has another name, say so with `--column order_id=THEIR_NAME`",
        Role::OrderTs => "if the column has another name, say so with `--column order_ts=THEIR_NAME`",
        Role::Amount => {
            "if the column has another name, say so with `--column amount=THEIR_NAME`; if the input has no amounts (visits, \
             clicks), with `--column amount=none`"
        }
        Role::Quantity => "if the column has another name, say so with `--column quantity=THEIR_NAME`",
        Role::UnitPrice => "if the column has another name, say so with `--column unit_price=THEIR_NAME`",
        Role::Currency => "name the column with `--column currency=NAME`, or leave out `columns.currency`",
        Role::Margin => "name the column with `--column margin=NAME`, or leave out `columns.margin`",
        Role::Per => "check the name in `customers.per`, or write the column to the files",
        Role::Attribute => {
            "check the names in `columns.attributes`, `score.by` and `reports.by`, or write it to the files"
        }
        Role::Filter => {
            "check the names in `input.filter`, `clean.dedupe_keys` and `clean.dedupe_latest_by`; a text in a condition stands \
             in single quotes, as 'DE'"
        }
        Role::Expression => "check the names in the expressions of `columns`",
    }
}

/// `` `a.parquet` ``, or `17 files (first: `a.parquet`)`.
fn some_files(count: usize, first: &Path) -> String {
    if count == 1 { quoted(first) } else { format!("{count} files (first: {})", quoted(first)) }
}

/// `; did you mean ..` or `; the columns there: ..`.
fn columns_there(footer: &FileFooter, wanted: &str, list_them: bool) -> String {
    let names: Vec<&str> = footer.columns.iter().map(|column| column.name.as_str()).collect();
    let plain = |name: &str| name.trim().to_lowercase();
    // What nobody sees is shown as `\u{feff}`.
    if let Some(near) = names.iter().find(|name| same_name(name, wanted)) {
        return format!("; several columns look like it, such as `{}`", near.escape_debug());
    }
    if let Some(near) = names.iter().find(|name| same_name(&plain(name), &plain(wanted))) {
        return format!("; did you mean `{near}`?");
    }
    if let Some(near) = nearest(wanted, names.iter().copied()) {
        return format!("; did you mean `{near}`?");
    }
    if names.is_empty() || !list_them {
        return if list_them { "; the file has no columns at all".into() } else { String::new() };
    }
    let mut listed = String::new();
    let mut count = 0;
    for name in &names {
        let name = format!("{}`{name}`", if count == 0 { "" } else { ", " });
        if count > 0 && listed.chars().count() + name.chars().count() > NAMES_CHARACTERS {
            break;
        }
        listed.push_str(&name);
        count += 1;
    }
    let more = if count < names.len() { format!(" and {} more", names.len() - count) } else { String::new() };
    format!("{COLUMNS_THERE}{listed}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::fixtures::{Files, TRANSACTIONS};

    #[test]
    fn few_files_are_named_and_many_are_lines_below() {
        assert_eq!(some_files(1, Path::new("a")), "`a`");
        assert_eq!(some_files(17, Path::new("a")), "17 files (first: `a`)");
        let footers: Vec<FileFooter> =
            std::iter::repeat_n(Files::new().with("a", TRANSACTIONS).footers(), 4).flatten().collect();
        let worded = |files: usize| {
            let mut complaints = Complaints::new(&footers);
            (0..files).for_each(|file| complaints.add("x", "wrong", file));
            complaints.into_result().unwrap_err().to_string()
        };
        let name = quoted(&footers[0].path);
        assert_eq!(worded(2), format!("`x`: wrong in {name}, {name}"));
        let below = format!("\n  {name}").repeat(4);
        assert_eq!(worded(4), format!("the columns of the input do not fit\ncause: `x`: wrong in 4 files{below}"));
    }
}
