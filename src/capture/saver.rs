//! Saving a live capture: one file, or a ring of files of which the oldest go.
//!
//! Files grow by whole records, at least every half second: whoever is killed leaves a readable file. A disk that is full ends
//! the saving, not the capture. Must not know what is in the frames.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::frame::{Frame, Problem};
use super::line::{Counts, News};
use super::write::{Format, FrameWriter, WriteError};

/// Octets that are written at once.
const CHUNK: usize = 64 << 10;
/// Octets wait for others no longer than this.
const OFTEN: Duration = Duration::from_millis(300);

/// Where and how to save.
#[derive(Clone, Debug)]
pub struct Ring {
    /// The file; with a ring, what the names of its files are made from.
    pub path: PathBuf,
    /// Its format.
    pub format: Format,
    /// Most files to keep; the oldest go.
    pub files: Option<u32>,
    /// Octets after which the next file begins.
    pub size: Option<u64>,
    /// Time after which the next file begins.
    pub duration: Option<Duration>,
}

impl Ring {
    /// Whether there are several files.
    const fn is_ring(&self) -> bool {
        self.files.is_some() || self.size.is_some() || self.duration.is_some()
    }

    /// The name of a file of the ring, counted from 1, begun at a local time of the form `20260102030405`.
    fn name(&self, number: u32, time: &str) -> PathBuf {
        if !self.is_ring() {
            return self.path.clone();
        }
        let mut name = self.path.file_stem().unwrap_or_default().to_os_string();
        name.push(format!("_{number:05}_{time}"));
        if let Some(extension) = self.path.extension() {
            name.push(".");
            name.push(extension);
        }
        self.path.with_file_name(name)
    }
}

/// Octets that a writer wrote, to be taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet(Arc<Mutex<Vec<u8>>>);

impl Sheet {
    /// Takes what was written.
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How much was written.
    fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Write for Sheet {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Saves frames. See the module's documentation.
#[derive(Debug)]
pub struct Saver {
    ring: Ring,
    counts: Arc<Counts>,
    news: Arc<News>,
    /// `None` after saving failed.
    open: Option<Open>,
    /// Files of the ring that are complete, the oldest first.
    complete: VecDeque<PathBuf>,
    /// Files begun so far.
    number: u32,
    /// Whether a frame that the format cannot hold was told of.
    told: bool,
}

/// The file being written.
#[derive(Debug)]
struct Open {
    path: PathBuf,
    file: File,
    writer: FrameWriter,
    sheet: Sheet,
    /// Frames on the sheet.
    waiting: u64,
    /// Octets in the file.
    len: u64,
    began: Instant,
    flushed: Instant,
}

impl Saver {
    /// Begins the (first) file.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn new(ring: Ring, counts: Arc<Counts>, news: Arc<News>) -> Result<Self, Problem> {
        let mut saver = Self { ring, counts, news, open: None, complete: VecDeque::new(), number: 0, told: false };
        match saver.begin() {
            Ok(()) => Ok(saver),
            Err((path, error)) => Err(problem(&path, &error)),
        }
    }

    /// Begins the next file.
    fn begin(&mut self) -> Result<(), (PathBuf, io::Error)> {
        self.number = self.number.saturating_add(1);
        let time = jiff::Zoned::now().strftime("%Y%m%d%H%M%S").to_string();
        let path = self.ring.name(self.number, &time);
        let file = File::create(&path).map_err(|error| (path.clone(), error))?;
        let sheet = Sheet::default();
        let mut writer = FrameWriter::new(Box::new(sheet.clone()), self.ring.format).nanos();
        if self.ring.format == Format::Pcapng {
            // Readable from its first moment. (What a pcap file begins with depends on its first frame.)
            let _ = writer.finish();
        }
        let now = Instant::now();
        self.open = Some(Open { path, file, writer, sheet, waiting: 0, len: 0, began: now, flushed: now });
        self.flush();
        Ok(())
    }

    /// Saves a frame.
    pub fn write(&mut self, frame: &Frame<'_>, comments: &[&str]) {
        if self.open.as_ref().is_some_and(|open| self.is_over(open)) {
            self.turn();
        }
        let Some(open) = &mut self.open else {
            self.counts.unsaved.fetch_add(1, Ordering::Relaxed);
            return;
        };
        match open.writer.write(frame, comments) {
            Ok(()) => open.waiting = open.waiting.saturating_add(1),
            Err(error) => {
                self.counts.unsaved.fetch_add(1, Ordering::Relaxed);
                if !std::mem::replace(&mut self.told, true) {
                    self.counts.damaged.store(true, Ordering::Relaxed);
                    self.news.tell(format!("-w {}: not all can be saved: {error}", open.path.display()));
                }
            }
        }
        if self.open.as_ref().is_some_and(|open| open.sheet.len() >= CHUNK) {
            self.flush();
        }
    }

    /// Whether a file has reached its size or its age.
    fn is_over(&self, open: &Open) -> bool {
        let len = open.len.saturating_add(open.sheet.len() as u64);
        self.ring.size.is_some_and(|size| len >= size)
            || self.ring.duration.is_some_and(|duration| open.began.elapsed() >= duration)
    }

    /// Completes the file and begins the next one; the oldest one goes where there are too many.
    fn turn(&mut self) {
        self.complete();
        let Some(open) = self.open.take() else { return };
        self.complete.push_back(open.path);
        if let Err((path, error)) = self.begin() {
            self.fail(&path, &error, 0);
            return;
        }
        let keep = self.ring.files.map_or(usize::MAX, |files| files.saturating_sub(1) as usize);
        while self.complete.len() > keep
            && let Some(oldest) = self.complete.pop_front()
        {
            if let Err(error) = fs::remove_file(&oldest) {
                self.news.tell(format!("{}: cannot be removed: {error}", oldest.display()));
            }
        }
    }

    /// Writes out what waited long enough. To be called now and then.
    pub fn tick(&mut self) {
        if self.open.as_ref().is_some_and(|open| open.flushed.elapsed() >= OFTEN) {
            self.flush();
        }
    }

    /// Writes out what waits.
    fn flush(&mut self) {
        let Some(open) = &mut self.open else { return };
        open.flushed = Instant::now();
        let octets = open.sheet.take();
        if octets.is_empty() {
            return;
        }
        let waiting = std::mem::take(&mut open.waiting);
        match open.file.write_all(&octets) {
            Ok(()) => {
                open.len = open.len.saturating_add(octets.len() as u64);
                self.counts.saved.fetch_add(waiting, Ordering::Relaxed);
            }
            Err(error) => {
                // What was written in part would be damage at the end of a good file.
                let _ = open.file.set_len(open.len);
                let path = open.path.clone();
                self.open = None;
                self.fail(&path, &error, waiting);
            }
        }
    }

    fn fail(&self, path: &Path, error: &io::Error, lost: u64) {
        self.counts.unsaved.fetch_add(lost, Ordering::Relaxed);
        self.counts.damaged.store(true, Ordering::Relaxed);
        let Problem { file, text, .. } = problem(path, error);
        self.news.tell(format!("{file}: {text}; the capture goes on without saving"));
    }

    /// Writes out everything: the file is complete.
    pub fn complete(&mut self) {
        if let Some(open) = &mut self.open
            && let Err(WriteError::Io(error)) = open.writer.finish()
        {
            self.news.tell(format!("-w {}: {error}", open.path.display()));
        }
        self.flush();
    }

    /// The file being written, or the last one.
    pub fn path(&self) -> &Path {
        self.open.as_ref().map_or(&self.ring.path, |open| &open.path)
    }
}

fn problem(path: &Path, error: &io::Error) -> Problem {
    let text = match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::PermissionDenied => "may not be written: permission denied".to_owned(),
        io::ErrorKind::NotFound => "cannot be made: there is no such folder".to_owned(),
        _ => error.to_string(),
    };
    Problem { file: format!("-w {}", path.display()), offset: None, text }
}

#[cfg(test)]
mod tests {
    use super::{Ring, Saver};
    use crate::capture::{Format, Frame, Input, LinkType};
    use crate::model::Timestamp;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    fn ring(folder: &Path, files: Option<u32>, size: Option<u64>) -> Ring {
        Ring { path: folder.join("lab.pcapng"), format: Format::Pcapng, files, size, duration: None }
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        all.sort();
        all
    }

    fn frames(path: &Path) -> usize {
        let mut input = Input::open(path).unwrap();
        let mut count = 0;
        while input.next().is_some() {
            count += 1;
        }
        assert_eq!(input.problems(), []);
        count
    }

    #[test]
    fn a_ring_keeps_the_newest_files_under_names_as_dumpcap_gives_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut saver = Saver::new(ring(folder.path(), Some(3), Some(4000)), Arc::default(), Arc::default()).unwrap();
        for number in 1..=100 {
            let time = Timestamp::from_secs(i64::from(number), 0);
            saver.write(&Frame::new(number, Some(time), LinkType(101), &[0; 400]), &[]);
        }
        saver.complete();
        let all = files(folder.path());
        assert_eq!(all.len(), 3);
        for (path, number) in all.iter().zip(8..) {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(name.starts_with(&format!("lab_{number:05}_20")), "{name}");
            assert_eq!(
                (name.len(), path.extension().unwrap()),
                ("lab_00001_20260102030405.pcapng".len(), "pcapng".as_ref())
            );
        }
        // 10 frames of 432 octets each fill a file.
        assert_eq!(all.iter().map(|path| frames(path)).collect::<Vec<_>>(), [10, 10, 10]);
        assert_eq!(saver.counts.tally().saved, 100);
    }

    #[test]
    fn what_is_saved_is_readable_before_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let mut saver = Saver::new(ring(folder.path(), None, None), Arc::default(), Arc::default()).unwrap();
        let path = folder.path().join("lab.pcapng");
        assert_eq!(frames(&path), 0);
        for number in 1..=1000 {
            saver.write(&Frame::new(number, None, LinkType(101), &[0; 400]), &[]);
        }
        assert!(frames(&path) > 800);
        saver.flush();
        assert_eq!(frames(&path), 1000);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_once_and_what_is_lost_is_counted() {
        let full = Ring { path: "/dev/full".into(), ..ring(Path::new("/"), None, None) };
        let mut saver = Saver::new(full, Arc::default(), Arc::default()).unwrap();
        for number in 1..=10 {
            saver.write(&Frame::new(number, None, LinkType(101), &[0; 400]), &[]);
            saver.flush();
        }
        let tally = saver.counts.tally();
        assert_eq!((tally.saved, tally.unsaved), (0, 10));
        let news = saver.news.take();
        assert!(matches!(news.as_slice(), [one] if one.contains("the disk is full; the capture goes on")), "{news:?}");
    }
}
