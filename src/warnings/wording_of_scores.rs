//! The sentences about scores.
//!
//! Does not live here: those about everything else (`wording`).

use super::facts::Facts;
use super::parts::CommonValue;

/// The sentences about scores.
pub(super) fn of_scores(facts: &Facts) -> String {
    match facts {
        Facts::EmptyBins { measure, score, empty, most_common } => {
            empty_bins(measure, score, empty, most_common.as_ref())
        }
        Facts::FewValues { measure, score, distinct, bins } => {
            let noun = if *distinct == 1 { "value" } else { "values" };
            format!("`{measure}` has {distinct} distinct {noun}, fewer than the {bins} bins of the {score} score")
        }
        Facts::SplitTies { measure, score, customers, share } => format!(
            "{:.1}% of customers ({customers}) share their `{measure}` with a customer of another {score} score: ntile splits \
             equal values by customer id; `quantile` does not",
            share * 100.0
        ),
        other => other.code().to_owned(),
    }
}

fn empty_bins(measure: &str, score: &str, empty: &[u32], most_common: Option<&CommonValue>) -> String {
    let reason = most_common.map(|CommonValue { value, share }| {
        let percent = share * 100.0;
        format!("{percent:.1}% of customers have `{measure}` = {value}: ")
    });
    let noun = if empty.len() == 1 { "bin" } else { "bins" };
    let list: Vec<String> = empty.iter().map(ToString::to_string).collect();
    let (reason, list) = (reason.unwrap_or_default(), list.join(", "));
    format!("{reason}the {score} score has {} empty {noun} ({list})", empty.len())
}
