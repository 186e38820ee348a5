//! Scans of files that the engine cannot open by the footer that lies there: one each, by a footer of the needed columns.
//!
//! The engine takes such a footer as the one that it read itself when it looked at the first file of a scan. Does not live
//! here: the making of the footer (`footers::engine_view`), and all other scans (`scan`).

use std::sync::{Arc, Mutex};

use polars::prelude::*;
use polars_arrow::datatypes::{ArrowSchemaRef, Field as ArrowField};
use polars_io::RowIndex;
use polars_io::prelude::ParquetOptions;
use polars_parquet::read::infer_schema;
use polars_plan::dsl::{DslPlan, FileScanDsl, FileScanIR, ScanSources, UnifiedScanArgs};
use polars_plan::plans::{FileInfo, IR};

use super::{Group, path_of};
use crate::error::{Error, Result};
use crate::source::contract::Contract;
use crate::source::footers::FileFooter;
use crate::source::footers::engine_view::footer_of;

/// The rows of a group, of these columns. `columns` gives the names in a file.
///
/// # Errors
/// A source error where a file is not what its footer said when it was first read.
pub(super) fn scan(
    contract: &Contract,
    group: &Group,
    options: &ParquetOptions,
    args: &UnifiedScanArgs,
    columns: &dyn Fn(&FileFooter) -> Vec<String>,
) -> Result<LazyFrame> {
    let mut before = 0;
    let mut frames = Vec::new();
    for index in &group.files {
        let file = &contract.files[*index];
        let row_index = args.row_index.clone().map(|index| RowIndex { offset: before, ..index });
        let args = UnifiedScanArgs { row_index, ..args.clone() };
        frames.push(of_file(file, &columns(file), options, args)?);
        before = before.saturating_add(IdxSize::try_from(file.rows).unwrap_or(IdxSize::MAX));
    }
    if frames.len() == 1 {
        return frames.pop().ok_or_else(|| Error::bug("a group without files"));
    }
    concat(frames, UnionArgs::default()).map_err(cannot_be_scanned)
}

fn cannot_be_scanned(error: impl std::fmt::Display) -> Error {
    Error::source("the input cannot be scanned").cause(error)
}

fn of_file(
    file: &FileFooter,
    columns: &[String],
    options: &ParquetOptions,
    mut args: UnifiedScanArgs,
) -> Result<LazyFrame> {
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let footer =
        footer_of(file, &columns).map_err(|what| Error::source(format!("`{}`: {what}", file.path.display())))?;
    let arrow = Arc::new(infer_schema(&footer).map_err(cannot_be_scanned)?);
    let field = |field: &ArrowField| Field::new(field.name.clone(), DataType::from_arrow_field(field));
    let mut schema: Schema = arrow.iter_values().map(field).collect();
    args.projection = None;
    if let Some(path) = &args.include_file_paths {
        schema.insert_at_index(schema.len(), path.clone(), DataType::String).map_err(cannot_be_scanned)?;
    }
    if let Some(index) = &args.row_index {
        schema.insert_at_index(0, index.name.clone(), IDX_DTYPE).map_err(cannot_be_scanned)?;
    }
    let rows = usize::try_from(file.rows).unwrap_or(usize::MAX);
    let file_info = FileInfo {
        schema: Arc::new(schema),
        reader_schema: Some(std::result::Result::<SchemaRef, ArrowSchemaRef>::Err(arrow).into()),
        row_estimation: (Some(rows), rows),
    };
    let sources = ScanSources::Paths([path_of(file)?].into_iter().collect());
    let scan_type = FileScanIR::Parquet {
        options: options.clone(),
        first_metadata: Some(Arc::new(footer)),
        metadata_per_source: None,
    };
    let plan = IR::Scan {
        sources: sources.clone(),
        file_info,
        hive_parts: None,
        predicate: None,
        predicate_file_skip_applied: None,
        output_schema: None,
        scan_type: Box::new(scan_type),
        unified_scan_args: Box::new(args.clone()),
    };
    Ok(LazyFrame::from(DslPlan::Scan {
        sources,
        unified_scan_args: Box::new(args),
        scan_type: Box::new(FileScanDsl::Parquet { options: options.clone() }),
        // What is there is not looked up in the file.
        cached_ir: Arc::new(Mutex::new(Some(plan))),
    }))
}
