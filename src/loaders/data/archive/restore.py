#!/usr/bin/env python3
"""Loads the tables of this archive into a database: all of them, or nothing.

    python3 restore.py sqlite:app.db
    python3 restore.py postgres://app@localhost/app
    python3 restore.py mysql://app@localhost/app

The tables must be there, and be called and made as the sections are. Without an address, that of the
environment's DB is taken, where nobody else of this machine sees its password. What follows the
address chooses sections, and their order: `users orders=shop_orders` loads `users`, and then `orders`
into the table `shop_orders`.

It needs Python 3.8 and nothing else for SQLite, and the clients `psql` or `mariadb` (or `mysql`) for
the others. It exits 0 when every row is there, and otherwise 1, with the part and the row.
"""
import base64
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
# Numbers stay text: only where they end is asked.
VALUES = json.JSONDecoder(parse_int=str, parse_float=str)
BLANK = re.compile(r"[ \t\n\r]*")
INSTANT = re.compile(r"([+-]?\d+)(-\d\d-\d\d)(?:T([\d:.]+)Z)?$")


class Fault(Exception):
    """Why nothing was restored."""


class Ended(Fault):
    """A client has ended, and why."""


def cells(line):
    """The cells of a row by their columns, as they stand there; those in which there is nothing are None."""
    found, at = {}, 1
    while line[at] != "}":
        if line[at] == ",":
            at += 1
        name, at = json.decoder.scanstring(line, at + 1)
        begin = BLANK.match(line, at + 1).end()
        value, at = VALUES.raw_decode(line, begin)
        found[name] = (value, line[begin:at])
        at = BLANK.match(line, at).end()
    return found


def row_of(line, columns):
    """The row's values: text, bytes and None as such, everything else as it is written in JSON."""
    found = cells(line)
    values = []
    for name, kind in columns:
        value, written = found.get(name, (None, None))
        if kind == "json":
            # In such a column `null` is a document. Where there is nothing, the member is not there.
            values.append(written)
        elif value is None:
            values.append(None)
        elif kind == "bytes":
            values.append(base64.b64decode(value, validate=True))
        elif kind in ("boolean", "integer", "number", "decimal"):
            values.append(written)
        else:
            values.append(value)
    return values


class Section:
    """Parts of the archive that are one table."""

    def __init__(self, name, table):
        self.name, self.table, self.parts = name, table, []

    def columns(self):
        return list(zip(self.parts[0]["columns"], self.parts[0]["types"]))

    def rows(self):
        """Every row, with where it is."""
        for part in self.parts:
            count = 0
            with open(os.path.join(HERE, part["path"]), encoding="utf-8", newline="\n") as lines:
                for count, line in enumerate(lines, 1):
                    try:
                        yield part["path"], count, row_of(line, self.columns())
                    except (Fault, ValueError, IndexError, RecursionError) as why:
                        raise Fault(f"{part['path']}, row {count}: {why}") from None
            if count != part["rows"]:
                raise Fault(f"{part['path']} has {count} rows, and the manifest tells of {part['rows']}")

    def count(self):
        return sum(part["rows"] for part in self.parts)

    def place(self, number):
        """Where the row of that number is, counted from 1 over all parts."""
        for part in self.parts:
            if number <= part["rows"]:
                return f"{part['path']}, row {number}"
            number -= part["rows"]
        return self.name


def sections(manifest, chosen):
    """The sections that are tables, in the order of the data set or in the one that was chosen."""
    found = {}
    for part in (part for block in manifest["blocks"] for part in block["parts"]):
        # What lies beside the list of users sums something up.
        if "/" in part["path"] or part["section"] == "users":
            name = part["section"]
            found.setdefault(name, Section(name, name)).parts.append(part)
    if not chosen:
        return list(found.values())
    wanted = []
    for word in chosen:
        name, _, table = word.partition("=")
        if name not in found:
            raise Fault(f"there is no section {name}; there are {', '.join(found)}")
        found[name].table = table or name
        wanted.append(found[name])
    return wanted


def check(section):
    """Every part is the one that was written."""
    for part in section.parts:
        hashed = hashlib.sha256()
        with open(os.path.join(HERE, part["path"]), "rb") as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                hashed.update(piece)
        if hashed.hexdigest() != part["sha256"]:
            raise Fault(f"{part['path']} is damaged: its SHA-256 is not the manifest's")


def quoted(name, quote='"'):
    return quote + name.replace(quote, quote * 2) + quote


class Sqlite:
    """A file of SQLite, by Python's own library."""

    def __init__(self, path):
        if not os.path.exists(path):
            raise Fault(f"there is no database {path}; make its tables first")
        self.base = sqlite3.connect(path, isolation_level=None)
        self.base.execute("PRAGMA foreign_keys = OFF")
        self.base.execute("BEGIN IMMEDIATE")

    def count(self, table):
        return self.base.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0]

    def load(self, section):
        told = self.base.execute(f"PRAGMA table_info({quoted(section.table)})")
        wholes = {name for _, name, kind, *_ in told if "INT" in kind.upper()}
        columns = section.columns()
        names = ", ".join(quoted(name) for name, _ in columns)
        marks = ", ".join("?" * len(columns))
        insert = f"INSERT INTO {quoted(section.table)} ({names}) VALUES ({marks})"
        kinds = [(kind, name in wholes) for name, kind in columns]
        for path, number, row in section.rows():
            try:
                self.base.execute(insert, [self.kept(value, *kind) for value, kind in zip(row, kinds)])
            except (sqlite3.Error, OverflowError, Fault) as error:
                raise Fault(f"{path}, row {number}, table {section.table}: {error}") from None

    @staticmethod
    def kept(value, kind, is_whole):
        """As SQLite keeps it: instants in a column of whole numbers are seconds since 1970."""
        if value is None or kind in ("text", "bytes", "json", "decimal"):
            return value
        if kind == "boolean":
            return int(value == "true")
        if kind == "integer":
            return int(value)
        if kind == "number":
            return float(value)
        return seconds(value) if is_whole and kind == "timestamp" else value

    def end(self):
        for table, row, parent, _ in self.base.execute("PRAGMA foreign_key_check"):
            raise Fault(f"{table}, row id {row}: what it refers to in {parent} is not there")
        self.base.execute("COMMIT")


def seconds(text):
    year, day, time = INSTANT.match(text).groups()
    if "." in time:
        raise Fault(f"{text} is no whole second, and its column keeps seconds since 1970")
    # Days since 1970 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    month = int(day[1:3])
    year = int(year) - (month <= 2)
    of_era = year % 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + int(day[4:]) - 1
    days = year // 400 * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
    hour, minute, second = (int(part) for part in time.split(":"))
    return ((days * 24 + hour) * 60 + minute) * 60 + second


class Client:
    """A server's own client, which is spoken with as the server is with it."""

    def __init__(self, words, environment):
        self.said = tempfile.TemporaryFile()
        pipe, environment = subprocess.PIPE, {**os.environ, **environment}
        self.child = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=self.said, env=environment)

    def send(self, text):
        self.child.stdin.write(text.encode())

    def ask(self, statement):
        """The one number that it answers."""
        try:
            self.send(statement)
            self.child.stdin.flush()
        except OSError:
            raise Ended(self.words()) from None
        answer = self.child.stdout.readline().strip()
        if not answer:
            raise Ended(self.words())
        return int(answer)

    def words(self):
        """What it said when it ended."""
        self.hang_up()
        self.said.seek(0)
        said = self.said.read().decode("utf-8", "replace")
        # MariaDB's client repeats all of a statement that failed.
        errors = re.findall(r"^(?:ERROR|psql: error|DETAIL:|CONTEXT:|HINT:).*", said, re.MULTILINE)
        return "\n".join(errors) or said[-1000:].strip() or "its client ended without a word"

    def hang_up(self):
        try:
            self.child.stdin.close()
        except OSError:
            pass
        return self.child.wait()

    def load(self, section):
        try:
            self.rows(section)
            self.ask("SELECT 1;\n")
        except (OSError, Ended):
            raise Fault(self.failed(section)) from None
        except Fault:
            self.child.kill()
            raise

    def end(self):
        self.send("COMMIT;\n")
        if self.hang_up() != 0:
            raise Ended(self.words())


def address(url, password):
    """The parts of an address; its password goes into the environment, which others do not see."""
    parts = urllib.parse.urlsplit(url)
    environment = {} if parts.password is None else {password: urllib.parse.unquote(parts.password)}
    return parts, environment


class Postgres(Client):
    """PostgreSQL, by `psql` and `COPY`."""

    ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})

    def __init__(self, url):
        parts, environment = address(url, "PGPASSWORD")
        if parts.password is not None:
            user, _, place = parts.netloc.rpartition("@")
            url = parts._replace(netloc=user.partition(":")[0] + "@" + place).geturl()
        environment["PGCLIENTENCODING"] = "UTF8"
        super().__init__(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", url], environment)
        # In no other zone is an instant without one UTC.
        self.send("SET timezone = 'UTC';\nSET datestyle = 'ISO';\nBEGIN;\n")

    def count(self, table):
        return self.ask(f"SELECT count(*) FROM {quoted(table)};\n")

    def rows(self, section):
        columns = section.columns()
        names = ", ".join(quoted(name) for name, _ in columns)
        self.send(f"COPY {quoted(section.table)} ({names}) FROM STDIN;\n")
        for path, number, row in section.rows():
            line = "\t".join(self.cell(value, kind) for value, (_, kind) in zip(row, columns))
            if "\0" in line:
                raise Fault(f"{path}, row {number}: PostgreSQL keeps no NUL in a text")
            self.send(line + "\n")
        self.send("\\.\n")

    def cell(self, value, kind):
        if value is None:
            return "\\N"
        if kind == "bytes":
            return "\\\\x" + value.hex()
        if kind in ("timestamp", "date"):
            return era(value)
        return value.translate(self.ESCAPES)

    def failed(self, section):
        said = self.words()
        line = re.search(r"^CONTEXT:.*, line (\d+)", said, re.MULTILINE)
        where = section.place(int(line[1])) if line else section.name
        return f"{where}, table {section.table}: {said}"


def era(text):
    """Years that RFC 3339 does not have, as PostgreSQL writes them."""
    if text[0] not in "+-":
        return text
    year, day, time = INSTANT.match(text).groups()
    year = int(year)
    rest = day + (f"T{time}Z" if time else "")
    return f"{year:04}{rest}" if year > 0 else f"{1 - year:04}{rest} BC"


class Mariadb(Client):
    """MariaDB and MySQL, by their client and `INSERT`."""

    # Bytes of one statement, unless a single row has more.
    ENOUGH = 256 << 10
    ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\0": "\\0", "\n": "\\n", "\r": "\\r", "\x1a": "\\Z"})

    def __init__(self, url):
        parts, environment = address(url, "MYSQL_PWD")
        client = shutil.which("mariadb") or shutil.which("mysql")
        if not client:
            raise Fault("neither `mariadb` nor `mysql` is installed")
        words = [client, "--batch", "--skip-column-names", "--unbuffered"]
        words += ["--default-character-set=utf8mb4", "--max-allowed-packet=1G"]
        socket = urllib.parse.parse_qs(parts.query).get("socket")
        if socket:
            words.append(f"--socket={socket[0]}")
        else:
            words += ["--protocol=tcp", f"--host={parts.hostname}", f"--port={parts.port or 3306}"]
        if parts.username:
            words.append(f"--user={urllib.parse.unquote(parts.username)}")
        super().__init__(words + [urllib.parse.unquote(parts.path.lstrip("/"))], environment)
        self.line, self.begun = 1, []
        # Zero is no wish for a number, and in no other zone is an instant without one UTC.
        self.send("SET sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00';\n")
        self.send("START TRANSACTION;\n")

    def send(self, text):
        self.line += text.count("\n")
        super().send(text)

    def count(self, table):
        return self.ask(f"SELECT count(*) FROM {quoted(table, '`')};\n")

    def rows(self, section):
        columns = section.columns()
        names = ", ".join(quoted(name, "`") for name, _ in columns)
        insert = f"INSERT INTO {quoted(section.table, '`')} ({names}) VALUES "
        gathered, size = [], 0
        for number, (_, _, row) in enumerate(section.rows(), 1):
            values = (self.cell(value, kind) for value, (_, kind) in zip(row, columns))
            gathered.append("(" + ", ".join(values) + ")")
            size += len(gathered[-1])
            if size >= self.ENOUGH:
                self.insert(insert, gathered, number)
                gathered, size = [], 0
        if gathered:
            self.insert(insert, gathered, number)

    def insert(self, insert, gathered, last):
        self.begun.append((self.line, last - len(gathered) + 1, last))
        self.send(insert + ", ".join(gathered) + ";\n")

    def cell(self, value, kind):
        if value is None:
            return "NULL"
        if kind == "bytes":
            return f"x'{value.hex()}'"
        if kind in ("boolean", "integer"):
            return value
        if kind == "number":
            # Only with an exponent is it binary64.
            return value if "e" in value else value + "e0"
        if kind == "timestamp":
            value = value.replace("T", " ").rstrip("Z")
        return "'" + value.translate(self.ESCAPES) + "'"

    def failed(self, section):
        said = self.words()
        line, row = re.search(r"at line (\d+)", said), re.search(r"at row (\d+)", said)
        known = [begun for begun in self.begun if line and begun[0] == int(line[1])]
        if not known:
            return f"{section.name}, table {section.table}: {said}"
        _, first, last = known[0]
        if row:
            first = last = first + int(row[1]) - 1
        where = section.place(first) if first == last else f"{section.place(first)} to {section.place(last)}"
        return f"{where}, table {section.table}: {said}"


def opened(url):
    scheme, _, rest = url.partition(":")
    if scheme == "sqlite":
        return Sqlite(rest[2:] if rest.startswith("//") else rest)
    if scheme in ("postgres", "postgresql"):
        return Postgres(url)
    if scheme in ("mysql", "mariadb"):
        return Mariadb(url)
    raise Fault("the address begins with none of sqlite:, postgres: and mysql:")


def restore(url, chosen):
    with open(os.path.join(HERE, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    for warning in manifest["warnings"]:
        print(f"note: {warning}", file=sys.stderr)
    wanted = sections(manifest, chosen)
    for section in wanted:
        check(section)
    base = opened(url)
    for section in wanted:
        before = base.count(section.table)
        base.load(section)
        came = base.count(section.table) - before
        if came != section.count():
            raise Fault(f"table {section.table}: {came} rows came, and the manifest tells of {section.count()}")
        print(f"{section.table}: {came} rows of {len(section.parts)} parts", flush=True)
    base.end()
    print(f"all of it is there: {sum(section.count() for section in wanted)} rows in {len(wanted)} tables")


def main():
    words = sys.argv[1:] if len(sys.argv) > 1 else [os.environ.get("DB", "")]
    if not words[0] or words[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if words[0] else 1
    if ":" not in words[0] and os.environ.get("DB"):
        words.insert(0, os.environ["DB"])
    try:
        restore(words[0], words[1:])
    except (Fault, OSError, sqlite3.Error) as fault:
        print(f"restore.py: {fault}; nothing was restored", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
