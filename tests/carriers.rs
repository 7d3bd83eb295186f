//! Link layers, tunnels, fragments and the gate against captures whose content is known.

mod support;

use std::path::{Path, PathBuf};

use pushscope::capture::{Frame, Input};
use pushscope::dissect::tiling::untiled;
use pushscope::dissect::{Answer, Chain, Claim, DISSECTORS, Facts, Found, Leg, Need, Table, Window, Work};
use pushscope::flow::{Bounds, Flow, Kept};
use pushscope::model::{BufId, Buffers, Tree};
use pushscope::scan::Gate;
use support::traffic::{Kind, generate};

/// What a capture held.
#[derive(Debug, Default)]
struct Seen {
    frames: u64,
    passed: u64,
    pushes: u64,
    rules: Vec<&'static str>,
}

/// Reads all frames, through the gate and past it: nothing may be held back that the chain would report.
fn read(mut input: Input) -> Seen {
    let table = Table::new(DISSECTORS);
    let gate = Gate::new(&table);
    let mut flow: Flow<(Vec<Answer>, Vec<u8>, u32, u16)> = Flow::new(Bounds::default());
    let of_interest = gate.clone();
    flow.only(Box::new(move |proto, first| of_interest.datagram_matters(proto, first)));
    let mut seen = Seen::default();
    while let Some(frame) = input.next() {
        seen.frames += 1;
        let passes = gate.matters(frame.link.0, frame.data);
        seen.passed += u64::from(passes);
        let (listed, asked) = dissect(&table, &mut flow, &frame, passes, &mut seen);
        assert!(passes || !listed, "frame {} is held back", frame.number);
        assert!(passes || !asked, "fragment {} is held back", frame.number);
    }
    flow.finish();
    while let Some(late) = flow.late() {
        let (mut answers, octets, original, link) = late.frame;
        answers.push(late.answer);
        replay(&table, &answers, &octets, (original, link), &mut seen);
    }
    seen
}

fn facts(frame: &Frame<'_>) -> Facts {
    let leg = Leg::default().step("interface", &frame.interface.to_be_bytes());
    Facts { time: frame.ts, leg, fcs_octets: frame.fcs_len, ..Facts::default() }
}

/// Whether the chain reports anything, and whether it asks for memory that could lead somewhere.
fn dissect(
    table: &Table,
    flow: &mut Flow<(Vec<Answer>, Vec<u8>, u32, u16)>,
    frame: &Frame<'_>,
    passes: bool,
    seen: &mut Seen,
) -> (bool, bool) {
    let mut buffers = Buffers::new(frame.number, frame.data);
    let (mut tree, mut found, mut chain) = (Tree::default(), Found::default(), Chain::default());
    chain.start(
        Window::whole(BufId::FRAME, frame.data.len(), frame.orig_len),
        Claim::LinkType(frame.link.0),
        facts(frame),
    );
    let (mut answers, mut asked) = (Vec::new(), false);
    loop {
        let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
        let Some(need) = chain.run(table, &mut work) else { break };
        asked |= match &need {
            Need::IpFragment(fragment) => !(fragment.src.is_ipv4() && matches!(fragment.proto, 1 | 6 | 50 | 58 | 132)),
            // A stream nobody reads.
            Need::StreamOctets(_) => false,
            _ => true,
        };
        if !passes {
            break;
        }
        let keep = || Kept {
            frame: (answers.clone(), frame.data.to_vec(), frame.orig_len, frame.link.0),
            octets: frame.data.len(),
        };
        let answer = flow.answer(&need, &buffers, keep);
        let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
        chain.resume(&answer, &mut work, need.layer());
        answers.push(answer);
    }
    assert_eq!(untiled(&buffers, &tree), [], "frame {}", frame.number);
    seen.pushes += found.pushes.len() as u64;
    seen.rules.extend(tree.findings().iter().map(|finding| finding.rule.id));
    (found.is_listed(), asked)
}

/// Reads a kept frame again with the answers it got: the pushes in it.
fn replay(table: &Table, answers: &[Answer], octets: &[u8], (original, link): (u32, u16), seen: &mut Seen) {
    let mut buffers = Buffers::new(1, octets);
    let (mut tree, mut found, mut chain) = (Tree::default(), Found::default(), Chain::default());
    chain.start(Window::whole(BufId::FRAME, octets.len(), original), Claim::LinkType(link), Facts::default());
    let mut answers = answers.iter();
    loop {
        let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
        let Some(need) = chain.run(table, &mut work) else { break };
        let Some(answer) = answers.next() else { break };
        chain.resume(answer, &mut work, need.layer());
    }
    assert_eq!(untiled(&buffers, &tree), []);
    seen.pushes += found.pushes.len() as u64;
    seen.rules.extend(tree.findings().iter().map(|finding| finding.rule.id));
}

#[test]
fn every_push_in_traffic_is_found_through_any_tunnel_and_little_else_passes_the_gate() {
    for kind in [Kind::Plain, Kind::Gtpu, Kind::Vxlan] {
        let mut file = Vec::new();
        let truth = generate(kind, 8 << 20, 7, false, &mut file);
        let seen = read(Input::from_reader("traffic", std::io::Cursor::new(file)));
        assert_eq!(seen.frames, truth.frames, "{kind:?}");
        assert_eq!(seen.pushes, truth.pushes, "{kind:?}");
        assert!(seen.passed * 10 < seen.frames, "{kind:?}: {} of {} pass", seen.passed, seen.frames);
        let wrong: Vec<_> = seen.rules.iter().filter(|rule| rule.starts_with("NET-")).collect();
        println!("{kind:?}: {} of {} frames pass, {} pushes, {wrong:?}", seen.passed, seen.frames, seen.pushes);
    }
}

#[test]
fn every_frame_of_the_shipped_carriers_leads_to_its_push() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("captures");
    // The last of the links is a link type of nobody.
    for (name, without) in [("links.pcapng", 1), ("tunnels.pcapng", 1), ("checksums.pcapng", 1)] {
        let seen = read(Input::open(&folder.join(name)).expect("the capture opens"));
        println!("{name}: {} frames, {} pass, {} pushes, {:?}", seen.frames, seen.passed, seen.pushes, seen.rules);
        assert_eq!(seen.pushes + without, seen.frames, "{name}");
    }
}

#[test]
fn fragments_give_whole_pushes_and_beginnings_that_are_cut_but_never_malformed() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("captures/fragments.pcapng");
    let seen = read(Input::open(&file).expect("the capture opens"));
    // Twelve whole ones, and the beginnings of four that never became whole.
    assert_eq!(seen.pushes, 16);
    let odd: Vec<_> = seen.rules.iter().filter(|rule| rule.starts_with("NET-")).collect();
    assert_eq!(odd, [&"NET-030", &"NET-010", &"NET-032", &"NET-032", &"NET-032", &"NET-032"]);
}

#[test]
fn no_shipped_frame_is_held_back() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    for folder in [folder.join("captures"), folder.join("../shared/captures")] {
        let Ok(files) = std::fs::read_dir(&folder) else {
            println!("SKIPPED: no {}", folder.display());
            continue;
        };
        let mut files: Vec<PathBuf> = files.filter_map(Result::ok).map(|entry| entry.path()).collect();
        files.sort();
        for file in files.iter().filter(|path| is_capture(path)) {
            read(Input::open(file).expect("the capture opens"));
        }
    }
}

fn is_capture(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "pcap" || extension == "pcapng")
}
