//! The path of this program, also on systems without `/proc`.
//!
//! Does not live here: executing it again (`engine`, `abort`).

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The path: as the system knows it, else as the program was called.
///
/// # Errors
/// That of the system, where the name that it was called by leads nowhere either.
pub(super) fn path() -> io::Result<PathBuf> {
    env::current_exe().or_else(|error| {
        let called = env::args_os().next().unwrap_or_default();
        as_called(&called, env::var_os("PATH").as_deref()).ok_or(error)
    })
}

/// A name with a slash is a path; any other is looked for in the directories of `PATH`, as a shell does.
fn as_called(called: &OsStr, search: Option<&OsStr>) -> Option<PathBuf> {
    let name = Path::new(called);
    if name.components().count() > 1 {
        return std::path::absolute(name).ok().filter(|path| is_program(path));
    }
    env::split_paths(search?).map(|directory| directory.join(name)).find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_its_path_and_by_the_search_path() {
        let here = env::current_exe().unwrap();
        assert_eq!(as_called(here.as_os_str(), None), Some(here.clone()));
        let (directory, name) = (here.parent().unwrap(), here.file_name().unwrap());
        let search = env::join_paths([Path::new("/nowhere"), directory]).unwrap();
        assert_eq!(as_called(name, Some(&search)), Some(here.clone()));
        assert_eq!(as_called(OsStr::new("no-such-program"), Some(&search)), None);
        assert_eq!(as_called(name, None), None);
    }
}
