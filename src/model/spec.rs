//! The documents that fields and rules cite, and the sections of them that may be cited.
//!
//! One table, [`SECTIONS`], holds every (document, section) the crate cites; a test compares it with all
//! fields and rules. Must not know what is read from the sections.

/// A document: a standard, a draft or a registry.
#[derive(Debug, PartialEq, Eq)]
pub struct Spec {
    /// Short name, as shown beside a section: `DMNOTI 1.2.1`.
    pub short: &'static str,
    /// Full title with version and date.
    pub title: &'static str,
}

/// A section of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cite {
    /// The document.
    pub spec: &'static Spec,
    /// The section, as the document numbers it.
    pub section: &'static str,
}

/// How sure we are of a row of [`SECTIONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The text was at hand.
    Checked,
    /// From memory: shown as unchecked wherever it is cited.
    Unchecked,
}

impl Cite {
    /// Whether the section was compared with the text of the document.
    pub fn source(&self) -> Option<Source> {
        SECTIONS.iter().find(|(spec, section, _)| *spec == self.spec && *section == self.section).map(|row| row.2)
    }
}

impl std::fmt::Display for Cite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.spec.short, self.section)?;
        if self.source() == Some(Source::Unchecked) {
            f.write_str(" (unchecked)")?;
        }
        Ok(())
    }
}

macro_rules! specs {
    ($($(#[$doc:meta])* $name:ident = $short:literal, $title:literal;)*) => {
        $($(#[$doc])* pub static $name: Spec = Spec { short: $short, title: $title };)*
        /// Every document, in the order of the table.
        pub static SPECS: &[&Spec] = &[$(&$name),*];
    };
}

specs! {
    /// DM Notification 1.2.1, the 1.2 Package #0.
    DMNOTI_12 = "DMNOTI 1.2.1", "OMA-TS-DM_Notification-V1_2_1-20080617-A";
    /// DM Notification 2.0, first draft.
    DMNOTI_20 = "DMNOTI 2.0", "OMA-TS-DM_Notification-V2_0, draft of December 2012";
    /// WAP Wireless Session Protocol.
    WSP = "WAP-230-WSP", "WAP-230-WSP-20010705-a, Wireless Session Protocol";
    /// WAP Wireless Datagram Protocol.
    WDP = "WAP-259-WDP", "WAP-259-WDP-20010614-a, Wireless Datagram Protocol";
    /// WAP Wireless Transaction Protocol.
    WTP = "WAP-224-WTP", "WAP-224-WTP-20010710-a, Wireless Transaction Protocol";
    /// WAP push over the air.
    PUSH_OTA = "WAP-235-PushOTA", "WAP-235-PushOTA-20010425-a, Push OTA Protocol";
    /// OMNA registry of WSP content type codes and push application ids.
    OMNA = "OMNA", "OMNA registries: WSP content types, push application ids";
    /// Technical realization of SMS.
    TS_23_040 = "3GPP 23.040", "3GPP TS 23.040, Technical realization of the Short Message Service";
    /// SMS alphabets and coding scheme.
    TS_23_038 = "3GPP 23.038", "3GPP TS 23.038, Alphabets and language-specific information";
    /// Layer 3 signalling, general.
    TS_24_007 = "3GPP 24.007", "3GPP TS 24.007, Mobile radio interface signalling layer 3, general aspects";
    /// LTE non-access stratum.
    TS_24_301 = "3GPP 24.301", "3GPP TS 24.301, Non-Access-Stratum (NAS) protocol for Evolved Packet System (EPS)";
    /// Data link layer of the GSM air interface.
    TS_44_006 = "3GPP 44.006", "3GPP TS 44.006, MS-BSS interface, data link layer specification";
    /// GSMTAP.
    GSMTAP = "GSMTAP", "osmocom gsmtap.h, GSMTAP header, version 2";
    /// SMS support on the radio interface.
    TS_24_011 = "3GPP 24.011", "3GPP TS 24.011, Point-to-Point Short Message Service support on mobile radio interface";
    /// Short Message Peer-to-Peer.
    SMPP_34 = "SMPP 3.4", "Short Message Peer to Peer Protocol Specification v3.4";
    /// Lightweight M2M.
    LWM2M = "LwM2M", "OMA-TS-LightweightM2M-V1_0";
    /// Data Sync 1.2 notification.
    DS_12 = "DS 1.2", "OMA-TS-DS_Protocol-V1_2, server alerted notification";
    /// Device Management protocol 1.2.
    DM_PROTO = "DMPRO 1.2", "OMA-TS-DM_Protocol-V1_2";
    /// Device Management security 1.2.
    DM_SEC = "DMSEC 1.2", "OMA-TS-DM_Security-V1_2";
    /// Device Management representation protocol 1.2.
    DM_REPPRO = "DMREPPRO 1.2", "OMA-TS-DM_RepPro-V1_2";
    /// Change request on the end of a DM session.
    DM_CR_END = "CR on session end", "OMA change request on the end of a DM session";
    /// The pcap and pcapng capture file formats.
    PCAP = "pcap/pcapng", "IETF opsawg drafts: PCAP Capture File Format, PCAP Next Generation Capture File Format";
    /// Ethernet.
    IEEE_802_3 = "IEEE 802.3", "IEEE 802.3, Ethernet";
    /// Logical link control.
    IEEE_802_2 = "IEEE 802.2", "IEEE 802.2, Logical Link Control";
    /// VLAN tags.
    IEEE_802_1Q = "IEEE 802.1Q", "IEEE 802.1Q, Bridges and Bridged Networks";
    /// Registry of link types (Linux cooked capture, BSD loopback and others).
    LINKTYPES = "LINKTYPE", "tcpdump.org registry of link-layer header types";
    /// Point-to-Point Protocol.
    RFC_1661 = "RFC 1661", "The Point-to-Point Protocol (PPP)";
    /// PPP in HDLC-like framing.
    RFC_1662 = "RFC 1662", "PPP in HDLC-like Framing";
    /// PPP over Ethernet.
    RFC_2516 = "RFC 2516", "A Method for Transmitting PPP Over Ethernet (PPPoE)";
    /// MPLS label stack.
    RFC_3032 = "RFC 3032", "MPLS Label Stack Encoding";
    /// Pseudowire control word.
    RFC_4385 = "RFC 4385", "Pseudowire Emulation Edge-to-Edge (PWE3) Control Word for Use over an MPLS PSN";
    /// Generic routing encapsulation, first form.
    RFC_1701 = "RFC 1701", "Generic Routing Encapsulation (GRE)";
    /// Enhanced generic routing encapsulation.
    RFC_2637 = "RFC 2637", "Point-to-Point Tunneling Protocol (PPTP)";
    /// Generic routing encapsulation.
    RFC_2784 = "RFC 2784", "Generic Routing Encapsulation (GRE)";
    /// Key and sequence number extensions to GRE.
    RFC_2890 = "RFC 2890", "Key and Sequence Number Extensions to GRE";
    /// VXLAN.
    RFC_7348 = "RFC 7348", "Virtual eXtensible Local Area Network (VXLAN)";
    /// Geneve.
    RFC_8926 = "RFC 8926", "Geneve: Generic Network Virtualization Encapsulation";
    /// GTP user plane.
    TS_29_281 = "3GPP 29.281", "3GPP TS 29.281, GPRS Tunnelling Protocol User Plane (GTPv1-U)";
    /// IPv4.
    RFC_791 = "RFC 791", "Internet Protocol";
    /// IPv6.
    RFC_8200 = "RFC 8200", "Internet Protocol, Version 6 (IPv6) Specification";
    /// Jumbograms.
    RFC_2675 = "RFC 2675", "IPv6 Jumbograms";
    /// Mobility in IPv6.
    RFC_6275 = "RFC 6275", "Mobility Support in IPv6";
    /// ICMP.
    RFC_792 = "RFC 792", "Internet Control Message Protocol";
    /// ICMP for IPv6.
    RFC_4443 = "RFC 4443", "Internet Control Message Protocol (ICMPv6) for the Internet Protocol Version 6";
    /// SCTP.
    RFC_9260 = "RFC 9260", "Stream Control Transmission Protocol";
    /// ARP.
    RFC_826 = "RFC 826", "An Ethernet Address Resolution Protocol";
    /// IP encapsulating security payload.
    RFC_4303 = "RFC 4303", "IP Encapsulating Security Payload (ESP)";
    /// IP authentication header.
    RFC_4302 = "RFC 4302", "IP Authentication Header";
    /// UDP.
    RFC_768 = "RFC 768", "User Datagram Protocol";
    /// TCP.
    RFC_9293 = "RFC 9293", "Transmission Control Protocol (TCP)";
    /// Overlapping IPv6 fragments.
    RFC_5722 = "RFC 5722", "Handling of Overlapping IPv6 Fragments";
    /// CoAP.
    RFC_7252 = "RFC 7252", "The Constrained Application Protocol (CoAP)";
    /// What shipped implementations do, beyond any standard.
    FIELD = "field practice", "what shipped implementations were seen to do";
}

use Source::{Checked, Unchecked};

/// Every section that may be cited, and whether its text was at hand.
///
/// `(document, section, source)`. Facts on WSP, WDP, SMS and the link layers were checked octet by octet against other
/// tools, but their section numbers come from memory: they are [`Source::Unchecked`].
pub static SECTIONS: &[(&Spec, &str, Source)] = &[
    (&DMNOTI_12, "5", Checked),
    (&DMNOTI_12, "5.1", Checked),
    (&DMNOTI_12, "6", Checked),
    (&DMNOTI_12, "6.1", Checked),
    (&DMNOTI_12, "6.2.2", Checked),
    (&DMNOTI_12, "6.2.3", Checked),
    (&DMNOTI_12, "6.2.6", Checked),
    (&DMNOTI_12, "6.2.7", Checked),
    (&DMNOTI_12, "6.2.8", Checked),
    (&DMNOTI_12, "6.2.9", Checked),
    (&DMNOTI_12, "6.2.10", Checked),
    (&DMNOTI_12, "6.2.11", Checked),
    (&DMNOTI_12, "6.2.12", Checked),
    (&DMNOTI_12, "6.2.13", Checked),
    (&DMNOTI_12, "7.1", Checked),
    (&DMNOTI_12, "7.1.1", Checked),
    (&DMNOTI_12, "7.2", Checked),
    (&DMNOTI_20, "5.1", Checked),
    (&DMNOTI_20, "5.1.1", Checked),
    (&DMNOTI_20, "5.1.2", Checked),
    (&DMNOTI_20, "5.1.3", Checked),
    (&DMNOTI_20, "5.1.4", Checked),
    (&DMNOTI_20, "5.2", Checked),
    (&DMNOTI_20, "5.2.3", Checked),
    (&DMNOTI_20, "5.3", Checked),
    (&DMNOTI_20, "5.3.1", Checked),
    (&DMNOTI_20, "5.3.2", Checked),
    (&DMNOTI_20, "5.3.3", Checked),
    (&DMNOTI_20, "5.3.4", Checked),
    (&DMNOTI_20, "5.3.5", Checked),
    (&DMNOTI_20, "6.1", Checked),
    (&DMNOTI_20, "6.1.1", Checked),
    (&WSP, "8.1.2", Unchecked),
    (&WSP, "8.2.1", Unchecked),
    (&WSP, "8.2.4.1", Unchecked),
    (&WSP, "8.4.1.1", Unchecked),
    (&WSP, "8.4.1.2", Unchecked),
    (&WSP, "8.4.2", Unchecked),
    (&WSP, "8.4.2.24", Unchecked),
    (&WDP, "5", Unchecked),
    (&WTP, "8", Unchecked),
    (&PUSH_OTA, "6", Unchecked),
    (&OMNA, "content types", Unchecked),
    (&OMNA, "application ids", Unchecked),
    (&TS_23_040, "9.2.3.10", Unchecked),
    (&TS_23_040, "9.2.3.24", Unchecked),
    (&TS_23_040, "9.2.3.24.1", Unchecked),
    (&TS_23_040, "9.2.3.24.3", Unchecked),
    (&TS_23_040, "9.2.3.24.4", Unchecked),
    (&TS_23_038, "4", Unchecked),
    (&TS_23_040, "9.1.2.5", Unchecked),
    (&TS_23_040, "9.2.2", Unchecked),
    (&TS_23_040, "9.2.3.1", Unchecked),
    (&TS_23_040, "9.2.3.2", Unchecked),
    (&TS_23_040, "9.2.3.3", Unchecked),
    (&TS_23_040, "9.2.3.4", Unchecked),
    (&TS_23_040, "9.2.3.5", Unchecked),
    (&TS_23_040, "9.2.3.6", Unchecked),
    (&TS_23_040, "9.2.3.7", Unchecked),
    (&TS_23_040, "9.2.3.8", Unchecked),
    (&TS_23_040, "9.2.3.9", Unchecked),
    (&TS_23_040, "9.2.3.11", Unchecked),
    (&TS_23_040, "9.2.3.12", Unchecked),
    (&TS_23_040, "9.2.3.12.1", Unchecked),
    (&TS_23_040, "9.2.3.12.2", Unchecked),
    (&TS_23_040, "9.2.3.12.3", Unchecked),
    (&TS_23_040, "9.2.3.13", Unchecked),
    (&TS_23_040, "9.2.3.14", Unchecked),
    (&TS_23_040, "9.2.3.15", Unchecked),
    (&TS_23_040, "9.2.3.16", Unchecked),
    (&TS_23_040, "9.2.3.17", Unchecked),
    (&TS_23_040, "9.2.3.18", Unchecked),
    (&TS_23_040, "9.2.3.19", Unchecked),
    (&TS_23_040, "9.2.3.20", Unchecked),
    (&TS_23_040, "9.2.3.21", Unchecked),
    (&TS_23_040, "9.2.3.22", Unchecked),
    (&TS_23_040, "9.2.3.23", Unchecked),
    (&TS_23_040, "9.2.3.25", Unchecked),
    (&TS_23_040, "9.2.3.26", Unchecked),
    (&TS_23_040, "9.2.3.27", Unchecked),
    (&TS_23_040, "9.2.3.28", Unchecked),
    (&TS_24_007, "11.2", Unchecked),
    (&TS_24_007, "11.2.3.1.1", Unchecked),
    (&TS_24_007, "11.2.3.1.2", Unchecked),
    (&TS_24_007, "11.2.3.1.3", Unchecked),
    (&TS_24_011, "8.1", Unchecked),
    (&TS_24_301, "9.1", Unchecked),
    (&TS_24_301, "9.2", Unchecked),
    (&TS_24_301, "9.3.1", Unchecked),
    (&TS_24_301, "9.5", Unchecked),
    (&TS_24_301, "9.6", Unchecked),
    (&TS_24_301, "9.8", Unchecked),
    (&TS_24_301, "9.9.3.22", Unchecked),
    (&TS_44_006, "2", Unchecked),
    (&TS_44_006, "3.2", Unchecked),
    (&TS_44_006, "3.4", Unchecked),
    (&TS_44_006, "3.6", Unchecked),
    (&TS_44_006, "5.2", Unchecked),
    (&TS_44_006, "5.5", Unchecked),
    (&GSMTAP, "header", Unchecked),
    (&GSMTAP, "types", Unchecked),
    (&GSMTAP, "channels", Unchecked),
    (&TS_24_011, "8.2", Unchecked),
    (&SMPP_34, "5.1", Unchecked),
    (&SMPP_34, "5.2", Unchecked),
    (&SMPP_34, "5.3", Unchecked),
    (&WDP, "6.5", Unchecked),
    (&SMPP_34, "5.1.3", Unchecked),
    (&SMPP_34, "5.2.12", Unchecked),
    (&SMPP_34, "5.3.2.32", Unchecked),
    (&SMPP_34, "B", Unchecked),
    (&LWM2M, "8", Unchecked),
    (&DS_12, "notification", Unchecked),
    (&DM_PROTO, "8", Unchecked),
    (&DM_PROTO, "8.1", Unchecked),
    (&DM_PROTO, "8.3", Unchecked),
    (&DM_PROTO, "9", Unchecked),
    (&DM_PROTO, "9.1", Unchecked),
    (&DM_SEC, "5.3.2", Unchecked),
    (&DM_SEC, "5.4", Unchecked),
    (&DM_REPPRO, "4.1.2", Unchecked),
    (&DM_REPPRO, "5", Unchecked),
    (&DM_CR_END, "all", Unchecked),
    (&PCAP, "pcap", Unchecked),
    (&PCAP, "pcapng", Unchecked),
    (&IEEE_802_3, "3", Unchecked),
    (&IEEE_802_1Q, "9", Unchecked),
    (&LINKTYPES, "all", Unchecked),
    (&IEEE_802_2, "3", Unchecked),
    (&RFC_1661, "2", Unchecked),
    (&RFC_1662, "3.1", Unchecked),
    (&RFC_4385, "3", Unchecked),
    (&RFC_1701, "fields", Unchecked),
    (&RFC_2637, "4.1", Unchecked),
    (&RFC_2675, "2", Unchecked),
    (&RFC_6275, "6.3", Unchecked),
    (&RFC_792, "fields", Unchecked),
    (&RFC_4443, "2.1", Unchecked),
    (&RFC_9260, "3.1", Unchecked),
    (&RFC_826, "fields", Unchecked),
    (&RFC_4303, "2", Unchecked),
    (&RFC_2516, "4", Unchecked),
    (&RFC_3032, "2.1", Unchecked),
    (&RFC_2784, "2", Unchecked),
    (&RFC_2890, "2", Unchecked),
    (&RFC_7348, "5", Unchecked),
    (&RFC_8926, "3", Unchecked),
    (&TS_29_281, "5", Unchecked),
    (&RFC_791, "3.1", Unchecked),
    (&RFC_791, "3.2", Unchecked),
    (&RFC_8200, "3", Unchecked),
    (&RFC_8200, "4", Unchecked),
    (&RFC_8200, "4.5", Unchecked),
    (&RFC_4302, "2", Unchecked),
    (&RFC_768, "fields", Unchecked),
    (&RFC_9293, "3.1", Unchecked),
    (&RFC_5722, "3", Unchecked),
    (&RFC_7252, "3", Unchecked),
    (&FIELD, "base64 bodies", Checked),
    (&FIELD, "vendor bodies", Checked),
    (&FIELD, "header offset", Checked),
    (&FIELD, "deviations", Checked),
];
