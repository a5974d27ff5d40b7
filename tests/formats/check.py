"""Reopens a document with other people's tools and compares it with what it must say.

    check.py FORMAT DOCUMENT TRUTH

TRUTH is the JSON of tests/formats/truth.rs. Formats for machines are compared cell by cell; those for
people by what a reader of them sees.
"""

import base64
import csv
import datetime
import html.parser
import json
import re
import struct
import subprocess
import sys
import threading
import xml.etree.ElementTree as etree
import zipfile

NOTHING = object()
EPOCH = datetime.datetime(1970, 1, 1)
MICROSECOND = datetime.timedelta(microseconds=1)
# 1900-03-01 and 10000-01-01: what sheets have numbers for.
FIRST_OF_SHEETS = -2_203_891_200_000_000
END_OF_SHEETS = 253_402_300_800_000_000


# What a text means, in the tokens of truth.rs.

def days_of(year, month, day):
    """Days since 1970-01-01 in the proleptic Gregorian calendar, of any year."""
    cycles, of_cycle = divmod(year, 400)
    date = datetime.date(2000 + of_cycle, month, day)
    return (date - datetime.date(1970, 1, 1)).days + (cycles - 5) * 146_097


def date(text):
    year, month, day = re.fullmatch(r"([+-]\d{6,}|\d{4})-(\d\d)-(\d\d)", text).groups()
    return str(days_of(int(year), int(month), int(day)))


def timestamp(text):
    day, hour, minute, second, fraction = re.fullmatch(
        r"(.+)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?Z", text
    ).groups()
    seconds = int(date(day)) * 86_400 + int(hour) * 3_600 + int(minute) * 60 + int(second)
    return str(seconds * 1_000_000 + int((fraction or "").ljust(6, "0")))


def bits(number):
    return struct.pack(">d", number).hex()


BY_TEXT = {
    "boolean": lambda text: {"true": "true", "false": "false"}[text],
    "integer": lambda text: str(int(text)),
    "number": lambda text: bits(float(text)),
    "decimal": lambda text: text,
    "text": lambda text: text,
    "timestamp": timestamp,
    "date": date,
    "json": lambda text: text,
    "bytes": lambda text: base64.b64decode(text, validate=True).hex(),
}


class Literal(str):
    """A number of a JSON document, with the digits it was written with."""


def parse_json(text):
    return json.loads(text, parse_int=Literal, parse_float=Literal)


def by_json(kind, cell):
    if cell is None:
        return None
    if kind == "json":
        return json.dumps(cell)
    if kind == "boolean":
        return {True: "true", False: "false"}[cell]
    is_number = isinstance(cell, Literal)
    if is_number != (kind in ("integer", "number", "decimal")) or not isinstance(cell, str):
        raise ValueError(f"{cell!r} is not how JSON has a {kind}")
    return BY_TEXT[kind](str(cell))


# Formats for machines: each gives sections as (name or NOTHING, columns or NOTHING, rows), and how a
# cell of a type becomes a token.

def read_csv(path):
    csv.field_size_limit(1 << 30)
    file = open(path, newline="", encoding="utf-8")
    rows = csv.reader(file, strict=True)
    columns = next(rows)
    # Nothing and an empty text are the same to this reader.
    cells = ([cell or None for cell in row] or [None] for row in rows)
    return [(NOTHING, columns, cells)]


def text_or_nothing(kind, cell):
    return None if cell is None else BY_TEXT[kind](cell)


def read_jsonl(path):
    return [(NOTHING, NOTHING, (parse_json(line) for line in open(path, newline="\n", encoding="utf-8")))]


def read_json(path):
    document = parse_json(open(path, encoding="utf-8").read())
    for told in document["metadata"]["schema"]:
        assert told["columns"], "the schema names the columns"
    return [(name, NOTHING, iter(rows)) for name, rows in document["data"].items()]


def read_xml(path):
    subprocess.run(["xmllint", "--noout", "--huge", path], check=True)
    space = "{urn:exportd:export:1}"
    nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"

    def cell(field):
        if field.get(nil) == "true":
            return None
        text = field.text or ""
        return base64.b64decode(text).decode() if encoded_text(field) else text

    def encoded_text(field):
        return field.get("encoding") == "base64" and kinds[field.get("name")] != "bytes"

    sections, name, rows, kinds = [], None, [], {}
    for event, element in etree.iterparse(path, events=("start", "end")):
        if (event, element.tag) == ("start", space + "section"):
            name, rows, kinds = element.get("name"), [], {}
        elif (event, element.tag) == ("end", space + "column"):
            kinds[element.get("name")] = element.get("type")
        elif (event, element.tag) == ("end", space + "row"):
            rows.append({field.get("name"): cell(field) for field in element})
            element.clear()
        elif (event, element.tag) == ("end", space + "section"):
            sections.append((name, list(kinds), iter(rows)))
            element.clear()
    return sections


def read_parquet(path):
    import duckdb
    import pyarrow
    import pyarrow.parquet as parquet

    file = parquet.ParquetFile(path)
    told = file.schema_arrow
    counted = duckdb.execute("SELECT count(*) FROM read_parquet(?)", [path]).fetchone()[0]
    assert counted == file.metadata.num_rows, f"DuckDB counts {counted} rows"
    for group in range(file.metadata.num_row_groups):
        for place in range(file.metadata.num_columns):
            column = file.metadata.row_group(group).column(place)
            assert column.compression == "ZSTD", column
            assert column.is_stats_set and column.has_offset_index and column.has_column_index, column

    def plain(column):
        kind = column.type
        if pyarrow.types.is_timestamp(kind):
            assert (kind.unit, kind.tz) == ("us", "UTC"), kind
            return column.cast(pyarrow.int64())
        if pyarrow.types.is_date(kind):
            return column.cast(pyarrow.int32())
        return column

    def rows():
        for batch in file.iter_batches(4096):
            columns = [plain(column).to_pylist() for column in batch.columns]
            yield from (list(row) for row in zip(*columns))

    compare_with_duckdb(path, told.names)
    return [(NOTHING, told.names, rows())]


def compare_with_duckdb(path, names):
    """DuckDB reads every cell too, and finds as many in every column as pyarrow does."""
    import duckdb
    import pyarrow.parquet as parquet

    quoted = ['count("' + name.replace('"', '""') + '")' for name in names]
    counted = duckdb.execute(f"SELECT {', '.join(quoted)} FROM read_parquet(?)", [path]).fetchone()
    table = parquet.read_table(path)
    ours = tuple(table.num_rows - column.null_count for column in table.columns)
    assert counted == ours, f"DuckDB finds {counted} cells, pyarrow {ours}"


def by_parquet(kind, cell):
    if cell is None:
        return None
    expected = {"boolean": bool, "integer": int, "timestamp": int, "date": int, "number": float, "bytes": bytes}
    if type(cell) is not expected.get(kind, str):
        raise ValueError(f"{cell!r} is not how parquet has a {kind}")
    if kind == "boolean":
        return "true" if cell else "false"
    return bits(cell) if kind == "number" else cell.hex() if kind == "bytes" else str(cell)


def read_xlsx(path):
    import openpyxl

    assert zipfile.ZipFile(path).testzip() is None
    book = openpyxl.load_workbook(path, read_only=True)
    sections = []
    for sheet in book.worksheets:
        rows = ([cell for cell in row] for row in sheet.iter_rows())
        header = [unescaped(cell.value) for cell in next(rows)]
        for cell in next(sheet.iter_rows()):
            assert cell.font.b, "the header is bold"
        sections.append((sheet.title, header, values(rows, len(header))))
    about = sections.pop()
    assert about[0] == "About", about
    facts = {row[0]: row[1] for row in about[2]}
    assert facts["title"] == truth["title"] and dict(truth["metadata"]).items() <= facts.items(), facts
    check_sheets(path)
    names = [section["name"] for section in truth["sections"]]
    assert len(names) == len(sections), [name for name, _, _ in sections]
    return [(name, header, cells) for name, (_, header, cells) in zip(names, sections)]


def values(rows, columns):
    """Empty cells at the end of a row are not there."""
    for row in rows:
        yield [cell.value for cell in row] + [None] * (columns - len(row))


def check_sheets(path):
    """What openpyxl does not tell when it only reads."""
    archive = zipfile.ZipFile(path)
    for name in archive.namelist():
        if name.startswith("xl/worksheets/sheet"):
            start = archive.open(name).read(4096).decode(errors="replace")
            assert 'state="frozen"' in start, "the header stays"


def unescaped(text):
    """ST_Xstring of ISO/IEC 29500-1 §22.9.2.19."""
    if not isinstance(text, str):
        return text
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def by_xlsx(kind, cell):
    cell = unescaped(cell)
    if cell is None or isinstance(cell, str) and kind not in ("timestamp", "date", "number", "integer"):
        return cell
    if isinstance(cell, str):
        return BY_TEXT[kind](cell)
    if kind == "boolean" and isinstance(cell, bool):
        return "true" if cell else "false"
    if kind in ("timestamp", "date") and isinstance(cell, datetime.datetime):
        micros = (cell - EPOCH) // MICROSECOND
        return str(micros if kind == "timestamp" else micros // 86_400_000_000)
    if kind in ("integer", "number", "decimal") and isinstance(cell, (int, float)):
        return str(int(cell)) if kind == "integer" else bits(float(cell))
    raise ValueError(f"{cell!r} is not how a sheet has a {kind}")


def wanted_of_xlsx(kind, token):
    """What a sheet cannot hold is cut, rounded or text, as `finish` tells."""
    if token is None or token == "":
        return None
    if kind == "bytes":
        token = base64.b64encode(bytes.fromhex(token)).decode()
    if kind in ("text", "json", "bytes"):
        return token.encode("utf-16-le")[: 2 * 32_767].decode("utf-16-le", "ignore")
    if kind == "timestamp" and FIRST_OF_SHEETS <= int(token) < END_OF_SHEETS:
        return str(int(token) // 1_000 * 1_000)
    if kind == "number" and bits(-0.0) == token:
        return bits(0.0)
    if kind == "decimal" and len(token.replace(".", "").strip("-0")) <= 15:
        return bits(abs(float(token)) if float(token) == 0 else float(token))
    return token


def same(kind, token):
    return token


def by_json_null(kind, token):
    """The document `null` is written as what nothing is written as."""
    return None if kind == "json" and token == "null" else token


def by_empty_text(kind, token):
    """Readers of CSV make no difference between nothing and an empty text."""
    return token or None


MACHINES = {
    "csv": (read_csv, text_or_nothing, by_empty_text),
    "json": (read_json, by_json, by_json_null),
    "jsonl": (read_jsonl, by_json, by_json_null),
    "xml": (read_xml, text_or_nothing, same),
    "parquet": (read_parquet, by_parquet, same),
    "xlsx": (read_xlsx, by_xlsx, wanted_of_xlsx),
}
ONE_TABLE = ("csv", "jsonl", "parquet")


# Comparing.

def as_one_table(sections):
    """Several sections as formats with one table have them: told anew, not asked of the formatter."""
    kinds = {}
    for section in sections:
        for name, kind in section["columns"]:
            kinds[name] = kind if kinds.get(name, kind) == kind else "text"
    first = "section"
    while first in kinds:
        first = "_" + first
    rows = []
    for section in sections:
        names = [name for name, _ in section["columns"]]
        for cells in section["cells"]:
            row = dict(zip(names, cells))
            rows.append([section["name"]] + [row.get(name) for name in kinds])
    columns = [[first, "text"]] + [[name, kind] for name, kind in kinds.items()]
    return [{"name": NOTHING, "columns": columns, "rows": len(rows), "cells": rows}]


def compare(wanted, columns, rows, token, wanted_token):
    names = [name for name, _ in wanted["columns"]]
    if columns is not NOTHING and columns != names:
        yield f"its columns are {columns}"
    count = -1
    for count, row in enumerate(rows):
        if count % truth["every"]:
            continue
        cells = wanted["cells"][count // truth["every"]] if count < wanted["rows"] else []
        found = [row.get(name) for name in names] if isinstance(row, dict) else row
        if len(found) != len(cells):
            yield f"row {count + 1} has {len(found)} cells"
            continue
        for (name, kind), cell, want in zip(wanted["columns"], found, cells):
            yield from compare_cell(count, name, kind, cell, want, token, wanted_token)
    if count + 1 != wanted["rows"]:
        yield f"it has {count + 1} rows"


def compare_cell(row, name, kind, cell, want, token, wanted_token):
    want = wanted_token(kind, want)
    try:
        found = token(kind, cell)
    except (ValueError, KeyError, AttributeError) as error:
        found = f"{type(error).__name__}: {error}"
    if kind == "json" and found is not None and want is not None and found != want:
        try:
            found, want = parse_json(found), parse_json(want)
        except ValueError:
            pass
    if found != want:
        yield f"row {row + 1}, {name} ({kind}): {short(found)} instead of {short(want)}"


def short(value):
    text = ascii(value)
    return text if len(text) < 200 else f"{text[:150]}… ({len(text)})"


def machine(format, path):
    read, token, wanted_token = MACHINES[format]
    sections = truth["sections"]
    if format in ONE_TABLE and len(sections) > 1:
        sections = as_one_table(sections)
    found = read(path)
    if len(found) != len(sections):
        yield f"it has {len(found)} sections"
    for wanted, (name, columns, rows) in zip(sections, found):
        if name is not NOTHING and name != wanted["name"]:
            yield f"a section is called {name}"
        yield from compare(wanted, columns, rows, token, wanted_token)


# Formats for people.

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self.rows, self.open, self.bad = [], 0, [], []

    VOID = {"meta", "link", "br", "hr", "img", "input", "col"}

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "iframe", "object") or any(name.startswith("on") for name, _ in attributes):
            self.bad.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.rows += tag == "tr"

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.bad.append(f"</{tag}>")

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("style",):
            self.text.append(data)


def read_html(path):
    page = Page()
    page.feed(open(path, encoding="utf-8").read())
    page.close()
    assert not page.bad and not page.open, (page.bad, page.open)
    return "".join(page.text)


def read_pdf(path):
    subprocess.run(["pdfinfo", path], check=True, stdout=subprocess.DEVNULL)
    return subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True).stdout.decode()


def read_text(path):
    return open(path, encoding="utf-8", newline="").read()


PEOPLE = {"html": read_html, "pdf": read_pdf, "markdown": read_text, "txt": read_text}


def people(format, path):
    text = PEOPLE[format](path)
    seen = squeezed(text)
    for title in [truth["title"]] + [section["title"] for section in truth["sections"]]:
        if squeezed(title) not in seen:
            yield f"the title {title} is not to be seen"
    for section in truth["sections"]:
        for row in section["cells"]:
            for (name, kind), token in zip(section["columns"], row):
                word = plain_word(kind, token)
                if word and word not in seen:
                    yield f"{name}: {word} is not to be seen"


def squeezed(text):
    return re.sub(r"[\s\\\u00ad\u200b]+", "", text)


def plain_word(kind, token):
    """What every rendering must show as it is: words and numbers without markup or line breaks."""
    if token and kind in ("text", "integer", "decimal") and re.fullmatch(r"[A-Za-z0-9-]{2,18}", token):
        return token
    return None


def main():
    global truth
    format, path, told = sys.argv[1:]
    truth = json.load(open(told, encoding="utf-8"))
    faults = machine(format, path) if format in MACHINES else people(format, path)
    found = []
    for fault in faults:
        found.append(fault)
        if len(found) == 20:
            break
    print("\n".join(found))
    outcome.append(1 if found else 0)


# Deep documents need a deep stack.
outcome = []
sys.setrecursionlimit(100_000)
threading.stack_size(512 << 20)
thread = threading.Thread(target=main)
thread.start()
thread.join()
sys.exit(outcome[0] if outcome else 1)
