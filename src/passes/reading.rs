//! The one execution of the scan: which columns are read, by which rules rows are judged, and who takes them.
//!
//! Polars reads and filters; each batch is judged and handed to every pass on the thread that decoded it, so that the
//! rows are still in its cache. Does not live here: what a pass makes of the rows, and any rule.
#![allow(clippy::disallowed_methods, reason = "the one execution of the scan")]

use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::*;

use super::judges::Judges;
use super::pass::Pass;
use super::unreadable::{self, Columns};
use super::{ids_too_large, not_whole};
use crate::batch::role;
use crate::clean::judge::{IDS_TOO_LARGE, Judge, Judged, NOT_WHOLE};
use crate::error::{Error, Result};
use crate::input::Input;
use crate::input::customer_id::Id;
use crate::input::part::InputPart;
use crate::progress::Progress;
use crate::source::scan::repeated_rows::RepeatedRows;
use crate::source::scan::repeats::Repeats;
use crate::source::scan::{self, Further, Group, Request};
use crate::spill::Room;

pub(crate) use crate::threads::sole;

/// Everything that takes rows.
type Passes = Arc<Vec<Arc<dyn Pass>>>;

/// One execution of the scan.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The files and their columns.
    pub input: &'a Input,
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
    /// How much of what grows with the rows stays in memory; none where there is no limit.
    pub room: Option<&'a Room>,
    /// The one customer that is looked at; none for all.
    pub(crate) only: Option<&'a Id>,
}

/// The files that interactions are read of, together with the other rows: of each input, in their order.
#[derive(Debug)]
pub struct InteractionFiles(pub Vec<InteractionsOfPart>);

/// Those of one input; nothing of one that has no interactions.
#[derive(Debug, Default)]
pub struct InteractionsOfPart {
    /// For each of its groups whether any of the rows may be an interaction.
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
    /// The number of the scan among those of all inputs.
    scan: usize,
    /// Among those of its input.
    group: usize,
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
    pub fn new(input: &'a Input, progress: &'a Progress) -> Self {
        Self {
            input,
            progress,
            threads: 1,
            further: Further::default(),
            interactions: None,
            keeps_orders: false,
            room: None,
            only: None,
        }
    }

    /// Runs the scan of every group once, and hands each judged batch to every pass, from many threads at once. Rows that
    /// repeat others are left out where the settings ask for that.
    ///
    /// # Errors
    /// A source error where a file cannot be decoded or an expression fails on a row; the first error of a pass.
    pub(crate) fn run(&self, judges: &Judges, passes: Vec<Arc<dyn Pass>>) -> Result<()> {
        self.run_as(Rows::Given, judges, passes)
    }

    /// As [`Self::run`], and the rows that repeat others are judged and handed over as such.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub(crate) fn run_with_repeats(&self, judges: &Judges, passes: Vec<Arc<dyn Pass>>) -> Result<()> {
        self.run_as(Rows::GivenAndRepeats, judges, passes)
    }

    fn run_as(&self, rows: Rows, judges: &Judges, passes: Vec<Arc<dyn Pass>>) -> Result<()> {
        let passes = Arc::new(passes);
        let mut first = 0;
        for ((place, part), judge) in self.input.parts.iter().enumerate().zip(judges.iter()) {
            let scans = Scans { place, part, first };
            self.run_groups(&scans, &part.groups, (judge, &passes), rows)?;
            self.run_groups(&scans, self.interactions_alone(place), (judge, &passes), Rows::Unused)?;
            first += part.groups.len();
        }
        Ok(())
    }

    /// Groups of an input's files of which nothing but interactions is read.
    fn interactions_alone(&self, place: usize) -> &'a [Group] {
        self.interactions.and_then(|files| files.0.get(place)).map_or(&[][..], |files| &files.own)
    }

    fn run_groups(
        &self,
        scans: &Scans<'_>,
        groups: &[Group],
        (judge, passes): (&Arc<Judge>, &Passes),
        rows: Rows,
    ) -> Result<()> {
        let part = scans.part;
        for (number, group) in groups.iter().enumerate() {
            let scan = scans.first + number;
            judge.begin_scan(scan);
            let failure = Failure::default();
            let taker = Taker {
                scan,
                group: number,
                judge: Arc::clone(judge),
                passes: Arc::clone(passes),
                rows,
                repeated: part.repeated_rows.clone(),
                progress: self.progress.clone(),
                too_large: part.named(ids_too_large()),
                failure: failure.clone(),
            };
            let request = self.request(scans, number, rows);
            let plan = scan::scan(&part.contract, group, &part.settings.input, request)?;
            let outcome = execute(plan, move |batch| taker.take(&batch));
            failure.check()?;
            let condition = request.filter.or(request.interactions);
            outcome.map_err(|cause| {
                part.told(unreadable::error(
                    part,
                    group,
                    Columns::Needed,
                    (condition, self.input.rules.tells_ids),
                    &cause,
                ))
            })?;
        }
        Ok(())
    }

    /// The scan of every group, and not executed.
    ///
    /// # Errors
    /// A source error where it cannot be planned.
    pub(super) fn frames(&self) -> Result<Vec<LazyFrame>> {
        let frames = |(place, part): (usize, &'a InputPart)| {
            let scans = Scans { place, part, first: 0 };
            let frame = move |(number, group): (usize, &Group), rows| {
                let request = self.request(&scans, number, rows);
                scan::scan(&part.contract, group, &part.settings.input, request)
            };
            let given = part.groups.iter().enumerate().map(move |group| (group, Rows::Given));
            let own = self.interactions_alone(place).iter().enumerate().map(|group| (group, Rows::Unused));
            given.chain(own).map(move |(group, rows)| frame(group, rows))
        };
        self.input.parts.iter().enumerate().flat_map(frames).collect()
    }

    /// What is asked of the scan of a group of an input.
    fn request<'p>(&self, scans: &Scans<'p>, group: usize, rows: Rows) -> Request<'p> {
        let part = scans.part;
        let (filter, interactions) = (part.filter.as_ref(), part.interactions.as_ref());
        let may_interact = |files: &InteractionFiles| {
            files.0.get(scans.place).is_some_and(|files| files.in_group.get(group) == Some(&true))
        };
        if rows == Rows::Unused {
            return Request { filter: interactions, ..Request::default() };
        }
        Request {
            filter,
            unused: filter.is_some() && part.repeats.as_ref().is_some_and(Repeats::come_before_the_filter),
            interactions: interactions.filter(|_| self.interactions.is_some_and(may_interact)),
            further: self.further,
        }
    }
}

/// The scans of one input.
struct Scans<'p> {
    /// Its place among the inputs.
    place: usize,
    part: &'p InputPart,
    /// The number of its first scan among those of all inputs.
    first: usize,
}

impl Taker {
    fn take(&self, batch: &DataFrame) -> PolarsResult<DataFrame> {
        self.progress.advance(batch.height());
        if self.rows == Rows::Unused {
            self.take_unused(batch)?;
            return Ok(DataFrame::empty());
        }
        let repeated = self.repeated.as_ref().map(|repeated| repeated.of_batch(self.group, batch)).transpose()?;
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
        judges: &Judges,
        work: impl Fn(&DataFrame, &Judged) -> Result<()> + Send + Sync + 'static,
    ) -> Result<()> {
        self.run(judges, vec![Arc::new(Each(move |_, raw: &DataFrame, judged: &Judged| work(raw, judged)))])
    }

    /// As [`Self::for_each_batch`], with the number of the scan, and with the rows that repeat others.
    ///
    /// # Errors
    /// As [`Reading::run`].
    pub(crate) fn for_each_row(
        &self,
        judges: &Judges,
        work: impl Fn(usize, &DataFrame, &Judged) -> Result<()> + Send + Sync + 'static,
    ) -> Result<()> {
        self.run_with_repeats(judges, vec![Arc::new(Each(work))])
    }
}
