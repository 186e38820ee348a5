//! The table of members: read, and each of its rows given to a customer of the run or to someone who never bought.
//!
//! Does not live here: which columns it must have (`member_table`), what is kept of it (`members`), old ids (`clean::aliases`).

use std::convert::Infallible;

use super::by_customer::{ByCustomer, LookupRow};
use super::member_table::{self, MemberTable, SETTING};
use crate::clean::judge::Rules;
use crate::config::Config;
use crate::customers::{CustomerIds, Customers};
use crate::error::{Error, Result, SHOWN};
use crate::input::Input;
use crate::input::lookup_ids;
use crate::members::options::Prospects;
use crate::members::{MemberColumns, MemberCounts, Members, NO_ROW, Roster};
use crate::source::lookup::LookupRows;
use crate::source::options::WindowAppliesTo;
use crate::warnings::{Facts, MergedMembers, NotBuyers, NotMembers, Warning};

/// The members, found among the customers of the run; none where no table is named. `as_of` is the analysis date.
///
/// # Errors
/// A source error where the table cannot be used: columns that are missing or of another type, rows without an id, a member who
/// is there twice with different values.
pub(crate) fn members(
    input: &Input,
    config: &Config,
    customers: &Customers,
    as_of: i32,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Members>> {
    let Some(table) = member_table::look(config, Some(input.has_text_ids()))? else { return Ok(None) };
    let MemberTable { footers, id } = &table;
    let wanted: Vec<String> = config.customers.member_columns().into_iter().chain([id.clone()]).collect();
    let rows = LookupRows::of(footers, &wanted)?;
    let ids = lookup_ids::complete(table.ids(), &rows, config)?;
    let columns = member_table::columns(&rows, config, footers)?;
    let by_customer = ByCustomer::new(&ids, &input.rules.aliases);
    let mut walk = Walk::new(&by_customer, input, (columns, customers.len(), as_of));
    walk.counts.rows = rows.len() as u64;
    let walked: std::result::Result<(), Infallible> = by_customer.for_each(&customers.ids, |place, group| {
        walk.take(place, group);
        Ok(())
    });
    let Ok(()) = walked;
    let Walk { columns, customer_rows, prospects, prospect_rows, counts, conflicts, differing, .. } = walk;
    conflicts.refuse(&rows)?;
    if !counts.add_up() {
        return Err(Error::bug("rows of the table of members were lost on the way").cause(format!("{counts:?}")));
    }
    warnings.extend(noticed(config, &customer_rows, counts, differing).map(Warning::from));
    let roster = Roster::new(&prospects, &customers.ids);
    let are_counted = config.customers.prospects == Prospects::Counted;
    Ok(Some(Members { prospects, prospect_rows, customer_rows, roster, columns, counts, are_counted }))
}

/// What a reader of the tables should know of the members.
fn noticed(
    config: &Config,
    customer_rows: &[u32],
    counts: MemberCounts,
    differing: u64,
) -> impl Iterator<Item = Facts> + use<> {
    let customers = customer_rows.iter().filter(|row| **row == NO_ROW).count() as u64;
    let of = customer_rows.len() as u64;
    let strangers = (customers > 0).then_some(Facts::CustomersNotMembers(NotMembers { customers, of }));
    let cuts_rows = config.dates.window_days.is_some() && config.dates.window_applies_to == WindowAppliesTo::Everything;
    let former = (cuts_rows && counts.prospects > 0)
        .then_some(Facts::ProspectsByWindow(NotBuyers { prospects: counts.prospects }));
    let merged = (differing > 0).then_some(Facts::MergedMembersDiffer(MergedMembers { customers: differing }));
    [strangers, former, merged].into_iter().flatten()
}

/// Members that are there twice, and differ.
#[derive(Default)]
struct Conflicts {
    count: u64,
    /// Some of them: who, the rows, and the column in which they differ.
    shown: Vec<(String, [usize; 2], String)>,
}

impl Conflicts {
    fn add(&mut self, conflict: impl FnOnce() -> (String, [usize; 2], String)) {
        self.count += 1;
        if self.shown.len() <= SHOWN {
            self.shown.push(conflict());
        }
    }

    fn refuse(self, rows: &LookupRows) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let line = |(id, [first, second], column): &(String, [usize; 2], String)| {
            let value = |row: usize| rows.column(column).map(|values| member_table::value_text(values, row));
            let (first_place, second_place) = (rows.place(*first), rows.place(*second));
            let (one, other) = (value(*first)?, value(*second)?);
            Ok(format!("`{id}`: `{column}` is {one} in {first_place}, and {other} in {second_place}"))
        };
        let causes: Vec<String> = self.shown.iter().map(line).collect::<Result<_>>()?;
        Err(Error::source(format!("`{SETTING}` has {} members more than once, with different values", self.count))
            .causes(causes)
            .hint("keep one row per member at the source, such as the newest"))
    }
}

/// Goes through the members by customer.
struct Walk<'a> {
    by_customer: &'a ByCustomer<'a>,
    rules: &'a Rules,
    /// Ids that stand for no customer.
    nobody: Vec<String>,
    nobody_numbers: Vec<i64>,
    as_of: i32,
    columns: MemberColumns,
    customer_rows: Vec<u32>,
    prospects: CustomerIds,
    prospect_rows: Vec<u32>,
    counts: MemberCounts,
    conflicts: Conflicts,
    /// Customers whose old ids differ in attributes, without a row of the id that they have now.
    differing: u64,
}

impl<'a> Walk<'a> {
    fn new(
        by_customer: &'a ByCustomer<'a>,
        input: &'a Input,
        (columns, customers, as_of): (MemberColumns, usize, i32),
    ) -> Self {
        let nobody = lookup_ids::nobody(&input.parts);
        Self {
            by_customer,
            rules: &input.rules,
            nobody_numbers: nobody.iter().filter_map(|id| id.parse().ok()).collect(),
            nobody,
            as_of,
            columns,
            customer_rows: vec![NO_ROW; customers],
            prospects: by_customer.no_ids(),
            prospect_rows: Vec::new(),
            counts: MemberCounts::default(),
            conflicts: Conflicts::default(),
            differing: 0,
        }
    }

    /// Takes the rows of one customer; `place` is their row in the customers table.
    fn take(&mut self, place: Option<usize>, group: &[LookupRow]) {
        let rows = group.len() as u64;
        let member = if rows == 1 { group[0].row } else { self.merge(group) };
        if let Some(place) = place {
            self.customer_rows[place] = member;
            self.counts.customers += 1;
            return;
        }
        let distinct = self.distinct(group);
        if self.is_left_out(&group[0]) {
            // Each of them is, and not the first alone.
            self.counts.merged -= distinct - 1;
            self.counts.excluded += distinct;
            return;
        }
        let signed_up = self.columns.sign_up_days.as_ref().and_then(|days| days[member as usize]);
        if signed_up.is_some_and(|day| day > self.as_of) {
            self.counts.after_as_of += 1;
            return;
        }
        self.counts.prospects += 1;
        self.by_customer.push_id(&group[0], &mut self.prospects);
        self.prospect_rows.push(member);
    }

    /// Different ids among the rows of a customer.
    fn distinct(&self, group: &[LookupRow]) -> u64 {
        1 + group.windows(2).filter(|pair| !self.by_customer.have_one_id(&pair[0], &pair[1])).count() as u64
    }

    /// The row that stands for all of a customer's: that of the id that they have now, else of the smallest old one. They signed
    /// up when the first account did, and whoever says no in one account says no.
    fn merge(&mut self, group: &[LookupRow]) -> u32 {
        let mut accounts: Vec<LookupRow> = Vec::with_capacity(group.len());
        for row in group {
            match accounts.last_mut().filter(|last| self.by_customer.have_one_id(last, row)) {
                Some(last) => {
                    self.counts.repeated += 1;
                    let rows = [last.row.min(row.row), last.row.max(row.row)].map(|row| row as usize);
                    if let Some(column) = self.columns.difference(rows[0], rows[1]) {
                        self.conflicts.add(|| (self.by_customer.shown(row), rows, column));
                    }
                    last.row = last.row.min(row.row);
                }
                None => accounts.push(*row),
            }
        }
        let own = accounts[0].row as usize;
        self.counts.merged += accounts.len() as u64 - 1;
        let others = || accounts.iter().map(|account| account.row as usize);
        if accounts[0].is_old && others().any(|other| self.columns.attributes_differ(own, other)) {
            self.differing += 1;
        }
        if let Some(days) = &mut self.columns.sign_up_days {
            days[own] = others().filter_map(|row| days[row]).min();
        }
        if let Some(consent) = &mut self.columns.consent {
            consent[own] = others().filter_map(|row| consent[row]).min();
        }
        accounts[0].row
    }

    fn is_left_out(&self, row: &LookupRow) -> bool {
        let excluded = &self.rules.excluded;
        if let Some(id) = self.by_customer.integer(row) {
            return excluded.has_integer(id) || self.nobody_numbers.contains(&id);
        }
        let id = self.by_customer.text(row);
        excluded.has_text(id) || self.nobody.iter().any(|nobody| nobody.as_bytes() == id)
    }
}
