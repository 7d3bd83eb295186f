"""The columns of both tables, as Spark and as Arrow name their types.

`columns.json` lists the columns of the program's rows; a test of the program holds it. Nothing here knows what they mean.
"""

import json
import pkgutil

import pyarrow as pa
from pyspark.sql import types as spark

#: The column of capture times; the same in nanoseconds stands beside it.
TIME = "frame.time"

_RAW = json.loads(pkgutil.get_data(__package__, "columns.json"))

_SPARK = {
    "text": spark.StringType,
    "number": spark.LongType,
    "flag": spark.BooleanType,
    "octets": spark.BinaryType,
    "time": spark.TimestampType,
    "nanoseconds": spark.LongType,
    "seconds": spark.DoubleType,
}

_ARROW = {
    "text": pa.string(),
    "number": pa.int64(),
    "flag": pa.bool_(),
    "octets": pa.binary(),
    "time": pa.timestamp("us", tz="UTC"),
    "nanoseconds": pa.int64(),
    "seconds": pa.float64(),
}

#: As the program's lines of JSON hold them: octets are hex, times are ISO 8601.
_JSON = {**_ARROW, "octets": pa.string(), "time": pa.string()}


def _columns():
    for name, kind in _RAW:
        yield name, kind
        if name == TIME:
            yield TIME + "_ns", "nanoseconds"


#: Name and kind of each column of the notifications, in their order.
NOTIFICATIONS = list(_columns())

#: The same of the files.
FILES = [
    ("file", "text"),
    ("octets", "number"),
    ("frames", "number"),
    ("packets", "number"),
    ("notifications", "number"),
    ("damaged", "flag"),
    ("damage", "text"),
    ("damage_offset", "number"),
    ("error", "text"),
]


def spark_schema(columns):
    """What Spark expects."""
    return spark.StructType([spark.StructField(name, _SPARK[kind](), True) for name, kind in columns])


def arrow_schema(columns):
    """What batches have."""
    return pa.schema([pa.field(name, _ARROW[kind]) for name, kind in columns])


def json_schema():
    """What lines of the program have."""
    return pa.schema([pa.field(name, _JSON[kind]) for name, kind in _RAW])
