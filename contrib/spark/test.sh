#!/usr/bin/env bash
# The tests of this package, in a virtual environment of their own: `contrib/spark/test.sh [BINARY]`.
# Without Java or pip, or where the packages cannot be had, it says so and leaves it at that.
set -euo pipefail
cd "$(dirname "$0")/../.."
skip() {
    echo "NOT CHECKED: the tables of Spark: $1" >&2
    exit 0
}
binary="${1:-target/debug/pushscope}"
[ -x "$binary" ] || skip "$binary is not there (cargo build)"
java -version >/dev/null 2>&1 || skip "Java is not installed"
python3 -m pip --version >/dev/null 2>&1 || skip "pip is not installed"
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv" 2>/dev/null || skip "python3 has no venv"
timeout 600 "$place/venv/bin/pip" install -q pyspark pyarrow duckdb >/dev/null 2>&1 || skip "pyspark, pyarrow and duckdb cannot be installed"
export PUSHSCOPE_BINARY="$(realpath "$binary")" PYTHONDONTWRITEBYTECODE=1
# One interpreter on the driver and on the executors; what Spark leaves behind goes with the rest.
export PYSPARK_PYTHON="$place/venv/bin/python" SPARK_LOCAL_IP=127.0.0.1
cd "$place"
for test in test_queries test_tables; do
    timeout 900 "$place/venv/bin/python" "$OLDPWD/contrib/spark/tests/$test.py"
done
