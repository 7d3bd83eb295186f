//! Capture files as octets: pcap in all its forms and pcapng block by block.
//!
//! Times are nanoseconds since 1970; a file of coarser resolution rounds down. Formats from the public pcap and pcapng
//! drafts. A length or a magic number can be overridden by editing the octets afterwards.

/// One record to write.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Capture time in nanoseconds since 1970.
    pub time: u64,
    /// The octets on the wire.
    pub octets: Vec<u8>,
    /// How many of them the capture kept; `None`: all.
    pub kept: Option<usize>,
    /// Comments (pcapng only).
    pub comments: Vec<String>,
    /// Interface number within the section (pcapng only).
    pub interface: u32,
}

impl Frame {
    /// A whole frame.
    pub fn new(time: u64, octets: impl Into<Vec<u8>>) -> Self {
        Self { time, octets: octets.into(), kept: None, comments: Vec::new(), interface: 0 }
    }

    /// With one more comment.
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        self.comments.push(text.into());
        self
    }

    /// Cut to this many octets.
    pub fn kept(mut self, octets: usize) -> Self {
        self.kept = Some(octets);
        self
    }

    /// On this interface.
    pub fn interface(mut self, interface: u32) -> Self {
        self.interface = interface;
        self
    }

    fn captured(&self) -> &[u8] {
        &self.octets[..self.kept.unwrap_or(self.octets.len()).min(self.octets.len())]
    }
}

/// Byte order of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Least significant octet first.
    #[default]
    Little,
    /// Most significant octet first.
    Big,
}

impl Order {
    fn u16(self, out: &mut Vec<u8>, value: u16) {
        out.extend(if self == Self::Little { value.to_le_bytes() } else { value.to_be_bytes() });
    }

    fn u32(self, out: &mut Vec<u8>, value: u32) {
        out.extend(if self == Self::Little { value.to_le_bytes() } else { value.to_be_bytes() });
    }
}

/// Form of a pcap file.
#[derive(Clone, Copy, Debug, Default)]
pub struct PcapForm {
    /// Byte order.
    pub order: Order,
    /// Nanoseconds instead of microseconds.
    pub nano: bool,
    /// The modified form (0xa1b2cd34): eight more octets per record.
    pub modified: bool,
    /// Link type with whatever stands in the upper bits.
    pub link: u32,
    /// Snapshot length; `None`: 262144.
    pub snaplen: Option<u32>,
}

impl PcapForm {
    /// Little-endian microseconds of this link type.
    pub fn new(link: u16) -> Self {
        Self { link: u32::from(link), ..Self::default() }
    }

    /// The file header.
    pub fn header(&self) -> Vec<u8> {
        let magic = match (self.modified, self.nano) {
            (true, _) => 0xA1B2_CD34,
            (false, true) => 0xA1B2_3C4D,
            (false, false) => 0xA1B2_C3D4,
        };
        let mut out = Vec::new();
        self.order.u32(&mut out, magic);
        self.order.u16(&mut out, 2);
        self.order.u16(&mut out, 4);
        self.order.u32(&mut out, 0);
        self.order.u32(&mut out, 0);
        self.order.u32(&mut out, self.snaplen.unwrap_or(0x4_0000));
        self.order.u32(&mut out, self.link);
        out
    }

    /// One record.
    pub fn record(&self, frame: &Frame) -> Vec<u8> {
        let fraction = (frame.time % 1_000_000_000) as u32;
        let captured = frame.captured();
        let mut out = Vec::new();
        self.order.u32(&mut out, (frame.time / 1_000_000_000) as u32);
        self.order.u32(&mut out, if self.nano { fraction } else { fraction / 1000 });
        self.order.u32(&mut out, captured.len() as u32);
        self.order.u32(&mut out, frame.octets.len() as u32);
        if self.modified {
            // Interface index, protocol, packet type, padding.
            self.order.u32(&mut out, 2);
            self.order.u16(&mut out, 0x0800);
            out.extend([0, 0]);
        }
        out.extend(captured);
        out
    }

    /// A whole file.
    pub fn file(&self, frames: &[Frame]) -> Vec<u8> {
        let mut out = self.header();
        for frame in frames {
            out.extend(self.record(frame));
        }
        out
    }
}

/// A pcapng file in the making.
#[derive(Clone, Debug, Default)]
pub struct Pcapng {
    order: Order,
    out: Vec<u8>,
    interfaces: Vec<(u8, i64)>,
}

impl Pcapng {
    /// An empty file whose next section has this byte order; call [`Pcapng::section`] first.
    pub fn new(order: Order) -> Self {
        Self { order, ..Self::default() }
    }

    /// Any block: type and body without the lengths; padded to four octets.
    pub fn block(&mut self, kind: u32, body: &[u8]) -> &mut Self {
        let padded = body.len().next_multiple_of(4);
        let length = (padded + 12) as u32;
        self.order.u32(&mut self.out, kind);
        self.order.u32(&mut self.out, length);
        self.out.extend(body);
        self.out.extend(vec![0; padded - body.len()]);
        self.order.u32(&mut self.out, length);
        self
    }

    fn options(&self, options: &[(u16, &[u8])], end: bool) -> Vec<u8> {
        let mut out = Vec::new();
        for (code, value) in options {
            self.order.u16(&mut out, *code);
            self.order.u16(&mut out, value.len() as u16);
            out.extend(*value);
            out.resize(out.len().next_multiple_of(4), 0);
        }
        if end && !options.is_empty() {
            out.extend([0; 4]);
        }
        out
    }

    /// A section header in this byte order; interfaces start anew.
    pub fn section(&mut self, order: Order, options: &[(u16, &[u8])]) -> &mut Self {
        self.order = order;
        self.interfaces.clear();
        let mut body = Vec::new();
        order.u32(&mut body, 0x1A2B_3C4D);
        order.u16(&mut body, 1);
        order.u16(&mut body, 0);
        body.extend([0xFF; 8]);
        body.extend(self.options(options, true));
        self.block(0x0A0D_0D0A, &body)
    }

    /// An interface: link type, snapshot length, time resolution (`if_tsresol`, `None` = microseconds) and offset in seconds.
    pub fn interface(
        &mut self,
        link: u16,
        snaplen: u32,
        resolution: Option<u8>,
        offset: Option<i64>,
        options: &[(u16, &[u8])],
    ) -> &mut Self {
        self.interfaces.push((resolution.unwrap_or(6), offset.unwrap_or(0)));
        let resolution = resolution.map(|octet| [octet]);
        let offset = offset.map(|v| if self.order == Order::Little { v.to_le_bytes() } else { v.to_be_bytes() });
        let mut all = options.to_vec();
        if let Some(octet) = &resolution {
            all.push((9, octet));
        }
        if let Some(octets) = &offset {
            all.push((14, octets));
        }
        let mut body = Vec::new();
        self.order.u16(&mut body, link);
        self.order.u16(&mut body, 0);
        self.order.u32(&mut body, snaplen);
        body.extend(self.options(&all, true));
        self.block(1, &body)
    }

    fn ticks(&self, frame: &Frame) -> u64 {
        let (resolution, offset) = self.interfaces.get(frame.interface as usize).copied().unwrap_or((6, 0));
        let nanoseconds = i128::from(frame.time) - i128::from(offset) * 1_000_000_000;
        let ticks = if resolution & 0x80 == 0 {
            nanoseconds * 10_i128.pow(u32::from(resolution)) / 1_000_000_000
        } else {
            (nanoseconds << (resolution & 0x7F)) / 1_000_000_000
        };
        u64::try_from(ticks).unwrap_or(0)
    }

    /// An enhanced packet block with the frame's comments.
    pub fn packet(&mut self, frame: &Frame) -> &mut Self {
        let comments: Vec<(u16, &[u8])> = frame.comments.iter().map(|text| (1, text.as_bytes())).collect();
        let ticks = self.ticks(frame);
        let captured = frame.captured();
        let mut body = Vec::new();
        self.order.u32(&mut body, frame.interface);
        self.order.u32(&mut body, (ticks >> 32) as u32);
        self.order.u32(&mut body, ticks as u32);
        self.order.u32(&mut body, captured.len() as u32);
        self.order.u32(&mut body, frame.octets.len() as u32);
        body.extend(captured);
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend(self.options(&comments, true));
        self.block(6, &body)
    }

    /// A simple packet block: no time, interface 0.
    pub fn simple_packet(&mut self, frame: &Frame) -> &mut Self {
        let mut body = Vec::new();
        self.order.u32(&mut body, frame.octets.len() as u32);
        body.extend(frame.captured());
        self.block(3, &body)
    }

    /// The obsolete packet block.
    pub fn old_packet(&mut self, frame: &Frame) -> &mut Self {
        let ticks = self.ticks(frame);
        let captured = frame.captured();
        let mut body = Vec::new();
        self.order.u16(&mut body, frame.interface as u16);
        self.order.u16(&mut body, 0);
        self.order.u32(&mut body, (ticks >> 32) as u32);
        self.order.u32(&mut body, ticks as u32);
        self.order.u32(&mut body, captured.len() as u32);
        self.order.u32(&mut body, frame.octets.len() as u32);
        body.extend(captured);
        self.block(2, &body)
    }

    /// Several packets.
    pub fn packets(&mut self, frames: &[Frame]) -> &mut Self {
        for frame in frames {
            self.packet(frame);
        }
        self
    }

    /// The file so far.
    pub fn file(&self) -> Vec<u8> {
        self.out.clone()
    }
}

/// A pcapng file of one Ethernet interface with a comment on the whole.
pub fn pcapng(comment: &str, link: u16, frames: &[Frame]) -> Vec<u8> {
    let mut file = Pcapng::new(Order::Little);
    file.section(Order::Little, &[(1, comment.as_bytes())]);
    file.interface(link, 0x4_0000, Some(9), None, &[]);
    file.packets(frames);
    file.file()
}
