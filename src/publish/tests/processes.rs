//! Runs in processes of their own: held, stopped, killed and starved.
//!
//! What must happen in another process is a test marked `ignore` whose name begins with `child_`; the other
//! tests start this same binary on it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::{date, everything_in, generation_at, names, open, publish, staged, try_open};
use crate::error::Kind;
use crate::files::os_error;
use crate::process::signals;
use crate::publish::exchange::Way;
use crate::publish::leftovers::{clear, hidden_of};
use crate::publish::options::Layout;
use crate::publish::{Output, verify_published};

const CHILD_OUTPUT: &str = "RFMETRICS_TEST_CHILD_OUTPUT";

fn child_command(module: &str, test: &str) -> Vec<String> {
    let (_, module) = module.split_once("::").unwrap();
    let binary = std::env::current_exe().unwrap().to_string_lossy().into_owned();
    [&binary, &format!("{module}::{test}"), "--exact", "--ignored", "--nocapture"].map(ToString::to_string).into()
}

/// Starts the child `test` of a module and waits until it says that it is ready.
pub(super) fn start(module: &str, test: &str, output: &Path) -> Child {
    let command = child_command(module, test);
    let mut child = Command::new(&command[0])
        .args(&command[1..])
        .env(CHILD_OUTPUT, output)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    if lines.any(|line| line.unwrap().contains("child is ready")) {
        return child;
    }
    panic!("the child ended too early: {}", String::from_utf8_lossy(&child.wait_with_output().unwrap().stderr));
}

pub(super) fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// The output that a child works on, or nothing if it was not started by its parent.
pub(super) fn child_output() -> Option<PathBuf> {
    std::env::var_os(CHILD_OUTPUT).map(PathBuf::from)
}

pub(super) fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").unwrap();
}

pub(super) fn install_signals() {
    signals::install(|line| writeln!(std::io::stderr(), "{line}").unwrap()).unwrap();
}

#[test]
#[ignore = "started by other tests"]
fn child_stages_and_waits() {
    let Some(path) = child_output() else { return };
    install_signals();
    let output = open(&path);
    let _staged = staged(&output, 2);
    say("child is ready");
    thread::sleep(Duration::from_mins(1));
}

#[test]
#[ignore = "started by other tests"]
fn child_publishes_again_and_again() {
    let Some(path) = child_output() else { return };
    install_signals();
    let output = open(&path);
    say("child is ready");
    for generation in 0..100_000 {
        publish(&output, generation, Way::Exchange).unwrap();
    }
}

#[test]
#[ignore = "started by other tests"]
fn child_opens_and_gives_up_again_and_again() {
    let Some(path) = child_output() else { return };
    say("child is ready");
    for _ in 0..500 {
        match try_open(&path, Layout::ByDate) {
            Ok(output) => drop(output.stage(date()).unwrap()),
            Err(error) => assert_eq!(error.kind(), Kind::Busy, "{error}"),
        }
    }
}

/// Each removes its new output again while the others create it, open it, lock it: the holder of the lock has all of
/// it.
#[test]
fn processes_that_fail_at_once_on_a_new_output_are_busy_at_worst() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("new/deeper");
    let children: Vec<_> =
        (0..4).map(|_| start(module_path!(), "child_opens_and_gives_up_again_and_again", &path)).collect();
    for child in children {
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    }
    assert!(everything_in(root.path()).len() <= 1, "no more than the lock");
}

#[test]
fn another_process_that_holds_the_output_is_named_and_once_killed_is_cleared_away() {
    let root = tempfile::tempdir().unwrap();
    let published = publish(&open(root.path()), 1, Way::Exchange).unwrap();
    let mut child = start(module_path!(), "child_stages_and_waits", root.path());
    let busy = try_open(root.path(), Layout::ByDate).unwrap_err();
    assert_eq!(busy.kind(), Kind::Busy);
    assert!(busy.to_string().contains(&format!("process {} ", child.id())), "{busy}");
    send(&child, Signal::KILL);
    child.wait().unwrap();
    assert_eq!(hidden_of(root.path()).len(), 1);
    let output = open(root.path());
    assert_eq!(names(root.path()), [".rfmetrics.lock", "as_of=2026-01-01"]);
    assert_eq!(generation_at(&published), 1);
    publish(&output, 3, Way::Exchange).unwrap();
}

#[test]
fn a_signal_removes_what_is_staged_and_says_so() {
    for (signal, name, code) in [(Signal::TERM, "SIGTERM", 143), (Signal::INT, "SIGINT", 130)] {
        let root = tempfile::tempdir().unwrap();
        let published = publish(&open(root.path()), 1, Way::Exchange).unwrap();
        let child = start(module_path!(), "child_stages_and_waits", root.path());
        assert_eq!(hidden_of(root.path()).len(), 1);
        send(&child, signal);
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(code));
        assert!(String::from_utf8_lossy(&ended.stderr).contains(&format!("stopped by {name}")));
        assert_eq!(names(root.path()), [".rfmetrics.lock", "as_of=2026-01-01"]);
        assert_eq!(generation_at(&published), 1);
    }
}

#[test]
fn a_signal_takes_a_new_output_away() {
    let root = tempfile::tempdir().unwrap();
    let child = start(module_path!(), "child_stages_and_waits", &root.path().join("new/deeper"));
    assert_eq!(names(&root.path().join("new")).len(), 2, "the output, and what is staged next to it");
    send(&child, Signal::TERM);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(143));
    assert!(names(root.path()).is_empty());
}

#[test]
fn stopped_at_any_instant_of_many_publications_the_result_is_whole() {
    let root = tempfile::tempdir().unwrap();
    publish(&open(root.path()), 1, Way::Exchange).unwrap();
    for trial in 0..30 {
        let signal = if trial % 2 == 0 { Signal::KILL } else { Signal::TERM };
        let mut child = start(module_path!(), "child_publishes_again_and_again", root.path());
        // Steps that share no factor with the length of a publication: instants all over it.
        thread::sleep(Duration::from_micros(1_000 + 1_373 * trial));
        send(&child, signal);
        child.wait().unwrap();
        let report = verify_published(root.path()).unwrap().into_result().unwrap();
        assert_eq!(report.files, 2);
        assert_eq!(everything_in(root.path()).len(), 4, "two tables, the manifest, the lock");
        if signal == Signal::TERM {
            assert!(hidden_of(root.path()).is_empty(), "a signal leaves nothing");
        }
        drop(open(root.path()));
        assert_eq!(names(root.path()), [".rfmetrics.lock", "as_of=2026-01-01"]);
    }
}

// Starved: the setup of these needs special rights. Without those rights they say that they are skipped.

#[test]
#[ignore = "started by other tests"]
fn child_fills_the_disk() {
    let Some(path) = child_output() else { return };
    let output = open(&path);
    let published = publish(&output, 1, Way::Exchange).unwrap();
    let staging = output.stage(date()).unwrap();
    assert_eq!(staging.path().parent(), Some(output.path()), "nothing moves to another file system");
    let file = staging.file("customers");
    // 1 MiB does not fit into the 256 KiB that the parent mounted.
    let error = fs::write(&file, vec![0; 1 << 20]).unwrap_err();
    let error = os_error("written", &file, &error);
    assert!(error.to_string().contains("No space left on device"), "{error}");
    assert!(error.to_string().contains("hint: the file system is full"), "{error}");
    drop(staging);
    assert_eq!(names(&path), [".rfmetrics.lock", "as_of=2026-01-01"]);
    assert_eq!(generation_at(&published), 1);
    // No room for even one more directory: the run is refused with the same message.
    fs::write(path.join(".filler"), vec![0; 1 << 20]).unwrap_err();
    let error = (0..).find_map(|_| leave_no_room(&output)).unwrap();
    assert!(error.contains("No space left on device"), "{error}");
    verify_published(&path).unwrap().into_result().unwrap();
    say("child is ready");
}

/// Publishes once more on the full disk; returns the error message, if there is one.
fn leave_no_room(output: &Output) -> Option<String> {
    let staging = output.stage(date()).map_err(|error| error.to_string());
    let written = staging.and_then(|staging| {
        let file = staging.file("customers");
        fs::write(&file, "customers").map_err(|error| os_error("written", &file, &error).to_string())
    });
    written.err()
}

#[test]
#[ignore = "started by other tests"]
fn child_cannot_write() {
    let Some(path) = child_output() else { return };
    for directory in [path.clone(), path.join("new/deeper")] {
        let error = try_open(&directory, Layout::ByDate).unwrap_err();
        assert_eq!(error.kind(), Kind::Write);
        let text = error.to_string();
        assert!(text.contains("Read-only file system") || text.contains("Permission denied"), "{text}");
        assert!(error.shown_hint().is_some(), "{text}");
    }
    assert!(names(&path).is_empty());
    say("child is ready");
}

/// Runs `script` (in which `$OUTPUT` is the output) and then the child `test`; false if the script cannot be run.
fn in_a_world_where(script: &str, test: &str) -> bool {
    let root = tempfile::tempdir().unwrap();
    let child = child_command(module_path!(), test).join(" ");
    let script = format!("{{ {script}; }} >/dev/null 2>&1 || exit 99; exec {child}");
    let started = Command::new("unshare")
        .args(["--mount", "sh", "-c", &script])
        .env("OUTPUT", root.path())
        .env(CHILD_OUTPUT, root.path())
        .output();
    let Some(ended) = started.ok().filter(|ended| ended.status.code() != Some(99)) else { return false };
    let (out, err) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    if err.contains("unshare failed") {
        return false;
    }
    assert!(ended.status.success() && out.contains("child is ready"), "{out}{err}");
    true
}

fn skipped(what: &str) {
    writeln!(std::io::stderr(), "SKIPPED {what}: needs root and the right to mount").unwrap();
}

#[test]
fn a_full_disk_is_reported_with_a_way_out_and_the_earlier_result_remains() {
    if !in_a_world_where("mount -t tmpfs -o size=256k tmpfs $OUTPUT", "child_fills_the_disk") {
        skipped("a full disk");
    }
}

#[test]
fn a_read_only_file_system_is_refused() {
    if !in_a_world_where("mount -t tmpfs -o ro tmpfs $OUTPUT", "child_cannot_write") {
        skipped("a read-only file system");
    }
}

#[test]
#[ignore = "started by other tests"]
fn child_stages_inside() {
    let Some(path) = child_output() else { return };
    let output = open(&path);
    for generation in 1..=2 {
        let (staging, _) = staged(&output, generation);
        assert_eq!(staging.path().parent(), Some(output.path()));
        // As after a kill.
        std::mem::forget(staging);
        assert_eq!(generation_at(&publish(&output, generation, Way::Aside).unwrap()), generation);
    }
    assert_eq!(hidden_of(&path).len(), 2);
    clear(&path).unwrap();
    assert_eq!(names(&path), [".rfmetrics.lock", "as_of=2026-01-01"]);
    say("child is ready");
}

/// Runs the child `test` on `output` while the user may not write in `closed`; false if that cannot be arranged.
///
/// Root may write anywhere, so the child drops its rights; other users just remove the mode bits.
fn where_nobody_writes(closed: &Path, output: &Path, test: &str) -> bool {
    let mut command = Command::new("env");
    if rustix::process::geteuid().is_root() {
        command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        chown(output, Some(65_534), Some(65_534)).unwrap();
    }
    fs::set_permissions(closed, fs::Permissions::from_mode(0o555)).unwrap();
    let ended = command.args(child_command(module_path!(), test)).env(CHILD_OUTPUT, output).output();
    fs::set_permissions(closed, fs::Permissions::from_mode(0o755)).unwrap();
    let Some(ended) = ended.ok().filter(|ended| !matches!(ended.status.code(), Some(126 | 127))) else { return false };
    let (out, err) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success() && out.contains("child is ready"), "{out}{err}");
    true
}

#[test]
fn a_directory_of_others_is_refused() {
    let root = tempfile::tempdir().unwrap();
    if !where_nobody_writes(root.path(), root.path(), "child_cannot_write") {
        skipped("a directory of others");
    }
}

#[test]
fn in_a_parent_of_others_a_run_is_staged_inside_and_its_leftovers_are_cleared() {
    let root = tempfile::tempdir().unwrap();
    let output = root.path().join("out");
    fs::create_dir(&output).unwrap();
    if !where_nobody_writes(root.path(), &output, "child_stages_inside") {
        skipped("a parent of others");
    }
}
