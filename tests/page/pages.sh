#!/bin/sh
# Makes pages of all kinds of runs: pages.sh BINARY DIRECTORY
set -eu
binary=$1
out=$2
rm -rf "$out"
mkdir -p "$out/pages"
cat > "$out/rich.toml" <<'END'
[kmeans]
clusters = 4
[predict]
model = "auto"
holdout_days = 120
[[scoring]]
name = "marketing"
segment.map = "marketing8"
END
publish() { # name, arguments..
  name=$1
  shift
  "$binary" run -qq --output "$out/$name" "$@" > /dev/null
}
"$binary" simulate -qq --output "$out/sales" --lines 120k --customers 6000 --files 2 --seed 7 \
  --start 2024-01-01 --end 2026-10-31 --extra-columns > /dev/null
for date in 2026-06-30 2026-07-31 2026-08-31 2026-09-30 2026-10-31; do
  publish rich --input "$out/sales" --config "$out/rich.toml" --as-of $date
done
publish plain --input data/sample --as-of 2026-10-31
publish no_money --input data/sample --as-of 2026-10-31 --column amount=none
publish windowed --input data/sample --as-of 2026-10-31 --window-days 180 --map list125
publish many_scores --input data/sample --as-of 2026-10-31 --method ntile --bins 40 --map three_tier
publish empty --input data/sample --as-of 2020-01-01 --allow-empty
page() { # name, date, language
  "$binary" report -qq "$out/$1/as_of=$2" --language "$3" -o "$out/pages/$1-$3.html" > /dev/null
}
for language in en zh; do page rich 2026-10-31 $language; done
page plain 2026-10-31 en
page no_money 2026-10-31 zh
page windowed 2026-10-31 en
page many_scores 2026-10-31 en
page empty 2020-01-01 en
