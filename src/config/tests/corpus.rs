//! The corpus of bad configuration files: each is one short message.
#![allow(clippy::print_stderr, reason = "a skipped test says why")]

use super::*;

/// The files of the corpus of bad inputs: file, a word that the message must hold (any of them), a word
/// that it must not hold.
const CORPUS: [(&str, &[&str], &str); 11] = [
    ("unknown_key.toml", &["quantlies"], "\u{7}"),
    ("syntax.toml", &["syntax.toml"], "\u{7}"),
    ("dup_key.toml", &["duplicate", "quantiles"], "\u{7}"),
    ("latin1.toml", &["utf-8", "encoding"], "\u{7}"),
    ("utf16.toml", &["utf-16"], "\u{7}"),
    ("deep.toml", &["64 levels"], "[[["),
    ("types.toml", &["quantiles"], "\u{7}"),
    ("secret.toml", &["secret.toml"], "wJalrXUtnFEMI"),
    ("binary.toml", &["binary.toml"], "\u{7}"),
    ("huge_number.toml", &["quantiles"], "\u{7}"),
    ("keys_20k.toml", &["20000 problems"], "k30"),
];

#[test]
fn each_bad_file_of_the_corpus_is_one_short_message() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/badinputs/config");
    if !corpus.is_dir() {
        eprintln!("skipped: the corpus `../shared/badinputs/config` is not there");
        return;
    }
    for (file, mention, forbid) in CORPUS {
        let error = Config::load_in(&corpus, Some(&corpus.join(file)), NO_ENVIRONMENT, Vec::new()).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Config, "{file}");
        assert!(mention.iter().any(|word| text.to_lowercase().contains(word)), "{file}: {text}");
        assert!(!text.contains(forbid), "{file}: {text}");
        assert!(text.len() < 4_000, "{file}: {} bytes", text.len());
        assert!(text.contains(file), "{file}: {text}");
    }
}

#[test]
fn the_corpus_is_covered() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/badinputs/config");
    let Ok(files) = std::fs::read_dir(&corpus) else {
        eprintln!("skipped: the corpus `../shared/badinputs/config` is not there");
        return;
    };
    let here: Vec<&str> = CORPUS.iter().map(|(file, ..)| *file).collect();
    for file in files {
        let name = file.unwrap().file_name();
        assert!(here.iter().any(|known| *known == name), "{name:?} has no test");
    }
}
