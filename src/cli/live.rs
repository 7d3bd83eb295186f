//! `pushscope live`: show or print pushes as they arrive.
//!
//! Must not know any protocol: it connects sources, saver, engine and writers.

use std::ffi::OsString;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::{Result, anyhow, bail};

use super::config::Config;
use super::live_args::LiveArgs;
use super::read::Printer;
use super::save::{self, Save};
use super::setup::{self, Interrupt};
use super::{Outcome, print, say};
use crate::capture::{
    self, Control, Frame, Helper, Limits, Listen, Live, Merged, Pipe, Program, Ring, Saver, Socket, Source, Tally,
};
use crate::dissect::{Claim, Table};
use crate::filter::Filter;
use crate::model::{Timestamp, visible_str};
use crate::scan::{Engine, Options, Packet, Sink, bulk};

/// The first argument of the process that stands between us and a capture helper. No option or file of ours.
pub(super) const SUPERVISE: &str = "::supervise";

/// Runs the command.
///
/// # Errors
/// Bad usage; a source cannot be had; or a result could not be written.
pub(super) fn run(args: &LiveArgs) -> Result<Outcome> {
    if args.list_interfaces {
        return print(&interfaces()?);
    }
    let mut config = Config::load()?;
    if let Some(columns) = &args.columns {
        config.command_line("columns", std::slice::from_ref(columns));
    }
    let read = config.complete(&args.as_read())?;
    let keys = setup::keys(&read.common)?;
    let mut table = setup::table(&read.decode_as)?;
    if read.heuristic {
        table.look_for_structure();
    }
    let options = Options { all: read.all, windows: config.windows(read.window.as_deref())?, ..Options::default() };
    let until = args.until.as_deref().map(setup::filter).transpose()?;
    let mut printer = Printer::new(&read, &config)?;
    printer.prompt = true;
    let control = Live::control();
    let (sources, said) = sources(args, &mut table, &control)?;
    let saver = saver(args, &control)?;
    let save = match &saver {
        None => capture::Save::Nothing,
        Some(saver) if args.save_matching => {
            printer.save = Some(Save::matching(Arc::clone(saver), save::format(args.format, args.write.as_deref())));
            capture::Save::Elsewhere(Arc::clone(saver))
        }
        Some(saver) => capture::Save::All(Arc::clone(saver)),
    };
    let quiet = read.common.quiet;
    if !quiet {
        for line in &said {
            say(line);
        }
    }
    let interrupt = Interrupt::listen();
    let watch = watch(args, &control, &interrupt);
    let (live, input) = Live::start(sources, save, Limits::default(), &control, watch)?;
    let mut engine = Engine::new(table, &keys, options);
    let mut sink = Until { printer, last: until, reached: false };
    let mut flow = sink.printer.begin();
    if flow.is_continue() {
        (flow, _) = bulk::scan(Merged::new(vec![input]), 1, &mut engine, &mut sink, &mut |_| ControlFlow::Continue(()));
    }
    if flow.is_continue() {
        flow = engine.finish(&mut sink);
    }
    if flow.is_continue() || sink.reached {
        let _ = sink.printer.end();
    }
    let Until { mut printer, .. } = sink;
    let unheld = printer.save.take().map_or(0, |save| save.unheld());
    let (tally, news) = live.finish();
    if let (Some(saver), true) = (&saver, args.save_matching) {
        saver.lock().unwrap_or_else(std::sync::PoisonError::into_inner).complete();
    }
    let seen = printer.seen;
    let written = printer.out.finish();
    for line in &news {
        say(line);
    }
    if unheld > 0 {
        say(&format!("-w: {unheld} frames of matching packets could not be held long enough to be saved"));
    }
    if !quiet {
        // What was saved since is counted too.
        let tally = if saver.is_some() { control.counts.tally() } else { tally };
        say(&summary(&tally, engine.counts().listed, saver.is_some()));
    }
    if read.common.verbose > 0 {
        say(&engine.statistics());
    }
    written?;
    Ok(if interrupt.seen() {
        Outcome::Interrupted
    } else if control.is_damaged() {
        Outcome::Failed
    } else if read.fail_on.is_some_and(|limit| seen.is_some_and(|seen| seen >= setup::severity(limit))) {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}

/// The interfaces there are, safe to show.
fn interfaces() -> Result<Vec<u8>> {
    let all = Program::find().and_then(|program| program.interfaces()).map_err(|problem| anyhow!("{problem}"))?;
    let mut shown = String::new();
    for line in String::from_utf8_lossy(&all).lines() {
        shown.push_str(visible_str(line).as_str());
        shown.push('\n');
    }
    Ok(shown.into_bytes())
}

/// All sources asked for, and what is to be said of them.
fn sources(args: &LiveArgs, table: &mut Table, control: &Control) -> Result<(Vec<Source>, Vec<String>)> {
    let mut sources = Vec::new();
    let mut said = Vec::new();
    let alone = args.interface.is_empty() && args.read_files.is_empty();
    let listen = if args.listen.is_empty() && alone { vec![Listen::default()] } else { args.listen.clone() };
    let mut places = Vec::new();
    for one in listen {
        for socket in Socket::open(one).map_err(|problem| anyhow!("{problem}"))? {
            places.push(socket.local().to_string());
            sources.push(Source::Socket(socket));
        }
    }
    for source in &sources {
        let Source::Socket(socket) = source else { continue };
        let claim = Claim::UdpPort(socket.local().port());
        // Whoever listens at a port expects pushes there.
        if !table.knows(claim) && table.redirect(claim, "wsp") {
            let port = socket.local().port();
            said.push(format!("what comes to port {port} is read as wsp, as with -d udp.port=={port},wsp"));
        }
    }
    if !places.is_empty() {
        said.push(format!("listening at udp {}", places.join(" and ")));
    }
    if !args.interface.is_empty() {
        let program = Program::find().map_err(|problem| anyhow!("{problem}"))?;
        let filter = args.capture_filter.clone().unwrap_or_else(|| carriers(table));
        let supervisor = [std::env::current_exe()?.into_os_string(), OsString::from(SUPERVISE)];
        let helpers =
            Helper::start(&program, &args.interface, &filter, &supervisor).map_err(|problem| anyhow!("{problem}"))?;
        sources.extend(helpers.into_iter().map(Source::Helper));
        said.push(format!("capturing on {} with {}", args.interface.join(", "), program.name()));
    }
    for path in &args.read_files {
        if path.as_os_str() != "-" && !path.exists() {
            bail!("-r {}: does not exist", path.display());
        }
        let name = if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() };
        let stopped = control.clone();
        let pipe = Pipe::open(path, Box::new(move || !stopped.is_stopped()))?;
        sources.push(Source::Pipe(name, pipe));
    }
    Ok((sources, said))
}

/// Who saves, where saving was asked for.
fn saver(args: &LiveArgs, control: &Control) -> Result<Option<Arc<Mutex<Saver>>>> {
    let Some(path) = &args.write else { return Ok(None) };
    if path.as_os_str() == "-" {
        bail!("-w -: a live capture is saved to files only; tcpdump -w - writes to standard output");
    }
    let ring = Ring {
        path: path.clone(),
        format: save::format(args.format, Some(path)),
        files: args.files,
        size: args.file_size,
        duration: args.file_duration,
    };
    if ring.files.is_some() && ring.size.is_none() && ring.duration.is_none() {
        bail!("--files: when does the next file begin? Give --file-size or --file-duration");
    }
    let saver = Saver::new(ring, Arc::clone(&control.counts), Arc::clone(&control.news))
        .map_err(|problem| anyhow!("{problem}"))?;
    Ok(Some(Arc::new(Mutex::new(saver))))
}

/// What is done while the capture runs: news are told, and it ends by a signal or its time.
fn watch(args: &LiveArgs, control: &Control, interrupt: &Interrupt) -> capture::Meanwhile {
    let (control, interrupt) = (control.clone(), interrupt.clone());
    let end = args.duration.and_then(|duration| Instant::now().checked_add(duration));
    Box::new(move || {
        if interrupt.seen() || end.is_some_and(|end| Instant::now() >= end) {
            control.stop();
        }
        for line in control.news.take() {
            say(&line);
        }
        true
    })
}

/// How it went, in a sentence.
pub(super) fn summary(tally: &Tally, listed: u64, saved: bool) -> String {
    let mut text =
        format!("{} frames received, {listed} packets listed, {} dropped by the system", tally.received, tally.dropped);
    if tally.unseen > 0 {
        let _ = write!(text, ", {} received but not looked at", tally.unseen);
    }
    if saved {
        let _ = write!(text, ", {} saved", tally.saved);
    }
    if tally.unsaved > 0 {
        let _ = write!(text, ", {} NOT saved", tally.unsaved);
    }
    text
}

/// A capture filter for whatever can carry a push: ports, tunnels and fragments, as the dispatch table knows them.
fn carriers(table: &Table) -> String {
    let mut parts = Vec::new();
    if table.looks_for_structure() {
        parts.push("udp".to_owned());
    }
    for claim in table.claims() {
        match claim {
            Claim::UdpPort(port) if !table.looks_for_structure() => parts.push(format!("udp port {port}")),
            Claim::TcpPort(port) => parts.push(format!("tcp port {port}")),
            // TCP and UDP by their ports; ICMP, ESP and SCTP carry nothing that we can read.
            Claim::IpProto(proto) if ![1, 6, 17, 50, 58, 132].contains(&proto) => parts.push(format!("proto {proto}")),
            // Addresses and neighbours carry no pushes, IP counts by what is in it.
            Claim::EtherType(kind) if ![0x0800, 0x0806, 0x6558, 0x8035, 0x86dd, 0x8863].contains(&kind) => {
                parts.push(format!("ether proto {kind:#06x}"));
            }
            _ => {}
        }
    }
    // Later fragments have no ports.
    parts.push("ip[6:2] & 0x1fff != 0".to_owned());
    parts.join(" or ")
}

/// Prints packets until one matches.
struct Until {
    printer: Printer,
    last: Option<Filter>,
    reached: bool,
}

impl Sink for Until {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        self.printer.packet(packet)?;
        if self.last.as_ref().is_some_and(|last| last.matches(&packet.view)) {
            self.reached = true;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn first_time(&mut self, time: Timestamp) {
        self.printer.first_time(time);
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        self.printer.frame(frame);
    }
}

#[cfg(test)]
mod tests {
    use super::{carriers, summary};
    use crate::capture::Tally;
    use crate::dissect::{DISSECTORS, Table};

    #[test]
    fn the_capture_filter_names_ports_tunnels_and_fragments() {
        let mut table = Table::new(DISSECTORS);
        let filter = carriers(&table);
        for part in ["udp port 2948", "udp port 9200", "tcp port 2775", "proto 47", "ether proto 0x8100", "0x1fff"] {
            assert!(filter.contains(part), "{part}: {filter}");
        }
        for part in ["proto 17", "proto 6 ", "0x0800"] {
            assert!(!filter.contains(part), "{part}: {filter}");
        }
        table.look_for_structure();
        assert!(carriers(&table).starts_with("udp or "));
    }

    #[test]
    fn losses_are_stated() {
        let tally = Tally { received: 9, dropped: 4, unseen: 1, saved: 7, unsaved: 2 };
        assert_eq!(
            summary(&tally, 8, true),
            "9 frames received, 8 packets listed, 4 dropped by the system, 1 received but not looked at, 7 saved, 2 NOT saved"
        );
    }
}
