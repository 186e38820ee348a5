//! What an input tells of its customers, and what it cannot.
//!
//! Orders and the day of the last one are always known. Everything else can be missing: an input may have no amounts, and a
//! table of customers has the columns that it has. Whoever needs one of these asks here, by the name of the column.
//! Does not live here: what a setting means (`source::options`), and what is made of the customers.

use serde::{Deserialize, Serialize};

/// Something that can be known of customers, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Aspect {
    /// What they paid.
    Money,
    /// The day of their first order.
    FirstOrder,
    /// On how many days they bought.
    PurchaseDays,
    /// How many rows their orders had.
    Transactions,
    /// Their largest order.
    LargestOrder,
    /// Each of their orders.
    EveryOrder,
}

impl Aspect {
    /// Every aspect.
    pub const ALL: [Self; 6] =
        [Self::Money, Self::FirstOrder, Self::PurchaseDays, Self::Transactions, Self::LargestOrder, Self::EveryOrder];

    /// What a column of the tables needs; none for those that need orders and the day of the last one at most. A name means
    /// the same in every table.
    #[must_use]
    pub fn of_column(name: &str) -> Option<Self> {
        match name {
            "first_order_date" | "tenure_days" => Some(Self::FirstOrder),
            "purchase_days" | "purchase_days_ever" => Some(Self::PurchaseDays),
            "transactions" => Some(Self::Transactions),
            "largest_order" | "mean_largest_order" => Some(Self::LargestOrder),
            _ => MONEY_COLUMNS.contains(&name).then_some(Self::Money),
        }
    }

    /// Why it is not known, as a part of a sentence.
    #[must_use]
    pub const fn lacking(self) -> &'static str {
        match self {
            Self::Money => "the input has no amounts",
            Self::FirstOrder => "the table of customers has no date of the first order",
            Self::PurchaseDays => "the table of customers has no number of purchase days",
            Self::Transactions => "the table of customers has no number of transactions",
            Self::LargestOrder => "the table of customers has no largest order",
            Self::EveryOrder => "a table of customers has no single orders",
        }
    }

    /// How it becomes known.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Money => {
                "name the column of the amounts with `columns.amount`, or that of a table of customers with `columns.revenue`"
            }
            Self::FirstOrder => "name its column with `columns.first_order_date`",
            Self::PurchaseDays => "name its column with `columns.purchase_days`",
            Self::Transactions => "name its column with `columns.transactions`",
            Self::LargestOrder => "name its column with `columns.largest_order`",
            Self::EveryOrder => "name the transactions as input, with `input.grain = \"transactions\"`",
        }
    }
}

/// Columns that are money, a share of it, a place by it, or a score of it.
const MONEY_COLUMNS: &[&str] = &[
    "amount",
    "revenue",
    "revenue_share",
    "cumulative_revenue_share",
    "average_order_value",
    "mean_revenue",
    "median_revenue",
    "lowest_revenue",
    "highest_revenue",
    "revenue_per_customer",
    "monetary_threshold",
    "revenue_rank",
    "revenue_group",
    "abc_class",
    "margin",
    "m_score",
    "m_label",
    "score_mean",
    "weighted_score",
    "octant",
    "expected_value",
    "clv",
    "clv_H",
    "clv_share_H",
    "clv_infinite",
    "clv_rank",
    "mean_repeat_value",
    "holdout_predicted_revenue",
    "holdout_actual_revenue",
    "mean_predicted_revenue",
    "mean_actual_revenue",
    "from_revenue",
    "to_revenue",
    "from_average_order_value",
    "to_average_order_value",
    "m_score_before",
    "previous_m_score",
    "previous_octant",
    "cumulative_revenue_per_customer",
    "revenue_last_365_days",
    "change_of_revenue_per_customer",
];

/// What is known of the customers of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// A bit for each aspect that is not.
    lacking: u8,
}

impl Known {
    /// Everything.
    pub const ALL: Self = Self { lacking: 0 };

    /// The same without this aspect. Without money there is no largest order either.
    #[must_use]
    pub const fn without(self, aspect: Aspect) -> Self {
        let with_it = match aspect {
            Aspect::Money => bit(Aspect::LargestOrder),
            _ => 0,
        };
        Self { lacking: self.lacking | bit(aspect) | with_it }
    }

    /// Whether this is known.
    #[must_use]
    pub const fn has(self, aspect: Aspect) -> bool {
        self.lacking & bit(aspect) == 0
    }

    /// Whether the rows are customers, and not transactions.
    #[must_use]
    pub const fn is_of_customers(self) -> bool {
        !self.has(Aspect::EveryOrder)
    }

    /// Whether the amounts are known.
    #[must_use]
    pub const fn has_money(self) -> bool {
        self.has(Aspect::Money)
    }

    /// What a column needs and is not known; none where it can be made. What is part of money is missing with it.
    #[must_use]
    pub fn lacks_for(self, column: &str) -> Option<Aspect> {
        let aspect = Aspect::of_column(column).filter(|aspect| !self.has(*aspect))?;
        Some(if aspect == Aspect::LargestOrder && !self.has_money() { Aspect::Money } else { aspect })
    }

    /// What is not known, in the order of [`Aspect::ALL`]; what is part of money is not listed with it.
    #[must_use]
    pub fn lacking(self) -> Vec<Aspect> {
        let is_listed = |aspect: &Aspect| *aspect != Aspect::LargestOrder || self.has_money();
        Aspect::ALL.into_iter().filter(|aspect| !self.has(*aspect)).filter(is_listed).collect()
    }
}

/// What a run leaves out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// What the input lacks.
    pub because: String,
    /// Tables that are not published.
    pub tables: Vec<String>,
    /// Columns of `customers` that are null, as those of the same names in other tables are.
    pub null_columns: Vec<String>,
}

impl LeftOut {
    /// In a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { because, tables, null_columns } = self;
        let tables = (!tables.is_empty()).then(|| format!("not published: {}", tables.join(", ")));
        let columns = (!null_columns.is_empty()).then(|| format!("null: {}", null_columns.join(", ")));
        let what: Vec<String> = tables.into_iter().chain(columns).collect();
        format!("{because}; {}", what.join("; "))
    }
}

impl Default for Known {
    fn default() -> Self {
        Self::ALL
    }
}

const fn bit(aspect: Aspect) -> u8 {
    1 << aspect as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_money_no_column_of_money_is_known() {
        let known = Known::ALL.without(Aspect::Money);
        assert_eq!(known.lacks_for("revenue"), Some(Aspect::Money));
        assert_eq!(known.lacks_for("largest_order"), Some(Aspect::Money));
        assert_eq!((known.lacks_for("orders"), known.lacks_for("tenure_days")), (None, None));
        assert_eq!(known.lacking(), [Aspect::Money]);
        assert!(Known::ALL.lacking().is_empty() && Known::ALL.lacks_for("revenue").is_none());
    }

    #[test]
    fn each_aspect_is_lacking_by_itself() {
        for aspect in Aspect::ALL {
            let known = Known::ALL.without(aspect);
            assert!(!known.has(aspect));
            assert_eq!(known.lacking(), [aspect]);
        }
        let two = Known::ALL.without(Aspect::FirstOrder).without(Aspect::Transactions);
        assert_eq!(two.lacking(), [Aspect::FirstOrder, Aspect::Transactions]);
        assert_eq!(two.lacks_for("first_order_date"), Some(Aspect::FirstOrder));
    }
}
