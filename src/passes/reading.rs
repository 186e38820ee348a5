//! The one execution of the scan: which columns are read, by which rules rows are judged, and who takes them.
//!
//! Polars reads and filters; each batch is judged and handed to every pass on the thread that decoded it, so that the
//! rows are still in its cache. Does not live here: what a pass makes of the rows, and any rule.
#![allow(clippy::disallowed_methods, reason = "the one execution of the scan")]

use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::*;

use super::pass::Pass;
use super::unreadable::{self, Columns};
use super::{ids_too_large, not_whole};
use crate::batch::role;
use crate::clean::judge::{IDS_TOO_LARGE, Judge, Judged, NOT_WHOLE};
use crate::error::{Error, Result};
use crate::input::Input;
use crate::input::customer_id::Id;
use crate::progress::Progress;
use crate::source::options::InputOptions;
use crate::source::scan::repeated_rows::RepeatedRows;
use crate::source::scan::repeats::Repeats;
use crate::source::scan::{self, Further, Group, Request};

/// Everything that takes rows.
type Passes = Arc<Vec<Arc<dyn Pass>>>;

/// One execution of the scan.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The files and their columns.
    pub input: &'a Input,
    /// How they are read.
    pub options: &'a InputOptions,
    /// Shows how many rows were read.
    pub progress: &'a Progress,
    /// Threads of what follows the scan; the engine has its own.
    pub threads: usize,
    /// Columns beyond those that make customers.
    pub further: Further,
    /// Where interactions are read, too: of which files.
    pub interactions: Option<&'a InteractionFiles>,
    /// Whether every order is kept, for what looks at each of them.
    pub keeps_orders: bool,
    /// The one customer that is looked at; none for all.
    pub(crate) only: Option<&'a Id>,
}

/// The files that interactions are read of, together with the other rows.
#[derive(Debug)]
pub struct InteractionFiles {
    /// For each group of the input whether any of its rows may be an interaction.
    pub in_group: Vec<bool>,
    /// Groups of files that nothing else is read of.
    pub own: Vec<Group>,
}

/// What a batch is to the passes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// Rows of the scan, in the account.
    Given,
    /// The same, and those that repeat others are in the account, too.
    GivenAndRepeats,
    /// Interactions that the filter leaves out.
    Unused,
}

/// The first error of our own in an execution: the engine would make a text of it.
#[derive(Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<Error>>>);

impl Failure {
    /// Keeps an error, and gives the engine one that stops it.
    pub(super) fn stop(&self, error: Error) -> PolarsError {
        let stop = polars_err!(ComputeError: "{}", error.headline());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        stop
    }

    /// # Errors
    /// The error, where there was one.
    pub(super) fn check(&self) -> Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

/// What one thread needs to take a batch.
struct Taker {
    scan: usize,
    judge: Arc<Judge>,
    passes: Passes,
    rows: Rows,
    /// The rows that repeat others, where these are left out.
    repeated: Option<Arc<RepeatedRows>>,
    progress: Progress,
    too_large: Error,
    failure: Failure,
}

impl<'a> Reading<'a> {
    /// A reading of the columns that make customers, and no others.
    #[must_use]
    pub fn new(input: &'a Input, options: &'a InputOptions, progress: &'a Progress) -> Self {
        Self {
            input,
            options,
            progress,
            threads: 1,
            further: Further::default(),
            interactions: None,
            keeps_orders: false,
            only: None,
        }
    }

    /// Runs the scan of every group once, and hands each judged batch to every pass, from many threads at once. Rows that
    /// repeat others are left out where the settings ask for that.
    ///
    /// # Errors
    /// A source error where a file cannot be decoded or an expression fails on a row; the first error of a pass.
    pub(crate) fn run(&self, judge: &Arc<Judge>, passes: Vec<Arc<dyn Pass>>) -> Result<()> {
        self.run_as(Rows::Given, judge, passes)
    }

    /// As [`Self::run`], and the rows that repeat others are judged and handed over as such.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(crate) fn run_with_repeats(&self, judge: &Arc<Judge>, passes: Vec<Arc<dyn Pass>>) -> Result<()> {
        self.run_as(Rows::GivenAndRepeats, judge, passes)
    }

    fn run_as(&self, rows: Rows, judge: &Arc<Judge>, passes: Vec<Arc<dyn Pass>>) -> Result<()> {
        let passes = Arc::new(passes);
        self.run_groups(&self.input.groups, judge, &passes, rows)?;
        let own = self.interactions.map_or(&[][..], |files| &files.own);
        self.run_groups(own, judge, &passes, Rows::Unused)
    }

    fn run_groups(&self, groups: &[Group], judge: &Arc<Judge>, passes: &Passes, rows: Rows) -> Result<()> {
        for (scan, group) in groups.iter().enumerate() {
            judge.begin_scan(scan);
            let failure = Failure::default();
            let taker = Taker {
                scan,
                judge: Arc::clone(judge),
                passes: Arc::clone(passes),
                rows,
                repeated: self.input.repeated_rows.clone(),
                progress: self.progress.clone(),
                too_large: self.input.named(ids_too_large()),
                failure: failure.clone(),
            };
            let request = self.request(scan, rows);
            let plan = scan::scan(&self.input.contract, group, self.options, request)?;
            let outcome = execute(plan, move |batch| taker.take(&batch));
            failure.check()?;
            let condition = request.filter.or(request.interactions);
            outcome.map_err(|cause| unreadable::error(self.input, group, Columns::Needed, condition, &cause))?;
        }
        Ok(())
    }

    /// The scan of every group, and not executed.
    ///
    /// # Errors
    /// A source error where it cannot be planned.
    pub(super) fn frames(&self) -> Result<Vec<LazyFrame>> {
        let frame = |(number, group): (usize, &Group), rows| {
            scan::scan(&self.input.contract, group, self.options, self.request(number, rows))
        };
        let given = self.input.groups.iter().enumerate().map(|group| frame(group, Rows::Given));
        let own = self.interactions.map_or(&[][..], |files| &files.own);
        given.chain(own.iter().enumerate().map(|group| frame(group, Rows::Unused))).collect()
    }

    /// What is asked of the scan of a group.
    fn request(&self, group: usize, rows: Rows) -> Request<'a> {
        let input = self.input;
        let (filter, interactions) = (input.filter.as_ref(), input.interactions.as_ref());
        let may_interact = |files: &InteractionFiles| files.in_group.get(group) == Some(&true);
        if rows == Rows::Unused {
            return Request { filter: interactions, ..Request::default() };
        }
        Request {
            filter,
            unused: filter.is_some() && input.repeats.as_ref().is_some_and(Repeats::come_before_the_filter),
            interactions: interactions.filter(|_| self.interactions.is_some_and(may_interact)),
            further: self.further,
        }
    }
}

impl Taker {
    fn take(&self, batch: &DataFrame) -> PolarsResult<DataFrame> {
        self.progress.advance(batch.height());
        if self.rows == Rows::Unused {
            self.take_unused(batch)?;
            return Ok(DataFrame::empty());
        }
        let repeated = self.repeated.as_ref().map(|repeated| repeated.of_batch(self.scan, batch)).transpose()?;
        match repeated.flatten() {
            None => self.take_given(batch)?,
            Some(repeated) => {
                if self.rows == Rows::GivenAndRepeats {
                    self.take_repeats(&batch.filter(&repeated)?)?;
                }
                self.take_given(&batch.filter(&!repeated)?)?;
            }
        }
        Ok(DataFrame::empty())
    }

    fn take_repeats(&self, batch: &DataFrame) -> PolarsResult<()> {
        let judged = self.sound(self.judge.judge_repeats(batch))?;
        self.hand_to_all(|pass| pass.add_repeats(self.scan, batch, &judged))
    }

    /// Rows that meet the filter, and where interactions are read, too, rows that do not.
    fn take_given(&self, batch: &DataFrame) -> PolarsResult<()> {
        let Ok(used) = batch.column(role::USED) else { return self.take_used(batch) };
        let used = used.bool()?;
        if used.all() && used.null_count() == 0 {
            return self.take_used(batch);
        }
        // What is null is not met.
        let used: BooleanChunked = used.iter().map(|used| used == Some(true)).collect();
        self.take_used(&batch.filter(&used)?)?;
        // Without interactions, rows that the filter leaves out are no concern of any pass.
        if batch.column(role::INTERACTION).is_ok() { self.take_unused(&batch.filter(&!used)?) } else { Ok(()) }
    }

    fn take_used(&self, batch: &DataFrame) -> PolarsResult<()> {
        let judged = self.sound(self.judge.judge(batch))?;
        self.hand_to_all(|pass| pass.add(self.scan, batch, &judged))
    }

    fn take_unused(&self, batch: &DataFrame) -> PolarsResult<()> {
        let judged = self.sound(self.judge.judge_unaccounted(batch))?;
        self.hand_to_all(|pass| pass.add_unused(batch, &judged))
    }

    fn hand_to_all(&self, mut add: impl FnMut(&dyn Pass) -> Result<()>) -> PolarsResult<()> {
        self.passes.iter().try_for_each(|pass| add(pass.as_ref())).map_err(|error| self.failure.stop(error))
    }

    fn sound(&self, judged: PolarsResult<Judged>) -> PolarsResult<Judged> {
        judged.map_err(|error| match error {
            PolarsError::ComputeError(text) if text.starts_with(IDS_TOO_LARGE) => {
                self.failure.stop(self.too_large.clone())
            }
            PolarsError::ComputeError(text) if text.ends_with(NOT_WHOLE) => self.failure.stop(not_whole(&text)),
            other => other,
        })
    }
}

/// Runs a plan on the streaming engine, every batch through `consume`; panics of decoders become texts.
pub(super) fn execute(
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
