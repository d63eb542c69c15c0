"""The cells of a CSV or parquet file, as spreadsheets really write them."""

import csv
from pathlib import Path

import polars as pl

from pipeline.errors import UserError


def table(path: Path, name: str) -> pl.DataFrame:
    """The file's columns as they stand; those of a CSV are all text.

    Raises:
        UserError: it is missing, empty, no UTF-8, or no table.
    """
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        with path.open(encoding="utf-8-sig") as file:
            head = file.readline()
        delimiter = max(",;\t", key=head.count)
        names = [x.strip().strip('"') for x in head.strip().split(delimiter)]
        for twice in sorted({x for x in names if names.count(x) > 1}):
            raise UserError(f"{name}: column {twice!r} is given twice (keep one)")
        read = pl.read_csv(path, separator=delimiter, infer_schema=False, encoding="utf8")
        return read.rename(lambda x: x.strip().removeprefix("\ufeff"))
    except FileNotFoundError:
        raise UserError(f"{name}: no such file") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{name}: is not UTF-8 ({error.reason}); save it as UTF-8") from None
    except pl.exceptions.NoDataError:
        raise UserError(f"{name}: the file is empty") from None
    except pl.exceptions.PolarsError as error:
        raise UserError(f"{name}: {_broken(path, error)}") from None


def _broken(path: Path, error: Exception) -> str:
    """Where a table cannot be read, in words of its own as far as they can be found."""
    if path.suffix != ".csv":
        return f"cannot be read as {path.suffix}: {' '.join(str(error).split())[:200]}"
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = file.readline()
        delimiter = max(",;\t", key=head.count)
        file.seek(0)
        rows = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            wide = len(next(rows))
            for row in rows:
                if row and len(row) != wide:
                    return f"line {rows.line_num} has {len(row)} cells, the head has {wide}"
        except csv.Error as fault:
            return f"line {rows.line_num}: {fault}; is a quote not closed?"
    return "cannot be read as CSV: is a quote not closed?"
