//! Parquet files built byte by byte: what is wrong in one is what its test says, and nothing else.

use crate::support::day;

/// Footers and the headers of pages are Thrift in its compact protocol. The first byte of a field is the step from the
/// last field and the kind: 5 int32, 6 int64, 8 text, 9 list, 12 structure (which ends with a zero).
fn varint(number: u64) -> Vec<u8> {
    if number < 128 { vec![number as u8] } else { [vec![number as u8 | 128], varint(number >> 7)].concat() }
}

fn number(field: u8, value: i64) -> Vec<u8> {
    [vec![field], varint(((value << 1) ^ (value >> 63)) as u64)].concat()
}

fn text(value: &str) -> Vec<u8> {
    [varint(value.len() as u64), value.as_bytes().to_vec()].concat()
}

fn list(kind: u8, items: &[Vec<u8>]) -> Vec<u8> {
    [vec![0x19, ((items.len() as u8) << 4) | kind], items.concat()].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    let bit = |sum: u32, _: u8| (sum >> 1) ^ (0xedb8_8320 * (sum & 1));
    !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), bit))
}

/// A page of data (kind 0, described in field 5) or a dictionary (kind 2, field 7), perhaps with a checksum (field 4).
fn page(kind: i64, fields: Vec<u8>, body: Vec<u8>, has_checksum: bool) -> Vec<u8> {
    let size = number(0x15, body.len() as i64);
    let checksum = if has_checksum { number(0x15, i64::from(crc32(&body) as i32)) } else { Vec::new() };
    let field = if kind == 0 { 5 } else { 7 };
    let step: u8 = field - if has_checksum { 4 } else { 3 };
    [number(0x15, kind), size.clone(), size, checksum, vec![(step << 4) | 0x0c], fields, vec![0, 0], body].concat()
}

/// A column: its name (`group.leaf` is nested), physical type, the fields that define its meaning, plain values.
#[derive(Clone)]
pub struct Raw {
    pub name: &'static str,
    pub physical: i64,
    pub meaning: Vec<u8>,
    pub values: Vec<Vec<u8>>,
}

/// How a file differs from a plain and correct one.
#[derive(Clone, Copy, Default)]
pub struct Make {
    pub file_rows: Option<i64>,
    pub group_rows: Option<i64>,
    pub chunk_bytes: Option<i64>,
    pub schema_columns: Option<i64>,
    pub has_checksums: bool,
    pub has_dictionary: bool,
    /// The columns may hold nulls (none of up to eight rows does), and the pages claim this many rows.
    pub page_rows: Option<i64>,
}

impl Raw {
    /// The pages, located at `start`, and what the footer says about them.
    fn chunk(&self, start: usize, make: Make) -> (Vec<u8>, Vec<u8>) {
        let rows = self.values.len() as i64;
        let (mut pages, mut body, mut encoding, mut dictionary) = (Vec::new(), self.values.concat(), 0, Vec::new());
        if make.has_dictionary {
            pages = page(2, [number(0x15, rows), number(0x15, 0)].concat(), body, make.has_checksums);
            // Eight bits for an index into the dictionary; each row is a run of one.
            body = std::iter::once(8).chain((0..rows as u8).flat_map(|index| [2, index])).collect();
            (encoding, dictionary) = (8, number(0x26, start as i64));
        }
        if make.page_rows.is_some() {
            // Two bytes of levels: one group of eight bits, all of them set.
            body = [vec![2, 0, 0, 0, 3, 255], body].concat();
        }
        let data = number(0x26, (start + pages.len()) as i64);
        let page_rows = number(0x15, make.page_rows.unwrap_or(rows));
        let fields = [page_rows, number(0x15, encoding), number(0x15, 3), number(0x15, 3)].concat();
        pages.extend(page(0, fields, body, make.has_checksums));
        let bytes = number(0x16, make.chunk_bytes.unwrap_or(pages.len() as i64));
        let path = list(8, &self.name.split('.').map(text).collect::<Vec<_>>());
        let kind = [number(0x15, self.physical), list(5, &[vec![2 * encoding as u8]]), path, number(0x15, 0)].concat();
        let values = number(0x16, make.group_rows.unwrap_or(rows));
        let head = [number(0x26, 0), vec![0x1c]].concat();
        (pages, [head, kind, values, bytes.clone(), bytes, data, dictionary, vec![0, 0]].concat())
    }

    fn schema(&self, make: Make) -> Vec<Vec<u8>> {
        let (group, leaf) = self.name.rsplit_once('.').unwrap_or(("", self.name));
        let group = [number(0x35, 0), vec![0x18], text(group), number(0x15, 1), vec![0]].concat();
        let kind = [number(0x15, self.physical), number(0x25, i64::from(make.page_rows.is_some()))].concat();
        let leaf = [kind, vec![0x18], text(leaf), self.meaning.clone(), vec![0]].concat();
        if self.name.contains('.') { vec![group, leaf] } else { vec![leaf] }
    }
}

pub fn file(columns: &[Raw], make: Make) -> Vec<u8> {
    let rows = columns[0].values.len() as i64;
    let (mut bytes, mut chunks) = (b"PAR1".to_vec(), Vec::new());
    for column in columns {
        let (pages, chunk) = column.chunk(bytes.len(), make);
        bytes.extend(pages);
        chunks.push(chunk);
    }
    let count = number(0x15, make.schema_columns.unwrap_or(columns.len() as i64));
    let mut schema = vec![[vec![0x48], text("root"), count, vec![0]].concat()];
    schema.extend(columns.iter().flat_map(|column| column.schema(make)));
    let group_rows = number(0x16, make.group_rows.unwrap_or(rows));
    let group = [list(12, &chunks), number(0x16, bytes.len() as i64), group_rows, vec![0]].concat();
    let file_rows = number(0x16, make.file_rows.unwrap_or(rows));
    let footer = [number(0x15, 1), list(12, &schema), file_rows, list(12, &[group]), vec![0]].concat();
    let length = (footer.len() as u32).to_le_bytes().to_vec();
    [bytes, footer, length, b"PAR1".to_vec()].concat()
}

pub fn plain(columns: &[Raw]) -> Vec<u8> {
    file(columns, Make::default())
}

pub fn ids(values: &[&str]) -> Raw {
    let encoded = |text: &&str| [(text.len() as u32).to_le_bytes().to_vec(), text.as_bytes().to_vec()].concat();
    Raw { name: "customer_id", physical: 6, meaning: number(0x25, 0), values: values.iter().map(encoded).collect() }
}

pub fn longs(name: &'static str, values: &[i64]) -> Raw {
    Raw { name, physical: 2, meaning: Vec::new(), values: values.iter().map(|n| n.to_le_bytes().to_vec()).collect() }
}

/// Timestamps in microseconds, as old writers annotate them: in UTC, and without a logical type.
pub fn stamps(values: &[i64]) -> Raw {
    Raw { meaning: number(0x25, 10), ..longs("order_ts", values) }
}

/// INT96: nanoseconds of the day, and the Julian day, which was 2440588 on 1970-01-01.
pub fn int96(days: &[i32]) -> Raw {
    let encoded = |day: &i32| [vec![0; 8], (2_440_588 + day).to_le_bytes().to_vec()].concat();
    Raw { name: "order_ts", physical: 3, meaning: Vec::new(), values: days.iter().map(encoded).collect() }
}

pub fn amounts(values: &[f64]) -> Raw {
    let values = values.iter().map(|value| value.to_le_bytes().to_vec()).collect();
    Raw { name: "amount", physical: 5, meaning: Vec::new(), values }
}

/// A structure of one number instead of a number.
pub fn nested() -> Raw {
    Raw { name: "amount.net", ..amounts(&[1.0, 2.0, 4.0]) }
}

/// The first instant of 2025.
pub fn new_year() -> i64 {
    i64::from(day("2025-01-01")) * 86_400_000_000
}

/// A buys for 1.00 and 2.00, and B for 4.00.
pub fn columns() -> Vec<Raw> {
    vec![ids(&["A", "A", "B"]), stamps(&[new_year(); 3]), amounts(&[1.0, 2.0, 4.0])]
}

/// [`columns`] with one of them in another form.
pub fn with(index: usize, column: Raw) -> Vec<u8> {
    let mut columns = columns();
    columns[index] = column;
    plain(&columns)
}

pub fn named(names: [&'static str; 3]) -> Vec<u8> {
    plain(&columns().into_iter().zip(names).map(|(column, name)| Raw { name, ..column }).collect::<Vec<_>>())
}
