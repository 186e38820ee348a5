//! Making a file durable while more of it is written, so that the disk has less left to do at the end.
//!
//! Does not live here: the last call, which makes the whole file durable (`publish::staging`).

use std::fs::File;
use std::io;
use std::sync::mpsc::{self, SyncSender};
use std::thread;

use crate::error::{Error, Result};

/// Asks a helper to make durable what was written so far.
pub(crate) struct Settler(SyncSender<()>);

impl Settler {
    /// Asks, without waiting. While the helper is busy, one further request is kept.
    pub(crate) fn settle(&self) {
        // Neither a full channel nor a missing helper matters: the end makes everything durable.
        let _ = self.0.try_send(());
    }
}

/// Does `work` next to a helper that makes `file` durable; without a file the helper has nothing to do. What comes
/// after the last request is left to the end.
///
/// # Errors
/// The error of `work`; else that of the disk, which reports a failure only once, as `failed` words it.
pub(crate) fn while_settling(
    file: Option<&File>,
    failed: impl FnOnce(&io::Error) -> Error,
    work: impl FnOnce(&Settler) -> Result<()>,
) -> Result<()> {
    let (ask, asked) = mpsc::sync_channel(1);
    thread::scope(|scope| {
        let settle = |file: &File| asked.into_iter().try_for_each(|()| file.sync_data());
        let start = |file| thread::Builder::new().spawn_scoped(scope, move || settle(file)).ok();
        let helper = file.and_then(start);
        let settler = Settler(ask);
        let worked = work(&settler);
        drop(settler);
        let settled = helper.map_or(Ok(Ok(())), thread::ScopedJoinHandle::join);
        worked?;
        let settled = settled.map_err(|_| Error::bug("the thread that makes a file durable has panicked"))?;
        settled.map_err(|error| failed(&error))
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn work_goes_on_beside_it() {
        let mut file = tempfile::tempfile().unwrap();
        let work = |settler: &Settler| {
            for _ in 0..100 {
                (&file).write_all(b"row").unwrap();
                settler.settle();
            }
            Ok(())
        };
        while_settling(Some(&file), |error| Error::write(error.to_string()), work).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 300);
        assert_eq!(file.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn a_failure_is_reported_once_and_that_of_the_work_first() {
        // A pipe cannot be made durable.
        let (reader, writer) = io::pipe().unwrap();
        let pipe = File::from(std::os::fd::OwnedFd::from(writer));
        let failed = |error: &io::Error| Error::write(error.to_string());
        let ask = |settler: &Settler| {
            settler.settle();
            Ok(())
        };
        assert!(while_settling(Some(&pipe), failed, ask).is_err());
        assert!(while_settling(None, failed, ask).is_ok());
        assert!(while_settling(Some(&pipe), failed, |_| Ok(())).is_ok(), "no request was made");
        let both = while_settling(Some(&pipe), failed, |settler| {
            settler.settle();
            Err(Error::bug("the work"))
        });
        assert!(both.unwrap_err().to_string().contains("the work"));
        drop(reader);
    }
}
