//! Commands typed after `:`: every action by its name, and those that take something.
//!
//! Must not know keys.

use std::path::PathBuf;
use std::sync::Arc;

use super::act;
use super::keys;
use super::lines;
use super::model::{Column, Model, Screen};
use super::msg::{Effect, Export, Notice};
use super::prompt::Offer;
use super::settings::{Layout, ThemeName, Times, remember};
use super::text::grouped;
use super::update::go;
use super::work;
use super::worker::Among;

/// A command that takes something.
struct Command {
    name: &'static str,
    takes: &'static str,
    help: &'static str,
}

const fn command(name: &'static str, takes: &'static str, help: &'static str) -> Command {
    Command { name, takes, help }
}

/// Formats of `:export`.
const FORMATS: [&str; 7] = ["text", "tree", "json", "ndjson", "csv", "pcap", "pcapng"];

static COMMANDS: &[Command] = &[
    command("w", "FILE.pcapng", "write the packets shown, with comments, to a new capture"),
    command("wq", "FILE.pcapng", "the same, and leave"),
    command(
        "export",
        "FORMAT FILE [selected|marked|shown]",
        "write packets as text, tree, json, ndjson, csv, pcap or pcapng",
    ),
    command("open", "FILE", "open another capture"),
    command("open!", "FILE", "the same, without writing comments"),
    command("secrets", "FILE", "load a secrets file"),
    command("filter", "EXPRESSION", "display filter"),
    command("find", "TEXT", "find in the pane that has the focus"),
    command("goto", "NUMBER", "go to a frame"),
    command("comment", "TEXT", "write a comment on the packet"),
    command("columns", "NAME,NAME,…", "columns of the list; without names: the usual ones"),
    command("sort", "COLUMN [down]", "sort the list; without a column: capture order"),
    command("time", "FORMAT", "relative, delta, absolute, absolute-date, utc, utc-date, epoch"),
    command("theme", "NAME", "auto, dark, light, sixteen, mono"),
    command("arrange", "NAME", "auto, stacked, split, beside"),
    command("problems", "", "what could not be read"),
    command("q", "", "leave"),
    command("q!", "", "leave without writing comments"),
];

/// Offers for a command being typed.
pub(super) fn offers(before: &str) -> Vec<Offer> {
    let (name, rest) = before.split_once(' ').map_or((before, None), |(name, rest)| (name, Some(rest)));
    let Some(rest) = rest else {
        let all = COMMANDS.iter().map(|c| (c.name, format!("{} {}", c.takes, c.help)));
        let all = all.chain(keys::commands().map(|row| (row.name, row.help.to_owned())));
        let fits = all.filter(|(n, _)| n.starts_with(name));
        return fits
            .map(|(n, note)| Offer { text: n.to_owned(), note: note.trim().to_owned(), range: (0, before.len()) })
            .collect();
    };
    let word = rest.rsplit([' ', ',']).next().unwrap_or(rest);
    let from = before.len().saturating_sub(word.len());
    let names: Vec<&str> = match name {
        "filter" => {
            let start = before.len().saturating_sub(rest.len());
            let completion = crate::filter::complete(rest, rest.len());
            let range = (start.saturating_add(completion.replace.start), start.saturating_add(completion.replace.end));
            return completion.candidates.into_iter().map(|c| Offer { text: c.text, note: c.label, range }).collect();
        }
        "time" => Times::ALL.iter().map(|t| t.name()).collect(),
        "theme" => vec!["auto", "dark", "light", "sixteen", "mono"],
        "arrange" => vec!["auto", "stacked", "split", "beside"],
        "export" if !rest.contains(' ') => FORMATS.to_vec(),
        "export" => vec!["selected", "marked", "shown"],
        "columns" | "sort" => {
            let own = Column::OWN.iter().map(|(name, _)| *name);
            own.chain(crate::catalog::catalog().fields().map(|f| f.name)).collect()
        }
        _ => Vec::new(),
    };
    let fits = names.into_iter().filter(|n| n.starts_with(word));
    fits.map(|n| Offer { text: n.to_owned(), note: String::new(), range: (from, before.len()) }).collect()
}

/// Runs a command.
pub(super) fn run(model: &mut Model, line: &str, effects: &mut Vec<Effect>) {
    let line = line.trim();
    remember(&mut model.state.commands, line);
    let (name, rest) = line.split_once(' ').map_or((line, ""), |(name, rest)| (name, rest.trim()));
    match name {
        "" => {}
        "q" => act::act(model, keys::Action::QuitNow, None, None, effects),
        "q!" => act::leave(model, effects),
        "w" | "wq" => write(model, rest, name == "wq", effects),
        "export" => export(model, rest, effects),
        "open" => open(model, rest, effects),
        "open!" => {
            model.unwritten.clear();
            open(model, rest, effects);
        }
        "secrets" if !rest.is_empty() => lines::load_secrets(rest, effects),
        "filter" if !rest.is_empty() => work::set_filter(model, rest, effects),
        "find" if !rest.is_empty() => work::find(model, rest, effects),
        "goto" => match rest.parse() {
            Ok(frame) => act::go_to(model, frame, effects),
            Err(_) => act::complain(model, ":goto NUMBER: expected a frame number"),
        },
        "comment" if !rest.is_empty() => lines::comment(model, rest, effects),
        "columns" => columns(model, rest, effects),
        "sort" if !rest.is_empty() => sort(model, rest, effects),
        "sort" => {
            model.shown.sort = None;
            work::sort(model, effects);
        }
        "time" => match Times::ALL.into_iter().find(|t| t.name() == rest) {
            Some(times) => keep(model, effects, |m| m.state.times = times),
            None => act::complain(model, ":time: relative, delta, absolute, absolute-date, utc, utc-date or epoch"),
        },
        "theme" => theme(model, rest, effects),
        "arrange" => {
            let layout = match rest {
                "auto" => Layout::Auto,
                "stacked" => Layout::Stacked,
                "split" => Layout::Split,
                "beside" => Layout::Beside,
                _ => return act::complain(model, ":arrange: auto, stacked, split or beside"),
            };
            keep(model, effects, |m| m.state.layout = layout);
        }
        "problems" => {
            let problems = model.load.ended.as_ref().map(|e| e.problems.clone()).unwrap_or_default();
            let text = problems.iter().map(crate::model::Visible::as_str).collect::<Vec<_>>().join("; ");
            match problems.len() {
                0 => model.notice = Some(Notice::note("everything was read")),
                1 => model.notice = Some(Notice::error(text)),
                _ => {
                    model.whole = ("What could not be read", crate::model::Visible::from_parts(text));
                    go(model, Screen::Whole);
                }
            }
        }
        _ => match (keys::action(name), name.parse::<u32>()) {
            (Some(action), _) => act::act(model, action, rest.parse().ok(), rest.chars().next(), effects),
            // A number alone goes to that frame, as in vim.
            (None, Ok(frame)) => act::go_to(model, frame, effects),
            (None, Err(_)) => {
                let all = COMMANDS.iter().map(|c| c.name).chain(keys::commands().map(|r| r.name));
                let near = crate::catalog::near(name, all, 3);
                let hint = if near.is_empty() {
                    "Tab after : lists them".to_owned()
                } else {
                    format!("did you mean {}?", near.join(", "))
                };
                act::complain(model, format!("there is no command {name}; {hint}"));
            }
        },
    }
    if matches!(model.screen, Screen::Panes) {
        return;
    }
    if matches!(name, "filter" | "goto" | "find") {
        go(model, Screen::Panes);
    }
}

fn keep(model: &mut Model, effects: &mut Vec<Effect>, change: impl FnOnce(&mut Model)) {
    change(model);
    effects.push(Effect::Save(Box::new(model.state.clone())));
}

fn theme(model: &mut Model, name: &str, effects: &mut Vec<Effect>) {
    let name = match name {
        "auto" => ThemeName::Auto,
        "dark" => ThemeName::Dark,
        "light" => ThemeName::Light,
        "sixteen" => ThemeName::Sixteen,
        "mono" => ThemeName::Mono,
        _ => return act::complain(model, ":theme: auto, dark, light, sixteen or mono"),
    };
    keep(model, effects, |m| {
        m.state.theme = name;
        m.theme = super::theme::Theme::new(name, m.theme.terminal);
    });
}

fn columns(model: &mut Model, names: &str, effects: &mut Vec<Effect>) {
    let names: Vec<&str> = names.split([',', ' ']).map(str::trim).filter(|n| !n.is_empty()).collect();
    if let Some(unknown) = names.iter().find(|n| Column::named(n).is_none()) {
        let near = crate::catalog::catalog().near(unknown, 3).join(", ");
        return act::complain(model, format!(":columns: there is no column {unknown}; near: {near}"));
    }
    keep(model, effects, |m| {
        m.state.columns = if names.is_empty() {
            super::settings::COLUMNS.map(str::to_owned).to_vec()
        } else {
            names.iter().map(|n| (*n).to_owned()).collect()
        };
        m.columns = super::model::columns(&m.state);
        m.shown.sort = None;
        m.shift = 0;
    });
    work::sort(model, effects);
}

fn sort(model: &mut Model, rest: &str, effects: &mut Vec<Effect>) {
    let (name, down) = rest.split_once(' ').map_or((rest, false), |(name, how)| (name, how.trim() == "down"));
    match model.columns.iter().position(|c| c.name() == name) {
        Some(at) => {
            model.shown.sort = Some((at, down));
            work::sort(model, effects);
        }
        None => act::complain(model, format!(":sort: {name} is no column of the list (:columns adds it)")),
    }
}

fn write(model: &mut Model, path: &str, leave: bool, effects: &mut Vec<Effect>) {
    if path.is_empty() {
        return act::complain(model, ":w FILE.pcapng: which file? The capture that is open is never written");
    }
    model.leaving = leave;
    let extension = std::path::Path::new(path).extension().unwrap_or_default();
    let format = if extension.eq_ignore_ascii_case("pcap") { "pcap" } else { "pcapng" };
    if format == "pcap" && !model.comments.is_empty() {
        return act::complain(model, ":w: pcap has no room for comments; give a name that ends in .pcapng");
    }
    effects.push(Effect::Export(Export {
        format: format.to_owned(),
        path: PathBuf::from(path),
        packets: model.among_unsorted(),
    }));
}

/// Opens another capture.
fn open(model: &mut Model, path: &str, effects: &mut Vec<Effect>) {
    if path.is_empty() {
        return act::complain(model, ":open FILE: which file?");
    }
    if !model.unwritten.is_empty() {
        return act::complain(model, "comments are not written: :w FILE.pcapng first, or :open! FILE without them");
    }
    effects.push(Effect::OpenCapture(PathBuf::from(path)));
}

fn export(model: &mut Model, rest: &str, effects: &mut Vec<Effect>) {
    const WHICH: [&str; 3] = ["selected", "marked", "shown"];
    let Some((format, rest)) = rest.split_once(' ') else {
        return act::complain(model, ":export FORMAT FILE [selected|marked|shown]");
    };
    // A name may hold blanks.
    let (path, which) = match rest.trim().rsplit_once(' ') {
        Some((path, which)) if WHICH.contains(&which) => (path.trim(), which),
        _ => (rest.trim(), "shown"),
    };
    if !FORMATS.contains(&format) {
        return act::complain(model, format!(":export: {format} is none of {}", FORMATS.join(", ")));
    }
    let packets = match which {
        "selected" => Among::These(Arc::new(model.current().into_iter().collect())),
        "marked" => {
            let at =
                |n: &u32| model.store.at_frame(*n).filter(|at| model.store.line(*at).is_some_and(|l| l.number == *n));
            Among::These(Arc::new(model.marks.iter().filter_map(at).collect()))
        }
        // A capture is written in its own order.
        _ if format.starts_with("pcap") => model.among_unsorted(),
        _ => model.among(),
    };
    if packets.is_empty() || path.is_empty() {
        return act::complain(model, format!(":export: no packet is {which}"));
    }
    model.notice = Some(Notice::note(format!("writing {} packets", grouped(packets.len()))));
    effects.push(Effect::Export(Export { format: format.to_owned(), path: PathBuf::from(path), packets }));
}

/// The part of a command's line that is a path, by the octet it starts at; `None` where the command takes none there.
pub(super) fn path_in(before: &str) -> Option<usize> {
    let (name, rest) = before.split_once(' ')?;
    let start = before.len().saturating_sub(rest.len());
    match name {
        "w" | "wq" | "open" | "open!" | "secrets" => Some(start),
        "export" => {
            let (format, _) = rest.split_once(' ')?;
            Some(start.saturating_add(format.len()).saturating_add(1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::offers;

    #[test]
    fn commands_that_take_a_path_say_where_it_starts() {
        use super::path_in;
        assert_eq!((path_in("w out.p"), path_in("export json /tm"), path_in("export js")), (Some(2), Some(12), None));
        assert_eq!((path_in("open"), path_in("theme dark"), path_in("secrets ")), (None, None, Some(8)));
    }

    #[test]
    fn commands_are_completed_and_so_is_what_they_take() {
        let texts = |before: &str| offers(before).into_iter().map(|o| o.text).collect::<Vec<_>>();
        assert_eq!(texts("the"), ["theme"]);
        assert_eq!(texts("theme d"), ["dark"]);
        assert!(texts("open-a").contains(&"open-all".to_owned()));
        assert_eq!(texts("columns number,verd"), ["verdict"]);
        assert_eq!(offers("columns number,verd").first().map(|o| o.range), Some((15, 19)));
    }
}
