//! What takes rows as they come by.
//!
//! Does not live here: the execution of the scan (`reading`).

use polars::prelude::DataFrame;

use crate::clean::judge::Judged;
use crate::error::Result;

/// Something that is made of the rows as they come by.
pub trait Pass: Send + Sync + 'static {
    /// Takes one batch of the scan, from any thread: as it was read, and as it was judged.
    ///
    /// # Errors
    /// Whatever ends the run.
    fn add(&self, scan: usize, raw: &DataFrame, judged: &Judged) -> Result<()>;

    /// Takes rows that repeat others, which were left out of the scan: none of them is kept. Most passes need none.
    ///
    /// # Errors
    /// As [`Pass::add`].
    fn add_repeats(&self, _scan: usize, _raw: &DataFrame, _judged: &Judged) -> Result<()> {
        Ok(())
    }

    /// Takes interactions that the filter leaves out: judged, and in no account. Most passes need none.
    ///
    /// # Errors
    /// As [`Pass::add`].
    fn add_unused(&self, _raw: &DataFrame, _judged: &Judged) -> Result<()> {
        Ok(())
    }
}
