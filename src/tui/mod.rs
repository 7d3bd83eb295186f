//! The terminal UI: packet list, field tree, octets, and the screens that explain them.
//!
//! One direction: [`update::update`] takes what happened and changes the [`model::Model`], [`view::view`] draws it, what is to
//! be done outside comes back as [`msg::Effect`] and is done by [`mod@run`]. Must not know any protocol.

mod act;
mod apply;
pub mod chunks;
mod command;
mod export;
pub mod fields;
mod growing;
mod kept;
pub mod key;
pub mod keys;
pub mod layout;
mod leaving;
pub mod library;
mod lines;
mod listed;
pub mod loader;
pub mod model;
mod mouse;
pub mod msg;
pub mod octets;
pub mod opened;
pub mod order;
mod pack;
mod packs;
pub mod prompt;
mod run;
mod sentence;
pub mod settings;
pub mod statistics;
pub mod store;
mod story;
mod terminal;
mod text;
pub mod texts;
pub mod theme;
pub mod update;
pub mod view;
mod work;
pub mod worker;

pub use run::{Left, run};

/// Starts a live capture: what it is given is called whenever more is looked for, `false` ends it.
pub type Starter = Box<dyn FnOnce(crate::capture::Meanwhile) -> std::io::Result<crate::capture::Input> + Send>;

/// Looks at frames and packets as they are read, and may end the reading.
pub type Watcher = Box<dyn crate::scan::Sink + Send>;

/// A live capture for the terminal UI: it can be read once.
#[derive(Clone)]
pub struct Feed {
    /// What is captured, for the title.
    pub title: String,
    /// Counts, news, and the word to stop.
    pub control: crate::capture::Control,
    /// Starts it; taken by the first who reads.
    pub start: std::sync::Arc<std::sync::Mutex<Option<(Starter, Watcher)>>>,
    /// About so many packets stay in the list; the oldest leave it. By memory where not set.
    pub keep: Option<u32>,
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed").field("title", &self.title).finish_non_exhaustive()
    }
}

/// What the terminal UI is started with.
#[derive(Clone, Debug)]
pub struct TuiOptions {
    /// Who reads what.
    pub table: crate::dissect::Table,
    /// What to list, and within which bounds.
    pub scan: crate::scan::Options,
    /// A secrets file.
    pub secrets: Option<std::path::PathBuf>,
    /// Keys of the configuration: mode, action, key sequences.
    pub keys: Vec<(String, String, Vec<String>)>,
    /// Colour rules of the user's own: rows that one selects look as it says.
    pub colors: Option<std::sync::Arc<crate::output::colors::ColorRules>>,
    /// Columns of the list instead of those remembered: our names, or names of fields.
    pub columns: Option<Vec<String>>,
    /// A display filter to begin with; checked by the caller.
    pub filter: Option<String>,
    /// Set no colours.
    pub no_color: bool,
    /// A theme instead of the one remembered.
    pub theme: Option<settings::ThemeName>,
    /// Neither read nor write what is remembered from run to run.
    pub forget: bool,
    /// A live capture, instead of files.
    pub live: Option<Feed>,
}

#[cfg(test)]
mod picture;
#[cfg(test)]
mod tests;
