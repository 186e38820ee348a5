//! `init`: a commented configuration file to start from, with the columns guessed from the user's own files.
//!
//! Lives here: reading the files, the text about what was guessed and what was not, and the careful writing. Does not
//! live here: the guesses (`guess`) and the form of the file (`config::starter_toml`).
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

mod customers;
mod guess;
mod names;
mod rows;

use clap::{Args, ValueHint};

use crate::commands::Answer;
use crate::config::DEFAULT_FILE;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use toml::Value;

use crate::commands::init::guess::{Roles, Taken};
use crate::config::{Config, Guess, starter_toml};
use crate::error::{Error, Result, printable_line};
use crate::files::os_error;
use crate::source::footers::hints::column_hint;
use crate::source::footers::{self, Column, FileFooter};
use crate::source::kinds::ColumnKind;
use crate::source::options::{DEFAULT_ORDER_ID, InputOptions, NO_AMOUNTS};

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics init
  rfmetrics init --input sales.parquet --output-file monthly.toml --force";

/// Write a commented configuration file to start from
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct InitArgs {
    /// Parquet files to guess the columns from [default: none, every setting is a comment]
    #[arg(long, num_args = 1.., value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub input: Vec<String>,
    /// File to write [default: rfmetrics.toml in the working directory]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output_file: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    pub force: bool,
}

impl InitArgs {
    /// # Errors
    /// As [`init`].
    pub(crate) fn answer(&self) -> Result<Answer> {
        let path = self.output_file.clone().unwrap_or_else(|| DEFAULT_FILE.into());
        init(&self.input, &path, self.force).map(Answer::text)
    }
}

/// More decimals of money than this are not kept (see `clean.money_scale`).
const MOST_MONEY_DECIMALS: u32 = 6;

/// What could be guessed from the files, and the notes about it.
#[derive(Debug, Default)]
struct Guesses {
    settings: Vec<Guess>,
    notes: Vec<String>,
    /// What only the user can decide.
    open: Vec<String>,
    /// Columns that change what an amount means.
    pointers: Vec<String>,
}

/// Writes a starter file to `path`; with `inputs`, the columns are guessed from them. Returns the text for the user.
///
/// # Errors
/// A source error where the inputs are not sound Parquet files; a config error where the file exists and `force` is not
/// set; a write error where it cannot be written.
pub fn init(inputs: &[String], path: &Path, force: bool) -> Result<String> {
    if !force && fs::symlink_metadata(path).is_ok() {
        return Err(exists(path));
    }
    let guesses = if inputs.is_empty() { Guesses::default() } else { look(inputs)? };
    let notes = [&guesses.open[..], &guesses.pointers].concat();
    write_file(path, &starter_toml(&guesses.settings, &notes)?, force)?;
    Ok(summary(inputs, path, &guesses))
}

fn exists(path: &Path) -> Error {
    Error::config(format!("`{}` exists already", path.display()))
        .hint("name another file with --output-file, or overwrite it with --force")
}

/// Without `force`, a file that appears in between is not overwritten either.
fn write_file(path: &Path, text: &str, force: bool) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).create_new(!force);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(path),
        _ => os_error("written", path, &error),
    })
}

fn look(inputs: &[String]) -> Result<Guesses> {
    let threads = Config::default().threads();
    let options = InputOptions { paths: inputs.to_vec(), ..InputOptions::default() };
    let footers = footers::of_input(&options, threads)?;
    let columns = common_columns(&footers);
    let roles = guess::roles(&columns);
    let mut guesses = Guesses::default();
    let paths = inputs.iter().map(|path| Value::from(path.as_str())).collect();
    guesses.settings.push(setting("input.paths", Value::Array(paths), ""));
    let given = customers::columns_of(&columns);
    match &given {
        Some(given) => guesses.customers_and(given, &roles, &columns),
        None => guesses.columns(&roles, &columns),
    }
    let last_order = given.iter().flatten().find(|given| given.key == "columns.last_order_date");
    let time = if given.is_some() { last_order.map(|given| &given.taken) } else { roles.time.as_ref() };
    match time {
        Some(time) => guesses.dates(time, &footers, threads),
        None if given.is_some() => {}
        None => guesses.open.extend(guess::float_dates(&columns, |name| column_hint(&footers, name, threads))),
    }
    let revenue = given.iter().flatten().find(|given| given.key == "columns.revenue").map(|given| &given.taken);
    if let Some(Taken { name, kind: ColumnKind::Decimal { scale, .. }, .. }) = revenue.or(roles.amount.as_ref()) {
        guesses.money(name, *scale);
    }
    if given.is_none() {
        guesses.rows(&roles, &columns, &footers);
    }
    let taken = guesses.settings.iter().filter_map(|setting| setting.value.as_str());
    let others: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let others: Vec<String> =
        others.into_iter().filter(|name| !taken.clone().any(|t| t == *name)).map(quoted).collect();
    if !others.is_empty() {
        guesses.notes.push(format!("not used: {}", others.join(", ")));
    }
    Ok(guesses)
}

/// The columns that every file with rows has, as the first one has them.
fn common_columns(footers: &[FileFooter]) -> Vec<Column> {
    let has_rows = footers.iter().any(|file| file.rows > 0);
    let files: Vec<&FileFooter> = footers.iter().filter(|file| file.rows > 0 || !has_rows).collect();
    let Some((first, others)) = files.split_first() else { return Vec::new() };
    let is_in = |file: &FileFooter, name: &str| file.columns.iter().any(|column| column.name == name);
    first.columns.iter().filter(|column| others.iter().all(|file| is_in(file, &column.name))).cloned().collect()
}

fn setting(key: &str, value: impl Into<Value>, remark: &str) -> Guess {
    Guess { key: key.to_owned(), value: value.into(), remark: remark.to_owned(), is_proposal: false }
}

fn quoted(name: &str) -> String {
    format!("`{name}`")
}

impl Guesses {
    fn columns(&mut self, roles: &Roles, columns: &[Column]) {
        let who = "an integer or a text that says who bought";
        self.role("columns.customer_id", roles.customer.as_ref(), columns, who);
        match &roles.order {
            Some(order) => self.role("columns.order_id", Some(order), columns, ""),
            None => self.notes.push(format!(
                "order_id: no column looks like one, so that each row is an order (name one under [columns] if there is, \
                 or set `clean.orders_by = \"day\"`); a column `{DEFAULT_ORDER_ID}` would be taken by itself"
            )),
        }
        self.role("columns.order_ts", roles.time.as_ref(), columns, "a date or a timestamp that says when");
        match &roles.factors {
            Some((quantity, price)) => {
                self.role("columns.quantity", Some(quantity), columns, "");
                self.role("columns.unit_price", Some(price), columns, "");
            }
            None if guess::has_no_amount(columns, roles) => self.no_amount(),
            None => self.role(
                "columns.amount",
                roles.amount.as_ref(),
                columns,
                "a number that says how much, or to \"none\" where the input has no amounts",
            ),
        }
        if let Some(Taken { name, why, .. }) = &roles.margin {
            let proposal = setting("columns.margin", name.as_str(), &format!("guessed {why}"));
            self.settings.push(Guess { is_proposal: true, ..proposal });
            self.notes
                .push(format!("margin: `{name}`, {why}; it stands in a comment: take the `#` away to have it summed"));
        }
    }

    /// No column can be an amount: visits, clicks.
    fn no_amount(&mut self) {
        let why = "no column beside ids and dates is a number";
        self.settings.push(setting("columns.amount", NO_AMOUNTS, &format!("guessed because {why}")));
        self.pointers.push(format!(
            "amount: `{NO_AMOUNTS}`, because {why}: recency and frequency are scored, and nothing is made of money; name the column if \
             there is one"
        ));
    }

    /// Who the customers are, and the other columns of a table of them.
    fn customers_and(&mut self, given: &[customers::Given], roles: &Roles, columns: &[Column]) {
        self.role("columns.customer_id", roles.customer.as_ref(), columns, "an integer or a text that says who bought");
        self.of_customers(given);
    }

    /// Which rows are sales, and which columns say more about their money.
    fn rows(&mut self, roles: &Roles, columns: &[Column], footers: &[FileFooter]) {
        if let Some(filter) = rows::purchases(columns, footers) {
            let rows::FilterGuess { condition, why } = filter;
            self.notes.push(format!("filter: {condition}, because {why}"));
            self.settings.push(setting("input.filter", condition, &format!("guessed: {why}")));
        }
        let factors = roles.factors.iter().flat_map(|(quantity, price)| [quantity, price]);
        let taken = [&roles.customer, &roles.order, &roles.time].into_iter().flatten().chain(factors);
        let taken: Vec<&str> = taken.chain(&roles.amount).map(|taken| taken.name.as_str()).collect();
        if let Some(column) = rows::currency(columns) {
            let proposal = setting("columns.currency", column.name.as_str(), "guessed by its name and type (text)");
            self.settings.push(Guess { is_proposal: true, ..proposal });
        }
        self.pointers.extend(rows::notes_on_money(columns, footers, &taken));
    }

    fn role(&mut self, key: &str, taken: Option<&Taken>, columns: &[Column], wanted: &str) {
        let role = key.trim_start_matches("columns.");
        if let Some(Taken { name, why, .. }) = taken {
            self.settings.push(setting(key, name.as_str(), &format!("guessed {why}")));
            self.notes.push(format!("{role}: `{name}`, {why}"));
        } else {
            let unfit = guess::unfit(columns, role).map(|unfit| format!("{unfit}; ")).unwrap_or_default();
            self.open.push(format!("{role}: could not be guessed; {unfit}set `{key}` to {wanted}"));
        }
    }

    /// What dates need in addition to their column.
    fn dates(&mut self, time: &Taken, footers: &[FileFooter], threads: usize) {
        let name = &time.name;
        match &time.kind {
            ColumnKind::Int { .. } if guess::are_written_dates(&column_hint(footers, name, threads)) => {
                let why = "its least and its greatest number are dates written as 20251231";
                self.settings.push(setting("dates.format", "%Y%m%d", &format!("guessed because {why}")));
                self.notes.push(format!("date format: `%Y%m%d`, because {why}"));
            }
            ColumnKind::Int { .. } => match guess::epoch_unit(&column_hint(footers, name, threads)) {
                Ok((_, word)) => {
                    let why = "by the magnitude of its values, as the statistics in the footers claim";
                    self.settings.push(setting("dates.epoch_unit", word, &format!("guessed {why}")));
                    self.notes.push(format!("epoch unit: `{word}`, {why}"));
                }
                Err(why) => self.open.push(format!("epoch unit: `{name}` holds integers, and {why}")),
            },
            ColumnKind::Text => {
                let example = column_hint(footers, name, threads).example;
                let example = example.map(|example| format!(" (one of them is `{example}`)")).unwrap_or_default();
                self.open.push(format!(
                    "date format: `{name}` holds dates as text{example}, and whether 01/02 is a day in January or in \
                     February is not guessed; set `dates.format`, such as \"%Y-%m-%d\", \"%d/%m/%Y\" or \
                     \"%Y-%m-%d %H:%M:%S\""
                ));
            }
            ColumnKind::Timestamp { utc: false, .. } => self.notes.push(format!(
                "time zone: `{name}` carries none, and its days are taken as they stand; if its times are of another zone \
                 than your business, set `dates.source_time_zone` to that zone (often `UTC`) and `dates.time_zone` to yours"
            )),
            _ => {}
        }
    }

    fn money(&mut self, name: &str, scale: u32) {
        let default = Config::default().clean.money_scale;
        if scale > u32::from(default) && scale <= MOST_MONEY_DECIMALS {
            let why = format!("`{name}` has {scale} decimals");
            self.settings.push(setting("clean.money_scale", i64::from(scale), &format!("guessed because {why}")));
            self.notes.push(format!("decimals of money: {scale}, because {why}"));
        }
    }
}

fn summary(inputs: &[String], path: &Path, guesses: &Guesses) -> String {
    let mut text = format!("wrote `{}`\n", printable_line(&path.display().to_string()));
    if inputs.is_empty() {
        text.push_str("nothing was guessed: name your Parquet files with --input to have their columns guessed\n");
    }
    for note in &guesses.notes {
        let _ = writeln!(text, "  {}", printable_line(note));
    }
    for pointer in &guesses.pointers {
        let _ = writeln!(text, "  LOOK AT {}", printable_line(pointer));
    }
    for open in &guesses.open {
        let _ = writeln!(text, "  TO DO {}", printable_line(open));
    }
    let _ = writeln!(text, "next: rfmetrics check --config {}", shell_word(path));
    text
}

/// The path as a word of a shell.
fn shell_word(path: &Path) -> String {
    let text = printable_line(&path.display().to_string());
    let is_plain = |c: char| c.is_alphanumeric() || "/._-=+,".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_file_without_guesses_loads_and_is_not_overwritten_without_force() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("my rfm.toml");
        let summary = init(&[], &path, false).unwrap();
        assert!(summary.ends_with("my rfm.toml'\n") && summary.contains("rfmetrics check --config '"), "{summary}");
        assert!(Config::load(Some(&path), Vec::new(), Vec::new()).is_ok());
        fs::write(&path, "# mine").unwrap();
        assert_eq!(init(&[], &path, false).unwrap_err().kind(), Kind::Config);
        assert_eq!(fs::read_to_string(&path).unwrap(), "# mine");
        init(&[], &path, true).unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("[input]"));
    }

    #[test]
    fn a_directory_that_is_not_there_is_a_write_error() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(init(&[], &directory.path().join("no/a.toml"), false).unwrap_err().kind(), Kind::Write);
    }
}
