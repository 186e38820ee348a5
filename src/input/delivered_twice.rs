//! Files that seem to be delivered twice: of one size, with the same rows and the same footer.
//!
//! Does not live here: rows that repeat others (`passes::repeats`).

use std::collections::HashMap;

use crate::input::Input;
use crate::input::part::InputPart;
use crate::source::footers::FileFooter;
use crate::warnings::{Facts, Warning};

/// A warning where files of the input are the same as an earlier one of them.
pub(crate) fn warning(input: &Input) -> Option<Warning> {
    let mut known: HashMap<(u64, u64, u64), (&InputPart, &FileFooter)> = HashMap::new();
    let mut pairs = Vec::new();
    let files = input.parts.iter().flat_map(|part| part.contract.files.iter().map(move |file| (part, file)));
    for (part, file) in files.filter(|(_, file)| file.rows > 0) {
        let (first_part, first) = *known.entry((file.size_bytes, file.rows, file.checksum)).or_insert((part, file));
        let is_same = std::ptr::eq(first, file);
        // One file may hold the rows of several inputs, which filters tell apart.
        let is_shared = first.path == file.path && (first_part.filter.is_some() || part.filter.is_some());
        if !is_same && !is_shared {
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
