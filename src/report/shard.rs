//! A share of the notifications of each capture, so that several machines can read one huge file.
//!
//! Every share sees all frames: what is remembered across them, and so every verdict, is the same in each. A packet belongs to
//! the share in whose range of the file its completing frame stands, so that the shares together are the whole, exactly. Must
//! not know what a packet holds.

use std::str::FromStr;

/// Octets of content that lie in the range of one share, where the length of the whole is not known: ranges take turns.
const TURN: u64 = 16 << 20;

/// The `part`th of `of` shares, written `2/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    part: u32,
    of: u32,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected a share of so many, such as 1/4".to_owned();
        let (part, of) = text.split_once('/').ok_or_else(wrong)?;
        let (Ok(part), Ok(of)) = (part.parse(), of.parse()) else { return Err(wrong()) };
        if part == 0 || part > of { Err(wrong()) } else { Ok(Self { part, of }) }
    }
}

impl Shard {
    /// Whether a place in a capture lies in the share; `octets` is the length of the capture's content, where that is known.
    pub fn has(self, place: u64, octets: Option<u64>) -> bool {
        let of = u64::from(self.of);
        let share = match octets {
            Some(octets) if octets > 0 => {
                let share = u128::from(place) * u128::from(of) / u128::from(octets);
                // A file that grew meanwhile: the last one has the rest.
                u64::try_from(share).unwrap_or(of).min(of.saturating_sub(1))
            }
            _ => place.checked_div(TURN).and_then(|turn| turn.checked_rem(of)).unwrap_or(0),
        };
        share + 1 == u64::from(self.part)
    }
}

#[cfg(test)]
mod tests {
    use super::{Shard, TURN};

    #[test]
    fn every_place_lies_in_exactly_one_share() {
        for octets in [None, Some(0), Some(1), Some(1000), Some(1001), Some(u64::MAX)] {
            for place in [0, 1, 142, 143, 500, 999, 1000, 5000, TURN, 3 * TURN - 1, u64::MAX - 1, u64::MAX] {
                for of in 1..=7 {
                    let shares = (1..=of).filter(|part| Shard { part: *part, of }.has(place, octets)).count();
                    assert_eq!(shares, 1, "{place} of {octets:?} in {of}");
                }
            }
        }
        let ranges: Vec<bool> = (0..10).map(|place| Shard { part: 2, of: 2 }.has(place, Some(10))).collect();
        assert_eq!(ranges, [false, false, false, false, false, true, true, true, true, true]);
    }

    #[test]
    fn a_share_is_written_as_a_fraction() {
        assert_eq!("2/8".parse(), Ok(Shard { part: 2, of: 8 }));
        for wrong in ["", "1", "0/2", "3/2", "-1/2", "1/x", "1/0", "1/2/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
