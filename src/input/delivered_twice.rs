//! Files that seem to be delivered twice: of one size, with the same rows and the same footer.
//!
//! Does not live here: rows that repeat others (`passes::repeats`).

use std::collections::HashMap;

use crate::input::Input;
use crate::source::footers::FileFooter;
use crate::warnings::{Facts, Warning};

/// A warning where files of the input are the same as an earlier one of them.
pub(crate) fn warning(input: &Input) -> Option<Warning> {
    let mut known: HashMap<(u64, u64, u64), &FileFooter> = HashMap::new();
    let mut pairs = Vec::new();
    for file in input.contract.files.iter().filter(|file| file.rows > 0) {
        let first = *known.entry((file.size_bytes, file.rows, file.checksum)).or_insert(file);
        if !std::ptr::eq(first, file) {
            pairs.push((first, file));
        }
    }
    let (first, second) = pairs.first()?;
    let name = |file: &FileFooter| file.path.display().to_string();
    let facts = Facts::DeliveredTwice {
        first: name(first),
        second: name(second),
        files: pairs.len() as u64,
        rows: pairs.iter().map(|(_, second)| second.rows).sum(),
    };
    Some(facts.into())
}
