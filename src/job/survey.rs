//! Everything that can be known before a row is read, and everything that is wrong with it: one survey for runs and checks.
//!
//! Settings, files, footers, contract, rules, maps, frozen values, lookup tables, the output. It continues after each problem, so
//! that all of them are known at once. Does not live here: how each part is opened (`input`, `source`, `scoring`, `predict`,
//! `publish`), and how what was found is shown (`commands::check`).

use std::path::{Path, PathBuf};

use super::memory::{Bounded, IdHints};
use super::{frozen, lookups, memory, predictions, pseudonyms, rule_columns};
use crate::config::{Config, Draft};
use crate::day::{date_of, day_of};
use crate::error::{Error, Problems, Result};
use crate::input::Input;
use crate::input::part::InputPart;
use crate::known::Known;
use crate::predict::LoadedModels;
use crate::privacy::Pseudonyms;
use crate::publish::{self, Preflight};
use crate::scoring::{Scorings, Settings, SurveyedScoring, survey};
use crate::segment::PROSPECTS;
use crate::source::contract::Role;
use crate::source::footers::hints::column_hint;
use crate::source::listing;

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Tables.
    Publish,
    /// One customer among the scored ones: nothing is gathered that only tables show.
    Explain,
}

/// What was found; each part is none where something is wrong with it, or with the settings that it depends on.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) input: Option<Input>,
    /// None where ids are published as they are, too.
    pub(crate) pseudonyms: Option<Pseudonyms>,
    pub(crate) scorings: Option<Scorings<SurveyedScoring>>,
    /// The models of a published run; none where new ones are fitted, too.
    pub(crate) models: Option<LoadedModels>,
    /// Whether the settings of predictions, and the models that they name, can be used.
    pub(crate) can_predict: bool,
    /// None for purposes without an output, too.
    pub(crate) output: Option<Preflight>,
    /// None where no limit is known, or something is wrong with the settings that it depends on.
    pub(crate) bounded: Option<Bounded>,
}

impl Survey {
    /// Checks everything in the order of a run; `problems` gets what a run would stop at. What depends on a wrong setting is not
    /// checked: further problems would only follow from it.
    pub(crate) fn of(draft: &Draft, purpose: Purpose, problems: &mut Problems) -> Self {
        let config = &draft.config;
        let is_published = purpose == Purpose::Publish;
        problems.extend(draft.problem.clone());
        let input = open(draft, problems);
        let hashes_ids = is_published && draft.is_sound(&["privacy"]);
        let pseudonyms = if hashes_ids { problems.note(pseudonyms::wanted(config)).flatten() } else { None };
        let are_sound = draft.is_sound(&["score", "segment", "kmeans", "octants", "scoring", "clean.money_scale"]);
        let known = input.as_ref().map_or_else(|| config.known(), |input| input.rules.known);
        let scorings = are_sound.then(|| scorings(config, known, problems));
        if let Some((scorings, input)) = scorings.as_ref().zip(input.as_ref()) {
            // What is wrong with the table of members is noted below.
            let members = lookups::member_table::look(config, Some(input.has_text_ids())).ok().flatten();
            problems.extend(rule_columns::unfit_attributes(scorings, input, members.as_ref()));
        }
        if config.customers.path.is_some() {
            problems.extend(scorings.iter().flat_map(refuse_prospects));
        }
        let models = draft.is_sound(&["predict"]).then(|| problems.note(predictions::loaded(config))).flatten();
        if is_published {
            look_at_lookups(draft, input.as_ref(), problems);
        }
        let has_output = is_published && draft.is_sound(&["output"]);
        let output = if has_output { look_at_output(config, input.as_ref(), problems) } else { None };
        let (is_sound, mut bounded) = (draft.is_sound(&["run"]), None);
        if is_sound {
            problems.note(look_at_spill_path(config));
            bounded = input.as_ref().and_then(|input| bounds(input, config));
            problems.note(bounded.as_ref().map_or(Ok(()), Bounded::refuse));
        }
        let can_predict = models.is_some();
        Self { input, pseudonyms, scorings, models: models.flatten(), can_predict, output, bounded }
    }
}

fn open(draft: &Draft, problems: &mut Problems) -> Option<Input> {
    if !draft.is_sound(&["input.paths"]) || problems.note(draft.config.require_input()).is_none() {
        return None;
    }
    let columns = [
        "input",
        "columns",
        "customers",
        "dates.format",
        "dates.epoch_unit",
        "clean.orders_by",
        "clean.nobody_ids",
        "clean.dedupe_keys",
        "clean.dedupe_latest_by",
    ];
    Input::survey(&draft.config, draft.config.threads(), draft.is_sound(&columns), problems)
}

/// The run's own scoring, then the others in the order of the settings, of customers of whom so much is known.
fn scorings(config: &Config, known: Known, problems: &mut Problems) -> Scorings<SurveyedScoring> {
    let settings = problems.note(config.scorings()).unwrap_or_else(|| Scorings::alone(config.own_scoring()));
    let surveyed = survey(settings.map(|settings| Settings { known, ..settings }), frozen::read);
    problems.extend(surveyed.problems());
    surveyed
}

/// A segment map may have no segment of the name of those who never bought.
fn refuse_prospects(scorings: &Scorings<SurveyedScoring>) -> Vec<Error> {
    let maps = scorings.iter().filter_map(|scoring| scoring.map.as_ref().ok());
    let named = maps.filter(|map| map.segments.iter().any(|segment| segment.key == PROSPECTS));
    let refused = named.map(|map| {
        let headline = format!("the segment map `{}` has a segment `{PROSPECTS}`", map.name);
        let cause = "with `customers.path` that is the name of those who never bought, in every map";
        Error::config(headline).cause(cause).hint("give the segment another key")
    });
    refused.collect()
}

fn look_at_lookups(draft: &Draft, input: Option<&Input>, problems: &mut Problems) {
    if draft.is_sound(&["social"]) {
        problems.note(lookups::social::weights(&draft.config));
    }
    if draft.is_sound(&["social", "predict"]) {
        lookups::preflight(input, &draft.config, problems);
    }
    if draft.is_sound(&["customers", "columns", "dates.format"]) {
        problems.note(lookups::member_table::look(&draft.config, input.map(Input::has_text_ids)));
    }
}

fn look_at_output(config: &Config, input: Option<&Input>, problems: &mut Problems) -> Option<Preflight> {
    let as_of = config.dates.as_of.as_deref().and_then(|text| day_of(text).ok());
    let preflight = problems.note(publish::look(&config.output, &claimed_paths(input, config), as_of.map(date_of)))?;
    problems.extend(preflight.problems.iter().cloned());
    Some(preflight)
}

fn look_at_spill_path(config: &Config) -> Result<()> {
    let Some(path) = config.run.spill_path.as_deref().filter(|path| !Path::new(path).is_dir()) else { return Ok(()) };
    Err(Error::config(format!("`{path}`: `run.spill_path` is no directory"))
        .hint("make it, or leave the setting out: temporary files then go to the output"))
}

/// What memory must hold. The footers are looked at a second time where it depends on the ids.
fn bounds(input: &Input, config: &Config) -> Option<Bounded> {
    let hint = |part: &InputPart| {
        let ids = part.contract.column(Role::CustomerId).map_or("", |column| &column.name);
        IdHints { customers: column_hint(&part.contract.files, ids, config.threads()), ..IdHints::default() }
    };
    memory::bounds::bounds(input, config, || input.parts.iter().map(hint).collect())
}

/// The paths that no output may touch.
pub(crate) fn claimed_paths(input: Option<&Input>, config: &Config) -> Vec<PathBuf> {
    let mut claimed = input.map(Input::paths).unwrap_or_default();
    let lookups = lookups::sealed::named(config).map(|(_, path)| path).chain(&config.currency.rates);
    claimed.extend(lookups.map(|path| listing::searched(path)));
    let searched = config.every_input().into_iter().flat_map(|own| own.input.paths);
    claimed.extend(searched.map(|path| listing::searched(&path)));
    claimed
}
