//! The input: which files it is made of, what their footers say, and whether they fit the run.
//!
//! Lives here: finding files, reading and distrusting footers, the contract between the files and
//! the columns that the run needs, and the only use of the crate `parquet` for reading.
//! Does not live here: what the values mean, and which rows are kept (see `clean`).
//!
//! In the order in which a run uses them: [`listing::find`], [`footers::read_footers`],
//! [`contract::needed`] and [`contract::agree`], [`footers::statistics::date_range`]; with `--verify`
//! [`footers::pages::verify_pages`]; and where the engine fails, [`footers::pages::decode_columns`] to name the culprit.
#![allow(clippy::disallowed_methods, reason = "the scan lives here, and asks about directories and repeats")]

pub mod listing;
pub mod lookup;
mod complaints;
pub mod contract;
#[cfg(test)]
mod fixtures;
pub mod footers;
pub mod options;
pub mod scan;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::Error;

/// The path between backticks, as messages show it.
pub(crate) fn quoted(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// A URL without what may be a key: the user before the host, and what follows the path.
pub(crate) fn without_secrets(url: &str) -> String {
    let public = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = public.split_once("://").unwrap_or(("", public));
    let (_, place) = rest.rsplit_once('@').unwrap_or(("", rest));
    format!("{scheme}://{place}")
}

/// One error of all `problems`: a single one is the headline itself.
pub(crate) fn source_error(headline: &str, mut problems: Vec<String>) -> Error {
    if problems.len() == 1 {
        return Error::source(problems.remove(0));
    }
    Error::source(headline).causes(problems)
}

/// The text of a foreign error, without the name of its kind in front.
pub(crate) fn foreign(error: impl std::fmt::Display) -> String {
    let text = error.to_string();
    ["Parquet error: ", "External: ", "EOF: "].iter().find_map(|kind| text.strip_prefix(kind)).unwrap_or(&text).into()
}

/// Runs `work`, and turns a panic of a foreign decoder into a text.
///
/// The process-wide panic hook still runs: a program that wants no trace on stderr installs a
/// silent one.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|payload| Err(format!("the decoder panicked ({})", panic_text(payload.as_ref()))))
}

/// What a panic said.
fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}

/// Does `work` for each item on at most `threads` threads; the results are in the order of the items.
pub(crate) fn on_threads<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take_turns = || {
        let mut done = Vec::new();
        while let Some((index, item)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            items.get(index).map(|item| (index, item))
        } {
            done.push((index, work(item)));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        // A thread that cannot be had is no failure: the others, and this one, do its work.
        let helpers: Vec<_> = (1..threads.min(items.len()))
            .filter_map(|_| std::thread::Builder::new().spawn_scoped(scope, take_turns).ok())
            .collect();
        let mut done = take_turns();
        for helper in helpers {
            match helper.join() {
                Ok(theirs) => done.extend(theirs),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_do_every_item_once_and_keep_the_order() {
        let items: Vec<u32> = (0..1_000).collect();
        for threads in [0, 1, 3, 2_000] {
            let squares = on_threads(&items, threads, |item| item * item);
            assert!(squares.iter().zip(&items).all(|(square, item)| *square == item * item), "{threads} threads");
            assert_eq!(squares.len(), 1_000);
        }
        assert!(on_threads(&[] as &[u32], 4, |item| *item).is_empty());
    }

    #[test]
    fn a_panic_becomes_a_text() {
        let outcome: Result<(), String> = caught(|| panic!("index {} out of range", 7));
        assert_eq!(outcome, Err("the decoder panicked (index 7 out of range)".into()));
        assert_eq!(caught(|| Ok(3)), Ok(3));
    }

    #[test]
    fn the_keys_in_a_url_are_not_shown() {
        for (url, shown) in [
            ("s3://bucket/x.parquet", "s3://bucket/x.parquet"),
            ("s3://id:k/e@y@bucket/x.parquet", "s3://bucket/x.parquet"),
            ("https://host:9/x.parquet?sig=key#key", "https://host:9/x.parquet"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }

    #[test]
    fn a_single_problem_is_the_headline() {
        assert_eq!(source_error("many", vec!["one".into()]).to_string(), "one");
        assert_eq!(source_error("many", vec!["a".into(), "b".into()]).to_string(), "many\ncause: a\ncause: b");
    }
}
