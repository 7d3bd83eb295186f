//! `pushscope live`: show or print pushes as they arrive.
//!
//! Must not know any protocol: it connects sources, saver, engine and writers.

use std::ffi::OsString;
use std::fmt::Write;
use std::io::IsTerminal;
use std::ops::ControlFlow;
#[cfg(feature = "tui")]
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Result, anyhow, bail};

use super::args::ShowArgs;
use super::config::Config;
use super::live_args::LiveArgs;
use super::read::Printer;
use super::save::{self, Save};
use super::setup::{self, Interrupt, Prepared};
use super::{Outcome, print, say};
use crate::capture::{
    self, Control, Frame, Helper, Limits, Listen, Live, Merged, Pipe, Program, Ring, Saver, Socket, Source, Tally,
};
use crate::dissect::{Claim, Table};
use crate::filter::Filter;
use crate::model::{Severity, Timestamp, visible_str};
use crate::scan::{Engine, Options, Packet, Sink, bulk};
use crate::verify::Keyring;

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
    let Prepared { config, show: wanted, mut table, options } = setup::prepare(&args.show)?;
    let keys = setup::keys(&wanted.common)?;
    let until = args.until.as_deref().map(setup::filter).transpose()?;
    let shown = shown(args);
    // What is wrong with how packets are to be printed is said before anything is received.
    let printer = if shown { None } else { Some(Printer::new(&wanted, None, &config)?) };
    let control = Live::control();
    let (sources, said) = sources(args, &mut table, &control)?;
    let saver = saver(args, &control)?;
    let (save, matching) = match &saver {
        None => (capture::Save::Nothing, None),
        Some(saver) if args.save_matching => {
            let matching = Save::matching(Arc::clone(saver), save::format(args.format, args.write.as_deref()));
            (capture::Save::Elsewhere(Arc::clone(saver)), Some(matching))
        }
        Some(saver) => (capture::Save::All(Arc::clone(saver)), None),
    };
    let quiet = wanted.common.quiet;
    if !quiet {
        for line in &said {
            say(line);
        }
    }
    let title = said.first().cloned().unwrap_or_else(|| "live capture".to_owned());
    let capture = Capture { table, options, sources, save, matching, last: until, control: control.clone() };
    let went = match printer {
        Some(printer) => printed(args, &wanted, printer, capture, &keys)?,
        None => show(args, &wanted, &config, title, capture)?,
    };
    if let Some(saver) = &saver {
        saver.lock().unwrap_or_else(PoisonError::into_inner).complete();
    }
    for line in went.news.iter().chain(&control.news.take()) {
        say(line);
    }
    if went.unheld > 0 {
        say(&format!("-w: {} frames of matching packets could not be held long enough to be saved", went.unheld));
    }
    if !quiet {
        say(&summary(&control.counts.tally(), went.listed, saver.is_some()));
    }
    if let Some(line) = &went.statistics {
        say(line);
    }
    went.written?;
    let seen = went.seen;
    Ok(if went.interrupted {
        Outcome::Interrupted
    } else if control.is_damaged() || went.incomplete {
        Outcome::Failed
    } else if wanted.fail_on.is_some_and(|limit| seen.is_some_and(|seen| seen >= setup::severity(limit))) {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}

/// What is captured, and how it is looked at.
struct Capture {
    table: Table,
    options: Options,
    sources: Vec<Source>,
    save: capture::Save,
    /// Saves what matches.
    matching: Option<Save>,
    /// The packet that ends it.
    last: Option<Filter>,
    control: Control,
}

/// How a live capture went.
struct Went {
    listed: u64,
    /// Frames of matching packets that could not be saved.
    unheld: u64,
    news: Vec<String>,
    statistics: Option<String>,
    /// The worst finding.
    seen: Option<Severity>,
    interrupted: bool,
    written: std::io::Result<()>,
    incomplete: bool,
}

/// Whether the terminal UI shows the packets: a person looks at the output, and asks for no form of it.
fn shown(args: &LiveArgs) -> bool {
    let formed = args.show.formed() || args.show.octets || args.show.fail_on.is_some();
    cfg!(feature = "tui") && !formed && std::io::stdout().is_terminal()
}

/// Prints packets until the capture ends.
fn printed(args: &LiveArgs, wanted: &ShowArgs, mut printer: Printer, capture: Capture, keys: &Keyring) -> Result<Went> {
    let Capture { table, options, sources, save, matching, last, control } = capture;
    printer.prompt = true;
    printer.save = matching;
    let interrupt = Interrupt::listen();
    let watch = watch(args, &control, Some(&interrupt));
    let (live, input) = Live::start(sources, save, Limits::default(), &control, watch)?;
    let mut engine = Engine::new(table, keys, options);
    let mut sink = Until { printer, last, reached: false };
    let mut flow = sink.printer.begin();
    if flow.is_continue() {
        let input = Merged::new(vec![input]);
        (flow, _) = bulk::scan(input, 1, &mut engine, &mut sink, &mut |_| ControlFlow::Continue(()));
    }
    if flow.is_continue() {
        flow = engine.finish(&mut sink);
    }
    if flow.is_continue() || sink.reached {
        let _ = sink.printer.end();
    }
    let Until { mut printer, .. } = sink;
    let unheld = printer.save.take().map_or(0, |save| save.unheld());
    let (_, news) = live.finish();
    Ok(Went {
        listed: engine.counts().listed,
        unheld,
        news,
        statistics: (wanted.common.verbose > 0).then(|| engine.statistics()),
        seen: printer.seen,
        interrupted: interrupt.seen(),
        written: printer.out.finish(),
        incomplete: false,
    })
}

/// Shows the packets in the terminal UI until it is left.
#[cfg(feature = "tui")]
fn show(args: &LiveArgs, wanted: &ShowArgs, config: &Config, title: String, capture: Capture) -> Result<Went> {
    let Capture { table, options, sources, save, matching, last, control } = capture;
    let screen = super::screen::options(wanted, config, table, options)?;
    let filter = wanted.filter.as_deref().map(setup::filter).transpose()?;
    let (running, listed) = (Arc::new(Mutex::new(None)), Arc::new(AtomicU64::new(0)));
    let (slot, shared) = (Arc::clone(&running), control.clone());
    let mut watch = watch(args, &control, None);
    let start = move |mut meanwhile: capture::Meanwhile| {
        let meanwhile = Box::new(move || watch() && meanwhile());
        let (live, input) = Live::start(sources, save, Limits::default(), &shared, meanwhile)?;
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(live);
        Ok(input)
    };
    let unheld = Arc::new(AtomicU64::new(0));
    let watcher = Shown {
        filter,
        save: matching,
        left: wanted.count,
        last,
        listed: Arc::clone(&listed),
        unheld: Arc::clone(&unheld),
        control: control.clone(),
    };
    let parts: (crate::tui::Starter, crate::tui::Watcher) = (Box::new(start), Box::new(watcher));
    let start = Arc::new(Mutex::new(Some(parts)));
    let feed = crate::tui::Feed { title, control: control.clone(), start, keep: args.keep };
    let left = crate::tui::run(&[], crate::tui::TuiOptions { live: Some(feed), ..screen })?;
    control.stop();
    let live = running.lock().unwrap_or_else(PoisonError::into_inner).take();
    Ok(Went {
        listed: listed.load(Ordering::Relaxed),
        unheld: unheld.load(Ordering::Relaxed),
        news: live.map(|live| live.finish().1).unwrap_or_default(),
        statistics: None,
        seen: None,
        interrupted: false,
        written: Ok(()),
        incomplete: left.incomplete,
    })
}

#[cfg(not(feature = "tui"))]
fn show(_: &LiveArgs, _: &ShowArgs, _: &Config, _: String, _: Capture) -> Result<Went> {
    bail!("built without the terminal UI: give -T")
}

/// Looks on while the terminal UI shows packets.
#[cfg(feature = "tui")]
struct Shown {
    /// What is saved and counted; the terminal UI filters for itself.
    filter: Option<Filter>,
    save: Option<Save>,
    left: Option<u64>,
    last: Option<Filter>,
    listed: Arc<AtomicU64>,
    unheld: Arc<AtomicU64>,
    control: Control,
}

#[cfg(feature = "tui")]
impl Sink for Shown {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        self.listed.fetch_add(1, Ordering::Relaxed);
        let mut enough = false;
        let Self { filter, save, left, last, .. } = self;
        if filter.as_ref().is_none_or(|filter| filter.matches(&packet.view)) {
            if let Some(save) = save {
                save.packet(packet);
                self.unheld.store(save.unheld(), Ordering::Relaxed);
            }
            if let Some(left) = left {
                *left = left.saturating_sub(1);
                enough = *left == 0;
            }
        }
        if enough || last.as_ref().is_some_and(|last| last.matches(&packet.view)) {
            self.control.stop();
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        if let Some(save) = &mut self.save {
            save.frame(frame);
        }
    }
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
    if !places.is_empty() {
        said.push(format!("listening at udp {}", places.join(" and ")));
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
fn watch(args: &LiveArgs, control: &Control, interrupt: Option<&Interrupt>) -> capture::Meanwhile {
    let (control, interrupt) = (control.clone(), interrupt.cloned());
    let end = args.duration.and_then(|duration| Instant::now().checked_add(duration));
    Box::new(move || {
        if interrupt.as_ref().is_some_and(Interrupt::seen) || end.is_some_and(|end| Instant::now() >= end) {
            control.stop();
        }
        // The terminal UI tells its news itself.
        for line in interrupt.iter().flat_map(|_| control.news.take()) {
            say(&line);
        }
        true
    })
}

/// How it went, in a sentence.
pub(super) fn summary(tally: &Tally, listed: u64, saved: bool) -> String {
    let Tally { received, dropped, .. } = tally;
    let mut text = format!("{received} received, {listed} listed, {dropped} dropped by the system");
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
            "9 received, 8 listed, 4 dropped by the system, 1 received but not looked at, 7 saved, 2 NOT saved"
        );
    }
}
