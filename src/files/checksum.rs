//! SHA-256 of files: by reading one again, or while it is written.
//!
//! Lives here: checksums and sizes. Does not live here: making files durable (`publish::staging`).

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The size of a file and the SHA-256 of its bytes, as written in the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSeal {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// Fewer bytes are hashed sooner than another thread would start.
const WORTH_A_THREAD: usize = 64 * 1024;

/// Passes everything on to `W` and hashes it as well, so that no second read is needed.
///
/// It hashes what is written in order: do not seek the inner writer.
pub struct ChecksumWriter<W: Write> {
    inner: W,
    hasher: Sha256,
    bytes: u64,
}

impl<W: Write> ChecksumWriter<W> {
    /// Wraps `inner`, which is at its beginning.
    pub fn new(inner: W) -> Self {
        Self { inner, hasher: Sha256::new(), bytes: 0 }
    }

    /// Flushes, and returns the inner writer and the seal of everything written.
    ///
    /// # Errors
    /// What the flush of the inner writer says.
    pub fn finish(mut self) -> io::Result<(W, FileSeal)> {
        self.inner.flush()?;
        let seal = FileSeal { bytes: self.bytes, sha256: hexadecimal(&self.hasher.finalize()) };
        Ok((self.inner, seal))
    }
}

impl<W: Write + Send> Write for ChecksumWriter<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let Self { inner, hasher, bytes } = self;
        // All or an error: hashed bytes cannot be taken back.
        if buffer.len() < WORTH_A_THREAD {
            inner.write_all(buffer)?;
            hasher.update(buffer);
        } else {
            rayon::join(|| hasher.update(buffer), || inner.write_all(buffer)).1?;
        }
        *bytes += buffer.len() as u64;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Large enough that the calls cost nothing compared with the hashing, small enough for one heap block.
const BUFFER_BYTES: usize = 256 * 1024;

/// The seal of everything that `reader` still holds.
pub(crate) fn seal_of(mut reader: impl Read) -> io::Result<FileSeal> {
    let mut hasher = Sha256::new();
    let mut bytes = 0;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => {
                hasher.update(&buffer[..read]);
                bytes += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(FileSeal { bytes, sha256: hexadecimal(&hasher.finalize()) })
}

fn hexadecimal(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message digests of "abc" and of the empty message, NIST FIPS 180-4 example values.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn sums_are_those_of_fips_180_4() {
        assert_eq!(seal_of(&b"abc"[..]).unwrap(), FileSeal { bytes: 3, sha256: ABC.into() });
        assert_eq!(seal_of(&b""[..]).unwrap(), FileSeal { bytes: 0, sha256: EMPTY.into() });
    }

    /// Takes one byte at a time, as a pipe may.
    struct Slow(Vec<u8>);
    impl Write for Slow {
        fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
            self.0.extend(&buffer[..1]);
            Ok(1)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_writer_that_takes_less_than_offered_is_hashed_once() {
        let mut writer = ChecksumWriter::new(Slow(Vec::new()));
        writer.write_all(b"abc").unwrap();
        let (inner, seal) = writer.finish().unwrap();
        assert_eq!(inner.0, b"abc");
        assert_eq!(seal, FileSeal { bytes: 3, sha256: ABC.into() });
    }
}
