//! `rfmetrics compare`: who moved between two published dates, without any transactions.
//!
//! Lives here: the flags, the order of the steps, and publishing the tables. Does not live here: reading the dates (`published`),
//! whether they fit (`fit`), the later date by the breaks of the earlier one (`frozen`), and the figures (`time`).
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

mod column;
mod fit;
mod frozen;
mod published;
mod tables;
pub(crate) mod text;

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use serde_json::{Value, json};

use super::Answer;
use crate::cli::Format;
use crate::day::date_of;
use crate::error::{Error, Result};
use crate::job::rescored;
use crate::time::migration::{Sums, flows, moves};
use crate::time::{By, Comparison, Frozen, Grouping};
use crate::warnings::{self, Facts, NoFrozenBreaks, Warning};
use published::Published;

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics compare reports/as_of=2026-01-31 reports/as_of=2026-02-28
  rfmetrics compare reports/as_of=2026-01-31 reports/as_of=2026-02-28 --by octant --by stage
  rfmetrics compare reports/as_of=2026-01-31 reports/as_of=2026-02-28 --output moves --customers
  rfmetrics compare reports/as_of=2026-01-31 reports/as_of=2026-02-28 --format json

Moves are told twice: `frozen` scores both dates with the breaks of the earlier one, so that a
move is what a customer did; `published` takes each date as its tables have it, with breaks that
may have moved.";

/// Show who moved between two published dates, by behaviour and by breaks
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CompareArgs {
    /// The published directory of the earlier date (`reports/as_of=2026-01-31`)
    #[arg(value_name = "DIR_A", value_hint = ValueHint::DirPath)]
    pub before: PathBuf,
    /// The published directory of the later date
    #[arg(value_name = "DIR_B", value_hint = ValueHint::DirPath)]
    pub after: PathBuf,
    /// What parts the customers; may be given more than once [default: segment]
    #[arg(long, value_enum, value_name = "BY")]
    pub by: Vec<PartedBy>,
    /// Publish `migration` and `migration_flows` to `OUTPUT/as_of=DATE`, DATE being the later one [default: print only]
    #[arg(long, value_name = "OUTPUT", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
    /// Publish `migration_customers`, too: where each customer stood and stands
    #[arg(long, requires = "output")]
    pub customers: bool,
    /// Form of the answer on standard output [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
}

/// What parts the customers, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PartedBy {
    /// The segment of the run's own map
    Segment,
    /// The octant: better or not in recency, frequency and money
    Octant,
    /// The stage of the life cycle, of the map `lifecycle`
    Stage,
}

impl From<PartedBy> for By {
    fn from(typed: PartedBy) -> Self {
        match typed {
            PartedBy::Segment => Self::Segment,
            PartedBy::Octant => Self::Octant,
            PartedBy::Stage => Self::Stage,
        }
    }
}

impl CompareArgs {
    /// # Errors
    /// A config error where a directory holds no published run, or the two cannot be compared; a source error where their
    /// customers cannot be read; a write error where the tables cannot be published.
    pub(crate) fn answer(&self) -> Result<Answer> {
        let before = Published::open(&self.before)?;
        let after = Published::open(&self.after)?;
        fit::check(&before, &after)?;
        let mut warnings = fit::warnings(&before, &after);
        let frozen = match frozen::frozen(&before, &after) {
            Ok(frozen) => Some(frozen),
            Err(error) => {
                warnings.push(no_frozen_breaks(before.as_of, &error));
                None
            }
        };
        let mut by: Vec<By> = self.by.iter().copied().map(By::from).collect();
        if by.is_empty() {
            by.push(By::Segment);
        }
        let form = tables::form(&after);
        let comparison = compared(before, after, frozen, &by)?;
        let published = match &self.output {
            None => None,
            Some(output) => {
                let inputs = [self.before.clone(), self.after.clone()];
                Some(tables::publish(output, &inputs, &comparison, (form, self.customers), &warnings)?)
            }
        };
        let path = published.as_ref().map(|path| format!("{}\n", path.display())).unwrap_or_default();
        let text = || text::render(&comparison, &by, form.scale, &warnings) + &path;
        let json = || {
            let mut answer = as_json(&comparison, form.scale, &warnings);
            answer["path"] = json!(published);
            answer
        };
        Ok(Answer::of(self.format, text, json))
    }
}

/// The warning of scores that cannot be made with the breaks of the earlier date.
pub(crate) fn no_frozen_breaks(compared_with: i32, error: &Error) -> Warning {
    let reason = std::iter::once(error.headline()).chain(error.shown_causes()).collect::<Vec<_>>().join(": ");
    Facts::NoFrozenBreaks(NoFrozenBreaks { compared_with: date_of(compared_with), reason }).into()
}

/// Both dates side by side, by what is asked for.
fn compared(before: Published, after: Published, frozen: Option<Frozen>, by: &[By]) -> Result<Comparison> {
    let with_stages = |mut own: Published| -> Result<_> {
        let grouping = by.contains(&By::Stage).then(|| stages(&own)).transpose()?;
        own.standing.groupings.extend(grouping);
        own.standing.groupings.retain(|own| by.contains(&own.by) || own.by == By::Segment);
        Ok(own.standing)
    };
    let (before, after) = (with_stages(before)?, with_stages(after)?);
    let frozen = frozen.map(|mut frozen| {
        // Stages have no breaks: they are the same by those of any date.
        frozen.groupings.extend(after.grouping(By::Stage).cloned());
        frozen.groupings.retain(|own| by.contains(&own.by) || own.by == By::Segment);
        frozen
    });
    Ok(Comparison::new(before, after, frozen))
}

/// The stages of the life cycle; members who never bought are in none, and stand with their segment.
fn stages(own: &Published) -> Result<Grouping> {
    let settings = own.settings.own_scoring();
    if own.settings.may_lack_orders() && own.customers.orders_ever.is_empty() {
        return Err(Error::config(format!("`{}` cannot be compared by stage", own.path))
            .cause("with a window, stages look at orders of all days, and it has no column `orders_ever`")
            .hint("publish both dates with `compare.by = [\"stage\"]`, or with the segment map `lifecycle`"));
    }
    let stages = rescored::stages(&settings, &own.customers, own.as_of, own.settings.reports.abc_limits)?;
    Ok(frozen::with_others(stages, &own.are_customers, crate::segment::PROSPECTS))
}

/// The answer for programs.
fn as_json(comparison: &Comparison, scale: u8, warnings: &[Warning]) -> Value {
    let all = moves(comparison);
    let sums =
        |sums: Option<Sums>| sums.map(|sums| crate::job::summary::money(sums.revenue.into(), scale).replace(',', ""));
    let moves: Vec<Value> = all
        .iter()
        .map(|own| {
            json!({"basis": own.basis.name(), "by": own.by.name(), "from_segment": own.from, "to_segment": own.to,
                "customers": own.customers, "from_revenue": sums(own.before), "to_revenue": sums(own.after)})
        })
        .collect();
    let flows: Vec<Value> = flows(&all)
        .iter()
        .map(|flow| {
            json!({"basis": flow.basis.name(), "by": flow.by.name(), "segment": flow.group, "in": flow.entered,
                "out": flow.left})
        })
        .collect();
    json!({"as_of": date_of(comparison.after.as_of), "compared_with": date_of(comparison.before.as_of),
        "migration": moves, "migration_flows": flows, "warnings": warnings::sentences(warnings),
        "warning_details": warnings::details(warnings)})
}
