//! Everything that is known about the customers once they are scored: the basis of the reports.
//!
//! Findings are built once, complete. Does not live here: how they are computed (`scoring`, `predict`, `social`).

use super::groups;
use crate::clean::aliases::FoundAliases;
use crate::clean::currency::account::CurrencyAccount;
use crate::clean::outcome::Tally;
use crate::clean::quarantine::Rejected;
use crate::customers::Customers;
use crate::members::Members;
use crate::predict::{Money, PlannedYear, Predictions, Years};
use crate::publish::options::MoneyType;
use crate::schema::ColumnEntry;
use crate::scoring::ranking::Ranking;
use crate::scoring::{CustomerGroups, Scoring, Scorings};
use crate::segment::Octants;
use crate::social::Social;
use crate::time::alerts::Alert;
use crate::time::evaluation::Evaluation;
use crate::time::{Comparison, FromDays};

/// A bad row and where it stands.
#[derive(Debug, Clone)]
pub struct LocatedReject {
    /// The row.
    pub rejected: Rejected,
    /// The name of its input; none where there is one that has none.
    pub input: Option<String>,
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
    /// Rows that the filter left out; none without a filter.
    pub filtered_rows: Option<u64>,
    /// Rows by currency; none where the input has no currencies.
    pub currencies: Option<CurrencyAccount>,
    /// The old ids that rows have; none without a table of them.
    pub aliases: Option<FoundAliases>,
    /// The row account of each input, by name; empty where there is one that has none.
    pub of_inputs: Vec<InputAccount>,
}

/// The row account of one of several inputs.
#[derive(Debug, Clone)]
pub struct InputAccount {
    /// Its name.
    pub name: String,
    /// Rows and amounts per outcome. Rows of orders that are left out as no purchases are kept here: orders are judged once
    /// the rows of all inputs are there.
    pub tally: Tally,
    /// As of the whole account.
    pub repeated_rows: Option<u64>,
    /// As of the whole account.
    pub filtered_rows: Option<u64>,
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
    /// The scorings, the run's own first.
    pub scorings: Scorings<Scoring>,
    /// The octants.
    pub octants: Octants,
    /// The index of the octant in their list; empty where money is not known.
    pub octant: Vec<u16>,
    /// 1 to 25, and to 30 where customers can be without an order.
    pub grid_cell: Vec<u8>,
    /// How many cells the grid has.
    pub grid_cells: u8,
    /// Whether customers can be without an order in the window.
    pub may_lack_orders: bool,
    /// Upper limits in days of the first four recency bands.
    pub grid_recency_days: [u32; 4],
    /// Orders of the first four columns of the grid.
    pub grid_orders: [u32; 4],
    /// The revenue order.
    pub ranking: Ranking,
    /// Number of groups of `pareto`.
    pub pareto_groups: usize,
    /// The groups of customers that the tables by group report on; none where they are not asked for.
    pub report_groups: Option<CustomerGroups>,
    /// The row account.
    pub account: Account,
    /// Columns of `customers` that settings ask for, behind its own.
    pub further_columns: Vec<&'static ColumnEntry>,
    /// What is expected of the customers, where the settings ask for it.
    pub predictions: Option<Predictions>,
    /// What they brought in each of their years, and the part of it that is profit, where the settings ask for it.
    pub years: Option<(Years, Money)>,
    /// The plain formula over given profits; empty where none are.
    pub planned_years: Vec<PlannedYear>,
    /// Their value by the plain formula over profits of their own, where the settings ask for it; NaN without profits.
    pub planned_ltv: Option<Vec<f64>>,
    /// Their social value, where the settings ask for it.
    pub social: Option<Social>,
    /// The members, where there is a table of them.
    pub members: Option<Members>,
    /// The customers beside those of an earlier date, where the settings ask for it.
    pub compared: Option<Compared>,
    /// What the days of every customer come to, where the settings ask for it.
    pub from_days: FromDays,
    /// Valued customers who are slipping away, where the settings ask for them.
    pub alerts: Option<Alerts>,
    /// What the scorings of an earlier date would have been worth, where the settings ask for it.
    pub evaluation: Option<Evaluation>,
    /// Whether the own rhythm of each customer is published.
    pub shows_rhythms: bool,
    /// The ratios at which the sign of health is shrinking and growing.
    pub health_limits: [f64; 2],
}

/// Valued customers who are slipping away.
#[derive(Debug, Default)]
pub struct Alerts {
    /// Those with the most money first.
    pub list: Vec<Alert>,
}

/// The customers beside those of an earlier date.
#[derive(Debug)]
pub struct Compared {
    /// Both dates.
    pub comparison: Comparison,
    /// Whether every customer of both is published.
    pub shows_customers: bool,
    /// Per row of the table of customers the row on the earlier date.
    pub previous: Vec<Option<u32>>,
}

impl Findings {
    /// The run's own scoring.
    #[must_use]
    pub const fn own(&self) -> &Scoring {
        &self.scorings.own
    }

    /// How many of those who never bought count in scores and shares.
    #[must_use]
    pub fn counted_prospects(&self) -> usize {
        self.members.as_ref().map_or(0, Members::counted)
    }

    /// The grid cell of someone who never bought and signed up so many days ago.
    #[must_use]
    pub fn prospect_cell(&self, days: Option<i32>) -> u8 {
        groups::prospect_cell(days, self.grid_recency_days)
    }

    /// How many count in shares of all: the customers, and those who never bought where they count.
    #[must_use]
    pub fn counted(&self) -> usize {
        self.customers.len() + self.counted_prospects()
    }
}
