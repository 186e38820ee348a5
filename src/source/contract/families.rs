//! The kinds of one column in all files: those that widen into each other, and a complaint about the others.
//!
//! Does not live here: which kinds widen (`kinds::widening`).

use super::Need;
use crate::source::complaints::Complaints;
use crate::source::kinds::ColumnKind;

/// Kinds that widen into each other, and the files that have them.
#[derive(Default)]
pub(super) struct Families {
    /// In the order in which they were met.
    families: Vec<(ColumnKind, Vec<usize>)>,
}

impl Families {
    pub(super) fn add(&mut self, kind: &ColumnKind, file: usize) {
        for (known, files) in &mut self.families {
            if let Some(wide) = known.widened(kind) {
                *known = wide;
                files.push(file);
                return;
            }
        }
        self.families.push((kind.clone(), vec![file]));
    }

    /// The kind of most files (the first one met where several kinds have equally many); complains about the others.
    pub(super) fn agreed(mut self, need: &Need, complaints: &mut Complaints) -> Option<ColumnKind> {
        let most = self.families.iter().map(|(_, files)| files.len()).max()?;
        let chosen = self.families.iter().position(|(_, files)| files.len() == most)?;
        let (kind, files) = self.families.swap_remove(chosen);
        for (other, others) in self.families {
            let remark = format!(", but {kind} in {}", complaints.some_files(&files));
            for file in others {
                complaints.differs(&need.name, &other, file, &remark);
            }
            complaints.hint(drift_hint(&kind, &other));
        }
        Some(kind)
    }
}

fn drift_hint(a: &ColumnKind, b: &ColumnKind) -> &'static str {
    match (a, b) {
        (ColumnKind::Timestamp { .. }, ColumnKind::Timestamp { .. }) => {
            "timestamps with and without a time zone cannot be mixed: write all files in UTC, or all without a zone"
        }
        (ColumnKind::Int96, ColumnKind::Timestamp { .. }) | (ColumnKind::Timestamp { .. }, ColumnKind::Int96) => {
            "INT96 timestamps are in UTC and cannot be mixed with those without a time zone: write all files in UTC"
        }
        (ColumnKind::Date, ColumnKind::Timestamp { .. }) | (ColumnKind::Timestamp { .. }, ColumnKind::Date) => {
            "dates can be mixed with timestamps that have no time zone: of those in UTC it is unknown which zone the dates are of"
        }
        _ => "write this column with one type in all files",
    }
}
