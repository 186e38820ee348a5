//! `targets.csv`: the rows of `targets` that are to be contacted, for whoever contacts them.
//!
//! Does not live here: how CSV is written (`sheets::csv`).

use std::io::Write;

use rayon::prelude::*;

use crate::customers::CustomerIds;
use crate::error::Result;
use crate::files::os_error;
use crate::manifest::tables::TableFile;
use crate::publish::Staging;
use crate::reports::campaigns::targets::{Target, Targets};
use crate::sheets::csv;

/// Its name in the directory, and in the manifest.
const FILE: &str = "targets.csv";
const NAME: &str = "targets_csv";

const HEADER: [&str; 8] =
    ["campaign", "customer_id", "segment", "cell", "rank", "expected_response", "expected_profit", "cost"];

/// Rows that one thread writes at once.
const SHARE_ROWS: usize = 1 << 14;
/// Such shares that are in memory at once.
const SHARES: usize = 64;

/// # Errors
/// A write error where the disk refuses.
pub(super) fn write(staging: &Staging, targets: &Targets<'_>) -> Result<TableFile> {
    let path = staging.other_file(FILE);
    let failed = |error: &std::io::Error| os_error("written", &path, error);
    let mut file = staging.create_other(FILE)?;
    let mut header = Vec::new();
    csv::push_row(&mut header, HEADER.into_iter());
    file.write_all(&header).map_err(|error| failed(&error))?;
    let mut rows = 0;
    for (first, shares) in (0..).step_by(SHARES * SHARE_ROWS).zip(targets.rows.chunks(SHARES * SHARE_ROWS)) {
        let text = |(index, share): (usize, &[Target])| share_text(targets, share, first + index * SHARE_ROWS);
        let texts: Vec<(u64, Vec<u8>)> = shares.par_chunks(SHARE_ROWS).enumerate().map(text).collect();
        for (count, text) in texts {
            rows += count;
            file.write_all(&text).map_err(|error| failed(&error))?;
        }
    }
    let (_, seal) = file.finish().map_err(|error| failed(&error))?;
    staging.seal_other_as(FILE, seal.clone())?;
    Ok(TableFile { file: FILE.to_owned(), ..TableFile::new(NAME, rows, HEADER.len() as u64, seal) })
}

/// The rows of a share that are to be contacted, and how many they are; `first` is the rank of the first row, from 0.
fn share_text(targets: &Targets<'_>, share: &[Target], first: usize) -> (u64, Vec<u8>) {
    let (mut rows, mut text) = (0, Vec::with_capacity(share.len() * 64));
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    for (rank, target) in (first + 1..).zip(share).filter(|(_, target)| !target.is_control) {
        let row = target.row as usize;
        rows += 1;
        csv::push_text(&mut text, &targets.stamp.campaign);
        text.push(b',');
        match targets.ids {
            CustomerIds::Integer(ids) => text.extend(ids[row].to_string().bytes()),
            ids @ CustomerIds::Text { .. } => csv::push_text(&mut text, &String::from_utf8_lossy(ids.text(row))),
        }
        for word in [targets.segments.word(row), targets.cells.word(row)] {
            text.push(b',');
            csv::push_text(&mut text, word);
        }
        let (response, profit) = (number(target.response), number(target.profit));
        text.extend(format!(",{rank},{response},{profit},{}\r\n", target.cost).bytes());
    }
    (rows, text)
}
