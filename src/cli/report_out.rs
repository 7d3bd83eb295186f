//! Where reports go: standard output, or a file that is replaced when all is written; and the progress line.
//!
//! Must not know how a report is made.

use std::io::{BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tempfile::NamedTempFile;

use super::args::{ReportArgs, ReportFormat};
use super::out::Out;
use super::setup;
use crate::model::{Visible, visible_str};
use crate::output::style::Painter;
use crate::report::document::Document;
use crate::report::html;
use crate::report::inputs::Item;
use crate::report::page::{Limits, Page};
#[cfg(feature = "parquet")]
use crate::report::parquet::ParquetRows;
use crate::report::plain::{self, Look};
use crate::report::row::Row;
use crate::report::run::Progress;
use crate::report::table::{self, CsvRows};

/// Standard output or a file.
pub(super) enum Output {
    Standard(Out),
    File { path: PathBuf, to: BufWriter<NamedTempFile>, failed: Option<std::io::Error> },
}

impl Output {
    fn new(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else { return Ok(Self::Standard(Out::stdout())) };
        let to = BufWriter::new(beside_for_all(path).with_context(|| format!("--output {}", path.display()))?);
        Ok(Self::File { path: path.to_owned(), to, failed: None })
    }

    /// Whether a person looks at it.
    pub(super) const fn is_terminal(&self) -> bool {
        matches!(self, Self::Standard(out) if out.is_terminal())
    }

    fn put(&mut self, octets: &[u8]) -> ControlFlow<()> {
        match self {
            Self::Standard(out) => out.put(octets),
            Self::File { to, failed, .. } => match to.write_all(octets) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed.get_or_insert(error);
                    ControlFlow::Break(())
                }
            },
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Standard(out) => Ok(out.finish()?),
            Self::File { path, to, failed } => {
                let name = path.display();
                if let Some(error) = failed {
                    return Err(error).with_context(|| format!("--output {name}"));
                }
                let file = to.into_inner().map_err(std::io::IntoInnerError::into_error);
                file.and_then(|file| replace(file, &path)).with_context(|| format!("--output {name}"))
            }
        }
    }
}

/// A new file beside another one, to take its place later; nobody else may read it.
pub(super) fn beside(path: &Path) -> std::io::Result<NamedTempFile> {
    in_folder_of(path, &mut tempfile::Builder::new())
}

/// The same, to be read by whom the user lets read new files.
#[cfg(unix)]
fn beside_for_all(path: &Path) -> std::io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    in_folder_of(path, tempfile::Builder::new().permissions(std::fs::Permissions::from_mode(0o666)))
}

#[cfg(not(unix))]
fn beside_for_all(path: &Path) -> std::io::Result<NamedTempFile> {
    beside(path)
}

fn in_folder_of(path: &Path, builder: &mut tempfile::Builder<'_, '_>) -> std::io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    builder.prefix(".pushscope-").tempfile_in(folder)
}

/// Puts a file that is written in the place of another one: whoever opens that sees the one or the other whole.
pub(super) fn replace(file: NamedTempFile, path: &Path) -> std::io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Writes a report.
pub(super) struct Writer {
    format: ReportFormat,
    look: Look,
    csv: CsvRows,
    #[cfg(feature = "parquet")]
    parquet: Option<ParquetRows>,
    lines: Vec<u8>,
    out: Output,
    /// Nobody reads on.
    gone: bool,
}

impl Writer {
    /// A writer as asked for.
    ///
    /// # Errors
    /// The file cannot be made.
    pub(super) fn new(args: &ReportArgs) -> Result<Self> {
        let out = Output::new(args.output.as_deref())?;
        if args.format == ReportFormat::Parquet {
            parquet_can_be_written(&out)?;
        }
        let color = args.common.color.unwrap_or_default();
        let color = setup::colors(color) && (out.is_terminal() || color == super::args::When::Always);
        let look = Look { paint: Painter::new(color), ascii: setup::ascii(), width: Some(out.width()) };
        Ok(Self {
            format: args.format,
            look,
            csv: CsvRows::default(),
            #[cfg(feature = "parquet")]
            parquet: (args.format == ReportFormat::Parquet).then(ParquetRows::new).transpose()?,
            lines: Vec::new(),
            out,
            gone: false,
        })
    }

    /// What stands before the first row.
    pub(super) fn begin(&mut self) -> ControlFlow<()> {
        match self.format {
            ReportFormat::Csv => match self.csv.header() {
                Ok(line) => self.put(&line),
                Err(_) => ControlFlow::Break(()),
            },
            _ => ControlFlow::Continue(()),
        }
    }

    fn put(&mut self, octets: &[u8]) -> ControlFlow<()> {
        let flow = self.out.put(octets);
        self.gone |= flow.is_break();
        flow
    }

    /// Rows, where the format has them.
    pub(super) fn rows(&mut self, rows: &[Row]) -> ControlFlow<()> {
        match self.format {
            ReportFormat::Csv => match self.csv.rows(rows) {
                Ok(lines) => self.put(&lines),
                Err(_) => ControlFlow::Break(()),
            },
            ReportFormat::Ndjson => {
                let mut lines = std::mem::take(&mut self.lines);
                lines.clear();
                for row in rows {
                    if table::push_ndjson(&mut lines, row).is_err() {
                        return ControlFlow::Break(());
                    }
                }
                let flow = self.put(&lines);
                self.lines = lines;
                flow
            }
            #[cfg(feature = "parquet")]
            ReportFormat::Parquet => match self.parquet.as_mut().map(|parquet| parquet.rows(rows)) {
                Some(Ok(octets)) => self.put(&octets),
                Some(Err(_)) | None => ControlFlow::Break(()),
            },
            _ => ControlFlow::Continue(()),
        }
    }

    /// The summary, where the format has one.
    ///
    /// # Errors
    /// It cannot be written in this format: a fault of ours.
    pub(super) fn document(&mut self, document: &Document) -> Result<()> {
        let limits = |rows, bars| Limits { rows, bars };
        let text = match self.format {
            ReportFormat::Text => plain::text(&Page::new(document, limits(40, 31)), self.look),
            ReportFormat::Markdown => plain::markdown(&Page::new(document, limits(100, 31))),
            ReportFormat::Json => document.json()?,
            ReportFormat::Html => html::html(&Page::new(document, limits(1000, 240)), subtitle(document))?,
            ReportFormat::Ndjson | ReportFormat::Csv => return Ok(()),
            ReportFormat::Parquet => return self.end_parquet(),
        };
        let _ = self.put(text.as_bytes());
        Ok(())
    }

    /// A Parquet file ends with its table of contents.
    #[cfg(feature = "parquet")]
    fn end_parquet(&mut self) -> Result<()> {
        if let Some(parquet) = self.parquet.take() {
            let octets = parquet.finish().context("--format parquet")?;
            let _ = self.put(&octets);
        }
        Ok(())
    }

    #[cfg(not(feature = "parquet"))]
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "the same call with and without the feature")]
    fn end_parquet(&self) -> Result<()> {
        Ok(())
    }

    /// All is written.
    ///
    /// # Errors
    /// It could not be; a reader that went away is none.
    pub(super) fn finish(self) -> Result<()> {
        self.out.finish()
    }
}

/// Whether this program writes Parquet, and to where it is asked to.
fn parquet_can_be_written(out: &Output) -> Result<()> {
    if cfg!(not(feature = "parquet")) {
        bail!(
            "--format parquet: this pushscope was built without it; `cargo install pushscope --features parquet` builds one \
             that has it"
        );
    }
    if out.is_terminal() {
        bail!("--format parquet: is not for terminals; give -o FILE, or pipe it on");
    }
    Ok(())
}

/// What was reported on, by what, in one line.
fn subtitle(document: &Document) -> Visible {
    let join = |all: &std::collections::BTreeSet<String>| all.iter().cloned().collect::<Vec<_>>().join(", ");
    let (paths, by) = (join(&document.made.paths), join(&document.made.by));
    // Both were made visible when the report was made; a backslash is not doubled again.
    let mut text = String::new();
    for (at, part) in format!("{paths} · {by}").split('\\').enumerate() {
        if at > 0 {
            text.push('\\');
        }
        text.push_str(visible_str(part).as_str());
    }
    Visible::from_parts(text)
}

/// Runs shorter than this show nothing.
const QUIET: Duration = Duration::from_millis(800);

/// A progress line on standard error: captures, octets, rate, time left.
pub(super) struct Bar {
    line: Option<ProgressBar>,
    since: Instant,
    shown: bool,
    items: usize,
}

impl Bar {
    /// Of a run over these items; silent when asked to be, and where nobody looks.
    pub(super) fn new(items: &[Item], quiet: bool) -> Self {
        let total: u64 = items.iter().map(Item::octets).sum();
        let bar = (!quiet && super::watched()).then(|| {
            let bar = ProgressBar::with_draw_target(Some(total.max(1)), ProgressDrawTarget::hidden());
            let template = "{msg}, {bytes} of {total_bytes} [{bar:30}] {bytes_per_sec}, {eta} left";
            // The template is ours; a wrong one would only change the look.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar
        });
        Self { line: bar, since: Instant::now(), shown: false, items: items.len() }
    }

    /// This far it has come.
    pub(super) fn tick(&mut self, progress: Progress) {
        let Some(bar) = &self.line else { return };
        if !self.shown {
            if self.since.elapsed() < QUIET {
                return;
            }
            self.shown = true;
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.set_position(progress.octets);
        bar.set_message(format!("{} of {} captures, {} frames", progress.items, self.items, progress.frames));
    }

    /// The run is over.
    pub(super) fn done(&self) {
        if let Some(bar) = &self.line {
            bar.finish_and_clear();
        }
    }
}
