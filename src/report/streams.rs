//! Which captures continue one another: the files of a ring buffer, recognised by their names.
//!
//! Must not open files.

/// A capture's place in the set its name makes it part of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// What all names of the set have in common.
    pub set: String,
    /// Order within the set: the time in the name, then the number.
    pub order: (String, u64),
}

/// The set a name belongs to: `x_00001_20260101120000.pcapng` (dumpcap, Wireshark) or `x.pcap12` (tcpdump).
pub fn member(name: &str) -> Option<Member> {
    let start = name.rfind(['/', '\\']).map_or(0, |at| at + 1);
    let (folder, file) = name.split_at_checked(start)?;
    let (stem, ending) = file.split_once('.')?;
    let mut parts = stem.rsplitn(3, '_');
    if let (Some(time), Some(number), Some(base)) = (parts.next(), parts.next(), parts.next())
        && digits(time, 14..=14)
        && digits(number, 5..=10)
    {
        let set = format!("{folder}{base}_*.{ending}");
        return Some(Member { set, order: (time.to_owned(), number.parse().ok()?) });
    }
    let bare = ending.trim_end_matches(|c: char| c.is_ascii_digit());
    if bare != "pcap" {
        return None;
    }
    let number = ending.strip_prefix(bare).filter(|number| !number.is_empty());
    let order = number.map_or(Some(0), |number| number.parse().ok())?;
    Some(Member { set: format!("{folder}{stem}.{bare}*"), order: (String::new(), order) })
}

fn digits(text: &str, many: std::ops::RangeInclusive<usize>) -> bool {
    many.contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_digit())
}

/// Positions of names that are read as one stream, in order; the streams in the order of their first names.
pub fn streams<'n>(names: impl Iterator<Item = &'n str>) -> Vec<Vec<usize>> {
    let mut by_set = std::collections::HashMap::new();
    let mut all: Vec<Vec<(Option<Member>, usize)>> = Vec::new();
    for (at, name) in names.enumerate() {
        let member = member(name);
        let place = member.as_ref().and_then(|member| by_set.get(&member.set)).copied();
        if let Some(stream) = place.and_then(|place: usize| all.get_mut(place)) {
            stream.push((member, at));
            continue;
        }
        if let Some(member) = &member {
            by_set.insert(member.set.clone(), all.len());
        }
        all.push(vec![(member, at)]);
    }
    let order = |mut stream: Vec<(Option<Member>, usize)>| {
        stream.sort();
        stream.into_iter().map(|one| one.1).collect()
    };
    all.into_iter().map(order).collect()
}

#[cfg(test)]
mod tests {
    use super::streams;

    #[test]
    fn the_files_of_a_ring_buffer_are_one_stream_in_the_order_of_time() {
        let names = [
            "a/x_00001_20260102000000.pcapng",
            "a/x_00002_20260101000000.pcapng",
            "a/y.pcap",
            "a/y.pcap10",
            "a/y.pcap2",
            "a/z_00001_20260101.pcap",
            "a/z_00002_20260101.pcap",
            "b/x_00003_20260101000000.pcapng",
        ];
        let found = streams(names.into_iter());
        assert_eq!(found, [vec![1, 0], vec![2, 4, 3], vec![5], vec![6], vec![7]]);
    }

    #[test]
    fn other_endings_are_other_sets() {
        let names = ["x_00001_20260101000000.pcapng", "x_00002_20260101000001.pcapng.gz", "plain"];
        assert_eq!(streams(names.into_iter()), [vec![0], vec![1], vec![2]]);
    }
}
