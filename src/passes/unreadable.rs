//! Which file is to blame when the engine gave up.
//!
//! The engine's errors name no file. So each file is decoded by itself, with the other decoder. Does not live here: the
//! reading of files that nothing is wrong with.

use crate::error::Error;
use crate::expressions;
use crate::input::Input;
use crate::input::part::InputPart;
use crate::source::footers::pages;
use crate::source::scan::filter::{Filter, failing};
use crate::source::scan::{self, Group};

/// Which columns a scan read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Columns {
    /// Those that the run needs.
    Needed,
    /// All.
    All,
}

/// What a scan of `group` failed of, given what the engine said. `condition`: what was asked of the rows.
///
/// `tells_ids`: the message may hold values of the input.
pub(crate) fn error(
    part: &InputPart,
    group: &Group,
    columns: Columns,
    (condition, tells_ids): (Option<&Filter>, bool),
    cause: &str,
) -> Error {
    if let Some(refused) = refused_by_the_system(cause) {
        return refused;
    }
    if let Some((headline, cause)) = expressions::failure(cause) {
        return failing(headline, cause);
    }
    if let Some(refused) = scan::failure(cause) {
        return refused;
    }
    let mut found = damaged(part, &group.files, columns);
    if found.is_empty() {
        let shown_cause = if tells_ids { cause } else { without_values(cause) };
        let files = group.files.iter().map(|place| format!("`{}`", part.contract.files[*place].path.display()));
        let shown: Vec<String> = files.take(3).collect();
        let cause = format!("{}: {shown_cause}", shown.join(", "));
        // The other decoder reads these files to their end: what the engine failed of is what it was asked.
        if let Some(condition) = condition {
            return condition.fails(cause);
        }
        found.push(cause);
    }
    blame(found)
}

/// What an aborted process failed of: a file that cannot be decoded, else memory.
pub(crate) fn after_abort(input: &Input) -> Error {
    let all = |part: &InputPart| (0..part.contract.files.len()).collect::<Vec<usize>>();
    let found: Vec<String> = input.parts.iter().flat_map(|part| damaged(part, &all(part), Columns::Needed)).collect();
    if !found.is_empty() {
        return blame(found);
    }
    let limits = "look at the limits of this process (`ulimit -a`, the memory of its cgroup) and at the estimate of \
                  `rfmetrics check`; if memory is not short, this is a bug worth a report";
    Error::compute("the system ended the computation: most likely it refused memory")
        .cause("every file of the input can be decoded")
        .hint(limits)
}

/// What is wrong with each of the files that cannot be decoded.
fn damaged(part: &InputPart, files: &[usize], columns: Columns) -> Vec<String> {
    let needed = part.contract.columns.iter().map(|column| column.name.as_str());
    let look = |place: &usize| {
        let file = &part.contract.files[*place];
        let all = file.columns.iter().map(|column| column.name.as_str());
        let own_name = |name| file.column(name).map(|column| column.name.as_str());
        let names: Vec<&str> =
            if columns == Columns::All { all.collect() } else { needed.clone().filter_map(own_name).collect() };
        match pages::decode_columns(&file.path, &names) {
            Ok(rows) if rows == file.rows => None,
            Ok(rows) => {
                Some(format!("`{}`: its footer says {} rows, its pages hold {rows}", file.path.display(), file.rows))
            }
            Err(found) => Some(found.headline()),
        }
    };
    files.iter().filter_map(look).collect()
}

fn blame(causes: Vec<String>) -> Error {
    let error = causes.into_iter().fold(Error::source("the input cannot be read"), Error::cause);
    error.hint("write the file again from its source, or leave it out")
}

/// What the engine says where the system grants no thread or no memory. The files are not to blame.
fn refused_by_the_system(cause: &str) -> Option<Error> {
    let words = ["could not spawn threads", "Resource temporarily unavailable", "Cannot allocate memory"];
    words.iter().any(|words| cause.contains(words)).then(|| {
        Error::compute("the system refuses the engine a thread or memory").cause(cause).hint(
            "look at the limits of this process (`ulimit -a`, the memory and pids of its cgroup), or use fewer threads \
             with --threads",
        )
    })
}

/// The engine's message about a failed cast ends with the values that failed: customers are not told to a log.
fn without_values(cause: &str) -> &str {
    cause.split_once(" values: ").map_or(cause, |(what, _)| what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_cut_off_the_message_of_a_failed_cast() {
        let cause = "conversion from `str` to `i64` failed in column 'id' for 2 out of 9 values: [\"C-1\", \"C-2\"]";
        assert_eq!(without_values(cause), "conversion from `str` to `i64` failed in column 'id' for 2 out of 9");
        assert_eq!(without_values("out of memory"), "out of memory");
    }

    /// EAGAIN and ENOMEM in the words of strerror(3).
    #[test]
    fn a_refused_thread_is_not_a_fault_of_the_input() {
        let error = |number| std::io::Error::from_raw_os_error(number).to_string();
        for cause in [error(11), error(12), "the decoder panicked (could not spawn threads: ..)".into()] {
            assert_eq!(refused_by_the_system(&cause).map(|error| error.kind().exit_code()), Some(5), "{cause}");
        }
        assert_eq!(refused_by_the_system("Input/output error (os error 5)"), None);
    }
}
