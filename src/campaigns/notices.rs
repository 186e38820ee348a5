//! What a reader of a campaign should know: warnings with codes, as those of a run.
//!
//! `docs/campaigns.md` says of each when it comes and what to do. Does not live here: errors, and warnings of runs (`warnings`).

use std::fmt::{self, Display, Formatter};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::warnings::WarningDetail;

/// The codes of all of them.
pub const CODES: &[&str] = &[
    "control_key_differs",
    "rates_without_campaign",
    "responses_taken_as_caused",
    "rates_pooled",
    "groups_without_rate",
    "unmatched_list",
    "unaffordable",
    "nobody_held_back",
    "small_cells",
    "unmatched_responses",
    "responses_outside_window",
    "window_not_over",
];

/// What was noticed. `Display` gives one line without a final stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", content = "facts", rename_all = "snake_case")]
pub enum Notice {
    /// Other campaigns of the output held back other customers.
    ControlKeyDiffers {
        /// These campaigns.
        campaigns: Vec<String>,
    },
    /// The rates are of customers whom nobody contacted.
    RatesWithoutCampaign {
        /// Where they come from.
        source: String,
    },
    /// No former campaign had a control, and nothing says which responses the contact causes.
    ResponsesTakenAsCaused {},
    /// All groups have one rate.
    RatesPooled {
        /// The rate.
        rate: f64,
        /// Why.
        why: String,
    },
    /// Customers are of groups whose rate is not known: they have the mean.
    GroupsWithoutRate {
        /// Cells, or segments.
        groups: Vec<String>,
        /// Their customers.
        customers: u64,
    },
    /// No id of a list is of a customer.
    UnmatchedList {
        /// The setting that names it.
        setting: String,
        /// Its path.
        path: String,
    },
    /// A contact with some costs more than the whole budget.
    Unaffordable {
        /// These customers.
        customers: u64,
    },
    /// A control was asked for, and nobody is in it.
    NobodyHeldBack {},
    /// Cells have fewer customers in a test than its precision needs.
    SmallCells {
        /// The cells.
        cells: Vec<String>,
    },
    /// Some responded whom the campaign does not know.
    UnmatchedResponses {
        /// How many.
        customers: u64,
    },
    /// Responses are dated outside the days of the campaign.
    ResponsesOutsideWindow {
        /// How many.
        rows: u64,
    },
    /// The orders end before the days of response do.
    WindowNotOver {
        /// The last day with an order.
        last_date: NaiveDate,
        /// The last day of the window.
        end: NaiveDate,
    },
}

/// Names that are shown of many.
const SHOWN: usize = 10;

fn some(names: &[String]) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

impl Display for Notice {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::ControlKeyDiffers { campaigns } => write!(
                f,
                "campaigns of this output held back customers by another key: {}; who is held back differs from theirs",
                some(campaigns)
            ),
            Self::RatesWithoutCampaign { source } => write!(
                f,
                "the rates are of a {source}, of customers whom no campaign contacted: `campaign.incremental_share` alone says what \
                 the contacts cause"
            ),
            Self::ResponsesTakenAsCaused {} => f.write_str(
                "no former campaign had a control: every response counts as caused by the contact; set `campaign.incremental_share`, \
                 or hold back a `campaign.control_share` this time",
            ),
            Self::RatesPooled { rate, why } => write!(f, "everybody has the rate {rate:.6}: {why}"),
            Self::GroupsWithoutRate { groups, customers } => {
                write!(f, "{customers} customers are of groups without a known rate, and have the mean: {}", some(groups))
            }
            Self::UnmatchedList { setting, path } => write!(f, "`{setting}`: no id of `{path}` is of a customer"),
            Self::Unaffordable { customers } => {
                write!(f, "{customers} customers are left out, since a contact costs more than the whole budget")
            }
            Self::NobodyHeldBack {} => {
                f.write_str("nobody is held back: the selection is too small for this `campaign.control_share`")
            }
            Self::SmallCells { cells } => {
                write!(f, "{} cells have fewer customers in the test than its precision needs: {}", cells.len(), some(cells))
            }
            Self::UnmatchedResponses { customers } => {
                write!(f, "{customers} customers responded whom the campaign does not know; they count nowhere")
            }
            Self::ResponsesOutsideWindow { rows } => {
                write!(f, "{rows} responses are dated outside the days of response of their campaign; they count nowhere")
            }
            Self::WindowNotOver { last_date, end } => {
                write!(f, "orders end on {last_date}, and the days of response on {end}: responses are still to come")
            }
        }
    }
}

impl Notice {
    /// In the form of manifests and answers.
    #[must_use]
    pub fn detail(&self) -> WarningDetail {
        let mut written = json!(self);
        let code = written["code"].as_str().unwrap_or_default().to_owned();
        let facts = match written.get_mut("facts").map(Value::take) {
            Some(Value::Object(facts)) => facts,
            _ => Map::new(),
        };
        WarningDetail { code, facts, text: self.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The codes that reading would take.
    fn codes() -> Vec<String> {
        let error = Notice::deserialize(json!({"code": "", "facts": {}})).unwrap_err().to_string();
        let (_, names) = error.split_once("expected").unwrap();
        names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_list_of_codes_is_complete_and_the_page_has_a_row_for_each() {
        assert_eq!(CODES, codes());
        let page = include_str!("../../docs/campaigns.md");
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
        let listed: BTreeSet<&str> = rows.map(|(code, _)| code).filter(|code| CODES.contains(code)).collect();
        assert_eq!(listed, CODES.iter().copied().collect());
    }

    #[test]
    fn a_notice_is_told_with_its_code_and_facts() {
        let detail = Notice::SmallCells { cells: vec!["11".into(), "12".into()] }.detail();
        assert_eq!((detail.code.as_str(), &detail.facts["cells"]), ("small_cells", &json!(["11", "12"])));
        assert_eq!(detail.text, "2 cells have fewer customers in the test than its precision needs: `11`, `12`");
        assert_eq!(Notice::NobodyHeldBack {}.detail().facts.len(), 0);
    }
}
