//! The flags that are settings of a run, and the configuration keys that they set.
//!
//! Does not live here: what a setting means or defaults to (the options of its stage).
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

use clap::Args;
use clap::ValueHint;
use toml::Value;

use super::values::{days, key_and_value, method_of_all_axes, role_and_name};
use crate::config::{FlagSetting, ModelChoice, value_of_text};

/// The flags that set a key of the configuration.
#[allow(clippy::struct_excessive_bools, reason = "one per switch on the command line")]
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings (over environment and file)")]
pub struct SettingsArgs {
    /// Parquet files, directories and glob patterns; can be repeated [default: none, an input must be named]
    #[arg(short, long, num_args = 1.., value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub input: Vec<String>,
    /// Directory that everything is published to: one `as_of=YYYY-MM-DD` directory per run [default: reports]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<String>,
    /// Seconds to wait for an output that another run holds, instead of stopping with code 7 at once [default: 0]
    #[arg(long, value_name = "SECONDS")]
    pub wait: Option<u32>,
    /// Analysis date, YYYY-MM-DD [default: the last date in the data]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Days up to the analysis date whose orders count for frequency and money [default: all]
    #[arg(long, value_name = "N", value_parser = days)]
    pub window_days: Option<u32>,
    /// Name of a column in the input; can be repeated. Roles: customer_id, order_id (of several columns
    /// with commas between), order_ts, amount (`none` where there are no amounts), quantity, unit_price, currency, margin; of a
    /// table of customers (--set input.grain=customers) last_order_date or recency_days, orders, revenue, first_order_date,
    /// purchase_days, transactions, largest_order
    /// [default: the name of the role; quantity, unit_price, currency, margin and recency_days are not read]
    #[arg(long, value_name = "ROLE=NAME", value_parser = role_and_name)]
    pub column: Vec<(String, String)>,
    /// SQL condition on the columns of the input; only rows that meet it are read [default: all rows]
    #[arg(long, value_name = "SQL")]
    pub filter: Option<String>,
    /// Time zone (IANA name) in which the day of a timestamp is taken [default: UTC]
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Format of dates stored as text, as %d/%m/%Y, or as whole numbers, as %Y%m%d [default: none, such dates are refused]
    #[arg(long, value_name = "FORMAT")]
    pub date_format: Option<String>,
    /// Unit of dates stored as numbers [default: none, such dates are refused]
    #[arg(long, value_name = "UNIT", value_parser = ["s", "ms", "us", "ns", "d"])]
    pub epoch_unit: Option<String>,
    /// What one order is [default: order_id where there is such a column, else row]
    #[arg(long, value_name = "WHAT", value_parser = ["order_id", "order_id_and_day", "row", "day"])]
    pub orders_by: Option<String>,
    /// What returns are: they lower revenue alone (net), count as orders (literal), or are left out [default: net]
    #[arg(long, value_name = "POLICY", value_parser = ["net", "literal", "purchases", "drop"])]
    pub returns: Option<String>,
    /// Segment map: the name of a shipped one (`rfmetrics maps`), or a TOML file; it brings its bins and methods for axes that
    /// are not configured [default: rf25]
    #[arg(long, value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
    pub map: Option<String>,
    /// How all three axes are cut into scores [default: quantile]. Of one axis, also fixed, mean, median and pareto: set
    /// score.recency.method and so on, with its bins
    #[arg(long, value_name = "METHOD", value_parser = method_of_all_axes())]
    pub method: Option<String>,
    /// Number of scores of all three axes [default: 5, or what the map is made for]
    #[arg(long, value_name = "N")]
    pub bins: Option<u32>,
    /// Decimals of money [default: 2]
    #[arg(long, value_name = "N")]
    pub money_scale: Option<u8>,
    /// Drop exact repeats of a row
    #[arg(long)]
    pub dedupe: bool,
    /// Count exact repeats of a row, and keep them
    #[arg(long)]
    pub count_repeats: bool,
    /// Stop on any quarantined row
    #[arg(long)]
    pub strict: bool,
    /// Publish empty tables when no row is kept, instead of stopping
    #[arg(long)]
    pub allow_empty: bool,
    /// Stop when more than this share (0..1) of the rows is quarantined [default: 0.5]
    #[arg(long, value_name = "SHARE")]
    pub max_quarantined_share: Option<f64>,
    /// Leave out the customers whose ids stand in this text file, one per line [default: none]
    #[arg(long, value_name = "FILE")]
    pub exclude_ids: Option<String>,
    /// Publish HMAC-SHA256 of customer ids; the key comes from --hash-key-file or RFMETRICS_HASH_KEY
    #[arg(long)]
    pub hash_ids: bool,
    /// File with the key of --hash-ids [default: none, RFMETRICS_HASH_KEY holds the key]
    #[arg(long, value_name = "FILE")]
    pub hash_key_file: Option<String>,
    /// Threads to compute with [default: as many as the machine has cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<u32>,
    /// Memory that the run may use, as 1.5GB or 2GiB; what it has no room for goes to disk [default: the limit of the
    /// control group, else 80% of the machine's memory]
    #[arg(long, value_name = "SIZE")]
    pub memory_limit: Option<String>,
    /// Directory for what memory has no room for [default: the output]
    #[arg(long, value_name = "DIRECTORY")]
    pub spill_path: Option<String>,
    /// Check the checksums of the input's pages
    #[arg(long)]
    pub verify: bool,
    /// Stop on warnings before anything is published: on all, or on those with these codes (docs/warnings.md), as
    /// --deny-warnings=stale_data,nobody_ids [default: none]
    #[arg(long, value_name = "CODES", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub deny_warnings: Option<String>,
    /// Predict purchases and lifetime value of each customer by this model; `[predict]` has further settings. bg_bb counts
    /// opportunities, as donations by year, and wants `predict.time_unit`
    /// [default: nothing is predicted]
    #[arg(long, value_name = "MODEL", value_parser = ModelChoice::ALL.map(ModelChoice::name))]
    pub predict: Option<String>,
    /// Any key of the configuration, as clean.min_amount=0.01; can be repeated, and wins over other flags
    /// [default: none]
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub set: Vec<(String, String)>,
}

impl SettingsArgs {
    /// The flags as settings: dotted key, value, and the flag. Later ones win over earlier ones, so `--set` wins over a
    /// flag that sets all three axes.
    #[must_use]
    pub fn layers(&self) -> Vec<FlagSetting> {
        let mut layers = Layers(Vec::new());
        self.add_input(&mut layers);
        self.add_meaning(&mut layers);
        self.add_limits(&mut layers);
        for (key, value) in &self.set {
            layers.0.push((key.clone(), value_of_text(value), "--set".to_owned()));
        }
        layers.0
    }

    /// The input: where the rows are and which of them are read.
    fn add_input(&self, layers: &mut Layers) {
        if !self.input.is_empty() {
            let paths = self.input.iter().map(|path| Value::from(path.as_str())).collect::<Vec<Value>>();
            layers.0.push(("input.paths".to_owned(), Value::Array(paths), "--input".to_owned()));
        }
        layers.text(self.output.as_ref(), "output.path", "--output");
        layers.number(self.wait, "output.wait_seconds", "--wait");
        layers.text(self.filter.as_ref(), "input.filter", "--filter");
        layers.switch(self.verify, "input.verify", "--verify");
        for (role, name) in &self.column {
            layers.text(Some(name), &format!("columns.{role}"), "--column");
        }
    }

    /// How dates, orders and scores are defined.
    fn add_meaning(&self, layers: &mut Layers) {
        layers.text(self.as_of.as_ref(), "dates.as_of", "--as-of");
        layers.number(self.window_days, "dates.window_days", "--window-days");
        layers.text(self.time_zone.as_ref(), "dates.time_zone", "--time-zone");
        layers.text(self.date_format.as_ref(), "dates.format", "--date-format");
        layers.text(self.epoch_unit.as_ref(), "dates.epoch_unit", "--epoch-unit");
        layers.text(self.orders_by.as_ref(), "clean.orders_by", "--orders-by");
        layers.text(self.returns.as_ref(), "clean.returns", "--returns");
        layers.text(self.map.as_ref(), "segment.map", "--map");
        for axis in ["recency", "frequency", "monetary"] {
            layers.text(self.method.as_ref(), &format!("score.{axis}.method"), "--method");
            layers.number(self.bins, &format!("score.{axis}.bins"), "--bins");
        }
        layers.number(self.money_scale.map(u32::from), "clean.money_scale", "--money-scale");
    }

    /// Limits, and which customers are left out.
    fn add_limits(&self, layers: &mut Layers) {
        layers.switch(self.dedupe, "clean.dedupe", "--dedupe");
        layers.switch(self.count_repeats, "clean.count_repeats", "--count-repeats");
        layers.switch(self.strict, "clean.strict", "--strict");
        layers.switch(self.allow_empty, "clean.allow_empty", "--allow-empty");
        if let Some(share) = self.max_quarantined_share {
            let (key, flag) = ("clean.max_quarantined_share", "--max-quarantined-share");
            layers.0.push((key.to_owned(), Value::Float(share), flag.to_owned()));
        }
        layers.text(self.exclude_ids.as_ref(), "privacy.exclude_ids", "--exclude-ids");
        layers.switch(self.hash_ids, "privacy.hash_ids", "--hash-ids");
        layers.text(self.hash_key_file.as_ref(), "privacy.hash_key_file", "--hash-key-file");
        layers.number(self.threads, "run.threads", "--threads");
        layers.text(self.memory_limit.as_ref(), "run.memory_limit", "--memory-limit");
        layers.text(self.spill_path.as_ref(), "run.spill_path", "--spill-path");
        layers.text(self.deny_warnings.as_ref(), "run.deny_warnings", "--deny-warnings");
        layers.text(self.predict.as_ref(), "predict.model", "--predict");
    }
}

/// The settings gathered from flags.
pub(crate) struct Layers(pub(crate) Vec<FlagSetting>);

impl Layers {
    pub(crate) fn text(&mut self, value: Option<&String>, key: &str, flag: &str) {
        self.0.extend(value.map(|text| (key.to_owned(), Value::from(text.as_str()), flag.to_owned())));
    }

    pub(crate) fn number(&mut self, value: Option<u32>, key: &str, flag: &str) {
        self.0.extend(value.map(|number| (key.to_owned(), Value::from(i64::from(number)), flag.to_owned())));
    }

    /// A flag that is not given leaves the key to the other layers; it never turns it off.
    pub(crate) fn switch(&mut self, is_on: bool, key: &str, flag: &str) {
        if is_on {
            self.0.push((key.to_owned(), Value::Boolean(true), flag.to_owned()));
        }
    }
}
