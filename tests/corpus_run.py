"""Runs a command and writes its totals in the words of the bad inputs beside the repository, where a row that is not used is
rejected, whether it is bad, left out, or outside the time.

    corpus_run.py RECORD MANIFEST COMMAND...
"""

import json
import subprocess
import sys
from pathlib import Path

record, manifest, *command = sys.argv[1:]
code = subprocess.run(command).returncode
if Path(manifest).is_file():
    totals = json.loads(Path(manifest).read_text())["totals"]
    totals["rows_rejected"] = totals["rows_in"] - totals["rows_used"]
    Path(record).write_text(json.dumps(totals))
sys.exit(code if code >= 0 else 128 - code)
