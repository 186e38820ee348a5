//! Whole configurations: precedence, origins, and the texts that are printed.

mod corpus;

use super::*;
use crate::error::Kind as ErrorKind;

const NO_ENVIRONMENT: [(String, String); 0] = [];

fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn flag(key: &str, value: impl Into<toml::Value>, text: &str) -> FlagSetting {
    (key.to_owned(), value.into(), text.to_owned())
}

fn set(key: &str, value: &str) -> FlagSetting {
    flag(key, value_of_text(value), "--set")
}

/// A directory with `rfmetrics.toml` of this content.
fn directory_with(content: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(DEFAULT_FILE), content).unwrap();
    directory
}

fn error_of_file(content: &str) -> String {
    let directory = directory_with(content);
    Config::load_in(directory.path(), None, NO_ENVIRONMENT, Vec::new()).unwrap_err().to_string()
}

/// Without a file.
fn load(variables: Vec<(String, String)>, flags: Vec<FlagSetting>) -> Result<Resolved> {
    Config::load_in(Path::new("/nowhere"), None, variables, flags)
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let directory = directory_with("[score]\nrecency.bins = 3\nfrequency.bins = 3\nmonetary.bins = 3\n");
    let variables =
        environment(&[("RFMETRICS_SCORE_FREQUENCY_BINS", "4"), ("RFMETRICS_SCORE_MONETARY_BINS", "4"), ("HOME", "/")]);
    let flags = vec![flag("score.monetary.bins", 6, "--bins")];
    let resolved = Config::load_in(directory.path(), None, variables, flags).unwrap();
    let score = &resolved.config.score;
    assert_eq!((score.recency.bins, score.frequency.bins, score.monetary.bins), (3, 4, 6));
    assert_eq!(resolved.config.output, OutputOptions::default());
    let path = directory.path().join(DEFAULT_FILE);
    assert_eq!(resolved.origins["score.recency.bins"], Origin::File { path, line: 2 });
    assert_eq!(resolved.origins["score.frequency.bins"], Origin::Environment("RFMETRICS_SCORE_FREQUENCY_BINS".into()));
    assert_eq!(resolved.origins["score.monetary.bins"], Origin::Flag("--bins".into()));
    assert_eq!(resolved.origins["output.path"], Origin::Default);
    assert_eq!(resolved.origins.len(), keys::all().len());
}

#[test]
fn the_file_is_the_named_one_else_the_variable_s_else_the_default() {
    let directory = directory_with("output.path = 'default'");
    let write = |name: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, format!("output.path = '{name}'")).unwrap();
        path
    };
    let (by_flag, by_variable) = (write("flag"), write("variable"));
    let load = |file: Option<&Path>, variable: &str| {
        let variables = environment(&[(FILE_VARIABLE, variable)]);
        Config::load_in(directory.path(), file, variables, Vec::new()).map(|resolved| resolved.config.output.path)
    };
    let variable = by_variable.to_str().unwrap();
    assert_eq!(load(Some(&by_flag), variable).unwrap(), "flag");
    assert_eq!(load(None, variable).unwrap(), "variable");
    assert_eq!(load(None, "").unwrap(), "default");
    assert!(load(None, "/nowhere/x.toml").unwrap_err().to_string().contains("/nowhere/x.toml"));
    let nothing = Config::load_in(&directory.path().join("sub"), None, NO_ENVIRONMENT, Vec::new()).unwrap();
    assert_eq!(nothing.config, Config::default());
}

/// Another value than the default for each key; together they are valid.
#[allow(clippy::match_same_arms, clippy::too_many_lines, reason = "one line per key")]
fn other_value(key: &str) -> &'static str {
    match key {
        "scoring" => "[{ name = 'second', segment = { map = 'abc' } }]",
        "input.paths" => "a.parquet,b.parquet",
        "input.filter" => "country = 'DE'",
        "input.missing_columns" => "null",
        "input.binary_as_text" => "hex",
        "columns.customer_id" => "who",
        "columns.currency" => "money",
        "columns.order_id" => "receipt",
        "columns.order_ts" => "day",
        "columns.quantity" => "n",
        "columns.unit_price" => "price",
        "columns.attributes" => "city,age",
        "dates.as_of" => "2026-01-01",
        "dates.window_days" => "365",
        "dates.window_applies_to" => "everything",
        "dates.time_zone" => "Asia/Shanghai",
        "dates.source_time_zone" => "Europe/Paris",
        "dates.format" => "%d/%m/%Y",
        "dates.epoch_unit" => "ms",
        "dates.min_date" => "2001-01-01",
        "clean.orders_by" => "day",
        "clean.returns" => "purchases",
        "clean.zero_amounts" => "drop",
        "clean.dedupe_keys" => "line_id",
        "clean.dedupe_latest_by" => "updated_at",
        "clean.money_scale" => "3",
        "clean.min_amount" => "-1.5",
        "clean.max_amount" => "1e6",
        "clean.nobody_ids" => "NULL,guest",
        "clean.max_quarantined_share" => "0.25",
        "clean.quarantine_rows" => "5",
        "score.learn_from" => "all",
        "score.by" | "reports.by" => "country",
        "score.by_min_customers" => "10",
        "score.recency.method" | "score.frequency.method" | "score.monetary.method" => "fixed",
        "score.recency.bins" | "score.frequency.bins" | "score.monetary.bins" => "3",
        "score.recency.cuts" | "score.frequency.cuts" | "score.monetary.cuts" => "1,2.5",
        "input.interactions" => "event = 'visit'",
        "score.recency.measure" => "interaction_days",
        "score.frequency.measure" => "purchase_days",
        "score.monetary.measure" => "largest_order",
        "score.recency.share" | "score.frequency.share" | "score.monetary.share" | "score.value.share" => "0.5",
        "score.recency.weight" | "score.frequency.weight" | "score.monetary.weight" | "score.value.weight" => "orders",
        "score.value.preset" => "rfmt",
        "score.composites.columns" => "score_mean",
        "score.composites.weights" => "1,2,3",
        "kmeans.clusters" | "kmeans.choose_up_to" => "4",
        "kmeans.centres" => "[[1.0, 2.0], [3.0, 4.0]]",
        "score.labels" => "best_is_one",
        "score.value.measures" => "orders,revenue",
        "score.value.standardise" => "rank",
        "score.value.weights" => "0.25,0.75",
        "score.value.judgements" => "[[1.0, 2.0], [0.5, 1.0]]",
        "score.value.method" => "uniform",
        "score.value.bins" => "3",
        "score.value.cuts" => "1,2.5",
        "octants.of" => "scores",
        "octants.share" => "0.75",
        "octants.recency" => "30",
        "octants.frequency" => "1",
        "octants.monetary" => "2.5",
        "octants.threshold" => "median",
        "reports.pareto_groups" => "10",
        "reports.abc_limits" => "0.7,0.9",
        "reports.grid_recency_days" => "7,14,21,28",
        "reports.grid_orders" => "2,4,6,8",
        "predict.model" => "bg_nbd",
        "predict.time_unit" => "week",
        "predict.horizons" => "13,52",
        "predict.discount_rate" => "0.05",
        "predict.margin" => "0.3",
        "predict.contact_cost" => "1.5",
        "predict.acquisition_cost" => "20",
        "predict.min_history_days" => "90",
        "predict.holdout_days" => "60",
        "predict.yearly_profits" => "100,80.5",
        "predict.retention" => "0.8",
        "predict.profits.years" => "first,second",
        "social.influence" => "fans",
        "social.activity" => "posts,likes",
        "social.value" => "sales",
        "social.standardise" => "rank",
        "social.weights" => "0.5,0.3,0.2",
        "social.judgements" => "[[1.0, 2.0, 2.0], [0.5, 1.0, 1.0], [0.5, 1.0, 1.0]]",
        "social.map_classes" => "5",
        "customers.attributes" => "tier,rank",
        "customers.prospects" => "counted",
        "customers.new_id" => "has_become",
        "output.money" => "double",
        "output.layout" => "by_table",
        "output.compression" => "snappy",
        "output.wait_seconds" => "60",
        "currency.max_age_days" => "30",
        "quality.max_days_without_orders" => "30",
        "quality.min_rows" => "1000",
        "quality.min_share_of_previous_rows" => "0.5",
        "run.threads" => "2",
        "run.memory_limit" => "1.5 GB",
        "run.deny_warnings" => "stale_data,few_values",
        _ => match keys::find(key).unwrap().kind {
            keys::Kind::Boolean => "true",
            keys::Kind::Text => "another",
            _ => panic!("no other value is known for `{key}`: add one"),
        },
    }
}

#[test]
fn every_key_can_be_set_by_environment_and_by_set_and_by_file() {
    // These contradict some of the other values, and have a test of their own.
    let apart = ["score.combination", "clean.count_repeats", "input.grain", "customers.per"];
    let of_customers = ColumnOptions::default().of_customers().map(|(key, ..)| key);
    let is_apart = |name: &str| apart.contains(&name) || of_customers.contains(&name);
    let keys = || keys::all().iter().filter(|key| !is_apart(&key.name));
    let names: Vec<&str> = keys().map(|key| key.name.as_str()).collect();
    let variables = keys().map(|key| (key.variable(), other_value(&key.name).to_owned()));
    let flags = names.iter().map(|name| set(name, other_value(name))).collect();
    let by_variable = load(variables.collect(), Vec::new()).unwrap();
    let by_flag = load(Vec::new(), flags).unwrap();
    let directory = directory_with(&by_flag.render_toml());
    let by_file = Config::load_in(directory.path(), None, NO_ENVIRONMENT, Vec::new()).unwrap();
    assert_eq!(by_variable.config, by_flag.config);
    assert_eq!(by_variable.config, by_file.config);
    let default = load(Vec::new(), Vec::new()).unwrap().render_json();
    for name in names {
        assert!(matches!(by_variable.origins[name], Origin::Environment(_)), "{name}");
        assert!(matches!(by_flag.origins[name], Origin::Flag(_)), "{name}");
        assert!(matches!(by_file.origins[name], Origin::File { .. }), "{name}");
        assert_ne!(by_flag.render_json()[name]["value"], default[name]["value"], "{name} was not changed");
    }
    assert_eq!(by_flag.config.clean.min_amount, Some(-1.5));
    assert_eq!(by_flag.config.input.paths, ["a.parquet", "b.parquet"]);
}

#[test]
fn what_contradicts_other_values_can_be_set_without_them() {
    let ntile = ["recency", "frequency", "monetary"].map(|axis| set(&format!("score.{axis}.method"), "ntile"));
    let own = [("RFMETRICS_SCORE_COMBINATION", "nested"), ("RFMETRICS_CLEAN_COUNT_REPEATS", "true")];
    let variables = environment(&own);
    let resolved = load(variables.clone(), ntile.to_vec()).unwrap();
    assert_eq!((resolved.config.score.combination.name(), resolved.config.clean.count_repeats), ("nested", true));
    let refused = load(variables, [&ntile[..], &[set("clean.dedupe", "true")]].concat()).unwrap_err().to_string();
    assert!(refused.contains("`clean.count_repeats`") && refused.contains("counted as `duplicate`"), "{refused}");
    let per = load(Vec::new(), vec![set("customers.per", "country")]).unwrap();
    assert_eq!(per.config.customers.per.as_deref(), Some("country"));
}

#[test]
fn the_list_of_keys_is_complete_and_each_has_a_variable_of_its_own() {
    let count_of_fields =
        1 + 10 + 17 + 8 + 17 + 3 + 10 + (6 + 6 + 6 + 11 + 2 + 6) + 1 + 4 + 6 + 5 + (17 + 3) + 10 + 7 + 3 + 5 + 3;
    assert_eq!(keys::all().len(), count_of_fields, "the fields of the options structs, counted by hand");
    let variables: std::collections::BTreeSet<String> = keys::all().iter().map(keys::Key::variable).collect();
    assert_eq!(variables.len(), keys::all().len());
    for key in keys::all() {
        assert!(!key.description.is_empty(), "{} has no explanation", key.name);
    }
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let variables = environment(&[("RFMETRICS_OUTPUT_PATH", ""), ("RFMETRICS_LOG", "debug"), ("RFMETRICS_LOG_X", "1")]);
    assert_eq!(load(variables, Vec::new()).unwrap().config, Config::default());
}

#[test]
fn misspelt_names_have_a_suggestion() {
    let variables = environment(&[("RFMETRICS_OUTPUT_PATHS", "x"), ("RFMETRICS_INPUT", "x")]);
    let text = load(variables, vec![set("score.recency.bin", "4")]).unwrap_err().to_string();
    assert!(text.contains("`RFMETRICS_INPUT`; did you mean `RFMETRICS_INPUT_PATHS`?"), "{text}");
    assert!(text.contains("`RFMETRICS_OUTPUT_PATHS`; did you mean `RFMETRICS_OUTPUT_PATH`?"), "{text}");
    assert!(text.contains("`score.recency.bin` (flag --set); did you mean `score.recency.bins`?"), "{text}");
    let text = error_of_file("\nas_of = 2026-01-01\n[scor]\nx = 1\n[clean]\nstrct = true");
    for part in [
        "rfmetrics.toml:2); did you mean `dates.as_of`?",
        "rfmetrics.toml:3); did you mean `score`?",
        "`clean.strct`",
        "rfmetrics.toml:6); did you mean `clean.strict`?",
        "3 problems",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[test]
fn wrong_values_of_all_layers_are_listed_at_once_with_their_origin() {
    let directory =
        directory_with("[score.recency]\nbins = 1\n[clean]\nreturns = 'nett'\nstrict = 1\n[output]\npath = ''");
    let variables = environment(&[("RFMETRICS_RUN_THREADS", "many")]);
    let flags = vec![set("dates.as_of", "yesterday")];
    let error = Config::load_in(directory.path(), None, variables, flags).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let text = error.to_string();
    for part in [
        "6 problems",
        "rfmetrics.toml:2): found `1`, expected 2 to 100",
        "rfmetrics.toml:4): found text `nett`, expected one of `net`, `literal`, `purchases`, `drop`",
        "rfmetrics.toml:5): found `1`, expected true or false",
        "`output.path`",
        "`run.threads` (env RFMETRICS_RUN_THREADS): found text `many`, expected a whole number",
        "`dates.as_of` (flag --set): found `yesterday`",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[test]
fn a_value_instead_of_a_table_is_reported() {
    assert!(error_of_file("score = 4").contains("expected a table, `[score]`"));
    assert!(error_of_file("[[output]]\npath = 'x'").contains("expected a table, `[output]`"));
    assert!(error_of_file("input = []").contains("expected a table, `[input]`, or several, `[[input]]`"));
    assert!(error_of_file("[output.path]\nx = 1").contains("found a table, expected a text"));
}

#[test]
fn toml_dates_need_no_quotes_but_numbers_are_no_texts() {
    let directory = directory_with("[dates]\nas_of = 2026-01-01");
    let resolved = Config::load_in(directory.path(), None, NO_ENVIRONMENT, Vec::new()).unwrap();
    assert_eq!(resolved.config.dates.as_of.as_deref(), Some("2026-01-01"));
    assert!(error_of_file("[score.recency]\nbins = '4'").contains("found text `4`, expected a whole number"));
    assert!(error_of_file("run.threads = 99999999999999999999").contains("a number beyond 64 bits"));
}

#[test]
fn a_secret_under_an_unknown_key_is_not_repeated() {
    let text = error_of_file("aws_secret_access_key = 'hunter2'\n[db]\npassword = 'hunter2'");
    assert!(text.contains("aws_secret_access_key") && !text.contains("hunter2"), "{text}");
}

#[test]
fn the_resolved_text_says_where_each_value_came_from_and_reads_back() {
    let flags = vec![flag("dates.as_of", "2026-01-01", "--as-of"), flag("columns.amount", "a \"b\"\t€\n", "--column")];
    let variables = environment(&[("RFMETRICS_CLEAN_STRICT", "true")]);
    let resolved = load(variables, flags).unwrap();
    let text = resolved.render_toml();
    for line in [
        "as_of = \"2026-01-01\" # flag --as-of\n",
        "strict = true # env RFMETRICS_CLEAN_STRICT\n",
        "bins = 5 # default\n",
        "# threads = ... (not set)\n",
        "max_quarantined_share = 0.5 # default\n",
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    assert_eq!(toml::from_str::<Config>(&text).unwrap(), resolved.config);
    let json = resolved.render_json();
    assert_eq!(json["dates.as_of"], serde_json::json!({ "value": "2026-01-01", "origin": "flag --as-of" }));
    assert_eq!(json["run.threads"], serde_json::json!({ "value": null, "origin": "default" }));
}

#[test]
fn no_origin_can_break_out_of_its_comment() {
    let origin = Origin::File { path: PathBuf::from("a\n[input]\npaths = ['x']\u{7}"), line: 1 };
    assert_eq!(origin.to_string().lines().count(), 1);
    assert!(!origin.to_string().contains('\u{7}'));
}

#[test]
fn the_starter_file_is_the_default_and_its_guesses() {
    let guess = Guess {
        key: "columns.amount".into(),
        value: "Umsatz €".into(),
        remark: "the only number\n".into(),
        is_proposal: false,
    };
    let text = starter_toml(std::slice::from_ref(&guess), &[]).unwrap();
    let mut expected = Config::default();
    expected.columns.amount = "Umsatz €".into();
    assert_eq!(toml::from_str::<Config>(&text).unwrap(), expected);
    assert!(text.contains("amount = \"Umsatz €\" # the only number"), "{text}");
    assert!(text.contains("#:   purchases: An order whose rows sum to zero"), "{text}");
    assert!(starter_toml(&[Guess { key: "columns.amuont".into(), ..guess }], &[]).is_err());
}

#[test]
fn each_commented_setting_of_the_starter_file_is_right_once_uncommented() {
    let text = starter_toml(&[], &[]).unwrap();
    let uncommented: String = text
        .lines()
        .skip_while(|line| !line.starts_with("#:"))
        .map(|line| line.strip_prefix("# ").unwrap_or(line).to_owned() + "\n")
        .collect();
    let entries = toml_text::entries(&uncommented, &layers::sections()).unwrap();
    assert_eq!(entries.len(), keys::all().len());
    toml::from_str::<Config>(&uncommented).unwrap();
}

#[test]
fn the_schema_describes_the_keys() {
    let schema = json_schema();
    assert_eq!(schema["additionalProperties"], false);
    assert!(schema["properties"]["score"].is_object());
}

#[test]
fn a_command_that_needs_an_input_says_how_to_name_one() {
    assert!(Config::default().require_input().unwrap_err().to_string().contains("--input"));
}

#[test]
fn only_our_own_variables_are_looked_at() {
    let variables = [("RFMETRICS_OUTPUT_PATH", "x"), ("PATH", "/bin")].map(|(name, value)| (name.into(), value.into()));
    assert_eq!(environment_of(variables), environment(&[("RFMETRICS_OUTPUT_PATH", "x")]));
}
