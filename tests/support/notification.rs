//! Package #0 of DM 1.2 and 2.0, the Data Sync notification and the LwM2M trigger, as octets.
//!
//! Layout and digests from the reference on DM Notification 1.2.1 (6.1, 6.2.2), 2.0 (5.1, 5.2, 5.3.5) and its notes on
//! neighbouring formats. Knows nothing of the carrier.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use md5::{Digest as _, Md5};
use sha2::Sha256;

/// The server identifier of every signed sample.
pub const SERVER: &str = "com.mgmtsrv.manage";
/// The 1.2 password of [`SERVER`].
pub const PASSWORD: &str = "S3cr3t-Pw";
/// The 1.2 nonce of [`SERVER`], as text.
pub const NONCE: &str = "nonce-001";
/// The 2.0 secret of [`SERVER`].
pub const SECRET: &str = "srv-secret-0001";
/// The nonce a server falls back to when the client refused one: four zero octets.
pub const SPECIAL_NONCE: [u8; 4] = [0; 4];

/// MD5.
pub fn md5(octets: &[u8]) -> [u8; 16] {
    Md5::digest(octets).into()
}

/// SHA-256.
pub fn sha256(octets: &[u8]) -> [u8; 32] {
    Sha256::digest(octets).into()
}

/// Base64, standard alphabet, padded.
pub fn base64(octets: &[u8]) -> String {
    STANDARD.encode(octets)
}

/// The 1.2 digest: `H(B64(H(id:password)) : nonce : B64(H(trigger)))`.
pub fn digest12(server: &[u8], password: &[u8], nonce: &[u8], trigger: &[u8]) -> [u8; 16] {
    let credential = base64(&md5(&[server, b":", password].concat()));
    let inner = base64(&md5(trigger));
    md5(&[credential.as_bytes(), b":", nonce, b":", inner.as_bytes()].concat())
}

/// The trigger of a 1.2 notification; every field free to be wrong.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// 10 bits: message version times ten.
    pub version: u16,
    /// 2 bits.
    pub ui_mode: u8,
    /// 1 bit.
    pub initiator: u8,
    /// 27 bits.
    pub future_use: u32,
    /// 16 bits.
    pub session: u16,
    /// The octets of the server identifier.
    pub server: Vec<u8>,
    /// The length written; `None`: the right one.
    pub length: Option<u8>,
    /// Everything after the server identifier.
    pub vendor: Vec<u8>,
}

impl Trigger {
    /// Version 1.1, background, client-initiated, for [`SERVER`]: the trigger of Appendix C with this session.
    pub fn new(session: u16) -> Self {
        Self {
            version: 11,
            ui_mode: 1,
            initiator: 0,
            future_use: 0,
            session,
            server: SERVER.as_bytes().to_vec(),
            length: None,
            vendor: Vec::new(),
        }
    }

    /// The same for another server.
    pub fn server(mut self, server: impl AsRef<[u8]>) -> Self {
        self.server = server.as_ref().to_vec();
        self
    }

    /// With this ui-mode and initiator.
    pub fn ui(mut self, ui_mode: u8, initiator: u8) -> Self {
        self.ui_mode = ui_mode;
        self.initiator = initiator;
        self
    }

    /// With this message version (times ten).
    pub fn version(mut self, version: u16) -> Self {
        self.version = version;
        self
    }

    /// With these future-use bits.
    pub fn future_use(mut self, bits: u32) -> Self {
        self.future_use = bits;
        self
    }

    /// With this length-identifier, right or wrong.
    pub fn length(mut self, length: u8) -> Self {
        self.length = Some(length);
        self
    }

    /// With vendor octets.
    pub fn vendor(mut self, vendor: impl AsRef<[u8]>) -> Self {
        self.vendor = vendor.as_ref().to_vec();
        self
    }

    /// The trigger: everything the inner hash covers.
    pub fn octets(&self) -> Vec<u8> {
        let block = u64::from(self.version & 0x3FF) << 30
            | u64::from(self.ui_mode & 3) << 28
            | u64::from(self.initiator & 1) << 27
            | u64::from(self.future_use & 0x07FF_FFFF);
        let mut out = block.to_be_bytes()[3..].to_vec();
        out.extend(self.session.to_be_bytes());
        out.push(self.length.unwrap_or(self.server.len() as u8));
        out.extend(&self.server);
        out.extend(&self.vendor);
        out
    }

    /// The message signed with this password and nonce.
    pub fn signed_with(&self, password: &[u8], nonce: &[u8]) -> Vec<u8> {
        let trigger = self.octets();
        [&digest12(&self.server, password, nonce, &trigger)[..], &trigger].concat()
    }

    /// The message signed with [`PASSWORD`] and [`NONCE`].
    pub fn signed(&self) -> Vec<u8> {
        self.signed_with(PASSWORD.as_bytes(), NONCE.as_bytes())
    }

    /// The message signed with [`PASSWORD`] and the special nonce.
    pub fn resync(&self) -> Vec<u8> {
        self.signed_with(PASSWORD.as_bytes(), &SPECIAL_NONCE)
    }

    /// The message with these sixteen octets where the digest goes.
    pub fn with_digest(&self, digest: [u8; 16]) -> Vec<u8> {
        [&digest[..], &self.octets()].concat()
    }
}

/// One option of a 2.0 package.
#[derive(Clone, Debug)]
pub struct Opt {
    /// The delta written; `None`: counted from the option before.
    pub delta: Option<u8>,
    /// The number meant.
    pub number: u16,
    /// The length written (12 bits); `None`: the right one.
    pub length: Option<u16>,
    /// The value.
    pub value: Vec<u8>,
}

/// A 2.0 package; every field free to be wrong.
#[derive(Clone, Debug)]
pub struct Package {
    /// 4 bits.
    pub ver: u8,
    /// The option count written (5 bits); `None`: the right one.
    pub count: Option<u8>,
    /// 7 bits.
    pub reserved: u8,
    /// NOTIFICATION-ID.
    pub id: u16,
    /// The options in wire order.
    pub options: Vec<Opt>,
    /// Octets after the last option.
    pub trailing: Vec<u8>,
}

impl Package {
    /// Version 2 with this NOTIFICATION-ID and no options.
    pub fn new(id: u16) -> Self {
        Self { ver: 2, count: None, reserved: 0, id, options: Vec::new(), trailing: Vec::new() }
    }

    /// One more option.
    pub fn option(mut self, number: u16, value: impl AsRef<[u8]>) -> Self {
        self.options.push(Opt { delta: None, number, length: None, value: value.as_ref().to_vec() });
        self
    }

    /// One more option whose header says this delta and length.
    pub fn raw_option(mut self, delta: u8, length: u16, value: impl AsRef<[u8]>) -> Self {
        let before = self.options.last().map_or(0, |o| o.number);
        self.options.push(Opt {
            delta: Some(delta),
            number: before + u16::from(delta),
            length: Some(length),
            value: value.as_ref().to_vec(),
        });
        self
    }

    /// Option 1, SERVER-ID: [`SERVER`].
    pub fn server(self) -> Self {
        self.option(1, SERVER)
    }

    /// Option 5, SHA256-DIGEST, with this sending time and the digest still zero.
    pub fn digest_at(self, time: u32) -> Self {
        self.option(5, [&time.to_be_bytes()[..], &[0; 32]].concat())
    }

    /// With this option count, right or wrong.
    pub fn count(mut self, count: u8) -> Self {
        self.count = Some(count);
        self
    }

    /// With these RESERVED bits.
    pub fn reserved(mut self, bits: u8) -> Self {
        self.reserved = bits;
        self
    }

    /// With this VER.
    pub fn ver(mut self, ver: u8) -> Self {
        self.ver = ver;
        self
    }

    /// With octets after the last option.
    pub fn trailing(mut self, octets: impl AsRef<[u8]>) -> Self {
        self.trailing = octets.as_ref().to_vec();
        self
    }

    fn build(&self) -> (Vec<u8>, Option<usize>) {
        let count = u32::from(self.count.unwrap_or(self.options.len() as u8) & 0x1F);
        let word =
            u32::from(self.ver & 0xF) << 28 | count << 23 | u32::from(self.reserved & 0x7F) << 16 | u32::from(self.id);
        let mut out = word.to_be_bytes().to_vec();
        let mut digest = None;
        let mut before = 0;
        for option in &self.options {
            let delta = option.delta.map_or_else(|| option.number.wrapping_sub(before), u16::from);
            let length = option.length.unwrap_or(option.value.len() as u16) & 0x0FFF;
            out.extend((delta << 12 | length).to_be_bytes());
            if option.number == 5 && option.value.len() == 36 {
                digest = Some(out.len() + 4);
            }
            out.extend(&option.value);
            before = option.number;
        }
        out.extend(&self.trailing);
        (out, digest)
    }

    /// The package as it stands.
    pub fn octets(&self) -> Vec<u8> {
        self.build().0
    }

    /// The package signed with this secret (the last well-formed option 5 takes the digest).
    pub fn signed_with(&self, secret: &[u8]) -> Vec<u8> {
        let (mut out, place) = self.build();
        if let Some(at) = place {
            out[at..at + 32].fill(0);
            let digest = sha256(&[secret, &out].concat());
            out[at..at + 32].copy_from_slice(&digest);
        }
        out
    }

    /// The package signed with [`SECRET`].
    pub fn signed(&self) -> Vec<u8> {
        self.signed_with(SECRET.as_bytes())
    }
}

/// The worked 2.0 package: all five options, sent at this time.
pub fn all_options(id: u16, time: u32) -> Package {
    Package::new(id)
        .server()
        .option(2, [2, 1, 3])
        .option(3, [0, 1, 1, 2])
        .option(4, [0, 3, 0xA1, 0xB2, 0xC3, 0xD4])
        .digest_at(time)
}

/// The later 2.0 layout (16-bit header, NOTIFICATION-ID as option 3), unsigned, for [`SERVER`].
pub fn later_layout(id: u16) -> Vec<u8> {
    let mut out = 0x2100_u16.to_be_bytes().to_vec();
    out.extend([0x10, SERVER.len() as u8]);
    out.extend(SERVER.as_bytes());
    out.extend([0x20, 0x02]);
    out.extend(id.to_be_bytes());
    out
}

/// One datastore of a Data Sync notification.
#[derive(Clone, Copy, Debug)]
pub struct Sync<'a> {
    /// Alert code, 200 to 215.
    pub alert: u16,
    /// WSP content type code, 24 bits.
    pub content_type: u32,
    /// Server URI.
    pub uri: &'a str,
}

/// The body of a Data Sync 1.2 notification: the vendor part of a [`Trigger`] of version 12.
pub fn data_sync(syncs: &[Sync<'_>]) -> Vec<u8> {
    let mut out = vec![(syncs.len() as u8) << 4];
    for sync in syncs {
        out.push(((sync.alert - 200) as u8) << 4);
        out.extend(&sync.content_type.to_be_bytes()[1..]);
        out.push(sync.uri.len() as u8);
        out.extend(sync.uri.as_bytes());
    }
    out
}

/// A CoAP request as an LwM2M registration update trigger carries it: confirmable POST to `/1/0/8`, no payload.
pub fn lwm2m_trigger(message_id: u16) -> Vec<u8> {
    let mut out = vec![0x40, 0x02];
    out.extend(message_id.to_be_bytes());
    // Three Uri-Path options (number 11): the first with delta 11, the others with delta 0.
    out.extend([0xB1, b'1', 0x01, b'0', 0x01, b'8']);
    out
}
