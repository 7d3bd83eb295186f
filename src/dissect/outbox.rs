//! What a layer leaves for the chain: payloads for other layers, derived buffers, questions, and what it knows.
//!
//! What the layers know is handed on in place: it is copied only where more than one layer goes on from here, or where a layer
//! looks at it or changes it after it handed on. Must not know any protocol.

use super::claim::{Claim, Claims};
use super::facts::Facts;
use super::need::Need;
use super::reader::Window;
use crate::model::{Derived, Span};

/// A payload on its way to the next dissector.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub(super) window: Window,
    pub(super) claims: Claims,
    known: Known,
    /// Layers below it.
    pub(super) depth: u8,
}

/// Where it stands what the layers below a payload know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// It is what was known last: only of the payload that is read next.
    Last,
    /// The place among what is kept.
    Kept(u32),
}

/// What a layer leaves for the chain.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// Payloads still to be read, the next one last; those of the layer that is read from `first` on, in the order it hands on.
    jobs: Vec<Job>,
    first: usize,
    /// Layers below those that the layer hands on to.
    depth: u8,
    /// What the layer that is read knows, or the last one that was.
    facts: Facts,
    /// A payload of this layer was handed on with what is known last.
    lent: bool,
    kept: Vec<Facts>,
    pub(super) derived: Vec<Derived>,
    /// What the last layer still asks, the first question last.
    needs: Vec<Need>,
    pub(super) trailing: Option<Span>,
}

impl Outbox {
    /// Starts a packet with one payload.
    #[inline]
    pub(super) fn start(&mut self, window: Window, claim: Claim, facts: Facts) {
        self.jobs.clear();
        self.needs.clear();
        self.kept.clear();
        self.facts = facts;
        self.jobs.push(Job { window, claims: Claims::first_of(&[claim]), known: Known::Last, depth: 0 });
    }

    /// The next payload; what the layers below it know is known from now on.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Job> {
        let job = self.jobs.pop()?;
        if let Known::Kept(at) = job.known {
            self.recall(at);
        }
        Some(job)
    }

    fn recall(&mut self, at: u32) {
        if let Some(facts) = usize::try_from(at).ok().and_then(|at| self.kept.get(at)) {
            self.facts = *facts;
        }
    }

    /// A layer begins.
    #[inline]
    pub(super) fn open(&mut self, depth: u8) {
        self.first = self.jobs.len();
        self.depth = depth.saturating_add(1);
        self.lent = false;
        self.trailing = None;
    }

    /// The layer ended: what it handed on first is read first, and what it asked first is asked first.
    #[inline]
    pub(super) fn close(&mut self) {
        if self.handed().len() > 1 || !self.needs.is_empty() {
            if self.lent {
                self.keep_lent();
            }
            self.jobs.get_mut(self.first..).unwrap_or(&mut []).reverse();
            self.needs.reverse();
        }
        self.first = self.jobs.len();
    }

    /// The next question of the last layer.
    #[inline]
    pub(super) fn question(&mut self) -> Option<Need> {
        self.needs.pop()
    }

    /// Asks. See [`super::reader::Reader::ask`].
    #[inline]
    pub(super) fn ask(&mut self, need: Need) {
        self.needs.push(need);
    }

    /// What is known, to be changed.
    #[inline]
    pub(super) fn facts(&mut self) -> &mut Facts {
        if self.lent {
            self.keep_lent();
        }
        &mut self.facts
    }

    /// What is known.
    #[inline]
    pub(super) const fn known(&self) -> &Facts {
        &self.facts
    }

    /// Payloads that this layer handed on keep what is known now.
    #[cold]
    fn keep_lent(&mut self) {
        self.lent = false;
        let kept = self.keep(None);
        for job in self.jobs.get_mut(self.first..).unwrap_or(&mut []) {
            if job.known == Known::Last {
                job.known = kept;
            }
        }
    }

    /// Keeps what is known, or `instead`.
    fn keep(&mut self, instead: Option<&Facts>) -> Known {
        let at = u32::try_from(self.kept.len()).unwrap_or(u32::MAX);
        self.kept.push(*instead.unwrap_or(&self.facts));
        Known::Kept(at)
    }

    /// What the layer that is read handed on.
    #[inline]
    pub(super) fn handed(&self) -> &[Job] {
        self.jobs.get(self.first..).unwrap_or(&[])
    }

    /// Hands a payload of the layer on.
    #[inline]
    pub(super) fn hand(&mut self, window: Window, claims: &[Claim]) {
        self.jobs.push(Job { window, claims: Claims::first_of(claims), known: Known::Last, depth: self.depth });
        self.lent = true;
    }

    /// Payloads that an answer to the last layer's question holds, the first one first, and what is known of them where it is
    /// more than the layer knew.
    pub(super) fn answered(
        &mut self,
        windows: impl ExactSizeIterator<Item = Window>,
        claim: Claim,
        facts: Option<&Facts>,
    ) {
        // One payload is read next, and nobody learns anything before.
        let known = if windows.len() == 1 && facts.is_none() { Known::Last } else { self.keep(facts) };
        let first = self.jobs.len();
        let claims = Claims::first_of(&[claim]);
        self.jobs.extend(windows.map(|window| Job { window, claims, known, depth: self.depth }));
        self.jobs.get_mut(first..).unwrap_or(&mut []).reverse();
    }

    /// What is still to be read is octets only, and nothing is asked any more.
    pub(super) fn forget(&mut self) {
        self.jobs.iter_mut().for_each(|job| job.claims = Claims::NONE);
        self.needs.clear();
    }
}
