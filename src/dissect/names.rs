//! Names of code points that several link and network layers share.
//!
//! Must not decide who reads what: claims do.

/// Status of a checksum that was looked at.
pub(super) static CHECKSUM_STATUS: &[(u64, &str)] = &[(0, "Bad"), (1, "Good"), (2, "Unverified"), (3, "Not present")];

/// Ethernet types.
pub(super) static ETHER_TYPES: &[(u64, &str)] = &[
    (0x0800, "IPv4"),
    (0x0806, "ARP"),
    (0x6558, "Transparent Ethernet bridging"),
    (0x8035, "RARP"),
    (0x8100, "802.1Q VLAN"),
    (0x86dd, "IPv6"),
    (0x8808, "Flow control"),
    (0x880b, "PPP"),
    (0x8809, "Slow protocols"),
    (0x8847, "MPLS"),
    (0x8848, "MPLS multicast"),
    (0x8863, "PPPoE discovery"),
    (0x8864, "PPPoE session"),
    (0x888e, "802.1X"),
    (0x88a8, "802.1ad QinQ"),
    (0x88cc, "LLDP"),
    (0x88e5, "MACsec"),
    (0x9100, "QinQ, older form"),
];

/// IP protocol numbers.
pub(super) static IP_PROTOCOLS: &[(u64, &str)] = &[
    (0, "IPv6 hop-by-hop options"),
    (1, "ICMP"),
    (2, "IGMP"),
    (4, "IPv4"),
    (6, "TCP"),
    (17, "UDP"),
    (41, "IPv6"),
    (43, "IPv6 routing"),
    (44, "IPv6 fragment"),
    (47, "GRE"),
    (50, "ESP"),
    (51, "AH"),
    (58, "ICMPv6"),
    (59, "No next header"),
    (60, "IPv6 destination options"),
    (89, "OSPF"),
    (103, "PIM"),
    (112, "VRRP"),
    (115, "L2TP"),
    (132, "SCTP"),
    (135, "Mobility"),
    (136, "UDP-Lite"),
    (137, "MPLS"),
];

/// Differentiated services code points.
pub(super) static DSCP: &[(u64, &str)] = &[
    (0, "Default"),
    (8, "CS1"),
    (10, "AF11"),
    (12, "AF12"),
    (14, "AF13"),
    (16, "CS2"),
    (18, "AF21"),
    (20, "AF22"),
    (22, "AF23"),
    (24, "CS3"),
    (26, "AF31"),
    (28, "AF32"),
    (30, "AF33"),
    (32, "CS4"),
    (34, "AF41"),
    (36, "AF42"),
    (38, "AF43"),
    (40, "CS5"),
    (46, "EF"),
    (48, "CS6"),
    (56, "CS7"),
];

/// Explicit congestion notification.
pub(super) static ECN: &[(u64, &str)] = &[(0, "Not ECN-capable"), (1, "ECT(1)"), (2, "ECT(0)"), (3, "CE")];
