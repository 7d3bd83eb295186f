//! What happens changes the model; what is to be done outside comes back as effects.
//!
//! Must not know a terminal, a file or a thread, and never waits.

use std::sync::Arc;

use super::act;
use super::key::{Code, Key};
use super::keys::{Meaning, Mode, digit};
use super::layout::{areas, finding_list_rows, list_rows, octet_rows, octets_in_line, tree_rows};
use super::lines;
use super::model::{Afterwards, Model, Screen};
use super::mouse;
use super::msg::{Effect, Ended, Filtered, FoundHit, Judged, Msg, Needle, Notice};
use super::octets;
use super::opened::Opened;
use super::sentence::sentence;
use super::work;
use crate::model::Visible;

/// Takes in what happened.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    match msg {
        Msg::Key(key) => press(model, key, &mut effects),
        Msg::Mouse(what) => mouse::mouse(model, what, &mut effects),
        Msg::Paste(text) => lines::paste(model, &text, &mut effects),
        Msg::Paths(path, found) => lines::paths(model, &path, found),
        Msg::Opening(title, once) => opening(model, title, once),
        Msg::Resize(width, height) => model.size = (width, height),
        Msg::Tick => tick(model, &mut effects),
        Msg::Listed(all) => {
            let at_end = model.is_sticking();
            for listed in &all.listed {
                model.store.push(listed);
            }
            for (at, listed) in &all.changed {
                model.store.change(*at, listed);
                if model.asked == Some(*at) {
                    model.asked = None;
                }
            }
            if let Some(frame) = model.load.back_to
                && let Some(at) = model.store.at_frame(frame)
            {
                model.load.back_to = None;
                model.selected = model.position_of(at);
            }
            if at_end {
                model.selected = model.shown_len().saturating_sub(1);
            }
            work::more_to_filter(model, &mut effects);
        }
        Msg::Progress(progress) => {
            model.store.first = progress.first.or(model.store.first);
            let live = progress.live.or(model.load.progress.live);
            model.load.progress = super::msg::Progress { live, ..progress };
        }
        Msg::Forget(upto) => super::leaving::forget(model, upto, &mut effects),
        Msg::Loaded(ended) => loaded(model, ended, &mut effects),
        Msg::Opened(opened) => show(model, opened, &mut effects),
        Msg::Compared(one, other) => {
            model.compared = Some((one, other));
            go(model, Screen::Compare);
        }
        Msg::Lost(at, why) => {
            if model.asked == Some(at) {
                model.opened = None;
                model.lost = Some(why);
                model.fields.clear();
                model.octets = super::model::OctetsPane::default();
            }
        }
        Msg::Filtered(part) => filtered(model, part, &mut effects),
        Msg::Sorted(part) => work::sorted(model, part),
        Msg::Counted(version, statistics) => {
            model.counting = None;
            model.statistics = Some((version, *statistics));
        }
        Msg::Found(hit) => found(model, &hit),
        Msg::Judged(part) => judged(model, &part, &mut effects),
        Msg::Story(at, lines) => {
            if model.current() == Some(at) {
                model.story = Some((at, lines));
            }
        }
        Msg::Cells(cells) => {
            // Only what is on screen is asked for again, so nothing is lost when old ones go.
            if model.cells.len() > 100_000 {
                model.cells.clear();
            }
            model.cells.extend(cells.into_iter().map(|(at, name, text)| ((at, name), text)));
        }
        Msg::Say(notice) => {
            // What could not be written is not left behind.
            model.leaving = model.leaving && notice.severity != crate::model::Severity::Error;
            model.notice = Some(notice);
        }
        Msg::Written(comments) => {
            for number in comments {
                model.unwritten.remove(&number);
            }
            if std::mem::take(&mut model.leaving) {
                act::act(model, super::keys::Action::QuitNow, None, None, &mut effects);
            }
        }
    }
    settle(model, &mut effects);
    effects
}

/// A key was pressed.
fn press(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let mode = model.mode();
    if mode != Mode::Line {
        model.notice = None;
        if model.pending.is_empty()
            && let Some(digit) = digit(key, model.count.is_some())
            && !(mode == Mode::Octets && key.code == Code::Char('0') && model.count.is_none())
        {
            let count = model.count.unwrap_or(0).saturating_mul(10).saturating_add(digit);
            model.count = Some(count);
            return;
        }
    }
    model.pending.push(key);
    match model.keys.meaning(mode, &model.pending) {
        Meaning::Begin => {}
        Meaning::Do(action, letter) => {
            model.pending.clear();
            let count = model.count.take();
            if mode == Mode::Line {
                lines::act(model, action, effects);
            } else {
                act::act(model, action, count, letter, effects);
            }
        }
        Meaning::Nothing => {
            let begun = model.pending.len() > 1;
            model.pending.clear();
            model.count = None;
            match (mode, key.typed()) {
                (Mode::Line, Some(c)) => lines::typed(model, c, effects),
                (_, Some(c)) if !begun => {
                    let shown = crate::model::visible_str(c.encode_utf8(&mut [0; 4]));
                    model.notice = Some(Notice::note(format!("{shown} does nothing here; ? shows the keys")));
                }
                _ => {}
            }
        }
    }
}

/// Screens made from what is listed follow it, but not at every batch.
fn tick(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.screen == Screen::Statistics {
        work::count(model, effects);
    }
    work::sort_more(model, effects);
}

/// A part of the digests was checked anew.
fn judged(model: &mut Model, part: &Judged, effects: &mut Vec<Effect>) {
    if part.glance {
        // It begins.
        model.store.forget_verdicts();
        model.judging = true;
    }
    for (at, listed) in &part.packets {
        model.store.rejudge(*at, listed, part.glance);
    }
    model.judged = part.upto;
    if part.glance || part.last {
        // What is shown of the selected packet may have changed.
        model.asked = None;
        model.story = None;
        if model.screen == Screen::Digest {
            effects.extend(model.current().map(Effect::Story));
        }
    }
    if part.last {
        model.judging = false;
        model.cells.clear();
        work::filter_again(model, effects);
        if !model.filtering() {
            work::sort(model, effects);
        }
    }
}

fn loaded(model: &mut Model, ended: Ended, effects: &mut Vec<Effect>) {
    let text = match (ended.problems.as_slice(), ended.stopped) {
        ([], true) => Some(Notice::note("stopped; what was read until now is listed")),
        ([], false) => None,
        ([one], _) => Some(Notice { severity: crate::model::Severity::Error, text: one.clone() }),
        ([one, rest @ ..], _) => {
            let text = one.clone() + &crate::model::visible_str(&format!("; {} more (:problems)", rest.len()));
            Some(Notice { severity: crate::model::Severity::Error, text })
        }
    };
    model.notice = text.or_else(|| model.notice.take());
    model.load.ended = Some(ended);
    model.load.back_to = None;
    work::more_to_filter(model, effects);
    work::sort_more(model, effects);
    if model.screen == Screen::Statistics {
        work::count(model, effects);
    }
}

/// Another capture takes the place of the one that was open.
fn opening(model: &mut Model, title: Visible, once: bool) {
    act::forget_packets(model);
    model.title = title;
    model.load = super::model::Load { all: model.load.all, once, follow: once, ..Default::default() };
    model.marks.clear();
    model.named.clear();
    model.comments.clear();
    model.unwritten.clear();
    model.compared = None;
    model.fields.top = 0;
    go(model, Screen::Panes);
}

/// The packet asked for is there.
fn show(model: &mut Model, opened: Box<Opened>, effects: &mut Vec<Effect>) {
    if model.asked != Some(opened.at) {
        return;
    }
    model.lost = None;
    let again = model.opened.as_ref().is_some_and(|o| o.at == opened.at);
    let before = model.tab().filter(|_| again);
    opened.with(|view| {
        model.fields.show(view);
        model.octets.tabs = octets::tabs(view);
        model.octets.tab = before.and_then(|tab| model.octets.tabs.iter().position(|t| *t == tab)).unwrap_or(0);
    });
    model.sentence = sentence(&opened);
    let at = opened.at;
    model.opened = Some(opened);
    match model.afterwards.take() {
        Some(Afterwards::Rule(rule)) => model.fields.select_rule(rule),
        Some(Afterwards::Hit { forward }) => work::first_hit(model, forward),
        None => {}
    }
    if !again {
        // What is below the selected field says more than what is above.
        model.fields.top = model.fields.selected.saturating_sub(1);
    }
    follow_field(model);
    if model.screen == Screen::Digest && model.story.as_ref().is_none_or(|(of, _)| *of != at) {
        effects.push(Effect::Story(at));
    }
}

/// The octets follow the field selected in the tree.
pub fn follow_field(model: &mut Model) {
    let Some(opened) = &model.opened else { return };
    let node = model.fields.node();
    let pane = &mut model.octets;
    opened.with(|view| {
        let span = node.and_then(|id| view.tree.get(id)).filter(|n| !n.field.generated).map(|n| n.span);
        pane.lights = span.map(|span| octets::lights(view, span)).unwrap_or_default();
        if let Some(first) = pane.lights.first() {
            // A tab that shows the field already stays.
            let here = pane.tabs.get(pane.tab).copied();
            let light = pane.lights.iter().find(|l| Some(l.tab) == here).unwrap_or(first);
            let same_buffer = pane.lights.iter().any(|l| Some(l.tab) == here);
            if !same_buffer || here != Some(first.tab) {
                pane.tab = pane.tabs.iter().position(|t| *t == first.tab).unwrap_or(0);
                pane.cursor = first.start;
            } else {
                pane.cursor = light.start;
            }
        }
    });
}

fn filtered(model: &mut Model, part: Filtered, effects: &mut Vec<Effect>) {
    if part.run != model.shown.run {
        return;
    }
    let at_end = model.is_sticking() && model.shown.keep.is_none();
    let Some(passed) = &mut model.shown.passed else { return };
    Arc::make_mut(passed).extend(part.hits);
    if at_end {
        model.selected = passed.len().saturating_sub(1);
    }
    model.shown.decided = part.upto;
    if let Some(keep) = model.shown.keep
        && model.shown.decided > keep
    {
        model.shown.keep = None;
        model.selected = passed.partition_point(|id| *id < keep).min(passed.len().saturating_sub(1));
    }
    if !model.filtering() {
        work::sort(model, effects);
    }
}

fn found(model: &mut Model, hit: &FoundHit) {
    if hit.run != model.find.run || !model.find.busy {
        return;
    }
    model.find.busy = false;
    match hit.at {
        Some(at) => {
            let forward = model.find.forward;
            let position = model.position_of(at);
            let round = if forward { position <= model.selected } else { position >= model.selected };
            model.selected = position;
            if matches!(model.find.needle, Some(Needle::Row(_))) {
                model.notice = round.then(|| Notice::note("found after going round"));
            } else if model.asked == Some(at) {
                work::first_hit(model, forward);
            } else {
                model.afterwards = Some(Afterwards::Hit { forward });
            }
        }
        None => model.notice = Some(Notice::note(format!("not found: {}", model.find.text))),
    }
}

/// Changes the screen.
pub fn go(model: &mut Model, screen: Screen) {
    model.screen = screen;
    model.page_top = 0;
    model.page_left = 0;
}

/// Keeps what is selected on the screen, and asks for the packet that is selected now.
fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    let areas = areas(model);
    let shown = model.shown_len();
    model.selected = model.selected.min(shown.saturating_sub(1));
    if let Some(order) = &model.shown.sorted {
        model.selected = order.nearest(model.selected);
    }
    model.top = scrolled(model.top, model.selected, list_rows(&areas), shown);
    if !model.load.paused && model.top.saturating_add(list_rows(&areas)) >= shown && model.screen == Screen::Panes {
        model.load.seen = u32::try_from(model.store.len()).unwrap_or(u32::MAX);
    }
    let rows = tree_rows(&areas);
    if model.state.wrap {
        model.fields.top = super::text::wrapped_top(model, rows, usize::from(areas.tree.width));
    } else {
        model.fields.top = scrolled(model.fields.top, model.fields.selected, rows, model.fields.len());
    }
    let in_line = u32::from(octets_in_line(&areas)).max(1);
    let line = (model.octets.cursor / 8 / in_line) as usize;
    let len = model.tab().and_then(|tab| octets::octets(model.opened.as_ref()?, tab)).map_or(0, <[u8]>::len);
    let lines = len.div_ceil(in_line as usize);
    model.octets.top = scrolled(model.octets.top, line.min(lines.saturating_sub(1)), octet_rows(&areas), lines);
    if model.screen == Screen::Findings {
        let all = super::text::finding_rows(model).len();
        model.findings.selected = model.findings.selected.min(all.saturating_sub(1));
        model.findings.top = scrolled(model.findings.top, model.findings.selected, finding_list_rows(&areas), all);
    }
    match model.current() {
        Some(at) if model.asked != Some(at) => {
            model.asked = Some(at);
            effects.push(Effect::Open(at));
        }
        Some(_) => {}
        None => {
            model.asked = None;
            model.opened = None;
            model.lost = None;
            model.sentence = Visible::default();
            model.fields.clear();
            model.octets = super::model::OctetsPane::default();
        }
    }
    work::fill_cells(model, &areas, effects);
}

/// The first row on screen, so that the selected one is on it and no room is wasted.
fn scrolled(top: usize, selected: usize, rows: usize, all: usize) -> usize {
    let rows = rows.max(1);
    let lowest = selected.saturating_add(1).saturating_sub(rows);
    top.clamp(lowest, selected).min(all.saturating_sub(rows).max(lowest))
}

#[cfg(test)]
mod tests {
    use super::scrolled;

    #[test]
    fn scrolling_keeps_the_selection_on_screen_and_wastes_no_room() {
        assert_eq!(scrolled(0, 5, 10, 100), 0);
        assert_eq!(scrolled(0, 15, 10, 100), 6);
        assert_eq!(scrolled(50, 15, 10, 100), 15);
        assert_eq!(scrolled(95, 99, 10, 100), 90);
        assert_eq!(scrolled(3, 0, 10, 0), 0);
        assert_eq!(scrolled(0, 3, 0, 4), 3);
    }
}
