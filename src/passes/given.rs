//! Customers from a table of customers: each row carries the figures that others sum from orders.
//!
//! To the fold each row is the one order of its customer, of the day of the last one and with all the money; what the table says
//! instead of that travels with it. So ids, attributes, margins and memory are what they are for transactions.
//! Does not live here: which rows are used (`clean`), and what is made of a column that the table lacks (`known`).

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::{DataFrame, PolarsResult};

use super::batch_payload::BatchPayload;
use super::judges::Judges;
use super::reading::{Reading, sole};
use crate::batch::role;
use crate::clean::dates::DateRules;
use crate::clean::given::Given;
use crate::clean::judge::Rules;
use crate::clean::outcome::Outcome;
use crate::customers::Customers;
use crate::customers::payload::{Field, PerCustomer};
use crate::customers::side::SideTotals;
use crate::error::{Error, Result};
use crate::input::Input;
use crate::input::customer_id::Id;
use crate::known::{Aspect, Known};
use crate::source::scan::Further;

/// How the figures travel: a word each, of which a customer has one.
#[derive(Debug)]
pub(super) struct Carried {
    known: Known,
    dates: DateRules,
    scale: u8,
}

/// The figures in the order of their words; orders are always there.
const FIGURES: [Option<Aspect>; 5] = [
    None,
    Some(Aspect::PurchaseDays),
    Some(Aspect::Transactions),
    Some(Aspect::FirstOrder),
    Some(Aspect::LargestOrder),
];

impl Carried {
    /// None where the rows are transactions.
    pub(super) fn of(input: &Input, rules: &Rules) -> Option<Self> {
        let known = rules.known;
        // A table of customers is the only input.
        let table = input.parts.first().filter(|_| known.is_of_customers())?;
        Some(Self { known, dates: table.rules.dates.clone(), scale: rules.scale })
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = Field> {
        FIGURES.iter().filter(|aspect| self.has(**aspect)).map(|_| Field::Sum)
    }

    fn has(&self, aspect: Option<Aspect>) -> bool {
        aspect.is_none_or(|aspect| self.known.has(aspect))
    }

    /// Writes the figures of a batch into its payload, from the field `first` on.
    ///
    /// # Errors
    /// A Polars error where a column is of a type that the footers did not state.
    pub(super) fn fill(&self, raw: &DataFrame, first: usize, payload: &mut BatchPayload<'_>) -> PolarsResult<()> {
        let given = Given::read(raw, &self.dates, self.scale)?;
        let mut field = first;
        let mut write = |values: &mut dyn Iterator<Item = i64>| {
            for (words, value) in payload.field(field).zip(values) {
                words[0] = value.cast_unsigned();
            }
            field += 1;
        };
        write(&mut given.orders.values.iter().copied());
        for counts in given.purchase_days.iter().chain(&given.transactions) {
            write(&mut counts.values.iter().copied());
        }
        if let Some(days) = &given.first_day {
            write(&mut days.iter().map(|day| i64::from(*day)));
        }
        if let Some(amounts) = given.largest_order() {
            write(&mut amounts.iter().copied());
        }
        Ok(())
    }

    /// Puts the figures of the table in the place of what the fold made of its rows.
    ///
    /// # Errors
    /// A source error where a customer has several rows; as the reading, which then finds these.
    pub(super) fn finish(
        self,
        arrived: &PerCustomer,
        first: usize,
        reading: &Reading<'_>,
        rules: &Rules,
        customers: &mut Customers,
    ) -> Result<()> {
        let twice: Vec<usize> = (0..customers.len()).filter(|row| customers.transactions[*row] > 1).collect();
        if !twice.is_empty() {
            customers.pairs = reading.input.pairs();
            return Err(several_rows(&twice, reading, rules, customers)?);
        }
        let mut field = first;
        let mut next = |aspect: Option<Aspect>| {
            self.has(aspect).then(|| {
                field += 1;
                arrived.sums(field - 1)
            })
        };
        let counts =
            |values: Vec<i64>| values.into_iter().map(|count| u32::try_from(count).unwrap_or(u32::MAX)).collect();
        let [orders, purchase_days, transactions, first_day, largest_order] = FIGURES.map(&mut next);
        customers.orders = orders.map(counts).unwrap_or_default();
        if let Some(days) = purchase_days {
            customers.purchase_days = counts(days);
        }
        if let Some(rows) = transactions {
            customers.transactions = counts(rows);
        }
        if let Some(days) = first_day {
            let day = |(day, last): (i64, &i32)| i32::try_from(day).unwrap_or(*last);
            customers.first_day = days.into_iter().zip(&customers.last_day).map(day).collect();
        }
        if let Some(amounts) = largest_order {
            customers.largest_order = amounts;
        }
        // A revenue of zero or less is no return here: what its orders were is not known.
        customers.side = SideTotals::default();
        Ok(())
    }
}

/// So many customers with several rows are looked for, and so many of their rows are named.
const CUSTOMERS_NAMED: usize = 3;
const ROWS_NAMED: usize = 4;

/// The error for customers with several rows, which a reading of its own finds.
fn several_rows(twice: &[usize], reading: &Reading<'_>, rules: &Rules, customers: &Customers) -> Result<Error> {
    let count = twice.len();
    let noun = if count == 1 { "customer has" } else { "customers have" };
    let mut error = Error::source(format!("{count} {noun} several rows, expected one row per customer"));
    for row in twice.iter().take(CUSTOMERS_NAMED) {
        let id = Id::of_row(&customers.ids, *row);
        let rows = rows_of(&id, reading, rules)?;
        let shown =
            if rules.shows_ids { format!("customer `{}`", customers.shown(*row)) } else { "a customer".to_owned() };
        let mut text = format!("{shown}: {} rows", rows.len());
        for (place, (file, row)) in rows.iter().take(ROWS_NAMED).enumerate() {
            let _ = write!(text, "{} row {row} of `{file}`", if place == 0 { ":" } else { "," });
        }
        error = error.cause(text);
    }
    if !rules.aliases.is_empty() {
        error = error.cause("with `customers.aliases` a row of an old id is a row of the customer that it has become");
    }
    Ok(error.hint(
        "sum the rows of each customer at their source, keep the latest of each with `input.filter`, or read the transactions with \
         `input.grain = \"transactions\"`",
    ))
}

/// The used rows of a customer: the file and the number of the row in it, from 0, in the order of the files.
fn rows_of(id: &Id, reading: &Reading<'_>, rules: &Rules) -> Result<Vec<(String, u64)>> {
    let judges = Judges::of(reading.input, &Rules { quarantine_rows: 0, ..rules.clone() });
    let found: Arc<Mutex<Vec<(usize, u64)>>> = Arc::default();
    let (adding, own) = (Arc::clone(&found), id.clone());
    let plain = Reading { further: Further::default(), interactions: None, ..*reading };
    plain.for_each_row(&judges, move |scan, raw, judged| {
        let kept = |row: &usize| judged.outcomes()[*row] == Outcome::Kept;
        let rows: Vec<usize> = judged.with_batch(|batch| own.rows_in(batch).into_iter().filter(kept).collect());
        let numbers = raw.column(role::ROW).ok();
        let number =
            |row: usize| numbers.and_then(|column| column.get(row).ok()).and_then(|number| number.extract::<u64>());
        let located = rows.into_iter().map(|row| (scan, number(row).unwrap_or_default()));
        adding.lock().unwrap_or_else(PoisonError::into_inner).extend(located);
        Ok(())
    })?;
    let mut found = sole(found)?.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_unstable();
    let input = reading.input;
    let locate = |(scan, row): (usize, u64)| {
        let (_, file, row) = input.locate(scan, row)?;
        Some((file.path.display().to_string(), row))
    };
    Ok(found.into_iter().filter_map(locate).collect())
}
