//! The sources of the program as `walls` reads them: files, the paths that they name, functions and their sizes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path below `src` and its code, without comments and without the unit tests.
pub struct Source {
    pub path: String,
    pub code: String,
}

impl Source {
    /// The room: the directory, or the name of the file.
    pub fn room(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// Its module, as `clean::options`; empty for the root.
    pub fn module(&self) -> String {
        let path = self.path.trim_end_matches(".rs");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        if ["lib", "main"].contains(&path) { String::new() } else { path.replace('/', "::") }
    }

    /// The paths of this crate that it names, from its root: `clean::options::Returns`.
    pub fn uses(&self) -> BTreeSet<String> {
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

pub fn sources() -> Vec<Source> {
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

pub fn walk(directory: &Path, work: &mut impl FnMut(&PathBuf)) {
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

/// A function: where it is, its parameters without the receiver, its lines from the signature to the last brace.
pub struct Function {
    pub at: String,
    pub parameters: usize,
    pub lines: usize,
}

/// The functions of a file that is formatted as rustfmt does: a body ends with a brace under the signature's first word.
pub fn functions(source: &Source) -> Vec<Function> {
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
fn the_measure_of_functions_sees_what_is_there() {
    let code = "fn short(a: u8) -> u8 { a }\n\npub(crate) fn long<T: Fn(u8, u8) -> u8>(\n    &self,\n    a: &[T],\n    b: impl Fn(u8, \
                u8) -> u8,\n) -> Result<()> {\n    one();\n    two();\n}\n";
    let found = functions(&Source { path: "x.rs".into(), code: code.into() });
    let shapes: Vec<(usize, usize)> = found.iter().map(|f| (f.parameters, f.lines)).collect();
    assert_eq!(shapes, [(1, 1), (2, 8)]);
}
