"""Does a rebuilt program still give its users the same? Two binaries do the same jobs, and all that they leave is compared.

    same_bytes.py --old BINARY --new BINARY [--jobs N] [--only REGEX] [--keep DIR]

A case is a few commands in a fresh directory. The old binary does them first, then the new one in a directory of the same
name, so that paths in messages are the same too. Exit codes must be equal, and every file byte for byte; texts but for
times, sizes of memory and the like (`CHANGING`); JSON (manifests, answers, logs) but for `VOLATILE` values, and it may have
more keys only where `ALLOWED_ADDITIONS` says so. Input is the committed sample, what the old binary simulates, and what lies
in `../shared` (or `$RFMETRICS_SHARED`), where that is there. Every command, flag, setting, table and exit code must be used
by some case, or the guard fails. Exit status 1 on any difference. What the right answer is, the other programs here know.
"""

from __future__ import annotations

import argparse
import difflib
import fcntl
import itertools
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# What may differ. Paths of JSON are as in `inputs[].path`, whatever the document.

# Keys that the new binary may add: `warnings[].code` allows a `code` in each of the `warnings`.
ALLOWED_ADDITIONS: set[str] = {
    "format_version",
    "warning_details",
    "standing.predictions.warning_details",
    "code",
    "spill",
    "spilled_bytes",
    "run.spill_path",
    "config.run.spill_path",
}
# Messages that were reworded on purpose: pattern in what the old binary wrote (JSON as it stands in the file, too), and what
# the new one says instead.
REWORDED: list[tuple[str, str]] = [
    # What settings ask for rides on the one read.
    (r" ?The input is read once more for (?:them|it)\.", ""),
    (r"; the input is(?:\n#: |\\n| )read once more\.", "."),
    (r"is read   \d times: .*\n", ""),
    # Plain words.
    ("are of nobody in the table", "match no customer in the table"),
    ("or learn anew: write", "or learn new ones: write"),
]
# Keys that must be there, and whose values are those of the moment.
VOLATILE = {
    "version",
    "stages[].seconds",
    "peak_memory_bytes",
    "output.free_bytes",
    "timestamp",
    "seconds",
    "peak_memory_mib",
    # The module that logs.
    "target",
}
# The same in texts, where `STYLE` stands for what colours a log line.
STYLE = r"(?:\x1b\[\d+m)*"
CHANGING = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<now>"),
    (r"(rows in )\d+\.\d s", r"\1<seconds> s"),
    (rf"((?:\b|\[3m)(?:seconds|peak_memory_mib){STYLE}={STYLE})[\d.e-]+", r"\1<number>"),
    (r"[\d.]+ (TB|GB|MB|kB|bytes) free\b", "<size> free"),
    (r"\bprocess \d+ on host `[^`]*`", "process <pid> on host `<host>`"),
    (r"(\brfmetrics(?:-[a-z-]+)? |^v|\"[a-z-]+ )\d+\.\d+\.\d+\b", r"\1<version>"),
    (r"(\.\w+\.rfmetrics-staging-[\d-]+)\S*", r"\1<name>"),
]

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("RFMETRICS_SHARED", ROOT.parent / "shared")).resolve()
LIMIT_SECONDS = 300
DIFF_LINES = 20
ROOM_BYTES = 2 << 30
# Schedulers go by these. 70 is a fault of the program, 130 and 143 are those of signals.
EXIT_CODES = {0, 2, 3, 4, 5, 6, 7}


# --- what the cases read ------------------------------------------------------------------------------------------

# What the old binary simulates, below `made`.
SHAPES = {
    "plain": "--lines 9k --customers 900 --lines-per-order 2.5 --files 3 --seed 3 --extra-columns",
    "rows": "--lines 5k --customers 1500 --lines-per-order 1 --no-order-ids --files 2 --seed 4 --extra-columns",
    "uuid": "--lines 4k --customers 600 --files 2 --ids uuid --amounts decimal --seed 5 --threads 1",
    "short": "--lines 8k --customers 700 --files 4 --ids short --seed 6 --extra-columns --share-returns 0.06"
    " --share-null-ids 0.02 --share-duplicates 0.03 --share-bad-dates 0.01",
    "hive": "--lines 6_000 --customers 800 --hive-by-month --start 2025-03-01 --seed 7 --extra-columns --end 2025-12-31",
    "leavers": "--lines 20k --lines-per-order 1.5 --bgnbd 0.8,60,0.9,3 --keep-rate --gamma-gamma 5,4,20 --seed 8",
}
# More customers than a row group of a published table has rows.
LARGE = "--lines 1.3M --customers 1.1M --lines-per-order 1 --no-order-ids --amounts decimal --seed 9"
LAST_DAY, LAST_DAY_OF_SAMPLE, FORMER_DAY = "2025-12-31", "2026-10-31", "2025-06-30"
# What it publishes of them, for runs that take up what a former run has learned, and as tables of customers.
FORMER = {
    "former": "run @plain=made/former --config given/scorings.toml predict.model=auto",
    "profiles": "run @plain=made/profiles output.money=double",
    "text-profiles": "run @short=made/text-profiles output.money=double",
}
# Files below `given`.
GIVEN = {
    "job.toml": """
[input]
paths = ["made/plain"]
filter = "country <> 'FR'"
[dates]
as_of = "2025-12-31"
window_days = 400
[clean]
returns = "purchases"
quarantine_rows = 5
[score.recency]
method = "fixed"
bins = 5
cuts = [30, 90, 180, 365]
[output]
path = "reports"
""",
    "wrong.toml": """
[inptu]
paths = ["made/plain"]
[score.recency]
bins = "five"
method = "best"
[clean]
money_scale = 99
returns = ["net"]
[output]
path = ""
""",
    "broken.toml": "[input\npaths = 1",
    "scorings.toml": """
[score.composites]
columns = ["score_mean", "weighted_score", "weighted_value"]
weights = [3.0, 2.0, 1.0]
[score.value]
measures = ["recency_days", "orders", "revenue", "average_order_value"]
standardise = "z-score"
weights = [0.1, 0.2, 0.3, 0.4]
[kmeans]
clusters = 4
[[scoring]]
name = "by_mean"
segment.map = "octants"
score.recency = { method = "mean", bins = 2 }
score.frequency = { method = "mean", bins = 2 }
score.monetary = { method = "mean", bins = 2, weight = "orders" }
[[scoring]]
name = "rfmt"
score.value.preset = "rfmt"
kmeans.choose_up_to = 6
[[scoring]]
name = "tiers"
segment.map = "three_tier"
""",
    "more_scorings.toml": """
[[scoring]]
name = "nested"
segment.map = "given/nested.toml"
score.combination = "nested"
score.recency.method = "ntile"
score.frequency.method = "ntile"
score.monetary.method = "ntile"
[[scoring]]
name = "ranked"
score.value = { measures = ["orders", "revenue"], standardise = "rank", weights = [0.3, 0.7] }
score.composites.columns = ["weighted_value"]
kmeans.clusters = 3
[[scoring]]
name = "drawn"
segment.map = "octants"
score.recency = { method = "pareto", bins = 2, share = 0.7 }
score.frequency = { method = "median", bins = 2, measure = "purchase_days" }
score.monetary = { method = "fixed", bins = 2, cuts = [100.5], measure = "largest_order" }
""",
    "wrong_scorings.toml": "[[scoring]]\nname = 'main'\nscore.recency.bins = 1\n[[scoring]]\nname = 'a'\nscore.no = 1\n",
    "predict.toml": """
[predict]
model = "auto"
time_unit = "week"
horizons = [4, 26, 52]
discount_rate = 0.08
margin = 0.4
contact_cost = 0.05
acquisition_cost = 12.5
min_history_days = 60
holdout_days = 120
by_year = true
yearly_profits = [120, 100.5, 80]
retention = 0.75
""",
    "profits.toml": """
[predict.profits]
path = "profiles/customers.parquet"
years = ["average_order_value", "largest_order"]
""",
    "social.toml": """
[predict]
model = "mbg_nbd"
retention = 0.8
[predict.profits]
path = "profiles/customers.parquet"
customer_id = "customer_id"
years = ["average_order_value", "revenue"]
[social]
path = "profiles/customers.parquet"
influence = ["tenure_days"]
activity = ["transactions", "purchase_days"]
value = ["largest_order"]
standardise = "z-score"
weights = [0.5, 0.3, 0.2]
map_classes = 4
""",
    "text_social.toml": """
[social]
path = "text-profiles/customers.parquet"
influence = ["tenure_days"]
activity = ["transactions"]
value = ["orders"]
judgements = [[1, 3, 5], [0.3333333333333333, 1, 2], [0.2, 0.5, 1]]
""",
    "own.toml": """
name = "spenders"
title_en = "By revenue"
bins = {}
[[segments]]
key = "large"
name_en = "Large"
[[segments]]
key = "small"
name_en = "Small"
[[segments]]
key = "nobody"
name_en = "Nobody"
[[rules]]
segment = "nobody"
min_revenue = 100000000
[[rules]]
segment = "large"
min_revenue = 200
[[rules]]
segment = "small"
max_revenue = 199.99
""",
    "gaps.toml": """
name = "gaps"
title_en = "Gaps"
bins = { r = 3, f = 3 }
[[segments]]
key = "good"
name_en = "Good"
[[segments]]
key = "never"
name_en = "Never"
[[rules]]
segment = "good"
r = [2, 3]
f = [2, 3]
[[rules]]
segment = "never"
r = [3, 3]
f = [3, 3]
""",
    "nested.toml": """
name = "nested"
title_en = "Nested"
combination = "nested"
bins = { r = 5, f = 5 }
otherwise = "others"
[[segments]]
key = "best"
name_en = "Best"
[[segments]]
key = "others"
name_en = "Others"
[[rules]]
segment = "best"
r = [4, 5]
f = [3, 5]
""",
    "no_map.toml": "name = 'No Map'\nbins = { r = 1 }\n[[rules]]\nsegment = 'x'\n",
    "key": "0123456789abcdef0123456789abcdef\n",
    "short_key": "0123\n",
    "erased.txt": "1\n7\n12\n\n99999999\n",
    "erased_texts.txt": "C000000001\nC000000007\n",
    "wrong_erased.txt": "1\nabc\n",
}

# --- the cases: jobs ---------------------------------------------------------------------------------------------

# A line for the name of a case, and one for each of its steps, as in a shell: variables, the command after `rfmetrics`,
# `> FILE`. Besides: `@plain=reports` are the flags for that input, output and its last day, and without `=` the output is
# `out` and the number of the step; `a.b=c` is `--set a.b=c`, and `ALL.b=c` that of the three axes; `{x,y}` makes a step of
# each, as `MAPS` and `COMMANDS` do of all there are; `!act` is done here, see `ACTS`; `!hold OUTPUT` before a command holds
# that output meanwhile.
JOBS = """
sample
    run @sample=out
    verify out
    lint-map list125 --data out/as_of=2026-10-31
answer-json
    run {@sample,@plain,@short} --format json {--quiet,}
logs
    run @plain -v
    run @short -vv
    run @short -v --log-format json
    run @short --log-format json --format json --log-ids
    run @short --verbose --color {always,never,auto}
    RFMETRICS_LOG={info,loud} run @plain
last-day
    run --input made/plain --output out1
    run --input made/plain --output out2 --window-days 200
    run --input made/short --output out3 {dates.min_date=2000-01-01,}
windows
    run @plain --window-days {1,90}
    run @plain --window-days {400,30} input.trust_statistics=true
    run @plain --window-days 300 dates.as_of={2023-12-31,2024-01-01,2024-02-29,2025-06-30}
again
    run @plain=out
    run @plain=out --bins 5 --method ntile
    run @plain=out dates.as_of=2025-06-30
    verify out
large
    run @large=out
    verify out
rows
    run @rows {,--orders-by day,--returns drop}
uuid
    run @uuid {,--money-scale 0,--money-scale 4,output.money=double}
short
    run @short
    run @short clean.trim_ids=true clean.lowercase_ids=true clean.nobody_ids=c000000001,guest
orders
    run @plain --orders-by {row,day,order_id}
apart
    run @plain --column order_id={quantity,country}
    run @plain --column order_id=country --threads 1
    run @short --column order_id=quantity
files
    run --input made/plain/part-0.parquet made/plain --output out1
    run --input 'made/plain/part-[12].parquet' --output out2
    run --input 'made/hive/**/part-0.parquet' --output out3
    run --input 'made/**/part-0.parquet' --output out4
    run --input 'made/plain/*.txt' --output out5
returns
    run @short --returns {net,purchases,drop}
repeats
    run @short {--dedupe,--count-repeats}
    run @short clean.dedupe_keys=order_id,amount --max-quarantined-share 0.9
    run @short --dedupe --count-repeats
    run @short clean.dedupe_keys=order_id,amount clean.dedupe_latest_by=order_ts --max-quarantined-share 0.9
    run @short clean.dedupe_latest_by=order_ts
quarantine
    run @short clean.quarantine_rows=0
    run @short clean.quarantine_rows=3 dates.min_date=2024-06-01
    run @short clean.min_amount=5 clean.max_amount=60.5 clean.zero_amounts=drop --max-quarantined-share 0.7
    run @short --max-quarantined-share 0.01
    run @short --strict {,--log-format json}
nothing-left
    run @plain --filter 'quantity > 999'
    run @plain --filter 'quantity > 999' --allow-empty
    run @plain --filter 'quantity > 999' --allow-empty --format json predict.model=bg_nbd kmeans.clusters=3
columns
    run @plain --column quantity=quantity --column unit_price=amount
    run @plain --column customer_id=country --column amount=quantity
    run @plain --column margin=quantity score.monetary.measure=margin
    run @plain --column margin=quantity --map abc score.frequency.method=mean score.frequency.bins=2 score.frequency.weight=margin
    run @plain columns.attributes=country,quantity
    run @plain --column nobody=amount
    run @plain --column amount=totals --column order_ts=sold_at
filters
    run @plain --filter "country = 'DE'"
    run @plain --filter "country IN ('DE', 'FR') AND quantity BETWEEN 2 AND 4 OR amount > 100"
    run @plain --filter "CAST(order_ts AS DATE) >= DATE '2025-01-01' AND country LIKE 'D%'" input.trust_statistics=true
    run @plain --filter "order_ts >= '2025-01-01'"
    run @plain --filter "amount >"
    run @plain --filter "no_such = 1"
    run @plain --filter "country + 1 > 'x'"
    run @plain --filter "100 / (quantity - quantity) > 1"
    run @plain --filter "CAST(country AS INTEGER) > 1"
    run @plain --filter "sum(amount) > 1"
hive
    run @hive
    run @hive input.hive_partitions=true --filter "month >= '2025-06'"
    run @hive input.hive_partitions=true columns.attributes=month input.verify=true
    run @hive --filter "month >= '2025-06'"
    check @hive input.hive_partitions=true
guards
    run --input made/plain --output late --as-of 2026-01-20 quality.max_days_without_orders={5,30}
    run @plain=few quality.min_rows={900,9000000}
    run --input made/plain --output volume --as-of 2025-06-30
    run @plain=volume quality.min_share_of_previous_rows={0.5,7}
    run @sample=denied {--deny-warnings,run.deny_warnings=true}
    run @sample=denied run.deny_warnings={stale_data,early_dates,no_such_code}
lost
    run @plain --window-days 90 score.learn_from={buyers,all}
zones
    run @sample --time-zone {Europe/Berlin,Pacific/Auckland,Mars/Olympus}
text-dates
    !link made/plain/part-0.parquet days/day=2025-11-03/a.parquet
    !link made/plain/part-1.parquet days/day=2025-12-24/a.parquet
    !link made/plain/part-2.parquet days/day=unknown/a.parquet
    run @days --column order_ts=day --date-format %Y-%m-%d --verify input.hive_partitions=true
epochs
    run --input made/plain --output out1 --column order_ts=quantity --epoch-unit d
    run --input made/plain --output out2 --column order_ts=quantity --epoch-unit ms --as-of 1970-01-01
    run --input made/plain --output out3 --column order_ts=quantity
interactions
    run @plain 'input.interactions=quantity > 2'
    run @plain 'input.interactions=quantity > 2' score.recency.measure=interaction_days columns.attributes=country
    run @plain score.recency.measure=interaction_days
privacy
    run @plain --exclude-ids given/{erased,wrong_erased,none}.txt
    run @plain --hash-ids --hash-key-file given/{key,short_key} columns.attributes=country
    run @plain --hash-ids
    run @short --hash-ids --hash-key-file given/key --exclude-ids given/erased_texts.txt --dedupe
    RFMETRICS_HASH_KEY=0123456789abcdef0123 run @uuid --hash-ids predict.by_year=true
"""

SCORES = """
methods
    run @sample --method {quantile,ntile,r-rfm,uniform,best}
bins
    run @plain --bins {4 --map pymc,12 --map abc,4,1}
    run @plain score.monetary.bins=7
two-bins
    run @plain --bins 2 --map octants ALL.method={mean,median,pareto}
    run @plain --bins 2 --map octants ALL.method=pareto ALL.share=0.6 ALL.weight=purchase_days
    run @plain --bins 2 --map octants ALL.method=mean ALL.weight={transactions,revenue}
fixed
    run @plain score.recency.method=fixed score.recency.cuts=30,60,120,300
    run @plain score.frequency.method=fixed score.frequency.cuts=1,2,4,8 score.monetary.method=fixed score.monetary.cuts=9,50.5,100,999
    run @plain score.recency.method=fixed score.recency.cuts=30,20
nested
    run @plain --method ntile --map given/nested.toml score.combination=nested
    run @plain score.combination=nested
measures
    run @plain score.frequency.measure={purchase_days,transactions}
    run @plain score.monetary.measure={average_order_value,largest_order,margin}
values
    run @plain score.composites.columns=score_mean,weighted_score
    run @plain score.composites.columns=weighted_value score.value.preset=rfmt score.value.bins=4
    run @plain score.composites.columns=weighted_value score.value.measures=orders,revenue,largest_order \
score.value.standardise=rank 'score.value.judgements=[[1, 2, 8], [0.5, 1, 0.125], [0.125, 8, 1]]' score.value.allow_inconsistent=true
    run @plain --map three_tier score.value.method=fixed score.value.cuts=0.1,0.2,0.3,0.4 score.value.weights=0.2,0.2,0.6
    run @plain --map core score.value.method=pareto score.value.bins=2 score.value.share=0.7 score.value.weight=orders
    run @plain 'score.value.judgements=[[1, 9], [1, 1]]' score.value.weights=0.5,0.6
octants
    run @plain octants.threshold={median,pareto,given}
    run @plain octants.threshold=pareto octants.share=0.5
    run @plain octants.threshold=given octants.recency=60 octants.frequency=3 octants.monetary=99.5
    run @plain octants.of=scores octants.threshold={median,pareto}
reports
    run @sample reports.pareto_groups=7 reports.abc_limits=0.5,0.9 reports.grid_orders=1,3,6,9 reports.grid_recency_days=7,14,28,56
    run @sample reports.abc_limits=0.9,0.5
clusters
    run @plain kmeans.clusters=3
    run @plain kmeans.choose_up_to=5
    run @plain kmeans.clusters=3 kmeans.choose_up_to=5
scorings
    run @plain --config given/{scorings,wrong_scorings}.toml
    run @short --config given/more_scorings.toml --column margin=quantity
    run @plain --config given/more_scorings.toml --hash-ids --hash-key-file given/key
    check @plain --config given/scorings.toml {,--format json}
    explain 17 @plain --config given/scorings.toml {,--format json}
frozen
    run @plain score.breaks_from={former/manifest.json,none.json,given/job.toml}
    run @plain score.breaks_from=former/manifest.json score.monetary.bins=4
    run @plain score.breaks_from=former/manifest.json --method ntile
    run @plain score.breaks_from=former/manifest.json --config given/scorings.toml
    check @plain score.breaks_from=former/manifest.json
    explain 3 @plain score.breaks_from=former/manifest.json
frozen-own
    run @plain=out --config given/scorings.toml dates.as_of=2025-03-31
    run @plain=out --config given/scorings.toml score.breaks_from=out/as_of=2025-03-31/manifest.json
    verify out
maps
    maps {,none,--toml}
    maps MAPS {,--toml}
maps-run
    run @plain --map MAPS
    run @plain --bins 2 --map {octants,four_class,rmf4}
    run @plain --map {given/own.toml,given/gaps.toml,given/no_map.toml,given/none.toml,rf52}
    run @plain --map given/own.toml --money-scale 4
maps-lint
    lint-map MAPS {--data former,--format json}
    lint-map given/{own,gaps,no_map,none}.toml {,--format json}
    lint-map given/own.toml --data former --format json
    lint-map given/own.toml --data made/plain
"""

PREDICTIONS = """
models
    run @leavers predict.model={bg_nbd,mbg_nbd,pareto_nbd,nbd,auto,none}
    run @leavers=flag --predict {bg_nbd,some}
models-sample
    run @sample predict.model=auto predict.holdout_days=90 predict.by_year=true
predict
    run @leavers --config given/predict.toml
    check @leavers --config given/predict.toml {,--format json}
    explain 5 @leavers --config given/predict.toml {,--format json}
predict-days
    run @leavers predict.model=bg_nbd predict.time_unit=day predict.horizons=1,30 --money-scale 0
    run @leavers predict.model=bg_nbd --window-days 100
predict-plain
    run @rows predict.by_year=true
    run @rows predict.yearly_profits=10,20 predict.retention=0.5
    run @rows predict.model=bg_nbd --returns purchases
    run @rows predict.holdout_days=10
    run @rows predict.model=bg_nbd predict.horizons=12,3
predict-short
    run @leavers predict.model=auto dates.as_of=2024-01-20 {,predict.min_history_days=5}
predict-former
    run @plain predict.params_from={former/manifest.json,given/job.toml}
    run @uuid predict.params_from=former/manifest.json {,predict.time_unit=day}
profits
    run {@plain,@uuid} --config given/profits.toml
social
    run @plain --config given/social.toml {,--hash-ids --hash-key-file given/key}
    run @plain --config given/social.toml social.customer_id=revenue_rank predict.profits.customer_id=revenue_rank
    run @plain --config given/social.toml social.value=none
    run @plain --config given/social.toml social.path=made/leavers social.customer_id=order_id
    check @plain --config given/social.toml {,--format json}
    explain 5 @plain --config given/social.toml
social-texts
    run @short --config given/text_social.toml
    run @short --config given/text_social.toml 'social.judgements=[[1, 9, 1], [1, 1, 9], [1, 1, 1]]'
    run @short --config given/text_social.toml 'social.judgements=[[1, 8, 0.2], [0.125, 1, 8], [5, 0.125, 1]]' {,social.allow_inconsistent=true}
"""

QUESTIONS = """
check
    check {@sample,@plain,@rows,@uuid,@short,@hive} {,--format json}
check-problems
    check --input made/plain made/short --column amount=net --map rf52 score.breaks_from=no.json --format {text,json}
    check @short --strict
    check @plain dates.as_of=2020-01-01
    check @plain --memory-limit 50MB
    check
dry-run
    run {@sample,@short} --dry-run {,--format json,--filter 'quantity > 2'}
    run @none.parquet --dry-run
explain
    explain {1,2,1000,999999,C-1} @sample
    explain {1,77} @sample --format json
    explain 42 @plain {--window-days 60,--column margin=quantity,--method ntile}
    explain 7 @plain --exclude-ids given/erased.txt
    explain --input made/plain -- -17
    explain {7,}
explain-texts
    explain {C000000003,c000000003,''} @short
    explain ' C000000003' @short clean.trim_ids=true --returns {purchases,drop}
init
    init {,,--force}
    init --input made/short --output-file short.toml
    init --input none.parquet --output-file none.toml
    check --config short.toml dates.as_of=2025-12-31
    init --output-file no/such/directory.toml
    init --input made/hive made/uuid --output-file mixed.toml
config
    config {,--format json}
    config --config given/job.toml --money-scale 3 clean.strict=true
    RFMETRICS_OUTPUT_PATH=elsewhere RFMETRICS_INPUT_PATHS=a,b RFMETRICS_CONFIG=given/job.toml config --dedupe
    config --config given/scorings.toml --format json
    config --config given/wrong.toml
settings
    run @plain --config given/job.toml
    run --config given/job.toml
    RFMETRICS_CONFIG=given/job.toml RFMETRICS_SCORE_RECENCY_CUTS=10,20,30,40 run --output other
    RFMETRICS_INPUT_PATHS=made/plain RFMETRICS_OUTPUT_PATH=third RFMETRICS_RUN_THREADS=1 RFMETRICS_DATES_AS_OF= run
    !copy given/job.toml rfmetrics.toml
    run --memory-limit 2GiB --threads 2
    config
verify
    !copy made/former out
    verify {out,out/as_of=2025-06-30}
    !put out/as_of=2025-06-30/more.txt x
    !put out/as_of=2025-06-30/grid.parquet x
    !spoil out/as_of=2025-06-30/cells.parquet
    !remove out/as_of=2025-06-30/abc.parquet
    verify out
    !put out/as_of=2025-06-30/manifest.json {}
    verify out --log-format json
    !remove out/as_of=2025-06-30/manifest.json
    verify {out/as_of=2025-06-30,none,made/plain,}
schema
    schema {,--tables} {,--format json,--format markdown}
completions
    completions {bash,zsh,fish,elvish,powershell,csh}
man
    man {,pages,made/plain/part-0.parquet}
simulate-again
    simulate --output plain --lines 100 {,,--overwrite -v}
    simulate --output wrong --lines 100 {--share-returns 2,--keep-rate --customers 5}
    simulate --output wrong --lines 0 --files 0 --start 2025-01-01 --end 2024-01-01 --gamma-gamma 1,1,1
    simulate
help
    {,help,--help,-h,--version,-V}
    help COMMANDS
    COMMANDS {--help,-h,--version}
"""

REFUSALS = """
usage
    {runn,run --outptu x,run --bins many,run --bins,run -q -v,run --orders-by month} {,--log-format json}
    {run --column amount,run --set key,check --format xml,lint-map,completions tcsh} {,--log-format json}
wrong-settings
    run @plain --config given/{wrong,broken,none}.toml {,--log-format json}
    run @plain --bins 1 --money-scale 9 --max-quarantined-share 7
    run @plain clean.retruns=drop no.such.key=1 score.recency=5 run.threads=0 run.memory_limit=much
    run @plain dates.as_of=2025-02-30
    run @plain --window-days 0
    run @plain columns.attributes=revenue,country,country columns.quantity=amount
    run @plain predict.margin=-1 predict.horizons=[] social.weights=1 kmeans.clusters=1 reports.pareto_groups=0
    RFMETRICS_OUTPTU_PATH=x RFMETRICS_SCORE_RECENCY_BINS=five run @plain
    RFMETRICS_CONFIG=none.toml run @plain
    run
wrong-inputs
    run --input {none.parquet,s3://bucket/sales,empty,delta,given,made/plain made/uuid} --output out {,--log-format json}
broken-inputs
    !copy made/plain broken
    !spoil broken/part-0.parquet
    !put broken/part-1.parquet text
    run @broken
    check @broken --format json
    !remove broken/part-1.parquet
    run @broken {,--verify --log-format json}
    check @broken
outputs
    !put a_file x
    !make others
    !put others/precious.txt x
    !make locked/.rfmetrics.lock
    run {@plain=a_file,@plain=a_file/below,@plain=others,@plain=locked,@plain=/proc/none,@plain=made/plain/out,@plain=made,@plain=.}
    check @plain=others
    schema > /dev/full
republished
    run @plain=out
    !put out/as_of=2025-12-31/notes.txt x
    run @plain=out
    !remove out/as_of=2025-12-31/notes.txt
    run @plain=out --strict --filter 'amount > 1000000000'
    !make .out.rfmetrics-staging-2025-12-31-1-1
    run @plain=out -v --strict
busy
    run @plain=out
    !hold out run @plain=out {,--log-format json}
    !hold out check @plain=out
    run @plain=out --format json
memory
    run @plain --memory-limit 50MB
    run @short --memory-limit 50MB --count-repeats --log-format json
"""


# --- the cases: from their text ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A command, or something that is done without the program."""

    words: list[str]
    variables: dict[str, str] = field(default_factory=dict)
    stdout: str | None = None
    held: str | None = None
    act: Callable[[Path], object] | None = None

    @property
    def line(self) -> str:
        return " ".join([*(f"{name}={value}" for name, value in self.variables.items()), shlex.join(self.words)])


Cases = dict[str, list[Step]]


def put(here: Path, path: str, text: str) -> None:
    (here / path).write_text(text)


def make(here: Path, path: str) -> None:
    (here / path).mkdir(parents=True)


def remove(here: Path, path: str) -> None:
    (here / path).unlink()


def copy(here: Path, source: str, target: str) -> None:
    (shutil.copytree if (here / source).is_dir() else shutil.copyfile)(here / source, here / target)


def link(here: Path, source: str, target: str) -> None:
    (here / target).parent.mkdir(parents=True, exist_ok=True)
    (here / target).symlink_to((here / source).resolve())


def spoil(here: Path, path: str) -> None:
    """Turns some bytes of the first column of a file."""
    content = (here / path).read_bytes()
    (here / path).write_bytes(content[:60] + bytes(byte ^ 0x5A for byte in content[60:300]) + content[300:])


ACTS = {act.__name__: act for act in (put, make, remove, copy, link, spoil)}


def cases_in(text: str, names: dict[str, list[str]]) -> Cases:
    """The cases of a text; `names` are words that stand for several."""
    cases: Cases = {}
    for line in filter(None, text.splitlines()):
        if not line.startswith(" "):
            steps = cases[line] = []
            continue
        for name, words in names.items():
            line = line.replace(name, f"{{{','.join(words)}}}")
        for each in variants(line.strip()):
            steps.append(step_of(each, len(steps)))
    return cases


def variants(line: str) -> list[str]:
    """`a {b,c}` as `a b` and `a c`; an act is taken as it stands."""
    found = re.search(r"\{(.*?)\}", line)
    if not found or line.startswith("!") and not line.startswith("!hold"):
        return [line]
    before, after = line[: found.start()], line[found.end() :]
    return [each for choice in found[1].split(",") for each in variants(before + choice + after)]


def step_of(line: str, number: int) -> Step:
    words, held = shlex.split(line), None
    if words[:1] == ["!hold"]:
        held, words = words[1], words[2:]
    elif line.startswith("!"):
        act, given = ACTS[words[0][1:]], words[1:]
        return Step(words, act=lambda here: act(here, *given))
    variables = dict(word.split("=", 1) for word in itertools.takewhile(re.compile("[A-Z_]+=").match, words))
    words, stdout = words[len(variables) :], None
    if ">" in words:
        words, stdout = words[:-2], words[-1]
    return Step(list(spelled_out(words, number)), variables, stdout, held)


def spelled_out(words: list[str], number: int) -> Iterator[str]:
    for word in words:
        if word.startswith("@"):
            yield from inputs(word[1:], number)
        elif word.startswith("ALL."):
            for axis in ("recency", "frequency", "monetary"):
                yield from ("--set", word.replace("ALL", f"score.{axis}", 1))
        else:
            yield from ["--set", word] if re.match(r"[a-z_]+(\.[a-z_]+)+=", word) else [word]


def inputs(name: str, number: int) -> list[str]:
    """`plain=reports` as flags; the output of the step, where none is given."""
    data, _, output = name.partition("=")
    path = f"made/{data}" if data in SHAPES or data == "large" else data
    day = {"sample": LAST_DAY_OF_SAMPLE}.get(data, LAST_DAY)
    return ["--input", path, "--output", output or f"out{number}", "--as-of", day]


# --- the cases: data outside the repository ----------------------------------------------------------------------

GOLDEN = """
golden
    run --input DATA/cdnow_sample.parquet --output cdnow --as-of 1998-06-30 predict.model=auto
    run --input DATA/cdnow_master.parquet --output master --as-of 1998-06-30 --method ntile
    run --input DATA/rfm_data_orders.parquet --output rfm --as-of 2006-12-31 --method r-rfm --map r-rfm10
    run --input DATA/online_retail.parquet --output retail --as-of 2011-12-09 --column quantity=quantity --column unit_price=unit_price \
--money-scale 3 --filter "customer_id IS NOT NULL AND quantity > 0 AND unit_price > 0 AND order_id NOT LIKE 'C%'"
    run --input DATA/complete_journey_lines.parquet --output journey
    init --input DATA/{online_retail,grocery_elog}.parquet --force
"""


def shared(made: Path) -> tuple[Cases, list[str]]:
    """The cases of `../shared`, and what of it is not there or cannot be made."""
    cases, missing = {}, []
    for name, gather in {"badinputs": bad_inputs, "golden": golden, "cases": lambda: reported(made)}.items():
        try:
            cases |= gather()
        except OSError as error:
            missing.append(f"../shared/{name}: {error}")
    return cases, missing


def bad_inputs() -> Cases:
    """Every bad input by its class: a run, and a check but of the many mutants."""
    folder, cases = SHARED / "badinputs", {}
    lists = [folder / "cases.jsonl", folder / "thirdparty" / "cases.jsonl"]
    for line in itertools.chain.from_iterable(path.read_text().splitlines() for path in lists):
        case = json.loads(line)
        options = case["opts"].get("columns", {}).items()
        flags = [word for role, name in options for word in ("--column", f"{role}={name}")]
        if "config" in case["opts"]:
            flags += ["--config", f"shared/badinputs/{case['opts']['config']}"]
        words = ["--input", f"shared/badinputs/{case['path']}", "--output", case["id"], "--as-of", "2026-01-01", *flags]
        steps = cases.setdefault(f"bad-{case['cls']}", [])
        steps.append(Step(["run", *words]))
        if case["cls"] != "mutant":
            steps.append(Step(["check", "--format", "json", *words]))
    return cases


def golden() -> Cases:
    (SHARED / "golden" / "data").stat()
    return cases_in(GOLDEN.replace("DATA", "shared/golden/data"), {})


def reported(made: Path) -> Cases:
    """The cases of faults that people reported, by their kind."""
    writer, folder, cases = SHARED / "cases" / "make_cases.py", made / "cases", {}
    listed = json.loads((SHARED / "cases" / "cases.json").read_text())["cases"]
    done = subprocess.run([sys.executable, "-B", writer, folder], capture_output=True, text=True)
    if done.returncode != 0:
        raise FileNotFoundError(f"its inputs cannot be made: {done.stderr.strip().splitlines()[-1]}")
    for case in listed:
        paths = case["input"] if isinstance(case["input"], list) else [case["input"]]
        words = [case.get("command", "run"), "--input", *(f"made/cases/{path}" for path in paths)]
        words += ["--output-file" if words[0] == "init" else "--output", case["id"]]
        words += [flag.replace("{inputs}", "made/cases") for flag in case.get("run", [])]
        if "config" in case:
            (folder / f"{case['id']}.toml").write_text(case["config"].replace("{inputs}", "made/cases"))
            words += ["--config", f"made/cases/{case['id']}.toml"]
        cases.setdefault(f"reported-{case['kind']}", []).append(Step(words))
    return cases


# --- running -----------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What a command said and how it ended."""

    step: Step
    code: int | str
    stdout: bytes
    stderr: bytes


@dataclass
class Program:
    """A binary, called by the name that it has for its users."""

    path: Path

    def run(self, step: Step, here: Path) -> Outcome:
        own = {name: value for name, value in os.environ.items() if not name.startswith("RFMETRICS_")}
        with open(step.stdout or os.devnull, "wb") as elsewhere, held(step.held and here / step.held):
            process = subprocess.Popen(
                ["rfmetrics", *step.words],
                executable=self.path,
                cwd=here,
                env=own | step.variables,
                stdin=subprocess.DEVNULL,
                stdout=elsewhere if step.stdout else subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            return ended(step, process)

    def ask(self, line: str, here: Path) -> str:
        outcome = self.run(step_of(line, 0), here)
        if outcome.code != 0:
            sys.exit(f"the old binary cannot `{line}`: {outcome.stderr.decode()}")
        return outcome.stdout.decode()


def done(step: Step, program: Program, here: Path) -> Outcome:
    """A step that cannot be done, since a file is missing that an earlier one should have left, has that for its outcome."""
    try:
        if step.act is None:
            return program.run(step, here)
        step.act(here)
        return Outcome(step, "done", b"", b"")
    except OSError as error:
        return Outcome(step, str(error), b"", b"")


def ended(step: Step, process: subprocess.Popen) -> Outcome:
    try:
        stdout, stderr = process.communicate(timeout=LIMIT_SECONDS)
        return Outcome(step, process.returncode, stdout or b"", stderr)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return Outcome(step, "no end in time", b"", b"")


@contextmanager
def held(output: Path | None) -> Iterator[None]:
    """Holds an output as another run would."""
    if output is None:
        yield
        return
    with open(output / ".rfmetrics.lock", "rb+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        fcntl.flock(lock, fcntl.LOCK_UN)


@dataclass
class Work:
    """The directory of all cases, and what is linked into each."""

    root: Path
    old: Program
    new: Program

    @property
    def made(self) -> Path:
        return self.root / "made"

    def prepare(self) -> None:
        """What the cases read: files as given, and what the old binary makes."""
        for directory in (self.made, self.root / "given", self.root / "cases"):
            directory.mkdir()
        for name, text in GIVEN.items():
            (self.root / "given" / name).write_text(text)
        for name, flags in (SHAPES | {"large": LARGE}).items():
            self.old.ask(f"simulate --quiet --output made/{name} {flags}", self.root)
        for line in FORMER.values():
            self.old.ask(f"{line} --quiet dates.as_of={FORMER_DAY}", self.root)

    def lay_out(self, here: Path) -> None:
        here.mkdir()
        linked = {"sample": ROOT / "data" / "sample", "made": self.made, "given": self.root / "given", "shared": SHARED}
        former = {name: self.made / name / f"as_of={FORMER_DAY}" for name in FORMER}
        for name, target in (linked | former).items():
            (here / name).symlink_to(target)
        (here / "empty").mkdir()
        (here / "delta" / "_delta_log").mkdir(parents=True)

    def compare(self, name: str, case: list[Step], keep: bool) -> Compared:
        """Does a case with both binaries, each in a directory of the same path, which is moved away then."""
        folder, sides = self.root / "cases" / name, []
        folder.mkdir()
        for side, program in (("old", self.old), ("new", self.new)):
            self.lay_out(folder / "here")
            outcomes = [done(step, program, folder / "here") for step in case]
            (folder / "here").rename(folder / side)
            sides.append(Side(folder / side, outcomes))
        found = Compared(name, list(differences(*sides)), seen_in(sides[0]))
        if not keep:
            shutil.rmtree(folder)
        return found


# --- comparing ---------------------------------------------------------------------------------------------------


@dataclass
class Side:
    """All that one binary left in a case."""

    folder: Path
    outcomes: list[Outcome]

    def files(self) -> dict[str, Path]:
        """Everything below but what was linked in, by path, with its kind and rights."""
        found = {}
        for directory, names, files in os.walk(self.folder):
            names[:] = [name for name in names if not Path(directory, name).is_symlink()]
            for path in (Path(directory, name) for name in names + files):
                if not path.is_symlink():
                    found[f"{path.relative_to(self.folder)} ({path.stat().st_mode:o})"] = path
        return found


@dataclass
class Compared:
    name: str
    differences: list[list[str]]
    seen: Seen


def differences(old: Side, new: Side) -> Iterator[list[str]]:
    """Each difference as lines, the first of which says where it is."""
    for before, after in zip(old.outcomes, new.outcomes, strict=True):
        line = f"`rfmetrics {before.step.line}`"
        yield from changed(f"{line}: exit code", str(before.code).encode(), str(after.code).encode())
        yield from changed(f"{line}: stdout", before.stdout, after.stdout)
        yield from changed(f"{line}: stderr", before.stderr, after.stderr)
    before, after = old.files(), new.files()
    yield from changed("names of files", "\n".join(sorted(before)).encode(), "\n".join(sorted(after)).encode())
    for name in sorted(before.keys() & after.keys()):
        if before[name].is_file():
            yield from changed(name, before[name].read_bytes(), after[name].read_bytes())


def changed(what: str, before: bytes, after: bytes) -> Iterator[list[str]]:
    """Where two contents differ by more than they may."""
    if before == after:
        return
    try:
        old, new = settled(before.decode(), after.decode())
    except UnicodeDecodeError:
        first = len(os.path.commonprefix([before, after]))
        yield [what, f"{len(after)} bytes instead of {len(before)}, the first difference at byte {first}"]
        return
    if old != new:
        yield [what, *itertools.islice(difflib.unified_diff(old, new, n=1, lineterm=""), 2, None)]


def settled(before: str, after: str) -> tuple[list[str], list[str]]:
    """Two texts as lines without what may differ. A text is one JSON document, or lines, some of which are."""
    for pattern, replacement in REWORDED:
        before = re.sub(pattern, replacement, before)
    whole = parsed(before), parsed(after)
    if None not in whole:
        old, new = document(*whole)
        return [shape(before), *old], [shape(after), *new]
    lines: tuple[list[str], list[str]] = [], []
    for old, new in itertools.zip_longest(before.splitlines(), after.splitlines()):
        pair = parsed(old or ""), parsed(new or "")
        texts = document(*pair) if None not in pair else (plain(old), plain(new))
        lines[0].extend(texts[0])
        lines[1].extend(texts[1])
    return lines


def parsed(text: str) -> dict | list | None:
    """A JSON object or list; none where it is another text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def shape(text: str) -> str:
    """A document on one line is one for line-wise readers."""
    return "on one line" if len(text.splitlines()) == 1 else "on many lines"


def plain(line: str | None) -> list[str]:
    return [] if line is None else [timeless(line)]


def timeless(text: str) -> str:
    for pattern, replacement in CHANGING:
        text = re.sub(pattern, replacement, text)
    return text


def document(before: object, after: object) -> tuple[list[str], list[str]]:
    """Two JSON documents as lines, without what may differ."""
    both = calm(before), calm(without_additions(before, after))
    old, new = (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).splitlines() for value in both)
    return old, new


def without_additions(before: object, after: object, path: str = "") -> object:
    """`after` without the keys that it may have beyond `before`."""
    if isinstance(before, dict) and isinstance(after, dict):
        kept = {
            key: value for key, value in after.items() if key in before or inner(path, key) not in ALLOWED_ADDITIONS
        }
        return {key: without_additions(before.get(key), value, inner(path, key)) for key, value in kept.items()}
    if isinstance(before, list) and isinstance(after, list):
        pairs = itertools.zip_longest(before[: len(after)], after)
        return [without_additions(old, new, path + "[]") for old, new in pairs]
    return after


def calm(value: object, path: str = "") -> object:
    """`value` without what is of the moment."""
    if path in VOLATILE:
        return "<volatile>"
    if isinstance(value, dict):
        return {key: calm(inside, inner(path, key)) for key, inside in value.items()}
    if isinstance(value, list):
        return [calm(item, path + "[]") for item in value]
    return timeless(value) if isinstance(value, str) else value


def inner(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


# --- coverage ----------------------------------------------------------------------------------------------------


@dataclass
class Seen:
    """What cases made use of."""

    words: set[str] = field(default_factory=set)
    codes: set[int | str] = field(default_factory=set)
    columns: set[tuple[str, str]] = field(default_factory=set)
    settings: set[tuple[str, str]] = field(default_factory=set)

    def add(self, other: Seen) -> None:
        for name, values in vars(self).items():
            values |= getattr(other, name)


def seen_in(side: Side) -> Seen:
    seen = Seen()
    for outcome in side.outcomes:
        seen.words |= {word.split("=")[0] for word in outcome.step.words}
        seen.codes.add(outcome.code)
    for path in side.folder.glob("*/as_of=*/*"):
        if path.name == "manifest.json":
            seen.settings |= set(flat(json.loads(path.read_text() or "{}").get("config")))
        elif path.suffix == ".parquet":
            seen.columns |= {(path.stem, name) for name in column_names(path.read_bytes())}
    return seen


def column_names(content: bytes) -> list[str]:
    """Texts in the footer of a Parquet file that may be names of columns: length and letters, as Thrift has them."""
    footer = content[-8 - int.from_bytes(content[-8:-4], "little") : -8]
    names = re.finditer(rb"[a-z][a-z0-9_]+", footer)
    return [name.group().decode() for name in names if footer[name.start() - 1] == len(name.group())]


def flat(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Settings of a manifest by dotted key, as JSON."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from flat(each, inner(path, key))
    else:
        yield path, json.dumps(value)


def lacking(seen: Seen, old: Program, here: Path, commands: list[str]) -> list[str]:
    """What no case has used or made."""
    flags = {
        flag
        for command in commands
        for flag in re.findall(r"(--[a-z][a-z-]+)", old.ask(f"{command} --help", here).split("EXAMPLES")[0])
    }
    keys = json.loads(old.ask("config --format json", here))
    defaults = {(key, json.dumps(entry["value"])) for key, entry in keys.items()}
    set_keys = {key for key, _ in seen.settings - defaults}
    tables = dictionary(json.loads(old.ask("schema --tables --format json", here)))
    made = {table for table, _ in seen.columns}
    return [
        *(f"command {name}" for name in sorted(set(commands) - seen.words)),
        *(f"flag {name}" for name in sorted(flags - seen.words)),
        *(f"setting {name}" for name in sorted(keys.keys() - set_keys)),
        *(f"table {name}" for name in sorted({table for table, _ in tables} - made)),
        *(
            f"column {name} of {table}"
            for table, name in sorted(tables)
            if table in made and not is_made(table, name, seen)
        ),
        *(f"exit code {code}" for code in sorted(EXIT_CODES - seen.codes)),
    ]


def is_made(table: str, name: str, seen: Seen) -> bool:
    """Whether a table had a column; `_H` at its end stands for any horizon."""
    stem = name.removesuffix("H") if name.endswith("_H") else None
    return any(own == name or stem and own.startswith(stem) for made, own in seen.columns if made == table)


def dictionary(entries: dict) -> set[tuple[str, str]]:
    """Table and column of all that the dictionary has."""
    found = set()
    for group, value in entries.items():
        for entry in value if isinstance(value, list) else [value]:
            if "columns" in entry:
                found |= {(entry["name"], column["name"]) for column in entry["columns"]}
            elif group.startswith("customer_columns"):
                found.add(("customers", entry["name"]))
    return found


def commands_of(program: Program, here: Path) -> list[str]:
    """All but `help`, which has none of its own."""
    listed = program.ask("--help", here).split("Commands:")[1].split("Options:")[0]
    return [name for name in re.findall(r"^  ([a-z-]+) ", listed, re.MULTILINE) if name != "help"]


# --- the whole ---------------------------------------------------------------------------------------------------


def summary(found: Compared) -> str:
    """One line for a case that differs, and the beginning of how."""
    lines = list(itertools.chain.from_iterable(found.differences))
    more = [f"    .. and {len(lines) - DIFF_LINES} more lines"] if len(lines) > DIFF_LINES else []
    head = f"different: {found.name}, in {len(found.differences)} places"
    return "\n".join([head, *(f"    {line}" for line in lines[:DIFF_LINES]), *more])


def all_cases(work: Work, only: str | None) -> tuple[Cases, list[str], list[str]]:
    commands = commands_of(work.old, work.root)
    outside, missing = shared(work.made)
    maps = re.findall(r"^(.*?):", work.old.ask("maps", work.root), re.MULTILINE)
    cases = cases_in(JOBS + SCORES + PREDICTIONS + QUESTIONS + REFUSALS, {"MAPS": maps, "COMMANDS": commands}) | outside
    cases["simulate"] = [step_of(f"simulate --output {name} {flags}", 0) for name, flags in SHAPES.items()]
    return {name: case for name, case in cases.items() if not only or re.search(only, name)}, missing, commands


def guard(work: Work, options: argparse.Namespace) -> int:
    work.prepare()
    cases, missing, commands = all_cases(work, options.only)
    seen, different = Seen(), 0
    with ThreadPoolExecutor(options.jobs) as pool:
        longest_first = sorted(cases, key=lambda name: -len(cases[name]))
        compared = pool.map(lambda name: work.compare(name, cases[name], keep=bool(options.keep)), longest_first)
        for found in sorted(compared, key=lambda found: found.name):
            seen.add(found.seen)
            different += bool(found.differences)
            if found.differences:
                print(summary(found))
    lacks = [] if options.only else lacking(seen, work.old, work.root, commands)
    for line in [f"skipped: {each}" for each in missing] + [f"not covered: {each}" for each in lacks]:
        print(line)
    print(f"{len(cases)} cases, {different} different")
    return 1 if different or lacks or not cases else 0


def fast_place() -> str | None:
    """In memory, where there is room: every job waits until the disk has its tables."""
    memory = "/dev/shm"
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_BYTES else None


def stop(number: int, temporary: Path) -> None:
    """Ends at once, without leftovers. Under its new name the directory gets no further cases; what runs there ends soon."""
    gone = temporary.rename(f"{temporary}-gone")
    while gone.exists():
        shutil.rmtree(gone, ignore_errors=True)
        time.sleep(0.1)
    os._exit(128 + number)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--old", type=Path, required=True, help="the binary that is right")
    parser.add_argument("--new", type=Path, required=True, help="the binary that must do the same")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="cases at once")
    parser.add_argument("--only", help="cases whose names match; coverage is not looked at")
    parser.add_argument("--keep", type=Path, help="directory for all cases, which stays; it must not be there")
    options = parser.parse_args()
    for binary in (options.old, options.new):
        if not binary.is_file():
            parser.error(f"`{binary}` is no binary")
    if options.keep and options.keep.exists():
        parser.error(f"`{options.keep}` is there already")
    binaries = Program(options.old.resolve()), Program(options.new.resolve())
    with tempfile.TemporaryDirectory(prefix="same-bytes-", dir=fast_place()) as temporary:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: stop(number, Path(temporary)))
        root = (options.keep or Path(temporary, "work")).resolve()
        root.mkdir(parents=True)
        return guard(Work(root, *binaries), options)


if __name__ == "__main__":
    sys.exit(main())
