"""Writes parquet files as other programs do: foreign.py FOLDER."""

import datetime
import decimal
import pathlib
import struct
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

folder = pathlib.Path(sys.argv[1])
utc = datetime.timezone.utc
at = datetime.datetime(2026, 11, 20, 9, 15, 0, 250_000)
half = pa.array([struct.unpack("<e", struct.pack("<e", 0.5))[0], None], pa.float16())
columns = {
    "flag": pa.array([True, None]),
    "tiny": pa.array([-128, None], pa.int8()),
    "unsigned": pa.array([2**32 - 1, None], pa.uint32()),
    "huge": pa.array([2**64 - 1, None], pa.uint64()),
    "single": pa.array([0.5, None], pa.float32()),
    "half": half,
    "price": pa.array([decimal.Decimal("-12.30"), None], pa.decimal128(9, 2)),
    "precise": pa.array([decimal.Decimal("123456789012345678901234567890.12"), None], pa.decimal128(38, 2)),
    "wider": pa.array([decimal.Decimal("-" + "9" * 70), None], pa.decimal256(76, 0)),
    "words": pa.array(["größe", None]),
    "view": pa.array(["x" * 1000, None], pa.large_string()),
    "raw": pa.array([b"\x00\xff", None]),
    "fixed": pa.array([b"abcd", None], pa.binary(4)),
    "day": pa.array([datetime.date(2026, 11, 20), None]),
    "millis": pa.array([at, None], pa.timestamp("ms")),
    "micros": pa.array([at.replace(tzinfo=utc), None], pa.timestamp("us", "Europe/Berlin")),
    "nanos": pa.array([at, None], pa.timestamp("ns")),
    "time": pa.array([datetime.time(9, 15, 0, 500_000), None], pa.time64("us")),
    "repeated": pa.array(["same", None]).dictionary_encode(),
}
table = pa.table(columns)
for compression in ("none", "snappy", "gzip", "zstd"):
    pq.write_table(table, folder / f"{compression}.parquet", compression=compression)
pq.write_table(table, folder / "pages_v2.parquet", data_page_version="2.0", compression="snappy")
pq.write_table(table.select(["millis"]), folder / "int96.parquet", use_deprecated_int96_timestamps=True)
required = pa.schema([pa.field("id", pa.int64(), nullable=False)])
pq.write_table(pa.table({"id": range(10_000)}, required), folder / "required.parquet", row_group_size=999)
pq.write_table(pa.table({"ok": [1], "tags": [["a", "b"]]}), folder / "list.parquet")
pq.write_table(pa.table({"ok": [1], "person": [{"name": "Ada"}]}), folder / "record.parquet")
pq.write_table(pa.table({"n": [1.0, float("nan")]}), folder / "nan.parquet")
fine = pa.array([1, 1_000_000_001], pa.timestamp("ns"))
pq.write_table(pa.table({"at": fine}), folder / "fine.parquet", version="2.6")
duckdb.execute(
    "COPY (SELECT uuid() AS id, 7::UTINYINT AS small, '[1]'::JSON AS payload, TIMESTAMPTZ '2026-11-20 09:15:00Z' AS at,"
    f" 1.5::DECIMAL(4,1) AS price FROM range(3)) TO '{folder}/duckdb.parquet'"
)
