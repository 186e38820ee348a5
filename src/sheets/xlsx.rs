//! A workbook of one sheet, as ECMA-376 has it: a bold header that stays in view, numbers, dates, texts.
//!
//! It is written row by row, so that it takes no memory however many rows there are. A text is a text: no spreadsheet takes it for a
//! formula. Does not live here: the archive (`zip`), and the values (`cells`).

use std::io::{self, Write};

use super::cells::Cell;
use super::zip::Zip;

/// Rows that a sheet can have, the header among them.
pub const MOST_ROWS: u64 = 1_048_576;
/// Columns that a sheet can have.
pub const MOST_COLUMNS: usize = 16_384;
/// Characters that a cell can have.
pub const MOST_CHARACTERS: usize = 32_767;

/// Days from the first day as Excel counts, 1899-12-30, to 1970-01-01.
const EPOCH: i64 = 25_569;
/// The first day that Excel counts right: 1900-03-01.
const FIRST_DAY: i64 = 61;
/// The largest whole number that all its digits are kept of.
const MOST_DIGITS: usize = 15;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// The parts that are the same in every workbook, by their names.
const PARTS: [(&str, &str); 5] = [
    (
        "[Content_Types].xml",
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/></Types>",
    ),
    (
        "_rels/.rels",
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
    ),
    (
        "xl/workbook.xml",
        "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
    ),
    (
        "xl/_rels/workbook.xml.rels",
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/></Relationships>",
    ),
    (
        "xl/styles.xml",
        "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/></numFmts><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs><cellXfs count=\"3\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/><xf numFmtId=\"0\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/><xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/></cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>",
    ),
];

/// The styles, by their place in `styles.xml`.
const BOLD: u8 = 1;
const DATE: u8 = 2;

/// The rows of a sheet, to be filled.
pub struct Sheet<'a> {
    out: &'a mut dyn Write,
    row: Vec<u8>,
}

/// Writes a workbook: the header, then the rows that `fill` adds.
///
/// # Errors
/// That of `fill`, or of the writer.
pub fn write<W: Write>(out: W, header: &[&str], fill: impl FnOnce(&mut Sheet<'_>) -> io::Result<()>) -> io::Result<W> {
    let mut zip = Zip::new(out);
    for (name, text) in PARTS {
        zip.add(name, |file| file.write_all(format!("{DECLARATION}{text}").as_bytes()))?;
    }
    zip.add("xl/worksheets/sheet1.xml", |file| {
        let begin = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><sheetData>";
        file.write_all(format!("{DECLARATION}{begin}").as_bytes())?;
        let mut sheet = Sheet { out: file, row: Vec::new() };
        sheet.begin();
        for name in header {
            sheet.text(name, Some(BOLD));
        }
        sheet.end()?;
        fill(&mut sheet)?;
        sheet.out.write_all(b"</sheetData></worksheet>")
    })?;
    zip.finish()
}

impl Sheet<'_> {
    /// Adds a row.
    ///
    /// # Errors
    /// That of the writer; where a text is longer than a cell can hold.
    pub fn add<'c>(&mut self, cells: impl Iterator<Item = Cell<'c>>) -> io::Result<()> {
        self.begin();
        for cell in cells {
            match cell {
                Cell::Empty => self.row.extend_from_slice(b"<c/>"),
                Cell::Bool(value) => self.row.extend(format!("<c t=\"b\"><v>{}</v></c>", u8::from(value)).bytes()),
                // A spreadsheet would round the last digits.
                Cell::Number(text) if digits(&text) > MOST_DIGITS && is_whole(&text) => self.text(&text, None),
                Cell::Number(text) => self.row.extend(format!("<c><v>{text}</v></c>").bytes()),
                Cell::Day(day, _) if i64::from(day) + EPOCH >= FIRST_DAY => {
                    self.row.extend(format!("<c s=\"{DATE}\"><v>{}</v></c>", i64::from(day) + EPOCH).bytes());
                }
                Cell::Day(_, text) => self.text(&text, None),
                Cell::Text(text) if text.chars().count() > MOST_CHARACTERS => {
                    return Err(io::Error::other("a text is longer than the 32,767 characters of a cell: export CSV"));
                }
                Cell::Text(text) => self.text(&text, None),
            }
        }
        self.end()
    }

    fn begin(&mut self) {
        self.row.clear();
        self.row.extend_from_slice(b"<row>");
    }

    fn end(&mut self) -> io::Result<()> {
        self.row.extend_from_slice(b"</row>");
        self.out.write_all(&self.row)
    }

    fn text(&mut self, text: &str, style: Option<u8>) {
        let style = style.map(|style| format!(" s=\"{style}\"")).unwrap_or_default();
        self.row.extend(format!("<c t=\"inlineStr\"{style}><is><t xml:space=\"preserve\">").bytes());
        push_escaped(&mut self.row, text);
        self.row.extend_from_slice(b"</t></is></c>");
    }
}

fn digits(number: &str) -> usize {
    number.bytes().filter(u8::is_ascii_digit).count()
}

fn is_whole(number: &str) -> bool {
    number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// Appends a text as XML has it; characters that XML cannot hold are written as the sheets' own escapes (`_x0001_`), and what looks
/// like one is escaped itself.
fn push_escaped(out: &mut Vec<u8>, text: &str) {
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '_' if is_escape(&text[at..]) => out.extend_from_slice(b"_x005F_"),
            '\u{fffe}' | '\u{ffff}' => out.extend(format!("_x{:04X}_", u32::from(c)).bytes()),
            c if c < ' ' && !matches!(c, '\t' | '\n') => out.extend(format!("_x{:04X}_", u32::from(c)).bytes()),
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

fn is_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7 && bytes.starts_with(b"_x") && bytes[2..6].iter().all(u8::is_ascii_hexdigit) && bytes[6] == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content of a cell of these rows, as XML.
    fn row_of(cells: Vec<Cell<'static>>) -> String {
        let mut out = Vec::new();
        let mut sheet = Sheet { out: &mut out, row: Vec::new() };
        sheet.add(cells.into_iter()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_are_numbers_dates_and_texts_and_never_formulas() {
        assert_eq!(row_of(vec![Cell::Number("19.90".into())]), "<row><c><v>19.90</v></c></row>");
        // 2026-01-01 is 46023 as Excel counts.
        assert_eq!(row_of(vec![Cell::Day(20_454, String::new())]), "<row><c s=\"2\"><v>46023</v></c></row>");
        assert!(
            row_of(vec![Cell::Text("=1+1 & <x>".into())])
                .contains("<t xml:space=\"preserve\">=1+1 &amp; &lt;x&gt;</t>")
        );
        assert!(row_of(vec![Cell::Number("1234567890123456".into())]).contains("inlineStr"));
        assert_eq!(row_of(vec![Cell::Empty, Cell::Bool(true)]), "<row><c/><c t=\"b\"><v>1</v></c></row>");
        assert!(row_of(vec![Cell::Text("a\u{1}_x0041_".into())]).contains("a_x0001__x005F_x0041_"));
        let long = Cell::Text("x".repeat(MOST_CHARACTERS + 1).into());
        let mut out = Vec::new();
        assert!(Sheet { out: &mut out, row: Vec::new() }.add(std::iter::once(long)).is_err());
    }
}
