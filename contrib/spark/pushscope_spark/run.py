"""Runs the program in an executor and turns what it prints into Arrow batches.

Keys reach it by a file that its environment names; they are in no argument and in no plan. A capture that ends the program
costs the rows of that capture alone.
"""

import io
import json
import os
import subprocess
import sys
import tempfile

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from . import columns

#: Octets of lines that make a batch.
CHUNK = 4 << 20
#: Ways to end of a program that did its work: done, findings, something could not be read whole.
FINE = (0, 1, 2)


class Program:
    """How the program is called."""

    def __init__(self, options):
        self.binary = options.get("binary", "pushscope")
        self.secrets = options.get("secretsfile")
        self.options = ["--threads", options.get("threads", "1")]
        for name, flag in (("filter", "--filter"), ("window", "--window")):
            if name in options:
                self.options += [flag, options[name]]
        for rule in filter(None, (rule.strip() for rule in options.get("decodeas", "").split(";"))):
            self.options += ["--decode-as", rule]
        if options.get("heuristic", "false").lower() == "true":
            self.options.append("--heuristic")

    def start(self, form, paths, shard=None):
        """Starts it over these captures."""
        binary = os.environ.get("PUSHSCOPE_BINARY", self.binary)
        command = [binary, "report", "--quiet", "--format", form, "--files-from", "-", "-0", *self.options]
        if shard:
            command += ["--shard", "{}/{}".format(*shard)]
        environment = dict(os.environ)
        if self.secrets:
            environment["PUSHSCOPE_SECRETS"] = self.secrets
        errors = tempfile.TemporaryFile()
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment
            )
        except OSError as error:
            raise RuntimeError(f"{binary}: {error.strerror}; is the program on this node? See the option `binary`") from None
        try:
            with process.stdin as stdin:
                stdin.write(b"\0".join(os.fsencode(path) for path in paths))
        except BrokenPipeError:
            pass  # It ended before: its exit code says why.
        return Running(process, errors)

    def check(self):
        """Fails where the program cannot be started, or does not take its options or its keys: no capture is to blame."""
        running = self.start("ndjson", [])
        try:
            running.process.stdout.read()
            if running.wait() not in (0, 1):
                raise RuntimeError(running.complaint() or "pushscope cannot be run")
        finally:
            running.stop()


class Running:
    """The program at work."""

    def __init__(self, process, errors):
        self.process, self.errors = process, errors

    def lines(self):
        """What it prints, in chunks of whole lines."""
        rest = b""
        while chunk := self.process.stdout.read(CHUNK):
            chunk = rest + chunk
            end = chunk.rfind(b"\n") + 1
            rest = chunk[end:]
            if end:
                yield chunk[:end]
        # A line without an end is what a killed program left: no row.

    def wait(self):
        """Its exit code; negative for a signal."""
        return self.process.wait()

    def complaint(self):
        """What it said on standard error, at most 4 KiB."""
        self.errors.seek(0)
        return self.errors.read(4096).decode(errors="replace").strip()

    def stop(self):
        """Ends it, whatever it is doing."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.stdout.close()
        self.process.wait()
        self.errors.close()


def end_of(code, complaint):
    """A way to end, in words."""
    how = f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return f"pushscope {how}" + (f": {complaint}" if complaint else "")


def notifications(program, units):
    """The rows of these units, in their order, as Arrow batches."""
    program.check()
    given = 0
    code = 0
    if len(units) > 1:
        whole = program.start("ndjson", [path for unit in units for path in unit.paths])
        try:
            for lines in whole.lines():
                batch = to_batch(lines)
                given += batch.num_rows
                yield batch
            code = whole.wait()
        finally:
            whole.stop()
        if code in FINE:
            return
    # One unit alone; or something ended the program: each unit by itself, without the rows that were given already.
    for unit in units:
        running = program.start("ndjson", unit.paths, unit.shard)
        try:
            for lines in running.lines():
                batch = to_batch(lines)
                skip = min(given, batch.num_rows)
                given -= skip
                if batch.num_rows > skip:
                    yield batch.slice(skip)
            code = running.wait()
            if code not in FINE:
                # The table of files says so too.
                print(f"{', '.join(unit.paths)}: {end_of(code, running.complaint())}", file=sys.stderr)
        finally:
            running.stop()


def files(program, units):
    """What became of each file of these units."""
    program.check()
    report, error = _report(program, [path for unit in units for path in unit.paths])
    if error is None:
        yield from report
        return
    for unit in units:
        report, error = _report(program, unit.paths)
        yield from report
        if error is not None:
            told = {row["file"] for row in report}
            yield from ({"file": path, "damaged": True, "error": error} for path in unit.paths if path not in told)


def _report(program, paths):
    running = program.start("json", paths)
    try:
        text = running.process.stdout.read()
        code = running.wait()
        if code not in FINE:
            return [], end_of(code, running.complaint())
        try:
            return list(_file_rows(json.loads(text))), None
        except ValueError as error:
            return [], f"the report cannot be read: {error}"
    finally:
        running.stop()


def _file_rows(report):
    summary = report["summary"]
    for name, file in list(summary["files"].items()) + [(name, {"damage": it}) for name, it in summary["unlisted"].items()]:
        damage = file.get("damage", [])
        row = {key: file.get(key, 0) for key in ("octets", "frames", "packets", "notifications")}
        row["file"] = name
        row["damaged"] = bool(damage)
        row["damage"] = "; ".join(one["reason"] for one in damage) or None
        row["damage_offset"] = damage[0].get("offset") if damage else None
        yield row


def to_batch(lines):
    """Lines of JSON as a batch with the types of the table."""
    read = pj.ReadOptions(use_threads=False, block_size=len(lines) + 1)
    parse = pj.ParseOptions(explicit_schema=columns.json_schema(), unexpected_field_behavior="error")
    table = pj.read_json(io.BytesIO(lines), read_options=read, parse_options=parse)
    schema = columns.arrow_schema(columns.NOTIFICATIONS)
    arrays = []
    for name, kind in columns.NOTIFICATIONS:
        if kind == "nanoseconds":
            arrays.append(pc.cast(_times(table[columns.TIME]), pa.int64()))
        elif kind == "time":
            arrays.append(_micros(_times(table[name])))
        elif kind == "octets":
            arrays.append(
                pa.array((None if text is None else bytes.fromhex(text) for text in table[name].to_pylist()), pa.binary())
            )
        else:
            arrays.append(table[name])
    flat = [array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array for array in arrays]
    flat = [array.chunk(0) if isinstance(array, pa.ChunkedArray) else array for array in flat]
    return pa.RecordBatch.from_arrays(flat, schema=schema)


def _times(column):
    return pc.cast(column, pa.timestamp("ns", tz="UTC"))


def _micros(times):
    # Times before 1970 are rounded down like all others.
    nanos = pc.cast(times, pa.int64())
    micros = pc.divide(pc.subtract(nanos, _modulo(nanos, 1000)), 1000)
    return pc.cast(micros, pa.timestamp("us", tz="UTC"))


def _modulo(numbers, by):
    rest = pc.subtract(numbers, pc.multiply(pc.divide(numbers, by), by))
    return pc.if_else(pc.less(rest, 0), pc.add(rest, by), rest)


def to_file_batch(rows):
    """Rows of the table of files as a batch."""
    schema = columns.arrow_schema(columns.FILES)
    return pa.RecordBatch.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)
