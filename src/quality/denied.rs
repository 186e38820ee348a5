//! Warnings that stop a run, because the settings say so.
//!
//! Does not live here: the warnings (`warnings`), and which are denied (`options`).

use super::options::DenyWarnings;
use crate::error::{Error, Result};
use crate::warnings::Warning;

/// Refuses a run with a warning that is denied.
///
/// # Errors
/// A quality error with every denied warning and its code.
pub fn refuse_denied(warnings: &[Warning], deny: &DenyWarnings) -> Result<()> {
    let denied: Vec<&Warning> = warnings.iter().filter(|warning| deny.denies(warning.code())).collect();
    if denied.is_empty() {
        return Ok(());
    }
    let noun = if denied.len() == 1 { "warning" } else { "warnings" };
    Err(Error::quality(format!("{} {noun}, and `run.deny_warnings` allows none of them", denied.len()))
        .causes(denied.iter().map(|warning| format!("{warning} ({})", warning.code())))
        .hint(
            "correct what they name, or leave their codes out of `run.deny_warnings`; docs/warnings.md explains each",
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warnings::Facts;

    #[test]
    fn all_warnings_or_those_with_a_code_are_denied() {
        let warnings = [Warning::from(Facts::NoRevenue {}), Facts::EarlyDates { customers: 1 }.into()];
        let codes = |codes: &[&str]| DenyWarnings::Codes(codes.iter().map(|code| (*code).to_owned()).collect());
        assert!(refuse_denied(&warnings, &DenyWarnings::default()).is_ok());
        assert!(refuse_denied(&warnings, &codes(&["few_values"])).is_ok());
        assert!(refuse_denied(&[], &DenyWarnings::All(true)).is_ok());
        let one = refuse_denied(&warnings, &codes(&["early_dates"])).unwrap_err();
        assert!(one.headline().starts_with("1 warning,") && one.shown_causes()[0].ends_with("(early_dates)"), "{one}");
        assert_eq!(refuse_denied(&warnings, &DenyWarnings::All(true)).unwrap_err().shown_causes().len(), 2);
    }
}
