//! HEAD.

pub(crate) mod background_sync;
pub(crate) mod checksum;
pub(crate) mod system_error;
