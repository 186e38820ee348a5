//! Names of campaigns: they are names of directories, too.

/// The longest.
pub const LONGEST: usize = 64;

/// Whether a campaign can be called so: lower-case letters, digits, `-` and `_`, the first a letter or digit.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= LONGEST && name.starts_with(is_word) && name.chars().all(|c| is_word(c) || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_fit_for_a_directory() {
        for name in ["spring", "2026-spring_2", "a"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "Spring", "-a", "..", "a/b", "a b", "é", &"a".repeat(65)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
