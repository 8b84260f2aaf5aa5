"""Whether one experiment is better than another: the same draws of sources for both, so the difference is paired.

    python benchmarks/compare.py baseline rerun

Takes two revisions or names of experiments and reads what their crossval stage wrote. Prints a Markdown table. The
intervals are of 95 %, by bootstrap over sources; a difference whose interval leaves out 0 is one.
"""

import argparse
import io
import sys

import pandas as pd

from project_echo import crossval

ANSWERS = "plots/crossval/answers.csv"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", help="revision or experiment")
    parser.add_argument("after", help="revision or experiment")
    names = parser.parse_args()
    before, after = read(names.before), read(names.after)
    found = crossval.difference(before, after, sorted({*before["truth"], *after["truth"]}), seed=1)
    if not found["draws"]:
        sys.exit(f"{names.before} and {names.after} have no draw in common. Run both with the same corpus and split.")
    print(f"The same {found['draws']} draws of sources\n")
    print(f"| | {names.before} | {names.after} | difference | 95 % interval |")
    print("|---|---|---|---|---|")
    for name, row in {"accuracy": found["accuracy"], "macro F1": found["macro_f1"]}.items():
        change = f"{row['after'] - row['before']:+.3f} | {row['low']:+.3f} to {row['high']:+.3f}"
        print(f"| {name} | {row['before']:.3f} | {row['after']:.3f} | {change} |")


def read(revision: str) -> pd.DataFrame:
    import dvc.api  # noqa: PLC0415  (takes seconds, which --help should not)

    try:
        return pd.read_csv(io.StringIO(dvc.api.read(ANSWERS, rev=revision)), dtype=str, keep_default_na=False).astype(
            {"draw": int}
        )
    except Exception as error:  # DVC raises its own, of many kinds
        sys.exit(f"{revision} has no {ANSWERS} ({error}). Run the experiment first: make baseline, make rerun.")


if __name__ == "__main__":
    main()
