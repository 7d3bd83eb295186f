//! The display filter: Wireshark's language over our catalog, for everything that selects packets.
//!
//! Three steps: [`parse`] makes a syntax tree, [`check`] compares it with the catalog's kinds and compiles it, [`eval`] asks the
//! compiled form about one packet. Must not know where packets come from or how they are printed; knows no protocol.

mod alias;
mod check;
pub mod complete;
pub mod error;
mod eval;
mod lex;
mod literal;
mod operand;
mod parse;
mod program;
mod restrict;
mod syntax;

pub use complete::{Candidate, Completion, Offer, complete};
pub use error::FilterError;
pub use restrict::Restriction;

use crate::model::View;

/// The fields of a name: the one of the catalog, or those a name like `ip.addr` stands for. Empty where there are none.
pub fn fields_named(name: &str) -> Vec<&'static crate::model::Field> {
    alias::fields(name)
}

/// The names nearest to one that [`fields_named`] does not know, best first.
pub fn names_near(name: &str) -> Vec<&'static str> {
    alias::near(name)
}

/// A display filter, checked and compiled: made once, asked about every packet.
///
/// ```
/// use pushscope::filter::Filter;
/// let filter = Filter::new("udp.dstport in {2948, 9200} && !(udp.length < 20)")?;
/// assert_eq!(filter.source(), "udp.dstport in {2948, 9200} && !(udp.length < 20)");
/// # Ok::<(), pushscope::filter::FilterError>(())
/// ```
#[derive(Debug)]
pub struct Filter {
    source: String,
    test: program::Test,
}

impl Filter {
    /// Parses, checks and compiles an expression. An empty one selects every packet.
    ///
    /// # Errors
    ///
    /// Says what is wrong, where, and what was expected.
    pub fn new(source: &str) -> Result<Self, FilterError> {
        let test = match parse::parse(source)? {
            Some(tree) => check::check(source, &tree)?,
            None => program::Test::All(Vec::new()),
        };
        Ok(Self { source: source.to_owned(), test })
    }

    /// The expression as it was given.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the packet is selected.
    pub fn matches(&self, view: &View<'_>) -> bool {
        eval::holds(&self.test, view)
    }

    /// What every selected packet has in common, as far as that is plain to see.
    pub fn restriction(&self) -> Restriction {
        restrict::of(&self.test)
    }
}

#[cfg(test)]
mod tests;
