//! Tables of settings by dotted names.

use toml::{Table, Value};

/// The table that contains the key of a dotted name, created where it is missing, and the last part of the name;
/// nothing if there is a value where a table is needed.
pub(super) fn table_of<'t, 'n>(root: &'t mut Table, name: &'n str) -> Option<(&'t mut Table, &'n str)> {
    let (section, short_name) = name.rsplit_once('.').unwrap_or(("", name));
    let table = section
        .split('.')
        .filter(|part| !part.is_empty())
        .try_fold(root, |table, part| table.entry(part).or_insert_with(|| Value::Table(Table::new())).as_table_mut());
    Some((table?, short_name))
}
