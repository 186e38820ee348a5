//! What every section of the page may look at: the date that is shown, its tables, its neighbours, texts and numbers.

use chrono::NaiveDate;

use super::data::customers::CustomerFigures;
use super::data::neighbours::Neighbours;
use super::data::segments::Segments;
use super::data::tables::Tables;
use super::numbers::Numbers;
use super::options::PageOptions;
use super::texts::Texts;
use crate::error::Result;
use crate::history::PublishedRun;
use crate::manifest::Manifest;

/// A published date as the sections see it.
pub(crate) struct Context<'a> {
    pub(crate) as_of: NaiveDate,
    pub(crate) manifest: &'a Manifest,
    pub(crate) tables: Tables<'a>,
    pub(crate) segments: Segments,
    pub(crate) customers: CustomerFigures,
    pub(crate) neighbours: Neighbours,
    pub(crate) campaigns: &'a [PublishedRun],
    pub(crate) texts: Texts,
    pub(crate) numbers: Numbers,
    pub(crate) options: PageOptions,
}

impl<'a> Context<'a> {
    /// Reads what several sections need.
    ///
    /// # Errors
    /// A source error where a table cannot be read.
    pub(crate) fn read(
        (run, manifest): (&'a PublishedRun, &'a Manifest),
        (beside, campaigns): (&'a [PublishedRun], &'a [PublishedRun]),
        options: PageOptions,
    ) -> Result<Self> {
        let totals = &manifest.totals;
        let scale = totals.money_scale;
        let tables = Tables::of(run, scale)?;
        let own = tables.read("segments", &["map"])?;
        let map = own.and_then(|rows| rows.text("map", 0).map(str::to_owned));
        let map = map.unwrap_or_else(|| manifest.config.segment.map.clone());
        let mean = totals.revenue_minor_units.map(|revenue| (i128::from(revenue), totals.customers));
        Ok(Self {
            as_of: manifest.as_of,
            segments: Segments::read(&tables, map, options.language)?,
            customers: CustomerFigures::read(&tables, scale, mean)?,
            neighbours: Neighbours::of(beside, manifest.as_of, (totals, &manifest.config)),
            texts: Texts::of(options.language)?,
            numbers: Numbers { language: options.language, scale },
            manifest,
            tables,
            campaigns,
            options,
        })
    }

    /// Whether the amounts are known.
    pub(crate) const fn has_money(&self) -> bool {
        self.manifest.totals.revenue_minor_units.is_some()
    }

    /// Whether orders and money count in a window of days only.
    pub(crate) const fn has_window(&self) -> bool {
        self.manifest.config.dates.window_days.is_some()
    }

    /// A text.
    pub(crate) fn say<'t>(&'t self, key: &'t str) -> &'t str {
        self.texts.say(key)
    }

    /// The heads of a table, by their keys below `column.`.
    pub(crate) fn heads(&self, keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| self.texts.say(&format!("column.{key}")).to_owned()).collect()
    }
}
