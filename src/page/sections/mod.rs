//! The sections of the page, in their order: each is one file, and one word in [`ALL`].
//!
//! A section looks at the tables that it needs, and is not there where they are not. Does not live here: pictures (`charts`),
//! texts (`texts`), and reading (`data`).

mod account;
mod alerts;
mod campaigns;
mod cohorts;
mod distributions;
mod evaluation;
mod further;
mod grid;
mod health;
mod ladder;
mod lifetime_value;
mod migration;
mod models;
mod octants;
mod overview;
mod pareto;
mod scores;
mod section;
mod segments;

pub(super) use overview::subtitle;
pub(super) use section::Section;

use super::context::Context;
use crate::error::Result;

/// How a section is made; none where the date has not the tables for it.
pub(super) type Make = fn(&Context<'_>) -> Result<Option<Section>>;

/// All sections with the names by which links find them.
pub(super) const ALL: &[(&str, Make)] = &[
    ("overview", overview::section),
    ("segments", segments::section),
    ("pareto", pareto::section),
    ("scores", scores::section),
    ("grid", grid::section),
    ("octants", octants::section),
    ("distributions", distributions::section),
    ("health", health::section),
    ("migration", migration::section),
    ("alerts", alerts::section),
    ("ladder", ladder::section),
    ("cohorts", cohorts::section),
    ("evaluation", evaluation::section),
    ("campaigns", campaigns::section),
    ("lifetime_value", lifetime_value::section),
    ("models", models::section),
    ("further", further::section),
    ("account", account::section),
];
