//! The customers who can be contacted: those of the segments, cells and filter that are asked for, without the excluded ones.
//!
//! Does not live here: who of them is contacted (`select`, `test`).

mod exclusions;
mod words;

use polars::prelude::*;
use serde_json::{Value, json};

use self::exclusions::Exclusions;
pub(super) use self::words::WordsBuilder;
use super::lists::IdRules;
use super::source::Source;
use crate::campaigns::cost::Cost;
use crate::campaigns::notices::Notice;
use crate::campaigns::options::CampaignOptions;
use crate::customers::CustomerIds;
use crate::error::{Error, Result};
use crate::history::TableFilter;
use crate::models::History;
use crate::nearest::nearest;
use crate::reports::campaigns::targets::Words;

/// Where a customer has no cell.
pub(super) const NO_CELL: &str = "-";

/// The columns that models need.
pub(super) const OF_MODELS: [&str; 3] = ["x", "t_x", "T"];

/// The candidates, ascending by id.
#[derive(Debug)]
pub(super) struct Candidates {
    pub(super) ids: CustomerIds,
    pub(super) segments: Words,
    pub(super) cells: Words,
    /// The costs that occur, and per candidate the index of theirs.
    pub(super) costs: Vec<Cost>,
    pub(super) classes: Vec<u16>,
    /// What the models see of them; empty unless asked for, none without a purchase.
    pub(super) histories: Vec<Option<History>>,
    pub(super) notices: Vec<Notice>,
    /// What became of all customers.
    pub(super) account: Value,
}

impl Candidates {
    /// Number of candidates.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Reads them.
    ///
    /// # Errors
    /// Config errors where settings do not fit the table; source errors where something cannot be read; a quality error where nobody
    /// is left.
    pub(super) fn read(source: &Source, has_histories: bool) -> Result<Self> {
        let options = &source.config.campaign;
        refuse_unknown_segments(source, &options.segments)?;
        let filter = options.filter.as_ref();
        let filter = filter.map(|text| TableFilter::new("campaign.filter", text, &source.customers)).transpose()?;
        if let Some(column) = &options.cost_by {
            source.customers.refuse_unknown("campaign.cost_by", std::slice::from_ref(column))?;
        }
        let rules = IdRules::new(source.customers.kind("customer_id"), &source.settings, source.pseudonyms());
        let exclusions = Exclusions::read(source, &rules)?;
        let mut reader = Reader::new(options, filter, exclusions, has_histories);
        let columns: Vec<String> = reader.columns();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        source.customers.for_each_slice(&columns, |slice| reader.add(slice))?;
        reader.finish(source.customers.rows() as u64)
    }
}

/// Segments that the maps of the published date do not have.
fn refuse_unknown_segments(source: &Source, segments: &[String]) -> Result<()> {
    if segments.is_empty() {
        return Ok(());
    }
    let table = source.run.table("dim_segment")?;
    table.require(&["segment"])?;
    let mut known: Vec<String> = Vec::new();
    table.for_each_slice(&["segment"], |slice| {
        let texts = slice.column("segment").and_then(|column| column.str().cloned()).map_err(|error| unfit(&error))?;
        known.extend(texts.iter().flatten().map(str::to_owned));
        Ok(())
    })?;
    let unknown = segments.iter().filter(|segment| !known.contains(segment));
    let cause = |segment: &String| {
        let meant = nearest(segment, known.iter().map(String::as_str));
        format!(
            "there is no segment `{segment}`{}",
            meant.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
        )
    };
    let causes: Vec<String> = unknown.map(cause).collect();
    if causes.is_empty() {
        return Ok(());
    }
    known.sort_unstable();
    known.dedup();
    Err(Error::config("`campaign.segments` names segments that the published date does not have")
        .causes(causes)
        .hint(format!("the segments there: {}", known.join(", "))))
}

pub(super) fn unfit(error: &PolarsError) -> Error {
    Error::source("the table of customers is not as it was published").cause(error).hint("publish this date again")
}

/// What is gathered slice by slice.
struct Reader<'a> {
    options: &'a CampaignOptions,
    filter: Option<TableFilter>,
    exclusions: Exclusions,
    has_histories: bool,
    ids: CustomerIds,
    segments: WordsBuilder,
    cells: WordsBuilder,
    costs: Vec<Cost>,
    classes: Vec<u16>,
    histories: Vec<Option<History>>,
    left_out: LeftOut,
}

/// Customers who are no candidates, by the first reason.
#[derive(Debug, Default)]
struct LeftOut {
    other_segment: u64,
    other_cell: u64,
    filtered: u64,
}

impl<'a> Reader<'a> {
    fn new(
        options: &'a CampaignOptions,
        filter: Option<TableFilter>,
        exclusions: Exclusions,
        has_histories: bool,
    ) -> Self {
        Self {
            options,
            filter,
            exclusions,
            has_histories,
            ids: CustomerIds::default(),
            segments: WordsBuilder::default(),
            cells: WordsBuilder::default(),
            costs: costs_of(options),
            classes: Vec::new(),
            histories: Vec::new(),
            left_out: LeftOut::default(),
        }
    }

    fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = ["customer_id", "segment", "cell"].map(str::to_owned).to_vec();
        let of_filter = self.filter.iter().flat_map(TableFilter::columns).map(str::to_owned);
        let of_models = OF_MODELS.into_iter().filter(|_| self.has_histories).map(str::to_owned);
        for name in of_filter.chain(self.options.cost_by.clone()).chain(of_models) {
            if !columns.contains(&name) {
                columns.push(name);
            }
        }
        columns
    }

    fn add(&mut self, slice: &DataFrame) -> Result<()> {
        let held = self.filter.as_ref().map(|filter| filter.holds(slice)).transpose()?;
        let listed = self.exclusions.listed(slice).map_err(|error| unfit(&error))?;
        self.add_rows(slice, held.as_deref(), &listed)
    }

    fn add_rows(&mut self, slice: &DataFrame, held: Option<&[bool]>, listed: &[Vec<bool>]) -> Result<()> {
        let segments = self.segments.words(slice, "segment").map_err(|error| unfit(&error))?;
        let cells = self.cells.words(slice, "cell").map_err(|error| unfit(&error))?;
        let (wanted, of_cells) = (&self.options.segments, &self.options.cells);
        let is_wanted = |words: &WordsBuilder, list: &[String]| -> Vec<bool> {
            words.names().iter().map(|name| list.is_empty() || list.contains(name)).collect()
        };
        let (wanted, of_cells) = (is_wanted(&self.segments, wanted), is_wanted(&self.cells, of_cells));
        let mut kept: Vec<IdxSize> = Vec::with_capacity(slice.height());
        for row in 0..slice.height() {
            if !wanted[segments[row] as usize] {
                self.left_out.other_segment += 1;
            } else if !of_cells[cells[row] as usize] {
                self.left_out.other_cell += 1;
            } else if held.is_some_and(|held| !held[row]) {
                self.left_out.filtered += 1;
            } else if !self.exclusions.leaves_out(row, listed) {
                kept.push(IdxSize::try_from(row).unwrap_or(IdxSize::MAX));
            }
        }
        self.segments.keep(&segments, &kept);
        self.cells.keep(&cells, &kept);
        let rows = if kept.len() == slice.height() { slice.clone() } else { take(slice, kept)? };
        self.add_kept(&rows)
    }

    fn add_kept(&mut self, rows: &DataFrame) -> Result<()> {
        let of = |name: &str| rows.column(name).map_err(|error| unfit(&error));
        words::add_ids(&mut self.ids, of("customer_id")?).map_err(|error| unfit(&error))?;
        match &self.options.cost_by {
            Some(column) => self.add_classes(of(column)?)?,
            None => self.classes.resize(self.ids.len(), 0),
        }
        if self.has_histories {
            let [x, t_x, t_cal] =
                OF_MODELS.map(|name| of(name)?.cast(&DataType::Float64).map_err(|error| unfit(&error)));
            let (x, t_x, t_cal) = (x?, t_x?, t_cal?);
            let number = |column: &Column| column.f64().cloned().map_err(|error| unfit(&error));
            let (x, t_x, t_cal) = (number(&x)?, number(&t_x)?, number(&t_cal)?);
            let histories = x.iter().zip(t_x.iter()).zip(t_cal.iter());
            self.histories.extend(histories.map(|((x, t_x), t_cal)| history(x?, t_x?, t_cal?)));
        }
        Ok(())
    }

    /// The class of cost of each row: of the value of the column, else of all others.
    fn add_classes(&mut self, column: &Column) -> Result<()> {
        let name = column.name().clone();
        let texts = column.cast(&DataType::String).map_err(|error| unfit(&error))?;
        let texts = texts.str().map_err(|error| unfit(&error))?;
        let entries = self.options.costs.iter().filter_map(|entry| CampaignOptions::cost_of(entry));
        let classes: Vec<(&str, Cost)> = entries.collect();
        let class_of =
            |cost: Cost| (0_u16..).zip(&self.costs).find(|(_, known)| **known == cost).map_or(0, |(class, _)| class);
        let known: std::collections::HashMap<&str, u16> =
            classes.into_iter().map(|(value, cost)| (value, class_of(cost))).collect();
        let others = self.options.cost_per_contact.and_then(Cost::new).map(class_of);
        let class = |text: Option<&str>| {
            let found = text.and_then(|text| known.get(text).copied()).or(others);
            found.ok_or_else(|| {
                let found = text.map_or_else(|| "null".to_owned(), |text| format!("`{text}`"));
                Error::config(format!("`campaign.costs` has no cost for {found} of `{name}`"))
                    .hint("add it, or set `campaign.cost_per_contact` for all others")
            })
        };
        let classes: Result<Vec<u16>> = texts.iter().map(class).collect();
        self.classes.extend(classes?);
        Ok(())
    }

    fn finish(self, customers: u64) -> Result<Candidates> {
        let LeftOut { other_segment, other_cell, filtered } = self.left_out;
        let account = json!({"customers": customers, "other_segment": other_segment, "other_cell": other_cell,
            "filtered": filtered, "excluded": self.exclusions.account(), "candidates": self.ids.len()});
        if self.ids.is_empty() {
            return Err(Error::quality("nobody is left who could be contacted")
                .cause(format!("of {customers} customers {other_segment} are of other segments, {other_cell} of other cells, {filtered} do not meet the filter, {} are excluded", self.exclusions.left_out()))
                .hint("ask for more segments or cells, or look at the lists"));
        }
        Ok(Candidates {
            ids: self.ids,
            segments: self.segments.finish(),
            cells: self.cells.finish(),
            costs: self.costs,
            classes: self.classes,
            histories: self.histories,
            notices: self.exclusions.notices(),
            account,
        })
    }
}

/// The costs that the settings name, each once: classes of candidates.
fn costs_of(options: &CampaignOptions) -> Vec<Cost> {
    let of_values = options.costs.iter().filter_map(|entry| CampaignOptions::cost_of(entry)).map(|(_, cost)| cost);
    let mut costs: Vec<Cost> = of_values.chain(options.cost_per_contact.and_then(Cost::new)).collect();
    costs.sort_unstable();
    costs.dedup();
    if costs.is_empty() {
        costs.push(Cost::default());
    }
    costs
}

fn take(slice: &DataFrame, rows: Vec<IdxSize>) -> Result<DataFrame> {
    slice.take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows)).map_err(|error| unfit(&error))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count
fn history(x: f64, t_x: f64, t_cal: f64) -> Option<History> {
    (x >= 0.0).then_some(History { x: x as u32, t_x, t_cal })
}
