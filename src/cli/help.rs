//! The texts below the lists of flags: examples, environment, exit codes.
//!
//! Every line that begins with `rfmetrics` after its indent is an example, and a test parses it.

/// Short help of the top command.
pub(super) const TOP: &str = "Environment variables, exit codes and examples: rfmetrics --help";

/// Long help of the top command.
pub(super) const TOP_LONG: &str = "\
EXAMPLES
  rfmetrics init --input sales.parquet
  rfmetrics run --input sales.parquet --output reports --as-of 2026-01-01
  rfmetrics explain C-1042 --input sales.parquet

ENVIRONMENT
  RFMETRICS_CONFIG           path of the configuration file, where --config is not given
  RFMETRICS_<SECTION>_<KEY>  any key of the configuration: RFMETRICS_OUTPUT_PATH,
                             RFMETRICS_SCORE_RECENCY_BINS; lists with commas between, or as a TOML
                             array; an empty variable counts as not set; an unknown one is an error
  RFMETRICS_LOG              level of the log: error, warn, info, debug or trace
  Flags win over the environment, the environment over the file, the file over the defaults;
  `rfmetrics config` shows which won.

EXIT CODES
  0    published, or answered
  2    a flag, variable or setting is wrong
  3    the input is missing, unreadable, has the wrong columns, or changed during the run
  4    too much of the data is bad, or no row is left
  5    the computation cannot give a right answer (overflow, or beyond `run.memory_limit`)
  6    the output cannot be written, or `verify` found a difference
  7    another run holds this output: try again later
  70   a fault of rfmetrics
  130  interrupted (SIGINT)    143  terminated (SIGTERM)

Standard output holds the answer only; logs and progress go to standard error.";

/// `rfmetrics run`.
pub(super) const RUN: &str = "\
EXAMPLES
  rfmetrics run --input sales.parquet --output reports --as-of 2026-01-01
  rfmetrics run --input data/2025 data/2026 --column amount=net_total --column order_ts=sold_at
  rfmetrics run --input sales.parquet --filter \"country = 'DE'\" --window-days 365
  rfmetrics run --input sales.parquet --method ntile --set score.monetary.bins=4
  rfmetrics run --config monthly.toml --format json --quiet
  rfmetrics run --input sales.parquet --dry-run";

/// `rfmetrics check`.
pub(super) const CHECK: &str = "\
EXAMPLES
  rfmetrics check --input sales.parquet
  rfmetrics check --config monthly.toml --format json";

/// `rfmetrics config`.
pub(super) const CONFIG: &str = "\
EXAMPLES
  rfmetrics config
  rfmetrics config --config monthly.toml --bins 4
  rfmetrics config --format json";

/// `rfmetrics explain`.
pub(super) const EXPLAIN: &str = "\
The customer stands before --input, which takes every path that follows it.

EXAMPLES
  rfmetrics explain C-1042 --input sales.parquet
  rfmetrics explain --config monthly.toml -- -17";

/// `rfmetrics init`.
pub(super) const INIT: &str = "\
EXAMPLES
  rfmetrics init
  rfmetrics init --input sales.parquet --output-file monthly.toml --force";

/// `rfmetrics schema`.
pub(super) const SCHEMA: &str = "\
EXAMPLES
  rfmetrics schema
  rfmetrics schema --tables --format markdown";

/// `rfmetrics simulate`.
pub(super) const SIMULATE: &str = "\
EXAMPLES
  rfmetrics simulate --output demo --lines 2M --customers 100k --seed 7
  rfmetrics simulate --output dirty --lines 1e6 --share-null-ids 0.02 --share-returns 0.05
  rfmetrics simulate --output model --lines 100_000 --bgnbd 0.243,30.9,0.793,2.426 --keep-rate";

/// `rfmetrics verify`.
pub(super) const VERIFY: &str = "\
EXAMPLES
  rfmetrics verify reports/as_of=2026-01-01
  rfmetrics verify reports";

/// `rfmetrics maps`.
pub(super) const MAPS: &str = "\
EXAMPLES
  rfmetrics maps
  rfmetrics maps rf25
  rfmetrics maps rf25 --toml";

/// `rfmetrics lint-map`.
pub(super) const LINT_MAP: &str = "\
EXAMPLES
  rfmetrics lint-map rf25
  rfmetrics lint-map our-segments.toml
  rfmetrics lint-map our-segments.toml --data reports/as_of=2026-01-01
  rfmetrics lint-map rf25 --format json

With --data, the map is put to every customer of that run: its scores and measures are read from
customers.parquet, the bins from manifest.json. Segments without customers are a note, not an error.";

/// `rfmetrics completions`.
pub(super) const COMPLETIONS: &str = "\
EXAMPLES
  rfmetrics completions bash
  rfmetrics completions zsh";

/// `rfmetrics man`.
pub(super) const MAN: &str = "\
EXAMPLES
  rfmetrics man
  rfmetrics man share/man/man1";
