//! Runs the terminal UI: the loop, and everything it needs from outside: terminal, threads, files, time, environment.
//!
//! The only file, with [`super::terminal`], that knows a terminal. Must not decide what is shown.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, TrySendError, channel, sync_channel,
};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::layout::Rect;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use zeroize::Zeroizing;

use super::chunks::CHUNK;
use super::export::{Written, write};
use super::keys::KeyMap;
use super::layout::{areas, list_rows};
use super::library::Library;
use super::loader::{Batch, Outside, load};
use super::model::Model;
use super::msg::{Effect, Export, Msg, Notice, Progress};
use super::settings::State;
use super::story::story;
use super::theme::Theme;
use super::update::update;
use super::view::view;
use super::worker::{Job, Lane, work};
use super::{TuiOptions, terminal};
use crate::capture::{Merged, Pipe};
use crate::model::{visible, visible_str};
use crate::scan::Options;
use crate::verify::Keyring;

mod inputs;
mod places;

use inputs::{Teller, following, piped};
use places::{Places, expanded, files_named, keyring, open_to_others, read_secrets, same_file, terminal_kind, title};

/// Nothing happening for this long is told to the screen.
const TICK: Duration = Duration::from_millis(250);
/// Longest time spent on what happened before the screen is drawn.
const TURN: Duration = Duration::from_millis(12);
/// Octets of memory that the list of a live capture may take.
const KEEP_OCTETS: usize = 512 << 20;
/// Packets that leave it at once, at least: less than a chunk is not given back.
const LEAVE_MIN: usize = CHUNK;
/// Batches that may wait for the screen.
const WAITING: usize = 4;
/// Cells worked out at once without a thread of their own.
const CELLS_AT_ONCE: usize = 256;

/// How the terminal UI was left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Something could not be read whole.
    pub incomplete: bool,
}

/// Opens captures in the terminal UI and stays until it is left.
///
/// # Errors
/// The secrets file is wrong, or the terminal cannot be used.
pub fn run(paths: &[PathBuf], options: TuiOptions) -> Result<Left> {
    let mut secrets = Vec::new();
    if let Some(path) = &options.secrets {
        secrets.push(read_secrets(path)?);
    }
    let keyring = keyring(&secrets).map_err(|error| anyhow!("{error}"))?;
    let mut places = Places::find();
    if options.forget {
        places.state = None;
    }
    let state = places.settings();
    let mut keys = KeyMap::default();
    for (mode, action, wanted) in &options.keys {
        keys.remap(mode, action, wanted).map_err(|error| anyhow!("configuration: {error}"))?;
    }
    let kind = terminal_kind(&options);
    let theme = Theme::new(options.theme.unwrap_or(state.theme), kind);
    let live = options.live.as_ref();
    let mut model = Model::new(live.map_or_else(|| title(paths), |live| visible_str(&live.title)), state, keys, theme);
    model.zone = jiff::tz::TimeZone::system();
    model.keys_loaded = keyring.len();
    model.load.all = options.scan.all;
    model.colors.clone_from(&options.colors);
    model.load.live = live.is_some();
    model.load.once = live.is_some() || paths.iter().any(|path| Pipe::is_one(path));
    // What comes by itself is followed by itself.
    model.load.follow = model.load.once;
    if let Some(columns) = &options.columns {
        model.columns = super::model::columns(&State { columns: columns.clone(), ..State::default() });
    }
    model.notice = options.secrets.as_deref().and_then(open_to_others);
    let guard = terminal::Guard::new().context("the terminal cannot be used")?;
    let mut screen = Terminal::new(CrosstermBackend::new(std::io::stdout())).context("the terminal cannot be used")?;
    let (sender, receiver) = channel();
    listen(&sender);
    let mut outer = Outer::new(paths, options, secrets, keyring, places, sender);
    outer.start_loading(model.load.all, false, true);
    if let Some(expression) = outer.options.filter.take() {
        let mut effects = Vec::new();
        super::work::set_filter(&mut model, &expression, &mut effects);
        outer.doing.extend(effects);
    }
    let result = turn(&mut screen, &mut model, &mut outer, &receiver);
    drop(guard);
    result?;
    Ok(Left { incomplete: model.load.ended.is_some_and(|e| !e.problems.is_empty()) })
}

/// The loop: what happened, what is to be done, what is shown.
///
/// # Errors
/// The terminal is gone.
fn turn<B: Backend>(
    screen: &mut Terminal<B>,
    model: &mut Model,
    outer: &mut Outer,
    happened: &Receiver<Happened>,
) -> Result<()>
where
    B::Error: Send + Sync + 'static,
{
    let size = screen.size()?;
    outer.queue.push_back(Msg::Resize(size.width, size.height));
    let mut dirty = true;
    loop {
        let began = Instant::now();
        while let Some(msg) = outer.queue.pop_front() {
            let more = matches!(msg, Msg::Listed(_) | Msg::Progress(_));
            let effects = update(model, msg);
            outer.doing.extend(effects);
            if more {
                outer.make_room(model);
            }
            while let Some(effect) = outer.doing.pop_front() {
                match effect {
                    Effect::Quit => {
                        // A signal may have asked: what was typed is remembered all the same.
                        let _ = outer.places.save(&model.state);
                        return Ok(());
                    }
                    Effect::Suspend => {
                        suspend();
                        let size = anew(screen)?;
                        outer.queue.push_back(Msg::Resize(size.0, size.1));
                    }
                    Effect::Redraw => {
                        anew(screen)?;
                    }
                    other => outer.carry_out(other, model),
                }
            }
            dirty = true;
            if outer.queue.is_empty() && began.elapsed() < TURN {
                outer.take(happened.try_recv());
            }
        }
        if dirty {
            screen.draw(|frame| view(model, frame))?;
            dirty = false;
        }
        match happened.recv_timeout(TICK) {
            Ok(what) => outer.take(Ok(what)),
            Err(RecvTimeoutError::Timeout) => {
                if let Some(fault) = terminal::fault() {
                    let text = format!("a fault of ours, something may be missing now: {fault}");
                    outer.queue.push_back(Msg::Say(Notice::error(text)));
                }
                if model.loading() || model.judging || model.screen == super::model::Screen::Statistics {
                    outer.queue.push_back(Msg::Tick);
                }
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// Makes the next drawing start from an empty screen. (Clearing would ask the terminal for its cursor, and the answer would go to
/// the thread that waits for keys.)
fn anew<B: Backend>(screen: &mut Terminal<B>) -> Result<(u16, u16)>
where
    B::Error: Send + Sync + 'static,
{
    let size = screen.size()?;
    screen.resize(Rect::new(0, 0, size.width, size.height))?;
    Ok((size.width, size.height))
}

/// Something that came from a thread.
enum Happened {
    /// From the terminal.
    Here(Msg),
    /// From the loader of this generation, which waits until it is taken in.
    Loaded(u64, Msg),
    /// From work on packets of this generation, with its place among the jobs of its kind.
    Worked { generation: u64, lane: Lane, mine: u64, msg: Msg },
    /// A signal asks to leave.
    Leave,
    /// A signal asks to step back.
    Suspend,
}

/// For each kind of work: changes when what was begun before is of no use any more.
#[derive(Clone, Default)]
struct Turns(Arc<[AtomicU64; Lane::ALL.len()]>);

impl Turns {
    fn of(&self, lane: Lane) -> &AtomicU64 {
        static NONE: AtomicU64 = AtomicU64::new(0);
        let at = Lane::ALL.iter().position(|one| *one == lane).unwrap_or(0);
        self.0.get(at).unwrap_or(&NONE)
    }

    fn now(&self, lane: Lane) -> u64 {
        self.of(lane).load(Ordering::Relaxed)
    }

    fn turn(&self, lane: Lane) -> u64 {
        self.of(lane).fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }
}

/// A job, and what it belongs to.
struct Given {
    generation: u64,
    lane: Lane,
    mine: u64,
    library: Arc<Library>,
    job: Job,
}

impl Given {
    fn work(self, turns: &Turns, tell: &Sender<Happened>) {
        let Self { generation, lane, mine, library, job } = self;
        let send = |msg| tell.send(Happened::Worked { generation, lane, mine, msg }).is_ok();
        work(&library, job, turns.of(lane), mine, &send);
    }
}

/// Everything outside.
struct Outer {
    paths: Vec<PathBuf>,
    options: TuiOptions,
    library: Arc<Library>,
    secrets: Vec<(Zeroizing<String>, String)>,
    places: Places,
    sender: Sender<Happened>,
    queue: VecDeque<Msg>,
    doing: VecDeque<Effect>,
    generation: u64,
    stop: Arc<AtomicBool>,
    follow: Arc<AtomicBool>,
    /// Room for batches: the loader puts one in for each batch sent, the loop takes one out for each taken in.
    room: (SyncSender<()>, Arc<Mutex<Receiver<()>>>),
    filters: Sender<Given>,
    turns: Turns,
    judge_again: bool,
}

impl Outer {
    fn new(
        paths: &[PathBuf],
        options: TuiOptions,
        secrets: Vec<(Zeroizing<String>, String)>,
        keyring: Keyring,
        places: Places,
        sender: Sender<Happened>,
    ) -> Self {
        let library = Arc::new(Library::new(options.table.clone(), keyring));
        let turns = Turns::default();
        let (filters, jobs) = channel::<Given>();
        let (all, tell) = (turns.clone(), sender.clone());
        // Filtering goes in the order asked for: one thread, one job after the other.
        thread::spawn(move || {
            for given in jobs {
                given.work(&all, &tell);
            }
        });
        let (room, taken) = sync_channel(WAITING);
        Self {
            paths: paths.to_vec(),
            options,
            library,
            secrets,
            places,
            sender,
            queue: VecDeque::new(),
            doing: VecDeque::new(),
            generation: 0,
            stop: Arc::new(AtomicBool::new(false)),
            follow: Arc::new(AtomicBool::new(false)),
            room: (room, Arc::new(Mutex::new(taken))),
            filters,
            turns,
            judge_again: false,
        }
    }

    /// Takes in what came from a thread.
    fn take(&mut self, what: Result<Happened, TryRecvError>) {
        match what {
            Ok(Happened::Here(msg)) => self.queue.push_back(msg),
            Ok(Happened::Worked { generation, lane, mine, msg }) => {
                // Filters and columns name what they belong to; of others what came too late is dropped.
                let late = !matches!(lane, Lane::Filter | Lane::Cells) && mine != self.turns.now(lane);
                if generation == self.generation && !late {
                    self.queue.push_back(msg);
                }
            }
            Ok(Happened::Loaded(generation, msg)) => {
                let _ = self.room.1.lock().unwrap_or_else(PoisonError::into_inner).try_recv();
                if generation == self.generation {
                    let ended = matches!(msg, Msg::Loaded(_));
                    self.queue.push_back(msg);
                    if ended && std::mem::take(&mut self.judge_again) {
                        self.judge(Vec::new());
                    }
                }
            }
            Ok(Happened::Leave) => {
                self.doing.push_back(Effect::Quit);
                self.queue.push_back(Msg::Tick);
            }
            Ok(Happened::Suspend) => {
                self.doing.push_back(Effect::Suspend);
                self.queue.push_back(Msg::Tick);
            }
            Err(_) => {}
        }
    }

    /// Lets the oldest packets leave the list of a live capture where it is full.
    fn make_room(&mut self, model: &Model) {
        let Some(live) = &self.options.live else { return };
        let store = &model.store;
        let kept = store.kept();
        let (spooled, room) = self.library.spooled();
        let spool_full = spooled > room / 8 * 7;
        let beyond = live.keep.map_or(0, |keep| kept.saturating_sub(keep as usize));
        let memory_full = live.keep.is_none() && store.octets().saturating_add(self.library.octets()) > KEEP_OCTETS;
        let leave = if spool_full || memory_full { beyond.max(kept / 8).max(LEAVE_MIN) } else { beyond };
        // Not for every packet anew, and the last chunk stays.
        if leave >= LEAVE_MIN && kept > LEAVE_MIN {
            let upto = store.gone().saturating_add(u32::try_from(leave).unwrap_or(u32::MAX));
            self.library.forget(upto);
            self.queue.push_back(Msg::Forget(upto));
        }
    }

    /// Reads everything, from the start: the `same` captures again, with their comments, or others.
    fn start_loading(&mut self, all: bool, follow: bool, same: bool) {
        self.stop.store(true, Ordering::Relaxed);
        self.generation = self.generation.wrapping_add(1);
        self.stop = Arc::new(AtomicBool::new(false));
        self.follow = Arc::new(AtomicBool::new(follow));
        let (room, taken) = sync_channel(WAITING);
        self.room = (room, Arc::new(Mutex::new(taken)));
        let keyring = keyring(&self.secrets).unwrap_or_default();
        let comments = self.library.comments();
        let library = Library::new(self.options.table.clone(), keyring).with_colors(self.options.colors.clone());
        for (number, text) in comments.into_iter().filter(|_| same) {
            library.comment(number, Some(text));
        }
        for lane in Lane::ALL {
            self.turns.turn(lane);
        }
        self.library = Arc::new(library);
        let (library, generation, stop) = (Arc::clone(&self.library), self.generation, Arc::clone(&self.stop));
        let (tell, room, growing) = (self.sender.clone(), self.room.0.clone(), Arc::clone(&self.follow));
        let paths = self.paths.clone();
        let options = Options { all, ..self.options.scan.clone() };
        let live = self.options.live.clone();
        thread::spawn(move || {
            let began = Instant::now();
            let known = |p: &PathBuf| Some(fs::metadata(p).ok().filter(fs::Metadata::is_file)?.len());
            let total = (!follow).then(|| paths.iter().map(known).sum()).flatten();
            let batch = Arc::new(Mutex::new(Batch::default()));
            let send = move |msg| wait_for_room(&room) && tell.send(Happened::Loaded(generation, msg)).is_ok();
            let reached = Arc::new(Mutex::new(Progress::default()));
            let control = live.as_ref().map(|live| live.control.clone());
            let teller = Teller::new(Arc::clone(&batch), Arc::clone(&reached), control, send.clone());
            let mut watcher = None;
            let (input, waits) = if let Some(live) = live {
                let start = live.start.lock().unwrap_or_else(PoisonError::into_inner).take();
                let mut teller = teller;
                let started = start.map(|(start, looks_on)| {
                    watcher = Some(looks_on);
                    start(Box::new(move || teller.idle()))
                });
                match started {
                    Some(Ok(input)) => (Merged::new(vec![input]), true),
                    Some(Err(error)) => {
                        send(Msg::Say(Notice::error(error.to_string())));
                        (Merged::default(), true)
                    }
                    None => (Merged::default(), true),
                }
            } else if follow {
                (following(&paths, &growing, &stop, &teller), true)
            } else {
                piped(&paths, &stop, &teller)
            };
            let reached = waits.then_some(reached);
            let outside = Outside { elapsed: &|| began.elapsed(), send: &send, stop: &stop, total, batch, reached };
            load(&library, input, &options, watcher, &outside);
        });
    }

    /// Does what is to be done.
    fn carry_out(&mut self, effect: Effect, model: &mut Model) {
        match effect {
            Effect::Open(at) => self.queue.push_back(match self.library.open(at) {
                Ok(opened) => Msg::Opened(Box::new(opened)),
                Err(error) => Msg::Lost(at, visible_str(&error)),
            }),
            Effect::Compare(one, other) => match (self.library.open(one), self.library.open(other)) {
                (Ok(one), Ok(other)) => self.queue.push_back(Msg::Compared(Box::new(one), Box::new(other))),
                (Err(error), _) | (_, Err(error)) => self.say(Notice::error(error)),
            },
            Effect::Work(Job::Cells { packets, fields }) if packets.len() <= CELLS_AT_ONCE => {
                let found = Mutex::new(Vec::new());
                let none = AtomicU64::new(0);
                work(&self.library, Job::Cells { packets, fields }, &none, 0, &|msg| {
                    found.lock().unwrap_or_else(PoisonError::into_inner).push(msg);
                    true
                });
                self.queue.extend(found.into_inner().unwrap_or_else(PoisonError::into_inner));
            }
            Effect::Work(job) => self.work(job),
            Effect::Stop(lane) => {
                self.turns.turn(lane);
            }
            Effect::Comment(number, text) => self.library.comment(number, text),
            Effect::Paths(typed) => {
                let found = files_named(&typed);
                self.queue.push_back(Msg::Paths(typed, found));
            }
            Effect::OpenCapture(path) => self.open_capture(&expanded(&path), model),
            Effect::Story(at) => {
                let keys = self.library.keys();
                match self.library.look(at, |packet, _| story(&keys, packet)) {
                    Ok(lines) => self.queue.push_back(Msg::Story(at, lines)),
                    Err(error) => self.say(Notice::error(error)),
                }
            }
            Effect::StopLoading => match &self.options.live {
                // What was received until now still comes.
                Some(live) => live.control.stop(),
                None => self.stop.store(true, Ordering::Relaxed),
            },
            Effect::Reload { all } => {
                let follow = model.load.follow;
                self.start_loading(all, follow, true);
            }
            Effect::Follow(on) => self.follow.store(on, Ordering::Relaxed),
            Effect::LoadSecrets(path) => match read_secrets(&expanded(&path)) {
                Ok(text) => {
                    self.new_secrets(text, model);
                    self.queue.extend(open_to_others(&expanded(&path)).map(Msg::Say));
                }
                Err(error) => self.say(Notice::error(format!("{error:#}"))),
            },
            Effect::TypeSecrets(typed) => self.new_secrets((typed.0, "typed".to_owned()), model),
            Effect::Copy(text) => match terminal::copy(&text) {
                Ok(true) => {}
                Ok(false) => self.say(Notice::error("too much for the clipboard: export it instead (:export)")),
                Err(error) => self.say(Notice::error(format!("copy: {error}"))),
            },
            Effect::Export(export) => self.export(export),
            Effect::Save(state) => {
                if let Err(error) = self.places.save(&state) {
                    self.say(Notice::error(format!("the settings cannot be saved: {error}")));
                    // Once is enough.
                    self.places.state = None;
                }
            }
            Effect::Suspend | Effect::Redraw | Effect::Quit => {}
        }
    }

    fn say(&mut self, notice: Notice) {
        self.queue.push_back(Msg::Say(notice));
    }

    /// Works on a thread of its own; filters one after the other.
    fn work(&self, job: Job) {
        let lane = job.lane();
        let mine = if job.begins_anew() { self.turns.turn(lane) } else { self.turns.now(lane) };
        let given = Given { generation: self.generation, lane, mine, library: Arc::clone(&self.library), job };
        if lane == Lane::Filter {
            let _ = self.filters.send(given);
        } else {
            let (turns, tell) = (self.turns.clone(), self.sender.clone());
            thread::spawn(move || given.work(&turns, &tell));
        }
    }

    fn open_capture(&mut self, path: &Path, model: &mut Model) {
        if let Err(error) = fs::File::open(path) {
            self.say(Notice::error(format!("{}: {error}", path.display())));
            return;
        }
        self.paths = vec![path.to_path_buf()];
        // A live capture does not go on unseen.
        if let Some(live) = self.options.live.take() {
            live.control.stop();
        }
        let once = Pipe::is_one(path);
        self.start_loading(model.load.all, false, false);
        self.queue.push_back(Msg::Opening(title(&self.paths), once));
    }

    fn new_secrets(&mut self, text: (Zeroizing<String>, String), model: &mut Model) {
        self.secrets.push(text);
        match keyring(&self.secrets) {
            Ok(keys) => {
                model.keys_loaded = keys.len();
                let (count, plural) = (keys.len(), if keys.len() == 1 { "" } else { "s" });
                let warnings: Vec<String> =
                    keys.warnings().iter().map(|w| format!("line {}: {}: {}", w.line, w.key, w.text)).collect();
                self.library.set_keys(keys);
                let text = format!("{count} key{plural}; all digests are checked again");
                self.say(match warnings.first() {
                    Some(warning) => Notice::error(format!("{text}; {warning}")),
                    None => Notice::note(text),
                });
            }
            Err(error) => {
                self.secrets.pop();
                self.say(Notice::error(error));
            }
        }
        self.judge_again = model.loading();
        let rows = list_rows(&areas(model));
        let shown = (model.top..model.top.saturating_add(rows)).filter_map(|at| model.packet_at(at));
        let first = shown.chain(model.current()).collect();
        self.judge(first);
    }

    fn judge(&self, first: Vec<u32>) {
        let to = u32::try_from(self.library.len()).unwrap_or(u32::MAX);
        self.work(Job::Judge { to, first });
    }

    /// Writes packets, on a thread of its own.
    fn export(&mut self, mut export: Export) {
        export.path = expanded(&export.path);
        let open = self.paths.iter().any(|path| same_file(path, &export.path));
        if open {
            self.say(Notice::error("that is the capture that is open: it is never written; give another name"));
            return;
        }
        let (library, tell) = (Arc::clone(&self.library), self.sender.clone());
        thread::spawn(move || {
            // Written beside it first, so that a failure leaves what was there.
            let mut beside = export.path.clone().into_os_string();
            beside.push(".part");
            let beside = PathBuf::from(beside);
            let result = fs::File::create(&beside)
                .map_err(|error| error.to_string())
                .and_then(|file| write(&library, &export, Box::new(std::io::BufWriter::new(file))))
                .and_then(|done| fs::rename(&beside, &export.path).map(|()| done).map_err(|error| error.to_string()));
            let name = visible(export.path.as_os_str().as_encoded_bytes());
            let notice = match result {
                Ok(Written { packets, frames, comments }) => {
                    if matches!(export.format.as_str(), "pcap" | "pcapng") {
                        let _ = tell.send(Happened::Here(Msg::Written(comments)));
                    }
                    Notice::note(format!("{packets} packets ({frames} frames) written: {name}"))
                }
                Err(error) => {
                    let _ = fs::remove_file(&beside);
                    Notice::error(format!("{name}: {error}"))
                }
            };
            let _ = tell.send(Happened::Here(Msg::Say(notice)));
        });
    }
}

/// Waits until the screen has room for another batch; `false` when it is not wanted any more.
fn wait_for_room(room: &SyncSender<()>) -> bool {
    // Polled, so that a screen that is gone is noticed.
    loop {
        match room.try_send(()) {
            Ok(()) => return true,
            Err(TrySendError::Disconnected(())) => return false,
            Err(TrySendError::Full(())) => thread::sleep(Duration::from_millis(2)),
        }
    }
}

fn suspend() {
    terminal::give_back();
    // The default of the signal: the shell gets control until it lets us go on.
    let _ = signal_hook::low_level::emulate_default_handler(SIGTSTP);
    let _ = terminal::take();
}

/// Threads that wait for the terminal and for signals.
fn listen(sender: &Sender<Happened>) {
    let keys = sender.clone();
    thread::spawn(move || {
        while let Ok(msg) = terminal::next() {
            if let Some(msg) = msg
                && keys.send(Happened::Here(msg)).is_err()
            {
                return;
            }
        }
        let _ = keys.send(Happened::Leave);
    });
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP]) else { return };
    let signalled = sender.clone();
    thread::spawn(move || {
        for signal in signals.forever() {
            let what = if signal == SIGTSTP { Happened::Suspend } else { Happened::Leave };
            if signalled.send(what).is_err() {
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests;
