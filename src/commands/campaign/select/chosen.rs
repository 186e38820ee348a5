//! The choice among the candidates, and what it comes to.

use rayon::prelude::*;
use serde_json::{Value, json};

use super::noticed;
use crate::campaigns::budget::{Budget, Choice, Offer, choose};
use crate::campaigns::control::ControlKey;
use crate::campaigns::cost::{Cost, budget, major};
use crate::campaigns::notices::Notice;
use crate::campaigns::number;
use crate::campaigns::options::{CampaignOptions, Goal};
use crate::campaigns::verdict::break_even;
use crate::commands::campaign::candidates::Candidates;
use crate::commands::campaign::groups::Grouped;
use crate::commands::campaign::rates::Rates;
use crate::commands::campaign::source::Source;
use crate::customers::CustomerIds;
use crate::error::{Error, Result};
use crate::reports::campaigns::Group;
use crate::reports::campaigns::campaign_summary::Sums;
use crate::reports::campaigns::targets::Target;

/// Who is contacted and who is held back.
pub(super) struct Chosen {
    pub(super) rows: Vec<Target>,
    pub(super) groups: Vec<(Group, Sums)>,
    pub(super) totals: Value,
    pub(super) notices: Vec<Notice>,
    sums: Sums,
    bound: f64,
}

/// What contacts are worth.
struct Worth<'a> {
    options: &'a CampaignOptions,
    candidates: &'a Candidates,
    rates: &'a Rates,
}

impl Worth<'_> {
    fn cost(&self, row: usize) -> Cost {
        self.candidates.costs[usize::from(self.candidates.classes[row])]
    }

    /// The expected profit; none without a profit per response.
    fn profit(&self, row: usize) -> Option<f64> {
        let per_response = self.options.profit_per_response?;
        Some(self.rates.of[row] * per_response * self.rates.incremental_share - self.cost(row).major())
    }

    /// The offer of a candidate; none where the contact is not worth it.
    #[allow(clippy::cast_possible_truncation)] // fewer than 2^32 customers
    fn offer(&self, row: usize) -> Option<Offer> {
        let value = match self.options.goal {
            Goal::Profit => self.profit(row).filter(|profit| *profit > 0.0)?,
            Goal::People => self.rates.of[row] * self.rates.incremental_share,
        };
        Some(Offer { value, row: row as u32, class: self.candidates.classes[row] })
    }

    #[allow(clippy::cast_possible_truncation)] // fewer than 2^32 customers
    fn target(&self, row: usize, is_control: bool) -> Target {
        let profit = self.profit(row).map(|profit| if is_control { 0.0 } else { profit });
        let cost = if is_control { 0.0 } else { self.cost(row).major() };
        Target { row: row as u32, is_control, response: Some(self.rates.of[row]), profit, cost }
    }
}

impl Chosen {
    /// # Errors
    /// A quality error where nobody is chosen.
    pub(super) fn of(
        campaign: &str,
        options: &CampaignOptions,
        candidates: &Candidates,
        rates: &Rates,
        key: &ControlKey,
    ) -> Result<Self> {
        let worth = Worth { options, candidates, rates };
        let held = held_back(&candidates.ids, options.control_share, key);
        let offers: Vec<Offer> = (0..candidates.len()).into_par_iter().filter_map(|row| worth.offer(row)).collect();
        let mut is_worth = vec![false; candidates.len()];
        for offer in &offers {
            is_worth[offer.row as usize] = true;
        }
        let (held, open): (Vec<Offer>, Vec<Offer>) = if held.is_empty() {
            (Vec::new(), offers)
        } else {
            offers.into_iter().partition(|offer| held[offer.row as usize])
        };
        let limits = Budget { contacts: options.max_contacts, money: options.max_cost.and_then(budget) };
        let choice = choose(open, held, &candidates.costs, limits);
        let grouped = sums(&worth, &choice, &is_worth);
        let all = *grouped.all();
        if all.targets == 0 {
            return Err(nobody(&all, &choice));
        }
        let rows =
            choice.walked.iter().map(|walked| worth.target(walked.offer.row as usize, walked.is_control)).collect();
        let notices = [
            noticed(choice.unaffordable > 0, || Notice::Unaffordable { customers: choice.unaffordable }),
            noticed(options.control_share > 0.0 && all.control == 0, || Notice::NobodyHeldBack {}),
        ];
        Ok(Self {
            rows,
            groups: grouped.into_rows(campaign, &candidates.segments.names, &candidates.cells.names),
            totals: totals(&all, options, rates, choice.bound),
            notices: notices.into_iter().flatten().collect(),
            sums: all,
            bound: choice.bound,
        })
    }

    /// For people.
    pub(super) fn summary(&self, source: &Source) -> String {
        let (sums, options) = (&self.sums, &source.config.campaign);
        let mut lines = vec![format!(
            "{} targets and {} held back of {} candidates on {}; {} cut off by the budget, {} not worth a contact",
            sums.targets,
            sums.control,
            sums.candidates,
            source.on,
            sums.cut_off(),
            sums.not_worth
        )];
        let responses = format!("expected: {:.1} responses", sums.responses);
        lines.push(match options.profit_per_response {
            Some(profit) => {
                let mean = major(sums.cost) / number(sums.targets);
                let even = break_even(mean, profit).map_or("-".to_owned(), |rate| format!("{:.4}%", 100.0 * rate));
                format!("{responses}, cost {:.2}, profit {:.2}; break-even at {even}", major(sums.cost), sums.profit)
            }
            None => format!("{responses}, cost {:.2}", major(sums.cost)),
        });
        if options.max_contacts.is_some() || options.max_cost.is_some() {
            let what = if options.goal == Goal::Profit { "profit" } else { "people" };
            lines.push(format!("no choice within the budget has more {what} than {:.2}", self.bound));
        }
        lines.join("\n") + "\n"
    }
}

/// Which candidates are held back if the walk meets them; empty where nobody is.
fn held_back(ids: &CustomerIds, share: f64, key: &ControlKey) -> Vec<bool> {
    if share <= 0.0 {
        return Vec::new();
    }
    match ids {
        CustomerIds::Integer(ids) => ids.par_iter().map(|id| key.u(id.to_string().as_bytes()) < share).collect(),
        ids @ CustomerIds::Text { .. } => {
            (0..ids.len()).into_par_iter().map(|row| key.u(ids.text(row)) < share).collect()
        }
    }
}

/// What the choice comes to, by segment and cell.
fn sums(worth: &Worth<'_>, choice: &Choice, is_worth: &[bool]) -> Grouped<Sums> {
    let candidates = worth.candidates;
    let mut walked: Vec<Option<bool>> = vec![None; candidates.len()];
    for met in &choice.walked {
        walked[met.offer.row as usize] = Some(met.is_control);
    }
    let mut grouped: Grouped<Sums> = Grouped::new();
    for row in 0..candidates.len() {
        let (response, profit) = (worth.rates.of[row], worth.profit(row).unwrap_or_default());
        let (cost, state) = (i128::from(worth.cost(row).millionths()), walked[row]);
        grouped.add(candidates.segments.of[row], candidates.cells.of[row], |sums| {
            sums.candidates += 1;
            match state {
                Some(true) => sums.control += 1,
                Some(false) => {
                    sums.targets += 1;
                    sums.cost += cost;
                    sums.responses += response;
                    sums.profit += profit;
                }
                None if is_worth[row] => sums.cut_off_profit += profit,
                None => sums.not_worth += 1,
            }
        });
    }
    grouped
}

fn totals(sums: &Sums, options: &CampaignOptions, rates: &Rates, bound: f64) -> Value {
    let profit = options.profit_per_response.map(|_| sums.profit);
    let left = options.max_cost.map(|most| most - major(sums.cost));
    json!({"candidates": sums.candidates, "targets": sums.targets, "control": sums.control, "cut_off": sums.cut_off(),
        "not_worth": sums.not_worth, "cost": major(sums.cost), "money_left": left, "expected_responses": sums.responses,
        "incremental_share": rates.incremental_share, "expected_profit": profit, "bound": bound})
}

fn nobody(sums: &Sums, choice: &Choice) -> Error {
    let mut causes =
        vec![format!("of {} candidates {} are not expected to pay for a contact", sums.candidates, sums.not_worth)];
    if choice.unaffordable > 0 {
        causes.push(format!("a contact with {} of them costs more than the whole budget", choice.unaffordable));
    }
    if sums.control > 0 {
        causes.push(format!("{} are held back", sums.control));
    }
    Error::quality("nobody is worth a contact")
        .causes(causes)
        .hint("look at --cost, --profit and the rates; --goal people does not ask whether a contact pays for itself")
}
