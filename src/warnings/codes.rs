//! The code of each warning. Codes are stable: programs match on them.
//!
//! Does not live here: the list of warnings (`facts`).

use super::facts::Facts;

/// The codes of all warnings.
pub const CODES: &[&str] = &[
    "empty_bins",
    "few_values",
    "split_ties",
    "returns_netted",
    "returns_deducted",
    "returns_left_out",
    "only_returns",
    "orders_far_apart",
    "time_zone_without_effect",
    "source_time_zone_without_effect",
    "unusable_margins",
    "missing_rates",
    "currency_without_effect",
    "unread_rate_columns",
    "rates_end_early",
    "other_currency",
    "early_dates",
    "no_revenue",
    "short_history",
    "unfinished_period",
    "no_purchase_model",
    "nobody_leaves",
    "mean_order_value",
    "own_order_value",
    "customers_without_revenue",
    "no_spending_model",
    "no_frozen_spending_model",
    "dependent_spending",
    "holdout_seen",
    "unmatched_rows",
    "delivered_twice",
    "files_passed_over",
    "files_read_once",
    "column_written_otherwise",
    "column_missing_in_files",
    "ids_stored_as_floats",
    "stale_data",
    "date_skipped",
    "fewer_rows",
    "lone_last_date",
    "nobody_ids",
    "float_ids",
    "unmatched_exclusions",
    "unmatched_aliases",
    "customers_not_members",
    "prospects_by_window",
    "merged_members_differ",
    "empty_variable",
    "setting_without_effect",
    "abc_ties",
    "share_above_one",
    "ruling_measure",
    "segment_misnamed",
    "octant_thresholds",
    "octants_learned_new",
    "rules_without_values",
    "logarithms_below_zero",
    "small_groups",
    "groups_without_breaks",
    "no_frozen_breaks",
    "nothing_to_compare",
    "alerts_without_comparison",
    "settings_differ",
    "no_common_customers",
    "run_may_stop",
];

impl Facts {
    /// The stable name of this warning.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EmptyBins { .. } => "empty_bins",
            Self::FewValues { .. } => "few_values",
            Self::SplitTies { .. } => "split_ties",
            Self::ReturnsNetted { .. } => "returns_netted",
            Self::ReturnsDeducted { .. } => "returns_deducted",
            Self::ReturnsLeftOut { .. } => "returns_left_out",
            Self::OnlyReturns { .. } => "only_returns",
            Self::OrdersFarApart { .. } => "orders_far_apart",
            Self::TimeZoneWithoutEffect { .. } => "time_zone_without_effect",
            Self::SourceTimeZoneWithoutEffect { .. } => "source_time_zone_without_effect",
            Self::UnusableMargins { .. } => "unusable_margins",
            Self::MissingRates { .. } | Self::CurrencyWithoutEffect { .. } | Self::UnreadRateColumns { .. } => {
                self.currencies()
            }
            Self::RatesEndEarly { .. } | Self::OtherCurrency { .. } => self.currencies(),
            Self::EarlyDates { .. } => "early_dates",
            Self::NoRevenue {} => "no_revenue",
            Self::ShortHistory { .. } => "short_history",
            Self::UnfinishedPeriod { .. } => "unfinished_period",
            Self::NoPurchaseModel { .. } => "no_purchase_model",
            Self::NobodyLeaves { .. } => "nobody_leaves",
            Self::MeanOrderValue { .. } => "mean_order_value",
            Self::OwnOrderValue { .. } => "own_order_value",
            Self::CustomersWithoutRevenue { .. } => "customers_without_revenue",
            Self::NoSpendingModel { .. } => "no_spending_model",
            Self::NoFrozenSpendingModel {} => "no_frozen_spending_model",
            Self::DependentSpending { .. } => "dependent_spending",
            Self::HoldoutSeen {} => "holdout_seen",
            Self::DeliveredTwice { .. } => "delivered_twice",
            Self::FilesPassedOver { .. } => "files_passed_over",
            Self::FilesReadOnce { .. } => "files_read_once",
            Self::ColumnWrittenOtherwise { .. } => "column_written_otherwise",
            Self::ColumnMissingInFiles { .. } => "column_missing_in_files",
            Self::IdsStoredAsFloats { .. } => "ids_stored_as_floats",
            Self::DateSkipped(_) => "date_skipped",
            Self::StaleData { .. } | Self::FewerRows { .. } | Self::LoneLastDate { .. } => self.delivery(),
            Self::NobodyIds { .. } | Self::FloatIds { .. } => self.ids(),
            Self::UnmatchedRows(_) | Self::UnmatchedAliases(_) | Self::UnmatchedExclusions { .. } => self.unmatched(),
            Self::CustomersNotMembers(_) | Self::ProspectsByWindow(_) | Self::MergedMembersDiffer(_) => self.members(),
            Self::EmptyVariable { .. } => "empty_variable",
            Self::SettingWithoutEffect { .. } => "setting_without_effect",
            Self::AbcTies { .. } => "abc_ties",
            Self::ShareAboveOne { .. } => "share_above_one",
            Self::RulingMeasure { .. } => "ruling_measure",
            Self::SegmentMisnamed { .. } => "segment_misnamed",
            Self::OctantThresholds { .. } => "octant_thresholds",
            Self::OctantsLearnedNew {} => "octants_learned_new",
            Self::RulesWithoutValues { .. } => "rules_without_values",
            Self::LogarithmsBelowZero { .. } => "logarithms_below_zero",
            Self::SmallGroups { .. } | Self::GroupsWithoutBreaks { .. } => self.groups(),
            Self::NoFrozenBreaks(_)
            | Self::NothingToCompare(_)
            | Self::AlertsWithoutComparison(_)
            | Self::SettingsDiffer(_)
            | Self::NoCommonCustomers(_)
            | Self::RunMayStop { .. } => self.over_time(),
        }
    }

    const fn groups(&self) -> &'static str {
        match self {
            Self::SmallGroups { .. } => "small_groups",
            _ => "groups_without_breaks",
        }
    }

    const fn delivery(&self) -> &'static str {
        match self {
            Self::StaleData { .. } => "stale_data",
            Self::FewerRows { .. } => "fewer_rows",
            _ => "lone_last_date",
        }
    }

    const fn ids(&self) -> &'static str {
        match self {
            Self::NobodyIds { .. } => "nobody_ids",
            _ => "float_ids",
        }
    }

    const fn over_time(&self) -> &'static str {
        match self {
            Self::NoFrozenBreaks(_) => "no_frozen_breaks",
            Self::NothingToCompare(_) => "nothing_to_compare",
            Self::AlertsWithoutComparison(_) => "alerts_without_comparison",
            Self::SettingsDiffer(_) => "settings_differ",
            Self::RunMayStop { .. } => "run_may_stop",
            _ => "no_common_customers",
        }
    }

    const fn unmatched(&self) -> &'static str {
        match self {
            Self::UnmatchedRows { .. } => "unmatched_rows",
            Self::UnmatchedAliases { .. } => "unmatched_aliases",
            _ => "unmatched_exclusions",
        }
    }

    const fn members(&self) -> &'static str {
        match self {
            Self::CustomersNotMembers { .. } => "customers_not_members",
            Self::ProspectsByWindow { .. } => "prospects_by_window",
            _ => "merged_members_differ",
        }
    }

    const fn currencies(&self) -> &'static str {
        match self {
            Self::MissingRates { .. } => "missing_rates",
            Self::CurrencyWithoutEffect { .. } => "currency_without_effect",
            Self::UnreadRateColumns { .. } => "unread_rate_columns",
            Self::RatesEndEarly { .. } => "rates_end_early",
            _ => "other_currency",
        }
    }
}
