"""Which captures there are, and which are read together.

Captures are never opened but for their first octets. Those of a ring buffer follow one another and are read by one process;
everything else may be spread at will without changing a row.
"""

import glob
import json
import os
import re
from dataclasses import dataclass, field
from typing import List, Optional, Tuple

#: First octets of captures that can be read in shares: pcap in all its forms, pcapng.
_PLAIN = {
    bytes.fromhex(text)
    for text in ("a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1", "a1b2cd34", "34cdb2a1", "0a0d0d0a")
}
#: Names that promise a capture or an archive of captures; asked only of what stands in folders.
_NAME = re.compile(
    r"\.(?:(?:pcap|pcapng|cap|ntar)\d*|tar)(?:\.(?:gz|zst|lz4|xz|bz2))?$|\.(?:tgz|tzst|txz|tbz2|zip)$", re.IGNORECASE
)
_DUMPCAP = re.compile(r"(.*)_(\d{5,10})_(\d{14})", re.DOTALL)


@dataclass
class Unit:
    """Captures that one process must read: one file, or the files of a ring buffer. Perhaps only a share of a file."""

    paths: List[str]
    octets: int
    shard: Optional[Tuple[int, int]] = None


@dataclass
class Bin:
    """Units that one task reads, in their order."""

    units: List[Unit] = field(default_factory=list)
    octets: int = 0


def expand(options):
    """The files that `load` names: files, patterns, folders; in the order of names, each once."""
    named = options.get("path")
    names = json.loads(options["paths"]) if "paths" in options else [named] if named else []
    if not names:
        raise ValueError('which captures? Give them as in spark.read.format("pushscope").load("/mnt/archive/*.pcap*")')
    found = set()
    for name in names:
        if name.startswith("file:"):
            name = re.sub(r"^file:(//)?(?=/)", "", name)
        if "://" in name:
            raise ValueError(f"{name}: only paths of mounted file systems can be read, the same on all nodes")
        hits = [name] if os.path.exists(name) else glob.glob(name, recursive=True)
        if not hits:
            raise FileNotFoundError(f"{name}: does not exist, or matches nothing")
        for hit in hits:
            if os.path.isdir(hit):
                found.update(_below(hit))
            else:
                found.add(hit)
    return sorted(found)


def _below(folder):
    seen = {os.path.realpath(folder)}
    for at, folders, names in os.walk(folder, followlinks=True):
        fresh = []
        for inner in folders:
            real = os.path.realpath(os.path.join(at, inner))
            if real not in seen:
                seen.add(real)
                fresh.append(inner)
        folders[:] = fresh
        yield from (os.path.join(at, name) for name in names if _NAME.search(name))


def ring(path):
    """The ring buffer a file belongs to, and its place there: as the program recognises them."""
    at = max(path.rfind("/"), path.rfind("\\")) + 1
    folder, name = path[:at], path[at:]
    if "." not in name:
        return None
    stem, ending = name.split(".", 1)
    match = _DUMPCAP.fullmatch(stem)
    if match:
        base, number, time = match.groups()
        return f"{folder}{base}_*.{ending}", (time, int(number))
    bare = ending.rstrip("0123456789")
    if bare != "pcap":
        return None
    number = ending[len(bare) :]
    return f"{folder}{stem}.{bare}*", ("", int(number) if number else 0)


def units(paths, shard_octets):
    """The files as units: rings whole, very large plain captures in shares."""
    rings, singles = {}, []
    for path in paths:
        belongs = ring(path)
        if belongs:
            rings.setdefault(belongs[0], []).append((belongs[1], path))
        else:
            singles.append([path])
    groups = singles + [[path for _, path in sorted(files)] for files in rings.values()]
    for group in sorted(groups, key=min):
        octets = sum(_size(path) for path in group)
        shares = -(-octets // shard_octets) if len(group) == 1 and _plain(group[0]) else 1
        if shares <= 1:
            yield Unit(group, octets)
        else:
            yield from (Unit(group, octets // shares, (share, shares)) for share in range(1, shares + 1))


def bins(all_units, bin_octets):
    """Units in bins of about equal size, in their order."""
    done, now = [], Bin()
    for unit in all_units:
        full = now.units and (now.octets + unit.octets > bin_octets or unit.shard or now.units[-1].shard)
        if full:
            done.append(now)
            now = Bin()
        now.units.append(unit)
        now.octets += unit.octets
    return done + [now] if now.units else done


def _size(path):
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _plain(path):
    try:
        with open(path, "rb") as file:
            return file.read(4) in _PLAIN
    except OSError:
        return False
