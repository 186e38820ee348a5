//! The command line as a whole: what parses, what it means, and that the help is correct.

use std::collections::BTreeMap;
use std::path::Path;

use clap::error::ErrorKind;
use clap::{CommandFactory, ValueEnum};

use super::*;
use crate::config::Config;
use crate::source::options::OrderKey;

fn parse(words: &[&str]) -> std::result::Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("rfmetrics").chain(words.iter().copied()))
}

/// The configuration that results from the flags.
fn configured(words: &[&str]) -> Config {
    let layers = parse(words).unwrap().command.layers();
    Config::load_in(Path::new("/nowhere"), None, [], layers).unwrap().config
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

/// Splits an example as a shell does, as far as examples go: double quotes keep words together.
fn words_of(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    parts
        .flat_map(
            |(i, part)| {
                if i % 2 == 1 { vec![part.to_owned()] } else { part.split_whitespace().map(str::to_owned).collect() }
            },
        )
        .collect()
}

#[test]
fn every_example_in_the_help_parses() {
    let mut top = Cli::command();
    let commands = std::iter::once(top.clone()).chain(top.get_subcommands_mut().map(|command| command.clone()));
    for mut command in commands {
        let name = command.get_name().to_owned();
        let help = command.render_long_help().to_string();
        let examples: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  rfmetrics ")).collect();
        assert!(!examples.is_empty(), "{name} has no example");
        for example in examples {
            let words = words_of(example);
            let parsed = parse(&words.iter().map(String::as_str).collect::<Vec<&str>>());
            let command = parsed.unwrap_or_else(|error| panic!("`{example}`: {error}")).command;
            let configured = Config::load_in(Path::new("/nowhere"), None, [], command.layers());
            assert!(configured.is_ok(), "`{example}`: {}", configured.unwrap_err());
            assert!(name == "rfmetrics" || words[0] == name, "`{example}` stands in the help of {name}");
        }
    }
}

#[test]
fn every_exit_code_of_an_error_is_in_the_help() {
    use crate::error::Kind::{Bug, Busy, Compute, Config, Quality, Source, Write};
    let help = Cli::command().render_long_help().to_string();
    let codes = help.split("EXIT CODES").nth(1).unwrap();
    for kind in [Config, Source, Quality, Compute, Write, Busy, Bug] {
        assert!(codes.lines().any(|line| line.trim_start().starts_with(&format!("{} ", kind.exit_code()))), "{kind:?}");
    }
}

#[test]
fn every_command_and_flag_has_a_help_text() {
    for command in Cli::command().get_subcommands() {
        assert!(command.get_about().is_some(), "{}", command.get_name());
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
        }
    }
}

#[test]
fn each_settings_flag_sets_its_keys() {
    let flags = [
        "run",
        "--input",
        "a",
        "b",
        "--input",
        "c",
        "--output",
        "o",
        "--as-of",
        "2026-01-01",
        "--window-days",
        "30",
        "--column",
        "amount=x=y",
        "--filter",
        "a > 1",
        "--time-zone",
        "Asia/Shanghai",
        "--date-format",
        "%d/%m/%Y",
        "--epoch-unit",
        "ms",
        "--orders-by",
        "day",
        "--returns",
        "drop",
        "--map",
        "rmf4",
        "--method",
        "r-rfm",
        "--bins",
        "4",
        "--money-scale",
        "0",
        "--dedupe",
        "--strict",
        "--allow-empty",
        "--max-quarantined-share",
        "0.1",
        "--threads",
        "2",
        "--memory-limit",
        "1GB",
        "--spill-path",
        "/tmp",
        "--verify",
        "--log-ids",
        "--set",
        "clean.min_amount=-1",
    ];
    let layers = parse(&flags).unwrap().command.layers();
    let resolved = Config::load_in(Path::new("/nowhere"), None, [], layers.clone()).unwrap();
    let shown: BTreeMap<&str, String> =
        layers.iter().map(|(key, _, _)| (key.as_str(), resolved.render_json()[key]["value"].to_string())).collect();
    let expected = [
        ("input.paths", "[\"a\",\"b\",\"c\"]"),
        ("output.path", "\"o\""),
        ("dates.as_of", "\"2026-01-01\""),
        ("dates.window_days", "30"),
        ("columns.amount", "\"x=y\""),
        ("input.filter", "\"a > 1\""),
        ("dates.time_zone", "\"Asia/Shanghai\""),
        ("dates.format", "\"%d/%m/%Y\""),
        ("dates.epoch_unit", "\"ms\""),
        ("clean.orders_by", "\"day\""),
        ("clean.returns", "\"drop\""),
        ("segment.map", "\"rmf4\""),
        ("score.recency.method", "\"r-rfm\""),
        ("score.frequency.method", "\"r-rfm\""),
        ("score.monetary.method", "\"r-rfm\""),
        ("score.recency.bins", "4"),
        ("score.frequency.bins", "4"),
        ("score.monetary.bins", "4"),
        ("clean.money_scale", "0"),
        ("clean.dedupe", "true"),
        ("clean.strict", "true"),
        ("clean.allow_empty", "true"),
        ("clean.max_quarantined_share", "0.1"),
        ("run.threads", "2"),
        ("run.memory_limit", "\"1GB\""),
        ("run.spill_path", "\"/tmp\""),
        ("input.verify", "true"),
        ("run.log_ids", "true"),
        ("clean.min_amount", "-1.0"),
    ];
    assert_eq!(shown, expected.map(|(key, value)| (key, value.to_owned())).into_iter().collect());
}

/// A value that may be left out has a default, and its help says which.
#[test]
fn the_help_of_every_value_says_its_default() {
    let mut without = Vec::new();
    for command in std::iter::once(&Cli::command()).chain(Cli::command().get_subcommands()) {
        let values = command
            .get_arguments()
            .filter(|argument| argument.get_action().takes_values() && !argument.is_required_set());
        for argument in values {
            let help = argument.get_long_help().or_else(|| argument.get_help()).map(ToString::to_string);
            if !help.is_some_and(|help| help.contains("[default: ") || help.contains("[else ")) {
                without.push(format!("{} {}", command.get_name(), argument.get_id()));
            }
        }
    }
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn the_defaults_that_help_names_are_those_of_the_settings() {
    let config = Config::default();
    let top = Cli::command();
    let run = top.find_subcommand("run").unwrap();
    let named = |flag: &str| {
        let argument = run.get_arguments().find(|argument| argument.get_id() == flag).unwrap();
        let help = argument.get_help().unwrap().to_string();
        help.split("[default: ").nth(1).unwrap().split([']', ',']).next().unwrap().to_owned()
    };
    assert_eq!(named("output"), config.output.path);
    assert_eq!(named("time_zone"), config.dates.time_zone);
    assert_eq!(named("map"), config.segment.map);
    assert_eq!(named("bins"), config.score.recency.bins.to_string());
    assert_eq!(named("method"), config.score.monetary.method.name());
    assert_eq!(named("money_scale"), config.clean.money_scale.to_string());
    assert_eq!(named("max_quarantined_share"), config.clean.max_quarantined_share.to_string());
    assert_eq!(named("returns"), serde_json::json!(config.clean.returns).as_str().unwrap());
}

#[test]
fn an_unknown_command_is_answered_with_the_nearest_one() {
    for (typed, near) in [("rnu", "run"), ("chekc", "check"), ("explian", "explain")] {
        let error = crate::commands::with_nearest(parse(&[typed]).unwrap_err());
        assert!(error.to_string().contains(&format!("'{near}'")), "{error}");
    }
    let far = crate::commands::with_nearest(parse(&["publish"]).unwrap_err()).to_string();
    assert!(!far.contains("similar"), "{far}");
}

#[test]
fn days_are_a_number_without_a_unit() {
    let error = parse(&["run", "--window-days", "30d"]).unwrap_err().to_string();
    assert!(error.contains("a whole number of days, without a unit; write 30"), "{error}");
}

#[test]
fn warnings_are_denied_all_at_once_or_by_code() {
    let denied = |flag: &str| serde_json::json!(configured(&["run", flag, "--input", "a"]).run.deny_warnings);
    assert_eq!(denied("--deny-warnings"), true);
    assert_eq!(denied("--deny-warnings=stale_data,few_values"), serde_json::json!(["stale_data", "few_values"]));
    assert_eq!(
        configured(&["run", "--predict", "auto"]).predict.model.map(|model| serde_json::json!(model)),
        Some("auto".into())
    );
}

#[test]
fn flags_that_are_not_given_set_nothing() {
    for command in ["run", "check", "config"] {
        assert!(parse(&[command]).unwrap().command.layers().is_empty(), "{command}");
    }
}

#[test]
fn the_words_of_a_flag_are_those_of_its_key() {
    for (flag, key) in
        [("epoch_unit", "dates.epoch_unit"), ("orders_by", "clean.orders_by"), ("returns", "clean.returns")]
    {
        let top = Cli::command();
        let run = top.find_subcommand("run").unwrap();
        let argument = run.get_arguments().find(|argument| argument.get_id() == flag).unwrap();
        for word in argument.get_possible_values() {
            let layer = (key.to_owned(), toml::Value::from(word.get_name()), "--set".to_owned());
            assert!(
                Config::load_in(Path::new("/nowhere"), None, [], vec![layer]).is_ok(),
                "{key} = {}",
                word.get_name()
            );
        }
        let layer = (key.to_owned(), toml::Value::from("?"), "--set".to_owned());
        let refused = Config::load_in(Path::new("/nowhere"), None, [], vec![layer]).unwrap_err().to_string();
        let known = refused.split("one of ").nth(1).unwrap().lines().next().unwrap().split(", ").count();
        assert_eq!(argument.get_possible_values().len(), known, "{flag}: {refused}");
    }
}

#[test]
fn set_wins_over_the_flag_for_three_axes() {
    let score = configured(&["run", "--set", "score.recency.bins=5", "--bins", "4"]).score;
    assert_eq!((score.recency.bins, score.frequency.bins, score.monetary.bins), (5, 4, 4));
}

#[test]
fn column_names_of_any_script_reach_the_configuration() {
    let columns = configured(&[
        "check",
        "--column",
        "amount=betrag (€)",
        "--column",
        "customer_id=客户 编号",
        "--column",
        "order_id=Commande №",
        "--column",
        "order_ts=день\tпокупки",
    ])
    .columns;
    assert_eq!((columns.amount.as_str(), columns.order_ts.as_str()), ("betrag (€)", "день\tпокупки"));
    assert_eq!((columns.customer_id.as_str(), columns.order_id), ("客户 编号", Some("Commande №".into())));
}

#[test]
fn an_order_key_of_several_columns_is_written_with_commas() {
    let columns = configured(&["check", "--column", "order_id=store,receipt"]).columns;
    assert_eq!(columns.order_id, Some(OrderKey::Several(vec!["store".into(), "receipt".into()])));
}

#[test]
fn a_filter_that_is_one_quoted_column_keeps_its_quotes() {
    assert_eq!(configured(&["run", "--filter", "\"is paid\""]).input.filter.as_deref(), Some("\"is paid\""));
}

#[test]
fn global_flags_stand_before_or_after_the_command() {
    for words in [["--config", "x.toml", "run", "-vv"], ["run", "-vv", "--config", "x.toml"]] {
        let global = parse(&words).unwrap().global;
        assert_eq!((global.config.as_deref(), global.verbose), (Some(Path::new("x.toml")), 2));
    }
    assert_eq!(parse(&["run", "-q", "-v"]).unwrap_err().kind(), ErrorKind::ArgumentConflict);
}

#[test]
fn wrong_usage_has_the_exit_code_of_a_wrong_setting() {
    for words in
        [&["run", "--bin", "4"][..], &["rum"], &["run", "--bins", "four"], &["run", "--returns", "nett"], &["explain"]]
    {
        assert_eq!(parse(words).unwrap_err().exit_code(), 2, "{words:?}");
    }
    assert_eq!(parse(&["--version"]).unwrap_err().exit_code(), 0);
}

#[test]
fn a_negative_customer_id_is_no_flag() {
    let Command::Explain(args) = parse(&["explain", "-17", "--input", "a"]).unwrap().command else { panic!() };
    assert_eq!(args.customer, "-17");
}

/// What a command prints.
fn printed(words: &[&str]) -> String {
    let cli = parse(words).unwrap();
    let mut out = Vec::new();
    execute(&cli, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn completions_are_made_for_each_shell() {
    for shell in clap_complete::Shell::value_variants() {
        let shell = shell.to_string();
        assert!(printed(&["completions", &shell]).contains("lint-map"), "{shell}");
    }
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let directory = tempfile::tempdir().unwrap();
    let pages = directory.path().join("man1");
    assert_eq!(printed(&["man", pages.to_str().unwrap()]), "");
    for command in Cli::command().get_subcommands() {
        let page = pages.join(format!("rfmetrics-{}.1", command.get_name()));
        assert!(page.is_file(), "{}", page.display());
    }
    assert!(printed(&["man"]).contains("EXIT CODES"));
}
