//! What the footers say, and whether it can be true.
//!
//! Lives here: opening each file, finding and decoding its footer, and every check that needs no
//! data page: magic, lengths against the file's size, offsets, row counts, codecs, encryption.
//! Does not live here: which columns the run needs (see `contract`), and the pages (see `pages`).

mod arrow_schema;
mod columns;
mod encryption;
pub(crate) mod engine_types;
pub(crate) mod engine_view;
pub mod hints;
pub mod pages;
pub(crate) mod schema_guard;
pub(crate) mod soundness;
pub mod statistics;
pub mod values;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use parquet::file::metadata::{
    ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy, RowGroupMetaData,
};

use crate::error::{Problems, Result};
use crate::hashing::hash_text;
pub use crate::source::footers::columns::{Column, same_name};
use crate::source::footers::soundness::{check_chunk, check_row_group, check_rows};
use crate::source::footers::statistics::{TimeRange, time_range};
use crate::source::listing::{self, InputFile, Partition};
use crate::source::options::InputOptions;
use crate::source::{foreign, quoted, source_error};
use crate::threads::{caught, on_threads};

const MAGIC: &[u8] = b"PAR1";
const MAGIC_ENCRYPTED: &[u8] = b"PARE";
/// The magic at the head, the length of the footer, and the magic at the end.
const SMALLEST_FILE_BYTES: u64 = 12;
/// The length of the footer and the magic behind it.
const TAIL_BYTES: u64 = 8;

/// What is known about a file without reading its data.
#[derive(Debug, Clone)]
pub struct FileFooter {
    /// Where it lies.
    pub path: PathBuf,
    /// The `key=value` directories above it.
    pub partitions: Vec<Partition>,
    /// Its size.
    pub size_bytes: u64,
    /// When it was last written to.
    pub modified: SystemTime,
    /// Its rows, as the footer says.
    pub rows: u64,
    /// Its row groups.
    pub row_groups: usize,
    /// The rows of its largest row group.
    pub largest_row_group_rows: u64,
    /// All its columns uncompressed, as the footer says.
    pub uncompressed_bytes: u64,
    /// A checksum of the bytes of the footer: with the places, sizes and statistics of all columns they are those of this file.
    pub checksum: u64,
    /// Its top-level columns; files with equal columns share one list.
    pub columns: Arc<[Column]>,
    /// Whether the engine can open it by the footer that lies there.
    pub opens: bool,
    /// What the statistics say about the column of the order date, in its own unit.
    pub time_range: Option<TimeRange>,
}

/// Reads and checks the footers of all files of an input; the statistics of no column are kept.
///
/// # Errors
/// Everything that is wrong with the files, all at once.
pub fn of_input(options: &InputOptions, threads: usize) -> Result<Vec<FileFooter>> {
    Problems::refuse_any(|problems| {
        let found = listing::find(options, problems);
        read_footers(&found.files, "", threads, problems)
    })
}

/// Reads and checks the footers of all files; those of sound files are in the order of `files`.
///
/// `time_column` is the column whose statistics are kept. Unsound files are noted, one cause per file.
pub fn read_footers(
    files: &[InputFile],
    time_column: &str,
    threads: usize,
    problems: &mut Problems,
) -> Vec<FileFooter> {
    let pool = Mutex::new(HashSet::new());
    let read = |file: &InputFile| {
        caught(|| read_footer(file, time_column, &pool)).map_err(|what| format!("{}: {what}", quoted(&file.path)))
    };
    let mut unsound = Vec::new();
    let outcomes = on_threads(files, threads, read).into_iter();
    let sound = outcomes.filter_map(|outcome| outcome.map_err(|problem| unsound.push(problem)).ok()).collect();
    if !unsound.is_empty() {
        let headline = format!("{} of {} input files are not sound Parquet files", unsound.len(), files.len());
        let error = source_error(&headline, unsound).hint("deliver these files again, or take them out of the input");
        problems.extend([error]);
    }
    sound
}

/// Refuses files that were changed, replaced or removed since their footers were read.
///
/// # Errors
/// Names every such file.
pub fn check_unchanged<'f>(footers: impl IntoIterator<Item = &'f FileFooter>) -> Result<()> {
    let is_changed = |footer: &&FileFooter| {
        let now = fs::metadata(&footer.path);
        now.map_or(true, |now| now.len() != footer.size_bytes || now.modified().ok() != Some(footer.modified))
    };
    let changed: Vec<_> = footers.into_iter().filter(is_changed).map(|footer| quoted(&footer.path)).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let problems = changed.into_iter().map(|path| format!("{path}: was changed or removed during the run")).collect();
    Err(source_error("input files were changed during the run", problems)
        .hint("write new files under new names, and run again when the delivery is complete"))
}

type Pool = Mutex<HashSet<Arc<[Column]>>>;

fn read_footer(file: &InputFile, time_column: &str, pool: &Pool) -> std::result::Result<FileFooter, String> {
    let opened = open(&file.path)?;
    let metadata = opened.decode()?;
    let stated = arrow_schema::stated(&metadata);
    let is_stated = stated.is_ok();
    let columns = columns::of_file(&metadata, &stated.unwrap_or_default(), &opened.footer)?;
    let group_rows = metadata.row_groups().iter().map(|group| group.num_rows().unsigned_abs());
    let group_bytes = metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    Ok(FileFooter {
        path: file.path.clone(),
        partitions: file.partitions.clone(),
        size_bytes: opened.size_bytes,
        modified: opened.modified,
        rows: metadata.file_metadata().num_rows().unsigned_abs(),
        row_groups: metadata.num_row_groups(),
        largest_row_group_rows: group_rows.max().unwrap_or(0),
        uncompressed_bytes: group_bytes
            .fold(0, |sum: u64, chunk| sum.saturating_add(chunk.uncompressed_size().unsigned_abs())),
        checksum: hash_text(&opened.footer),
        time_range: time_range(&metadata, time_column),
        opens: is_stated && engine_view::opens(&opened.footer, &columns),
        columns: shared(pool, columns),
    })
}

/// The one list of these columns: thousands of files mostly have the same.
fn shared(pool: &Pool, columns: Vec<Column>) -> Arc<[Column]> {
    let mut pool = pool.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = pool.get(columns.as_slice()) {
        return Arc::clone(known);
    }
    let columns: Arc<[Column]> = columns.into();
    pool.insert(Arc::clone(&columns));
    columns
}

/// An open file and the raw bytes of its footer.
pub(super) struct Opened {
    pub(super) file: File,
    size_bytes: u64,
    modified: SystemTime,
    footer: Vec<u8>,
}

/// Opens a file and reads its footer, as far as its length can be true.
pub(super) fn open(path: &Path) -> std::result::Result<Opened, String> {
    let cannot = |error: std::io::Error| format!("cannot be read: {error}");
    let mut file = File::open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    let size_bytes = metadata.len();
    if size_bytes == 0 {
        return Err("is empty (0 bytes)".into());
    }
    if size_bytes < SMALLEST_FILE_BYTES {
        return Err(format!("is too short for a Parquet file ({size_bytes} bytes)"));
    }
    let mut head = [0; 4];
    file.read_exact(&mut head).map_err(cannot)?;
    let mut tail = [0; 8];
    file.seek(SeekFrom::Start(size_bytes - TAIL_BYTES)).map_err(cannot)?;
    file.read_exact(&mut tail).map_err(cannot)?;
    check_magic(&head, &tail[4..])?;
    let claimed = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
    let room = size_bytes - SMALLEST_FILE_BYTES;
    if claimed == 0 || claimed > room {
        return Err(format!("is damaged: its footer claims {claimed} bytes, where at most {room} can be"));
    }
    file.seek(SeekFrom::Start(size_bytes - TAIL_BYTES - claimed)).map_err(cannot)?;
    let mut footer = Vec::new();
    (&file).take(claimed).read_to_end(&mut footer).map_err(cannot)?;
    if footer.len() as u64 != claimed {
        return Err("became shorter while it was read".into());
    }
    Ok(Opened { file, size_bytes, modified: metadata.modified().map_err(cannot)?, footer })
}

fn check_magic(head: &[u8], tail: &[u8]) -> std::result::Result<(), String> {
    match (head == MAGIC, tail == MAGIC) {
        _ if tail == MAGIC_ENCRYPTED || head == MAGIC_ENCRYPTED => {
            Err("is encrypted (Parquet modular encryption, magic PARE), which cannot be read".into())
        }
        (true, true) => Ok(()),
        (true, false) => Err("is cut short: it begins as a Parquet file, but its end is missing".into()),
        (false, true) => Err("is damaged: it ends as a Parquet file, but does not begin as one".into()),
        (false, false) => Err(format!("is not a Parquet file{}", looks_like(head))),
    }
}

/// What else the first bytes may mean.
fn looks_like(head: &[u8]) -> &'static str {
    match head {
        [0x1f, 0x8b, ..] => " (it looks like gzip)",
        [b'P', b'K', ..] => " (it looks like zip)",
        [0x28, 0xb5, 0x2f, 0xfd] => " (it looks like zstd)",
        b"ARRO" => " (it looks like Arrow IPC)",
        [b'O', b'R', b'C', ..] => " (it looks like ORC)",
        [b'O', b'b', b'j', 1] => " (it looks like Avro)",
        [b'<', ..] => " (it looks like XML or HTML: an error page saved as data?)",
        [b'{' | b'[', ..] => " (it looks like JSON)",
        _ if head.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => " (it looks like text)",
        _ => "",
    }
}

impl Opened {
    /// Decodes the footer and checks everything that it claims about the file.
    pub(super) fn decode(&self) -> std::result::Result<ParquetMetaData, String> {
        schema_guard::check_schema(&self.footer).map_err(|what| format!("is damaged: {what}"))?;
        let options = ParquetMetaDataOptions::new()
            .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
            .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
        let metadata = ParquetMetaDataReader::decode_metadata_with_options(&self.footer, Some(&options))
            .map_err(|error| format!("has a footer that cannot be decoded: {}", foreign(error)))?;
        let data_end = self.size_bytes - TAIL_BYTES - self.footer.len() as u64;
        check_rows(&metadata)?;
        for (index, group) in metadata.row_groups().iter().enumerate() {
            let in_group = |what: String| format!("is damaged: row group {index}, {what}");
            check_row_group(&metadata, group).map_err(in_group)?;
            for chunk in group.columns() {
                check_chunk(chunk, group.num_rows(), data_end)
                    .map_err(|what| in_group(format!("column `{}`: {what}", chunk.column_path().string())))?;
            }
        }
        Ok(metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::fixtures::{Files, TRANSACTIONS};

    fn footers_of(files: &Files) -> Result<Vec<FileFooter>> {
        Problems::refuse_any(|problems| read_footers(files.list(), "order_ts", 2, problems))
    }

    /// What is said about a sound file after `damage` has changed its bytes.
    fn judged(damage: impl FnOnce(&mut Vec<u8>)) -> String {
        let files = Files::new().with("a.parquet", TRANSACTIONS);
        let path = files.path("a.parquet");
        let mut bytes = fs::read(&path).unwrap();
        damage(&mut bytes);
        fs::write(&path, bytes).unwrap();
        footers_of(&files).map_or_else(|error| error.to_string(), |_| "sound".into())
    }

    #[test]
    fn a_sound_footer_is_reported_as_it_is() {
        let files = Files::new().with_groups("a.parquet", TRANSACTIONS, &[3, 0, 4], 0).with("b.parquet", TRANSACTIONS);
        let footers = files.footers();
        assert_eq!((footers[0].rows, footers[0].row_groups, footers[0].largest_row_group_rows), (7, 3, 4));
        assert_eq!(footers[0].columns[2].name, "order_ts");
        assert!(footers[0].columns[2].nullable && footers[0].uncompressed_bytes > 0);
        assert!(Arc::ptr_eq(&footers[0].columns, &footers[1].columns));
        assert_eq!(footers[0].size_bytes, fs::metadata(files.path("a.parquet")).unwrap().len());
    }

    #[test]
    fn what_is_not_parquet_is_named_for_what_it_is() {
        assert_eq!(judged(|_| {}), "sound");
        assert!(judged(Vec::clear).contains("a.parquet`: is empty (0 bytes)"));
        assert!(judged(|bytes| bytes.truncate(8)).contains("too short for a Parquet file (8 bytes)"));
        assert!(judged(|bytes| bytes.truncate(bytes.len() - 1)).contains("is cut short"));
        assert!(judged(|bytes| bytes[0] = b'X').contains("does not begin as one"));
        assert!(judged(|bytes| bytes.splice(.., *b"customer_id,amount\n").for_each(drop)).contains("looks like text"));
        let encrypt = |bytes: &mut Vec<u8>| *bytes.last_mut().unwrap() = b'E';
        assert!(judged(encrypt).contains("is encrypted"));
    }

    #[test]
    fn the_length_of_the_footer_is_not_trusted() {
        for claim in [0, 2_147_483_647_u32, u32::MAX] {
            let text = judged(|bytes| {
                let at = bytes.len() - 8;
                bytes[at..at + 4].copy_from_slice(&claim.to_le_bytes());
            });
            assert!(text.contains(&format!("its footer claims {claim} bytes")), "{text}");
        }
    }

    #[test]
    fn no_cut_and_no_flipped_byte_of_the_footer_escapes_as_a_panic() {
        let files = Files::new().with("a.parquet", TRANSACTIONS);
        let whole = fs::read(files.path("a.parquet")).unwrap();
        let footer_bytes = u32::from_le_bytes(whole[whole.len() - 8..whole.len() - 4].try_into().unwrap()) as usize;
        let start = whole.len() - 8 - footer_bytes;
        let mut refused = 0;
        for at in start..whole.len() {
            for value in [0, 0x7f, 0xff, whole[at] ^ 1] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                fs::write(files.path("a.parquet"), &bytes).unwrap();
                let outcome = footers_of(&files);
                refused += u32::from(outcome.is_err_and(|error| error.to_string().contains("a.parquet")));
            }
        }
        // Names, statistics and the writer's name may change unseen; most other bytes may not.
        assert!(refused > 200, "{refused}");
    }

    #[test]
    fn every_bad_file_is_a_cause() {
        let files = Files::new().with("a.parquet", TRANSACTIONS).with("b.parquet", TRANSACTIONS);
        let files = files.with("c.parquet", TRANSACTIONS);
        fs::write(files.path("a.parquet"), b"").unwrap();
        fs::write(files.path("c.parquet"), b"{}").unwrap();
        let error = footers_of(&files).unwrap_err();
        assert_eq!(error.headline(), "2 of 3 input files are not sound Parquet files");
        let causes = error.shown_causes();
        assert!(causes[0].contains("a.parquet") && causes[1].contains("c.parquet"), "{causes:?}");
    }

    #[test]
    fn a_file_that_changes_during_the_run_is_noticed() {
        let files = Files::new().with("a.parquet", TRANSACTIONS).with("b.parquet", TRANSACTIONS);
        let footers = files.footers();
        assert!(check_unchanged(&footers).is_ok());
        fs::write(files.path("b.parquet"), b"shorter").unwrap();
        assert!(check_unchanged(&footers).unwrap_err().to_string().contains("b.parquet`: was changed"));
    }
}
