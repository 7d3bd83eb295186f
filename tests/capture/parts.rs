//! Walking in parts: always the same as from start to end, also where packets carry capture files.

use std::ops::ControlFlow;
use std::path::Path;

use pushscope::capture::{FrameStore, Input, Parts};

use crate::build::{One, Out, drain, enhanced, interface, one, option, pcap_frame, pcap_header, section};
use crate::damage::{Random, mutate};

/// Walks a file in parts; also how many parts were walked again. `None` where it has only one part. A second walk, that wants
/// some of the frames, must show all of them and give those.
fn in_parts(path: &Path, size: u64, threads: usize) -> Option<(Out, usize)> {
    let (out, again) = walk(path, size, threads, |_| true)?;
    let some = |data: &[u8]| data.len() % 5 < 2;
    let (chosen, _) = walk(path, size, threads, some)?;
    let expected: Vec<&One> = out.frames.iter().filter(|frame| some(&frame.data)).collect();
    assert_eq!(chosen.frames.iter().collect::<Vec<_>>(), expected);
    assert_eq!(chosen.problems, out.problems);
    Some((out, again))
}

fn walk(path: &Path, size: u64, threads: usize, wanted: fn(&[u8]) -> bool) -> Option<(Out, usize)> {
    let parts = Parts::plan(path, size).unwrap()?;
    let mut out = Out::default();
    let mut seen = 0;
    let outcome = parts.walk(
        threads,
        || (0, Vec::new()),
        |(seen, _): &mut (usize, Vec<One>), glimpse| {
            *seen += 1;
            wanted(glimpse.data)
        },
        |(_, frames), frame| frames.push(one(frame)),
        |before, (count, frames)| {
            seen += count;
            for mut frame in frames {
                frame.number += before;
                out.frames.push(frame);
            }
            ControlFlow::Continue(())
        },
    );
    assert_eq!(outcome.frames as usize, seen);
    out.problems = outcome.problems.iter().map(ToString::to_string).collect();
    Some((out, outcome.again))
}

/// Octets of a capture to be carried in packets.
fn inner(pcapng: bool, count: usize, random: &mut Random) -> Vec<u8> {
    let mut file = if pcapng {
        [section(false, &[]), interface(false, 1, 0, &[])].concat()
    } else {
        pcap_header(false, 0xa1b2_c3d4, 65_535, 1)
    };
    for secs in 0..u32::try_from(count).unwrap() {
        let data = vec![0x42; 40 + random.next(900)];
        let frame =
            if pcapng { enhanced(false, 0, secs.into(), &data, &[]) } else { pcap_frame(false, secs + 9, &data) };
        file.extend(frame);
    }
    file
}

/// A capture in which files travel in packets of their own, whole or in pieces.
fn outer(pcapng: bool, random: &mut Random) -> Vec<u8> {
    let mut file = inner(pcapng, 20 + random.next(60), random);
    for round in 0..6 {
        let carried = inner(pcapng, 60, random);
        let piece = if random.next(2) == 0 { carried.len() } else { 1400 };
        for data in carried.chunks(piece) {
            let frame = if pcapng { enhanced(false, 0, 5, data, &[]) } else { pcap_frame(false, 5, data) };
            file.extend(frame);
        }
        if pcapng && round == 3 && random.next(2) == 0 {
            file.extend(section(true, &[]));
            file.extend(interface(true, 113, 0, &option(true, 9, &[9])));
            file.extend(enhanced(true, 0, 5, b"big", &[]));
            file.extend(section(false, &[]));
            file.extend(interface(false, 101, 0, &[]));
        }
        for _ in 0..random.next(30) {
            let data = vec![0x42; random.next(1400)];
            let frame = if pcapng { enhanced(false, 0, 6, &data, &[]) } else { pcap_frame(false, 6, &data) };
            file.extend(frame);
        }
    }
    file
}

#[test]
fn parts_give_what_a_walk_from_start_to_end_gives_always() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outer");
    let mut random = Random(0xface);
    let mut again = 0;
    for round in 0..60 {
        let mut file = outer(round % 2 == 1, &mut random);
        if round % 5 == 4 {
            file = mutate(&file, &mut random);
        }
        std::fs::write(&path, &file).unwrap();
        let whole = drain(Input::open(&path).unwrap());
        for threads in [1, 3] {
            let size = 3_000 + random.next(file.len()) as u64 / 3;
            let Some((out, more)) = in_parts(&path, size, threads) else { continue };
            assert!(out == whole, "round {round}, size {size}: {} and {} frames", out.frames.len(), whole.frames.len());
            again += more;
        }
    }
    assert!(again > 0, "no guess was ever wrong: the captures are too harmless");
}

#[test]
fn ordinary_captures_are_guessed_right() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain");
    let mut random = Random(3);
    for pcapng in [false, true] {
        let file = inner(pcapng, 2000, &mut random);
        std::fs::write(&path, &file).unwrap();
        let whole = drain(Input::open(&path).unwrap()).clean();
        let (out, again) = in_parts(&path, 100_000, 2).unwrap();
        assert!(out == whole);
        assert_eq!(again, 0);
    }
    assert!(Parts::plan(&path, 1 << 30).unwrap().is_none());
}

#[test]
fn a_walk_can_be_ended_early() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain");
    std::fs::write(&path, inner(false, 2000, &mut Random(3))).unwrap();
    let mut seen = 0;
    Parts::plan(&path, 50_000).unwrap().unwrap().walk(
        2,
        || 0,
        |count, _| {
            *count += 1;
            false
        },
        |_, _| {},
        |_, count| {
            seen += count;
            if seen > 300 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
    );
    assert!((300..600).contains(&seen), "{seen}");
}

#[test]
fn stored_frames_come_from_their_file_and_packed_ones_from_the_spool() {
    let folder = tempfile::tempdir().unwrap();
    let file = inner(true, 30, &mut Random(5));
    let plain = folder.path().join("plain");
    std::fs::write(&plain, &file).unwrap();
    let gzip = folder.path().join("packed");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &file).unwrap();
    std::fs::write(&gzip, encoder.finish().unwrap()).unwrap();
    for path in [&plain, &gzip] {
        let mut store = FrameStore::default();
        let mut input = Input::open(path).unwrap();
        let mut kept = Vec::new();
        while let Some(frame) = input.next() {
            kept.push((store.put(&frame), frame.data.to_vec()));
        }
        assert_eq!(kept.len(), 30);
        for (handle, data) in kept.iter().rev() {
            assert_eq!(&store.get(*handle).unwrap(), data);
        }
    }
}
