//! One published table, one file: its columns, when it is made, and how. `Report::ALL` lists them.

pub(crate) mod abc;
pub(crate) mod alerts;
pub(crate) mod bounds_by_group;
pub(crate) mod calibration;
pub(crate) mod calibration_summary;
pub(crate) mod cells;
pub(crate) mod clusters;
pub(crate) mod clv_pareto;
pub(crate) mod cohorts;
pub(crate) mod customer_years;
pub mod customers;
pub(crate) mod dim_segment;
pub(crate) mod drift;
pub(crate) mod drift_by_group;
pub(crate) mod evaluation;
pub(crate) mod evaluation_rankings;
pub(crate) mod evaluation_summary;
pub(crate) mod grid;
pub(crate) mod grid_over_time;
pub(crate) mod health;
pub(crate) mod input_quality;
pub(crate) mod loyalty_ladder;
pub(crate) mod migration;
pub(crate) mod migration_customers;
pub(crate) mod migration_flows;
pub(crate) mod model_fit;
pub(crate) mod model_repeats;
pub(crate) mod model_tracking;
pub(crate) mod octants;
pub(crate) mod pareto;
pub(crate) mod pareto_by_group;
pub(crate) mod pareto_summary;
pub(crate) mod planned_ltv;
pub(crate) mod quality;
pub(crate) mod quarantine;
pub(crate) mod score_bounds;
pub(crate) mod score_groups;
pub(crate) mod scoring_bounds;
pub(crate) mod scoring_segments;
pub(crate) mod scorings;
pub(crate) mod segments;
pub(crate) mod segments_by_group;
pub(crate) mod stability;
pub(crate) mod stability_summary;
pub(crate) mod value_map;

use super::report::Report;

impl Report {
    /// Every report, in the order of the dictionary.
    pub const ALL: &[&Self] = &[
        &customers::REPORT,
        &segments::REPORT,
        &pareto::REPORT,
        &pareto_summary::REPORT,
        &abc::REPORT,
        &cells::REPORT,
        &grid::REPORT,
        &octants::REPORT,
        &score_bounds::REPORT,
        &dim_segment::REPORT,
        &quality::REPORT,
        &quarantine::REPORT,
        &scorings::REPORT,
        &scoring_segments::REPORT,
        &scoring_bounds::REPORT,
        &stability::REPORT,
        &stability_summary::REPORT,
        &drift::REPORT,
        &clusters::REPORT,
        &segments_by_group::REPORT,
        &pareto_by_group::REPORT,
        &score_groups::REPORT,
        &bounds_by_group::REPORT,
        &drift_by_group::REPORT,
        &input_quality::REPORT,
        &clv_pareto::REPORT,
        &model_fit::REPORT,
        &model_repeats::REPORT,
        &model_tracking::REPORT,
        &calibration::REPORT,
        &calibration_summary::REPORT,
        &customer_years::REPORT,
        &planned_ltv::REPORT,
        &value_map::REPORT,
        &migration::REPORT,
        &migration_flows::REPORT,
        &migration_customers::REPORT,
        &alerts::REPORT,
        &health::REPORT,
        &grid_over_time::REPORT,
        &loyalty_ladder::REPORT,
        &cohorts::REPORT,
        &evaluation::REPORT,
        &evaluation_rankings::REPORT,
        &evaluation_summary::REPORT,
    ];
}
