"""The tables of Spark against the rows of the program, row for row.

    PUSHSCOPE_BINARY=target/debug/pushscope python contrib/spark/tests/test_tables.py

Needs pyspark, pyarrow and Java. One session with two executors, processes of their own, serves all tests.
"""

import datetime
import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.dirname(HERE))

import pyarrow as pa  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

import pushscope_spark  # noqa: E402
from pushscope_spark import columns, inputs, run  # noqa: E402

BINARY = os.path.abspath(os.environ.get("PUSHSCOPE_BINARY", os.path.join(ROOT, "target/debug/pushscope")))
KEYS = os.path.join(ROOT, "captures/keys.toml")


def native(paths, *options):
    """The rows of one run of the program over everything, as it prints them."""
    environment = dict(os.environ, PUSHSCOPE_SECRETS=KEYS)
    command = [BINARY, "report", "-q", "--format", "ndjson", *options, *paths]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, check=False)
    assert done.returncode in (0, 2), done
    return sorted(json.dumps(json.loads(line), sort_keys=True) for line in done.stdout.splitlines())


def moment(nanoseconds):
    """Nanoseconds since 1970 as the program writes them."""
    seconds, rest = divmod(nanoseconds, 10**9)
    day = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return f"{day.isoformat()}.{rest:09d}Z"


def micros(time):
    """A time as microseconds since 1970."""
    return pa.scalar(time, pa.timestamp("us", tz="UTC")).value


def as_printed(table):
    """Rows of an Arrow table as the program prints them."""
    rows = []
    for row in table.to_pylist():
        nanos = row.pop(columns.TIME + "_ns")
        if nanos is not None:
            assert micros(row[columns.TIME]) == nanos // 1000
            row[columns.TIME] = moment(nanos)
        if row.get("dmnoti.digest.time") is not None:
            row["dmnoti.digest.time"] = moment(micros(row["dmnoti.digest.time"]) * 1000)
        shown = {name: v.hex() if isinstance(v, (bytes, bytearray)) else v for name, v in row.items() if v is not None}
        rows.append(json.dumps(shown, sort_keys=True))
    return sorted(rows)


class Tables(unittest.TestCase):
    """Everything that needs a session."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.archive = os.path.join(cls.folder, "archive")
        shutil.copytree(os.path.join(ROOT, "captures"), cls.archive)
        with open(cls.at("duplicates.pcapng"), "rb") as file:
            content = file.read()
        with gzip.open(cls.at("packed.pcapng.gz"), "wb") as file:
            file.write(content)
        # A ring buffer: what repeats in its second file is a duplicate of the first.
        for number in (1, 2):
            with open(cls.at(f"ring_0000{number}_2026010100000{number}.pcapng"), "wb") as file:
                file.write(content)
        with tarfile.open(cls.at("night.pcap.tar"), "w") as tar:
            tar.add(cls.at("fragments.pcapng"), "fragments.pcapng")
        with open(cls.at("cut.pcapng"), "wb") as file:
            file.write(content[: len(content) - 7])
        with open(cls.at("empty.pcap"), "wb"):
            pass
        cls.spark = (
            SparkSession.builder.master("local-cluster[2,1,1024]")
            .config("spark.ui.enabled", "false")
            .config("spark.executorEnv.PUSHSCOPE_BINARY", BINARY)
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.task.maxFailures", "1")
            .appName("pushscope tests")
            .getOrCreate()
        )
        cls.spark.sparkContext.setLogLevel("OFF")
        pushscope_spark.register(cls.spark)

    @classmethod
    def tearDownClass(cls):
        gateway = cls.spark.sparkContext._gateway
        cls.spark.stop()
        gateway.shutdown()
        # The JVM ends with its input. Its last steps need files that go when the tests are over.
        gateway.proc.communicate()
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def at(cls, name):
        return os.path.join(cls.archive, name)

    def read(self, form, path, **options):
        reader = self.spark.read.format(form).option("secretsFile", KEYS)
        for name, value in options.items():
            reader = reader.option(name, value)
        return reader.load(path)

    def test_rows_are_those_of_the_program_however_they_are_spread(self):
        pattern = self.at("*.pcap*")
        expected = native(inputs.expand({"path": pattern}))
        self.assertGreater(len(expected), 150)
        for octets in ("10000", "100000000"):
            table = self.read("pushscope", pattern, binOctets=octets)
            self.assertEqual(as_printed(table.toArrow()), expected, octets)

    def test_two_executors_take_part(self):
        workers = self.spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size()
        self.assertEqual(workers, 3, "the driver and two executors")

    def test_a_huge_capture_is_read_in_shares(self):
        path = self.at("violations-12.pcapng")
        table = self.read("pushscope", path, shardOctets="2000", binOctets="1")
        self.assertGreater(table.rdd.getNumPartitions(), 3)
        self.assertEqual(as_printed(table.toArrow()), native([path]))

    def test_options_and_sql(self):
        path, valid = self.at("*.pcapng"), 'dmnoti.digest.status == "valid"'
        self.read("pushscope", path, filter=valid).createOrReplaceTempView("notifications")
        found = self.spark.sql("select `dmnoti.digest.status` as status, count(*) as n from notifications group by 1")
        found = {row.status: row.n for row in found.collect()}
        expected = native(inputs.expand({"path": path}), "--filter", valid)
        self.assertEqual(sum(found.values()), len(expected))
        self.assertIn("valid", found)

    def test_wrong_options_fail_the_job(self):
        with self.assertRaises(Exception) as caught:
            self.read("pushscope", self.at("*.pcap"), filter="dmnoti ==").collect()
        self.assertIn("the filter ends too early", str(caught.exception))

    def test_files_that_cannot_be_read_are_rows(self):
        rows = self.read("pushscope_files", self.at("*.pcap*"), binOctets="20000").collect()
        by_name = {os.path.basename(row.file): row for row in rows}
        self.assertEqual(len(rows), len(by_name))
        self.assertIn("empty", by_name["empty.pcap"].damage)
        self.assertTrue(by_name["cut.pcapng"].damaged)
        self.assertGreater(by_name["cut.pcapng"].damage_offset, 0)
        self.assertGreater(by_name["cut.pcapng"].notifications, 0)
        whole = by_name["duplicates.pcapng"]
        self.assertEqual((whole.damaged, whole.damage, whole.error), (False, None, None))
        self.assertIn("night.pcap.tar!fragments.pcapng", by_name)

    def test_keys_are_in_no_plan(self):
        table = self.read("pushscope", self.at("appendix-c.pcap"))
        plan = table._jdf.queryExecution().toString()
        with open(KEYS) as file:
            lines = [line.split("=", 1) for line in file if line.startswith(("password", "secret"))]
        self.assertGreater(len(lines), 0)
        for _, secret in lines:
            self.assertNotIn(secret.strip().strip('"'), plan)
        with self.assertRaises(Exception) as caught:
            self.read("pushscope", self.at("appendix-c.pcap"), secrets="x").collect()
        self.assertIn("keys are given by a file", str(caught.exception))


class Programs(unittest.TestCase):
    """What needs the program but no session."""

    def test_what_ends_the_program_costs_its_own_capture_only(self):
        # A program that dies of one capture, whatever stands beside it, after it printed its rows.
        with tempfile.TemporaryDirectory() as folder:
            broken = os.path.join(folder, "broken.sh")
            with open(broken, "w") as file:
                file.write(
                    f"#!/bin/sh\nlist=$(mktemp {folder}/XXXXXX)\ncat > $list\n"
                    f'"{BINARY}" "$@" < $list\ncode=$?\n'
                    "if grep -q unsigned.pcap $list; then kill -9 $$; fi\nexit $code\n"
                )
            os.chmod(broken, 0o755)
            program = run.Program({"binary": broken, "secretsfile": KEYS})
            names = ["appendix-c.pcap", "resync.pcap", "unsigned.pcap", "v20-minimal.pcap"]
            paths = [os.path.join(ROOT, "captures", name) for name in names]
            units = list(inputs.units(paths, 1 << 40))
            given = os.environ.pop("PUSHSCOPE_BINARY", None)
            try:
                rows = as_printed(pa.Table.from_batches(run.notifications(program, units)))
                files = list(run.files(program, units))
            finally:
                if given is not None:
                    os.environ["PUSHSCOPE_BINARY"] = given
        self.assertEqual(rows, native(paths), "none twice, none lost")
        errors = {os.path.basename(row["file"]): row["error"] for row in files if row.get("error")}
        self.assertEqual(list(errors), ["unsigned.pcap"])
        self.assertIn("signal 9", errors["unsigned.pcap"])


class Inputs(unittest.TestCase):
    """What needs neither."""

    def test_the_files_of_a_ring_are_one_unit(self):
        paths = ["a/x_00002_20260101000000.pcapng", "a/x_00001_20260102000000.pcapng", "a/y.pcap10", "a/y.pcap2", "b.pcap"]
        found = [unit.paths for unit in inputs.units(sorted(paths), 1 << 40)]
        self.assertEqual(
            sorted(found),
            [["a/x_00002_20260101000000.pcapng", "a/x_00001_20260102000000.pcapng"], ["a/y.pcap2", "a/y.pcap10"], ["b.pcap"]],
        )

    def test_bins_are_filled_up_to_a_size_and_shares_stand_alone(self):
        units = [inputs.Unit([str(n)], 40) for n in range(5)]
        units += [inputs.Unit(["x"], 10, (1, 2)), inputs.Unit(["x"], 10, (2, 2))]
        sizes = [[unit.octets for unit in one.units] for one in inputs.bins(units, 100)]
        self.assertEqual(sizes, [[40, 40], [40, 40], [40], [10], [10]])

    def test_times_before_1970_are_rounded_down(self):
        batch = run.to_batch(b'{"file":"a","frame.time":"1969-12-31T23:59:59.999999999Z"}\n')
        self.assertEqual(batch.column("frame.time_ns").to_pylist(), [-1])
        self.assertEqual(batch.column("frame.time").cast(pa.int64()).to_pylist(), [-1])


if __name__ == "__main__":
    unittest.main(verbosity=2)
