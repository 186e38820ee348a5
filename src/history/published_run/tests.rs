//! Runs that are there, are not there, or are damaged; tables and parts of one.

use std::fs;

use serde_json::{Value, json};

use super::*;
use crate::error::Kind;
use crate::manifest::FORMAT_VERSION;

/// A directory with this manifest, as `as_of=2025-12-31`.
fn published(manifest: &Value) -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("as_of=2025-12-31");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("manifest.json"), manifest.to_string()).unwrap();
    (root, directory)
}

#[test]
fn a_run_is_opened_by_its_directory_or_by_its_manifest_wherever_that_lies() {
    let (root, directory) = published(&json!({"as_of": "2025-12-31"}));
    let kept = root.path().join("kept.json");
    fs::copy(directory.join("manifest.json"), &kept).unwrap();
    for path in [directory.clone(), directory.join("manifest.json"), kept] {
        assert_eq!(PublishedRun::open(&path).unwrap().as_of().unwrap().to_string(), "2025-12-31", "{}", path.display());
    }
}

#[test]
fn what_is_no_run_is_refused_with_what_was_found() {
    let (root, directory) = published(&json!({"format_version": FORMAT_VERSION + 1}));
    let refused = |path: &Path| {
        let error = PublishedRun::open(path).unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        error.to_string()
    };
    assert!(refused(&root.path().join("nowhere")).contains("there is no such directory"));
    assert!(refused(root.path()).contains("it has no `manifest.json`"));
    let newer = refused(&directory);
    assert!(newer.contains("was written by a newer rfmetrics"), "{newer}");
    assert!(newer.contains("its format version is 2, and this rfmetrics reads versions up to 1"), "{newer}");
    fs::write(directory.join("manifest.json"), "{").unwrap();
    assert!(refused(&directory).contains("holds no published run that can be read"));
}

#[test]
fn errors_of_a_setting_name_it_and_what_it_should_hold() {
    let (_root, directory) = published(&json!({"breaks": 3}));
    let path = directory.display().to_string();
    let reference = Reference::new("score.breaks_from", &path, "breaks of an earlier run", "a published run");
    let run = PublishedRun::refer(reference.clone()).unwrap();
    let error = run.learned("main").unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "`score.breaks_from`: `{path}` holds no breaks of an earlier run\ncause: invalid type: integer `3`, expected a \
             sequence\n\nhint: name the directory of a published run, or the manifest.json in it"
        )
    );
    assert_eq!(run.learned("tiers").unwrap(), None);
    fs::write(directory.join("manifest.json"), json!({"format_version": 99}).to_string()).unwrap();
    let newer = PublishedRun::refer(reference).unwrap_err().to_string();
    assert!(newer.starts_with(&format!("`score.breaks_from`: `{path}` was written by a newer rfmetrics")), "{newer}");
}

#[test]
fn warnings_from_before_they_had_codes_keep_their_sentences() {
    let (_root, old) = published(&json!({"warnings": ["something"]}));
    let found = PublishedRun::open(old).unwrap().warnings().unwrap();
    assert_eq!((found[0].code.as_str(), found[0].text.as_str(), found[0].warning()), ("unknown", "something", None));
    let detail = json!({"code": "no_revenue", "facts": {}, "text": "none"});
    let (_root, new) = published(&json!({"warnings": ["none"], "warning_details": [detail]}));
    assert_eq!(PublishedRun::open(new).unwrap().warnings().unwrap()[0].code, "no_revenue");
}

#[test]
fn a_table_that_is_not_there_is_a_source_error() {
    let (_root, directory) = published(&json!({}));
    let error = PublishedRun::open(&directory).unwrap().table("customers").unwrap_err();
    assert_eq!(error.kind(), Kind::Source);
    let expected =
        format!("`{}` has no customers table\ncause: expected the file `customers.parquet` in it", directory.display());
    assert!(error.to_string().starts_with(&expected), "{error}");
}

#[test]
fn a_run_from_before_versions_has_all_its_parts() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/manifests/format_0.json");
    let run = PublishedRun::open(path).unwrap();
    assert_eq!((run.as_of().unwrap().to_string(), run.totals().unwrap().customers), ("2026-10-31".to_owned(), 3992));
    let [own, three] = ["main", "three"].map(|name| run.learned(name).unwrap().unwrap());
    assert_eq!(own.breaks[0].cuts, [24, 68, 151, 309]);
    assert_eq!([&own, &three].map(|learned| learned.clusters.as_ref().unwrap().centroids.centers.len()), [2, 4]);
    assert_eq!(run.learned("two").unwrap(), None);
    assert_eq!(run.settings().unwrap().scoring.len(), 2);
    assert_eq!(run.models().unwrap().unwrap().time_unit, "month");
    assert_eq!(run.tables().unwrap()[0].name, "customers");
    assert!(run.warnings().unwrap().iter().all(|warning| warning.code == "unknown"));
    assert!(run.table("customers").is_err(), "the tables are not where the manifest was copied to");
}
