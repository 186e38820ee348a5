//! The targets of a campaign, counted with their responses, and the figures of it.

use chrono::NaiveDate;
use polars::prelude::*;
use serde_json::{Value, json};

use super::terms::Terms;
use crate::campaigns::cost::Cost;
use crate::campaigns::gains::{CellRate, gains};
use crate::campaigns::rates::Rate;
use crate::campaigns::results::{self, Counted, Figures, figures};
use crate::commands::campaign::candidates::WordsBuilder;
use crate::commands::campaign::groups::{BY, Grouped};
use crate::commands::campaign::responses::{Responses, Window};
use crate::day::days_of;
use crate::error::{Error, Result};
use crate::history::PublishedCampaign;
use crate::money::power_of_ten;
use crate::reports::campaigns::campaign_results::ResultRow;
use crate::reports::campaigns::{Stamp, campaign_gains, campaign_results};

/// A campaign with its figures.
pub(super) struct Evaluated {
    stamp: Stamp,
    rows: Vec<ResultRow>,
    cells: Vec<CellRate>,
    profit_per_response: Option<f64>,
    pub(super) window: Window,
    pub(super) known_until: Option<NaiveDate>,
    /// Responses of targets and control.
    pub(super) matched: u64,
    /// Responses of nobody in the campaign.
    pub(super) unmatched: u64,
    /// Responses outside the window.
    pub(super) outside: u64,
    pub(super) account: Value,
}

/// Counts the targets of a campaign.
///
/// # Errors
/// A source error where the table of targets is not as it was published.
pub(super) fn evaluated(
    campaign: &PublishedCampaign,
    terms: Terms,
    window: Window,
    responses: &Responses,
) -> Result<Evaluated> {
    let manifest = campaign.manifest();
    let counts = Counts::of(campaign, responses)?;
    let matched = counts.is_matched.iter().filter(|is_matched| **is_matched).count() as u64;
    let unmatched = responses.len() as u64 - matched + responses.nobody;
    let cells = counts.grouped.cells().map(cell_rate).filter(|cell| cell.rate.contacts > 0).collect();
    let Terms { profit_per_response, confidence, .. } = terms;
    let own =
        results::Terms { profit_per_response, confidence, minor_per_major: minor_per_major(manifest.money_scale) };
    let name = &manifest.campaign;
    let groups = counts.grouped.into_rows(name, counts.segments.names(), counts.cells.names());
    let mut rows = Vec::with_capacity(groups.len());
    for by in BY {
        let of: Vec<_> = groups.iter().filter(|(group, _)| group.by == by).collect();
        let counted: Vec<Counted> = of.iter().map(|(_, counted)| *counted).collect();
        let named = of.into_iter().zip(figures(&counted, own));
        rows.extend(named.map(|((group, _), figures)| ResultRow {
            campaign: name.clone(),
            group: group.clone(),
            figures,
        }));
    }
    let account = json!({"campaign": name, "on": window.on, "until": window.end(), "responders": responses.len(),
        "matched": matched, "of_nobody_in_the_campaign": unmatched, "outside_the_days": responses.outside});
    Ok(Evaluated {
        stamp: Stamp {
            as_of: days_of(manifest.as_of),
            campaign: name.clone(),
            scale: manifest.money_scale,
            money: manifest.money,
        },
        rows,
        cells,
        profit_per_response,
        window,
        known_until: responses.known_until,
        matched,
        unmatched,
        outside: responses.outside,
        account,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a power of ten up to six")]
fn minor_per_major(scale: u8) -> f64 {
    power_of_ten(scale) as f64
}

fn cell_rate(counted: &Counted) -> CellRate {
    let targets = counted.targets;
    CellRate { rate: Rate { responders: targets.responders, contacts: targets.customers }, cost: counted.cost }
}

/// The targets, summed.
struct Counts {
    grouped: Grouped<Counted>,
    segments: WordsBuilder,
    cells: WordsBuilder,
    /// Per responder, whether they are in the campaign.
    is_matched: Vec<bool>,
}

impl Counts {
    fn of(campaign: &PublishedCampaign, responses: &Responses) -> Result<Self> {
        let table = campaign.table("targets")?;
        let columns = ["customer_id", "group", "segment", "cell", "cost"];
        table.require(&columns)?;
        let mut counts = Self {
            grouped: Grouped::new(),
            segments: WordsBuilder::default(),
            cells: WordsBuilder::default(),
            is_matched: vec![false; responses.len()],
        };
        table.for_each_slice(&columns, |slice| {
            counts.add(slice, responses).map_err(|error| {
                Error::source(format!(
                    "the targets of `{}` are not as they were published",
                    campaign.directory().display()
                ))
                .cause(error)
            })
        })?;
        Ok(counts)
    }

    fn add(&mut self, slice: &DataFrame, responses: &Responses) -> PolarsResult<()> {
        let segments = self.segments.words(slice, "segment")?;
        let cells = self.cells.words(slice, "cell")?;
        let (groups, costs) = (slice.column("group")?.str()?, slice.column("cost")?.f64()?);
        let ids = slice.column("customer_id")?;
        let (integers, texts) = (ids.i64().ok(), ids.str().ok());
        for row in 0..slice.height() {
            let integer = integers.and_then(|ids| ids.get(row));
            let place = responses.place(integer, texts.and_then(|ids| ids.get(row)));
            if let Some(place) = place {
                self.is_matched[place] = true;
            }
            let revenue = place.map(|place| responses.revenue[place]);
            let is_control = groups.get(row) == Some("control");
            let cost = Cost::new(costs.get(row).unwrap_or_default()).unwrap_or_default().millionths();
            self.grouped.add(segments[row], cells[row], |counted| {
                if is_control {
                    counted.control.add(revenue);
                } else {
                    counted.targets.add(revenue);
                    counted.cost += i128::from(cost);
                }
            });
        }
        Ok(())
    }
}

impl Evaluated {
    /// The rows of `campaign_results`.
    pub(super) fn results(&self) -> PolarsResult<DataFrame> {
        campaign_results::table(&self.stamp, &self.rows)
    }

    /// The rows of `campaign_gains`.
    pub(super) fn gains(&self) -> PolarsResult<DataFrame> {
        let gains = gains(&self.cells, self.profit_per_response);
        let rows: Vec<_> = gains.into_iter().map(|gain| (self.stamp.campaign.clone(), gain)).collect();
        campaign_gains::table(&self.stamp, &rows)
    }

    /// The figures of the whole campaign.
    fn all(&self) -> Option<&Figures> {
        self.rows.first().map(|row| &row.figures)
    }

    /// For the manifest.
    pub(super) fn totals(&self) -> Value {
        let Some(all) = self.all() else { return Value::Null };
        let Counted { targets, control, .. } = all.counted;
        json!({"campaign": self.stamp.campaign, "contacts": targets.customers, "responders": targets.responders,
            "control_customers": control.customers, "control_responders": control.responders, "cost": all.cost,
            "profit": all.profit, "incremental_profit": all.against_control.and_then(|against| against.profit)})
    }

    /// For people.
    pub(super) fn summary(&self) -> String {
        let Some(all) = self.all() else { return String::new() };
        let Counted { targets, control, .. } = all.counted;
        let percent = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{:.2}%", 100.0 * share));
        let interval = all
            .interval
            .map(|interval| format!(" ({} to {})", percent(Some(interval.low)), percent(Some(interval.high))));
        let mut text = format!(
            "{}: {} responders of {} contacts, {}{}; cost {:.2}",
            self.stamp.campaign,
            targets.responders,
            targets.customers,
            percent(all.rate),
            interval.unwrap_or_default(),
            all.cost
        );
        if let Some(profit) = all.profit {
            let verdict = all.verdict.map(|verdict| format!(", {}", verdict.word()));
            text += &format!(
                ", profit {profit:.2}; break-even at {}{}",
                percent(all.break_even),
                verdict.unwrap_or_default()
            );
        }
        if let Some(against) = all.against_control {
            let (low, high) = (against.difference.interval.low, against.difference.interval.high);
            text += &format!(
                "\n  against {} held back, of whom {} bought: {:+.2} points ({:+.2} to {:+.2}), {:.1} more responders",
                control.customers,
                percent(Some(against.rate)),
                100.0 * against.difference.difference,
                100.0 * low,
                100.0 * high,
                against.responders
            );
        }
        text + "\n"
    }
}
