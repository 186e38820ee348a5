//! Before any row is read: find the files, read their footers, agree on the columns, resolve the rules.
//!
//! The input of a run is one input or several, each a [`InputPart`]. Does not live here: the rows.

pub(crate) mod aliases;
pub(crate) mod clock;
mod computed;
mod currency;
pub(crate) mod customer_id;
pub(crate) mod dates;
pub(crate) mod delivered_twice;
pub(crate) mod lookup_ids;
mod notes;
pub mod part;
mod several;
pub(crate) mod skipped_files;
pub(crate) mod window;

use std::path::PathBuf;
use std::sync::Arc;

use crate::batch::pair::PairIds;
use crate::clean::aliases::Aliases;
use crate::clean::excluded::Excluded;
use crate::clean::judge::Rules;
use crate::clean::options::Returns;
use crate::config::Config;
use crate::day::day_of;
use crate::error::{Error, Problems, Result};
use crate::known::{Aspect, Known};
use crate::money::{self, LARGEST_MINOR, Minor};
use crate::quality::ColumnLabels;
use crate::source::contract::{Contract, Role};
use crate::source::footers::{self, FileFooter};
use crate::source::options::Grain;
use crate::source::scan::{Further, Group};
use crate::warnings::Warning;
use part::InputPart;

/// What the run reads, and by which rules.
#[derive(Debug, Clone)]
pub struct Input {
    /// The inputs that are joined to one stream of transactions, by name.
    pub parts: Vec<InputPart>,
    /// Whether interactions are counted, too.
    pub counts_interactions: bool,
    /// The rules of the cleaning, which hold for all of them.
    pub rules: Rules,
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
        let inputs = config.every_input();
        let count = inputs.len();
        let mut parts = Vec::new();
        for settings in inputs {
            let (name, mut own) = (settings.name.clone(), Problems::default());
            let per = config.customers.per.as_deref();
            parts.extend(InputPart::survey(settings, per, (threads, with_columns), &mut own));
            let told = |error: &Error| match &name {
                Some(name) => error.clone().of_input(name),
                None => error.clone(),
            };
            problems.extend(own.list().iter().map(told));
        }
        several::check(&parts, problems);
        several::salt_orders(&mut parts);
        let rules = rules(config, parts.first()?, &lookup_ids::nobody(&parts), problems);
        let has_interactions = parts.iter().any(|part| part.interactions.is_some());
        let counts_interactions = has_interactions && config.counts_interactions();
        (parts.len() == count).then_some(Self { parts, counts_interactions, rules })
    }

    /// The same input, of which only the interactions are read; nothing where no interactions are set.
    pub(crate) fn of_interactions(&self) -> Option<Self> {
        let parts: Vec<InputPart> = self.parts.iter().filter_map(InputPart::of_interactions).collect();
        let counts_interactions = self.counts_interactions;
        (!parts.is_empty()).then(|| Self { parts, counts_interactions, rules: self.rules.clone() })
    }

    /// The rows of all files, as the footers say.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.contract.rows).sum()
    }

    /// The files of all inputs.
    pub fn files(&self) -> impl Iterator<Item = &FileFooter> {
        self.parts.iter().flat_map(|part| &part.contract.files)
    }

    /// The paths of the files.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        self.files().map(|file| file.path.clone()).collect()
    }

    /// Whether the inputs have names: where there is one `[input]`, it has none.
    #[must_use]
    pub fn has_names(&self) -> bool {
        self.parts.iter().any(|part| part.name().is_some())
    }

    /// The groups of files that are scanned together, with the input that each is of: scans are numbered in this order.
    pub fn scans(&self) -> impl Iterator<Item = (&InputPart, &Group)> {
        self.parts.iter().flat_map(|part| part.groups.iter().map(move |group| (part, group)))
    }

    /// The input and the file of a row of a scan, and the row in it.
    #[must_use]
    pub fn locate(&self, scan: usize, row: u64) -> Option<(&InputPart, &FileFooter, u64)> {
        let (part, group) = self.scans().nth(scan)?;
        let (file, row) = group.locate(&part.contract, row)?;
        Some((part, part.contract.files.get(file)?, row))
    }

    /// Whether rows that repeat others are looked for.
    #[must_use]
    pub fn looks_for_repeats(&self) -> bool {
        self.parts.iter().any(|part| part.repeats.is_some())
    }

    /// Whether rows that repeat others are left out, and not kept or only counted.
    #[must_use]
    pub fn leaves_repeats_out(&self) -> bool {
        self.parts.iter().any(InputPart::leaves_repeats_out)
    }

    /// Whether a filter leaves rows out.
    #[must_use]
    pub fn has_filter(&self) -> bool {
        self.parts.iter().any(|part| part.filter.is_some())
    }

    /// The further columns that any of the inputs has.
    #[must_use]
    pub fn further(&self) -> Further {
        let all = self.parts.iter().map(InputPart::further);
        all.fold(Further::default(), |all, own| Further {
            attributes: all.attributes || own.attributes,
            margin: all.margin || own.margin,
        })
    }

    /// Refuses files that were changed, replaced or removed since their footers were read.
    ///
    /// # Errors
    /// Names every such file.
    pub(crate) fn check_unchanged(&self) -> Result<()> {
        footers::check_unchanged(self.files())
    }

    /// The error with the files that it concerns, for errors that cannot be traced to a single row or column.
    #[must_use]
    pub fn named(&self, error: Error) -> Error {
        part::named(self.files(), error)
    }

    /// What a reader of the figures should know of how the input is read.
    #[must_use]
    pub(crate) fn warnings(&self, config: &Config) -> Vec<Warning> {
        let of_parts = self.parts.iter().flat_map(InputPart::warnings);
        let mut warnings: Vec<Warning> = of_parts.chain(several::lonely(&self.parts)).collect();
        warnings.extend(currency::warnings(config, self.rules.currencies.as_deref()));
        warnings
    }

    /// How the columns are called that make rows bad.
    #[must_use]
    pub fn column_labels(&self) -> ColumnLabels {
        let labels: Vec<ColumnLabels> = self.parts.iter().map(InputPart::column_labels).collect();
        let joined = |label: fn(&ColumnLabels) -> &String| {
            let mut names: Vec<&str> = labels.iter().map(|own| label(own).as_str()).collect();
            names.dedup();
            names.join(" or ")
        };
        ColumnLabels {
            customer_id: joined(|own| &own.customer_id),
            order_ts: joined(|own| &own.order_ts),
            amount: joined(|own| &own.amount),
            currency: joined(|own| &own.currency),
        }
    }

    /// True where customer ids are texts.
    #[must_use]
    pub fn has_text_ids(&self) -> bool {
        self.parts.iter().any(InputPart::has_text_ids)
    }

    /// How ids are stored in the keys of pairs; none where a customer is an id alone.
    #[must_use]
    pub fn pairs(&self) -> Option<PairIds> {
        let ids = if self.has_text_ids() { PairIds::Text } else { PairIds::Integer };
        self.parts.iter().find_map(|part| part.contract.column(Role::Per)).map(|_| ids)
    }

    /// Whether customers are told apart by texts: ids that are texts, or keys of pairs.
    #[must_use]
    pub fn has_text_keys(&self) -> bool {
        self.has_text_ids() || self.pairs().is_some()
    }
}

/// The rules from the settings; a setting that cannot be used is noted, and has its default.
fn rules(config: &Config, first: &InputPart, nobody: &[String], problems: &mut Problems) -> Rules {
    let has_text_ids = first.has_text_ids();
    let scale = config.clean.money_scale;
    let mut day = |text: &Option<String>| text.as_deref().and_then(|text| problems.note(day_of(text)));
    let (as_of, min_day) = (day(&config.dates.as_of), day(&config.dates.min_date));
    let known = known(config, &first.contract);
    let aliases = problems.note(aliases::aliases(config, has_text_ids, nobody)).unwrap_or_default();
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
        trim_ids: config.clean.trim_ids,
        lowercase_ids: config.clean.lowercase_ids,
        text_ids: has_text_ids,
        quarantine_rows: config.clean.quarantine_rows as usize,
        excluded: Arc::new(problems.note(excluded(config, has_text_ids, &aliases)).unwrap_or_default()),
        aliases: Arc::new(aliases),
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

/// The list of customers who are left out, by whichever of their ids; empty where there is none.
fn excluded(config: &Config, has_text_ids: bool, aliases: &Aliases) -> Result<Excluded> {
    let Some(path) = &config.privacy.exclude_ids else { return Ok(Excluded::default()) };
    let wrong = |what: String| Error::config(format!("`privacy.exclude_ids`: `{path}` {what}"));
    let bytes = std::fs::read(path).map_err(|error| wrong("cannot be read".to_owned()).cause(error))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("is no UTF-8 text".to_owned()))?;
    if has_text_ids {
        return Ok(Excluded::texts(&text, |id| same_id(id, config)).followed(aliases));
    }
    let integers = Excluded::integers(&text).map(|excluded| excluded.followed(aliases));
    integers.map_err(|line| {
        wrong(format!("has no whole number in line {line}, but customer ids are whole numbers"))
            .hint("write one customer id per line, and nothing else")
    })
}

/// An id after the changes that the settings ask for.
pub(crate) fn same_id(id: &str, config: &Config) -> String {
    let id = if config.clean.trim_ids { id.trim() } else { id };
    if config.clean.lowercase_ids { id.to_lowercase() } else { id.to_owned() }
}

fn limit_in_minor(limit: f64, scale: u8, otherwise: i64) -> i64 {
    match money::from_float(limit, scale) {
        Minor::Exact(minor) | Minor::Rounded(minor) => minor,
        Minor::NotFinite | Minor::TooLarge => otherwise,
    }
}
