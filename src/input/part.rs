//! One of the inputs that a run joins: its files, what their columns are, and what its rows mean.
//!
//! Does not live here: whether several of them fit one another (`several`), and the rules of the run (`input`).

use crate::clean::judge::{InputRules, OrderRule};
use crate::clean::options::OrdersBy;
use crate::config::InputSettings;
use crate::error::{Error, Problems, Result};
use crate::expressions::Zones;
use crate::quality::ColumnLabels;
use crate::source::contract::{self, Contract, Role};
use crate::source::footers::FileFooter;
use crate::source::kinds::ColumnKind;
use crate::source::scan::filter::{Condition, Filter};
use crate::source::scan::repeated_rows::RepeatedRows;
use crate::source::scan::repeats::Repeats;
use crate::source::scan::{self, Further, Group};
use crate::source::{footers, listing};
use crate::warnings::Warning;

use super::computed::{Computed, Names};
use super::dates;
use super::notes::Notes;
use std::sync::Arc;

/// One input.
#[derive(Debug, Clone)]
pub struct InputPart {
    /// Its name and its settings.
    pub settings: InputSettings,
    /// The files and the columns that they agree on.
    pub contract: Contract,
    /// Files that are scanned together.
    pub groups: Vec<Group>,
    /// The user's row filter.
    pub filter: Option<Filter>,
    /// Which rows are interactions, where the settings ask for that.
    pub interactions: Option<Filter>,
    /// Which rows repeat others, where the settings ask for them.
    pub repeats: Option<Repeats>,
    /// The rows that repeat others and are left out, once they are found.
    pub repeated_rows: Option<Arc<RepeatedRows>>,
    /// What its rows mean.
    pub rules: InputRules,
    /// What was noticed of the files.
    notes: Notes,
}

impl InputPart {
    /// Reads footers only, and continues after each problem; `per` is the column that makes customers beside the id: the result lacks what is wrong, such as a filter that does
    /// not fit, and there is none where not all files can be used, or the settings of columns cannot.
    pub(super) fn survey(
        settings: InputSettings,
        per: Option<&str>,
        (threads, with_columns): (usize, bool),
        problems: &mut Problems,
    ) -> Option<Self> {
        let InputSettings { input, columns, dates: date_options, clean, .. } = &settings;
        let mut parsed = |text: &Option<String>, parse: fn(&str) -> Result<Condition>| {
            text.as_deref().and_then(|text| problems.note(parse(text)))
        };
        let filter = parsed(&input.filter, Condition::filter);
        let interactions = parsed(&input.interactions, Condition::interactions);
        let before = problems.list().len();
        let listing = listing::find(input, problems);
        let grain = input.grain;
        let roles = contract::named_roles(columns, grain);
        let time = roles.iter().find(|named| named.role == Role::OrderTs).map_or("", |named| named.name);
        let footers = footers::read_footers(&listing.files, time, threads, problems);
        let are_sound = problems.list().len() == before;
        if footers.is_empty() || !with_columns {
            return None;
        }
        let names = Names::of(&footers);
        let mut known = |asked: Condition| match names.missing(asked.key(), asked.parsed()) {
            Some(error) => problems.note(Err(error)),
            None => Some(asked),
        };
        let (filter, interactions) = (filter.and_then(&mut known), interactions.and_then(&mut known));
        let computed = Computed::of(columns, grain, &names, problems);
        let keys = clean.dedupe_keys.iter().chain(&clean.dedupe_latest_by).cloned();
        let asked: Vec<String> =
            filter.iter().chain(&interactions).flat_map(|asked| asked.parsed().columns()).chain(keys).collect();
        let others: Vec<String> = asked.iter().cloned().chain(computed.columns()).collect();
        let uses_order_id = !matches!(clean.orders_by, Some(OrdersBy::Row | OrdersBy::Day));
        let mut needs = contract::needed_of(grain, columns, date_options, &others, uses_order_id);
        needs.extend(per.map(|per| contract::need_of_per(per, grain)));
        let plain = computed.plain(needs.clone(), &asked);
        // Of the sound files, if others are not sound: their columns are wrong either way.
        let mut contract = problems.note(contract::agree(footers, &plain, input))?;
        let zones = dates::zones(date_options, problems);
        computed.add_to(&mut contract, &needs, &zones, problems);
        let mut fitting = |asked: Condition| problems.note(asked.bind(&contract, &zones));
        let (filter, interactions) = (filter.and_then(&mut fitting), interactions.and_then(&mut fitting));
        let rules = rules(&settings, &contract, &zones, problems);
        // The latest row of a key may lie in a directory that the filter rules out.
        let pruning = filter.as_ref().filter(|_| clean.dedupe_latest_by.is_none());
        let groups = scan::groups(&contract, pruning);
        let repeats = problems.note(Repeats::wanted(clean, &contract, &groups, threads)).flatten();
        let notes = Notes::of(&listing, &contract, input);
        let repeated_rows = None;
        are_sound.then_some(Self {
            settings,
            contract,
            groups,
            filter,
            interactions,
            repeats,
            repeated_rows,
            rules,
            notes,
        })
    }

    /// Its name; none where it is the only input.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.settings.name.as_deref()
    }

    /// The same input, of which only the interactions are read; nothing where no interactions are set.
    pub(super) fn of_interactions(&self) -> Option<Self> {
        let interactions = self.interactions.as_ref()?;
        let groups = scan::groups(&self.contract, Some(interactions));
        let filter = Some(interactions.clone());
        let notes = Notes::default();
        Some(Self { groups, filter, interactions: None, repeats: None, repeated_rows: None, notes, ..self.clone() })
    }

    /// What a reader of the figures should know of how it is read.
    pub(super) fn warnings(&self) -> Vec<Warning> {
        let mut warnings = self.notes.warnings();
        warnings.extend(dates::warnings(&self.settings.dates, &self.contract));
        warnings
    }

    /// Whether rows that repeat others are left out, and not kept or only counted.
    #[must_use]
    pub fn leaves_repeats_out(&self) -> bool {
        self.repeats.as_ref().is_some_and(Repeats::are_left_out)
    }

    /// The further columns that it has.
    #[must_use]
    pub fn further(&self) -> Further {
        Further::of(&self.settings.columns)
    }

    /// True where customer ids are texts.
    #[must_use]
    pub fn has_text_ids(&self) -> bool {
        self.contract.column(Role::CustomerId).is_some_and(|column| {
            !matches!(column.kind, ColumnKind::Int { .. } | ColumnKind::Float32 | ColumnKind::Float64)
        })
    }

    /// How the columns are called that make rows bad.
    #[must_use]
    pub fn column_labels(&self) -> ColumnLabels {
        let label = |role: Role| self.contract.column(role).map(|column| format!("`{}`", column.name));
        let product = || Some(format!("{} x {}", label(Role::Quantity)?, label(Role::UnitPrice)?));
        let plain = ColumnLabels::default();
        ColumnLabels {
            customer_id: label(Role::CustomerId).unwrap_or(plain.customer_id),
            order_ts: label(Role::OrderTs).or_else(|| label(Role::RecencyDays)).unwrap_or(plain.order_ts),
            amount: label(Role::Amount).or_else(product).unwrap_or(plain.amount),
            currency: label(Role::Currency).unwrap_or(plain.currency),
        }
    }

    /// The error with the name of the input that it is about, where it has one.
    #[must_use]
    pub fn told(&self, error: Error) -> Error {
        match self.name() {
            Some(name) => error.of_input(name),
            None => error,
        }
    }

    /// The error with the files that it concerns, for errors that cannot be traced to a single row or column.
    #[must_use]
    pub fn named(&self, error: Error) -> Error {
        named(self.contract.files.iter(), self.told(error))
    }
}

/// The error with the first of the files that it concerns, and how many others there are.
pub(super) fn named<'f>(mut files: impl Iterator<Item = &'f FileFooter>, error: Error) -> Error {
    let Some(first) = files.next() else { return error };
    let others = files.count();
    let others = if others > 0 { format!(" and {others} more files") } else { String::new() };
    error.cause(format!("in `{}`{others}", first.path.display()))
}

/// The rules from the settings; a setting that cannot be used is noted, and has its default.
fn rules(settings: &InputSettings, contract: &Contract, zones: &Zones, problems: &mut Problems) -> InputRules {
    let clean = &settings.clean;
    let lower = |id: &String| if clean.lowercase_ids { id.to_lowercase() } else { id.clone() };
    InputRules {
        dates: dates::rules(&settings.dates, contract, zones),
        nobody: clean.nobody_ids.iter().map(lower).collect(),
        orders: problems.note(order_rule(clean.orders_by, contract)).unwrap_or(OrderRule::Row),
        order_salt: 0,
    }
}

fn order_rule(wanted: Option<OrdersBy>, contract: &Contract) -> Result<OrderRule> {
    let has_order_id = contract.order_key().next().is_some();
    let missing = |word: &str| {
        Err(Error::config(format!("`clean.orders_by` is `{word}`, but the input has no column of order ids"))
            .hint("name it with --column order_id=NAME, or count rows with --orders-by row"))
    };
    match wanted {
        Some(OrdersBy::Day) => Ok(OrderRule::Day),
        Some(OrdersBy::OrderId) if !has_order_id => missing("order_id"),
        Some(OrdersBy::OrderIdAndDay) if !has_order_id => missing("order_id_and_day"),
        Some(OrdersBy::OrderIdAndDay) => Ok(OrderRule::IdAndDay),
        None | Some(OrdersBy::OrderId) if has_order_id => Ok(OrderRule::Id),
        None | Some(OrdersBy::OrderId | OrdersBy::Row) => Ok(OrderRule::Row),
    }
}
