//! Outputs that several users share, that hold files of others, and that lie on file systems with limits.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Sandbox, orders};

fn sandbox() -> Sandbox {
    Sandbox::with(orders(&[(1, 1, "2025-01-01", 5.0), (2, 2, "2025-01-02", 7.0)]))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Runs with this umask.
fn run_with_umask(sandbox: &Sandbox, umask: &str, layout: &str) {
    let script = format!("umask {umask}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.current_dir(sandbox.root()).args(["-c", &script, env!("CARGO_BIN_EXE_rfmetrics")]);
    command.args(["run", "-q", "--input", "in", "--output", "out", "--set", &format!("output.layout={layout}")]);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn published_files_follow_the_umask_for_the_group_and_others_never_write() {
    for (umask, file, directory) in
        [("002", 0o664, 0o775), ("022", 0o644, 0o755), ("027", 0o640, 0o750), ("000", 0o644, 0o755)]
    {
        let sandbox = sandbox();
        run_with_umask(&sandbox, umask, "by_date");
        let published = sandbox.output().join("as_of=2025-01-02");
        assert_eq!((mode(&published), mode(&sandbox.output())), (directory, directory), "umask {umask}");
        for name in ["customers.parquet", "manifest.json", "../.rfmetrics.lock"] {
            assert_eq!(mode(&published.join(name)), file, "{name} with umask {umask}");
        }
        let sandbox = self::sandbox();
        run_with_umask(&sandbox, umask, "by_table");
        for name in ["_runs", "_runs/as_of=2025-01-02", "customers", "customers/as_of=2025-01-02"] {
            assert_eq!(mode(&sandbox.output().join(name)), directory, "{name} with umask {umask}");
        }
        assert_eq!(mode(&sandbox.output().join("customers/as_of=2025-01-02/part-0.parquet")), file, "umask {umask}");
    }
}

/// Only a super-user can run as others.
#[test]
fn a_second_user_of_the_group_takes_the_lock_and_replaces_the_result() {
    const GROUP: u32 = 65_533;
    let sandbox = sandbox();
    fs::set_permissions(sandbox.root(), fs::Permissions::from_mode(0o2775)).unwrap();
    if chown(sandbox.root(), Some(65_531), Some(GROUP)).is_err() {
        return;
    }
    let as_user = |user: u32, umask: &str| -> Output {
        let script = format!("umask {umask}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.current_dir(sandbox.root()).args(["-c", &script, env!("CARGO_BIN_EXE_rfmetrics")]).uid(user).gid(GROUP);
        command.args(["run", "-q", "--input", "in", "--output", "out"]).output().unwrap()
    };
    let first = as_user(65_531, "002");
    if !first.status.success() && String::from_utf8_lossy(&first.stderr).contains("Permission denied") {
        // The binary, or the directory of temporary files, is closed to other users.
        return;
    }
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let second = as_user(65_532, "002");
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
    assert_eq!(sandbox.visible(), ["as_of=2025-01-02"]);
    // A lock file that only its owner may write is taken as well.
    fs::set_permissions(sandbox.output().join(".rfmetrics.lock"), fs::Permissions::from_mode(0o644)).unwrap();
    let third = as_user(65_532, "002");
    assert!(third.status.success(), "{}", String::from_utf8_lossy(&third.stderr));
}

#[test]
fn strangers_in_the_output_do_not_stop_a_run() {
    let sandbox = sandbox();
    let output = sandbox.output();
    for directory in ["lost+found", "as_of=2025-01-02", "as_of=2024-12-31", "as_of=__HIVE_DEFAULT_PARTITION__"] {
        fs::create_dir_all(output.join(directory)).unwrap();
    }
    for file in ["README.md", "_SUCCESS", "Thumbs.db", "desktop.ini"] {
        fs::write(output.join(file), "x").unwrap();
    }
    let published = sandbox.run(&[]);
    assert!(published.path.join("manifest.json").exists(), "an empty directory of the date is replaced");
    // Engines and desktops leave files in a published directory as well: they go with it.
    fs::write(published.path.join("_SUCCESS"), "").unwrap();
    fs::write(published.path.join("Thumbs.db"), "").unwrap();
    sandbox.run(&[]);
    assert!(!published.path.join("_SUCCESS").exists());
    let ran = sandbox.command(&["verify", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    fs::write(published.path.join("notes.txt"), "x").unwrap();
    let ran = sandbox.try_run(&[]);
    assert!(ran.code == 2 && ran.stderr.contains("`notes.txt` is not ours"), "{}", ran.stderr);
}

/// Mounts an overlay whose lower layer holds a published date: that directory cannot be renamed there.
#[test]
fn a_date_in_the_lower_layer_of_an_overlay_is_replaced() {
    let sandbox = sandbox();
    sandbox.run(&[]);
    let layers = "mkdir -p upper work && mount -t tmpfs none upper && mkdir upper/up upper/work && \
                  mount -t overlay overlay -o lowerdir=out,upperdir=upper/up,workdir=upper/work out";
    let script = format!("{layers} || exit 99; \"$0\" run -q --input in --output out && \"$0\" verify out");
    let mut command = Command::new("unshare");
    command.current_dir(sandbox.root()).args(["-m", "sh", "-c", &script, env!("CARGO_BIN_EXE_rfmetrics")]);
    let Ok(done) = command.output() else { return };
    let said = String::from_utf8_lossy(&done.stderr);
    if done.status.code() == Some(99) || said.contains("unshare:") {
        println!("skipped: no overlay can be mounted here: {said}");
        return;
    }
    assert!(done.status.success(), "{said}");
}

/// In a mount namespace of its own, without `/proc`.
#[test]
fn a_run_needs_no_proc() {
    let sandbox = sandbox();
    let script = "mount -t tmpfs none /proc || exit 99; exec \"$0\" run -q --input in --output out";
    let mut command = Command::new("unshare");
    command.current_dir(sandbox.root()).args(["-m", "sh", "-c", script, env!("CARGO_BIN_EXE_rfmetrics")]);
    let Ok(done) = command.output() else { return };
    let said = String::from_utf8_lossy(&done.stderr);
    if done.status.code() == Some(99) || said.contains("unshare:") {
        println!("skipped: `/proc` cannot be hidden here: {said}");
        return;
    }
    assert!(done.status.success(), "{said}");
    assert_eq!(sandbox.visible(), ["as_of=2025-01-02"]);
}
