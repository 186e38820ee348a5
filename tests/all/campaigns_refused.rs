//! What campaigns and exports refuse, and that it is named; and that nothing is published then.

use std::fs;

use polars::prelude::*;

use crate::campaigns::{campaign, published, six};
use crate::support::{Sandbox, dates, frame};

const RUN: &str = "out/as_of=2026-01-31";
const FIXED: [&str; 6] = ["--response-rate", "0.5", "--cost", "1", "--profit", "10"];

#[track_caller]
fn refused(sandbox: &Sandbox, code: i32, args: &[&str], told: &[&str]) {
    let ran = sandbox.command(args);
    assert_eq!(ran.code, code, "{}", ran.stderr);
    for told in told {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
}

#[test]
fn settings_that_cannot_be_are_named() {
    let sandbox = six();
    let select = |more: &[&'static str]| [&["campaign", "select", RUN, "--name", "a"][..], &FIXED, more].concat();
    for (more, told) in [
        (&["--max-contacts", "0"][..], &["campaign.max_contacts"][..]),
        (&["--max-cost", "0"], &["campaign.max_cost", "above 0"]),
        (&["--control-share", "1"], &["campaign.control_share"]),
        (&["--cost-of", "a=1"], &["campaign.cost_by"]),
        (&["--cost-by", "nothing", "--cost-of", "a=1"], &["`nothing`"]),
        (&["--cost-by", "segmemt", "--cost-of", "a=1"], &["did you mean `segment`?"]),
        (&["--segment", "championss"], &["did you mean `champions`?"]),
        (&["--where", "revenu > 1"], &["did you mean `revenue`?"]),
        (&["--where", "revenue >"], &["no SQL condition"]),
        (&["--where", "segment + 1 > 2"], &["campaign.filter"]),
        (&["--on", "2026-01-30"], &["before the analysis date"]),
        (&["--on", "soon"], &["campaign.on"]),
        (&["--former", "nowhere"], &["holds no published campaign"]),
        (&["--rate-source", "model", "--incremental-share", "1"], &["predict.model_inputs"]),
        (&["--blocked", "missing.txt"], &["missing.txt"]),
        (&["--name", "A b"], &["cannot be the name of a campaign"]),
    ] {
        // A later flag wins over an earlier one, but for the name, which stands once.
        let args =
            if more[0] == "--name" { [&["campaign", "select", RUN][..], &FIXED, more].concat() } else { select(more) };
        refused(&sandbox, 2, &args, told);
    }
    refused(
        &sandbox,
        2,
        &["campaign", "select", RUN, "--name", "a"],
        &["campaign.profit_per_response", "campaign.cost_per_contact"],
    );
    refused(&sandbox, 2, &["campaign", "select", RUN, "--name", "a", "--cost", "1", "--profit", "1"], &["--former"]);
    refused(&sandbox, 2, &["campaign", "test", RUN, "--name", "a"], &["--size"]);
    refused(&sandbox, 2, &["campaign", "test", RUN, "--name", "a", "--error", "0.1"], &["campaign.expected_rate"]);
    assert!(!sandbox.output().join("campaigns").exists(), "nothing is left");
}

#[test]
fn a_campaign_is_not_replaced_unless_that_is_said() {
    let sandbox = six();
    let select = [&["select", RUN, "--name", "a"][..], &FIXED].concat();
    campaign(&sandbox, &select);
    refused(&sandbox, 2, &[&["campaign"], &select[..]].concat(), &["published already", "--replace"]);
    campaign(&sandbox, &[&select[..], &["--replace", "--max-contacts", "2"]].concat());
    let csv = fs::read_to_string(sandbox.output().join("campaigns/a/targets.csv")).unwrap();
    assert_eq!(csv.lines().count(), 3);
    // Runs and campaigns stand in each other's way nowhere.
    sandbox.run(&["--as-of", "2026-01-31"]);
    assert_eq!(sandbox.visible(), ["as_of=2026-01-31", "campaigns"]);
}

#[test]
fn nobody_who_is_worth_a_contact_is_an_error_with_the_reason() {
    let sandbox = six();
    let args = ["campaign", "select", RUN, "--name", "a", "--response-rate", "0.01", "--cost", "1", "--profit", "10"];
    refused(&sandbox, 4, &args, &["nobody is worth a contact", "6 are not expected to pay"]);
    let people = published(&sandbox, &[&args[1..], &["--goal", "people"]].concat());
    assert_eq!(people.table("targets").height(), 6);
    let dear = [
        "campaign",
        "select",
        RUN,
        "--name",
        "b",
        "--response-rate",
        "0.5",
        "--cost",
        "1",
        "--profit",
        "10",
        "--max-cost",
        "0.5",
    ];
    refused(&sandbox, 4, &dear, &["more than the whole budget"]);
}

fn answers(sandbox: &Sandbox, ids: &[i64], days: &[&str]) {
    let columns = vec![Column::new("customer_id".into(), ids), dates("date", days)];
    sandbox.file("../answers.parquet", frame(columns));
}

#[test]
fn responses_that_do_not_fit_are_named() {
    let sandbox = six();
    campaign(&sandbox, &[&["select", RUN, "--name", "a", "--max-contacts", "3"][..], &FIXED].concat());
    let evaluate = ["campaign", "evaluate", "out/campaigns/a", "--responses", "answers.parquet"];
    answers(&sandbox, &[1, 2, 1], &["2026-02-01", "2026-02-01", "2026-02-02"]);
    refused(&sandbox, 3, &evaluate, &["a second row of 1 customers", "row 2 of"]);
    answers(&sandbox, &[5, 99], &["2026-02-01", "2026-02-01"]);
    refused(&sandbox, 4, &evaluate, &["no response of anybody in the campaign", "2 rows are of others"]);
    answers(&sandbox, &[1, 5, 2], &["2026-02-01", "2026-02-01", "2026-01-31"]);
    let result = published(&sandbox, &evaluate[1..]);
    assert_eq!(result.warning_codes(), ["unmatched_responses", "responses_outside_window"]);
    refused(&sandbox, 2, &[&evaluate[..3], &["--name", "z"]].concat(), &["no responses to evaluate", "--input"]);
    refused(&sandbox, 2, &[&evaluate[..], &["--name", "a"]].concat(), &["the name of the campaign itself"]);
    refused(
        &sandbox,
        2,
        &["campaign", "evaluate", "out/campaigns/a-results", "--responses", "answers.parquet", "--name", "b"],
        &["has no targets table"],
    );
    let texts = frame(vec![Column::new("customer_id".into(), [1_i64]), Column::new("date".into(), ["2026-02-01"])]);
    sandbox.file("../answers.parquet", texts);
    refused(&sandbox, 3, &[&evaluate[..], &["--name", "c"]].concat(), &["holds no dates"]);
}

#[test]
fn exports_refuse_what_is_not_there() {
    let sandbox = six();
    let export = |more: &[&'static str]| [&["export", RUN, "-o", "x.csv"][..], more].concat();
    for (more, told) in [
        (&["--table", "nothing"][..], "has no table `nothing`"),
        (&["--columns", "customer_id,nothing"], "`nothing`"),
        (&["--columns", "cell,cell"], "twice"),
        (&["--where", "nothing = 1"], "`nothing`"),
        (&["--by", "nothing"], "`nothing`"),
    ] {
        refused(&sandbox, 2, &export(more), &[told]);
    }
    refused(&sandbox, 2, &["export", RUN, "-o", "x"], &["does not say its form"]);
    fs::write(sandbox.root().join("there.csv"), "").unwrap();
    refused(&sandbox, 2, &["export", RUN, "-o", "there.csv"], &["exists already"]);
    assert!(!sandbox.root().join("x.csv").exists());
}
