//! Files on disk: checksums, durability, and what the operating system says.

pub(crate) mod background_sync;
pub(crate) mod checksum;
pub(crate) mod directory;
pub(crate) mod modes;
pub(crate) mod staged_files;
pub(crate) mod system_error;
pub(crate) mod whole_file;

pub use checksum::{ChecksumWriter, FileSeal};
pub use system_error::os_error;
