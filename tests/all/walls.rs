//! The walls of the house: which room may use which, who may scan and write, and how long files and functions may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::source_code::{Function, Source, functions, sources, walk};

/// Words that every room may use; they import no rooms.
const GROUND: &[&str] =
    &["batch", "day", "error", "hashing", "known", "money", "nearest", "progress", "threads", "values", "warnings"];

/// What each room may use of this crate in addition to itself and the ground.
const MAY_USE: &[(&str, &[&str])] = &[
    ("models", &[]),
    ("campaigns", &["models"]),
    ("sheets", &[]),
    ("score", &[]),
    ("segment", &["score"]),
    ("scoring", &["clean::options", "customers", "models", "score", "segment"]),
    ("spill", &[]),
    ("customers", &["clean::options", "spill"]),
    ("clean", &[]),
    ("expressions", &["clean::zone"]),
    ("source", &["clean::options", "expressions"]),
    ("members", &["customers"]),
    ("social", &["score"]),
    ("predict", &["customers::orders", "models"]),
    ("privacy", &[]),
    ("quality", &["clean", "customers"]),
    ("schema", &[]),
    ("files", &[]),
    ("manifest", &["files", "campaigns::options", "config", "members", "predict", "publish::options", "scoring"]),
    ("history", &["files", "manifest", "clean::zone", "config", "expressions", "predict", "scoring", "source"]),
    ("page", &["config", "history", "manifest", "publish::options"]),
    ("parquet", &["files", "manifest::tables", "publish::options"]),
    ("publish", &["files", "manifest::tables"]),
    ("simulate", &[]),
    (
        "reports",
        &[
            "campaigns",
            "clean",
            "customers",
            "members",
            "models",
            "predict",
            "score",
            "scoring",
            "segment",
            "social",
            "schema",
            "publish::options",
        ],
    ),
    ("cli", &["config"]),
    ("process", &["cli", "publish::unfinished"]),
];

/// Rooms that only the job and the rooms above it may use.
const CONDUCTOR: &[&str] = &["job", "commands", "process"];

#[test]
fn no_room_uses_a_room_above_it() {
    let mut broken = Vec::new();
    let mut met = BTreeSet::new();
    for source in sources() {
        let room = source.room().to_owned();
        let uses = source.uses();
        let others = uses.iter().filter(|used| used.split("::").next().unwrap() != room);
        if GROUND.contains(&room.as_str()) {
            let rooms = others.filter(|used| !GROUND.contains(&used.split("::").next().unwrap()));
            broken.extend(rooms.map(|used| format!("the ground word {} uses {used}", source.path)));
            continue;
        }
        let Some((room, allowed)) = MAY_USE.iter().find(|(name, _)| *name == room) else { continue };
        met.insert(*room);
        let is_allowed = |used: &str| {
            let mut paths = GROUND.iter().chain(*allowed);
            paths.any(|path| used == *path || used.starts_with(&format!("{path}::")))
        };
        broken.extend(others.filter(|used| !is_allowed(used)).map(|used| format!("{} uses {used}", source.path)));
    }
    assert!(met.len() == MAY_USE.len(), "all rooms were found: {met:?}");
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn only_the_top_uses_the_conductor() {
    for source in sources() {
        let is_top = CONDUCTOR.contains(&source.room()) || ["main", "lib"].contains(&source.room());
        let used = source.uses();
        let conductors: Vec<&String> =
            used.iter().filter(|used| CONDUCTOR.contains(&used.split("::").next().unwrap())).collect();
        assert!(is_top || conductors.is_empty(), "{} uses {conductors:?}", source.path);
    }
}

/// For each file the files whose items it names.
fn files_used(sources: &[Source]) -> BTreeMap<&str, BTreeSet<&str>> {
    let by_module: BTreeMap<String, &str> =
        sources.iter().map(|source| (source.module(), source.path.as_str())).collect();
    let file_of = |used: &str| {
        let mut module = used;
        loop {
            if let Some(file) = by_module.get(module) {
                return Some(*file);
            }
            module = module.rsplit_once("::")?.0;
        }
    };
    let used = |source: &Source| {
        source.uses().iter().filter_map(|used| file_of(used)).filter(|file| *file != source.path).collect()
    };
    sources.iter().map(|source| (source.path.as_str(), used(source))).collect()
}

/// The files of a circle that goes through `start`; empty where there is none.
fn circle_of<'a>(start: &'a str, used: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<&'a str> {
    let reach = |from: &'a str| {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![from];
        while let Some(file) = waiting.pop() {
            waiting.extend(used[file].iter().filter(|next| seen.insert(**next)));
        }
        seen
    };
    let ahead = reach(start);
    if !ahead.contains(start) {
        return Vec::new();
    }
    ahead.into_iter().filter(|file| reach(file).contains(start)).collect()
}

#[test]
fn files_do_not_use_each_other_in_circles() {
    let sources = sources();
    let mut used = files_used(&sources);
    // A room's head names its files, and they name what it has in common: that is not a circle of files.
    for (file, names) in &mut used {
        let is_head = |path: &str| path.ends_with("/mod.rs");
        names.retain(|name| !is_head(name) && !is_head(file) && *file != "lib.rs");
    }
    let circles: BTreeSet<Vec<&str>> = used.keys().map(|file| circle_of(file, &used)).collect();
    let circles: Vec<_> = circles.into_iter().filter(|circle| !circle.is_empty()).collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn what_computes_on_plain_numbers_knows_no_data_frames() {
    const ROOMS: &[&str] = &["campaigns", "customers", "score", "scoring", "segment", "models"];
    for source in sources().iter().filter(|source| ROOMS.contains(&source.room())) {
        assert!(!source.code.contains("polars"), "{} knows Polars", source.path);
        assert!(!source.code.contains("parquet"), "{} knows Parquet", source.path);
    }
}

/// Files whose code contains one of the texts.
fn files_with(texts: &[&str]) -> Vec<String> {
    let with = sources().into_iter().filter(|source| texts.iter().any(|text| source.code.contains(text)));
    let mut files: Vec<String> = with.map(|source| source.path).collect();
    files.sort();
    files
}

#[test]
fn there_is_one_scan() {
    assert_eq!(files_with(&["scan_parquet"]), ["source/scan/mod.rs"]);
}

#[test]
fn plans_are_executed_by_the_passes_and_by_reports_over_the_cube() {
    for file in files_with(&[".collect_with_engine(", ".collect()?", ".sink_"]) {
        let room = file.split('/').next().unwrap().to_owned();
        assert!(["passes", "reports"].contains(&room.as_str()) || !uses_polars(&file), "{file} executes a plan");
    }
}

fn uses_polars(file: &str) -> bool {
    sources().iter().any(|source| source.path == file && source.code.contains("LazyFrame"))
}

#[test]
fn two_files_may_be_unsafe() {
    let unsafe_files = files_with(&["unsafe_code", "unsafe {", "unsafe fn", "unsafe impl"]);
    assert_eq!(unsafe_files, ["customers/prefetch.rs", "process/abort.rs"]);
}

#[test]
fn only_the_edges_write_files() {
    const EDGES: &[&str] =
        &["parquet/", "publish/", "files/", "spill/", "simulate/", "commands/init/", "commands/man.rs"];
    let writers = files_with(&["fs::write", "File::create", "create_dir", "OpenOptions", "DirBuilder", "remove_file"]);
    for file in writers {
        assert!(EDGES.iter().any(|edge| file.starts_with(edge)), "{file}");
    }
}

#[test]
fn nothing_is_printed_past_the_handed_in_streams() {
    // `eprintln!(` holds the text `println!(` too.
    assert_eq!(files_with(&["println!(", "print!(", "dbg!("]), Vec::<String>::new());
}

#[test]
fn every_file_says_what_it_is_and_stays_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    walk(&root, &mut |path| {
        let text = fs::read_to_string(path).unwrap();
        if path.extension().is_some_and(|extension| extension == "rs") {
            assert!(text.starts_with("//!"), "{} has no head", path.display());
            assert!(text.lines().count() <= 400, "{} has {} lines", path.display(), text.lines().count());
        }
    });
}

#[test]
fn functions_are_short_and_take_few_parameters() {
    let functions: Vec<Function> = sources().iter().flat_map(functions).collect();
    assert!(functions.len() > 1_000, "the functions were found: {}", functions.len());
    let long = functions.iter().filter(|function| function.lines > 60 || function.parameters > 6);
    let long: Vec<String> = long.map(|f| format!("{}: {} lines, {} parameters", f.at, f.lines, f.parameters)).collect();
    assert!(long.is_empty(), "{long:#?}");
}
