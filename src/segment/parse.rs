//! From the text of a map to a checked value; every problem is reported at once, with the file and the key.

use super::conditions::{location, looked_at};
use super::definition::{MapText, SegmentText};
use super::map::{AXES, MapBins, ScoreSet, Segment, SegmentMap};
use super::measures::MONEY_DECIMALS;
use super::rules::{Head, check_rule};
use crate::error::{Error, Result};

/// The colour of a segment whose map names none.
const GREY: &str = "#808080";
/// Three axes of 100 bins: every cell is in a table.
const MOST_CELLS: u64 = 1_000_000;

/// See [`crate::segment::parse()`].
pub(super) fn parse(text: &str, origin: &str) -> Result<SegmentMap> {
    let headline = format!("{origin} is not a segment map");
    let raw: MapText = toml::from_str(text).map_err(|error| {
        Error::config(&headline).cause(syntax(text, &error)).hint("see `rf25` for a complete example")
    })?;
    let mut problems = Vec::new();
    let map = check(raw, &mut problems);
    if problems.is_empty() { Ok(map) } else { Err(Error::config(headline).causes(problems)) }
}

/// The foreign error in one line: where it is, what is there, what was expected.
fn syntax(text: &str, error: &toml::de::Error) -> String {
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return error.message().to_owned() };
    let number = before.matches('\n').count();
    let line = text.lines().nth(number).unwrap_or_default().trim();
    format!("line {}, `{line}`: {}", number + 1, error.message())
}

fn check(raw: MapText, problems: &mut Vec<String>) -> SegmentMap {
    let bins = [raw.bins.r, raw.bins.f, raw.bins.m, raw.bins.v];
    let looked = looked_at(&raw.rules, problems);
    let head = Head { bins, fm_mean: raw.fm_mean, looked: &looked };
    check_head(&raw, bins, problems);
    let keys: Vec<&str> = raw.segments.iter().map(|segment| segment.key.as_str()).collect();
    let mut find = |key: &str, location: &str| -> u16 {
        let index = keys.iter().position(|known| *known == key);
        if index.is_none() {
            problems.push(format!("`{location} = \"{key}\"` names no segment, expected one of {}", keys.join(", ")));
        }
        index.and_then(|index| u16::try_from(index).ok()).unwrap_or_default()
    };
    let otherwise = raw.otherwise.as_deref().map(|key| find(key, "otherwise"));
    let named: Vec<u16> = (1..).zip(&raw.rules).map(|(n, rule)| find(&rule.segment, &location(n, "segment"))).collect();
    let numbered = (1..).zip(raw.rules.iter().zip(named));
    let rules = numbered.map(|(n, (rule, segment))| check_rule(n, rule, segment, head, problems)).collect();
    check_segments(&raw.segments, problems);
    SegmentMap {
        title_zh: raw.title_zh.unwrap_or_else(|| raw.title_en.clone()),
        title_en: raw.title_en,
        name: raw.name,
        combination: raw.combination,
        bins,
        methods: [raw.methods.r, raw.methods.f, raw.methods.m, raw.methods.v],
        segments: (1..).zip(raw.segments).map(|(order, segment)| complete(order, segment)).collect(),
        otherwise,
        rules,
        looked,
        money_decimals: MONEY_DECIMALS,
    }
}

fn check_head(raw: &MapText, bins: MapBins, problems: &mut Vec<String>) {
    if !is_snake_case(&raw.name.replace('-', "_")) {
        problems.push(format!("`name = \"{}\"`, expected lower case letters, digits, `_` and `-`", raw.name));
    }
    let cells = bins.iter().flatten().fold(1_u64, |cells, bins| cells.saturating_mul(u64::from(*bins)));
    if cells > MOST_CELLS {
        problems.push(format!("`bins` make {cells} cells, expected at most {MOST_CELLS}"));
    }
    for (axis, bins) in AXES.iter().zip(bins) {
        if let Some(bins) = bins.filter(|bins| !(2..=ScoreSet::LARGEST).contains(bins)) {
            problems.push(format!("`bins.{axis} = {bins}`, expected 2 to {}", ScoreSet::LARGEST));
        }
    }
    if raw.segments.is_empty() || raw.segments.len() > usize::from(u16::MAX) {
        problems.push(format!("{} `[[segments]]`, expected 1 to {}", raw.segments.len(), u16::MAX));
    }
}

fn check_segments(segments: &[SegmentText], problems: &mut Vec<String>) {
    for (n, segment) in (1..).zip(segments) {
        let mut refuse = |key: &str, value: &str, expected: &str| {
            problems.push(format!("`segments[{n}].{key} = \"{value}\"`, expected {expected}"));
        };
        if !is_snake_case(&segment.key) {
            refuse("key", &segment.key, "lower case letters, digits and `_`");
        }
        if segments.iter().take(n - 1).any(|earlier| earlier.key == segment.key) {
            refuse("key", &segment.key, "a key that no other segment has");
        }
        if let Some(colour) = segment.colour.as_deref().filter(|colour| !is_colour(colour)) {
            refuse("colour", colour, "`#rrggbb`");
        }
        if segment.name_en.trim().is_empty() {
            refuse("name_en", &segment.name_en, "a name");
        }
        let texts = [("name_en", Some(&segment.name_en)), ("name_zh", segment.name_zh.as_ref())];
        let actions = [("action_en", Some(&segment.action_en)), ("action_zh", segment.action_zh.as_ref())];
        for (key, text) in texts.into_iter().chain(actions) {
            if let Some(text) = text.filter(|text| text.contains(['\n', '\r'])) {
                refuse(key, text, "one line");
            }
        }
    }
}

fn complete(order: u32, text: SegmentText) -> Segment {
    Segment {
        order,
        key: text.key,
        name_zh: text.name_zh.unwrap_or_else(|| text.name_en.clone()),
        name_en: text.name_en,
        colour: text.colour.unwrap_or_else(|| GREY.to_owned()),
        action_zh: text.action_zh.unwrap_or_else(|| text.action_en.clone()),
        action_en: text.action_en,
        says: text.says,
    }
}

fn is_snake_case(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(allowed)
}

fn is_colour(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text.chars().skip(1).all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r##"
name = "two"
bins = { r = 5 }
[[segments]]
key = "good"
name_en = "Good"
[[segments]]
key = "rest"
name_en = "Rest"
name_zh = "其他"
colour = "#00FF7f"
[[rules]]
segment = "good"
r = [4, 5]
[[rules]]
segment = "rest"
r = "1-3"
"##;

    fn refusal(change: impl FnOnce(&str) -> String) -> String {
        parse(&change(TWO), "own.toml").unwrap_err().to_string()
    }

    #[test]
    fn a_short_map_is_completed() {
        let map = parse(TWO, "own.toml").unwrap();
        assert_eq!((map.name.as_str(), map.bins, map.otherwise), ("two", [Some(5), None, None, None], None));
        let good = &map.segments[0];
        assert_eq!((good.order, good.name_zh.as_str(), good.colour.as_str()), (1, "Good", GREY));
        assert_eq!((map.segments[1].order, map.segments[1].name_zh.as_str()), (2, "其他"));
    }

    #[test]
    fn a_typo_is_reported_with_file_line_and_key() {
        let text = refusal(|text| text.replace("colour =", "color ="));
        assert!(text.starts_with("own.toml is not a segment map"), "{text}");
        assert!(text.contains("line 11, `color = \"#00FF7f\"`: unknown field `color`, expected one of"), "{text}");
        let text = refusal(|text| text.replace("r = [4, 5]", "r = \"high\""));
        assert!(text.contains("line 14, `r = \"high\"`"), "{text}");
        assert!(text.contains("expected a score like 5"), "{text}");
        let text = refusal(|text| text.replace("name_en = \"Good\"\n", ""));
        assert!(text.contains("line 4, `[[segments]]`: missing field `name_en`"), "{text}");
        assert!(refusal(|_| "name = ".to_owned()).contains("line 1, `name =`"));
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let text = refusal(|text| {
            text.replace("segment = \"rest\"", "segment = \"others\"")
                .replace("key = \"good\"", "key = \"Very good\"")
                .replace("#00FF7f", "green")
                .replace("\"1-3\"", "\"1-6\"")
        });
        for expected in [
            "`segments[1].key = \"Very good\"`, expected lower case letters, digits and `_`",
            "`segments[2].colour = \"green\"`, expected `#rrggbb`",
            "`rules[1].segment = \"good\"` names no segment, expected one of Very good, rest",
            "`rules[2].segment = \"others\"` names no segment",
            "`rules[2].r` has the score 6, but `bins.r = 5`",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }

    #[test]
    fn rules_must_say_something_possible() {
        assert!(refusal(|text| text.replace("r = \"1-3\"", "")).contains("write `otherwise = \"rest\"` for the rest"));
        assert!(
            refusal(|text| text.replace("r = \"1-3\"", "f = 1")).contains("`rules[2].f` is given, but `bins.f` is not")
        );
        let text = refusal(|text| text.replace("r = \"1-3\"", "min_orders = 3\nmax_orders = 2"));
        assert!(text.contains("`rules[2].min_orders` is above `max_orders`: 3 > 2"), "{text}");
    }

    #[test]
    fn doubled_keys_bad_bins_and_a_wrong_otherwise_are_refused() {
        assert!(refusal(|t| t.replace("key = \"rest\"", "key = \"good\"")).contains("a key that no other segment has"));
        assert!(refusal(|t| t.replace("r = 5 }", "r = 1 }")).contains("`bins.r = 1`, expected 2 to 100"));
        let text = refusal(|t| t.replace("bins =", "otherwise = \"lost\"\nbins ="));
        assert!(text.contains("`otherwise = \"lost\"` names no segment, expected one of good, rest"), "{text}");
        let text = refusal(|t| t.replace("name_en = \"Rest\"", "name_en = \"\"\naction_en = \"a\\nb\""));
        assert!(text.contains("`segments[2].name_en = \"\"`, expected a name"), "{text}");
        assert!(text.contains("expected one line"), "{text}");
    }
}
