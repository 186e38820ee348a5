//! A published run, read back: its settings and totals, what it has learned, its tables.
//!
//! Does not live here: the types of the parts (`manifest`), and what another run makes of them (`job`, `scoring`,
//! `predict`).

mod beside;
mod published_campaign;
mod published_run;
pub mod published_table;
mod reference;
mod table_filter;

pub use published_campaign::PublishedCampaign;
pub use published_run::PublishedRun;
pub use published_table::PublishedTable;
pub(crate) use reference::Reference;
pub use table_filter::TableFilter;
