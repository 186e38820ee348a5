"""`python -m rfmetrics`: the program itself, with its arguments and its exit code."""

import os
import subprocess
import sys

from rfmetrics.program import find_binary

binary = find_binary()
if os.name == "posix":
    # The process id stays the same, so that signals reach the program.
    os.execv(binary, [binary, *sys.argv[1:]])
sys.exit(subprocess.call([binary, *sys.argv[1:]]))
