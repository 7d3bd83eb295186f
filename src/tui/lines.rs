//! Lines being typed: opening them, checking while they are typed, taking them.
//!
//! Must not know how they are drawn.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::act;
use super::command;
use super::keys::Action;
use super::model::Model;
use super::msg::{Effect, Notice, Typed};
use super::prompt::{Kind, Offer, Prompt};
use super::work;
use crate::filter::Filter;

/// Opens a line.
pub(super) fn open(model: &mut Model, kind: Kind) {
    let text = match kind {
        Kind::Filter => model.shown.filter.clone(),
        Kind::Find => model.find.text.clone(),
        Kind::Comment => {
            let number = model.current_line().map(|line| line.number);
            number.and_then(|n| model.comments.get(&n)).cloned().unwrap_or_default()
        }
        _ => String::new(),
    };
    model.filter_error = None;
    model.prompt = Some(Prompt::new(kind, &text));
    model.notice = None;
}

/// Text was pasted.
pub(super) fn paste(model: &mut Model, text: &str, effects: &mut Vec<Effect>) {
    if let Some(prompt) = &mut model.prompt {
        prompt.insert(text);
        check(model, effects);
    } else {
        model.notice = Some(Notice::note("nothing is being typed: open the filter with /, then paste"));
    }
}

/// A character was typed.
pub(super) fn typed(model: &mut Model, c: char, effects: &mut Vec<Effect>) {
    let Some(prompt) = &mut model.prompt else { return };
    if prompt.kind == Kind::Leave {
        match c {
            'y' | 'Y' => {
                model.prompt = None;
                act::leave(model, effects);
            }
            ':' => open(model, Kind::Command),
            _ => model.prompt = None,
        }
        return;
    }
    prompt.insert(c.encode_utf8(&mut [0; 4]));
    check(model, effects);
}

/// An action while a line is typed.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(prompt) = &mut model.prompt else { return };
    match action {
        Action::Accept => accept(model, effects),
        Action::Cancel => {
            model.prompt = None;
            model.filter_error = None;
            model.typing = super::model::Typing::default();
        }
        Action::Complete | Action::CompleteBack => {
            let folder = prompt.offers.len() == 1 && prompt.offers.iter().any(|o| o.text.ends_with('/'));
            if prompt.offers.is_empty() || (folder && prompt.chosen.is_some()) {
                // The only folder was taken: what is in it comes next.
                offer(model, effects);
            }
            if let Some(prompt) = &mut model.prompt {
                prompt.complete(action == Action::Complete);
            }
            check_filter(model);
        }
        Action::Older | Action::Newer => {
            let history = match prompt.kind {
                Kind::Filter => &model.state.filters,
                Kind::Find => &model.state.finds,
                Kind::Command => &model.state.commands,
                _ => return,
            };
            prompt.recall(history, action == Action::Older);
            check_filter(model);
        }
        _ => {
            prompt.edit(action);
            check(model, effects);
        }
    }
}

/// Offers for what is being typed, and whether it can be used.
fn check(model: &mut Model, effects: &mut Vec<Effect>) {
    check_filter(model);
    if model.prompt.as_ref().is_some_and(|p| matches!(p.kind, Kind::Filter | Kind::Command | Kind::SecretsFile)) {
        offer(model, effects);
    }
}

fn check_filter(model: &mut Model) {
    let Some(prompt) = model.prompt.as_ref().filter(|p| p.kind == Kind::Filter) else { return };
    model.filter_error = Filter::new(prompt.text()).err();
}

/// Most offers shown.
const OFFERS_MAX: usize = 50;

fn offer(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(prompt) = &mut model.prompt else { return };
    prompt.chosen = None;
    prompt.offers = match prompt.kind {
        Kind::Filter => {
            let completion = crate::filter::complete(prompt.text(), prompt.before().len());
            let range = (completion.replace.start, completion.replace.end);
            let some = completion.candidates.into_iter().take(OFFERS_MAX);
            some.map(|c| Offer { text: c.text, note: c.label, range }).collect()
        }
        Kind::Command => command::offers(prompt.before()).into_iter().take(OFFERS_MAX).collect(),
        _ => Vec::new(),
    };
    // What files there are is found out outside.
    effects.extend(path_typed(prompt).map(|(_, path)| Effect::Paths(path.to_owned())));
}

/// The path being typed: where it starts, and the path up to the cursor.
fn path_typed(prompt: &Prompt) -> Option<(usize, &str)> {
    let start = match prompt.kind {
        Kind::SecretsFile => 0,
        Kind::Command => command::path_in(prompt.before())?,
        _ => return None,
    };
    Some((start, prompt.before().get(start..)?))
}

/// Files whose path begins as the one being typed; where nobody typed on meanwhile.
pub(super) fn paths(model: &mut Model, path: &str, found: Vec<String>) {
    let Some(prompt) = &mut model.prompt else { return };
    let Some((start, typed)) = path_typed(prompt) else { return };
    if typed != path || prompt.chosen.is_some() {
        return;
    }
    let range = (start, start.saturating_add(typed.len()));
    let offer = |text| Offer { text, note: String::new(), range };
    prompt.offers.retain(|offer| offer.range.0 != start);
    prompt.offers.splice(0..0, found.into_iter().take(OFFERS_MAX).map(offer));
}

/// The line is taken.
fn accept(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(mut prompt) = model.prompt.take() else { return };
    match prompt.kind {
        Kind::Filter => {
            if let Err(error) = Filter::new(prompt.text()) {
                // Stays open: the error is shown where it is.
                model.filter_error = Some(error);
                model.prompt = Some(prompt);
                return;
            }
            work::set_filter(model, prompt.text(), effects);
        }
        Kind::Find => work::find(model, prompt.text(), effects),
        Kind::Command => command::run(model, prompt.text(), effects),
        Kind::GoTo => match prompt.text().trim().parse() {
            Ok(frame) => act::go_to(model, frame, effects),
            Err(_) => act::complain(model, "go to: expected a frame number"),
        },
        Kind::SecretsFile => load_secrets(prompt.text(), effects),
        Kind::ServerId => {
            prompt.text().trim().clone_into(&mut model.typing.id);
            if !model.typing.id.is_empty() {
                open(model, Kind::Password);
            }
        }
        Kind::Password => {
            model.typing.password = prompt.take();
            open(model, Kind::Nonce);
        }
        Kind::Nonce => {
            model.typing.nonce = prompt.take();
            open(model, Kind::Secret);
        }
        Kind::Secret => {
            let secret = prompt.take();
            typed_secrets(model, &secret, effects);
        }
        Kind::Comment => comment(model, prompt.text(), effects),
        Kind::Leave => {}
    }
    model.filter_error = None;
}

/// Loads a secrets file.
pub(super) fn load_secrets(path: &str, effects: &mut Vec<Effect>) {
    let path = path.trim();
    if !path.is_empty() {
        effects.push(Effect::LoadSecrets(PathBuf::from(path)));
    }
}

fn typed_secrets(model: &mut Model, secret: &Zeroizing<String>, effects: &mut Vec<Effect>) {
    let typing = std::mem::take(&mut model.typing);
    if typing.password.is_empty() && secret.is_empty() {
        act::complain(model, "neither password nor secret was typed: nothing changed");
        return;
    }
    let mut toml = Zeroizing::new(String::with_capacity(16 * 1024));
    toml.push_str("[[server]]\nid = ");
    push_quoted(&mut toml, &typing.id);
    toml.push_str("\nlabel = ");
    push_quoted(&mut toml, &format!("{} (typed)", typing.id));
    for (key, value) in [("password", &typing.password), ("nonce", &typing.nonce), ("secret", secret)] {
        if !value.is_empty() {
            toml.push('\n');
            toml.push_str(key);
            toml.push_str(" = ");
            push_quoted(&mut toml, value);
        }
    }
    toml.push('\n');
    effects.push(Effect::TypeSecrets(Typed(toml)));
}

/// A TOML string. Written here so that no library keeps a copy of it.
fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

/// Writes a comment on the selected packet; an empty one takes it away.
pub(super) fn comment(model: &mut Model, text: &str, effects: &mut Vec<Effect>) {
    let Some(number) = model.current_line().map(|line| line.number) else { return };
    let text = text.trim();
    if text.is_empty() {
        model.unwritten.remove(&number);
        if model.comments.remove(&number).is_none() {
            return;
        }
    } else {
        model.comments.insert(number, text.to_owned());
        model.unwritten.insert(number);
    }
    effects.push(Effect::Comment(number, model.comments.get(&number).cloned()));
    // The comment stands in the tree at once.
    model.asked = None;
}
