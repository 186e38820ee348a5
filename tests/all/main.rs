//! Whole runs and laws, one binary for all of them. `support` holds what they share; each other file is one subject.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::doc_markdown,
    clippy::needless_pass_by_value,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::too_many_lines,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::type_complexity,
    clippy::case_sensitive_file_extension_comparisons,
    unreachable_pub
)]

mod borders;
mod by_table;
mod campaigns;
mod campaigns_refused;
mod check;
mod check_scorings;
mod cleaning;
mod clusters;
mod columns;
mod combinations;
mod commands;
mod composites;
mod currencies;
mod currency_columns;
mod currency_rates;
mod damage;
mod dictionary;
mod errors;
mod explain;
mod explain_scorings;
mod export;
mod files;
mod filters;
mod fuzz;
mod golden;
mod groups;
mod guards;
mod holdout;
mod init;
mod input;
mod inputs;
mod inputs_settings;
mod laws;
mod lint_map;
mod maps;
mod margin;
mod messages;
mod methods;
mod models;
mod moves;
mod odd_columns;
mod one_read;
mod oracle;
mod order_rules;
mod outputs;
mod over_time;
mod page;
mod page_support;
mod page_texts;
mod page_time;
mod pairs;
mod payload;
mod people;
mod people_aside;
mod people_attributes;
mod plain_orders;
mod plans;
mod predict;
mod predict_on_request;
mod privacy;
mod published_run;
mod pyrsm;
mod raw;
mod repeats;
mod rerun;
mod rules;
mod scorings;
mod series;
mod series_settings;
mod source_code;
mod spilled;
mod support;
mod surroundings;
mod table_of_customers;
mod table_of_customers_laws;
mod value;
mod walls;
mod window_scores;
mod without_amounts;
mod worked;
mod worked_campaigns;
mod worked_on_request;
mod zones;
