//! What cannot be published of an input, since it does not tell it: columns that are null, and tables that are left out.
//!
//! Does not live here: what a column needs (`known`).

use super::findings::Findings;
use super::report::Report;
use crate::known::{Aspect, Known, LeftOut};
use crate::schema::PublishedColumn;

/// Tables that are nothing without what they need.
const TABLES: [(&str, Aspect); 7] = [
    ("pareto", Aspect::Money),
    ("pareto_summary", Aspect::Money),
    ("pareto_by_group", Aspect::Money),
    ("abc", Aspect::Money),
    ("octants", Aspect::Money),
    ("clv_pareto", Aspect::Money),
    ("value_map", Aspect::Money),
];

impl Report {
    /// Whether this run publishes it.
    #[must_use]
    pub fn is_published(&self, findings: &Findings) -> bool {
        (self.when)(findings) && self.can_be_made(findings.customers.known)
    }

    fn can_be_made(&self, known: Known) -> bool {
        !TABLES.iter().any(|(table, aspect)| *table == self.table.name && !known.has(*aspect))
    }
}

/// What is left out of a run that would publish these reports, and these columns of `customers`.
#[must_use]
pub fn left_out<'a>(
    known: Known,
    reports: impl Iterator<Item = &'a Report>,
    columns: impl Iterator<Item = PublishedColumn>,
) -> Vec<LeftOut> {
    let (reports, columns): (Vec<_>, Vec<_>) = (reports.collect(), columns.collect());
    let of = |aspect: Aspect| {
        let needs = |report: &&&Report| TABLES.contains(&(report.table.name, aspect));
        let mut tables: Vec<String> = reports.iter().filter(needs).map(|report| report.table.name.to_owned()).collect();
        tables.sort_unstable();
        let lacks = columns.iter().filter(|column| known.lacks_for(column.entry.name) == Some(aspect));
        let null_columns = lacks.map(|column| column.name.clone()).collect();
        LeftOut { because: aspect.lacking().to_owned(), tables, null_columns }
    };
    let all = known.lacking().into_iter().map(of);
    all.filter(|left_out| !(left_out.tables.is_empty() && left_out.null_columns.is_empty())).collect()
}

/// What a run leaves out.
#[must_use]
pub fn left_out_of(findings: &Findings) -> Vec<LeftOut> {
    let reports = Report::ALL.iter().copied().filter(|report| (report.when)(findings));
    let customers = super::tables::customers::REPORT.columns(findings);
    left_out(findings.customers.known, reports, customers.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::ColumnType;

    #[test]
    fn tables_are_named_as_they_are() {
        for (name, _) in TABLES {
            assert!(Report::ALL.iter().any(|report| report.table.name == name), "{name}");
        }
    }

    /// Money that has nothing to do with the amounts of the input, and tables that there are not without them.
    #[test]
    fn every_column_of_money_needs_money() {
        const FROM_ELSEWHERE: [&str; 2] = ["planned_ltv", "customer_years"];
        let without_money = |report: &&&Report| {
            !FROM_ELSEWHERE.contains(&report.table.name) && !TABLES.iter().any(|(name, _)| *name == report.table.name)
        };
        for report in Report::ALL.iter().filter(without_money) {
            let added = report.added.iter().flat_map(|added| added.columns.columns);
            for column in report.table.columns.iter().chain(added) {
                let is_money = column.kind == ColumnType::Money || column.unit == "money";
                if is_money && column.name != "planned_ltv" {
                    assert!(Aspect::of_column(column.name).is_some(), "{}.{}", report.table.name, column.name);
                }
            }
        }
    }
}
