//! The third stage: the customers scored and grouped. `explain` and users of the library stop here.
//!
//! Lives here: the findings, put together once from what the stages before give. Does not live here: any formula (`scoring`).

use rayon::prelude::*;

use super::Job;
use super::gathered::Gathered;
use super::groups;
use super::known_attributes::KnownAttributes;
use super::rule_columns;
use crate::clean::judge::Rules;
use crate::config::Config;
use crate::customers::Customers;
use crate::error::Result;
use crate::input::Input;
use crate::manifest::LookupEntry;
use crate::passes::attributes::Attributes;
use crate::predict::{LoadedModels, Predictions, years};
use crate::progress::Progress;
use crate::quality::returns;
use crate::reports::findings::Findings;
use crate::reports::groups as grid;
use crate::schema::ColumnEntry;
use crate::scoring::{self, PlannedScoring, ScoredCustomers, Scoring, Scorings, warnings};
use crate::warnings::Warning;

/// Everything that is known of the customers once they are scored.
#[derive(Debug)]
pub struct Scored {
    pub(super) job: Job,
    pub(crate) input: Input,
    /// The rules that the rows were judged by.
    pub(crate) rules: Rules,
    pub(crate) findings: Findings,
    /// What a reader of the tables should know.
    pub(super) warnings: Vec<Warning>,
    pub(crate) attributes: Attributes,
    /// The files of lookup tables.
    pub(super) sealed: Vec<LookupEntry>,
    /// The models of an earlier run, where the settings name one.
    pub(crate) models: Option<LoadedModels>,
}

impl Gathered {
    /// Scores and groups the customers.
    ///
    /// # Errors
    /// A config error where frozen breaks do not fit the run.
    pub fn score(self) -> Result<Scored> {
        Scored::score(self)
    }
}

impl Scored {
    /// # Errors
    /// A config error where an axis has no usable values; an overflow of sums.
    pub(super) fn score(gathered: Gathered) -> Result<Self> {
        let Gathered { mut job, input, scorings, as_of, rules, customers, attributes, account, models, .. } = gathered;
        let config = job.config();
        let rows = customers.len() as u64;
        let reports = &config.reports;
        job.progress.stage("score");
        let (days, lookups) = (gathered.predictions, gathered.lookups);
        let members = lookups.members.as_ref();
        let known = KnownAttributes { of_input: &attributes, of_members: members };
        let report_groups = groups::by(&reports.by, known, customers.len())?;
        let beside = (days.predictions.as_ref(), known);
        let scored = score_all(scorings, (&customers, as_of), beside, reports.abc_limits);
        job.progress.finish();
        let ScoredCustomers { recency_days, scorings, octants, octant, ranking } = scored?;
        let further_columns = further_columns(config, &customers);
        let may_lack_orders = config.may_lack_orders() || customers.orders.par_iter().any(|orders| *orders == 0);
        let has_cells_without_orders = may_lack_orders || members.is_some_and(|members| members.are_counted);
        let findings = Findings {
            as_of,
            scale: config.clean.money_scale,
            money: config.output.money,
            grid_cell: grid::grid_cells(
                &recency_days,
                &customers.orders,
                reports.grid_recency_days,
                reports.grid_orders,
            ),
            grid_cells: if has_cells_without_orders { grid::CELLS_WITHOUT_ORDERS } else { grid::CELLS },
            may_lack_orders,
            grid_recency_days: reports.grid_recency_days,
            grid_orders: reports.grid_orders,
            customers,
            recency_days,
            scorings,
            octants,
            octant,
            ranking,
            report_groups,
            pareto_groups: reports.pareto_groups as usize,
            account,
            further_columns,
            predictions: days.predictions,
            years: days.years,
            planned_years: years::planned_years(&config.predict),
            planned_ltv: lookups.planned_ltv,
            social: lookups.social,
            members: lookups.members,
        };
        let mut warnings = of_scorings(&findings.scorings);
        let (customers, tally) = (&findings.customers, &findings.account.tally);
        warnings.extend(returns::of_returns(customers, tally, config.clean.returns, findings.scale));
        warnings.extend(warnings::of_customers(customers, &findings.ranking));
        warnings.extend(findings.predictions.iter().flat_map(of_predictions));
        warnings.extend(gathered.warnings);
        job.stages.end("score", rows);
        Ok(Self { job, input, rules, findings, warnings, attributes, sealed: lookups.sealed, models })
    }

    pub(crate) const fn config(&self) -> &Config {
        self.job.config()
    }

    /// What is known of the customers beside what they bought.
    pub(crate) const fn known_attributes(&self) -> KnownAttributes<'_> {
        KnownAttributes { of_input: &self.attributes, of_members: self.findings.members.as_ref() }
    }

    pub(crate) const fn progress(&self) -> &Progress {
        &self.job.progress
    }
}

/// Scores and groups the customers, by what stands beside them, too. Where there are members, every map has the segment of those
/// who never bought.
fn score_all(
    scorings: Scorings<PlannedScoring>,
    (customers, as_of): (&Customers, i32),
    beside: (Option<&Predictions>, KnownAttributes<'_>),
    abc_limits: [f64; 2],
) -> Result<ScoredCustomers> {
    let scorings = rule_columns::with_beside(scorings, beside, customers.len())?;
    let groups = groups::of_scorings(&scorings, beside.1, customers.len())?;
    let scored = scoring::score(scorings, &groups, customers, as_of, abc_limits)?;
    Ok(match beside.1.of_members {
        Some(members) => scored.with_prospects(members.counted_before()),
        None => scored,
    })
}

/// Columns of `customers` that settings ask for; those of all days are there where a segment map asks for them.
fn further_columns(config: &Config, customers: &Customers) -> Vec<&'static ColumnEntry> {
    let is_known = !customers.orders_ever.is_empty();
    let mut columns = config.further_columns();
    columns.retain(|column| is_known || !column.name.ends_with("_ever"));
    columns
}

/// The warnings of every scoring, those of further ones with their names.
fn of_scorings(scorings: &Scorings<Scoring>) -> Vec<Warning> {
    let mut found = scorings.own.warnings.clone();
    for Scoring { name, warnings, .. } in &scorings.further {
        found.extend(warnings.iter().cloned().map(|warning| warning.in_scoring(name)));
    }
    found
}

fn of_predictions(predictions: &Predictions) -> Vec<Warning> {
    let of_calibration = predictions.calibration.iter().flat_map(|found| &found.warnings);
    predictions.learned.warnings.iter().chain(of_calibration).cloned().collect()
}
