//! What a search left out when its bound stopped it, in words.
//!
//! Must not know how anything is searched.

use std::borrow::Cow;

/// What is searched, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// One deviation, with the keys of this server.
    Singles,
    /// The keys of this server that are not in force.
    OutOfForce,
    /// The keys of other servers, as far as a share of the bound goes.
    Others,
    /// Two deviations that were both seen in products.
    LikelyPairs,
    /// The keys of other servers that the share did not reach.
    MoreOthers,
    /// Two deviations, one of them at least not seen in products.
    RarePairs,
    /// One deviation with the keys of other servers.
    OthersDeviant,
}

impl Stage {
    const ALL: [Self; 7] = [
        Self::Singles,
        Self::OutOfForce,
        Self::Others,
        Self::LikelyPairs,
        Self::MoreOthers,
        Self::RarePairs,
        Self::OthersDeviant,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Singles => "single deviations",
            Self::OutOfForce => "keys of this server that are not in force",
            Self::Others | Self::MoreOthers => "keys of other servers",
            Self::LikelyPairs => "likely pairs of deviations",
            Self::RarePairs => "rare pairs of deviations",
            Self::OthersDeviant => "deviations with the keys of other servers",
        }
    }
}

/// Where a search stopped.
pub(super) struct Stopped<'n> {
    /// The stage that was not finished.
    pub(super) at: Stage,
    /// A match ended the search in any case: later stages were not wanted.
    pub(super) found: bool,
    /// What stands for pairs that were not tried: `nonce and trigger`.
    pub(super) pairs: &'n [&'static str],
    /// Keys of other servers: how many there are, and how many were tried.
    pub(super) others: (usize, usize),
    /// Keys of this server that are not in force.
    pub(super) out_of_force: usize,
    /// Keys of this server.
    pub(super) own: usize,
}

impl Stopped<'_> {
    /// What was left out.
    pub(super) fn left_out(&self) -> Vec<Cow<'static, str>> {
        let mut out: Vec<Cow<'static, str>> = Vec::new();
        let later = Stage::ALL.into_iter().filter(|&stage| stage >= self.at && (stage == self.at || !self.found));
        for stage in later {
            let partly = stage == self.at;
            let (others, tried) = self.others;
            let wanted = match stage {
                Stage::Singles | Stage::LikelyPairs | Stage::RarePairs => self.own > 0,
                Stage::OutOfForce => self.out_of_force > 0,
                // Told once, where they are tried last.
                Stage::Others => partly && self.found && tried < others,
                Stage::MoreOthers => tried < others,
                Stage::OthersDeviant => others > 0,
            };
            if !wanted {
                continue;
            }
            let name = stage.name();
            out.push(match stage {
                Stage::Others | Stage::MoreOthers if tried > 0 => {
                    format!("{name} ({} of {others})", others - tried).into()
                }
                Stage::LikelyPairs | Stage::RarePairs if partly && !self.pairs.is_empty() => {
                    format!("{name} ({})", self.pairs.join(", ")).into()
                }
                _ if partly => format!("some {name}").into(),
                _ => name.into(),
            });
        }
        out
    }
}
