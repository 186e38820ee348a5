//! Everything that is known of the customers once they are scored: what the reports are made of.
//!
//! Lives here: the columns beside the customers table. Does not live here: how they are computed (`score`,
//! `segment`, `ranking`, `groups`).

use super::ranking::Ranking;
use super::tables::drift::AxisDrift;
use super::tables::scorings::{Beside, Further};
use crate::clean::outcome::Tally;
use crate::clean::quarantine::Rejected;
use crate::customers::Customers;
use crate::predict::{Money, PlannedYear, Predictions, Years};
use crate::publish::options::MoneyType;
use crate::schema::ColumnEntry;
use crate::score::{Cells, ScoreBound};
use crate::segment::{Octants, SegmentMap};
use crate::social::Social;

/// The bounds of one axis' scores.
#[derive(Debug, Clone)]
pub struct AxisBounds {
    /// The measure's column name.
    pub measure: &'static str,
    /// Decimals of the bounds' values.
    pub decimals: u32,
    /// One entry per score.
    pub bounds: Vec<ScoreBound>,
}

/// A bad row and where it stands.
#[derive(Debug, Clone)]
pub struct LocatedReject {
    /// The row.
    pub rejected: Rejected,
    /// The file's path.
    pub file: String,
    /// Number of the row in the file, from 0.
    pub row: Option<u64>,
}

/// The row account as published.
#[derive(Debug, Clone)]
pub struct Account {
    /// Rows and amounts per outcome.
    pub tally: Tally,
    /// Amounts of rows outside the window are not known where the scan left them unread.
    pub cut_amounts_known: bool,
    /// The sample of bad rows.
    pub rejects: Vec<LocatedReject>,
    /// Rows that repeat others, whatever became of them; none where that was not counted.
    pub repeated_rows: Option<u64>,
}

/// The customers, scored and grouped. Vectors have one entry per customer, in the order of the table.
#[derive(Debug)]
pub struct Findings {
    /// The measures.
    pub customers: Customers,
    /// The analysis date, days since 1970-01-01.
    pub as_of: i32,
    /// Decimals of money.
    pub scale: u8,
    /// How money is stored.
    pub money: MoneyType,
    /// Days since the last order.
    pub recency_days: Vec<i32>,
    /// Recency scores.
    pub r_score: Vec<i32>,
    /// Frequency scores.
    pub f_score: Vec<i32>,
    /// Monetary scores.
    pub m_score: Vec<i32>,
    /// Whether the scores are nested, so that values of one score lie in groups.
    pub is_nested: bool,
    /// The cells of the scores.
    pub cells: Cells,
    /// What each score means, per axis.
    pub bounds: Vec<AxisBounds>,
    /// The segment map.
    pub map: SegmentMap,
    /// Per customer the place of his segment in the map.
    pub segment: Vec<u16>,
    /// The octants.
    pub octants: Octants,
    /// Per customer the place of his octant in their list.
    pub octant: Vec<u16>,
    /// 1 to 25.
    pub grid_cell: Vec<u8>,
    /// Upper limits in days of the first four recency bands.
    pub grid_recency_days: [u32; 4],
    /// Orders of the first four columns of the grid.
    pub grid_orders: [u32; 4],
    /// The revenue order.
    pub ranking: Ranking,
    /// Number of groups of `pareto`.
    pub pareto_groups: usize,
    /// The row account.
    pub account: Account,
    /// Composites and clusters of the run's own scoring.
    pub beside: Beside,
    /// Columns of `customers` that settings ask for, behind its own.
    pub further_columns: Vec<&'static ColumnEntry>,
    /// The other scorings of the run.
    pub further: Vec<Further>,
    /// How far the axes have moved since the run whose breaks were taken.
    pub drift: Vec<AxisDrift>,
    /// What is expected of the customers, where it is asked for.
    pub predictions: Option<Predictions>,
    /// What they brought in each of their years, likewise, and what of it is profit.
    pub years: Option<(Years, Money)>,
    /// The plain formula over given profits; empty where none are.
    pub planned_years: Vec<PlannedYear>,
    /// Their value by the plain formula over profits of their own, where it is asked for; NaN for those without any.
    pub planned_ltv: Option<Vec<f64>>,
    /// Their social value, where it is asked for.
    pub social: Option<Social>,
}
