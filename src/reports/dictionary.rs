//! The data dictionary: every column of every table, made from `Report::ALL`.
//!
//! Does not live here: the columns themselves (`tables`).

use std::fmt::Write;

use serde_json::Value;

use super::campaigns;
use super::report::{Chapter, Report};
use crate::schema::{AS_OF, AddedColumns, ColumnEntry, TableEntry};

impl Chapter {
    /// All chapters, in their order.
    const ALL: [Self; 12] = [
        Self::EveryRun,
        Self::Scoring,
        Self::Groups,
        Self::Inputs,
        Self::Predictions,
        Self::Holdout,
        Self::PredictionsOnRequest,
        Self::PlainValue,
        Self::Profits,
        Self::Social,
        Self::Members,
        Self::LastColumn,
    ];

    /// What the dictionary says before the tables of the chapter.
    const fn introduction(self) -> &'static str {
        match self {
            Self::EveryRun => EVERY_RUN,
            Self::Scoring => ON_REQUEST,
            Self::Groups => BY_GROUP,
            Self::Predictions => WITH_PREDICTIONS,
            Self::Members => WITH_MEMBERS,
            Self::LastColumn => LAST_COLUMNS,
            Self::Inputs
            | Self::Holdout
            | Self::PredictionsOnRequest
            | Self::PlainValue
            | Self::Profits
            | Self::Social => "",
        }
    }

    fn tables(self) -> impl Iterator<Item = &'static TableEntry> {
        Report::ALL.iter().filter(move |report| report.chapter == self).map(|report| &report.table)
    }

    fn added_columns(self) -> impl Iterator<Item = &'static AddedColumns> {
        let added = Report::ALL.iter().flat_map(|report| report.added);
        added.filter(move |added| added.chapter == self).map(|added| &added.columns)
    }
}

const EVERY_RUN: &str = "# Data dictionary

Every table begins with `as_of` (date): the analysis date of the run. Files of an output by table lack it; readers take it from
their paths.

What the input does not tell is null in every table, with the type of its column, so that all dates stack. Without amounts
(`columns.amount = \"none\"`) that is all money, shares of it, `m_score`, `octant`, `abc_class` and the revenue rank, and `cell` has
two digits; of a table of customers (`input.grain = \"customers\"`) the columns that it lacks. The manifest lists them under
`notes.left_out`.
";

const ON_REQUEST: &str = "\n# On request\n\nOnly runs whose settings ask for them have these.\n";

const BY_GROUP: &str =
    "\n# With `score.by` and `reports.by`\n\nRuns that score or report customers by group have these.\n";

/// `H` in a name stands for a horizon with its unit, as `12_months`.
const WITH_PREDICTIONS: &str = "
# With `[predict]`

Only runs with `predict.model` or `predict.params_from` have what follows, but for the last five: columns behind the others of `customers`, `segments` and `octants` (in
`customers` before the attributes; `map` stays the last one), and tables of their own. `H` stands for each of `predict.horizons` with its unit, as
in `clv_12_months`. Where the data support no model, all of it is null or empty, and a warning says why.
";

/// Whoever never bought is in one table.
const WITH_MEMBERS: &str = "
# With `[customers]`

Only runs with `customers.path` have what follows. Members who never bought are rows of `customers` with the segment `prospects`, which `dim_segment` has in every map.
";

/// Campaigns are published apart from the dates.
const OF_CAMPAIGNS: &str = "
# Campaigns

`campaign select`, `campaign test` and `campaign evaluate` publish these to `campaigns/<name>/` of an output. Every table begins with `as_of`, the
analysis date of the run that the campaign is from.
";

/// Tables get new columns at their end, so that what reads them by place still finds the others.
const LAST_COLUMNS: &str = "\n# Last columns\n\nEvery run has these, behind whatever else its settings ask for.\n";

/// The data dictionary as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::new();
    for chapter in Chapter::ALL {
        if chapter == Chapter::LastColumn {
            text.push_str(OF_CAMPAIGNS);
            for table in campaigns::TABLES {
                describe(&mut text, (table.name, table.meaning), table.columns);
            }
        }
        text.push_str(chapter.introduction());
        for added in chapter.added_columns() {
            describe(&mut text, (added.name, added.meaning), added.columns);
        }
        for table in chapter.tables() {
            describe(&mut text, (table.name, table.meaning), table.columns);
        }
    }
    text
}

/// The dictionary as JSON, for programs.
#[must_use]
pub fn json() -> Value {
    let tables = |chapters: &[Chapter]| -> Vec<&TableEntry> { chapters.iter().flat_map(|c| c.tables()).collect() };
    let added = |chapter: Chapter| chapter.added_columns().collect::<Vec<_>>();
    let first = |chapter: Chapter| chapter.added_columns().next();
    serde_json::json!({
        "first_column": AS_OF,
        "tables": tables(&[Chapter::EveryRun]),
        "on_request": tables(&[Chapter::Scoring, Chapter::Inputs]),
        "customer_columns_on_request": first(Chapter::Scoring).map(|added| added.columns),
        "columns_on_request": added(Chapter::Scoring),
        "group_tables": tables(&[Chapter::Groups]),
        "group_columns": added(Chapter::Groups),
        "input_columns": added(Chapter::Inputs),
        "predicted_columns": added(Chapter::Predictions),
        "predicted_tables": tables(&[Chapter::Predictions]),
        "predicted_columns_on_request": first(Chapter::PredictionsOnRequest),
        "holdout_tables": tables(&[Chapter::Holdout]),
        "value_tables": tables(&[Chapter::PlainValue, Chapter::Profits, Chapter::Social]),
        "planned_columns": first(Chapter::Profits),
        "social_columns": first(Chapter::Social),
        "member_columns": first(Chapter::Members),
        "campaign_tables": campaigns::TABLES,
        "last_columns": added(Chapter::LastColumn),
    })
}

fn describe(text: &mut String, (name, meaning): (&str, &str), columns: &[ColumnEntry]) {
    let _ = writeln!(text, "\n## {name}\n\n{meaning}");
    text.push_str("\n| column | type | unit | meaning |\n|---|---|---|---|\n");
    for column in columns {
        let (kind, unit) = (column.kind.name(), column.unit);
        let _ = writeln!(text, "| {} | {kind} | {unit} | {} |", column.name, column.meaning);
    }
}
