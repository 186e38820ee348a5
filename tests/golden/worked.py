"""The worked examples of all tables, computed by plain Python from the definitions in METHODS and the papers.

    python3 tests/golden/worked.py        writes the *.txt files in the folder of this script

Nothing here is shared with the program: `tests/all/worked.rs` gives the same rows and settings to it, and compares.
"""

import campaigns
import every_run
import groups
import inputs
import lifetimes
import people
import scorings

if __name__ == "__main__":
    for example in (every_run, inputs, scorings, groups, lifetimes, people, campaigns):
        example.tables()
