//! The judges of one execution: one for each input, since inputs differ in what their rows mean.
//!
//! Does not live here: any rule (`clean::judge`).

use std::sync::Arc;

use crate::clean::judge::{Judge, Rules};
use crate::clean::outcome::Tally;
use crate::clean::quarantine::Rejected;
use crate::error::Result;
use crate::input::Input;
use crate::threads::sole;

/// A judge for each input, in their order.
#[derive(Debug)]
pub(crate) struct Judges(Vec<Arc<Judge>>);

/// What became of the rows.
#[derive(Debug, Default)]
pub(crate) struct RowAccounts {
    /// Of all inputs together.
    pub(crate) tally: Tally,
    /// Of each of them, in their order.
    pub(crate) of_parts: Vec<Tally>,
    /// The sample of bad rows of all of them.
    pub(crate) rejects: Vec<Rejected>,
}

impl Judges {
    /// Judges with empty accounts, who judge by these rules of the run.
    pub(crate) fn of(input: &Input, rules: &Rules) -> Self {
        Self(input.parts.iter().map(|part| Arc::new(Judge::new(rules.clone(), part.rules.clone()))).collect())
    }

    /// Those of the inputs, in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Judge>> {
        self.0.iter()
    }

    /// The row accounts, when all batches are judged.
    ///
    /// # Errors
    /// A bug where the engine still holds a judge.
    pub(crate) fn into_accounts(self) -> Result<RowAccounts> {
        let mut all = RowAccounts::default();
        for judge in self.0 {
            let (tally, rejects) = sole(judge)?.into_account();
            all.tally.join(&tally);
            all.of_parts.push(tally);
            all.rejects.extend(rejects);
        }
        Ok(all)
    }
}
