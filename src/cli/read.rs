//! `pushscope read`: print what captures hold.
//!
//! Must not know any protocol: it connects inputs, engine and writers.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use jiff::tz::TimeZone;

use super::args::{OutputType, ReadArgs, ShowArgs, TimeStyle};
use super::config::Config;
use super::out::Out;
use super::progress::Progress;
use super::save::Save;
use super::scan::{self, Scanned};
use super::setup::{self, Interrupt, Prepared};
use super::{Outcome, say};
use crate::capture::Frame;
use crate::filter::Filter;
use crate::model::{Severity, Timestamp};
use crate::output::clock::{Clock, TimeFormat};
use crate::output::colors::ColorRules;
use crate::output::columns::Columns;
use crate::output::fields::{CsvWriter, FieldsWriter};
use crate::output::json::{self, JsonWriter};
use crate::output::style::Painter;
use crate::output::text::TextWriter;
use crate::output::tree;
use crate::scan::{Engine, Packet, Sink, relay};

/// Runs the command.
///
/// # Errors
/// Bad usage; or a result could not be written.
pub(super) fn run(args: &ReadArgs) -> Result<Outcome> {
    let paths: Vec<PathBuf> = args.files.iter().chain(&args.read_files).cloned().collect();
    if paths.is_empty() {
        bail!("read: which capture? Give FILE, or `-` for standard input");
    }
    let Prepared { config, show, table, options } = setup::prepare(&args.show)?;
    let keys = setup::keys(&show.common)?;
    let mut printer = Printer::new(&show, args.write.as_deref(), &config)?;
    printer.save = Save::new(args, &paths)?;
    // What arrives through a pipe is shown as it arrives.
    printer.prompt |= paths.iter().any(|path| !path.is_file());
    let interrupt = Interrupt::listen();
    let input = setup::open(&paths, &interrupt);
    let mut engine = Engine::new(table, &keys, options);
    let mut progress = Progress::new(&input, show.common.quiet, printer.out.is_terminal());
    let threads = scan::threads(config.threads(args.threads), show.count.is_some());
    let mut scanned = Scanned { flow: printer.begin(), interrupted: false, problems: input.problems() };
    if scanned.flow.is_continue() {
        // What is saved is told of each frame first, and what somebody watches is not kept waiting for more.
        let printer = &mut printer;
        let scan = |sink: &mut dyn Sink| scan::scan(input, threads, &mut engine, sink, &mut progress, &interrupt);
        scanned =
            if threads > 1 && !printer.prompt && printer.save.is_none() { relay(printer, scan) } else { scan(printer) };
    }
    if scanned.flow.is_continue() {
        let _ = printer.end();
    }
    progress.done();
    if let Some(save) = printer.save.take() {
        save.finish(&paths)?;
    }
    let failed_at = printer.seen;
    printer.out.finish()?;
    let problems = scanned.problems;
    // A signal ends pipes where they are: that is no damage.
    for problem in problems.iter().filter(|_| !scanned.interrupted) {
        say(&problem.to_string());
    }
    if show.common.verbose > 0 {
        say(&engine.statistics());
    }
    Ok(if scanned.interrupted {
        Outcome::Interrupted
    } else if !problems.is_empty() {
        Outcome::Failed
    } else if show.fail_on.is_some_and(|limit| failed_at.is_some_and(|seen| seen >= setup::severity(limit))) {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}

/// How packets are printed.
enum Writer {
    /// Not at all: they are only saved.
    Nothing,
    Text(Box<TextWriter>),
    Tree,
    Json(Box<JsonWriter>),
    Ndjson(Box<JsonWriter>),
    Fields(FieldsWriter),
    Csv(Box<CsvWriter>),
}

/// Prints packets as asked for.
pub(super) struct Printer {
    writer: Writer,
    filter: Option<Filter>,
    pub(super) save: Option<Save>,
    octets: bool,
    header: bool,
    left: Option<u64>,
    paint: Painter,
    printed: u64,
    /// Whether each packet is to be seen at once.
    pub(super) prompt: bool,
    pub(super) seen: Option<Severity>,
    pub(super) out: Out,
    text: String,
}

impl Printer {
    /// A printer as `args` asks for; with a capture written to `write`, packets are printed only where that is asked for too.
    pub(super) fn new(args: &ShowArgs, write: Option<&Path>, config: &Config) -> Result<Self> {
        let clock = Clock::new(time_format(args.time.unwrap_or_default()), TimeZone::system());
        let output = match args.output {
            _ if args.tree => OutputType::Tree,
            Some(output) => output,
            None if !args.fields.is_empty() => OutputType::Fields,
            None => OutputType::Text,
        };
        let style = Style {
            octets: args.octets,
            fields: &args.fields,
            separator: args.separator.as_deref(),
            header: args.header,
            color: args.common.color.unwrap_or_default(),
            columns: config.text("columns").map(|_| config.columns()).transpose()?,
            rules: config.own_color_rules()?,
        };
        let explicit = args.formed() || args.columns.is_some();
        let to_stdout = write.is_some_and(|path| path.as_os_str() == "-");
        if to_stdout && explicit {
            bail!("-w - writes the capture to standard output; packets cannot be printed there too");
        }
        let mut printer = Self::with(output, style, clock)?;
        if write.is_some() && !explicit {
            printer.writer = Writer::Nothing;
        }
        printer.left = args.count;
        printer.filter = args.filter.as_deref().map(setup::filter).transpose()?;
        Ok(printer)
    }

    /// A printer of one type.
    pub(super) fn with(output: OutputType, style: Style<'_>, clock: Clock) -> Result<Self> {
        let out = Out::stdout();
        let paint = Painter::new(setup::colors(style.color));
        let json = json::Options { ascii: out.is_terminal(), octets: style.octets };
        let output = match output {
            OutputType::Csv => output,
            _ if style.fields.is_empty() => output,
            _ => OutputType::Fields,
        };
        let columns = style.columns;
        let fields = Columns::of_fields(style.fields).map_err(|error| anyhow!("-e: {error}"));
        let writer = match output {
            OutputType::Text => Writer::Text(Box::new(
                TextWriter::new(clock, paint, setup::ascii()).with_columns(columns).with_rules(style.rules),
            )),
            OutputType::Tree => Writer::Tree,
            OutputType::Json => Writer::Json(Box::new(JsonWriter::new(json))),
            OutputType::Ndjson => Writer::Ndjson(Box::new(JsonWriter::new(json))),
            OutputType::Fields if style.fields.is_empty() => {
                bail!("-T fields: which ones? Give each with -e, as in -e dmnoti.server_id")
            }
            OutputType::Fields => {
                let separator = unescape(style.separator.unwrap_or("\t"));
                Writer::Fields(FieldsWriter::new(fields?, separator))
            }
            OutputType::Csv if !style.fields.is_empty() => Writer::Csv(Box::new(CsvWriter::new(fields?))),
            OutputType::Csv => Writer::Csv(Box::new(CsvWriter::new(columns.unwrap_or_else(Columns::standard)))),
        };
        let prompt = out.is_terminal();
        Ok(Self {
            writer,
            filter: None,
            save: None,
            octets: style.octets,
            header: style.header,
            left: None,
            paint,
            printed: 0,
            prompt,
            seen: None,
            out,
            text: String::new(),
        })
    }

    /// What stands before the first packet.
    pub(super) fn begin(&mut self) -> ControlFlow<()> {
        if self.left == Some(0) {
            if matches!(self.writer, Writer::Json(_)) {
                let _ = self.out.put(b"[]\n");
            }
            return ControlFlow::Break(());
        }
        match &mut self.writer {
            Writer::Text(writer) if self.header || self.out.is_terminal() => self.out.put(writer.header().as_bytes()),
            Writer::Fields(writer) if self.header => self.out.put(writer.header().as_bytes()),
            Writer::Json(_) => self.out.put(b"["),
            Writer::Csv(writer) => match writer.header() {
                Ok(row) => self.out.put(&row),
                Err(_) => ControlFlow::Break(()),
            },
            _ => ControlFlow::Continue(()),
        }
    }

    /// What stands after the last packet.
    pub(super) fn end(&mut self) -> ControlFlow<()> {
        match self.writer {
            Writer::Json(_) => self.out.put(if self.printed > 0 { b"\n]\n" } else { b"]\n" }),
            _ => ControlFlow::Continue(()),
        }
    }
}

impl Sink for Printer {
    /// Relative times count from the first frame.
    fn first_time(&mut self, time: Timestamp) {
        if let Writer::Text(writer) = &mut self.writer {
            writer.start(Some(time));
        }
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        if let Some(save) = &mut self.save {
            save.frame(frame);
        }
    }

    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        if self.filter.as_ref().is_some_and(|filter| !filter.matches(&packet.view)) {
            return ControlFlow::Continue(());
        }
        self.seen = self.seen.max(packet.view.worst_severity());
        self.text.clear();
        if let Some(save) = &mut self.save {
            save.packet(packet);
        }
        let first = self.printed == 0;
        self.printed += 1;
        let flow = match &mut self.writer {
            Writer::Nothing => ControlFlow::Continue(()),
            Writer::Text(writer) => {
                self.text.push_str(writer.packet(packet));
                if self.octets {
                    tree::push_octets(&mut self.text, packet.view, self.paint);
                    self.text.push('\n');
                }
                self.out.put(self.text.as_bytes())
            }
            Writer::Tree => {
                if !first {
                    self.text.push('\n');
                }
                tree::push_tree(&mut self.text, packet, self.paint);
                if self.octets {
                    tree::push_octets(&mut self.text, packet.view, self.paint);
                }
                self.out.put(self.text.as_bytes())
            }
            Writer::Json(writer) => {
                let room = self.out.room();
                room.extend_from_slice(if first { b"\n" } else { b",\n" });
                writer.push(room, packet);
                self.out.settle()
            }
            Writer::Ndjson(writer) => {
                let room = self.out.room();
                writer.push(room, packet);
                room.push(b'\n');
                self.out.settle()
            }
            Writer::Fields(writer) => self.out.put(writer.packet(packet).as_bytes()),
            Writer::Csv(writer) => match writer.packet(packet) {
                Ok(rows) => self.out.put(&rows),
                Err(_) => ControlFlow::Break(()),
            },
        };
        flow?;
        if self.prompt {
            self.out.flush()?;
        }
        if let Some(left) = &mut self.left {
            *left -= 1;
            if *left == 0 {
                let _ = self.end();
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }
}

/// What output options ask for.
pub(super) struct Style<'a> {
    pub(super) octets: bool,
    pub(super) fields: &'a [String],
    pub(super) separator: Option<&'a str>,
    pub(super) header: bool,
    pub(super) color: super::args::When,
    pub(super) columns: Option<Columns>,
    pub(super) rules: Option<ColorRules>,
}

fn time_format(style: TimeStyle) -> TimeFormat {
    match style {
        TimeStyle::A => TimeFormat::Absolute,
        TimeStyle::Ad => TimeFormat::AbsoluteDate,
        TimeStyle::D => TimeFormat::Delta,
        TimeStyle::E => TimeFormat::Epoch,
        TimeStyle::R => TimeFormat::Relative,
        TimeStyle::U => TimeFormat::Utc,
        TimeStyle::Ud => TimeFormat::UtcDate,
    }
}

/// `\t`, `\n`, `\0` and `\\` in a separator.
fn unescape(text: &str) -> String {
    text.replace("\\t", "\t").replace("\\n", "\n").replace("\\0", "\0").replace("\\\\", "\\")
}
