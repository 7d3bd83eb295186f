//! What each action of the key table does.
//!
//! Must not know which key was pressed.

use std::sync::Arc;

use super::apply;
use super::fields::{self, Entry};
use super::keys::{Action, Mode};
use super::layout::{areas, finding_list_rows, list_rows, octet_rows, octets_in_line, page_rows, tree_rows};
use super::lines;
use super::model::{Afterwards, Model, Pane, Screen};
use super::msg::{Effect, Notice};
use super::octets;
use super::prompt::Kind;
use super::settings::Layout;
use super::text::{FindingRow, finding_rows, grouped};
use super::update::{follow_field, go};
use super::work;
use super::worker::Lane;
use crate::model::{Severity, Value};

/// Does it. `count` is the number typed before the key, `letter` the one `{a-z}` stands for.
pub(super) fn act(
    model: &mut Model,
    action: Action,
    count: Option<u32>,
    letter: Option<char>,
    effects: &mut Vec<Effect>,
) {
    match action {
        Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::Top | Action::Bottom => {
            moves(model, action, count, effects);
        }
        Action::Left | Action::Right => sideways(model, action, count, effects),
        Action::BitLeft | Action::BitRight | Action::LineHome | Action::LineEnd => in_octets(model, action, count),
        Action::CloseBelow | Action::OpenBelow | Action::CloseAll | Action::OpenAll => {
            match action {
                Action::CloseBelow => model.fields.set_below(false),
                Action::OpenBelow => model.fields.set_below(true),
                Action::CloseAll => model.fields.set_all(false),
                _ => model.fields.set_all(true),
            }
            follow_field(model);
        }
        Action::Enter => enter(model, effects),
        Action::Toggle => toggle(model, effects),
        Action::Back => back(model, effects),
        Action::NextPane | Action::PreviousPane => {
            model.focus = match (model.focus, action) {
                (Pane::List, Action::NextPane) | (Pane::Octets, Action::PreviousPane) => Pane::Tree,
                (Pane::Tree, Action::NextPane) | (Pane::List, Action::PreviousPane) => Pane::Octets,
                _ => Pane::List,
            };
        }
        Action::NextPacket => model.selected = model.selected.saturating_add(steps(count)),
        Action::PreviousPacket => model.selected = model.selected.saturating_sub(steps(count)),
        Action::NextOfServer => of_server(model, true),
        Action::PreviousOfServer => of_server(model, false),
        Action::NextTab | Action::PreviousTab => tab(model, action == Action::NextTab),
        Action::Mark | Action::NamedMark | Action::ToNamedMark => mark(model, action, letter, effects),
        Action::Zoom => model.zoom = !model.zoom,
        Action::Layout | Action::Taller | Action::Shorter | Action::Wider | Action::Narrower | Action::Detail => {
            sizes(model, action);
            effects.push(Effect::Save(Box::new(model.state.clone())));
        }
        Action::Wrap => {
            model.state.wrap = !model.state.wrap;
            effects.push(Effect::Save(Box::new(model.state.clone())));
        }
        Action::TimeFormat => {
            model.state.times = model.state.times.next();
            model.notice = Some(Notice::note(format!("times: {}", model.state.times.name())));
            effects.push(Effect::Save(Box::new(model.state.clone())));
        }
        Action::Sort | Action::SortColumn => sort(model, action, effects),
        Action::AllFrames => all_frames(model, effects),
        Action::Follow => follow(model, effects),
        Action::Filter => lines::open(model, Kind::Filter),
        Action::Find => lines::open(model, Kind::Find),
        Action::GoTo => match count {
            Some(frame) => go_to(model, frame, effects),
            None => lines::open(model, Kind::GoTo),
        },
        Action::Command => lines::open(model, Kind::Command),
        Action::Secrets => lines::open(model, Kind::SecretsFile),
        Action::TypeSecrets => lines::open(model, Kind::ServerId),
        Action::Comment if model.current().is_some() => lines::open(model, Kind::Comment),
        Action::NextHit | Action::PreviousHit => work::find_next(model, action == Action::NextHit, effects),
        Action::Help => go(model, Screen::Help),
        Action::Findings => go(model, Screen::Findings),
        Action::Statistics => {
            go(model, Screen::Statistics);
            work::count(model, effects);
        }
        Action::Digest => digest(model, effects),
        Action::Compare => compare(model, effects),
        Action::ApplyFilter | Action::ApplyNot | Action::ApplyAnd | Action::ApplyOr => {
            apply::filter(model, action, effects);
        }
        Action::ApplyColumn | Action::ApplySort => apply::column(model, action, effects),
        Action::CopyValue | Action::CopyName | Action::CopyFilter | Action::CopyOctets => {
            apply::copy(model, action, effects);
        }
        Action::Stop => stop(model, effects),
        Action::Suspend => effects.push(Effect::Suspend),
        Action::Redraw => effects.push(Effect::Redraw),
        Action::Quit if model.screen != Screen::Panes => go(model, Screen::Panes),
        Action::Quit | Action::QuitNow => quit(model, effects),
        _ => {}
    }
}

fn steps(count: Option<u32>) -> usize {
    count.unwrap_or(1) as usize
}

/// A position moved by rows or pages, or set.
fn moved(at: usize, all: usize, page: usize, action: Action, count: Option<u32>) -> usize {
    let last = all.saturating_sub(1);
    let page = page.saturating_sub(1).max(1);
    let to = match action {
        Action::Up => at.saturating_sub(steps(count)),
        Action::Down => at.saturating_add(steps(count)),
        Action::PageUp => at.saturating_sub(page.saturating_mul(steps(count))),
        Action::PageDown => at.saturating_add(page.saturating_mul(steps(count))),
        Action::Top | Action::Bottom => match count {
            Some(row) => (row as usize).saturating_sub(1),
            None if action == Action::Top => 0,
            None => last,
        },
        _ => at,
    };
    to.min(last)
}

fn moves(model: &mut Model, action: Action, count: Option<u32>, effects: &mut Vec<Effect>) {
    let areas = areas(model);
    match model.mode() {
        Mode::List => {
            if let (Action::Top | Action::Bottom, Some(frame)) = (action, count) {
                go_to(model, frame, effects);
            } else {
                model.selected = moved(model.selected, model.shown_len(), list_rows(&areas), action, count);
            }
        }
        Mode::Tree => {
            let to = moved(model.fields.selected, model.fields.len(), tree_rows(&areas), action, count);
            model.fields.select(to);
            follow_field(model);
        }
        Mode::Octets => {
            let len = tab_len(model);
            let in_line = usize::from(octets_in_line(&areas));
            let octet = (model.octets.cursor / 8) as usize;
            let by = in_line.saturating_mul(steps(count));
            let page = in_line.saturating_mul(octet_rows(&areas)).saturating_mul(steps(count));
            let to = match action {
                Action::Up => octet.checked_sub(by).unwrap_or(octet),
                Action::Down if octet.saturating_add(by) < len => octet.saturating_add(by),
                Action::Down => octet,
                Action::PageUp => octet.saturating_sub(page),
                Action::PageDown => octet.saturating_add(page),
                _ => moved(octet, len, 1, action, count),
            };
            set_cursor(model, to.min(len.saturating_sub(1)), 0);
        }
        Mode::Findings => {
            let all = finding_rows(model).len();
            let rows = finding_list_rows(&areas);
            model.findings.selected = moved(model.findings.selected, all, rows, action, count);
        }
        _ => {
            let all = super::text::page_lines(model);
            let rows = page_rows(&areas);
            let top = moved(model.page_top, all, rows, action, count);
            model.page_top = top.min(all.saturating_sub(rows));
        }
    }
}

fn sideways(model: &mut Model, action: Action, count: Option<u32>, _effects: &mut Vec<Effect>) {
    let right = action == Action::Right;
    match model.mode() {
        Mode::List => {
            let last = model.columns.len().saturating_sub(1);
            model.shift = if right { model.shift.saturating_add(1).min(last) } else { model.shift.saturating_sub(1) };
        }
        Mode::Tree => {
            if right {
                model.fields.open_or_enter();
            } else {
                model.fields.close_or_leave();
            }
            follow_field(model);
        }
        Mode::Octets => {
            let octet = (model.octets.cursor / 8) as usize;
            let to = if right { octet.saturating_add(steps(count)) } else { octet.saturating_sub(steps(count)) };
            set_cursor(model, to.min(tab_len(model).saturating_sub(1)), 0);
        }
        Mode::Findings => {
            if let Some(FindingRow::Rule(rule) | FindingRow::Packet(rule, _)) =
                finding_rows(model).get(model.findings.selected).copied()
            {
                if right {
                    model.findings.open.insert(rule.id);
                } else {
                    model.findings.open.remove(rule.id);
                    let rows = finding_rows(model);
                    let at = rows.iter().position(|r| matches!(r, FindingRow::Rule(r) if r.is(rule)));
                    model.findings.selected = at.unwrap_or(0);
                }
            }
        }
        _ => {
            model.page_left =
                if right { model.page_left.saturating_add(8).min(400) } else { model.page_left.saturating_sub(8) };
        }
    }
}

/// Octets of the tab that is looked at.
fn tab_len(model: &Model) -> usize {
    let octets = model.tab().and_then(|tab| octets::octets(model.opened.as_ref()?, tab));
    octets.map_or(0, <[u8]>::len)
}

/// Puts the cursor on a bit and selects the innermost field there.
pub(super) fn set_cursor(model: &mut Model, octet: usize, bit: u32) {
    let (Some(tab), Some(opened)) = (model.tab(), &model.opened) else { return };
    let cursor = u32::try_from(octet).unwrap_or(u32::MAX / 8).saturating_mul(8).saturating_add(bit);
    model.octets.cursor = cursor;
    let lights = opened.with(|view| {
        let node = octets::field_at(view, tab, cursor);
        if let Some(node) = node {
            model.fields.select_node(node);
        }
        let span = node.and_then(|id| view.tree.get(id)).map(|n| n.span);
        span.map(|span| octets::lights(view, span)).unwrap_or_default()
    });
    model.octets.lights = lights;
}

fn in_octets(model: &mut Model, action: Action, count: Option<u32>) {
    let len = tab_len(model);
    if len == 0 {
        return;
    }
    let in_line = usize::from(octets_in_line(&areas(model))).max(1);
    let cursor = model.octets.cursor as usize;
    let last = len.saturating_mul(8).saturating_sub(1);
    let line = cursor / 8 / in_line;
    let to = match action {
        Action::BitLeft => cursor.saturating_sub(steps(count)),
        Action::BitRight => cursor.saturating_add(steps(count)).min(last),
        Action::LineHome => line.saturating_mul(in_line).saturating_mul(8),
        _ => line
            .saturating_add(1)
            .saturating_mul(in_line)
            .saturating_sub(1)
            .min(len.saturating_sub(1))
            .saturating_mul(8),
    };
    set_cursor(model, to / 8, u32::try_from(to % 8).unwrap_or(0));
}

fn tab(model: &mut Model, forward: bool) {
    let all = model.octets.tabs.len();
    if all == 0 {
        return;
    }
    let at = model.octets.tab;
    model.octets.tab =
        if forward { at.saturating_add(1) % all } else { at.checked_sub(1).unwrap_or(all.saturating_sub(1)) };
    let tab = model.tab();
    let light = model.octets.lights.iter().find(|l| Some(l.tab) == tab);
    model.octets.cursor = light.map_or(0, |l| l.start);
}

fn enter(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.mode() {
        Mode::List | Mode::Octets => model.focus = Pane::Tree,
        Mode::Findings => {
            let Some(row) = finding_rows(model).get(model.findings.selected).copied() else { return };
            let (rule, packet) = match row {
                FindingRow::Rule(rule) => {
                    let hits = model.store.findings().into_iter().find(|h| h.rule.is(rule));
                    let Some(first) = hits.and_then(|h| h.packets.iter().copied().find(|at| *at >= model.store.gone()))
                    else {
                        return;
                    };
                    (rule, first)
                }
                FindingRow::Packet(rule, packet) => (rule, packet),
            };
            go(model, Screen::Panes);
            model.focus = Pane::Tree;
            jump(model, packet, Some(Afterwards::Rule(rule)), effects);
        }
        _ => {}
    }
}

/// Selects a packet, whatever the filter says, and does something there.
pub(super) fn jump(model: &mut Model, packet: u32, afterwards: Option<Afterwards>, effects: &mut Vec<Effect>) {
    if !model.is_shown(packet) {
        model.notice = Some(Notice::note("the filter was taken away: it hides this packet"));
        work::take_filter_away(model, effects);
    }
    if model.shown.sorted.as_ref().is_some_and(|order| order.all().is_none() && order.position(packet).is_none()) {
        // Where it stands is not known yet.
        model.shown.keep = Some(packet);
        model.afterwards = afterwards;
        return;
    }
    model.selected = model.position_of(packet);
    if model.asked == Some(packet) && model.opened.is_some() {
        match afterwards {
            Some(Afterwards::Rule(rule)) => model.fields.select_rule(rule),
            Some(Afterwards::Hit { forward }) => work::first_hit(model, forward),
            None => {}
        }
        follow_field(model);
    } else {
        model.afterwards = afterwards;
    }
}

fn toggle(model: &mut Model, effects: &mut Vec<Effect>) {
    if !model.fields.toggle()
        && let Some(number) = reference(model)
    {
        go_to(model, number, effects);
        return;
    }
    follow_field(model);
}

/// The frame that the selected field refers to.
fn reference(model: &Model) -> Option<u32> {
    let opened = model.opened.as_ref()?;
    let entry: Entry = *model.fields.current()?.1;
    opened.with(|view| match fields::item(view, &entry)?.value {
        Value::Frame { number, .. } => Some(number),
        _ => None,
    })
}

/// Goes to a frame by number; where it is not listed, to the next one that is.
pub(super) fn go_to(model: &mut Model, frame: u32, effects: &mut Vec<Effect>) {
    let Some(at) = model.store.at_frame(frame) else {
        let last = model.store.last().map(|line| line.number);
        model.notice = Some(match last {
            Some(last) => Notice::error(format!("no frame {frame} is listed; the last one is {last}")),
            None => Notice::error("nothing is listed"),
        });
        return;
    };
    let number = model.store.line(at).map_or(frame, |line| line.number);
    jump(model, at, None, effects);
    if number != frame {
        model.notice = Some(Notice::note(format!(
            "frame {frame} carries no push (a lists all frames); this is the next that does"
        )));
    }
}

fn back(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.screen != Screen::Panes {
        go(model, Screen::Panes);
    } else if model.find.busy {
        model.find.busy = false;
        effects.push(Effect::Stop(Lane::Find));
    } else if !model.find.text.is_empty() {
        model.find = super::model::Find { run: model.find.run, ..Default::default() };
    } else if model.zoom {
        model.zoom = false;
    } else if model.shown.passed.is_some() {
        work::set_filter(model, "", effects);
    }
}

fn of_server(model: &mut Model, forward: bool) {
    let Some(server) = model.current_line().filter(|line| line.status.is_some()).map(|line| line.server) else {
        model.notice = Some(Notice::note("this packet is no notification"));
        return;
    };
    let same = |at: &usize| {
        let line = model.packet_at(*at).and_then(|id| model.store.line(id));
        line.is_some_and(|line| line.server == server && line.status.is_some())
    };
    let found = if forward {
        (model.selected.saturating_add(1)..model.shown_len()).find(same)
    } else {
        (0..model.selected).rev().find(same)
    };
    if let Some(at) = found {
        model.selected = at;
    } else {
        let side = if forward { "after" } else { "before" };
        model.notice = Some(Notice::note(format!("no notification of this server {side} this one")));
    }
}

fn mark(model: &mut Model, action: Action, letter: Option<char>, effects: &mut Vec<Effect>) {
    let number = model.current_line().map(|line| line.number);
    match (action, letter, number) {
        (Action::Mark, _, Some(number)) if model.marks.remove(&number) => {}
        (Action::Mark, _, Some(number)) => {
            model.marks.insert(number);
        }
        (Action::NamedMark, Some(letter), Some(number)) => {
            model.named.insert(letter, number);
            model.notice = Some(Notice::note(format!("frame {number} is {letter}; '{letter} comes back to it")));
        }
        (Action::ToNamedMark, Some(letter), _) => match model.named.get(&letter) {
            Some(number) => go_to(model, *number, effects),
            None => model.notice = Some(Notice::error(format!("no packet has the letter {letter}"))),
        },
        _ => {}
    }
}

fn sizes(model: &mut Model, action: Action) {
    let state = &mut model.state;
    match action {
        Action::Layout => {
            let now = super::layout::layout(model);
            model.state.layout = match now {
                Layout::Auto | Layout::Stacked => Layout::Split,
                Layout::Split => Layout::Beside,
                Layout::Beside => Layout::Stacked,
            };
        }
        Action::Taller => state.list_share = state.list_share.saturating_add(5).min(90),
        Action::Shorter => state.list_share = state.list_share.saturating_sub(5).max(10),
        Action::Wider => state.tree_share = state.tree_share.saturating_add(5).min(90),
        Action::Narrower => state.tree_share = state.tree_share.saturating_sub(5).max(10),
        _ => {
            state.detail_rows = match state.detail_rows {
                0 => 8,
                8 => 1,
                _ => 0,
            }
        }
    }
}

fn sort(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let last = model.columns.len();
    model.shown.sort = match (action, model.shown.sort) {
        (Action::Sort, Some((column, down))) => Some((column, !down)),
        (Action::Sort, None) => Some((0, true)),
        (_, None) => Some((0, false)),
        (_, Some((column, _))) => Some((column.saturating_add(1), false)).filter(|(c, _)| *c < last),
    };
    work::sort(model, effects);
}

fn all_frames(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.load.once {
        return complain(
            model,
            "what comes live or through a pipe cannot be read twice: start with --all to list all frames",
        );
    }
    let all = !model.load.all;
    let back_to = model.current_line().map(|line| line.number);
    read_anew(model, all, back_to, effects);
    model.notice = Some(Notice::note(if all { "all frames" } else { "pushes only" }));
}

/// Follows the capture as it grows, or stops following. Whoever follows stays at the end while at the end.
fn follow(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.load.once {
        return pause(model);
    }
    model.load.follow = !model.load.follow;
    if model.load.follow {
        let all = model.load.all;
        read_anew(model, all, None, effects);
        model.notice = Some(Notice::note("following the capture as it grows; G stays at its end"));
    } else {
        model.notice = Some(Notice::note("not followed any more"));
        effects.push(Effect::Follow(false));
    }
}

/// Lets the list stand still while more comes, or goes to its end and stays there.
fn pause(model: &mut Model) {
    if model.load.ended.is_some() {
        return complain(model, "nothing more comes");
    }
    model.load.paused = !model.load.paused;
    let (follow, end) = (model.keys.hint(Action::Follow), model.keys.hint(Action::Bottom));
    model.notice = Some(Notice::note(if model.load.paused {
        format!("the list stands still, more is received meanwhile; {follow} goes on, {end} looks at the newest")
    } else {
        model.selected = model.shown_len().saturating_sub(1);
        "at the newest packet, and staying there".to_owned()
    }));
}

/// Everything is read anew; marks, comments and the filter stay.
fn read_anew(model: &mut Model, all: bool, back_to: Option<u32>, effects: &mut Vec<Effect>) {
    let follow = model.load.follow;
    forget_packets(model);
    model.load = super::model::Load { all, follow, back_to, once: model.load.once, ..Default::default() };
    effects.push(Effect::Reload { all });
}

/// Nothing is listed any more; the filter, the columns and what is sorted by stay.
pub(super) fn forget_packets(model: &mut Model) {
    model.store = super::store::Store::default();
    model.shown.decided = 0;
    model.shown.asked = 0;
    model.shown.sorted = None;
    model.shown.sorting = None;
    model.shown.sort_run = model.shown.sort_run.wrapping_add(1);
    if let Some(passed) = &mut model.shown.passed {
        *passed = Arc::default();
    }
    model.statistics = None;
    model.counting = None;
    model.judging = false;
    model.shown.run = model.shown.run.wrapping_add(1);
    model.cells.clear();
    model.selected = 0;
    model.asked = None;
    model.story = None;
}

fn digest(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(at) = model.current() else { return complain(model, "nothing is listed") };
    go(model, Screen::Digest);
    if model.story.as_ref().is_none_or(|(of, _)| *of != at) {
        effects.push(Effect::Story(at));
    }
}

fn compare(model: &mut Model, effects: &mut Vec<Effect>) {
    let marked: Vec<u32> = model.marks.iter().filter_map(|number| model.store.at_frame(*number)).collect();
    let pair = match (marked.as_slice(), model.current()) {
        ([one, other], _) => Some((*one, *other)),
        ([one], Some(current)) if *one != current => Some((*one, current)),
        _ => None,
    };
    if let Some((one, other)) = pair {
        effects.push(Effect::Compare(one, other));
    } else {
        let how = model.keys.hint(Action::Mark);
        model.notice = Some(Notice::note(format!("mark one packet ({how}) and select another, or mark two")));
    }
}

fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.find.busy {
        model.find.busy = false;
        effects.push(Effect::Stop(Lane::Find));
    } else if model.shown.sorting.take().is_some() {
        model.notice = Some(Notice::note("not sorted: it was stopped"));
        model.shown.sort = None;
        work::sort(model, effects);
        effects.push(Effect::Stop(Lane::Sort));
    } else if model.filtering() {
        let decided = model.shown.decided;
        model.notice = Some(Notice::note(format!(
            "the filter was stopped: it looked at {} of {} packets",
            grouped(decided as usize),
            grouped(model.store.len())
        )));
        model.shown.run = model.shown.run.wrapping_add(1);
        model.shown.decided = u32::try_from(model.store.len()).unwrap_or(u32::MAX);
        effects.push(Effect::Stop(Lane::Filter));
    } else if model.loading() {
        effects.push(Effect::StopLoading);
    } else if model.judging {
        model.judging = false;
        effects.push(Effect::Stop(Lane::Judge));
        let judged = grouped(model.judged as usize);
        let text = format!("stopped: only the first {judged} packets were checked with the new keys");
        model.notice = Some(Notice::error(text));
    } else {
        let how = model.keys.hint(Action::Quit);
        model.notice = Some(Notice::note(format!("nothing is running; {how} leaves")));
    }
}

fn quit(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.unwritten.is_empty() {
        leave(model, effects);
    } else {
        lines::open(model, Kind::Leave);
    }
}

/// Leaves, remembering the settings.
pub(super) fn leave(model: &mut Model, effects: &mut Vec<Effect>) {
    effects.push(Effect::Save(Box::new(model.state.clone())));
    effects.push(Effect::Quit);
}

/// Tells that something cannot be done.
pub(super) fn complain(model: &mut Model, text: impl Into<String>) {
    model.notice = Some(Notice { severity: Severity::Error, ..Notice::error(text) });
}
