//! A check of the schema of a raw footer before the real decoder sees it.
//!
//! Lives here: just enough of Thrift's compact protocol to find how many children each schema
//! element claims. The decoders of `parquet` and Polars reserve memory for that number and call
//! themselves once per level, so that twelve damaged bytes could ask for 16 GiB or for more stack
//! than there is; neither can be caught.
//! Does not live here: any other check; those work on the decoded footer.

/// Deeper schemas are refused. Real ones stay below ten levels.
const MAX_SCHEMA_DEPTH: usize = 64;
/// Values nested deeper than this inside one Thrift value are refused.
const MAX_THRIFT_DEPTH: u32 = 32;
/// Field number of `FileMetaData.schema`.
const FIELD_SCHEMA: i64 = 2;
/// Field number of `SchemaElement.num_children`.
const FIELD_NUM_CHILDREN: i64 = 5;

// Type codes of the compact protocol.
const STOP: u8 = 0;
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const I8: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
pub(super) const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
pub(super) const STRUCT: u8 = 12;
const UUID: u8 = 13;

pub(super) type Parsed<T> = Result<T, String>;

/// Refuses a footer whose schema claims more elements, or more levels, than can be.
pub(crate) fn check_schema(footer: &[u8]) -> Parsed<()> {
    let children = children_claimed(footer)?;
    let mut open: Vec<u64> = Vec::new();
    for (index, claimed) in children.iter().enumerate() {
        while open.last() == Some(&0) {
            open.pop();
        }
        match open.last_mut() {
            Some(left) => *left -= 1,
            None if index > 0 => return Err("its schema has more than one root".into()),
            None => {}
        }
        let after = (children.len() - index - 1) as u64;
        let claimed = u64::try_from(*claimed).map_err(|_| "its schema claims a negative number of columns")?;
        if claimed > after {
            return Err(format!("its schema claims {claimed} columns where only {after} follow"));
        }
        if claimed > 0 {
            open.push(claimed);
        }
        if open.len() > MAX_SCHEMA_DEPTH {
            return Err(format!("its schema is nested more than {MAX_SCHEMA_DEPTH} levels deep"));
        }
    }
    if open.iter().any(|left| *left > 0) {
        return Err("its schema claims more columns than it has".into());
    }
    Ok(())
}

/// `num_children` of each schema element (0 where it is not set), in file order.
fn children_claimed(footer: &[u8]) -> Parsed<Vec<i64>> {
    let mut thrift = Thrift::new(footer);
    if thrift.goes_to(FIELD_SCHEMA, LIST, MAX_THRIFT_DEPTH)? {
        return thrift.schema_elements();
    }
    Err("its footer has no schema".into())
}

/// A cursor over bytes in Thrift's compact protocol.
pub(super) struct Thrift<'a> {
    rest: &'a [u8],
}

impl<'a> Thrift<'a> {
    pub(super) const fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }
}

impl Thrift<'_> {
    /// Passes over the fields of a struct to the value of this one; false where the struct has none such.
    pub(super) fn goes_to(&mut self, wanted: i64, of_kind: u8, depth: u32) -> Parsed<bool> {
        let mut last = 0;
        while let Some((id, kind)) = self.field(last)? {
            if id == wanted && kind == of_kind {
                return Ok(true);
            }
            self.skip(kind, depth)?;
            last = id;
        }
        Ok(false)
    }

    fn schema_elements(&mut self) -> Parsed<Vec<i64>> {
        let (size, kind) = self.list()?;
        if kind != STRUCT && size > 0 {
            return Err(damaged());
        }
        // No capacity from `size`: it is only a claim.
        let mut children = Vec::new();
        for _ in 0..size {
            children.push(self.schema_element()?);
        }
        Ok(children)
    }

    fn schema_element(&mut self) -> Parsed<i64> {
        let (mut field, mut children) = (0, 0);
        while let Some((id, kind)) = self.field(field)? {
            if id == FIELD_NUM_CHILDREN && kind == I32 {
                children = self.zigzag()?;
            } else {
                self.skip(kind, MAX_THRIFT_DEPTH)?;
            }
            field = id;
        }
        Ok(children)
    }

    /// The next field's number and type; `None` at the end of the struct.
    pub(super) fn field(&mut self, last: i64) -> Parsed<Option<(i64, u8)>> {
        let head = self.byte()?;
        if head == STOP {
            return Ok(None);
        }
        let step = i64::from(head >> 4);
        let id = if step == 0 { self.zigzag()? } else { last.checked_add(step).ok_or_else(damaged)? };
        Ok(Some((id, head & 0x0f)))
    }

    /// The size and element type of a list or set.
    pub(super) fn list(&mut self) -> Parsed<(u64, u8)> {
        let head = self.byte()?;
        let size = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        // Each element takes at least one byte.
        if size > self.rest.len() as u64 {
            return Err(damaged());
        }
        Ok((size, head & 0x0f))
    }

    pub(super) fn skip(&mut self, kind: u8, depth: u32) -> Parsed<()> {
        let depth = depth.checked_sub(1).ok_or_else(damaged)?;
        match kind {
            TRUE | FALSE => Ok(()),
            I8 => self.bytes(1),
            I16 | I32 | I64 => self.varint().map(|_| ()),
            DOUBLE => self.bytes(8),
            UUID => self.bytes(16),
            BINARY => self.varint().and_then(|length| self.bytes(length)),
            LIST | SET => {
                let (size, element) = self.list()?;
                (0..size).try_for_each(|_| self.skip_element(element, depth))
            }
            MAP => self.skip_map(depth),
            STRUCT => self.skip_struct(depth),
            _ => Err(damaged()),
        }
    }

    /// In lists and maps a boolean takes a byte; as a field it is part of the type code.
    fn skip_element(&mut self, kind: u8, depth: u32) -> Parsed<()> {
        if kind == TRUE || kind == FALSE { self.bytes(1) } else { self.skip(kind, depth) }
    }

    fn skip_map(&mut self, depth: u32) -> Parsed<()> {
        let size = self.varint()?;
        if size == 0 {
            return Ok(());
        }
        let kinds = self.byte()?;
        for _ in 0..size {
            self.skip_element(kinds >> 4, depth)?;
            self.skip_element(kinds & 0x0f, depth)?;
        }
        Ok(())
    }

    fn skip_struct(&mut self, depth: u32) -> Parsed<()> {
        let mut field = 0;
        while let Some((id, kind)) = self.field(field)? {
            self.skip(kind, depth)?;
            field = id;
        }
        Ok(())
    }

    fn byte(&mut self) -> Parsed<u8> {
        let (first, rest) = self.rest.split_first().ok_or_else(damaged)?;
        self.rest = rest;
        Ok(*first)
    }

    fn bytes(&mut self, count: u64) -> Parsed<()> {
        let count = usize::try_from(count).map_err(|_| damaged())?;
        self.rest = self.rest.get(count..).ok_or_else(damaged)?;
        Ok(())
    }

    fn varint(&mut self) -> Parsed<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(damaged())
    }

    fn zigzag(&mut self) -> Parsed<i64> {
        let raw = self.varint()?;
        Ok((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
    }
}

fn damaged() -> String {
    "its footer is damaged".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A footer with one schema element per entry, each with that `num_children` (none where 0).
    ///
    /// Field headers are (step of the field number << 4 | type): 0x15 = i32 in field 1,
    /// 0x19 = a list in the next field, 0x55 = i32 in field 5. Numbers are zigzag: n is 2n.
    fn footer(children: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x15, 2, 0x19, u8::try_from(children.len()).unwrap() << 4 | STRUCT];
        for count in children {
            if *count > 0 {
                bytes.extend([0x55, count * 2]);
            }
            bytes.push(STOP);
        }
        bytes.push(STOP);
        bytes
    }

    #[test]
    fn a_tree_that_adds_up_passes() {
        assert_eq!(check_schema(&footer(&[2, 0, 0])), Ok(()));
        assert_eq!(check_schema(&footer(&[2, 1, 0, 0])), Ok(()));
        assert_eq!(check_schema(&footer(&[0])), Ok(()));
    }

    #[test]
    fn claims_beyond_what_follows_are_refused() {
        assert!(check_schema(&footer(&[40, 0, 0])).unwrap_err().contains("claims 40 columns where only 2 follow"));
        assert!(check_schema(&footer(&[1, 0, 0])).unwrap_err().contains("more than one root"));
        assert!(check_schema(&footer(&[2, 1, 0])).unwrap_err().contains("more columns than it has"));
    }

    #[test]
    fn endless_nesting_is_refused_before_the_stack_ends() {
        let mut bytes = vec![0x19, 15 << 4 | STRUCT, 0xe8, 0x07]; // a list of 1000, as field 1
        bytes[0] = 0x29; // ... as field 2
        for level in 0..1_000 {
            bytes.extend(if level < 999 { [0x55, 2, STOP].as_slice() } else { &[STOP] });
        }
        bytes.push(STOP);
        assert!(check_schema(&bytes).unwrap_err().contains("nested more than 64 levels"));
        // Lists in lists: 0x19 is a list of one list.
        assert!(check_schema(&[0x19; 10_000]).is_err());
    }

    #[test]
    fn no_cut_of_a_footer_panics_or_passes() {
        let whole = footer(&[3, 0, 1, 0, 0]);
        for length in 0..whole.len() - 1 {
            assert!(check_schema(&whole[..length]).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn numbers_are_read_as_the_protocol_says() {
        // The examples of the protocol's specification: 50399 is DF 89 03; zigzag -1 is 1, 1 is 2.
        assert_eq!(Thrift { rest: &[0xdf, 0x89, 0x03] }.varint(), Ok(50_399));
        assert_eq!(Thrift { rest: &[1] }.zigzag(), Ok(-1));
        assert_eq!(Thrift { rest: &[2] }.zigzag(), Ok(1));
        assert!(Thrift { rest: &[0xff; 11] }.varint().is_err());
    }
}
