//! What the terminal UI reads and writes beside captures: settings, secrets files, names of files, the environment.
//!
//! Must not know the screen.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use zeroize::Zeroizing;

use crate::model::{visible, visible_str};
use crate::tui::TuiOptions;
use crate::tui::msg::Notice;
use crate::tui::settings::State;
use crate::tui::theme::Terminal as TerminalKind;
use crate::verify::Keyring;

/// Whether two paths are one file.
pub(super) fn same_file(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// Most names of one folder that are looked at.
const NAMES_MAX: usize = 20_000;

/// A path as typed: `~/` is the home folder.
pub(super) fn expanded(path: &Path) -> PathBuf {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => Path::new(&home).join(rest),
        _ => path.to_path_buf(),
    }
}

/// Files whose path begins as typed, as they would be typed; folders end in a slash. Names that cannot be typed are left out, and
/// hidden ones unless their dot is typed.
pub(super) fn files_named(typed: &str) -> Vec<String> {
    let (folder, begin) = typed.rsplit_once('/').map_or(("", typed), |(folder, begin)| (folder, begin));
    let lead = typed.get(..typed.len().saturating_sub(begin.len())).unwrap_or_default();
    let place = match (folder, lead) {
        ("", "") => PathBuf::from("."),
        ("", _) => PathBuf::from("/"),
        (folder, _) => expanded(Path::new(folder)),
    };
    let Ok(entries) = fs::read_dir(place) else { return Vec::new() };
    let mut found: Vec<String> = entries
        .take(NAMES_MAX)
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?;
            let wanted = name.starts_with(begin) && (begin.starts_with('.') || !name.starts_with('.'));
            let slash = if path.is_dir() { "/" } else { "" };
            (wanted && !name.contains(char::is_control)).then(|| format!("{lead}{name}{slash}"))
        })
        .collect();
    found.sort_unstable();
    found
}

/// A secrets file: its text, and its name for messages.
pub(super) fn read_secrets(path: &Path) -> Result<(Zeroizing<String>, String)> {
    let name = path.display().to_string();
    let text = Zeroizing::new(fs::read_to_string(path).with_context(|| format!("secrets file {name}"))?);
    // Checked here, so that a wrong file is told before it is mixed with others.
    Keyring::from_text(&text, &name).map_err(|error| anyhow!("{error}"))?;
    Ok((text, name))
}

/// A warning, as ssh gives one, where others may read a secrets file.
#[cfg(unix)]
pub(super) fn open_to_others(path: &Path) -> Option<Notice> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let text = format!("{} can be read by others ({mode:04o}): chmod 600 it", path.display());
    (mode & 0o077 != 0).then(|| Notice { severity: crate::model::Severity::Warning, ..Notice::note(text) })
}

#[cfg(not(unix))]
pub(super) const fn open_to_others(_: &Path) -> Option<Notice> {
    None
}

/// All keys of all texts.
pub(super) fn keyring(texts: &[(Zeroizing<String>, String)]) -> Result<Keyring, String> {
    let mut all = Keyring::default();
    for (text, name) in texts {
        all.merge(Keyring::from_text(text, name).map_err(|error| error.to_string())?);
    }
    Ok(all)
}

/// What is read, for the title.
pub(super) fn title(paths: &[PathBuf]) -> crate::model::Visible {
    let name = |path: &PathBuf| visible(path.file_name().unwrap_or(path.as_os_str()).as_encoded_bytes());
    match paths {
        [] => crate::model::Visible::default(),
        [one] if one.as_os_str() == "-" => crate::model::Visible::own("standard input"),
        [one] => name(one),
        [one, rest @ ..] => name(one) + &visible_str(&format!(" and {} more", rest.len())),
    }
}

/// What the environment says of the terminal.
pub(super) fn terminal_kind(options: &TuiOptions) -> TerminalKind {
    let of = |name: &str| std::env::var(name).unwrap_or_default().to_lowercase();
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().map(of).find(|v| !v.is_empty()).unwrap_or_default();
    let background = of("COLORFGBG");
    let background = background.rsplit(';').next().and_then(|b| b.parse::<u8>().ok());
    TerminalKind {
        no_color: options.no_color || !of("NO_COLOR").is_empty() || of("TERM") == "dumb",
        true_color: ["truecolor", "24bit"].contains(&of("COLORTERM").as_str()),
        light: background.is_some_and(|b| b == 7 || b > 8),
        ascii: !locale.contains("utf-8") && !locale.contains("utf8"),
    }
}

/// Where settings are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    pub(super) state: Option<PathBuf>,
}

impl Places {
    pub(super) fn find() -> Self {
        let of = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let folder = of("XDG_STATE_HOME").or_else(|| Some(of("HOME")?.join(".local/state")));
        Self { state: folder.map(|p| p.join("pushscope").join("tui.toml")) }
    }

    /// What is remembered. What another version remembered may not fit: then the usual settings do.
    pub(super) fn settings(&self) -> State {
        let text = self.state.as_ref().and_then(|p| fs::read_to_string(p).ok()).unwrap_or_default();
        toml::from_str(&text).unwrap_or_default()
    }

    pub(super) fn save(&self, state: &State) -> std::io::Result<()> {
        let Some(path) = &self.state else { return Ok(()) };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let text = toml::to_string(state).map_err(std::io::Error::other)?;
        // Histories may hold what others need not see.
        let beside = path.with_extension("part");
        fs::write(&beside, text)?;
        keep_private(&beside)?;
        fs::rename(&beside, path)
    }
}

#[cfg(unix)]
fn keep_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn keep_private(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::files_named as paths;

    #[test]
    fn paths_are_completed_as_typed() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["one.pcap", "other.pcap", ".hidden"] {
            std::fs::write(folder.path().join(name), b"").expect("a file");
        }
        std::fs::create_dir(folder.path().join("on")).expect("a folder");
        let at = folder.path().display();
        assert_eq!(paths(&format!("{at}/on")), [format!("{at}/on/"), format!("{at}/one.pcap")]);
        assert_eq!(paths(&format!("{at}/")).len(), 3, "hidden files are not offered");
        assert_eq!(paths(&format!("{at}/.h")), [format!("{at}/.hidden")]);
        assert_eq!(paths(&format!("{at}/no/such/")), Vec::<String>::new());
    }
}
