"""The queries of docs/archives.md, each run by DuckDB over the shipped captures.

    PUSHSCOPE_BINARY=target/debug/pushscope python contrib/spark/tests/test_queries.py

Needs duckdb and pyarrow. The file is written by the program where it has `--format parquet`, else from its ndjson with the same columns.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.dirname(HERE))

import duckdb  # noqa: E402

BINARY = os.path.abspath(os.environ.get("PUSHSCOPE_BINARY", os.path.join(ROOT, "target/debug/pushscope")))
CAPTURES = os.path.join(ROOT, "captures")


def write(path):
    """Writes the rows of the shipped captures as Parquet."""
    environment = dict(os.environ, PUSHSCOPE_SECRETS=os.path.join(CAPTURES, "keys.toml"))
    command = [BINARY, "report", "-q", "--format"]
    done = subprocess.run(command + ["parquet", "-o", path, CAPTURES], env=environment, capture_output=True, check=False)
    if done.returncode == 0:
        return
    assert b"--features parquet" in done.stderr, done.stderr
    print("NOT CHECKED: Parquet as the program writes it; this one was built without", file=sys.stderr)
    import pyarrow as pa
    import pyarrow.parquet as pq

    from pushscope_spark import run

    lines = subprocess.run(command + ["ndjson", CAPTURES], env=environment, capture_output=True, check=False).stdout
    pq.write_table(pa.Table.from_batches([run.to_batch(lines)]), path)


class Queries(unittest.TestCase):
    """Each answers, and what it answers holds together."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        path = os.path.join(cls.folder.name, "night.parquet")
        write(path)
        with open(os.path.join(ROOT, "docs/archives.md")) as file:
            queries = re.findall(r"```sql\n(.*?)```", file.read(), re.DOTALL)
        cls.connection = duckdb.connect()
        cls.answers = [cls.rows(query.replace("night.parquet", path)) for query in queries]
        cls.total = cls.rows(f"SELECT count(*) FROM '{path}'")[0][0]

    @classmethod
    def rows(cls, query):
        return [tuple(row.values()) for row in cls.connection.sql(query).to_arrow_table().to_pylist()]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_every_query_answers(self):
        self.assertEqual(len(self.answers), 6)
        for answer in self.answers:
            self.assertGreater(len(answer), 0)

    def test_servers_and_hours_add_up_to_all(self):
        self.assertGreater(self.total, 150)
        self.assertEqual(sum(row[1] for row in self.answers[0]), self.total)
        self.assertEqual(sum(row[2] for row in self.answers[3]), self.total)

    def test_reasons_are_named(self):
        self.assertIn("deviant", {row[1] for row in self.answers[1]})
        rules = {row[0] for row in self.answers[2]}
        self.assertTrue(rules and all(re.fullmatch(r"[A-Z0-9]+-\d+", rule) for rule in rules), rules)


if __name__ == "__main__":
    unittest.main(verbosity=2)
