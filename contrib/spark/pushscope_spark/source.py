"""What Spark sees: the data sources `pushscope` and `pushscope_files`.

Options, besides the paths of `load`:

    binary       the program on the executors (default: pushscope; PUSHSCOPE_BINARY in their environment goes first)
    secretsFile  where the executors find their keys (default: what PUSHSCOPE_SECRETS in their environment names)
    filter       only packets that match this display filter
    window, decodeAs (several separated by ;), heuristic    as on the command line
    threads      of one program (default: 1, since Spark runs one for each core)
    binOctets    captures of about so many octets are read by one task (default: 256 MiB)
    shardOctets  plain captures above this size are read in shares (default: 4 GiB)
"""

import sys

from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

from . import columns, inputs, run

_BIN = 256 << 20
_SHARD = 4 << 30


class BinPartition(InputPartition):
    """The captures of one task: names and sizes, nothing secret."""

    def __init__(self, units):
        super().__init__(None)
        self.units = units


class _Reader(DataSourceReader):
    def __init__(self, options, sharded):
        self.program = run.Program(options)
        self.paths = inputs.expand(options)
        self.bin_octets = int(options.get("binoctets", _BIN))
        self.shard_octets = int(options.get("shardoctets", _SHARD)) if sharded else sys.maxsize

    def partitions(self):
        units = inputs.units(self.paths, self.shard_octets)
        return [BinPartition(one.units) for one in inputs.bins(units, self.bin_octets)]


class _NotificationsReader(_Reader):
    def read(self, partition):
        yield from run.notifications(self.program, partition.units)


class _FilesReader(_Reader):
    def read(self, partition):
        yield run.to_file_batch(list(run.files(self.program, partition.units)))


class _Source(DataSource):
    def _options(self):
        options = {name.lower(): value for name, value in self.options.items()}
        for name in options:
            if "secret" in name and name != "secretsfile" or "password" in name or "nonce" in name:
                raise ValueError(f"option {name}: keys are given by a file on the executors (secretsFile), never here")
        return options


class PushscopeNotifications(_Source):
    """One row per notification, in the schema of `pushscope report --format parquet`."""

    @classmethod
    def name(cls):
        return "pushscope"

    def schema(self):
        return columns.spark_schema(columns.NOTIFICATIONS)

    def reader(self, schema):
        return _NotificationsReader(self._options(), sharded=True)


class PushscopeFiles(_Source):
    """One row per capture: what was read of it, and what could not be."""

    @classmethod
    def name(cls):
        return "pushscope_files"

    def schema(self):
        return columns.spark_schema(columns.FILES)

    def reader(self, schema):
        return _FilesReader(self._options(), sharded=False)


def register(spark):
    """Makes both known to a session. The executors need nothing but the program: this package travels with the plan."""
    from pyspark import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__package__])
    spark.dataSource.register(PushscopeNotifications)
    spark.dataSource.register(PushscopeFiles)
