//! The texts below the lists of flags: examples, environment, exit codes.
//!
//! Every line that begins with `rfmetrics` after its indent is an example, and a test parses it.

/// Short help of the top command.
pub(crate) const TOP: &str = "Environment variables, exit codes and examples: rfmetrics --help";

/// Long help of the top command.
pub(crate) const TOP_LONG: &str = "\
EXAMPLES
  rfmetrics init --input sales.parquet
  rfmetrics run --input sales.parquet --output reports --as-of 2026-01-01
  rfmetrics explain C-1042 --input sales.parquet

ENVIRONMENT
  RFMETRICS_CONFIG           path of the configuration file, where --config is not given
  RFMETRICS_<SECTION>_<KEY>  any key of the configuration: RFMETRICS_OUTPUT_PATH,
                             RFMETRICS_SCORE_RECENCY_BINS; lists with commas between, or as a TOML
                             array; an empty variable counts as not set; an unknown one is an error,
                             but for those that Kubernetes sets for a service (RFMETRICS_PORT ..)
  RFMETRICS_LOG              level of the log: error, warn, info, debug or trace
  Flags win over the environment, the environment over the file, the file over the defaults;
  `rfmetrics config` shows which won.

EXIT CODES
  0    published, or answered
  2    a flag, variable or setting is wrong
  3    the input is missing, unreadable, has the wrong columns, or changed during the run
  4    too much of the data is bad, old or missing, no row is left, or a warning is denied
  5    the computation cannot give a right answer (overflow, or beyond `run.memory_limit`)
  6    the output cannot be written, or `verify` found a difference
  7    another run holds this output: try again later
  70   a fault of rfmetrics
  130  interrupted (SIGINT)    143  terminated (SIGTERM)

Standard output holds the answer only; logs and progress go to standard error.";
