//! The table of old ids of customers, read before any row is judged.
//!
//! Does not live here: chains and contradictions (`clean::aliases`).

use polars_arrow::array::Utf8ViewArray;

use super::lookup_ids::{self, IdColumnOf};
use crate::clean::aliases::{AliasFault, Aliases};
use crate::config::Config;
use crate::error::{Error, Result, SHOWN};
use crate::source::lookup::{LookupFooters, LookupIds, LookupRows};

/// The key of its path.
pub(crate) const SETTING: &str = "customers.aliases";

/// The old ids; none where no table is named.
///
/// # Errors
/// A source error where the table cannot be used, with the rows that contradict one another.
pub(super) fn aliases(config: &Config, has_text_ids: bool, nobody: &[String]) -> Result<Aliases> {
    let options = &config.customers;
    let Some(path) = &options.aliases else { return Ok(Aliases::default()) };
    let footers = LookupFooters::read(path)?;
    let columns = [footers.first_of(&[&options.old_id])?, footers.first_of(&options.new_ids())?];
    let of = columns.each_ref().map(|column| IdColumnOf { setting: SETTING, column });
    of.into_iter().try_for_each(|of| lookup_ids::refuse_other_type(of, &footers, has_text_ids))?;
    let rows = LookupRows::of(&footers, &columns)?;
    let (old, new) = (lookup_ids::complete(of[0], &rows, config)?, lookup_ids::complete(of[1], &rows, config)?);
    refuse_nobody([&old, &new], &columns, &rows, nobody)?;
    let built = match (old, new) {
        (LookupIds::Integer(old), LookupIds::Integer(new)) => Aliases::of_integers(old.values(), new.values()),
        (LookupIds::Text(old), LookupIds::Text(new)) => Aliases::of_texts(without_nulls(old), without_nulls(new)),
        _ => return Err(Error::bug("old ids and new ones of two types")),
    };
    built.map_err(|faults| contradiction(&faults, &rows))
}

/// A column without a null has no need to be asked for them.
fn without_nulls(texts: Utf8ViewArray) -> Utf8ViewArray {
    texts.with_validity(None)
}

/// An id that stands for no customer can be no old one and no new one.
fn refuse_nobody(ids: [&LookupIds; 2], columns: &[String], rows: &LookupRows, nobody: &[String]) -> Result<()> {
    if nobody.is_empty() {
        return Ok(());
    }
    let is_nobody = |id: &String| nobody.contains(id);
    let found = ids.into_iter().zip(columns).flat_map(|(ids, column)| {
        let shown = (0..ids.len()).filter_map(|row| Some((row, ids.shown(row).filter(is_nobody)?)));
        shown.map(move |(row, id)| format!("{}: `{column}` is `{id}`", rows.place(row)))
    });
    let found: Vec<String> = found.take(SHOWN + 1).collect();
    if found.is_empty() {
        return Ok(());
    }
    Err(Error::source(format!("`{SETTING}` has ids of `clean.nobody_ids`, which stand for no customer"))
        .causes(found)
        .hint("leave these rows out at their source"))
}

fn contradiction(faults: &[AliasFault], rows: &LookupRows) -> Error {
    let line = |fault: &AliasFault| match fault {
        AliasFault::TwoTargets { old, rows: [first, second], new: [one, other] } => {
            format!("`{old}` has become `{one}` ({}) and `{other}` ({})", rows.place(*first), rows.place(*second))
        }
        AliasFault::Circle { ids } => {
            let shown = ids.iter().chain(ids.first()).map(|id| format!("`{id}`"));
            format!("in a circle: {}", shown.collect::<Vec<_>>().join(" -> "))
        }
    };
    Error::source(format!("`{SETTING}` contradicts itself"))
        .causes(faults.iter().map(line))
        .hint("give each old id one row with the id that it has become, and the current id none")
}
