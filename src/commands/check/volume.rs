//! What a check says of the rows against those of the previous run. The footers tell how many rows there are; how many of them
//! a filter leaves, only the run can tell.
//!
//! Does not live here: which run is the previous one (`job::previous_run`), and how many rows are enough (`quality`).

use serde::Serialize;

use crate::config::Config;
use crate::error::Result;
use crate::input::Input;
use crate::job::previous_run::PreviousRun;
use crate::job::summary::grouped;
use crate::warnings::Facts;

/// The rows of this run and of the previous one; what is not known before the run is none.
#[derive(Debug, Default, Serialize)]
pub(crate) struct VolumeReport {
    /// The analysis date of the previous run; none where the one of this run is not known.
    previous_as_of: Option<String>,
    previous_rows: Option<u64>,
    /// The rows that this run would read.
    rows: Option<u64>,
    /// Why only the run can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown_because: Option<&'static str>,
}

/// What is foreseen of the rows.
pub(super) struct ForeseenVolume {
    pub(super) report: VolumeReport,
    /// What the run would warn of, or stop at.
    pub(super) found: Result<Vec<Facts>>,
}

/// Compares the rows as the run will, as far as they are known; none where nothing will be compared.
pub(super) fn foresee(input: &Input, config: &Config) -> Option<ForeseenVolume> {
    let Some(as_of) = input.rules.as_of else {
        let because = "the analysis date is not set, and the previous run is the one before it";
        let report = VolumeReport { unknown_because: Some(because), ..VolumeReport::default() };
        let is_asked = config.quality.min_share_of_previous_rows.is_some();
        return is_asked.then_some(ForeseenVolume { report, found: Ok(Vec::new()) });
    };
    let previous = PreviousRun::find(config, as_of)?;
    let rows_of: Vec<u64> = input.parts.iter().map(|part| part.contract.rows).collect();
    let is_exact = !input.has_filter();
    // Where a filter may leave fewer, too few are too few all the more; how many it leaves is not known.
    let found = previous.compare(input, config, &rows_of).map(|facts| if is_exact { facts } else { Vec::new() });
    let report = VolumeReport {
        previous_as_of: Some(previous.as_of.to_string()),
        previous_rows: Some(previous.rows),
        rows: is_exact.then(|| rows_of.iter().sum()),
        unknown_because: (!is_exact).then_some("a filter leaves some of the rows"),
    };
    Some(ForeseenVolume { report, found })
}

impl VolumeReport {
    /// As a line.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn line(&self) -> String {
        let previous = self.previous_as_of.as_ref().zip(self.previous_rows);
        let of = previous.map(|(as_of, rows)| format!("{} rows in the run of {as_of}", grouped(rows)));
        let of = of.unwrap_or_else(|| "those of the previous run".to_owned());
        match (self.rows, self.previous_rows) {
            (Some(rows), Some(previous)) if previous > 0 => {
                let percent = 100.0 * rows as f64 / previous as f64;
                format!("{} rows, {percent:.1}% of the {of}", grouped(rows))
            }
            (Some(rows), _) => format!("{} rows, against {of}", grouped(rows)),
            (None, _) => {
                let because = self.unknown_because.unwrap_or_default();
                format!("against {of}: only the run can tell, since {because}")
            }
        }
    }
}
