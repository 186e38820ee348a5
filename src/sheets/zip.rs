//! A zip archive, written from front to back: what an xlsx file is inside.
//!
//! Sizes and checksums follow their data (APPNOTE 4.3.9), so that nothing has to be known before and the writer needs no way back. Dates
//! are those of no day (1980-01-01): the same content gives the same bytes. Does not live here: what is in the files.

use std::io::{self, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// The version that reads deflated files with sizes behind them.
const VERSION: u16 = 20;
/// Sizes follow the data; names are UTF-8.
const FLAGS: u16 = (1 << 3) | (1 << 11);
/// Deflated.
const METHOD: u16 = 8;
/// 1980-01-01, 00:00.
const DATE: u32 = 0x0021_0000;

/// An archive.
pub(super) struct Zip<W: Write> {
    out: Counting<W>,
    entries: Vec<Entry>,
}

/// What the directory at the end says of a file.
struct Entry {
    name: &'static str,
    start: u64,
    crc: u32,
    packed: u64,
    size: u64,
}

/// Counts what is written.
struct Counting<W: Write> {
    inner: W,
    written: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write> Zip<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out: Counting { inner: out, written: 0 }, entries: Vec::new() }
    }

    /// Adds a file, whose content `fill` writes.
    ///
    /// # Errors
    /// That of `fill`, or of the writer; where the file has more than 4 GiB.
    pub(super) fn add(
        &mut self,
        name: &'static str,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let start = self.out.written;
        let mut header = Header::default();
        header.u32(0x0403_4b50).u16(VERSION).u16(FLAGS).u16(METHOD).u32(DATE).u32(0).u32(0).u32(0);
        header.u16(small(name.len())?).u16(0);
        self.out.write_all(&header.0)?;
        self.out.write_all(name.as_bytes())?;
        let before = self.out.written;
        let (crc, size) = pack(&mut self.out, fill)?;
        let entry = Entry { name, start, crc, packed: self.out.written - before, size };
        let mut behind = Header::default();
        behind.u32(0x0807_4b50).u32(entry.crc).u32(large(entry.packed)?).u32(large(entry.size)?);
        self.out.write_all(&behind.0)?;
        self.entries.push(entry);
        Ok(())
    }

    /// Writes the directory, and gives the writer back.
    ///
    /// # Errors
    /// That of the writer.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let start = self.out.written;
        for entry in &self.entries {
            let mut header = Header::default();
            header.u32(0x0201_4b50).u16(VERSION).u16(VERSION).u16(FLAGS).u16(METHOD).u32(DATE);
            header.u32(entry.crc).u32(large(entry.packed)?).u32(large(entry.size)?);
            header.u16(small(entry.name.len())?).u16(0).u16(0).u16(0).u16(0).u32(0).u32(large(entry.start)?);
            self.out.write_all(&header.0)?;
            self.out.write_all(entry.name.as_bytes())?;
        }
        let (count, size) = (small(self.entries.len())?, large(self.out.written - start)?);
        let mut end = Header::default();
        end.u32(0x0605_4b50).u16(0).u16(0).u16(count).u16(count).u32(size).u32(large(start)?).u16(0);
        self.out.write_all(&end.0)?;
        self.out.flush()?;
        Ok(self.out.inner)
    }
}

/// Deflates what `fill` writes; gives its CRC-32 and its size.
fn pack(out: &mut impl Write, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<(u32, u64)> {
    let mut file = Packed { deflate: DeflateEncoder::new(out, Compression::new(6)), crc: Crc::new(), size: 0 };
    fill(&mut file)?;
    file.deflate.finish()?;
    Ok((file.crc.sum(), file.size))
}

/// A file on its way into the archive.
struct Packed<W: Write> {
    deflate: DeflateEncoder<W>,
    crc: Crc,
    size: u64,
}

impl<W: Write> Write for Packed<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.deflate.write_all(buffer)?;
        self.crc.update(buffer);
        self.size += buffer.len() as u64;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.deflate.flush()
    }
}

/// Little-endian numbers one after another.
#[derive(Default)]
struct Header(Vec<u8>);

impl Header {
    fn u16(&mut self, value: u16) -> &mut Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.0.extend(value.to_le_bytes());
        self
    }
}

fn small(length: usize) -> io::Result<u16> {
    u16::try_from(length).map_err(|_| io::Error::other("a name in the archive is too long"))
}

fn large(size: u64) -> io::Result<u32> {
    u32::try_from(size).map_err(|_| io::Error::other("the sheet has more than 4 GiB: export fewer columns, or CSV"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts of the format that are fixed: signatures, the CRC-32 of "123456789" (cbf43926), sizes, the count at the end.
    #[test]
    fn the_archive_says_what_is_in_it() {
        let mut zip = Zip::new(Vec::new());
        zip.add("a.txt", |file| file.write_all(b"123456789")).unwrap();
        zip.add("b.txt", |_| Ok(())).unwrap();
        let bytes = zip.finish().unwrap();
        assert_eq!(bytes[..4], *b"PK\x03\x04");
        let at = bytes.windows(4).position(|four| four == b"PK\x07\x08").unwrap();
        assert_eq!(bytes[at + 4..at + 8], 0xcbf4_3926_u32.to_le_bytes());
        assert_eq!(bytes[at + 12..at + 16], 9_u32.to_le_bytes());
        let end = &bytes[bytes.len() - 22..];
        assert_eq!((&end[..4], end[10]), (&b"PK\x05\x06"[..], 2));
    }

    #[test]
    fn the_same_content_gives_the_same_bytes() {
        let make = || {
            let mut zip = Zip::new(Vec::new());
            zip.add("a", |file| file.write_all(&vec![7; 100_000])).unwrap();
            zip.finish().unwrap()
        };
        assert!(make() == make() && make().len() < 1_000);
    }
}
