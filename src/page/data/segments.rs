//! Names, colours and actions of segments, in the language of the page.
//!
//! Does not live here: how many customers they have (`sections`).

use std::collections::BTreeMap;

use super::rows::Rows;
use super::tables::Tables;
use crate::error::Result;
use crate::page::colours::{Colour, GREY};
use crate::publish::options::Language;

/// What is known of a segment of a map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Segment {
    /// Its name.
    pub(crate) name: String,
    /// Its colour.
    pub(crate) colour: Colour,
    /// What to do; empty where the map says nothing.
    pub(crate) action: String,
    /// Its place in the map.
    pub(crate) order: i128,
}

/// The segments of all maps, by map and key.
#[derive(Debug, Default)]
pub(crate) struct Segments {
    known: BTreeMap<(String, String), Segment>,
    /// The map of the run's own scoring.
    own: String,
}

const COLUMNS: &[&str] = &["map", "segment", "segment_order", "name_en", "name_zh", "colour", "action_en", "action_zh"];

impl Segments {
    /// The table `dim_segment`.
    ///
    /// # Errors
    /// A source error where it cannot be read.
    pub(crate) fn read(tables: &Tables<'_>, own: String, language: Language) -> Result<Self> {
        let rows = tables.read("dim_segment", COLUMNS)?.unwrap_or_default();
        let (name, action) = match language {
            Language::En => ("name_en", "action_en"),
            Language::Zh => ("name_zh", "action_zh"),
        };
        let entry = |row| {
            let key = rows.name("segment", row).to_owned();
            let segment = Segment {
                name: rows.text(name, row).filter(|name| !name.is_empty()).unwrap_or(&key).to_owned(),
                colour: Colour::of(rows.name("colour", row)),
                action: rows.name(action, row).to_owned(),
                order: rows.exact("segment_order", row).unwrap_or_default(),
            };
            ((rows.name("map", row).to_owned(), key), segment)
        };
        Ok(Self { known: (0..rows.count()).map(entry).collect(), own })
    }

    /// The name of the run's own map.
    pub(crate) fn own_map(&self) -> &str {
        &self.own
    }

    /// A segment of a map; one that is called by its key where the map does not know it.
    pub(crate) fn of(&self, map: &str, key: &str) -> Segment {
        let known = self.known.get(&(map.to_owned(), key.to_owned())).cloned();
        known.unwrap_or_else(|| Segment { name: key.to_owned(), colour: GREY, action: String::new(), order: i128::MAX })
    }

    /// A segment of the run's own map.
    pub(crate) fn get(&self, key: &str) -> Segment {
        self.of(&self.own, key)
    }

    /// The segment of a row, by its columns `map`, where there is one, and `segment`.
    pub(crate) fn of_row(&self, rows: &Rows, row: usize) -> Segment {
        let map = rows.text("map", row).unwrap_or(&self.own);
        self.of(map, rows.name("segment", row))
    }
}
