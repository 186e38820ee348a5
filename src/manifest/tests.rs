//! A full manifest through JSON and back, a small one, and what is wrong with others.

use serde_json::json;

use super::*;
use crate::files::FileSeal;
use crate::members::MemberCounts;
use crate::models::ahp::Priorities;
use crate::models::kmeans::Centroids;
use crate::models::{Candidate, Choice, GammaGamma, Model, Unfit};
use crate::predict::options::TimeUnit;
use crate::predict::{FitsEntry, ModelsEntry};
use crate::score::options::Method;
use crate::score::{AxisSpec, Measure, ScoreCut, ValueAxis, ValueScale, score_axis_weighted};
use crate::scoring::{GroupKey, LearnedClusters, LearnedGroup, LearnedGroups, LearnedOctants, LearnedValue};
use crate::segment::options::{OctantsOf, Threshold};
use crate::warnings::{Facts, Warning};

/// Something under every key, with numbers whose decimals are long.
fn full() -> Manifest {
    let warnings = [Warning::from(Facts::NoRevenue {}), Warning::from(Facts::HoldoutSeen {}).in_scoring("tiers")];
    Manifest {
        warnings: crate::warnings::sentences(&warnings),
        warning_details: crate::warnings::details(&warnings),
        learned: learned(),
        scorings: vec![
            ScoringEntry { name: "tiers".into(), learned: Learned { octants: None, ..learned() } },
            ScoringEntry {
                name: "plain".into(),
                learned: Learned { value: None, clusters: None, octants: None, ..learned() },
            },
        ],
        predictions: Some(predictions()),
        currency: Some(currency()),
        social: Some(SocialEntry { indices: vec!["value".into()], weights: vec![1.0 / 3.0], customers: 2 }),
        lookups: vec![LookupEntry {
            setting: "customers.path".into(),
            path: "members.parquet".into(),
            rows: 9,
            seal: FileSeal { bytes: 7, sha256: "ab".into() },
        }],
        aliases: Some(AliasesEntry {
            old_ids: 5,
            longest_chain: 2,
            old_ids_found: 3,
            old_ids_unmatched: 2,
            rows_moved: 11,
            customers_merged: 2,
        }),
        members: Some(MembersEntry {
            counts: MemberCounts {
                rows: 9,
                customers: 3,
                prospects: 2,
                excluded: 1,
                after_as_of: 1,
                merged: 1,
                repeated: 1,
            },
            customers_without_row: 1,
        }),
        pages: vec![PageFile { file: "report.html".into(), seal: FileSeal { bytes: 9, sha256: "cd".into() } }],
        ..small()
    }
}

fn currency() -> CurrencyEntry {
    let day = |day| NaiveDate::from_ymd_opt(2025, 12, day).unwrap();
    let file = RateFileEntry { path: "rates.parquet".into(), bytes: 7, rows: 3, sha256: "ab".repeat(32) };
    CurrencyEntry {
        base: Some("EUR".into()),
        rows: vec![CurrencyRowsEntry { currency: "USD".into(), rows_kept: 2, rows_without_rate: 1 }],
        rates: Some(RatesEntry {
            files: vec![file],
            rates: 3,
            currencies: 2,
            first_day: Some(day(1)),
            last_day: Some(day(30)),
        }),
        oldest_rate: Some(OldestRateEntry { currency: "USD".into(), rate_date: day(1), row_date: day(4), age_days: 3 }),
    }
}

/// What every run writes.
fn small() -> Manifest {
    let day = |day| NaiveDate::from_ymd_opt(2025, 12, day).unwrap();
    Manifest {
        format_version: FORMAT_VERSION,
        program: "rfmetrics".into(),
        version: "0.1.0".into(),
        as_of: day(31),
        totals: Totals {
            rows_in: 12,
            rows_used: 10,
            rows_rejected: 1,
            rows_after_as_of: Some(1),
            rows_before_window: Some(0),
            customers: 4,
            orders: 9,
            revenue_minor_units: Some(-5),
            money_scale: 2,
            last_date: Some(day(30)),
            margin_minor_units: Some(i128::from(i64::MIN)),
        },
        account: vec![AccountEntry { outcome: "kept".into(), rows: 10 }],
        account_by_input: Vec::new(),
        notes: Notes {
            rows_quarantined: 2,
            amounts_rounded: 1,
            ids_changed: 0,
            rows_repeated: None,
            rows_filtered: Some(4),
            rows_without_order_id: 3,
            orders_not_above_zero: 1,
            returns: 1,
            returns_minor_units: -5,
            customers_without_order: 0,
            revenue_without_order_minor_units: 0,
            revenue_before_window_minor_units: 0,
            segments_without_customers: vec!["lost".into()],
            left_out: Vec::new(),
        },
        warnings: Vec::new(),
        warning_details: Vec::new(),
        learned: Learned::default(),
        scorings: Vec::new(),
        predictions: None,
        currency: None,
        social: None,
        config_file: Some("rfmetrics.toml".into()),
        config: Config::default(),
        inputs: vec![InputEntry { input: None, path: "a.parquet".into(), bytes: 7, rows: 12 }],
        lookups: Vec::new(),
        aliases: None,
        members: None,
        tables: vec![TableFile {
            name: "customers".into(),
            file: "customers.parquet".into(),
            part: None,
            rows: 4,
            columns: 20,
            bytes: 99,
            sha256: "00".into(),
        }],
        pages: Vec::new(),
        stages: vec![StageEntry { stage: "open".into(), seconds: 0.1 + 0.2 }],
        peak_memory_bytes: None,
        spilled_bytes: 0,
    }
}

fn learned() -> Learned {
    let spec = AxisSpec::new(Measure::Revenue, 2, Method::Quantile, 3);
    let scored = score_axis_weighted(&[100, 250, 333, 1_000], &[], &spec, None).unwrap();
    let options = ValueAxis { measures: vec![Measure::Orders], ..ValueAxis::default() };
    let ahp = Priorities {
        names: vec!["orders".into()],
        weights: vec![1.0],
        lambda_max: 1.0,
        consistency_index: 0.0,
        consistency_ratio: 0.0,
        least_consistent: None,
    };
    let centroids = Centroids { centers: vec![vec![2.0 / 3.0], vec![-1.0]], inertia: 0.1, rounds: 4 };
    Learned {
        breaks: scored.learned.breaks().into_iter().cloned().collect(),
        value: Some(LearnedValue {
            scale: ValueScale::learn(&options, 2, vec![1.0], &[vec![1, 4]], None).unwrap(),
            ahp: Some(ahp),
        }),
        clusters: Some(LearnedClusters { centroids, silhouettes: vec![(2, 0.7), (3, 1.0 / 7.0)], log_scale: None }),
        octants: Some(LearnedOctants {
            threshold: Threshold::Mean,
            of: OctantsOf::Scores,
            breaks: Vec::new(),
            scores: vec![ScoreCut { threshold: Some(3.2), cut: Some(3) }; 3],
        }),
        groups: None,
    }
}

/// What was learned of two groups, one of customers whose channel is null.
fn by_group() -> Learned {
    let key = |country: &str, channel: Option<&str>| GroupKey(vec![Some(country.into()), channel.map(str::to_owned)]);
    let own = |group: GroupKey| LearnedGroup { group, learned: Learned { clusters: None, ..learned() } };
    let groups = LearnedGroups {
        by: vec!["country".into(), "channel".into()],
        groups: vec![own(key("DE", None)), own(key("DE", Some("web")))],
    };
    Learned { groups: Some(groups), ..learned() }
}

fn predictions() -> PredictionsEntry {
    let model = Model::new(Candidate::ParetoNbd, &[0.1 + 0.2, 1.0 / 3.0, 2e-7, 1e12]).unwrap();
    let spending = GammaGamma { p: 19.0 / 3.0, q: 4.0 / 3.0, gamma: 47.0 / 3.0 };
    let unfit = Unfit::NotConverged { model: "BG/NBD".into(), gradient_norm: 1e-3 };
    PredictionsEntry {
        models: ModelsEntry::new(TimeUnit::Week, Some(&model), Some(&spending.into())),
        fits: FitsEntry {
            purchases: Choice {
                unfit: vec![(Candidate::BgNbd, unfit)],
                refused_log_likelihoods: vec![(Candidate::BgNbd, -9_582.5)],
                ..Choice::default()
            },
            spending: None,
        },
        customers_without_revenue: 3,
    }
}

#[test]
fn a_manifest_comes_back_as_it_was() {
    let by_groups = Manifest {
        learned: by_group(),
        scorings: vec![ScoringEntry { name: "local".into(), learned: Learned { octants: None, ..by_group() } }],
        ..small()
    };
    for manifest in [full(), small(), by_groups] {
        let json = manifest.to_json().unwrap();
        let read: Manifest = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(read, manifest);
        assert_eq!(read.to_json().unwrap(), json);
    }
}

#[test]
fn what_a_run_has_not_is_left_out_and_what_a_further_scoring_has_not_is_null() {
    let keys = |json: &Value| json.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let json = small().to_json().unwrap();
    let always = [
        "account",
        "as_of",
        "breaks",
        "config",
        "config_file",
        "format_version",
        "inputs",
        "notes",
        "peak_memory_bytes",
        "program",
        "stages",
        "tables",
        "totals",
        "version",
        "warning_details",
        "warnings",
    ];
    assert_eq!(keys(&json), always);
    assert_eq!((&json["peak_memory_bytes"], &json["notes"]["rows_repeated"]), (&Value::Null, &Value::Null));
    let without_margin = Totals { margin_minor_units: None, ..small().totals };
    assert!(json!(without_margin).get("margin_minor_units").is_none());
    let json = full().to_json().unwrap();
    assert_eq!(keys(&json["scorings"][1]), ["breaks", "kmeans", "name", "value"]);
    assert_eq!((&json["scorings"][1]["kmeans"], &json["scorings"][1]["value"]), (&Value::Null, &Value::Null));
    assert_eq!(json["kmeans"]["silhouettes"], json!([[2, 0.7], [3, 1.0 / 7.0]]));
    assert_eq!(json["predictions"]["purchases"]["parameters"]["r"], "0.30000000000000004");
}

#[test]
fn keys_of_other_versions_are_skipped_wherever_they_stand() {
    let mut json = full().to_json().unwrap();
    for pointer in
        ["", "/totals", "/notes", "/config", "/config/score/recency", "/scorings/0", "/predictions", "/tables/0"]
    {
        json.pointer_mut(pointer).unwrap()["of_tomorrow"] = json!([1]);
    }
    assert_eq!(serde_json::from_value::<Manifest>(json).unwrap(), full());
}

fn document(json: &Value) -> Document {
    Document::parse(&json.to_string()).unwrap()
}

#[test]
fn parts_are_read_one_by_one_though_others_are_damaged() {
    let json = json!({"as_of": "2025-12-31", "breaks": [], "totals": {"rows_in": "many"}, "scorings": [{"name": "a"}]});
    let found = document(&json);
    assert_eq!(found.part::<NaiveDate>("as_of").unwrap().to_string(), "2025-12-31");
    assert_eq!(found.learned(), Ok(Learned::default()));
    assert_eq!(found.learned_by("b"), Ok(None));
    assert_eq!(found.learned_by("a").unwrap_err(), "it has no `breaks`");
    assert_eq!(found.part::<Notes>("notes").unwrap_err(), "missing field `notes`");
    assert!(found.part::<Totals>("totals").unwrap_err().contains("invalid type: string \"many\", expected u64"));
    assert!(found.whole().is_err());
}

#[test]
fn a_later_format_and_what_is_no_json_are_refused() {
    let newer = json!({"format_version": FORMAT_VERSION + 1}).to_string();
    assert_eq!(Document::parse(&newer).unwrap_err(), Unreadable::Newer(2));
    assert!(matches!(Document::parse("{").unwrap_err(), Unreadable::Damaged(cause) if cause.contains("EOF")));
}

/// Written before there was a version: a run with clusters, further scorings, predictions and social value.
const FORMAT_0: &str = include_str!("../../tests/manifests/format_0.json");

/// Every value of `old` stands in `new`, at the same place; `new` may have more keys.
fn assert_kept(old: &Value, new: &Value, path: &str) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, value) in old {
                let path = format!("{path}.{key}");
                assert_kept(value, new.get(key).unwrap_or_else(|| panic!("{path} is gone")), &path);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            assert_eq!(old.len(), new.len(), "{path}");
            old.iter().zip(new).for_each(|(old, new)| assert_kept(old, new, &format!("{path}[]")));
        }
        (old, new) => assert_eq!(old, new, "{path}"),
    }
}

#[test]
fn a_manifest_from_before_versions_is_read_and_none_of_its_values_is_lost() {
    let old: Value = serde_json::from_str(FORMAT_0).unwrap();
    let manifest = Document::parse(FORMAT_0).unwrap().whole().unwrap();
    assert_eq!((manifest.format_version, manifest.warning_details.len(), manifest.warnings.len()), (0, 0, 4));
    assert_kept(&old, &manifest.to_json().unwrap(), "");
    let names: Vec<&str> = manifest.scorings.iter().map(|scoring| scoring.name.as_str()).collect();
    assert_eq!(names, ["ties", "three"]);
    assert!(manifest.predictions.is_some() && manifest.social.is_some() && manifest.learned.clusters.is_some());
}
