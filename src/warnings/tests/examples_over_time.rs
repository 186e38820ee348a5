//! One of each warning about two dates.

use super::super::*;

pub(super) fn of_time() -> Vec<(Facts, &'static str, String)> {
    let compared_with = "2026-01-31".parse().unwrap();
    vec![
        (
            Facts::NoFrozenBreaks(NoFrozenBreaks { compared_with, reason: "nested scores have none".into() }),
            "no_frozen_breaks",
            "the breaks of 2026-01-31 cannot score the later date, so that `migration` has no basis `frozen`: nested scores \
             have none; the moves of `published` mix what customers did with breaks that moved under them"
                .into(),
        ),
        (
            Facts::NothingToCompare(NothingToCompare {
                setting: "compare.with".into(),
                compared_with: Some(compared_with),
            }),
            "nothing_to_compare",
            "`compare.with` has nothing to look at: no order is of 2026-01-31 or earlier, so that its tables are empty and its \
             columns null"
                .into(),
        ),
        (
            Facts::NothingToCompare(NothingToCompare { setting: "compare.with".into(), compared_with: None }),
            "nothing_to_compare",
            "`compare.with` has nothing to look at: no earlier date is published in the output, so that its tables are empty \
             and its columns null"
                .into(),
        ),
        (
            Facts::AlertsWithoutComparison(AlertsWithoutComparison {}),
            "alerts_without_comparison",
            "alerts have no earlier date to look at: they list whoever is beyond a limit today, however long, and nobody whose \
             recency score fell; `compare.with = \"month\"` lists those who passed a limit since"
                .into(),
        ),
        (
            Facts::SettingsDiffer(SettingsDiffer { settings: vec!["clean.returns".into(), "score.by".into()] }),
            "settings_differ",
            "the two dates were made with different settings (`clean.returns`, `score.by`): part of what moved may come from \
             that; publish both with the same settings"
                .into(),
        ),
        (
            Facts::NoCommonCustomers(NoCommonCustomers { before: 3, after: 4 }),
            "no_common_customers",
            "none of the 3 customers of the earlier date is among the 4 of the later one: are the ids of one kind, and \
             pseudonyms of one key?"
                .into(),
        ),
    ]
}
