//! The memory that the process may take: the setting, else the limit of its control group, else most of the machine's.
//!
//! Lives here: reading the trees of control groups, versions 1 and 2, from any root. Does not live here: what a run needs
//! (`memory`), and what is done about it (`crate::spill`).

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::Config;

/// A limit, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Bytes.
    pub bytes: u64,
    /// As a message names it.
    pub from: String,
}

/// Of the memory of the machine, where nothing else limits: other programs need some, too.
const SHARE_OF_MACHINE: (u64, u64) = (4, 5);

impl Limit {
    /// The limit of a run with these settings; none where the system tells nothing.
    #[must_use]
    pub fn of(config: &Config) -> Option<Self> {
        let set = config.run.memory_limit_bytes();
        set.map(|bytes| Self { bytes, from: "`run.memory_limit`".to_owned() })
            .or_else(|| Self::of_system(Path::new("/")))
    }

    /// The limit that the system of this root directory sets.
    #[must_use]
    pub fn of_system(root: &Path) -> Option<Self> {
        let machine = machine_bytes(root);
        let group = group_bytes(root).filter(|group| machine.is_none_or(|machine| *group < machine));
        let (part, all) = SHARE_OF_MACHINE;
        let of_machine =
            || Some(Self { bytes: machine? / all * part, from: "80% of this machine's memory".to_owned() });
        group.map(|bytes| Self { bytes, from: "the control group of this process".to_owned() }).or_else(of_machine)
    }
}

fn read(root: &Path, path: &str) -> Option<String> {
    fs::read_to_string(root.join(path)).ok()
}

fn machine_bytes(root: &Path) -> Option<u64> {
    let text = read(root, "proc/meminfo")?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The least limit of the groups that the process is in, and of those around them.
fn group_bytes(root: &Path) -> Option<u64> {
    let groups = read(root, "proc/self/cgroup")?;
    let mounts = read(root, "proc/self/mountinfo")?;
    mounts.lines().filter_map(Mount::read).filter_map(|mount| mount.least(root, &groups)).min()
}

/// A mounted tree of control groups that know of memory.
struct Mount<'a> {
    is_second_version: bool,
    /// The group that stands at the mount point: in a container not the topmost.
    top: &'a str,
    point: PathBuf,
}

impl<'a> Mount<'a> {
    /// A line of `mountinfo`: number, parent, device, root, mount point, options, some more, `-`, type, source, options.
    fn read(line: &'a str) -> Option<Self> {
        let (own, of_system) = line.split_once(" - ")?;
        let mut own = own.split(' ').skip(3);
        let (top, point) = (own.next()?, own.next()?);
        let mut of_system = of_system.split(' ');
        let (kind, options) = (of_system.next()?, of_system.nth(1)?);
        let is_second_version = kind == "cgroup2";
        let is_first_version = kind == "cgroup" && options.split(',').any(|option| option == "memory");
        (is_first_version || is_second_version).then(|| Self { is_second_version, top, point: unescaped(point) })
    }

    fn least(&self, root: &Path, groups: &str) -> Option<u64> {
        let path = groups.lines().find_map(|line| self.path_in(line))?;
        // Seen from a container, a group may be named from a root that is not there: then the mount point is what there is.
        let below = path.strip_prefix(self.top).map_or("", |below| below.trim_start_matches('/'));
        let below = if below.split('/').any(|name| name == "..") { "" } else { below };
        let point = root.join(self.point.strip_prefix("/").unwrap_or(&self.point));
        let files: &[&str] =
            if self.is_second_version { &["memory.max", "memory.high"] } else { &["memory.limit_in_bytes"] };
        let mut group = point.join(below);
        let mut least: Option<u64> = None;
        loop {
            let limits = files.iter().filter_map(|file| fs::read_to_string(group.join(file)).ok()?.trim().parse().ok());
            least = limits.chain(least).min();
            if group == point || !group.pop() {
                return least;
            }
        }
    }

    /// The path of the process in this tree, from a line of `/proc/self/cgroup`: number, controllers, path.
    fn path_in<'b>(&self, line: &'b str) -> Option<&'b str> {
        let mut parts = line.splitn(3, ':');
        let (number, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        let is_it = if self.is_second_version {
            number == "0" && controllers.is_empty()
        } else {
            controllers.split(',').any(|controller| controller == "memory")
        };
        is_it.then_some(path)
    }
}

/// A path as `mountinfo` writes it: blanks and backslashes are numbers.
fn unescaped(path: &str) -> PathBuf {
    let escapes = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    escapes.iter().fold(path.to_owned(), |path, (written, meant)| path.replace(written, meant)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: &str = "MemTotal:       16777216 kB\nMemFree:         1000 kB\n";
    const FIRST: &str = "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n\
                         35 31 0:32 TOP /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n";
    const SECOND: &str = "30 23 0:26 TOP /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";

    /// A system with these files: 16 GiB of memory unless they say otherwise.
    fn limit(files: &[(&str, &str)]) -> Option<Limit> {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [("proc/meminfo", MACHINE)].iter().chain(files) {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Limit::of_system(root.path())
    }

    fn bytes(files: &[(&str, &str)]) -> u64 {
        let limit = limit(files).unwrap();
        assert_eq!(limit.from, "the control group of this process");
        limit.bytes
    }

    #[test]
    fn without_a_limit_most_of_the_machine_is_taken() {
        // 16 GiB / 5 = 3435973836 bytes, four times.
        let expected = Limit { bytes: 13_743_895_344, from: "80% of this machine's memory".to_owned() };
        assert_eq!(limit(&[]), Some(expected.clone()));
        let unlimited = [
            ("proc/self/cgroup", "4:memory:/\n0::/\n"),
            ("proc/self/mountinfo", &format!("{FIRST}{SECOND}").replace("TOP", "/")),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/memory.max", "max\n"),
        ];
        assert_eq!(limit(&unlimited), Some(expected));
        assert_eq!(limit(&[("proc/meminfo", "nothing")]), None);
    }

    #[test]
    fn the_least_limit_of_a_group_and_those_around_it_holds() {
        let mounted = SECOND.replace("TOP", "/");
        let files = |own, around| {
            bytes(&[
                ("proc/self/cgroup", "0::/jobs.slice/nightly\n"),
                ("proc/self/mountinfo", &mounted),
                ("sys/fs/cgroup/jobs.slice/nightly/memory.max", own),
                ("sys/fs/cgroup/jobs.slice/memory.max", around),
                ("sys/fs/cgroup/jobs.slice/memory.high", "max\n"),
            ])
        };
        assert_eq!(files("4294967296\n", "max\n"), 4_294_967_296);
        assert_eq!(files("4294967296\n", "1073741824\n"), 1_073_741_824);
        // Beyond `memory.high` the kernel slows the process down until it gives memory back.
        let high = [
            ("proc/self/cgroup", "0::/a\n"),
            ("proc/self/mountinfo", mounted.as_str()),
            ("sys/fs/cgroup/a/memory.max", "2000\n"),
            ("sys/fs/cgroup/a/memory.high", "1000\n"),
        ];
        assert_eq!(bytes(&high), 1_000);
    }

    #[test]
    fn the_first_version_is_read_where_it_knows_of_memory() {
        let files = [
            ("proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/job\n0::/\n"),
            ("proc/self/mountinfo", &format!("{FIRST}{SECOND}").replace("TOP", "/")),
            ("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "2147483648\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
        ];
        assert_eq!(bytes(&files), 2_147_483_648);
    }

    /// The kernel names the group from the top of the machine, and the container sees its own at the mount point.
    #[test]
    fn in_a_container_the_group_is_the_mount_point() {
        let first = [
            ("proc/self/cgroup", "4:memory:/docker/abc\n"),
            ("proc/self/mountinfo", &FIRST.replace("TOP", "/docker/abc")),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n"),
        ];
        assert_eq!(bytes(&first), 536_870_912);
        for path in ["0::/\n", "0::/../../other\n", "0::/elsewhere\n"] {
            let second = [
                ("proc/self/cgroup", path),
                ("proc/self/mountinfo", &SECOND.replace("TOP", "/")),
                ("sys/fs/cgroup/memory.max", "268435456\n"),
            ];
            assert_eq!(bytes(&second), 268_435_456, "{path}");
        }
    }

    #[test]
    fn a_mount_point_may_have_a_blank() {
        let files = [
            ("proc/self/cgroup", "0::/\n"),
            ("proc/self/mountinfo", "30 23 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw\n"),
            ("my groups/memory.max", "1000\n"),
        ];
        assert_eq!(bytes(&files), 1_000);
    }
}
