//! `pushscope explain`: the whole story of one notification's digest.
//!
//! Must not know how digests are computed.

use std::ops::ControlFlow;

use anyhow::{Result, anyhow, bail};
use serde::Serialize;

use super::args::{ExplainArgs, ExplainType};
use super::{Outcome, print, say, setup};
use crate::capture::Merged;
use crate::scan::{Engine, Options, Packet, Sink, judge};
use crate::verify::{Keyring, Story, tell};

/// Runs the command.
///
/// # Errors
/// Bad usage, no such notification, or one whose digest cannot be looked at; or the result could not be written.
pub(super) fn run(args: &ExplainArgs) -> Result<Outcome> {
    let (frame, index) = place(&args.number)?;
    let keys = setup::keys(&args.common)?;
    let mut table = setup::table(&args.decode_as)?;
    if args.heuristic {
        table.look_for_structure();
    }
    let mut input = Merged::open(&[&args.file]);
    let mut engine = Engine::new(table, &keys, Options::default());
    let mut finder = Finder { frame, index, keys: &keys, found: None };
    let mut flow = ControlFlow::Continue(());
    let mut frames = 0;
    while flow.is_continue() {
        let Some(next) = input.next() else { break };
        frames = next.number;
        flow = engine.frame(&next, &mut finder);
    }
    if flow.is_continue() {
        let _ = engine.finish(&mut finder);
    }
    let problems = if finder.found.is_none() { input.problems() } else { Vec::new() };
    for problem in &problems {
        say(&problem.to_string());
    }
    match finder.found {
        Some(Found::Story(story)) => {
            let text = match args.output {
                ExplainType::Text => format!("frame {frame}.{index}\n{story}"),
                ExplainType::Json => serde_json::to_string_pretty(&Placed { frame, index, story: &story })? + "\n",
            };
            print(text.as_bytes())
        }
        Some(Found::Status(status)) => {
            bail!("explain: the digest of notification {frame}.{index} cannot be looked at: it is {}", status.name())
        }
        Some(Found::Fewer(0)) => bail!("explain: frame {frame} is a push, but holds no notification"),
        Some(Found::Fewer(count)) => {
            bail!("explain: frame {frame} holds {count} notifications; there is no {frame}.{index}")
        }
        None if frame > frames => bail!("explain: there is no frame {frame}: the capture ends with frame {frames}"),
        None => bail!("explain: frame {frame} carries no push; `pushscope read` lists the frames that do"),
    }
}

/// `12` or `12.2`.
fn place(text: &str) -> Result<(u32, u16)> {
    let (frame, index) = text.split_once('.').unwrap_or((text, "1"));
    let wrong = || anyhow!("-n {text}: expected a frame number, or FRAME.INDEX for a later notification of the frame");
    let frame: u32 = frame.parse().ok().ok_or_else(wrong)?;
    let index: u16 = index.parse().ok().ok_or_else(wrong)?;
    if frame == 0 || index == 0 {
        return Err(wrong());
    }
    Ok((frame, index))
}

/// A story and whose it is.
#[derive(Serialize)]
struct Placed<'s> {
    frame: u32,
    index: u16,
    #[serde(flatten)]
    story: &'s Story,
}

enum Found {
    Story(Box<Story>),
    Status(crate::verify::Status),
    Fewer(usize),
}

/// Waits for one notification.
struct Finder<'k> {
    frame: u32,
    index: u16,
    keys: &'k Keyring,
    found: Option<Found>,
}

impl Sink for Finder<'_> {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        if packet.frame.number != self.frame {
            return ControlFlow::Continue(());
        }
        let messages = &packet.found.messages;
        let Some(message) = messages.get(usize::from(self.index) - 1) else {
            self.found = Some(Found::Fewer(messages.len()));
            return ControlFlow::Break(());
        };
        self.found = Some(match judge::subject(packet.view.buffers, message) {
            Ok(subject) => {
                let before = packet.earlier(self.index);
                let earlier = judge::earlier(packet.view.buffers, message, before.as_ref());
                let device = judge::device(message);
                let subject = subject.at(message.facts.time).to(device.as_deref()).after(earlier.as_slice());
                Found::Story(Box::new(tell(self.keys, packet.learned(), &subject)))
            }
            Err(status) => Found::Status(status),
        });
        ControlFlow::Break(())
    }
}
