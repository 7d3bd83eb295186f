//! `pushscope report`: summarise captures, folders and archives of captures.
//!
//! Connects the listing, the run over all captures, what is remembered from the last time, and the writers. Must not count
//! anything itself.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};

use super::args::{ReportArgs, ReportFormat};
use super::config::Config;
use super::report_out::{Bar, Output, Writer};
use super::report_state::{self, State};
use super::scan;
use super::setup::{self, Interrupt};
use super::{Outcome, say};
use crate::capture::Problem;
use crate::model::{Visible, visible_str};
use crate::report::collect::Asked;
use crate::report::document::{Document, Made, SCHEMA, Timings};
use crate::report::inputs::{self, Item, Listing, Select};
use crate::report::redact::Redactor;
use crate::report::row::Row;
use crate::report::run::{self, Done, Job, Progress, Receiver};
use crate::report::summary::{Damage, Summary};
use crate::report::tally::Merge;
use crate::scan::Options;
use crate::verify::{Keyring, Tagger};

/// Fingerprints that hide nothing are made with a key that everybody knows.
const PUBLIC: &[u8] = b"pushscope";
/// Items named in `--timings`.
const SLOWEST: usize = 10;

/// Runs the command.
///
/// # Errors
/// Bad usage; or the report could not be written.
pub(super) fn run(args: &ReportArgs) -> Result<Outcome> {
    let mut document = if !args.merge.is_empty() {
        merged(args)?
    } else if args.paths.is_empty() && args.files_from.is_none() {
        bail!("report: over which captures? Give files, folders or archives")
    } else {
        return read(args);
    };
    let mut writer = Writer::new(args)?;
    document.timings = None;
    writer.document(&document)?;
    writer.finish()?;
    Ok(outcome(args, &document, false))
}

/// The reports of `--merge` as one.
fn merged(args: &ReportArgs) -> Result<Document> {
    if args.format.is_rows() {
        bail!("--merge: merged reports have no rows; expected --format text, markdown, json or html");
    }
    let mut all: Option<Document> = None;
    for path in &args.merge {
        let name = path.display();
        let json = std::fs::read(path).with_context(|| format!("{name}"))?;
        let one = Document::parse(&json).map_err(|error| anyhow!("{name}: {error}"))?;
        let twice = all.get_or_insert_default().merge(one);
        if let Some(first) = twice.first()
            && !args.common.quiet
        {
            let more = if twice.len() > 1 { format!(" and {} more", twice.len() - 1) } else { String::new() };
            say(&format!("warning: {name}: {first}{more} is in an earlier report too, and is counted twice"));
        }
    }
    all.ok_or_else(|| anyhow!("--merge: which reports?"))
}

fn read(args: &ReportArgs) -> Result<Outcome> {
    if args.shard.is_some() && !args.format.is_rows() {
        bail!("--shard: a share of the rows has no summary; expected --format ndjson, csv or parquet");
    }
    let config = Config::load()?;
    let keys = setup::keys(&args.common)?;
    let mut table = setup::table(&args.decode_as)?;
    if args.heuristic {
        table.look_for_structure();
    }
    let options = Options { windows: config.windows(args.window.as_deref())?, ..Options::default() };
    let filter = args.filter.as_deref().map(setup::filter).transpose()?;
    let fail_if = args.fail_if.as_deref().map(setup::filter).transpose().context("--fail-if")?;
    let mut state = args.state.as_deref().map(State::open).transpose()?;
    let redactor = args.redact.then(|| redactor(args.redact_key.as_deref(), state.as_ref())).transpose()?;
    let public = Tagger::new(PUBLIC);
    let tagger = redactor.as_ref().map_or(&public, Redactor::tagger);
    let asked = Asked {
        filter: filter.as_ref(),
        fail_if: fail_if.as_ref(),
        redactor: redactor.as_ref(),
        tagger,
        rows: args.format.is_rows(),
        shard: args.shard,
    };
    let job = Job {
        table: &table,
        keys: &keys,
        options,
        asked,
        threads: scan::threads(args.threads, false),
        clock: args.timings.then_some(micros as fn() -> u64),
        content: state.as_ref().map(|_| report_state::content as fn(&Path) -> Option<String>),
    };
    let made = made(args, &keys, redactor.as_ref());
    let mut writer = Writer::new(args)?;
    let select = Select::new(&args.globs, &args.excludes).map_err(|text| anyhow!("--glob, --exclude: {text}"))?;
    let Listing { items, problems, .. } = inputs::list(&paths(args)?, &Arc::new(select));
    let mut summary = Summary::default();
    let mut items = items;
    if let Some(state) = &mut state {
        state.load(made_with(args, &job, redactor.as_ref(), state.key()))?;
        items = state.plan(&items, args.verify, &mut summary)?;
    }
    let interrupt = Interrupt::listen();
    let mut desk = Desk {
        items: &items,
        writer: &mut writer,
        bar: Bar::new(&items, args.common.quiet),
        interrupt: &interrupt,
        summary,
        problems: Vec::new(),
        micros: BTreeMap::new(),
        state,
        failed: None,
    };
    for problem in &problems {
        desk.unlisted(problem, redactor.as_ref());
    }
    desk.problems.extend(problems);
    let start = micros();
    let begun = desk.writer.begin();
    let flow = if begun.is_continue() { run::run(&job, &items, &mut desk) } else { begun };
    let interrupted = interrupt.seen();
    desk.bar.done();
    let Desk { summary, problems, micros: by_item, state, failed, .. } = desk;
    if let Some(error) = failed {
        return Err(error);
    }
    let partial = flow.is_break();
    let mut document = Document::new(Made { partial, ..made }, summary);
    if args.timings {
        document.timings = Some(timings(micros().saturating_sub(start), &by_item, &items, redactor.as_ref()));
    }
    document.since_last = state.as_ref().map(State::since_last);
    writer.document(&document)?;
    writer.finish()?;
    // Only what was said is remembered as said.
    if let Some(state) = state.filter(|_| !partial) {
        state.finish()?;
    }
    // Where the report does not name them, somebody has to.
    if args.format.is_rows() || !args.common.quiet {
        for problem in problems.iter().filter(|_| !interrupted) {
            say(&problem.to_string());
        }
    }
    if !partial {
        warn_of_nothing(args, &document.summary);
    }
    Ok(outcome(args, &document, interrupted))
}

/// Says that no capture was read, where nothing else says why: that is no error, but hardly what was meant.
fn warn_of_nothing(args: &ReportArgs, summary: &Summary) {
    if args.common.quiet || summary.totals.files > 0 || !summary.unlisted.is_empty() {
        return;
    }
    let patterns = args.globs.iter().map(|glob| ("--glob", glob));
    let patterns = patterns.chain(args.excludes.iter().map(|glob| ("--exclude", glob)));
    let patterns: Vec<String> = patterns.map(|(name, glob)| format!(" {name} {}", visible_str(glob))).collect();
    let what = if patterns.is_empty() { "there is no capture" } else { "no capture is selected by" };
    say(&format!("warning: {what}{}: the report is empty", patterns.concat()));
}

/// The paths given, and those of a list.
fn paths(args: &ReportArgs) -> Result<Vec<PathBuf>> {
    let mut all = args.paths.clone();
    if let Some(list) = &args.files_from {
        let listed = if list.as_os_str() == "-" {
            inputs::names(std::io::stdin().lock(), args.null)
        } else {
            std::fs::File::open(list).and_then(|file| inputs::names(std::io::BufReader::new(file), args.null))
        };
        all.extend(listed.with_context(|| format!("--files-from {}", list.display()))?);
    }
    Ok(all)
}

/// How the run ended, as the report tells.
fn outcome(args: &ReportArgs, document: &Document, interrupted: bool) -> Outcome {
    let summary = &document.summary;
    let severity = args.fail_on.is_some_and(|limit| summary.worst_at_least(setup::severity(limit)));
    if interrupted {
        Outcome::Interrupted
    } else if summary.totals.damaged > 0 || !summary.unlisted.is_empty() {
        Outcome::Failed
    } else if severity || summary.totals.failing > 0 {
        Outcome::Findings
    } else {
        Outcome::Done
    }
}

/// Replaces names: with the content of a file as key, else with one that nobody knows.
fn redactor(file: Option<&Path>, state: Option<&State>) -> Result<Redactor> {
    let mut key = vec![0; 32];
    match file {
        Some(path) => {
            let name = path.display();
            key = std::fs::read(path).with_context(|| format!("--redact-key {name}"))?;
            if key.len() < 16 {
                bail!(
                    "--redact-key {name}: holds {} octets; expected at least 16, so that it cannot be guessed",
                    key.len()
                );
            }
        }
        // From one report to the next names stay the same.
        None if state.is_some() => key = state.map_or(Vec::new(), |state| state.key().to_vec()),
        None => getrandom::fill(&mut key).map_err(|error| anyhow!("--redact: no random numbers: {error}"))?,
    }
    let redactor = Redactor::new(&key);
    zeroize::Zeroize::zeroize(&mut key);
    Ok(redactor)
}

/// What makes a remembered report useless when it changes: program, options, keys. Keyed, so that nothing can be guessed from it.
fn made_with(args: &ReportArgs, job: &Job<'_>, redactor: Option<&Redactor>, key: &[u8]) -> String {
    let tagger = Tagger::new(key);
    let windows = format!("{:?}", job.options.windows);
    // Which names a key makes stands for the key.
    let names = redactor.map(|redactor| redactor.name("key", "").into_string());
    let parts = format!(
        "{:?}",
        (
            (env!("CARGO_PKG_VERSION"), SCHEMA, windows, names),
            (&args.filter, &args.fail_if, &args.decode_as, args.heuristic, &args.globs, &args.excludes),
        )
    );
    format!("{:016x}{}", tagger.tag(&[parts.as_bytes()]), tagger.keys(job.keys))
}

/// What a report says of how it was made.
fn made(args: &ReportArgs, keys: &Keyring, redactor: Option<&Redactor>) -> Made {
    let mut made = Made { redacted: redactor.is_some(), ..Made::default() };
    made.by.insert(concat!("pushscope ", env!("CARGO_PKG_VERSION")).to_owned());
    for path in &args.paths {
        let name = visible_str(&path.display().to_string());
        made.paths.insert(redactor.map_or(name.clone(), |redactor| redactor.file(&name)).into_string());
    }
    // A filter may name what is replaced elsewhere.
    let told = |text: &String| {
        let text = if redactor.is_some() { Visible::own("(not shown)") } else { visible_str(text) };
        text.into_string()
    };
    let globs = args.globs.iter().map(|glob| ("--glob", glob));
    let excludes = args.excludes.iter().map(|glob| ("--exclude", glob));
    made.options.extend(globs.chain(excludes).map(|(name, glob)| format!("{name} {}", told(glob))));
    for (name, text) in [("--filter", &args.filter), ("--fail-if", &args.fail_if), ("--window", &args.window)] {
        made.options.extend(text.iter().map(|text| format!("{name} {}", told(text))));
    }
    made.options.extend(args.decode_as.iter().map(|rule| format!("--decode-as {}", visible_str(rule))));
    if let Some(list) = &args.files_from {
        let name = visible_str(&list.display().to_string());
        let name = redactor.map_or(name.clone(), |redactor| redactor.file(&name));
        made.options.insert(format!("--files-from {name}"));
    }
    made.options.extend(args.heuristic.then(|| "--heuristic".to_owned()));
    for entry in keys.list() {
        let label = visible_str(&entry.label);
        made.keys.insert(redactor.map_or(label.clone(), |redactor| redactor.name("key", label.as_str())).into_string());
    }
    made
}

fn timings(all: u64, by_item: &BTreeMap<usize, u64>, items: &[Item], redactor: Option<&Redactor>) -> Timings {
    #[expect(clippy::cast_precision_loss, reason = "seconds for people")]
    let seconds = |micros: u64| micros as f64 / 1e6;
    let mut slowest: Vec<(u64, usize)> = by_item.iter().map(|(item, micros)| (*micros, *item)).collect();
    slowest.sort_unstable_by(|a, b| b.cmp(a));
    let named = |(micros, item): &(u64, usize)| {
        let name = visible_str(items.get(*item).map_or("", Item::name));
        let name = redactor.map_or(name.clone(), |redactor| redactor.file(&name));
        (name.into_string(), seconds(*micros))
    };
    Timings { seconds: seconds(all), slowest: slowest.iter().take(SLOWEST).map(named).collect() }
}

/// Microseconds since the program started.
fn micros() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// Gets the results of the run.
struct Desk<'d> {
    items: &'d [Item],
    writer: &'d mut Writer,
    bar: Bar,
    interrupt: &'d Interrupt,
    summary: Summary,
    problems: Vec<Problem>,
    micros: BTreeMap<usize, u64>,
    state: Option<State>,
    /// What was read could not be remembered.
    failed: Option<anyhow::Error>,
}

impl Desk<'_> {
    /// A path or folder that could not be looked into.
    fn unlisted(&mut self, problem: &Problem, redactor: Option<&Redactor>) {
        let name = visible_str(&problem.file);
        let name = redactor.map_or(name.clone(), |redactor| redactor.file(&name)).into_string();
        let damage = Damage { offset: problem.offset, reason: visible_str(&problem.text).into_string() };
        self.summary.unlisted.entry(name).or_default().add(damage);
    }
}

impl Receiver for Desk<'_> {
    fn rows(&mut self, rows: Vec<Row>) -> ControlFlow<()> {
        self.writer.rows(&rows)
    }

    fn done(&mut self, done: Done) -> ControlFlow<()> {
        if done.micros > 0 {
            self.micros.insert(done.item, done.micros);
        }
        if let (Some(state), Some(item)) = (&mut self.state, self.items.get(done.item))
            && let Err(error) = state.done(item, &done)
        {
            self.failed = Some(error);
            return ControlFlow::Break(());
        }
        self.summary.absorb(done.summary);
        self.problems.extend(done.problems);
        ControlFlow::Continue(())
    }

    fn tick(&mut self, progress: Progress) -> ControlFlow<()> {
        self.bar.tick(progress);
        if self.interrupt.seen() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl ReportFormat {
    /// Whether it holds rows, one per notification, instead of a summary.
    pub(super) const fn is_rows(self) -> bool {
        matches!(self, Self::Ndjson | Self::Csv | Self::Parquet)
    }
}

impl Output {
    /// How long lines may be.
    pub(super) fn width(&self) -> u16 {
        // In a file or a mail, lines as long as these can still be read.
        const FILE: u16 = 160;
        if !self.is_terminal() {
            return FILE;
        }
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        columns.unwrap_or_else(terminal_width)
    }
}

fn terminal_width() -> u16 {
    terminal_size::terminal_size().map_or(120, |size| size.0.0)
}
