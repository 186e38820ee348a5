//! What a check says about master data: the table of members, as its footers have it, and that of old ids, which is read.
//!
//! Does not live here: what is wrong with them (`job::survey`).

use serde::Serialize;

use crate::config::Draft;
use crate::input::Input;
use crate::job::lookups::member_table;
use crate::job::summary::{counted, grouped};

/// Both tables, each where it is asked for and can be used.
#[derive(Debug, Default, Serialize)]
pub(crate) struct PeopleReport {
    pub(crate) members: Option<MembersReport>,
    pub(crate) aliases: Option<AliasesReport>,
}

/// The table of members.
#[derive(Debug, Serialize)]
pub(crate) struct MembersReport {
    pub(crate) rows: u64,
    /// Its columns that are published.
    pub(crate) columns: Vec<String>,
}

/// The table of old ids.
#[derive(Debug, Serialize)]
pub(crate) struct AliasesReport {
    pub(crate) old_ids: usize,
    pub(crate) longest_chain: u32,
}

/// What is known of them.
pub(crate) fn people(draft: &Draft, input: Option<&Input>) -> PeopleReport {
    let config = &draft.config;
    let table = member_table::look(config, input.map(Input::has_text_ids)).ok().flatten();
    let members = table.map(|table| MembersReport { rows: table.rows(), columns: config.customers.member_columns() });
    let aliases = input.map(|input| &input.rules.aliases).filter(|_| config.customers.aliases.is_some());
    let aliases =
        aliases.map(|aliases| AliasesReport { old_ids: aliases.len(), longest_chain: aliases.longest_chain() });
    PeopleReport { members, aliases }
}

impl PeopleReport {
    /// True where neither is asked for.
    pub(crate) const fn is_empty(&self) -> bool {
        self.members.is_none() && self.aliases.is_none()
    }

    /// A line for each table: its name and what it has.
    pub(crate) fn lines(&self) -> Vec<(&'static str, String)> {
        let members = self.members.iter().map(|MembersReport { rows, columns }| {
            let columns = if columns.is_empty() { String::new() } else { format!(", with {}", columns.join(", ")) };
            ("members", format!("{} rows{columns}", grouped(*rows)))
        });
        let aliases = self.aliases.iter().map(|AliasesReport { old_ids, longest_chain }| {
            let chain = if *longest_chain > 1 { format!(", up to {longest_chain} in a chain") } else { String::new() };
            ("aliases", format!("{}{chain}", counted(*old_ids as u64, "old id")))
        });
        members.chain(aliases).collect()
    }
}
