//! Every warning: its code, its sentence, its way through JSON, and its row in `docs/warnings.md`.

mod examples;
mod examples_of_input;
mod examples_over_time;
mod of_predictions;

use std::collections::BTreeSet;

use super::*;
use examples::examples;

#[test]
fn every_warning_has_its_code_and_its_sentence() {
    for (facts, code, sentence) in examples() {
        let warning = Warning::from(facts);
        assert_eq!((warning.code(), warning.to_string()), (code, sentence));
    }
}

#[test]
fn what_a_warning_is_about_stands_before_its_sentence_and_among_its_facts() {
    let warning = || Warning::from(Facts::ShortHistory { days: 1, least: 2 });
    let sentence = warning().to_string();
    assert_eq!(warning().before_holdout().to_string(), format!("before the holdout: {sentence}"));
    let of_scoring = warning().in_scoring("tiers");
    assert_eq!(of_scoring.to_string(), format!("scoring `tiers`: {sentence}"));
    let of_group = warning().in_group("DE", 0);
    assert_eq!(of_group.to_string(), format!("group `DE`: {sentence}"));
    let of_groups = warning().in_scoring("tiers").in_group("DE", 3);
    assert_eq!(of_groups.to_string(), format!("scoring `tiers`: group `DE` (and 3 more): {sentence}"));
    let facts = json!(WarningDetail::from(&of_groups))["facts"].take();
    let expected = json!({"days": 1, "least": 2, "scoring": "tiers", "score_group": "DE", "more_score_groups": 3});
    assert_eq!(facts, expected);
    let detail = json!(WarningDetail::from(&of_scoring));
    let facts = json!({"days": 1, "least": 2, "scoring": "tiers"});
    assert_eq!(detail, json!({"code": "short_history", "facts": facts, "text": of_scoring.to_string()}));
}

#[test]
fn a_warning_comes_back_from_json_as_it_was() {
    for (facts, _, _) in examples() {
        let plain = Warning::from(facts);
        let of_groups = plain.clone().in_scoring("tiers").in_group("DE/web", 2);
        for warning in [plain.clone(), plain.clone().in_scoring("tiers"), plain.before_holdout(), of_groups] {
            let text = serde_json::to_string(&WarningDetail::from(&warning)).unwrap();
            let detail: WarningDetail = serde_json::from_str(&text).unwrap();
            assert_eq!(detail.warning(), Some(warning));
        }
    }
}

#[test]
fn a_code_of_a_later_version_is_kept_with_its_sentence() {
    let text = r#"{"code": "of_tomorrow", "facts": {"n": 1}, "text": "something", "more": true}"#;
    let detail: WarningDetail = serde_json::from_str(text).unwrap();
    assert_eq!((detail.warning(), detail.text.as_str()), (None, "something"));
}

/// All codes that there are: the names that reading would have taken.
fn codes() -> BTreeSet<String> {
    let error = Facts::deserialize(json!({"code": "", "facts": {}})).unwrap_err().to_string();
    let (_, names) = error.split_once("expected").expect("the error lists the names");
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_list_of_codes_is_complete() {
    assert_eq!(CODES.iter().map(|code| (*code).to_owned()).collect::<BTreeSet<_>>(), codes());
    assert_eq!(CODES.len(), codes().len(), "each code once");
}

#[test]
fn no_warning_is_without_an_example() {
    let covered: BTreeSet<String> = examples().into_iter().map(|(_, code, _)| code.to_owned()).collect();
    assert_eq!(covered, codes());
}

#[test]
fn the_page_of_warnings_lists_every_code_once() {
    let page = include_str!("../../../docs/warnings.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let listed: Vec<String> = rows.map(|(code, _)| code.to_owned()).collect();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), codes());
    assert_eq!(listed.len(), codes().len(), "each code once");
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        assert!(cells.len() == 3 && cells.iter().all(|cell| !cell.trim().is_empty()), "code, when, what to do: {row}");
    }
}
