//! The walls of the house: which room may use which, who may scan and write, and how long files and functions may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path below `src` and its code, without comments and without the unit tests.
struct Source {
    path: String,
    code: String,
}

impl Source {
    /// The room: the directory, or the name of the file.
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// Its module, as `clean::options`; empty for the root.
    fn module(&self) -> String {
        let path = self.path.trim_end_matches(".rs");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        if ["lib", "main"].contains(&path) { String::new() } else { path.replace('/', "::") }
    }

    /// The paths of this crate that it names, from its root: `clean::options::Returns`.
    fn uses(&self) -> BTreeSet<String> {
        let module = self.module();
        let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent).to_owned();
        let grandparent = parent.rsplit_once("::").map_or("", |(parent, _)| parent).to_owned();
        let mut uses = BTreeSet::new();
        for (prefix, base) in [("crate::", ""), ("rfmetrics::::", &grandparent), ("super::", &parent)] {
            for (start, _) in self.code.match_indices(prefix) {
                let before = self.code[..start].chars().next_back().unwrap_or(' ');
                if before.is_alphanumeric() || before == '_' || before == ':' {
                    continue;
                }
                let joined = |path: &str| if base.is_empty() { path.to_owned() } else { format!("{base}::{path}") };
                uses.extend(paths_of(&self.code[start + prefix.len()..]).iter().map(|path| joined(path)));
            }
        }
        uses
    }
}

/// The paths that begin a text: one, or those of a group in braces, which may hold groups.
fn paths_of(text: &str) -> Vec<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let path: String = text.chars().take_while(|c| is_word(*c)).collect();
    let Some(group) = text[path.len()..].strip_prefix('{') else { return vec![path] };
    let mut depth = 1;
    let end = group.char_indices().find(|(_, c)| {
        depth += i32::from(*c == '{') - i32::from(*c == '}');
        depth == 0
    });
    let group = &group[..end.map_or(group.len(), |(end, _)| end)];
    let mut depth = 0;
    let split = group.split(|c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    split
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .flat_map(paths_of)
        .map(|part| format!("{path}{part}"))
        .collect()
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    walk(&root, &mut |path| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let is_test = name.ends_with("tests.rs") || name.contains("tests/") || name.contains("fixtures");
        if name.ends_with(".rs") && !is_test && name != "score/laws.rs" {
            sources.push(Source { path: name, code: code_of(&fs::read_to_string(path).unwrap()) });
        }
    });
    assert!(sources.len() > 80, "the sources were found: {}", sources.len());
    sources
}

fn walk(directory: &Path, work: &mut impl FnMut(&PathBuf)) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, work) } else { work(&path) }
    }
}

/// The text up to the unit tests, without comment lines.
fn code_of(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    before_tests.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Words that every room may use; they import no rooms.
const GROUND: &[&str] =
    &["batch", "day", "error", "hashing", "known", "money", "nearest", "progress", "threads", "values", "warnings"];

/// What each room may use of this crate in addition to itself and the ground.
const MAY_USE: &[(&str, &[&str])] = &[
    ("models", &[]),
    ("score", &[]),
    ("segment", &["score"]),
    ("scoring", &["clean::options", "customers", "models", "score", "segment"]),
    ("customers", &["clean::options"]),
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
    ("manifest", &["files", "config", "members", "predict", "scoring"]),
    ("history", &["manifest", "config", "predict", "scoring", "source"]),
    ("parquet", &["files", "manifest::tables"]),
    ("publish", &["files", "manifest::tables"]),
    ("simulate", &[]),
    (
        "reports",
        &[
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
    const ROOMS: &[&str] = &["customers", "score", "scoring", "segment", "models"];
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
fn one_file_may_be_unsafe() {
    assert_eq!(files_with(&["unsafe_code", "unsafe {", "unsafe fn", "unsafe impl"]), ["process/abort.rs"]);
}

#[test]
fn only_the_edges_write_files() {
    const EDGES: &[&str] = &["parquet/", "publish/", "files/", "simulate/", "commands/init/", "commands/man.rs"];
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

/// A function: where it is, its parameters without the receiver, its lines from the signature to the last brace.
struct Function {
    at: String,
    parameters: usize,
    lines: usize,
}

/// The functions of a file that is formatted as rustfmt does: a body ends with a brace under the signature's first word.
fn functions(source: &Source) -> Vec<Function> {
    let lines: Vec<&str> = source.code.lines().collect();
    let begins = |line: &str| {
        let words = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
        let words = words.trim_start_matches("pub ").trim_start_matches("const ").trim_start_matches("unsafe ");
        words.starts_with("fn ")
    };
    let mut functions = Vec::new();
    for (start, line) in lines.iter().enumerate().filter(|(_, line)| begins(line)) {
        let indent = &line[..line.len() - line.trim_start().len()];
        let end = format!("{indent}}}");
        let is_one_line = line.ends_with(" }") || line.ends_with(';');
        let end = if is_one_line { Some(0) } else { lines[start..].iter().position(|line| *line == end) };
        let Some(length) = end else { continue };
        let name = line.trim_start().split('(').next().unwrap().to_owned();
        let signature: String = lines[start..].iter().take_while_inclusive(|line| !line.ends_with('{'));
        functions.push(Function {
            at: format!("{}: {name}", source.path),
            parameters: parameters(&signature),
            lines: length + 1,
        });
    }
    functions
}

/// The lines up to and with the first for which `go_on` is false, as one text.
trait TakeWhileInclusive<'a> {
    fn take_while_inclusive(self, go_on: impl Fn(&str) -> bool) -> String;
}

impl<'a, I: Iterator<Item = &'a &'a str>> TakeWhileInclusive<'a> for I {
    fn take_while_inclusive(self, go_on: impl Fn(&str) -> bool) -> String {
        let mut text = String::new();
        for line in self {
            text.push_str(line);
            text.push('\n');
            if !go_on(line) {
                break;
            }
        }
        text
    }
}

/// Parameters of a signature: colons at the first depth of its parentheses.
fn parameters(signature: &str) -> usize {
    let Some(open) = opening_parenthesis(signature) else { return 0 };
    let (mut depth, mut count, mut previous) = (0, 0, ' ');
    let text = &signature[open..];
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '<' | '{' => depth += 1,
            '>' if previous == '-' => {}
            ')' | ']' | '>' | '}' => depth -= 1,
            ':' if depth == 1 && previous != ':' && !text[at + 1..].starts_with(':') => count += 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        previous = c;
    }
    count
}

/// The parenthesis that opens the parameters, after the generic ones.
fn opening_parenthesis(signature: &str) -> Option<usize> {
    let (mut depth, mut previous) = (0, ' ');
    for (at, c) in signature.char_indices().skip_while(|(at, _)| *at < signature.find("fn ").unwrap_or(0)) {
        match c {
            '<' => depth += 1,
            '>' if previous != '-' => depth -= 1,
            '(' if depth == 0 => return Some(at),
            _ => {}
        }
        previous = c;
    }
    None
}

#[test]
fn functions_are_short_and_take_few_parameters() {
    let functions: Vec<Function> = sources().iter().flat_map(functions).collect();
    assert!(functions.len() > 1_000, "the functions were found: {}", functions.len());
    let long = functions.iter().filter(|function| function.lines > 60 || function.parameters > 6);
    let long: Vec<String> = long.map(|f| format!("{}: {} lines, {} parameters", f.at, f.lines, f.parameters)).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn the_measure_of_functions_sees_what_is_there() {
    let code = "fn short(a: u8) -> u8 { a }\n\npub(crate) fn long<T: Fn(u8, u8) -> u8>(\n    &self,\n    a: &[T],\n    b: impl Fn(u8, \
                u8) -> u8,\n) -> Result<()> {\n    one();\n    two();\n}\n";
    let found = functions(&Source { path: "x.rs".into(), code: code.into() });
    let shapes: Vec<(usize, usize)> = found.iter().map(|f| (f.parameters, f.lines)).collect();
    assert_eq!(shapes, [(1, 1), (2, 8)]);
}
