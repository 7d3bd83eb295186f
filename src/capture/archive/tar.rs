//! The members of a tar archive, one after the other: v7, ustar, GNU and pax forms.
//!
//! Reads no more than a header ahead, keeps no list, and goes on behind a damaged header where another one follows. Headers
//! are read by the crate `tar`; its own walk is not used: it lends members that cannot leave their thread, and believes the
//! length of a long name. Must not know what members hold.

use std::io;

use tar::{EntryType, Header, PaxExtensions};

use super::stream::{Shared, Stretch, lock};
use super::{Member, Step, Walk};

/// Octets of a block: headers are one, contents are padded to them.
pub(super) const BLOCK: usize = 512;
/// Most octets of a long name, or of a set of pax records, that are believed.
const EXTRA_MAX: u64 = 256 << 10;
/// Most octets of a member's name.
const NAME_MAX: usize = 4096;

/// A walk over an archive. See the module's documentation.
pub(super) struct Tar {
    shared: Shared,
    /// Where the next header stands.
    next: u64,
    /// What extra headers said about the next member.
    extra: Extra,
    /// Found behind damage that had to be told first.
    found: Option<Member>,
    ended: bool,
}

/// What extra headers say about the member behind them.
#[derive(Default)]
struct Extra {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

/// Whether a block is the header of a member.
pub(super) fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.get(..BLOCK) else { return false };
    let header = Header::from_byte_slice(block);
    let sum = block.iter().enumerate().fold(0u32, |sum, (at, octet)| {
        // The checksum counts itself as blanks.
        sum.wrapping_add(if (148..156).contains(&at) { 32 } else { u32::from(*octet) })
    });
    block.first().is_some_and(|first| *first != 0) && header.cksum().is_ok_and(|stated| stated == sum)
}

impl Walk for Tar {
    fn shared(&self) -> &Shared {
        &self.shared
    }

    fn ended(&mut self) -> &mut bool {
        &mut self.ended
    }

    fn advance(&mut self) -> io::Result<Option<Step>> {
        if let Some(member) = self.found.take() {
            return Ok(Some(Step::Member(member)));
        }
        loop {
            let at = self.next;
            let mut block = [0; BLOCK];
            let whole = {
                let mut stream = lock(&self.shared);
                stream.next_turn();
                if !stream.skip_to(at)? {
                    self.ended = true;
                    let text = "the tar archive is cut off within its last member".to_owned();
                    return Ok(Some(Step::Damage(stream.at(), text)));
                }
                stream.fill(&mut block)?
            };
            // An archive ends with blocks of zeros, or, made by some writers, just so.
            if whole == 0 || block.iter().all(|octet| *octet == 0) {
                return Ok(None);
            }
            if whole < BLOCK {
                self.ended = true;
                return Ok(Some(Step::Damage(at, format!("the tar archive is cut off: {whole} of {BLOCK} octets"))));
            }
            self.next = at.saturating_add(BLOCK as u64);
            if !is_header(&block) {
                return self.resume(at).map(Some);
            }
            if let Some(step) = self.member(at, Header::from_byte_slice(&block))? {
                return Ok(Some(step));
            }
        }
    }
}

impl Tar {
    /// The members from where the stream stands.
    pub(super) fn new(shared: Shared) -> Self {
        let next = lock(&shared).at();
        Self { shared, next, extra: Extra::default(), found: None, ended: false }
    }

    /// What a header says; `None` where it is about the next member, or about something that holds no octets.
    fn member(&mut self, at: u64, header: &Header) -> io::Result<Option<Step>> {
        let kind = header.entry_type();
        let Ok(stated) = header.entry_size() else { return self.resume(at).map(Some) };
        match kind {
            EntryType::GNULongName | EntryType::XHeader => {
                let octets = self.contents(stated)?;
                if kind == EntryType::XHeader {
                    self.extra.records(&octets);
                } else {
                    self.extra.name = Some(octets);
                }
                return Ok(None);
            }
            EntryType::GNULongLink | EntryType::XGlobalHeader => {
                self.end_at(stated);
                return Ok(None);
            }
            _ => {}
        }
        let extra = std::mem::take(&mut self.extra);
        let size = extra.size.unwrap_or(stated);
        let name = extra.name.unwrap_or_else(|| header.path_bytes().into_owned());
        let name = shown(&name);
        if kind == EntryType::GNUSparse || extra.sparse {
            self.sparse_headers(header)?;
            self.end_at(stated);
            return Ok(Some(Step::Damage(at, format!("{name} is stored as a sparse file, which is not read"))));
        }
        // Links, folders and devices hold nothing, whatever size they state.
        let hollow = kind.is_hard_link()
            || kind.is_symlink()
            || kind.is_dir()
            || kind.is_fifo()
            || kind.is_character_special()
            || kind.is_block_special();
        if hollow || !matches!(kind, EntryType::Regular | EntryType::Continuous) || name.ends_with('/') {
            self.end_at(if hollow { 0 } else { size });
            return Ok(None);
        }
        let end = self.next.saturating_add(size);
        self.end_at(size);
        let source = Box::new(Stretch::new(&self.shared, end));
        Ok(Some(Step::Member(Member { name, size: Some(size), source })))
    }

    /// The map of a sparse file may go on in blocks of its own.
    fn sparse_headers(&mut self, header: &Header) -> io::Result<()> {
        let mut more = header.as_gnu().is_some_and(tar::GnuHeader::is_extended);
        let mut block = [0; BLOCK];
        while more && lock(&self.shared).fill(&mut block)? == BLOCK {
            self.next = self.next.saturating_add(BLOCK as u64);
            more = block.get(504).is_some_and(|octet| *octet != 0);
        }
        Ok(())
    }

    /// The contents of an extra header, as far as they are believed.
    fn contents(&mut self, size: u64) -> io::Result<Vec<u8>> {
        let mut octets = vec![0; usize::try_from(size.min(EXTRA_MAX)).unwrap_or(0)];
        let count = lock(&self.shared).fill(&mut octets)?;
        octets.truncate(count);
        self.end_at(size);
        Ok(octets)
    }

    /// The next header stands behind contents of this size.
    fn end_at(&mut self, size: u64) {
        let block = BLOCK as u64;
        let padded = size.checked_next_multiple_of(block).unwrap_or(u64::MAX);
        self.next = self.next.saturating_add(padded);
    }

    /// Goes on at the next header behind a damaged one.
    fn resume(&mut self, damaged: u64) -> io::Result<Step> {
        self.extra = Extra::default();
        let mut block = [0; BLOCK];
        let mut stream = lock(&self.shared);
        loop {
            let at = self.next;
            if !stream.skip_to(at)? || stream.fill(&mut block)? < BLOCK {
                self.ended = true;
                let text = "a tar header is damaged; none follows that could be read";
                return Ok(Step::Damage(damaged, text.to_owned()));
            }
            if is_header(&block) {
                drop(stream);
                self.next = at.saturating_add(BLOCK as u64);
                // A member is told after the damage before it.
                if let Some(Step::Member(member)) = self.member(at, Header::from_byte_slice(&block))? {
                    self.found = Some(member);
                }
                return Ok(Step::Damage(
                    damaged,
                    format!("a tar header is damaged; went on with the one at octet {at}"),
                ));
            }
            self.next = at.saturating_add(BLOCK as u64);
        }
    }
}

impl Extra {
    /// Takes over what pax records say.
    fn records(&mut self, octets: &[u8]) {
        for record in PaxExtensions::new(octets).flatten() {
            match (record.key_bytes(), record.value_bytes()) {
                (b"path", value) => self.name = Some(value.to_vec()),
                (b"size", value) => self.size = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()),
                (key, _) => self.sparse |= key.starts_with(b"GNU.sparse."),
            }
        }
    }
}

/// A member's name as text, of a length that can be shown.
pub(super) fn shown(name: &[u8]) -> String {
    let end = name.iter().position(|octet| *octet == 0).unwrap_or(name.len()).min(NAME_MAX);
    String::from_utf8_lossy(name.get(..end).unwrap_or(&[])).into_owned()
}
