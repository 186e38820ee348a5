//! Whether the group may write what is published.
//!
//! Does not live here: the modes themselves (`publish`).

/// True where the umask lets the group write and others not. A umask that lets everybody write is no wish but a default that
/// nobody set: then only the owner writes. Without `/proc` the umask decides alone.
#[must_use]
pub(crate) fn group_may_write() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    umask_of(&status).is_none_or(|umask| umask & 0o020 == 0 && umask & 0o002 != 0)
}

/// The umask in the status of a process.
fn umask_of(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("Umask:"))?;
    u32::from_str_radix(line.trim(), 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_umask_is_an_octal_number_of_the_status() {
        assert_eq!(umask_of("Name:\trfmetrics\nUmask:\t0022\nState:\tR\n"), Some(0o022));
        assert_eq!(umask_of(""), None);
    }
}
