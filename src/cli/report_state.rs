//! `report --state`: which captures need not be read again, and what is remembered for the next time.
//!
//! Beside the state `FILE` stand `FILE.key`, with which names and keys are told apart without being shown, and while a report runs
//! `FILE.part`: what was read since. A killed run goes on from there. The state is replaced only when a report is whole. Must not
//! know what is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use zeroize::Zeroizing;

use super::report_out::{beside, replace};
use crate::report::document::SinceLast;
use crate::report::inputs::Item;
use crate::report::run::Done;
use crate::report::state::{self, Known, Line, Same};
use crate::report::summary::Summary;
use crate::report::tally::Merge;
use crate::verify::ContentHash;

/// Octets of the key.
const KEY: usize = 32;

/// Where a line stands.
#[derive(Clone, Debug)]
struct Place {
    item: Known,
    at: u64,
    length: usize,
}

/// What is remembered. See the module's documentation.
pub(super) struct State {
    path: PathBuf,
    key: Zeroizing<Vec<u8>>,
    /// Keeps others away as long as it is open.
    _lock: File,
    made_with: String,
    /// Lines of the state, by name.
    reported: BTreeMap<String, Place>,
    /// Lines of what was read by a run that did not end.
    read: BTreeMap<String, Place>,
    part: Option<BufWriter<File>>,
    /// What the report before had.
    servers: BTreeSet<String>,
    rules: BTreeSet<String>,
    first: bool,
    /// What goes into the next state: the item as it is now, and where its line is.
    kept: Vec<(Known, Source)>,
    since: SinceLast,
    fresh: Summary,
}

/// Where a line is to be copied from.
#[derive(Clone, Debug)]
enum Source {
    Reported(Place),
    Read(Place),
}

fn side(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// A file that only its owner may read.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

impl State {
    /// Opens the key beside the state, or makes one.
    ///
    /// # Errors
    /// It cannot be read or made, or another report is using the state.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let key_path = side(path, ".key");
        let name = key_path.display();
        let mut file = private(OpenOptions::new().read(true).write(true).create(true).truncate(false))
            .open(&key_path)
            .with_context(|| format!("--state: {name}"))?;
        if file.try_lock().is_err() {
            bail!("--state {}: another report is using it", path.display());
        }
        let mut key = Zeroizing::new(Vec::new());
        file.read_to_end(&mut key).with_context(|| format!("--state: {name}"))?;
        if key.is_empty() {
            key.resize(KEY, 0);
            getrandom::fill(&mut key).map_err(|error| anyhow!("--state: no random numbers: {error}"))?;
            file.write_all(&key).and_then(|()| file.sync_all()).with_context(|| format!("--state: {name}"))?;
        } else if key.len() != KEY {
            bail!("--state: {name} is no key: it holds {} octets instead of {KEY}", key.len());
        }
        Ok(Self {
            path: path.to_owned(),
            key,
            _lock: file,
            made_with: String::new(),
            reported: BTreeMap::new(),
            read: BTreeMap::new(),
            part: None,
            servers: BTreeSet::new(),
            rules: BTreeSet::new(),
            first: true,
            kept: Vec::new(),
            since: SinceLast::default(),
            fresh: Summary::default(),
        })
    }

    /// The key beside the state.
    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    /// Reads what was reported before, where that was made with the same program, options and keys.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub(super) fn load(&mut self, made_with: String) -> Result<()> {
        self.made_with = made_with;
        let (mut servers, mut rules) = (BTreeSet::new(), BTreeSet::new());
        let reported = self.lines(&self.path, |line| {
            servers.extend(line.summary.servers.sorted().into_iter().map(|(name, _)| name.to_owned()));
            rules.extend(line.summary.rules.into_keys());
        })?;
        self.first = reported.is_none();
        (self.servers, self.rules) = (servers, rules);
        self.reported = reported.map(|(places, _)| places).unwrap_or_default();
        let part = side(&self.path, ".part");
        let read = self.lines(&part, |_| {})?;
        let name = part.display();
        let mut file = private(OpenOptions::new().read(true).write(true).create(true).truncate(false))
            .open(&part)
            .with_context(|| format!("--state: {name}"))?;
        let end = read.as_ref().map_or(0, |(_, end)| *end);
        // A line that was cut off is no line.
        file.set_len(end).and_then(|()| file.seek(SeekFrom::Start(end))).with_context(|| format!("--state: {name}"))?;
        if end == 0 {
            file.write_all(state::head(&self.made_with)?.as_bytes()).with_context(|| format!("--state: {name}"))?;
        }
        self.read = read.map(|(places, _)| places).unwrap_or_default();
        self.part = Some(BufWriter::new(file));
        Ok(())
    }

    /// The whole lines of a file, by name, and where they end; `None` where they do not hold.
    fn lines(&self, path: &Path, mut each: impl FnMut(Line)) -> Result<Option<(BTreeMap<String, Place>, u64)>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("--state {}", path.display())),
        };
        let mut file = BufReader::new(file);
        let named = || format!("--state {}", path.display());
        let (mut line, mut at, mut places) = (Vec::new(), 0u64, BTreeMap::new());
        let length = file.read_until(b'\n', &mut line).with_context(named)?;
        if !state::holds(&line, &self.made_with) {
            return Ok(None);
        }
        at += length as u64;
        loop {
            line.clear();
            let length = file.read_until(b'\n', &mut line).with_context(named)?;
            let Some(parsed) = Line::parse(&line) else { return Ok(Some((places, at))) };
            let item = parsed.item.clone();
            places.insert(item.name.clone(), Place { item, at, length });
            each(parsed);
            at += length as u64;
        }
    }

    /// Takes over what need not be read again, and gives back what must be.
    ///
    /// # Errors
    /// What was reported before cannot be read.
    pub(super) fn plan(&mut self, items: &[Item], verify: bool, total: &mut Summary) -> Result<Vec<Item>> {
        let mut todo = Vec::new();
        let names: BTreeSet<&str> = items.iter().map(Item::name).collect();
        self.since.gone = self.reported.keys().filter(|name| !names.contains(name.as_str())).count() as u64;
        let mut sources = Sources::open(&self.path)?;
        for item in items {
            let now = Known {
                name: item.name().to_owned(),
                octets: item.octets(),
                modified: item.modified(),
                ..Known::default()
            };
            let read = self.read.get(item.name()).and_then(|place| unchanged(place, item, verify));
            let reported = self.reported.get(item.name());
            let before = reported.and_then(|place| unchanged(place, item, verify));
            let is_new = reported.is_none();
            let (place, source) = match (read, before) {
                (Some(place), _) => {
                    if is_new {
                        self.since.new += 1;
                    } else {
                        self.since.changed += 1;
                    }
                    (place.clone(), Source::Read(place))
                }
                (None, Some(place)) => {
                    self.since.unchanged += 1;
                    (place.clone(), Source::Reported(place))
                }
                (None, None) => {
                    if is_new {
                        self.since.new += 1;
                    } else {
                        self.since.changed += 1;
                    }
                    todo.push(item.clone());
                    continue;
                }
            };
            let summary = sources.line(&source)?.summary;
            if matches!(source, Source::Read(_)) {
                self.fresh.absorb(summary.clone());
            }
            total.absorb(summary);
            self.kept.push((Known { content: place.item.content, ..now }, source));
        }
        Ok(todo)
    }

    /// Remembers what an item held that was read now.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn done(&mut self, item: &Item, done: &Done) -> Result<()> {
        self.fresh.absorb(done.summary.clone());
        let Some(content) = done.content.clone().filter(|_| done.complete) else { return Ok(()) };
        let known = Known { name: item.name().to_owned(), octets: item.octets(), modified: item.modified(), content };
        let line = Line { item: known.clone(), summary: done.summary.clone() }.text()?;
        let Some(part) = &mut self.part else { return Ok(()) };
        let at = part.stream_position();
        let written = at.and_then(|at| part.write_all(line.as_bytes()).and_then(|()| part.flush()).map(|()| at));
        let at = written.with_context(|| format!("--state: {}", side(&self.path, ".part").display()))?;
        self.kept.push((known.clone(), Source::Read(Place { item: known, at, length: line.len() })));
        Ok(())
    }

    /// What is new since the report before.
    pub(super) fn since_last(&self) -> SinceLast {
        let fresh = &self.fresh;
        let servers = fresh.servers.sorted().into_iter().map(|(name, _)| name.to_owned());
        SinceLast {
            first: self.first,
            notifications: fresh.totals.notifications,
            statuses: fresh.totals.statuses.clone(),
            servers: servers.filter(|name| !self.servers.contains(name)).collect(),
            rules: fresh.rules.keys().filter(|rule| !self.rules.contains(*rule)).cloned().collect(),
            ..self.since.clone()
        }
    }

    /// The report is whole: what it holds is the state from now on.
    ///
    /// # Errors
    /// It cannot be written; the state before stays.
    pub(super) fn finish(mut self) -> Result<()> {
        let name = self.path.display();
        let named = || format!("--state {name}");
        self.kept.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        let mut sources = Sources::open(&self.path)?;
        let mut to = BufWriter::new(beside(&self.path).with_context(named)?);
        to.write_all(state::head(&self.made_with)?.as_bytes()).with_context(named)?;
        for (item, source) in &self.kept {
            let mut line = sources.line(source)?;
            line.item = item.clone();
            to.write_all(line.text()?.as_bytes()).with_context(named)?;
        }
        let file = to.into_inner().map_err(std::io::IntoInnerError::into_error);
        file.and_then(|file| replace(file, &self.path)).with_context(named)?;
        drop(self.part.take());
        match std::fs::remove_file(side(&self.path, ".part")) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error).with_context(named),
            _ => Ok(()),
        }
    }
}

/// The line of an item that is the same as when it was read.
fn unchanged(place: &Place, item: &Item, verify: bool) -> Option<Place> {
    let same = match place.item.same(item.octets(), item.modified(), verify) {
        Same::Yes => true,
        Same::No => false,
        Same::Compare => content(item.path()).is_some_and(|content| content == place.item.content),
    };
    same.then(|| place.clone())
}

/// Hash of a file's content; `None` where it cannot be read, or only once.
pub(super) fn content(path: &Path) -> Option<String> {
    const CHUNK: usize = 1 << 18;
    if !path.is_file() {
        return None;
    }
    let mut file = File::open(path).ok()?;
    let mut hash = ContentHash::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Some(hash.finish()),
            Ok(count) => hash.update(chunk.get(..count)?),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// The files lines are copied from.
struct Sources {
    path: PathBuf,
    reported: Option<File>,
    read: Option<File>,
}

impl Sources {
    fn open(path: &Path) -> Result<Self> {
        let open = |path: &Path| match File::open(path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("--state {}", path.display())),
        };
        Ok(Self { path: path.to_owned(), reported: open(path)?, read: open(&side(path, ".part"))? })
    }

    fn line(&mut self, source: &Source) -> Result<Line> {
        let (file, place) = match source {
            Source::Reported(place) => (&mut self.reported, place),
            Source::Read(place) => (&mut self.read, place),
        };
        let mut line = vec![0; place.length];
        let read =
            file.as_mut().map(|file| file.seek(SeekFrom::Start(place.at)).and_then(|_| file.read_exact(&mut line)));
        read.transpose().with_context(|| format!("--state {}", self.path.display()))?;
        Line::parse(&line).ok_or_else(|| anyhow!("--state {}: was changed while it was read", self.path.display()))
    }
}
