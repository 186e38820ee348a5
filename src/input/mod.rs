//! Before any row is read: find the files, read their footers, agree on the columns, resolve the rules.

pub(crate) mod clock;
mod computed;
mod currency;
pub(crate) mod customer_id;
mod dates;
pub(crate) mod delivered_twice;
mod notes;
pub(crate) mod skipped_files;
pub(crate) mod window;

use crate::day::day_of;
use std::path::PathBuf;
use std::sync::Arc;

use self::computed::{Computed, Names};
use self::notes::Notes;

use crate::batch::pair::PairIds;
use crate::clean::excluded::Excluded;
use crate::clean::judge::{OrderRule, Rules};
use crate::clean::options::{OrdersBy, Returns};
use crate::config::Config;
use crate::error::{Error, Problems, Result};
use crate::expressions::Zones;
use crate::known::{Aspect, Known};
use crate::money::{self, LARGEST_MINOR, Minor};
use crate::quality::ColumnLabels;
use crate::source::contract::{self, Contract, Role};
use crate::source::kinds::ColumnKind;
use crate::source::options::Grain;
use crate::source::scan::filter::{Condition, Filter};
use crate::source::scan::repeated_rows::RepeatedRows;
use crate::source::scan::repeats::Repeats;
use crate::source::scan::{self, Group};
use crate::source::{footers, listing};
use crate::warnings::Warning;

/// What the run reads, and by which rules.
#[derive(Debug)]
pub struct Input {
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
    /// Whether interactions are counted, too.
    pub counts_interactions: bool,
    /// The rules of the cleaning.
    pub rules: Rules,
    /// What was noticed of the files and their columns.
    notes: Notes,
}

impl Input {
    /// Reads footers only.
    ///
    /// # Errors
    /// Everything that is wrong, see [`Self::survey`]: a source error with what is wrong with the files, a config error for a
    /// filter that is no SQL or does not fit the columns.
    pub fn open(config: &Config, threads: usize) -> Result<Self> {
        Problems::refuse_any(|problems| Self::survey(config, threads, true, problems))?
            .ok_or_else(|| Error::bug("an input without a problem cannot be used"))
    }

    /// Reads footers only, and continues after each problem: the result lacks what is wrong, such as a filter that does
    /// not fit, and there is none where not all files can be used, or the settings of columns cannot.
    pub fn survey(config: &Config, threads: usize, with_columns: bool, problems: &mut Problems) -> Option<Self> {
        let mut parsed = |text: &Option<String>, parse: fn(&str) -> Result<Condition>| {
            text.as_deref().and_then(|text| problems.note(parse(text)))
        };
        let filter = parsed(&config.input.filter, Condition::filter);
        let interactions = parsed(&config.input.interactions, Condition::interactions);
        let before = problems.list().len();
        let listing = listing::find(&config.input, problems);
        let roles = contract::named_roles(&config.columns, config.input.grain);
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
        let grain = config.input.grain;
        let computed = Computed::of(&config.columns, grain, &names, problems);
        let keys = config.clean.dedupe_keys.iter().chain(&config.clean.dedupe_latest_by).cloned();
        let asked: Vec<String> =
            filter.iter().chain(&interactions).flat_map(|asked| asked.parsed().columns()).chain(keys).collect();
        let others: Vec<String> = asked.iter().cloned().chain(computed.columns()).collect();
        let uses_order_id = !matches!(config.clean.orders_by, Some(OrdersBy::Row | OrdersBy::Day));
        let mut needs = contract::needed_of(grain, &config.columns, &config.dates, &others, uses_order_id);
        needs.extend(config.customers.per.as_deref().map(|per| contract::need_of_per(per, grain)));
        let plain = computed.plain(needs.clone(), &asked);
        // Of the sound files, if others are not sound: their columns are wrong either way.
        let mut contract = problems.note(contract::agree(footers, &plain, &config.input))?;
        let zones = dates::zones(&config.dates, problems);
        computed.add_to(&mut contract, &needs, &zones, problems);
        let mut fitting = |asked: Condition| problems.note(asked.bind(&contract, &zones));
        let (filter, interactions) = (filter.and_then(&mut fitting), interactions.and_then(&mut fitting));
        let rules = rules(config, &contract, &zones, problems);
        // The latest row of a key may lie in a directory that the filter rules out.
        let pruning = filter.as_ref().filter(|_| config.clean.dedupe_latest_by.is_none());
        let groups = scan::groups(&contract, pruning);
        let repeats = problems.note(Repeats::wanted(&config.clean, &contract, &groups, threads)).flatten();
        let notes = Notes::of(&listing, &contract, &config.input);
        let counts_interactions = interactions.is_some() && config.counts_interactions();
        are_sound.then_some(Self {
            contract,
            groups,
            filter,
            interactions,
            repeats,
            repeated_rows: None,
            counts_interactions,
            rules,
            notes,
        })
    }

    /// The same input, of which only the interactions are read; nothing where no interactions are set.
    pub(crate) fn of_interactions(&self) -> Option<Self> {
        let interactions = self.interactions.as_ref()?;
        let (contract, rules, notes) = (self.contract.clone(), self.rules.clone(), Notes::default());
        let groups = scan::groups(&contract, Some(interactions));
        let filter = Some(interactions.clone());
        let counts_interactions = self.counts_interactions;
        Some(Self {
            contract,
            groups,
            filter,
            interactions: None,
            repeats: None,
            repeated_rows: None,
            counts_interactions,
            rules,
            notes,
        })
    }

    /// Whether rows that repeat others are left out, and not kept or only counted.
    #[must_use]
    pub fn leaves_repeats_out(&self) -> bool {
        self.repeats.as_ref().is_some_and(Repeats::are_left_out)
    }

    /// The paths of the files.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        self.contract.files.iter().map(|file| file.path.clone()).collect()
    }

    /// The error with the files that it concerns, for errors that cannot be traced to a single row or column.
    #[must_use]
    pub fn named(&self, error: Error) -> Error {
        let Some(first) = self.contract.files.first() else { return error };
        let others = self.contract.files.len() - 1;
        let others = if others > 0 { format!(" and {others} more files") } else { String::new() };
        error.cause(format!("in `{}`{others}", first.path.display()))
    }

    /// What a reader of the figures should know of how the input is read.
    #[must_use]
    pub(crate) fn warnings(&self, config: &Config) -> Vec<Warning> {
        let mut warnings = self.notes.warnings();
        warnings.extend(dates::warnings(config, &self.contract));
        warnings.extend(currency::warnings(config, self.rules.currencies.as_deref()));
        warnings
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

    /// True where customer ids are texts.
    #[must_use]
    pub fn has_text_ids(&self) -> bool {
        has_text_ids(&self.contract)
    }

    /// How ids are stored in the keys of pairs; none where a customer is an id alone.
    #[must_use]
    pub fn pairs(&self) -> Option<PairIds> {
        let ids = if self.has_text_ids() { PairIds::Text } else { PairIds::Integer };
        self.contract.column(Role::Per).map(|_| ids)
    }

    /// Whether customers are told apart by texts: ids that are texts, or keys of pairs.
    #[must_use]
    pub fn has_text_keys(&self) -> bool {
        self.has_text_ids() || self.pairs().is_some()
    }
}

/// The rules from the settings; a setting that cannot be used is noted, and has its default.
fn rules(config: &Config, contract: &Contract, zones: &Zones, problems: &mut Problems) -> Rules {
    let scale = config.clean.money_scale;
    let mut day = |text: &Option<String>| text.as_deref().and_then(|text| problems.note(day_of(text)));
    let (as_of, min_day) = (day(&config.dates.as_of), day(&config.dates.min_date));
    let known = known(config, contract);
    Rules {
        known,
        as_of,
        window_start: None,
        orders_from: None,
        cut: None,
        min_day,
        amount_limits: (
            config.clean.min_amount.map_or(-LARGEST_MINOR, |limit| limit_in_minor(limit, scale, -LARGEST_MINOR)),
            config.clean.max_amount.map_or(LARGEST_MINOR, |limit| limit_in_minor(limit, scale, LARGEST_MINOR)),
        ),
        scale,
        currencies: currency::currencies(config, problems),
        // A customer whose revenue is zero or less is a customer all the same.
        returns: if known.is_of_customers() { Returns::Literal } else { config.clean.returns },
        zero_amounts: config.clean.zero_amounts,
        dates: dates::rules(&config.dates, contract, zones),
        nobody: nobody_ids(config),
        trim_ids: config.clean.trim_ids,
        lowercase_ids: config.clean.lowercase_ids,
        text_ids: has_text_ids(contract),
        orders: problems.note(order_rule(config.clean.orders_by, contract)).unwrap_or(OrderRule::Row),
        quarantine_rows: config.clean.quarantine_rows as usize,
        excluded: Arc::new(problems.note(excluded(config, contract)).unwrap_or_default()),
        tells_ids: config.run.log_ids,
        shows_ids: !config.privacy.hash_ids,
    }
}

/// What the input tells of its customers.
fn known(config: &Config, contract: &Contract) -> Known {
    let known = config.known();
    if config.input.grain == Grain::Transactions {
        return known;
    }
    let of_columns = [
        (Role::FirstOrderDate, Aspect::FirstOrder),
        (Role::PurchaseDays, Aspect::PurchaseDays),
        (Role::Transactions, Aspect::Transactions),
        (Role::LargestOrder, Aspect::LargestOrder),
    ];
    let is_missing = |role: Role| contract.column(role).is_none();
    let missing = of_columns.into_iter().filter(|(role, _)| is_missing(*role));
    missing.fold(known, |known, (_, aspect)| known.without(aspect))
}

/// The list of customers who are left out; empty where there is none.
fn excluded(config: &Config, contract: &Contract) -> Result<Excluded> {
    let Some(path) = &config.privacy.exclude_ids else { return Ok(Excluded::default()) };
    let wrong = |what: String| Error::config(format!("`privacy.exclude_ids`: `{path}` {what}"));
    let bytes = std::fs::read(path).map_err(|error| wrong("cannot be read".to_owned()).cause(error))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("is no UTF-8 text".to_owned()))?;
    if has_text_ids(contract) {
        return Ok(Excluded::texts(&text, |id| same_id(id, config)));
    }
    Excluded::integers(&text).map_err(|line| {
        wrong(format!("has no whole number in line {line}, but customer ids are whole numbers"))
            .hint("write one customer id per line, and nothing else")
    })
}

/// An id after the changes that the settings ask for.
pub(crate) fn same_id(id: &str, config: &Config) -> String {
    let id = if config.clean.trim_ids { id.trim() } else { id };
    if config.clean.lowercase_ids { id.to_lowercase() } else { id.to_owned() }
}

fn has_text_ids(contract: &Contract) -> bool {
    contract.column(Role::CustomerId).is_some_and(|column| {
        !matches!(column.kind, ColumnKind::Int { .. } | ColumnKind::Float32 | ColumnKind::Float64)
    })
}

fn nobody_ids(config: &Config) -> Vec<String> {
    let lower = |id: &String| if config.clean.lowercase_ids { id.to_lowercase() } else { id.clone() };
    config.clean.nobody_ids.iter().map(lower).collect()
}

fn limit_in_minor(limit: f64, scale: u8, otherwise: i64) -> i64 {
    match money::from_float(limit, scale) {
        Minor::Exact(minor) | Minor::Rounded(minor) => minor,
        Minor::NotFinite | Minor::TooLarge => otherwise,
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
