//! `rfmetrics maps`: the shipped segment maps, or one's own, as people read it.
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

use clap::{Args, ValueHint};

use super::Answer;
use crate::error::Result;
use crate::segment::{self, Segment, SegmentMap};

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics maps
  rfmetrics maps rf25
  rfmetrics maps rf25 --toml
  rfmetrics maps our-segments.toml";

/// List the shipped segment maps, or print one
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct MapsArgs {
    /// The map to print, or the TOML file of your own [default: none, all are listed]
    #[arg(value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
    pub name: Option<String>,
    /// Print the map as TOML, to copy and change
    #[arg(long, requires = "name")]
    pub toml: bool,
}

impl MapsArgs {
    /// # Errors
    /// A config error where there is no such map.
    pub(crate) fn answer(&self) -> Result<Answer> {
        let Some(name) = &self.name else {
            let list = |name: &str| {
                let map = segment::load(name, no_file)?;
                Ok(format!("{name}{}: {}\n", made_for(&map), map.title_en))
            };
            let texts: Result<Vec<String>> = segment::shipped().into_iter().map(list).collect();
            return Ok(Answer::text(texts?.concat()));
        };
        let mut own = None;
        let map = segment::load(name, |path| Ok(own.insert(text_of_file(path)?).clone()))?;
        if self.toml {
            return Ok(Answer::text(own.as_deref().or_else(|| segment::shipped_text(name)).unwrap_or_default()));
        }
        let mut text = format!("{}{}: {}\n", map.name, made_for(&map), map.title_en);
        for segment in &map.segments {
            let Segment { order, key, name_en, name_zh, action_en, .. } = segment;
            text.push_str(&format!("{order:>3} {key} ({name_en}, {name_zh}): {action_en}\n"));
        }
        text.push_str("rules, of which the first that holds wins:\n");
        for (number, rule) in (1..).zip(map.rules_as_read()) {
            text.push_str(&format!("{number:>3} {rule}\n"));
        }
        Ok(Answer::text(text))
    }
}

/// ` (R 5, F 5)`; nothing for a map that does not look at scores.
fn made_for(map: &SegmentMap) -> String {
    let axes = map.made_for();
    if axes.is_empty() { axes } else { format!(" ({axes})") }
}

/// The text of one's own map.
///
/// # Errors
/// A config error that names the shipped maps, where there is no such file.
pub(super) fn text_of_file(path: &str) -> Result<String> {
    let unknown = |error| segment::unknown_map(path).cause(format!("`{path}`: {error}"));
    std::fs::read_to_string(path).map_err(unknown)
}

fn no_file(name: &str) -> Result<String> {
    Err(segment::unknown_map(name))
}
