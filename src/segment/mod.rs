//! Segments: scores in, one named group per customer out. Maps are data; the linter says what a map leaves open.
//!
//! Lives here: segment maps (shipped and the user's own), their compilation to a lookup table, the linter, the
//! octants, and how far two segmentations agree. Does not live here: how scores are made, and files: a user's map comes as text with the name of its origin.
//!
//! A new map is a file in `maps/` and its line in `SHIPPED`.

mod assign;
mod attribute_text;
mod available;
mod claims;
mod conditions;
mod definition;
mod describe;
mod fits;
mod known;
mod lint;
mod lint_text;
mod map;
mod measures;
mod octants;
pub mod options;
mod parse;
mod prospects;
mod rules;
mod run_scores;
mod sets;
#[cfg(test)]
mod shipped;
mod stability;
mod subjects;
mod trace;

pub use crate::score::options::Combination;
pub use assign::{Assigner, MapColumns};
pub use available::Available;
pub use claims::{Claim, SegmentSums, YEAR};
pub use fits::maps_for;
pub use known::{billionths, weighted_score};
pub use lint::{FoundCells, Lint, Overlap};
pub use map::{FmMean, MapBins, Segment, SegmentMap};
pub use measures::{MapMeasure, overdue_percent};
pub use octants::{Octant, Octants};
pub use prospects::PROSPECTS;
pub use run_scores::RunScores;
pub use stability::Crossing;
pub use subjects::{AttributeKind, Constants, Decimal, INFINITE, Looked, MapSubject};
pub use trace::{Asked, Has, Tried};

use crate::error::{Error, Result};
use crate::nearest::nearest;

/// The name of the map of the octants.
pub const OCTANTS: &str = "octants";

/// The maps that come with the program: name and text.
const SHIPPED: [(&str, &str); 18] = [
    ("rf25", include_str!("maps/rf25.toml")),
    (OCTANTS, include_str!("maps/octants.toml")),
    ("rmf4", include_str!("maps/rmf4.toml")),
    ("putler11", include_str!("maps/putler11.toml")),
    ("list125", include_str!("maps/list125.toml")),
    ("r-rfm10", include_str!("maps/r_rfm10.toml")),
    ("pymc", include_str!("maps/pymc.toml")),
    ("three_tier", include_str!("maps/three_tier.toml")),
    ("core", include_str!("maps/core.toml")),
    ("four_class", include_str!("maps/four_class.toml")),
    ("basic4", include_str!("maps/basic4.toml")),
    ("marketing8", include_str!("maps/marketing8.toml")),
    ("lifecycle", include_str!("maps/lifecycle.toml")),
    ("grid25", include_str!("maps/grid25.toml")),
    ("abc", include_str!("maps/abc.toml")),
    ("list8", include_str!("maps/list8.toml")),
    ("types6", include_str!("maps/types6.toml")),
    ("bank4", include_str!("maps/bank4.toml")),
];

/// The names of the maps that come with the program.
#[must_use]
pub fn shipped() -> Vec<&'static str> {
    SHIPPED.iter().map(|(name, _)| *name).collect()
}

/// The TOML text of a shipped map, as the start of one's own.
#[must_use]
pub fn shipped_text(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
}

/// The map of this name, or the user's own: where `name_or_path` is not shipped, `read` returns the file's text.
///
/// # Errors
/// Whatever `read` returns; a config error that lists every problem of the map.
pub fn load(name_or_path: &str, read: impl FnOnce(&str) -> Result<String>) -> Result<SegmentMap> {
    match SHIPPED.iter().find(|(name, _)| *name == name_or_path) {
        Some((name, text)) => parse(text, name),
        None => parse(&read(name_or_path)?, name_or_path),
    }
}

/// Reads a map from the text of a TOML file; `origin` names it in errors.
///
/// # Errors
/// A config error with the origin and every problem: syntax with its line, unknown or missing keys, unknown segments,
/// scores outside of the bins.
pub fn parse(text: &str, origin: &str) -> Result<SegmentMap> {
    parse::parse(text, origin)
}

/// For callers without files: what to say when a name is neither shipped nor a path.
#[must_use]
pub fn unknown_map(name: &str) -> Error {
    let near = nearest(name, shipped()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Error::config(format!("`segment.map = \"{name}\"` is neither a shipped map nor a file{near}"))
        .cause(format!("the shipped maps are {}", shipped().join(", ")))
        .hint("give one of these names, or the path of a TOML file with your own map")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_file(name: &str) -> Result<String> {
        Err(unknown_map(name))
    }

    #[test]
    fn a_users_map_is_read_from_where_the_caller_says() {
        let own = load("own.toml", |path| {
            assert_eq!(path, "own.toml");
            Ok(SHIPPED[0].1.replace("\"rf25\"", "\"mine\""))
        });
        assert_eq!(own.unwrap().name, "mine");
        let text = load("rf52", no_file).unwrap_err().to_string();
        assert!(text.contains("the shipped maps are rf25, octants"), "{text}");
    }
}
