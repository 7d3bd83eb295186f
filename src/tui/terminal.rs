//! The terminal: taken over, given back whatever happens, and its keys and mouse in our own words.
//!
//! With [`mod@super::run`] the only file that knows crossterm. Must not know what is shown.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture, Event, KeyCode, KeyEvent,
    KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};

use super::key::{Code, Key, Mouse, MouseWhat};
use super::msg::Msg;
use crate::model::visible_str;

/// Whether the terminal is ours.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// What went wrong in a thread beside the screen.
static FAULT: Mutex<Option<String>> = Mutex::new(None);

/// What went wrong in a thread beside the screen since it was asked last.
pub(super) fn fault() -> Option<String> {
    FAULT.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Takes the terminal over.
///
/// # Errors
/// It is none, or cannot be changed.
pub(super) fn take() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture, EnableBracketedPaste)
}

/// Gives the terminal back as it was. Does nothing where it is not ours; may be called from a panic.
pub(super) fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), DisableBracketedPaste, DisableMouseCapture, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// Gives the terminal back when it goes.
#[derive(Debug)]
pub(super) struct Guard(());

impl Guard {
    /// Takes the terminal over until the guard goes. A panic gives it back before it is printed.
    ///
    /// # Errors
    /// As [`take`].
    pub(super) fn new() -> io::Result<Self> {
        let before = std::panic::take_hook();
        let screen = std::thread::current().id();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().id() == screen {
                give_back();
                before(info);
            } else {
                // A thread beside the screen: the screen lives on and tells.
                let text = visible_str(&info.to_string()).into_string();
                FAULT.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(text);
            }
        }));
        take()?;
        Ok(Self(()))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

/// Waits for something to happen at the terminal.
///
/// # Errors
/// The terminal is gone.
pub(super) fn next() -> io::Result<Option<Msg>> {
    Ok(translate(crossterm::event::read()?))
}

/// What happened, in our words; `None` for what means nothing to us.
fn translate(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => translate_key(key).map(Msg::Key),
        Event::Mouse(mouse) => translate_mouse(mouse).map(Msg::Mouse),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(width, height) => Some(Msg::Resize(width, height)),
        _ => None,
    }
}

fn translate_key(event: KeyEvent) -> Option<Key> {
    let mut key = Key {
        code: Code::Esc,
        ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        alt: event.modifiers.contains(KeyModifiers::ALT),
        shift: event.modifiers.contains(KeyModifiers::SHIFT),
    };
    key.code = match event.code {
        KeyCode::Char(c) => {
            // Shift is part of the character, except where a terminal tells both.
            key.shift = false;
            Code::Char(if key.ctrl { c.to_ascii_lowercase() } else { c })
        }
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => {
            key.shift = false;
            Code::BackTab
        }
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(n) => Code::F(n),
        _ => return None,
    };
    Some(key)
}

fn translate_mouse(event: MouseEvent) -> Option<Mouse> {
    let what = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => MouseWhat::Down,
        MouseEventKind::Drag(MouseButton::Left) => MouseWhat::Drag,
        MouseEventKind::Up(MouseButton::Left) => MouseWhat::Up,
        MouseEventKind::ScrollUp => MouseWhat::WheelUp,
        MouseEventKind::ScrollDown => MouseWhat::WheelDown,
        _ => return None,
    };
    Some(Mouse { what, column: event.column, row: event.row })
}

/// Most octets put into the clipboard: terminals drop longer sequences, some with what follows.
const CLIPBOARD_MAX: usize = 64 * 1024;

/// Asks the terminal to put text into the clipboard (OSC 52). `false` where it is too much.
///
/// # Errors
/// The terminal is gone.
pub(super) fn copy(text: &str) -> io::Result<bool> {
    if text.len() > CLIPBOARD_MAX {
        return Ok(false);
    }
    let coded = base64::engine::general_purpose::STANDARD.encode(text);
    let mut out = io::stdout().lock();
    write!(out, "\u{1b}]52;c;{coded}\u{7}")?;
    out.flush()?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::{Code, Event, Key, KeyCode, KeyEvent, KeyModifiers, Msg, translate};

    #[test]
    fn keys_of_terminals_become_those_of_the_table() {
        let key = |code, modifiers| match translate(Event::Key(KeyEvent::new(code, modifiers))) {
            Some(Msg::Key(key)) => key.to_string(),
            _ => String::new(),
        };
        assert_eq!(key(KeyCode::Char('G'), KeyModifiers::SHIFT), "G");
        assert_eq!(key(KeyCode::Char('f'), KeyModifiers::CONTROL), "Ctrl-f");
        assert_eq!(key(KeyCode::BackTab, KeyModifiers::SHIFT), "Shift-Tab");
        assert_eq!(key(KeyCode::Down, KeyModifiers::CONTROL), "Ctrl-Down");
        assert_eq!(key(KeyCode::F(8), KeyModifiers::NONE), Key::plain(Code::F(8)).to_string());
    }
}
