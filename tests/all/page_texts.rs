//! The texts of the page: every key that the code names is there, and every text is used.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::source_code::walk;

/// Keys below these are made of names in tables.
const OF_TABLES: [&str; 11] = [
    "column.",
    "lacking.",
    "measure.",
    "missing.",
    "model.",
    "outcome.",
    "overview.",
    "ranking.",
    "scores.",
    "unit.",
    "warning.",
];
/// Ends of keys that every section may have.
const OF_SECTIONS: [&str; 3] = [".short", ".title", ".lead"];

fn code() -> String {
    let mut code = String::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page");
    walk(&root, &mut |path| {
        if path.extension().is_some_and(|extension| extension == "rs") {
            code += &fs::read_to_string(path).unwrap();
        }
    });
    code
}

fn keys() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page/texts/en.toml");
    let table: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
    let of_section = |(section, texts): (&String, &toml::Value)| {
        texts.as_table().unwrap().keys().map(|key| format!("{section}.{key}")).collect::<Vec<_>>()
    };
    table.iter().flat_map(of_section).collect()
}

/// The literals of the code.
fn literals(code: &str) -> BTreeSet<&str> {
    code.split('"').skip(1).step_by(2).collect()
}

#[test]
fn every_key_in_the_code_has_a_text() {
    let (code, keys) = (code(), keys());
    let is_key = |text: &&str| {
        text.split_once('.').is_some_and(|(section, rest)| {
            keys.iter().any(|key| key.starts_with(&format!("{section}.")))
                && !rest.is_empty()
                && rest.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        })
    };
    let named: Vec<&str> = code.split(['"', '\n']).filter(is_key).collect();
    assert!(named.len() > 100, "the keys were found: {}", named.len());
    let missing: Vec<&&str> = named.iter().filter(|key| !keys.contains(**key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_text_is_used() {
    let (code, keys) = (code(), keys());
    let literals = literals(&code);
    let parts: BTreeSet<&str> = code.split('"').collect();
    let is_used = |key: &&String| {
        let (section, rest) = key.split_once('.').unwrap();
        literals.contains(key.as_str())
            || parts.contains(key.as_str())
            || OF_SECTIONS.iter().any(|end| key.ends_with(end))
            || OF_TABLES.iter().any(|start| key.starts_with(start))
            // Made of a part and a name: `health.sign_{sign}`.
            || rest.rsplit_once('_').is_some_and(|(first, _)| code.contains(&format!("{section}.{first}_{{")))
            || rest.split_once('_').is_some_and(|(first, _)| code.contains(&format!("{section}.{first}_{{")))
    };
    let unused: Vec<&String> = keys.iter().filter(|key| !is_used(key)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn every_outcome_of_a_row_has_a_name() {
    let keys = keys();
    for outcome in rfmetrics::clean::outcome::Outcome::ALL {
        assert!(keys.contains(&format!("outcome.{}", outcome.name())), "{}", outcome.name());
    }
}
