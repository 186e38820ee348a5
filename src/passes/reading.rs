//! The one execution of the scan: which columns are read, by which rules rows are judged, and who takes them.
//!
//! Polars reads and filters; each batch is judged and handed to every pass on the thread that decoded it, so that the
//! rows are still in its cache. Does not live here: what a pass makes of the rows, and any rule.
#![allow(clippy::disallowed_methods, reason = "the one execution of the scan")]

use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::*;

use super::ids_too_large;
use super::repeats::seen_rows::SeenRows;
use super::unreadable;
use crate::clean::judge::{IDS_TOO_LARGE, Judge, Judged};
use crate::error::{Error, Result};
use crate::input::Input;
use crate::progress::Progress;
use crate::source::options::InputOptions;
use crate::source::scan::{self, Further, Group, Request};

/// Something that is made of the rows as they come by.
pub(crate) trait Pass: Send + Sync + 'static {
    /// Takes one batch of the scan, from any thread: as it was read, and as it was judged.
    ///
    /// # Errors
    /// Whatever ends the run.
    fn add(&self, scan: usize, raw: &DataFrame, judged: &Judged) -> Result<()>;

    /// Takes rows that repeat others, which were left out of the scan: none of them is kept. Most passes need none.
    ///
    /// # Errors
    /// As [`Pass::add`].
    fn add_repeats(&self, _scan: usize, _raw: &DataFrame, _judged: &Judged) -> Result<()> {
        Ok(())
    }

    /// Takes interactions that the filter leaves out: judged, and in no account. Most passes need none.
    ///
    /// # Errors
    /// As [`Pass::add`].
    fn add_unused(&self, _raw: &DataFrame, _judged: &Judged) -> Result<()> {
        Ok(())
    }
}

/// Everything that takes rows.
type Passes = Arc<Vec<Arc<dyn Pass>>>;

/// One execution of the scan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// The files and their columns.
    pub(crate) input: &'a Input,
    /// How they are read.
    pub(crate) options: &'a InputOptions,
    /// Shows how many rows were read.
    pub(crate) progress: &'a Progress,
    /// Threads of what follows the scan; the engine has its own.
    pub(crate) threads: usize,
    /// Columns beyond those that make customers.
    pub(crate) further: Further,
}

/// What a batch is to the passes.
#[derive(Clone)]
enum Rows {
    /// Rows of the scan, in the account.
    Given,
    /// All but the rows that were given before: they repeat others.
    Repeats(Arc<SeenRows>),
}

/// What one thread needs to take a batch.
struct Taker {
    scan: usize,
    judge: Arc<Judge>,
    passes: Passes,
    rows: Rows,
    progress: Progress,
    too_large: Error,
    /// The first error of a pass: the engine would make a text of it.
    failure: Arc<Mutex<Option<Error>>>,
}

impl<'a> Reading<'a> {
    /// A reading of the columns that make customers, and no others.
    pub(crate) fn new(input: &'a Input, options: &'a InputOptions, progress: &'a Progress) -> Self {
        Self { input, options, progress, threads: 1, further: Further::default() }
    }

    /// Runs the scan of every group once, and hands each judged batch to every pass, from many threads at once.
    ///
    /// # Errors
    /// A source error where a file cannot be decoded; a config error where a condition fails on a row; the first error of
    /// a pass.
    pub(crate) fn run(&self, judge: &Arc<Judge>, passes: Vec<Arc<dyn Pass>>) -> Result<()> {
        self.run_rows(judge, &Arc::new(passes), &Rows::Given)
    }

    /// As [`Self::run`], and then the same for the rows that repeat others, where these are left out.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(crate) fn run_with_repeats(&self, judge: &Arc<Judge>, mut passes: Vec<Arc<dyn Pass>>) -> Result<()> {
        let Some(given) = SeenRows::wanted(self.input).map(Arc::new) else {
            return self.run(judge, passes);
        };
        let others = Arc::new(passes.clone());
        passes.insert(0, Arc::clone(&given) as Arc<dyn Pass>);
        self.run(judge, passes)?;
        if given.are_all() {
            return Ok(());
        }
        self.progress.begin("read repeats", self.input.contract.rows);
        let plain = Self { further: Further::default(), ..*self };
        plain.run_rows(judge, &others, &Rows::Repeats(given))
    }

    fn run_rows(&self, judge: &Arc<Judge>, passes: &Passes, rows: &Rows) -> Result<()> {
        for (scan, group) in self.input.groups.iter().enumerate() {
            judge.begin_scan(scan);
            let failure = Arc::default();
            let taker = Taker {
                scan,
                judge: Arc::clone(judge),
                passes: Arc::clone(passes),
                rows: rows.clone(),
                progress: self.progress.clone(),
                too_large: self.input.named(ids_too_large()),
                failure: Arc::clone(&failure),
            };
            let outcome = execute(self.plan(group, rows)?, move |batch| taker.take(&batch));
            if let Some(error) = failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return Err(error);
            }
            outcome.map_err(|cause| unreadable::error(self.input, group, &cause))?;
        }
        Ok(())
    }

    fn plan(&self, group: &Group, rows: &Rows) -> Result<LazyFrame> {
        let repeats = self.input.repeats.as_ref().filter(|_| matches!(rows, Rows::Given));
        let request = Request { filter: self.input.filter.as_ref(), repeats, further: self.further };
        scan::scan(&self.input.contract, group, self.options, request)
    }
}

impl Taker {
    fn take(&self, batch: &DataFrame) -> PolarsResult<DataFrame> {
        self.progress.advance(batch.height());
        match &self.rows {
            Rows::Given => {
                let judged = self.sound(self.judge.judge(batch))?;
                self.hand_to_all(|pass| pass.add(self.scan, batch, &judged))?;
            }
            Rows::Repeats(given) => {
                let repeats = given.others(batch)?;
                let judged = self.sound(self.judge.judge_repeats(&repeats))?;
                self.hand_to_all(|pass| pass.add_repeats(self.scan, &repeats, &judged))?;
            }
        }
        Ok(DataFrame::empty())
    }

    fn hand_to_all(&self, mut add: impl FnMut(&dyn Pass) -> Result<()>) -> PolarsResult<()> {
        self.passes.iter().try_for_each(|pass| add(pass.as_ref())).map_err(|error| self.stop(error))
    }

    fn sound(&self, judged: PolarsResult<Judged>) -> PolarsResult<Judged> {
        judged.map_err(|error| match error {
            PolarsError::ComputeError(text) if text.starts_with(IDS_TOO_LARGE) => self.stop(self.too_large.clone()),
            other => other,
        })
    }

    /// Keeps an error of our own, and gives the engine one that stops it.
    fn stop(&self, error: Error) -> PolarsError {
        let stop = polars_err!(ComputeError: "{}", error.headline());
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        stop
    }
}

/// Runs a plan on the streaming engine, every batch through `consume`; panics of decoders become texts.
fn execute(
    plan: LazyFrame,
    consume: impl Fn(DataFrame) -> PolarsResult<DataFrame> + Send + Sync + 'static,
) -> std::result::Result<(), String> {
    let no_columns = |_: &Schema| Ok(Arc::new(Schema::default()));
    let plan = plan.map(consume, OptFlags::STREAMING, Some(Arc::new(no_columns)), Some("fold"));
    crate::threads::caught(|| plan.collect_with_engine(Engine::Streaming).map(drop).map_err(|error| error.to_string()))
}

/// The contents of a shared value that nobody else holds any more.
pub(crate) fn sole<T>(shared: Arc<T>) -> Result<T> {
    Arc::into_inner(shared).ok_or_else(|| Error::bug("the engine still holds a part of the finished scan"))
}

/// A closure as a pass: takes each row once, with those that repeat others where they are asked for.
struct Each<F>(F);

impl<F: Fn(usize, &DataFrame, &Judged) -> Result<()> + Send + Sync + 'static> Pass for Each<F> {
    fn add(&self, scan: usize, raw: &DataFrame, judged: &Judged) -> Result<()> {
        self.0(scan, raw, judged)
    }

    fn add_repeats(&self, scan: usize, raw: &DataFrame, judged: &Judged) -> Result<()> {
        self.0(scan, raw, judged)
    }
}

impl Reading<'_> {
    /// Hands each batch to `work`, from many threads at once: a reading with this one pass.
    ///
    /// # Errors
    /// As [`Reading::run`].
    pub(crate) fn for_each_batch(
        &self,
        judge: &Arc<Judge>,
        work: impl Fn(&DataFrame, &Judged) -> Result<()> + Send + Sync + 'static,
    ) -> Result<()> {
        self.run(judge, vec![Arc::new(Each(move |_, raw: &DataFrame, judged: &Judged| work(raw, judged)))])
    }

    /// As [`Self::for_each_batch`], with the number of the scan, and with the rows that repeat others.
    ///
    /// # Errors
    /// As [`Reading::run`].
    pub(crate) fn for_each_row(
        &self,
        judge: &Arc<Judge>,
        work: impl Fn(usize, &DataFrame, &Judged) -> Result<()> + Send + Sync + 'static,
    ) -> Result<()> {
        self.run_with_repeats(judge, vec![Arc::new(Each(work))])
    }
}
